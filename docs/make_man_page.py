"""Writes docs/solbench.1, the manual page of the command line: python docs/make_man_page.py"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from solbench.cli.whole import app

PAGE = Path(__file__).with_name("solbench.1")
SITE = "https://github.com/solbench/solbench/tree/main/docs"
EXIT_STATUS = {
    "0": "Completed.",
    "1": "Ended in another way: a limit, a stop, a fault, or an instrument that does not answer.",
    "2": "Bad input, or a file that cannot be read; nothing was switched on.",
}
Command = Any  # of the command line's library, which typer carries along without naming it


def page() -> str:
    """Return the page as roff."""
    whole: Command = typer.main.get_command(app)
    lines = [
        '.\\" Made by docs/make_man_page.py; do not edit.',
        '.TH SOLBENCH 1 "" Solbench "User Commands"',
        ".SH NAME",
        "solbench \\- run solid\\-state battery cells on a Solartron 1260 and 1287",
        ".SH SYNOPSIS",
        ".B solbench",
        ".I COMMAND",
        "[\\fIARGUMENT\\fR|\\fIOPTION\\fR]...",
        ".SH DESCRIPTION",
        *_text(whole.help),
        ".SH OPTIONS",
        *_options(whole, "solbench"),
        ".SH COMMANDS",
        *(line for name, one in sorted(whole.commands.items()) for line in _command(one, f"solbench {name}")),
        ".SH EXIT STATUS",
        *(line for code, meaning in EXIT_STATUS.items() for line in (".TP", f".B {code}", *_text(meaning))),
        ".SH SEE ALSO",
        f"The whole documentation: {_escaped(SITE)}",
    ]
    return "\n".join(lines) + "\n"


def _command(command: Command, name: str) -> Iterator[str]:
    """Yield the section of a command, or those of a group's."""
    if subcommands := getattr(command, "commands", None):
        for own, one in sorted(subcommands.items()):
            yield from _command(one, f"{name} {own}")
        return
    arguments = (_shown(one) for one in command.params if one.param_type_name == "argument")
    yield f".SS {_escaped(' '.join([name, *arguments, '[OPTION]...']))}"
    yield from _text(command.help)
    yield from _options(command, name)
    example = (command.epilog or "").partition("\n")[0]
    yield from (".PP", *_text(example)) if example else ()


def _shown(argument: Any) -> str:
    given = str(argument.metavar)
    return given if argument.required or "[" in given else f"[{given}]"


def _options(command: Command, name: str) -> Iterator[str]:
    """Yield what each argument and option is for; `--help` is everywhere."""
    context = command.make_context(name, [], resilient_parsing=True)
    for parameter in command.params:
        if record := parameter.get_help_record(context):
            shown = _shown(parameter) if parameter.param_type_name == "argument" else record[0]
            yield from (".TP", f".B {_escaped(shown)}", *_text(record[1]))


def _text(text: str | None) -> Iterator[str]:
    """Yield paragraphs; each is one line, which roff breaks."""
    for count, paragraph in enumerate((text or "").split("\n\n")):
        if words := " ".join(paragraph.split()):
            yield from (".PP",) * bool(count)
            yield _escaped(words)


def _escaped(text: str) -> str:
    """Return text as roff prints it: no request at its beginning, and hyphens that can be copied.

    >>> _escaped("'record.every' with --set")
    "\\\\&'record.every' with \\\\-\\\\-set"
    """
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
