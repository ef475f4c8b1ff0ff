"""One line of a dialogue: a transfer, what the clock said, or a request to the run; tab-separated text.

    12.345  =      1034  1287   write        ok       "RU1"
    12.36   12.35  1040  1287   read         timeout  ""
    12.4    2      1044         clock
    12.9    0      1500         interrupted  stop     {"reason": "..."}
    12.9    0      1500         before       ok       {"offset_s": 12.5, "off_s": 12.7, "cut_bytes": 0}

The first two fields of a transfer are the clock's time when it was over and when it began (s, with every digit; `=`
where the time was what whoever hears it knows: the last line's, or that of a sleep since then). The third is the host's
time in ms since the dialogue began. Of the clock, and of a request, the second field is how many looks at the clock, or
sleeps, came before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from solbench.drivers.links.ear import Transfer

NO_VALUE = "no value"  # begins what is said of a gauge whose device is well while its sensor is not
Outcome = Literal["ok", "timeout", "error", "refused", "interrupted"]
TRANSFERS: frozenset[str] = frozenset(get_args(Transfer))
OUTCOMES: frozenset[str] = frozenset(get_args(Outcome))


@dataclass(frozen=True, slots=True)
class Transferred:
    """One transfer on the wire `name`, over at `end_s`, begun at `start_s` (None: when it was expected), in s.

    `data`: what was written or read, or the status byte; `error`: what a broken connection said, or in three lines
    which address could not be opened, why, and the cure.
    """

    end_s: float
    start_s: float | None
    host_ms: int
    name: str
    kind: str
    outcome: str
    data: str
    error: str = ""

    @property
    def words(self) -> str:
        """Get it in words."""
        return in_words(self.kind, self.name, self.data if self.kind == "write" else "")


@dataclass(frozen=True, slots=True)
class Looked:
    """The clock said `time_s` (s) to a look before which `skipped` looks saw what was expected."""

    time_s: float
    skipped: int
    host_ms: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A user, or the program, interrupted the run, or had it resumed, in the sleep after `skipped` others."""

    time_s: float
    skipped: int
    host_ms: int
    verb: str
    reason: str
    by: str
    code: str


@dataclass(frozen=True, slots=True)
class Gauged:
    """A gauge that is on no wire gave `found` when it was looked at, after `skipped` looks in vain.

    Each is `time_s`, `value` (None for silence), and the raw answer, or what its silence was called.
    """

    time_s: float
    skipped: int
    host_ms: int
    name: str
    found: tuple[tuple[float, float | None, str], ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What a later session found of the one before it; it stands at the beginning of its dialogue.

    `offset_s`: the bench's clock at the run's time 0; `off_s`: when the cell was switched off from outside, by that
    clock, None where nobody did; `cut_bytes`: of a torn last record.
    """

    time_s: float
    host_ms: int
    offset_s: float
    off_s: float | None
    cut_bytes: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The dialogue ends; `kind` is `closed`, with the bench, or `full`, where it was as large as it may be."""

    time_s: float
    host_ms: int
    kind: str


Line = Transferred | Looked | Asked | Gauged | Before | Closed


def encode(line: Line) -> str:
    """Return a line as text, with its line end."""
    if isinstance(line, Transferred):
        start = "=" if line.start_s is None else repr(line.start_s)
        fields = [line.name, line.kind, line.outcome, json.dumps(line.data)]
        if line.error:
            fields.append(json.dumps(line.error))
        return "\t".join((repr(line.end_s), start, str(line.host_ms), *fields)) + "\n"
    if isinstance(line, Looked):
        return f"{line.time_s!r}\t{line.skipped}\t{line.host_ms}\t\tclock\n"
    if isinstance(line, Asked):
        why = json.dumps({"reason": line.reason, "by": line.by, "code": line.code})
        return f"{line.time_s!r}\t{line.skipped}\t{line.host_ms}\t\tinterrupted\t{line.verb}\t{why}\n"
    if isinstance(line, Gauged):
        found = json.dumps(line.found)
        return f"{line.time_s!r}\t{line.skipped}\t{line.host_ms}\t{line.name}\tgauge\tok\t{found}\n"
    if isinstance(line, Before):
        found = json.dumps({"offset_s": line.offset_s, "off_s": line.off_s, "cut_bytes": line.cut_bytes})
        return f"{line.time_s!r}\t0\t{line.host_ms}\t\tbefore\tok\t{found}\n"
    return f"{line.time_s!r}\t0\t{line.host_ms}\t\t{line.kind}\n"


def decode(text: str) -> Line:
    """Return what a line says; raises ValueError."""
    fields = text.rstrip("\n").split("\t")
    time_s, host_ms, kind = float(fields[0]), int(fields[2]), fields[4]
    if kind == "clock":
        return Looked(time_s, int(fields[1]), host_ms)
    if kind == "interrupted":
        why = json.loads(fields[6])
        return Asked(time_s, int(fields[1]), host_ms, fields[5], why["reason"], why["by"], why["code"])
    if kind == "gauge":
        found = tuple((float(at), value, str(raw)) for at, value, raw in json.loads(fields[6]))
        return Gauged(time_s, int(fields[1]), host_ms, fields[3], found)
    if kind == "before":
        return Before(time_s, host_ms, **json.loads(fields[6]))
    if kind in ("closed", "full"):
        return Closed(time_s, host_ms, kind)
    if kind not in TRANSFERS or fields[5] not in OUTCOMES:
        raise ValueError(f"'{kind} {fields[5]}' is no kind of transfer")
    start_s = None if fields[1] == "=" else float(fields[1])
    data, error = str(json.loads(fields[6])), str(json.loads(fields[7])) if len(fields) > 7 else ""
    return Transferred(time_s, start_s, host_ms, fields[3], kind, fields[5], data, error)


def in_words(kind: str, name: str, sent: str) -> str:
    """Return in words what is done on the wire `name`."""
    said = {
        "write": f"{sent!r} is written to",
        "read": "a line is read from",
        "poll": "the status is polled from",
        "clear": "a device clear is sent to",
        "local": "local control is returned to",
        "reopen": "the connection is opened anew to",
    }
    return f"{said.get(kind, kind)} {name}"
