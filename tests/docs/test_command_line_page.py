"""The page of the command line names every command and every option that there is, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer

from solbench.cli.whole import app

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def synopses() -> dict[str, str]:
    """Return what the page says after "solbench NAME", each command's lines joined."""
    block = re.findall(r"^    solbench .*(?:\n     +[^s].*)*", PAGE, re.M)
    found: dict[str, str] = {}
    for entry in block:
        names, rest = re.match(r"    solbench ((?:[\w-]+(?: \| )?)+)([\s\S]*)", entry).groups()  # type: ignore[union-attr]
        for name in names.split(" | "):
            found[name] = found.get(name, "") + rest
    return found


def test_commands_are_those_of_the_program() -> None:
    assert set(synopses()) == set(COMMANDS)


def test_options_are_those_of_the_program() -> None:
    for name, command in COMMANDS.items():
        options = {
            option if "--output" not in parameter.opts else "-o"
            for parameter in command.params
            for option in parameter.opts
            if option.startswith("--") and option != "--help" and not getattr(parameter, "hidden", False)
        }
        named = set(re.findall(r"(?<!\w)(--?[a-z][\w-]*)", synopses()[name]))
        assert named == options, name
