"""The records of a run: their bodies, one dataclass a kind, and the one place that encodes and decodes them.

Units are in the names; times in s of experiment time since the start of the run; positive current charges the cell.
A body's `kind` is the journal's word for it, its fields stand in the order in which the journal has them. New fields
are added at the end, with a default that old journals get. Keys that a later version added are ignored, kinds that
it added are kept as they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, get_args, overload

from pydantic_core import from_json

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.bodies.compared import (
    Cause,
    Compared,
    ComparisonCode,
    Grade,
    Unit,
    in_words,
)
from solbench.acquisition.record.bodies.header import (
    FORMAT,
    BenchText,
    CellText,
    CommissioningText,
    Conditions,
    Header,
    Program,
    ProtocolText,
    Quantity,
)
from solbench.acquisition.record.bodies.measured import (
    CurrentLimited,
    Decides,
    GaugeCode,
    GaugeKnown,
    GaugePlace,
    GaugeRead,
    Phase,
    Point,
    QualityCode,
    RangeChange,
    Rejected,
    Role,
    Sample,
    SetAside,
    SpectrumQuality,
    SpectrumStart,
    ZeroRead,
)
from solbench.acquisition.record.bodies.segment import (
    Edge,
    EndQuantity,
    HoldAsked,
    LoopEnded,
    SegmentEnd,
    SegmentOutcome,
    SegmentStart,
    SpectrumAsked,
    SwitchAction,
    SwitchIntent,
)
from solbench.acquisition.record.bodies.session import (
    IN_DOUBT,
    SEARCHING,
    Alarm,
    AlarmCode,
    AskedAgain,
    CheckCode,
    CheckLine,
    Gap,
    GapCause,
    Instrument,
    Note,
    NoteCode,
    Parameters,
    Paused,
    PausedBy,
    ProtocolChanged,
    Reconnected,
    Resumed,
    RunEnd,
    Rung,
    RunOutcome,
    SessionStart,
    StartCheck,
    StepSkipped,
    WallClock,
)
from solbench.acquisition.record.codec import Plain, from_plain, numbers_record, to_plain
from solbench.protocols.errors import shown
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.segments import Rest, Sweep

__all__ = [
    "FORMAT",
    "IN_DOUBT",
    "KINDS",
    "SEARCHING",
    "Alarm",
    "AlarmCode",
    "AskedAgain",
    "BenchText",
    "Body",
    "Cause",
    "CellText",
    "CheckCode",
    "CheckLine",
    "CommissioningText",
    "Compared",
    "ComparisonCode",
    "Conditions",
    "CurrentLimited",
    "Decides",
    "Edge",
    "EndQuantity",
    "Event",
    "Gap",
    "GapCause",
    "GaugeCode",
    "GaugeKnown",
    "GaugePlace",
    "GaugeRead",
    "Grade",
    "Header",
    "HoldAsked",
    "Instrument",
    "Known",
    "LoopEnded",
    "Note",
    "NoteCode",
    "Parameters",
    "Paused",
    "PausedBy",
    "Phase",
    "Point",
    "Program",
    "ProtocolChanged",
    "ProtocolText",
    "QualityCode",
    "Quantity",
    "RangeChange",
    "Reconnected",
    "Records",
    "Rejected",
    "Resumed",
    "Role",
    "RunEnd",
    "RunOutcome",
    "Rung",
    "Sample",
    "SegmentEnd",
    "SegmentOutcome",
    "SegmentStart",
    "SessionStart",
    "SetAside",
    "SpectrumAsked",
    "SpectrumQuality",
    "SpectrumStart",
    "StartCheck",
    "StepSkipped",
    "SwitchAction",
    "SwitchIntent",
    "Unit",
    "Unknown",
    "WallClock",
    "ZeroRead",
    "decode",
    "in_words",
    "of_kinds",
]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record of a kind that this version does not know, as it stands in the journal."""

    kind: str
    fields: Plain


