"""What does not agree with the record of a cell: as found in the run, or by the record as it was corrected since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solbench.acquisition.engine.comparison import CHARGE_TRANSFER_OHM_M2, PASSED, electrolyte_ohm
from solbench.acquisition.record.events import Compared, Grade, Header
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.protocols import Build, parse_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.limits import ExpectedResistance, electronic_ohm, expected_resistance


@dataclass(frozen=True)
class _Point:
    """A point of a spectrum, as it is compared."""

    frequency_Hz: float
    impedance_ohm: complex
    error: int


@dataclass(frozen=True)
class _Wanted:
    """What a record lets expect of a cell."""

    build: Build
    resistance: ExpectedResistance
    electronic_ohm: tuple[float, float] | None

    @classmethod
    def by(cls, run: Run, header: Header) -> _Wanted:
        """Return what the record in a header lets expect; raises BadInput where it cannot be read."""
        build = parse_cell(header.cell.text, f"cell in {run.path.name}").build(header.cell.build)
        protocol = parse_protocol(header.protocol.text, f"protocol in {run.path.name}")
        tolerances = build.tolerances.widened(protocol.tolerances)
        return cls(
            build,
            expected_resistance(build, header.temperature_K, tolerances),
            electronic_ohm(build, header.temperature_K, tolerances),
        )


def compared(run: Run) -> list[tuple[float, Compared]]:
    """Return what does not agree with the record of the cell, each with its time (s), in order.

    Where the record was corrected, the bounds are those of the corrected one: what lies within them is no doubt any
    more, and a spectrum that lies beyond them is one. What flowed or rested meanwhile is not compared anew.
    """
    recorded = run.bodies(Compared)
    if not run.corrections:
        return recorded
    try:
        was, now = _Wanted.by(run, run.recorded), _Wanted.by(run, run.header)
    except BadInput:  # written by a version that knew other fields: as it was found in the run
        return recorded
    kept = [(time_s, again) for time_s, one in recorded if (again := _again(one, was, now)) is not None]
    named = {one.spectrum for _, one in kept if one.code == "electrolyte_resistance"}
    new = [(record.time_s, one) for record, one in _spectra(run, now) if record.spectrum not in named]
    return sorted([*kept, *new], key=lambda pair: pair[0])


def _again(one: Compared, was: _Wanted, now: _Wanted) -> Compared | None:
    """Return a comparison with the bounds of the corrected record; None where it agrees with that."""
    low, high, seen = one.low, one.high, one.seen
    ohms = now.resistance.ohm / was.resistance.ohm
    areas = now.build.area_m2 / was.build.area_m2
    if one.code == "electrolyte_resistance":
        name = "stop_ohm" if one.grade == "stop" else "doubt_ohm"
        before, after = getattr(was.resistance, name), getattr(now.resistance, name)
        more = [
            CHARGE_TRANSFER_OHM_M2 / each.build.area_m2 if one.spectrum is None else 0.0
            for each in (was, now)
        ]
        low = None if low is None else low * after[0] / before[0]
        high = None if high is None else (high - more[0]) * after[1] / before[1] + more[1]
    elif one.code == "electronic_resistance":
        if one.grade == "stop":
            low = None if low is None else low * ohms
        elif now.electronic_ohm is not None:
            low, high = now.electronic_ohm
    elif one.code == "charge_beyond_electrodes":
        high = _scaled(high, was.build.theoretical_capacity_C, now.build.theoretical_capacity_C)
    elif one.code == "first_charge":
        low = _scaled(low, was.build.capacity_C, now.build.capacity_C)
        high = _scaled(high, was.build.capacity_C, now.build.capacity_C)
    elif one.code == "resistance_grown":
        own = CHARGE_TRANSFER_OHM_M2 / was.build.area_m2
        high = None if high is None else (high - own) * ohms + own / areas
        seen += was.resistance.ohm - now.resistance.ohm
    elif one.code == "electrodes_not_blocking":
        low = None if low is None else low / areas
    elif one.code == "short_circuit":
        low = None if low is None else low * ohms
    else:
        return one
    if (low is None or seen >= low) and (high is None or seen <= high):
        return None
    return replace(one, low=low, high=high, seen=seen)


def _scaled(bound: float | None, was: float | None, now: float | None) -> float | None:
    return bound if bound is None or not was or not now else bound * now / was


def _spectra(run: Run, now: _Wanted) -> Iterator[tuple[SpectrumRecord, Compared]]:
    """Yield the spectra whose resistance contradicts the corrected record, before an interphase can have grown."""
    capacity_C = now.build.capacity_C
    passed = _passed_C(run)
    for record in run.spectra:
        if capacity_C is not None and passed(record.time_s) > PASSED * capacity_C:
            return
        points = [_point(row) for row in run.points_of(record)]
        found = electrolyte_ohm(points, now.build.area_m2)
        if found is None:
            continue
        seen, too_low, too_high = found
        wanted = now.resistance
        fast = max(point.frequency_Hz for point in points) >= wanted.highest_Hz
        too_high = too_high and wanted.is_whole and fast
        grades: tuple[tuple[Grade, tuple[float, float]], ...] = (
            ("stop", wanted.stop_ohm),
            ("doubt", wanted.doubt_ohm),
        )
        for grade, (low, high) in grades:
            if (seen < low and too_low) or (seen > high and too_high):
                yield (
                    record,
                    Compared(
                        code="electrolyte_resistance",
                        grade=grade,
                        seen=seen,
                        low=low,
                        high=high,
                        unit="ohm",
                        causes=("area", "thickness", "other_cell", "temperature"),
                        spectrum=record.spectrum,
                    ),
                )
                break


def _point(row: Any) -> _Point:
    impedance_ohm = complex(row["real_ohm"], row["imaginary_ohm"])
    return _Point(float(row["frequency_Hz"]), impedance_ohm, int(row["error"]))


def _passed_C(run: Run) -> Callable[[float], float]:
    """Return what tells how far apart (C) the net charges of the cell lay up to a time (s), asked in order."""
    blocks = run.sample_blocks("time_s", "charge_C")
    low, high, times_s, charges_C = 0.0, 0.0, np.empty(0), np.empty(0)

    def passed(until_s: float) -> float:
        nonlocal low, high, times_s, charges_C
        while True:
            count = int(np.searchsorted(times_s, until_s, side="right"))
            if count:
                low, high = (
                    min(low, float(charges_C[:count].min())),
                    max(high, float(charges_C[:count].max())),
                )
            times_s, charges_C = times_s[count:], charges_C[count:]
            block = next(blocks, None) if not len(times_s) else None
            if block is None:
                return high - low
            times_s, charges_C = block["time_s"], block["charge_C"]

    return passed
