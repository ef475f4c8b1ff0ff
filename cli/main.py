"""The command `solbench`: one paragraph for bad input, never a traceback for what the user can correct.

Exit codes: 0 completed, 1 ended otherwise (limit, stop, fault), 2 bad input.
"""

import gc
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from inspect import cleandoc
from io import TextIOWrapper
from types import CodeType
from typing import Annotated, Any

import typer

from solbench import __version__
from solbench.acquisition.host.itself import AS_GUARDIAN
from solbench.cli.output import BAD_INPUT, COMPLETED, ENDED_OTHERWISE

# The base of what typer raises for a mistake on the command line; typer does not name it itself.
_CommandLineError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


SHELLS = ("bash", "zsh", "fish", "powershell")
COMPLETING = "_SOLBENCH_COMPLETE"  # in the environment: a shell asks how a line may go on


def _version(wanted: bool) -> None:
    if wanted:
        print(f"solbench {__version__}")
        raise typer.Exit(COMPLETED)


def _completion(shell: str) -> None:
    if shell:
        if shell not in SHELLS:
            raise typer.BadParameter(f"'{shell}' is none of {', '.join(SHELLS)}")
        completing: Any = import_module("typer.completion")  # its names are not exported for type checkers
        print(completing.get_completion_script(prog_name="solbench", complete_var=COMPLETING, shell=shell))
        raise typer.Exit(COMPLETED)


def _of_all_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    completion: Annotated[
        str,
        typer.Option(
            metavar="SHELL",
            callback=_completion,
            is_eager=True,
            help="Print the script by which a shell (bash, zsh, fish, powershell) completes commands, and exit.",
        ),
    ] = "",
) -> None:
    """Run cells on a Solartron 1260 and 1287, or on the simulated bench."""


_CODES = "Exit code: 0 completed; 1 ended in another way; 2 bad input, nothing was switched on."
COMMANDS = {  # where each is, under `solbench.cli.commands`, and an example
    "run": ("run:command", "half-cell --cell nbh -o my-run.h5"),
    "new": ("protocols.new:command", "half-cell my-half-cell.yaml"),
    "describe": ("protocols.describe:command", "half-cell --cell nbh -o half-cell.html"),
    "check": ("check:command", "half-cell --cell nbh --set 'record.every=10 s'"),
    "instruments": ("instruments:command", "--find --at socket://192.168.1.5:1234"),
    "summary": ("summary:command", "my-run.h5 --all"),
    "cell": ("cells.cell:command", "A-17 --add cycling.mpt --figure life.png"),
    "correct": (
        "cells.correct:command",
        "my-run.h5 --set 'mass=1.52 mg' --who 'E. Example' --why 'weighed again'",
    ),
    "tag": ("cells.tag:command", "my-run.h5 other.h5 --add cycled --remove 'to repeat'"),
    "recover": ("recover:command", "my-run.h5"),
    "pack": ("journals.pack:command", "runs-of-2026"),
    "resume": ("resume:command", "my-run.h5"),
    "replay": ("dialogues.replay:command", "my-run.dialogue -o again.h5"),
    "practice": ("practice:command", "half-cell --cell nbh --seed 7"),
    "doctor": ("doctor:command", "--bench bench.yaml"),
    "meters": ("bench.meters:command", "--bench bench.yaml --follow"),
    "commission": ("bench.commission:command", "bench.yaml --by 'E. Example'"),
    "runs": ("runs:command", "runs-of-2026 --tag cycled --columns started,cell,tags,r_sse"),
    "attach": ("verbs:attach", "my-run.h5"),
    "pause": ("verbs:pause", "my-run.h5"),
    "confirm": ("verbs:confirm", "my-run.h5"),
    "skip": ("verbs:skip", "my-run.h5"),
    "stop": ("verbs:stop", "my-run.h5 --wait 60"),
    "spectrum": ("under_way.spectrum:command", "my-run.h5 --from '1 MHz' --to '1 Hz'"),
    "change": ("under_way.change:command", "my-run.h5 --step sodiation until.capacity='80 %'"),
    "notify": ("under_way.notify:command", "'mailto://user:password@example.org' --test"),
    "manual": (
        "bench.manual:manual",
        "bench.yaml --cell nbh --build half --voltage-min 0.1V --voltage-max 2V --current=-10uA --for 5min",
    ),
    "hold": ("bench.manual:hold", "my-run.h5 --current 10uA --for 5min"),
    "off": ("bench.manual:off", "my-run.h5"),
    "finish": ("bench.manual:finish_by_hand", "my-run.h5"),
    "thermometer": ("bench.thermometer:command", "bench.yaml --gauge cell --ice"),
    "make-safe": ("make_safe:command", "--bench bench.yaml"),
    "simulate": ("simulate:command", "--cell nbh --speed 60 --bench-out served.yaml"),
    "fit": ("fit:command", "my-run.h5 --circuit R0-p(R1,CPE1)-CPE2"),
    "report": ("report:command", "first.h5 second.h5 -o report.html"),
    "export": ("export:command", "my-run.h5 --format csv -o exported"),
    "gui": ("gui:command", "my-run.h5"),
    "import-protocol": ("import_protocol:command", "unicycler.json -o protocol.yaml --build full"),
    "queue": ("queue:app", "add half-cell --cell nbh -o r.h5"),
    "service": ("service:app", "status"),
    "publish": ("journals.publish:command", "my-run.h5 --to http://tiled.lab:8000"),
    "board": ("bench.board:app", "publish broker.lab"),
}

