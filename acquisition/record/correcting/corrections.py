"""Corrections of a run: what was typed wrongly before it, put right afterwards, beside the run and never within it.

`RUN.corrections` has one line a correction (see `beside.lines`). What the run recorded stays as it
was; who reads the run gets the corrected header, and the recorded one beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.beside.lines import appending, decoded
from solbench.acquisition.record.codec import to_plain
from solbench.acquisition.record.correcting.cell_text import cell_text, conditions_text
from solbench.acquisition.record.events import Event, Header, Records
from solbench.protocols import parse_cell
from solbench.protocols.conditions import Conditions as TypedConditions
from solbench.protocols.corrections.changes import (
    LEFT_OUT,
    Changed,
    Described,
    Value,
    applied,
    changed,
    read_settings,
)
from solbench.protocols.corrections.mask import Mask, read_mask
from solbench.protocols.errors import BadInput

FORMAT = "solbench corrections 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field: what it said before, and what it says since; None where it was not written, or is not any more."""

    field: str
    before: Value
    after: Value

    @property
    def words(self) -> str:
        """Get the change as text."""
        return f"{self.field} {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Who changed what of a run's description, when (ISO 8601) and why; `run` is the run's UUID."""

    format: str
    run: str
    made: str
    who: str
    why: str
    changes: tuple[Change, ...]

    @property
    def words(self) -> str:
        """Get the correction as one line for people."""
        changes = "; ".join(change.words for change in self.changes)
        return f"{changes} ({self.who}, {self.made[:16].replace('T', ' ')}: {self.why})"


def corrections_path(run: Path) -> Path:
    """Return where the corrections of the run file, or of the journal, `run` lie."""
    return run.with_suffix(".corrections")


def read_corrections(run: Path, header: Header) -> tuple[Correction, ...]:
    """Return the corrections of a run in the order in which they were made; `header` as it was recorded.

    Raises RunFileError where the file is damaged or is that of another run: a correction that is left out would leave
    wrong numbers without a word.
    """
    path = corrections_path(run)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    return _read(path, content, header.run)[0]


def correct(
    run: Path, recorded: Header, settings: Sequence[str], who: str, why: str
) -> tuple[Changed, Correction]:
    """Append a correction to those of a run; the second returned is the correction, durable by then.

    `recorded`: its header as recorded. Raises BadInput for what cannot be right, RunFileError, OutputBusy, OSError.
    """
    if not who.strip() or not why.strip():
        raise BadInput("a correction needs who made it and why", "Write --who NAME --why TEXT", file=str(run))
    path = corrections_path(run)
    with appending(path) as (content, append):
        before, whole = _read(path, content, recorded.run)
        described = described_by(recorded, before, run.name)
        found = changed(described, read_settings(described, settings))
        if not found.changes:
            raise BadInput("nothing would be another than it is", "Set another value", file=str(run))
        correction = Correction(
            format=FORMAT,
            run=recorded.run,
            made=datetime.now().astimezone().isoformat(timespec="seconds"),
            who=" ".join(who.split()),
            why=" ".join(why.split()),
            changes=tuple(Change(field=f, before=b, after=a) for f, b, a in found.changes),
        )
        append(whole, correction)  # behind the last whole one: a torn one was never acknowledged
    return found, correction


def described_by(recorded: Header, corrections: Sequence[Correction], name: str) -> Described:
    """Return what is typed about the cell of a run with its corrections; raises BadInput, RunFileError."""
    conditions = {key: value for key, value in to_plain(recorded.conditions).items() if value is not None}
    conditions.pop("begun_C", None)  # it follows from the others
    described = Described(
        parse_cell(recorded.cell.text, f"cell in {name}"),
        recorded.cell.build,
        TypedConditions.model_validate(conditions),
    )
    return _made(described, corrections, name)


def _made(described: Described, corrections: Sequence[Correction], name: str) -> Described:
    for correction in corrections:
        try:
            described = applied(described, [(one.field, one.after) for one in correction.changes])
        except BadInput as error:
            raise RunFileError(
                f"the correction of {name} by {correction.who} cannot be read: {error}"
            ) from error
    return described


def left_out(corrections: Sequence[Correction]) -> Mask:
    """Return the points that the corrections of a run leave out of its spectra; raises FieldError."""
    texts = [one.after for each in corrections for one in each.changes if one.field == LEFT_OUT]
    return read_mask(texts[-1]) if texts and isinstance(texts[-1], str) else Mask()


def corrected_header(recorded: Header, corrections: Sequence[Correction], name: str) -> Header:
    """Return a header with the corrections made; raises BadInput, RunFileError.

    What no correction touches stays as it was recorded, whatever version of the program wrote it.
    """
    if not corrections:
        return recorded
    first = described_by(recorded, (), name)
    last = _made(first, corrections, name)
    old, new = (cell_text(each.record, each.record.build(each.build)) for each in (first, last))
    quantities = dict(recorded.cell.quantities)
    for quantity in {*old.quantities, *new.quantities}:
        if old.quantities.get(quantity) == new.quantities.get(quantity):
            continue
        if quantity in new.quantities:
            quantities[quantity] = new.quantities[quantity]
        else:
            quantities.pop(quantity, None)
    same_cell, same_conditions = old == new, first.conditions == last.conditions
    return replace(
        recorded,
        cell=recorded.cell if same_cell else replace(new, quantities=quantities),
        conditions=recorded.conditions
        if same_conditions
        else replace(
            conditions_text(last.conditions, last.record.build(last.build)),
            begun_C=recorded.conditions.begun_C,  # the run went by it
        ),
        temperature_K=recorded.temperature_K if same_conditions else last.conditions.temperature_K,
    )


def with_header(events: Sequence[Event], header: Header) -> Sequence[Event]:
    """Return the events of a run with another header in the place of the first."""
    first = Event(events[0].seq, events[0].time_s, header)
    if isinstance(events, Records):
        return events.beginning_with(first)
    return [first, *events[1:]]


def _read(path: Path, content: bytes, run: str) -> tuple[tuple[Correction, ...], int]:
    """Return the corrections in a file, and how many bytes hold whole ones; only the last may be torn."""
    found: list[Correction] = []
    whole = 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        correction = decoded(line, Correction)
        if correction is None:
            if number == len(lines) and not line.endswith(b"\n"):
                break
            raise RunFileError(
                f"{path}: line {number} is damaged, so that the corrections of this run are not known. "
                "Put the file back from a copy, or move it away to read the run as it was recorded"
            )
        if correction.run != run:
            raise RunFileError(
                f"{path}: line {number} corrects another run than the one beside it. Move the file to its own run"
            )
        found.append(correction)
        whole += len(line)
    return tuple(found), whole


def _shown(value: Value) -> str:
    if value is None:
        return "(none)"
    return str(value).lower() if isinstance(value, bool) else value