Known = (
    Header
    | SessionStart
    | StartCheck
    | SegmentStart
    | SwitchIntent
    | Edge
    | Sample
    | Rejected
    | ZeroRead
    | SpectrumStart
    | SpectrumQuality
    | Point
    | SetAside
    | GaugeKnown
    | GaugeRead
    | Phase
    | RangeChange
    | CurrentLimited
    | Compared
    | SpectrumAsked
    | HoldAsked
    | Paused
    | Resumed
    | StepSkipped
    | ProtocolChanged
    | Reconnected
    | Gap
    | AskedAgain
    | Alarm
    | Note
    | WallClock
    | SegmentEnd
    | LoopEnded
    | RunEnd
)
Body = Known | Unknown
KINDS: dict[str, type[Known]] = {kind.kind: kind for kind in get_args(Known)}


_to_text = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode
_from_text = json.JSONDecoder().decode


class Event(NamedTuple):
    """One record: its number from 0, experiment time since the start of the run in s, and what it says."""

    seq: int
    time_s: float
    body: Body

    @property
    def kind(self) -> str:
        """Get the journal's word for what it is."""
        return self.body.kind

    def json(self) -> str:
        """Return the record as one JSON object, as the journal and `--events` show it; it can always be encoded."""
        seq, time_s, body = self
        if text := numbers_record(seq, time_s, body):  # as of nearly every sample
            return text
        text = _to_text({"seq": seq, "kind": body.kind, "time_s": time_s} | _fields_of(body))
        return text if text.isascii() else shown(text)


def decode(text: bytes | str) -> Event:
    """Return the record that a JSON object of the journal is; raises ValueError where it is none."""
    try:
        plain = from_json(text)  # four times as fast as Python's, of the same mind about numbers
    except (
        ValueError,
        TypeError,
    ):  # nothing, or what only Python's reads: half of a surrogate pair, in a text, too
        plain = _from_text(text if isinstance(text, str) else text.decode())
    try:
        seq, kind, time_s = plain.pop("seq"), plain.pop("kind"), plain.pop("time_s")
        return Event(seq, time_s, body_of(kind, plain))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no record of a run: {error}") from error


def body_of(kind: str, plain: Plain) -> Body:
    """Return the body of a record of this kind; raises KeyError, TypeError where a field is missing."""
    read = _READ.get(kind)
    return read(plain) if read is not None else Unknown(kind, plain)


def _fields_of(body: Body) -> Plain:
    if isinstance(body, Unknown):
        return dict(body.fields)
    if isinstance(body, SegmentStart):
        parameters = to_plain(body.segment)
        step = parameters.pop("step")
        names = {"ordinal": body.ordinal, "attempt": body.attempt, "segment": body.name}
        return {**names, "step": step, "parameters": parameters}
    plain = to_plain(body)
    if isinstance(body, SpectrumAsked):  # its segments have the step of the one that they interrupt
        for name in ("rest", "sweep"):
            if plain[name] is not None:
                del plain[name]["step"]
    return plain


def _segment_start(plain: Plain) -> Body:
    """Read the beginning of a segment; one of a kind that this version does not know is kept as it stands."""
    kind = SEGMENT_KINDS.get(plain["segment"])
    if kind is None:
        return Unknown(SegmentStart.kind, plain)
    segment = from_plain(kind.segment, {"step": plain["step"], **plain["parameters"]})
    return SegmentStart(ordinal=plain["ordinal"], attempt=plain["attempt"], segment=segment)


def _spectrum_asked(plain: Plain) -> Body:
    step = {"index": plain["step"], "name": "", "kind": "", "path": ""}
    rest, sweep = plain["rest"], from_plain(Sweep, {"step": step, **plain["sweep"]})
    rested = from_plain(Rest, {"step": step, **rest}) if rest is not None else None
    return SpectrumAsked(by=plain["by"], step=plain["step"], rest=rested, sweep=sweep)


