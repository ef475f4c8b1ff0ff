"""The command `solbench`: one paragraph for bad input, never a traceback for what the user can correct.

Exit codes: 0 completed, 1 ended otherwise (limit, stop, fault), 2 bad input.
"""

import sys
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from solbench import __version__
from solbench.acquisition.host.itself import AS_GUARDIAN
from solbench.cli.commands import (
    check,
    doctor,
    export,
    fit,
    gui,
    import_protocol,
    instruments,
    make_safe,
    practice,
    queue,
    recover,
    report,
    resume,
    run,
    service,
    simulate,
    spectrum,
    summary,
    verbs,
)
from solbench.cli.output import BAD_INPUT, COMPLETED, ENDED_OTHERWISE

# The base of what typer raises for a mistake on the command line; typer does not name it itself.
_CommandLineError: Any = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    name="solbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"solbench {__version__}")
        raise typer.Exit(COMPLETED)


@app.callback()
def _of_all_commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Run cells on a Solartron 1260 and 1287, or on the simulated bench."""


app.command("run")(run.command)
app.command("check")(check.command)
app.command("instruments")(instruments.command)
app.command("summary")(summary.command)
app.command("recover")(recover.command)
app.command("resume")(resume.command)
app.command("practice")(practice.command)
app.command("doctor")(doctor.command)
app.command("runs")(verbs.runs)
app.command("attach")(verbs.attach)
app.command("pause")(verbs.pause)
app.command("skip")(verbs.skip)
app.command("stop")(verbs.stop)
app.command("spectrum")(spectrum.command)
app.command("make-safe")(make_safe.command)
app.add_typer(queue.app, name="queue")
app.add_typer(service.app, name="service")
app.command("simulate")(simulate.command)
app.command("fit")(fit.command)
app.command("report")(report.command)
app.command("export")(export.command)
app.command("gui")(gui.command)
app.command("import-protocol")(import_protocol.command)


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == [AS_GUARDIAN]:
        from solbench.acquisition.bench import guardian

        sys.exit(guardian.main())
    for stream in (sys.stdout, sys.stderr):  # a run file's units hold characters that some consoles lack
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
    except _CommandLineError as error:
        if not isinstance(error, typer.BadParameter) and not error.format_message().strip():
            error.show()  # no command at all: the help
        else:
            print(f"solbench: {' '.join(error.format_message().split())}", file=sys.stderr)
        code = BAD_INPUT
    except typer.Abort:
        code = ENDED_OTHERWISE
    sys.exit(code if isinstance(code, int) else COMPLETED)


if __name__ == "__main__":
    main()