SUBCOMMANDS = {  # examples of the commands in a group
    "queue list": "--json",
    "queue add": "half-cell --cell nbh --bench bench.yaml -o r.h5",
    "queue remove": "3",
    "queue up": "3",
    "queue down": "3",
    "queue hold": "3",
    "queue release": "3 -o another-name.h5",
    "queue confirm": "3",
    "queue copy": "3 --for NPS-14 --for NPS-15",
    "queue change": "3 --set conditions.cell_id=NPS-14",
    "queue next": "",
    "queue run": "",
    "service install": "",
    "service remove": "",
    "service status": "",
    "board publish": "broker.lab --user bench --password-file broker-password",
    "board page": "broker.lab benches.html",
}


def app_of(names: Iterable[str], *, listed: bool = False, works: bool = True) -> typer.Typer:
    """Return the command line with these of the `COMMANDS`; what the others need is not imported.

    `listed`: the others are in its help as well, but do nothing. `works`: it is to be carried out, so that what the
    module of a command names in `WORKS_WITH` is loaded, too.
    """
    names = set(names)
    app = typer.Typer(
        name="solbench",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_of_all_commands)
    for name, (place, example) in COMMANDS.items():
        if name not in names:
            if listed:
                app.command(name, help=help_of(name))(_does_nothing)
            continue
        place, _, attribute = place.partition(":")
        module = import_module(f"solbench.cli.commands.{place}")
        for needed in getattr(module, "WORKS_WITH", ()) if works else ():
            import_module(needed)
        command = getattr(module, attribute)
        if isinstance(command, typer.Typer):
            for one in command.registered_commands:
                line = f"{name} {one.name}"
                one.epilog = _epilog(f"{line} {SUBCOMMANDS[line]}")
            app.add_typer(command, name=name, epilog=_epilog(f"{name} {example}"))
        else:
            app.command(name, epilog=_epilog(f"{name} {example}"))(command)
    return app


def _epilog(example: str) -> str:
    return f"Example: solbench {example.strip()}\n\n{_CODES}"


def help_of(name: str) -> str:
    """Return the help of a command, which is not imported for that: the list of all of them is to be there at once.

    It is the docstring of its function, and of a group what its module says behind the name.
    """
    place, _, attribute = COMMANDS[name][0].partition(":")
    path = f"solbench.cli.commands.{place}"
    loader: Any = getattr(find_spec(path), "loader", None)
    code: CodeType = loader.get_code(path)
    for part in code.co_consts:
        if isinstance(part, CodeType) and part.co_name == attribute:
            return _docstring(part)
    _, _, words = _docstring(code).partition("`: ")
    return words[:1].upper() + words[1:]


def _docstring(code: CodeType) -> str:
    """Return what a piece of code says of itself, "" where Python has left that out (`PYTHONOPTIMIZE=2`)."""
    first = code.co_consts[0] if code.co_consts else None
    return cleandoc(first) if isinstance(first, str) else ""


def _does_nothing() -> None:
    """Stand for a command in a list."""


def loaded(names: Iterable[str], *, listed: bool = False, works: bool = True) -> typer.Typer:
    """Return the command line with these commands, once all that they need is loaded.

    That stays to the end, so that no garbage is looked for in it: a twentieth of a start, and of a simulated run. Later
    it is looked for less often than Python does, which takes a sixth of drawing a report.
    """
    gc.disable()
    try:
        app = app_of(names, listed=listed, works=works)
    finally:
        gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return app


def _app_for(words: Sequence[str], *, works: bool = True) -> typer.Typer:
    """Return the command line that these words behind the program's name need: one command, or the list of all."""
    works = works and not {"-h", "--help"} & set(words)
    if words[:1] == ["--version"] or (words and words[0] in COMMANDS):
        return loaded(set(words[:1]) & COMMANDS.keys(), works=works)
    return loaded(COMMANDS.keys() & set(words), listed=True, works=works)


def _named_by(words: Sequence[str]) -> str:
    """Return the command that these words behind the program's name begin with: not every error knows its own."""
    named = 2 if " ".join(words[:2]) in SUBCOMMANDS else 1 if words and words[0] in COMMANDS else 0
    return " ".join(["solbench", *words[:named]])


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == [AS_GUARDIAN]:
        from solbench.acquisition.bench import guardian

        sys.exit(guardian.main())
    # Before numpy is loaded: the matrices of the fits are small, and on a busy PC threads mostly wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):  # a run file's units hold characters that some consoles lack
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if COMPLETING in os.environ:
        completing: Any = import_module("typer.completion")
        completing.completion_init()
        line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
        words = line.split()[1:]
        # A command that nothing follows may be the beginning of another: `run` of `runs`.
        known = COMMANDS.keys() & set(words)
        (_app_for(words, works=False) if len(words) > 1 else loaded(known, listed=True, works=False))(
            prog_name="solbench"
        )
    try:
        code = _app_for(sys.argv[1:])(prog_name="solbench", standalone_mode=False)
    except _CommandLineError as error:
        if not isinstance(error, typer.BadParameter) and not error.format_message().strip():
            error.show()  # no command at all: the help
        else:
            said, command = " ".join(error.format_message().split()), getattr(error, "ctx", None)
            asked = command.command_path if command is not None else _named_by(sys.argv[1:])
            print(
                f"solbench: {said}{'' if said.endswith(('.', '?')) else '.'} See '{asked} --help'.",
                file=sys.stderr,
            )
        code = BAD_INPUT
    except typer.Abort:
        code = ENDED_OTHERWISE
    sys.exit(code if isinstance(code, int) else COMPLETED)


if __name__ == "__main__":
    main()
