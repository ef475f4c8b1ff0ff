"""The columns of the Battery Data Format (ontology 1.3.0), block by block.

A row is a stored reading or a point of a spectrum, in the order in which they were recorded. Points carry the
voltage and the current that were held when their sweep began. Readings that an overload falsified have
neither voltage nor current.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from solbench.acquisition.record.columns import OVERLOAD
from solbench.acquisition.record.events import SegmentEnd, SegmentStart, of_kinds
from solbench.acquisition.record.reader import Run
from solbench.analysis.exports.expressions import EXPRESSIONS
from solbench.analysis.exports.source import Source
from solbench.protocols.quantities.quantity import quantity

Array = np.ndarray[Any, Any]
Columns = dict[str, Array]

_KELVIN_AT_0_DEGC = 273.15
_ROW = np.dtype(
    [
        ("seq", "u8"),
        ("time_s", "f8"),
        ("voltage_V", "f8"),
        ("current_A", "f8"),
        ("charge_C", "f8"),
        ("segment", "i8"),
        ("frequency_Hz", "f8"),
        ("real_ohm", "f8"),
        ("imaginary_ohm", "f8"),
    ]
)
_NOT_MEASURED = ("frequency_Hz", "real_ohm", "imaginary_ohm")


@dataclass(frozen=True)
class _Segment:
    name: str
    kind: str
    start_s: float
    cycle: int  # of the whole run: it never falls


@dataclass
class _Steps:
    """Counts the periods under one kind of control; it never falls, and no number comes twice.

    `seqs` and `segments`: at which record each segment began. After a spectrum on demand the segment that it
    interrupted goes on under a number of its own.
    """

    seqs: Array
    segments: Array
    returns: int = 0
    is_back: bool = False

    def of(self, table: Array) -> Array:
        """Return the number of each row of the next block."""
        begun = np.maximum(np.searchsorted(self.seqs, table["seq"], "right") - 1, 0)
        back = table["segment"] != self.segments[begun]
        returns = self.returns + np.cumsum(back & ~np.concatenate([[self.is_back], back[:-1]]))
        self.returns, self.is_back = int(returns[-1]), bool(back[-1])
        return np.asarray(begun + returns)


def bdf_blocks(source: Source) -> Iterator[Columns]:
    """Yield the columns by their preferred labels, all of the same length in a block."""
    segments = _segments(source.outline)
    starts = list(of_kinds(source.outline.events, (SegmentStart,)))
    ordinals = [start.body.ordinal for start in starts if isinstance(start.body, SegmentStart)]
    steps = _Steps(np.array([start.seq for start in starts]), np.array(ordinals))
    constants = _constants(source)
    charge_C = charged_C = discharged_C = 0.0
    for table in _merged(source, segments):
        charge = _filled(table["charge_C"], charge_C)
        flows_C = np.diff(charge, prepend=charge_C)
        charged = _summed(charged_C, np.maximum(flows_C, 0.0))
        discharged = _summed(discharged_C, np.maximum(-flows_C, 0.0))
        charge_C, charged_C, discharged_C = charge[-1], charged[-1], discharged[-1]
        yield _columns(source, table, segments, steps, charged / 3600.0, discharged / 3600.0) | {
            name: np.full(len(table), value) for name, value in constants.items()
        }


def _summed(before: float, steps: Array) -> Array:
    """Add up one after the other, so that the sums do not depend on where a block ends."""
    return np.cumsum(np.concatenate([[before], steps]))[1:]


def _merged(source: Source, segments: dict[int, _Segment]) -> Iterator[Array]:
    """Yield samples and points as rows in the order of their records."""
    points = _point_rows(source, segments)
    done = 0
    for block in source.blocks():
        if len(block) == 0:
            continue
        until = int(np.searchsorted(points["seq"], block["seq"][-1]))
        rows = np.concatenate([_sample_rows(block), points[done:until]])
        done = until
        yield rows[np.argsort(rows["seq"], kind="stable")]
    if done < len(points):
        yield points[done:]


def _sample_rows(block: Array) -> Array:
    rows = np.empty(len(block), _ROW)
    for name in ("seq", "time_s", "voltage_V", "current_A", "charge_C", "segment"):
        rows[name] = block[name]
    for name in _NOT_MEASURED:
        rows[name] = np.nan
    overload = (block["flags"] & OVERLOAD) != 0
    rows["voltage_V"][overload] = rows["current_A"][overload] = np.nan
    return rows


def _point_rows(source: Source, segments: dict[int, _Segment]) -> Array:
    points = source.outline.points
    rows = np.empty(len(points), _ROW)
    for name in ("seq", "time_s", "segment", *_NOT_MEASURED):
        rows[name] = points[name]
    rows["charge_C"] = np.nan  # as at the reading before
    held = {(attempt.segment, attempt.attempt): attempt.start for attempt in source.attempts}
    places = list(zip(points["segment"].tolist(), points["attempt"].tolist(), strict=True))
    rows["voltage_V"] = [held[place].dc_voltage_V for place in places]
    rows["current_A"] = [held[place].dc_current_A for place in places]
    return rows


def _filled(values: Array, before: float) -> Array:
    """Return values with the gaps filled by what stood before them."""
    known = np.concatenate([[before], values])
    last = np.maximum.accumulate(np.where(np.isnan(known), 0, np.arange(len(known))))
    return known[last][1:]


def _columns(
    source: Source,
    table: Array,
    segments: dict[int, _Segment],
    steps: _Steps,
    charged_Ah: Array,
    discharged_Ah: Array,
) -> Columns:
    here = [segments[number] for number in table["segment"].tolist()]
    impedance = table["real_ohm"] + 1j * table["imaginary_ohm"]
    return {
        "Test Time / s": table["time_s"],
        "Voltage / V": table["voltage_V"],
        "Current / A": table["current_A"],
        "Unix Time / s": source.header.unix_s + table["time_s"],
        "Cycle Count / 1": np.array([segment.cycle for segment in here]),
        "Step Count / 1": steps.of(table),
        "Step ID": np.array([segment.name for segment in here]),
        "Step Type": np.array([segment.kind for segment in here]),
        "Step Time / s": table["time_s"] - np.array([segment.start_s for segment in here]),
        "Record Index / 1": table["seq"],
        "Charging Capacity / Ah": charged_Ah,
        "Discharging Capacity / Ah": discharged_Ah,
        "Net Capacity / Ah": charged_Ah - discharged_Ah,
        "Cumulative Capacity / Ah": charged_Ah + discharged_Ah,
        "Frequency / Hz": table["frequency_Hz"],
        "Real Impedance / ohm": table["real_ohm"],
        "Imaginary Impedance / ohm": table["imaginary_ohm"],
        "Absolute Impedance / ohm": np.abs(impedance),
        "Phase / deg": np.degrees(np.angle(impedance)),
    }


def _constants(source: Source) -> dict[str, float]:
    """Return what was typed in for the whole run, and the mark of a simulated one."""
    conditions = source.header.conditions
    found: dict[str, float] = {}
    if conditions.temperature != "unknown":
        kelvin = quantity(conditions.temperature).value
        found["Ambient Temperature / degC"] = round(kelvin - _KELVIN_AT_0_DEGC, 9)
    if conditions.stack_pressure != "unknown":
        found["Applied Pressure / Pa"] = quantity(conditions.stack_pressure).value
    return found | ({"Simulated / 1": 1} if source.simulated else {})


def _cycle_counts(run: Run) -> dict[int, int]:
    """Return the cycle of each step (by its index), counted through all loops: nested ones and one after another."""
    counts: dict[int, int] = {}
    seen: set[str] = set()
    last: tuple[str, int] | None = None
    count = 0
    for _, start in run.bodies(SegmentStart):
        step = start.step
        if step.index in counts:
            continue
        now = (step.path.rpartition(".")[0], step.cycle) if step.cycle else None
        if now is not None and (now != last or step.path in seen):
            count += 1
            seen = set()
        seen.add(step.path)
        last = now
        counts[step.index] = count
    return counts


def _segments(run: Run) -> dict[int, _Segment]:
    counts = _cycle_counts(run)
    found: dict[int, _Segment] = {}
    ends = {end.ordinal: end for _, end in run.bodies(SegmentEnd)}
    for time_s, start in run.bodies(SegmentStart):
        number, step = start.ordinal, start.step
        start_s = found[number].start_s if number in found else time_s  # the first attempt counts
        charge_C = ends[number].step_charge_C if number in ends else 0.0
        kind = EXPRESSIONS[type(start.segment)].bdf(start.segment, charge_C)
        found[number] = _Segment(step.name, kind, start_s, counts[step.index])
    return found
