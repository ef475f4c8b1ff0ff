"""`solbench describe`: what a protocol will do, in words and one figure, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solbench.cli import arguments, inputs
from solbench.cli.output import BAD_INPUT, COMPLETED, JsonOption, errors_in_words, print_json

if TYPE_CHECKING:
    from solbench.acquisition.record.events import ProtocolChanged
    from solbench.analysis.described.description import StepLine
    from solbench.protocols import CellRecord, Protocol
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
    changes: Sequence[str] = ()


def command(
    protocol: arguments.ProtocolArgument,
    cell: arguments.CellOption = None,
    settings: arguments.SetOption = None,
    output: PageOption = None,
    json: JsonOption = False,
) -> None:
    """Describe what PROTOCOL will do with this cell, within which limits and for how long, as a lab manual would.

    Of a run file: what the run does, or did, with its own cell, and what was changed on the way.
    """
    from solbench.analysis.described.description import as_text, describe

    with errors_in_words():
        changes: tuple[ProtocolChanged, ...] = ()
        if Path(protocol).suffix == ".h5":
            loaded, record, changes = _of_run(Path(protocol), cell, settings)
        else:
            loaded, record = inputs.read_protocol(protocol, settings), inputs.read_cell(cell)
        described = describe(loaded, record, changes)
        if output is not None:
            from solbench.analysis.described.manual_page import write_page

            write_page(described, loaded, record.build(loaded.build).area_m2, output)
        if json:
            findings = [finding.as_plain() for finding in described.findings]
            limits, takes = dict(described.limits), dict(described.takes)
            page = str(output) if output is not None else None
            told = (described.title, described.steps, limits, takes, findings, page)
            print_json(Described(*told, changes=[text for _, text in described.changes]))
        else:
            print(output if output is not None else as_text(described), end="\n" if output else "")
        errors = any(finding.grade == "error" for finding in described.findings)
        raise typer.Exit(BAD_INPUT if errors else COMPLETED)


def _of_run(
    path: Path, cell: str | None, settings: list[str] | None
) -> tuple[Protocol, CellRecord, tuple[ProtocolChanged, ...]]:
    """Return the protocol of a run as it is by now, its cell record, and the changes; raises BadInput, RunFileError."""
    from solbench.acquisition.record.events import ProtocolChanged
    from solbench.acquisition.record.reader import open_run
    from solbench.protocols import parse_cell, parse_protocol
    from solbench.protocols.corrections.under_way import with_changes
    from solbench.protocols.errors import BadInput

    if cell is not None or settings:
        raise BadInput(
            "a run has a cell and a protocol of its own", "Leave out --cell and --set", file=str(path)
        )
    run = open_run(inputs.run_path(path))
    header = run.header
    changes = tuple(changed for _, changed in run.bodies(ProtocolChanged))
    protocol = parse_protocol(header.protocol.text, f"protocol in {path.name}")
    made = [change for changed in changes for change in changed.changes]
    return with_changes(protocol, made), parse_cell(header.cell.text, f"cell in {path.name}"), changes
