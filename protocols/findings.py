"""What is wrong or doubtful in a protocol for a cell, found before anything is switched on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.protocols.errors import BadInput, FieldError, sentence

Grade = Literal["error", "warning"]
Source = Literal["protocol", "cell"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; an error keeps the run from starting, a warning is shown.

    `field` is the path as the user wrote it, in the file that `source` names.
    """

    grade: Grade
    field: str
    message: str
    cure: str = ""
    source: Source = "protocol"

    def __str__(self) -> str:
        return f"{self.grade}: {BadInput(self.message, self.cure, field=self.field)}"


Findings = Iterator[Finding]


def error(field: str, message: str, cure: str = "", source: Source = "protocol") -> Finding:
    """Make a finding that keeps the run from starting."""
    return Finding("error", field, message, cure, source)


def warning(field: str, message: str, cure: str = "", source: Source = "protocol") -> Finding:
    """Make a finding that is only shown."""
    return Finding("warning", field, message, cure, source)


def of_field_error(found: FieldError, field: str) -> Finding:
    """Make a finding of what a value lacks to be converted."""
    return error(field, found.message, found.cure)


def raise_errors(findings: Sequence[Finding], protocol_file: str, cell_file: str) -> None:
    """Raise the first error among findings as `BadInput` with its file; the others are named in it."""
    errors = [finding for finding in findings if finding.grade == "error"]
    if not errors:
        return
    first, rest = errors[0], errors[1:]
    others = ", ".join(dict.fromkeys(finding.field for finding in rest if finding.field != first.field))
    cure = f"{sentence(first.cure)} Also to be corrected: {others}" if others else first.cure
    file = protocol_file if first.source == "protocol" else cell_file
    raise BadInput(first.message, cure, file=file, field=first.field)