def _paused(plain: Plain) -> Body:
    """Read a pause; version 0.1.0 wrote who paused into the reason alone, in one form of words for users."""
    by = "user" if plain["reason"].startswith("paused by") else "program"
    return from_plain(Paused, {"by": by, **plain})


def _run_end(plain: Plain) -> Body:
    """Read an end; version 0.1.0 marked a bench that could not be verified safe by these words in the reason alone."""
    return from_plain(RunEnd, {"verified_safe": "NOT VERIFIED SAFE" not in plain["reason"], **plain})


_READ: dict[str, Callable[[Plain], Body]] = {
    word: partial(from_plain, kind) for word, kind in KINDS.items()
} | {
    SegmentStart.kind: _segment_start,
    SpectrumAsked.kind: _spectrum_asked,
    Paused.kind: _paused,
    RunEnd.kind: _run_end,
}


_KIND = re.compile(rb'\{"seq":\d+,"kind":"(\w+)"')


class Records(Sequence[Event]):
    """Records in order, as events or as the text of the file `source`, which is decoded when it is asked for.

    Reading one that cannot be decoded raises RunFileError.
    """

    def __init__(self, kept: Iterable[Event | bytes], source: Path | None = None) -> None:
        self._kept = list(kept)
        self._source = source

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._kept)

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        """Return one record, or some."""
        if isinstance(place, slice):
            return [self._read(number) for number in range(*place.indices(len(self)))]
        return self._read(range(len(self))[place])

    def __eq__(self, other: object) -> bool:
        """Say whether a sequence has the same records."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Event]:
        """Yield all of them."""
        return map(self._read, range(len(self)))

    def of(self, kinds: tuple[type[Any], ...]) -> Iterator[Event]:
        """Yield the records of some kinds in order; the others are not decoded."""
        words = {kind.kind.encode() for kind in kinds}
        places = self._places
        for number in sorted(number for word in words for number in places.get(word, ())):
            event = self._read(number)
            if isinstance(event.body, kinds):  # one with parts that this version does not know is not
                yield event

    def words(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each record in this list, and the journal's word for what it is."""
        return ((number, self._word(number)) for number in range(len(self._kept)))

    def beginning_with(self, first: Event) -> Records:
        """Return the same records with another one in the place of the first."""
        return Records([first, *self._kept[1:]], self._source)

    def text(self, number: int) -> bytes:
        """Return the text of one record."""
        record = self._kept[number]
        return record.json().encode() if isinstance(record, Event) else record

    def but(self, kinds: tuple[type[Any], ...]) -> list[Event | bytes]:
        """Return the records of all kinds but some, as they are."""
        words = {kind.kind.encode() for kind in kinds}
        return [record for number, record in enumerate(self._kept) if self._word(number) not in words]

    @cached_property
    def _places(self) -> dict[bytes, list[int]]:
        """Get where the records of each kind are: many questions are asked of one run."""
        places: dict[bytes, list[int]] = {}
        for number in range(len(self._kept)):
            places.setdefault(self._word(number), []).append(number)
        return places

    def _word(self, number: int) -> bytes:
        """Return the journal's word for what a record is."""
        record = self._kept[number]
        found = _KIND.match(record) if isinstance(record, bytes) else None
        return found[1] if found is not None else self._read(number).kind.encode()

    def _read(self, number: int) -> Event:
        record = self._kept[number]
        if isinstance(record, Event):
            return record
        try:
            event = self._kept[number] = decode(record)
        except ValueError as error:
            raise RunFileError(
                f"{self._source}: record {number} of its events cannot be read: {error}"
            ) from error
        return event


def of_kinds(events: Iterable[Event], kinds: tuple[type[Any], ...]) -> Iterator[Event]:
    """Yield the events of some kinds in order, reading no others where they are `Records`."""
    if isinstance(events, Records):
        return events.of(kinds)
    return (event for event in events if isinstance(event.body, kinds))
