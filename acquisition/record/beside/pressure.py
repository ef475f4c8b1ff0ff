"""The stack pressure of the cell over a time: measured by a gauge at the cell, or typed, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solbench.acquisition.record.beside.course import course_within
from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.acquisition.record.beside.temperature import Source

MPA = 1e6
SURE = 3.0  # standard uncertainties
UNREAD_PART_PER_S = 0.1 / 3600.0  # so fast, of itself, a stack relaxes where nobody reads it


@dataclass(frozen=True, slots=True)
class CellPressure:
    """A mean pressure (Pa) with its standard uncertainty, None for a typed one, of which nobody knows it.

    `drift_Pa`: the change from the beginning of the time to its end. `own_stderr_Pa` is the part of the uncertainty
    that two times of one run do not share. `sensor`: its name, "" for a typed one.
    """

    value_Pa: float
    source: Source
    stderr_Pa: float | None = None
    own_stderr_Pa: float | None = None
    drift_Pa: float | None = None
    sensor: str = ""


def pressure_within(
    traces: Sequence[GaugeTrace], typed_Pa: float | None, since_s: float, until_s: float
) -> CellPressure | None:
    """Return the stack pressure between two times of a run (s): the measured one, else the typed one, else None.

    Of several gauges at the cell the surest one that was read then.
    """
    found = [
        measured
        for trace in traces
        if trace.pascal is not None and trace.place == "cell"
        if (measured := _measured(trace, trace.pascal, since_s, until_s)) is not None
    ]
    if found:
        return min(found, key=lambda one: one.stderr_Pa or 0.0)
    return None if typed_Pa is None else CellPressure(typed_Pa, "typed")


def _measured(trace: GaugeTrace, pascal: float, since_s: float, until_s: float) -> CellPressure | None:
    """Return what a gauge says of a time; None where it was not read near enough."""
    highest = max(map(abs, trace.values), default=0.0)
    course = course_within(trace, since_s, until_s, UNREAD_PART_PER_S * highest, jumps=True)
    if course is None:
        return None
    own_Pa, drift_Pa = pascal * course.own_stderr, pascal * course.drift
    return CellPressure(
        pascal * course.mean, "measured", pascal * course.stderr, own_Pa, drift_Pa, trace.name
    )


def in_words(found: CellPressure, typed: str = "") -> str:
    """Return a pressure as text for people: `74.3 +- 0.6 MPa (measured)`, `75 MPa (typed)`."""
    if found.stderr_Pa is None:
        return f"{typed or f'{found.value_Pa / MPA:.6g} MPa'} (typed)"
    stderr = found.stderr_Pa / MPA
    digits = 2 if stderr < 0.095 else 1 if stderr < 9.5 else 0
    return f"{found.value_Pa / MPA:.{digits}f} +- {stderr:.{digits}f} MPa (measured)"


def differ(one: CellPressure | None, other: CellPressure | None) -> bool:
    """Say whether two pressures are not the same, as far as is known of them."""
    if one is None or other is None:
        return one is not other
    sure_Pa = SURE * math.hypot(one.stderr_Pa or 0.0, other.stderr_Pa or 0.0)
    return abs(one.value_Pa - other.value_Pa) > max(sure_Pa, 1e-6 * abs(one.value_Pa))
