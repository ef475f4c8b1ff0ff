"""Every command on a page is one that the program takes: its options, its values, its protocol and what it sets.

What commands print on the page of the first run is compared by `tests/build_backend/test_installing.py`, which carries
the first one out, and here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from solbench.acquisition.bench.dialogue.lines import decode, encode
from solbench.cli.main import COMMANDS as EXAMPLES
from solbench.cli.main import SUBCOMMANDS
from solbench.cli.whole import app
from solbench.protocols import (
    check,
    load_cell,
    load_protocol,
    shipped_cells,
    shipped_protocols,
    with_settings,
)
from tests.docs.test_pages import PAGES, ROOT

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
INDENTED = re.compile(r"^    (solbench .*)$", re.M)
SYNOPSIS = re.compile(r"\[[A-Z-]|\.\.\.| \| |<")


def blocks(text: str) -> list[str]:
    """The blocks of a page that are for a shell, or in no language."""
    return [block for _, language, block in FENCE.findall(text) if language in ("", "sh", "console", "bat")]


def _lines(text: str) -> Iterator[str]:
    for block in blocks(text):
        yield from (line.strip().removeprefix("$ ") for line in block.replace("\\\n", " ").splitlines())
    yield from INDENTED.findall(text)
    yield from re.findall(r"`(solbench [^`]+)`", text)


def _commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in _lines(page.read_text(encoding="utf-8").replace("\r", "")):
            for part in re.split(r" && | ; |; do | \|\| ", line):
                found = re.match(
                    r"(?:\S*/|\.venv\\Scripts\\)?solbench ([a-z-].*)", re.sub(r"   +.*", "", part.strip())
                )
                if found and not SYNOPSIS.search(found[1]):
                    yield page.name, found[1].rstrip("&; ").replace("; done", "")
    for name, (_, example) in EXAMPLES.items():
        yield "--help", f"{name} {example}"
    for name, example in SUBCOMMANDS.items():
        yield "--help", f"{name} {example}".strip()


@cache
def _program() -> Any:
    return typer.main.get_command(app)


COMMANDS = sorted(set(_commands()))


@pytest.mark.parametrize("page", sorted({page for page, _ in COMMANDS}))
def test_the_program_takes_what_a_page_says(page: str) -> None:
    for _, line in (command for command in COMMANDS if command[0] == page):
        try:
            _require_taken(line)
        except Exception as error:
            error.add_note(f"{page}: solbench {line}")
            raise


def _require_taken(line: str) -> None:
    arguments = shlex.split(re.sub(r" > \S+$", "", line))
    command, names = _program(), ["solbench"]
    while arguments and arguments[0] in getattr(command, "commands", {}):
        names.append(arguments.pop(0))
        command = command.commands[names[-1]]
    assert len(names) > 1 or arguments[0].startswith("--"), f"there is no command {arguments[0]!r}"
    with command.make_context(" ".join(names), [], resilient_parsing=True) as context:
        command.make_parser(context).parse_args(args=list(arguments))
    if (
        names[-1] in ("run", "check", "describe", "practice")
        and arguments[:1]
        and arguments[0] in shipped_protocols()
    ):
        _takes_settings(arguments)


def _takes_settings(arguments: list[str]) -> None:
    given = dict(pairwise(arguments))
    settings = [value for option, value in pairwise(arguments) if option == "--set"]
    name = given.get("--cell", "nps").replace("my.yaml", "nps").replace("$cell", "nps")
    assert name in shipped_cells()
    protocol = with_settings(load_protocol(arguments[0]), settings)
    errors = [finding for finding in check(protocol, load_cell(name)) if finding.grade == "error"]
    assert errors == []


def test_commands_were_found_on_many_pages() -> None:
    assert len(COMMANDS) > 120
    assert len({page for page, _ in COMMANDS}) > 20


COMPARED = {
    ("dialogues.md", "zcat my-run.dialogue | sed -n 209,211p"),
    ("first-run.md", "solbench check half-cell --cell nbh"),
    ("first-run.md", "solbench run half-cell --cell nbh -o my-run.h5"),
}
"""Commands behind which a page shows what they print."""


def test_all_that_a_page_shows_as_printed_is_compared() -> None:
    found = set()
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8")):
            for command, line in pairwise(block.splitlines()):
                if command.startswith("$ ") and line.strip() and not line.startswith("$ "):
                    found.add((page.name, command.removeprefix("$ ")))
    assert found == COMPARED, "compare what is printed there, too, and add it"


def printed(page: str, command: str) -> list[str]:
    """What a page prints behind a command, without the lines that are left out (...)."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (block,) = (block for block in blocks(text) if f"$ {command}" in block)
    after = block.partition(f"$ {command}")[2].partition("\n")[2].partition("\n$ ")[0]
    return [line for line in after.splitlines() if line != "..."]


def without_numbers(lines: list[str]) -> list[str]:
    """The lines with N for every number, and one blank for several."""
    return [" ".join(re.sub(r"[-+]?\d+(?:[.:]\d+)*", "N", line).split()) for line in lines]


def require_in_order(page: list[str], said: list[str]) -> None:
    """Every line of a page is said, in this order; numbers may be others."""
    rest = iter(without_numbers(said))
    missing = [line for line in without_numbers(page) if line not in rest]
    assert page
    assert missing == []


def test_check_prints_what_the_first_run_shows() -> None:
    page = printed("first-run.md", "solbench check half-cell")
    done = CliRunner().invoke(app, ["check", "half-cell", "--cell", "nbh"])
    assert without_numbers(done.stdout.splitlines()) == without_numbers(page)


def test_lines_of_a_dialogue_are_as_the_page_shows_them() -> None:
    for line in printed("dialogues.md", "zcat my-run.dialogue"):
        text = re.sub(" {2,}", "\t", line)
        assert encode(decode(text)) == f"{text}\n"
