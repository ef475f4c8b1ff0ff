"""`solbench describe`: what a protocol will do, in words and one figure, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solbench.cli import inputs
from solbench.cli.output import BAD_INPUT, COMPLETED, JsonOption, errors_in_words, print_json

if TYPE_CHECKING:
    from solbench.analysis.described.description import StepLine
    from solbench.protocols.files import Fields

PageOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="PAGE", help="Write a page (.html, .pdf), or its figure (.png)."),
]


@dataclass(frozen=True)
class Described:
    """What `--json` prints; durations in s, `page` the file that was written."""

    title: str
    steps: Sequence[StepLine]
    limits: Mapping[str, str]
    takes: Mapping[str, str]
    findings: Sequence[Fields]
    page: str | None


def command(
    protocol: inputs.ProtocolArgument,
    cell: inputs.CellOption = None,
    settings: inputs.SetOption = None,
    output: PageOption = None,
    json: JsonOption = False,
) -> None:
    """Describe what PROTOCOL will do with this cell, with which limits and in how long, as a lab manual would."""
    from solbench.analysis.described.description import as_text, describe

    with errors_in_words():
        loaded = inputs.read_protocol(protocol, settings)
        record = inputs.read_cell(cell)
        described = describe(loaded, record)
        if output is not None:
            from solbench.analysis.described.manual_page import write_page

            write_page(described, loaded, record.build(loaded.build).area_m2, output)
        if json:
            findings = [finding.as_plain() for finding in described.findings]
            limits, takes = dict(described.limits), dict(described.takes)
            page = str(output) if output is not None else None
            print_json(Described(described.title, described.steps, limits, takes, findings, page))
        else:
            print(output if output is not None else as_text(described), end="\n" if output else "")
        errors = any(finding.grade == "error" for finding in described.findings)
        raise typer.Exit(BAD_INPUT if errors else COMPLETED)
