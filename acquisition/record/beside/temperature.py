"""The temperature of the cell over a time: measured by a sensor at the cell, or typed, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.acquisition.record.columns import Array

TYPED_STDERR_K = 1.0  # of a temperature that somebody typed
REACH_S, REACH_READINGS = 60.0, 3.0  # so far from a time a reading may be and still say something of it
UNREAD_K_PER_S = 3.0 / 3600.0  # so fast the temperature of a cell may change where nobody reads it

Source = Literal["measured", "typed"]


@dataclass(frozen=True, slots=True)
class CellTemperature:
    """A mean temperature (K) with its standard uncertainty.

    `drift_K`: the change from the beginning of the time to its end, None for a typed one. `own_stderr_K` is the part of
    the uncertainty that two times of one run do not share. `sensor`: its name, "" for a typed one.
    """

    value_K: float
    stderr_K: float
    own_stderr_K: float
    source: Source
    drift_K: float | None = None
    sensor: str = ""


def temperature_within(
    traces: Sequence[GaugeTrace], typed_K: float | None, since_s: float, until_s: float
) -> CellTemperature | None:
    """Return the cell's temperature between two times of a run (s): the measured one, else the typed one, else None.

    Of several sensors at the cell the surest one that was read then.
    """
    found = [
        measured
        for trace in traces
        if trace.is_temperature and trace.place == "cell"
        if (measured := _measured(trace, since_s, until_s)) is not None
    ]
    if found:
        return min(found, key=lambda one: one.stderr_K)
    if typed_K is None:
        return None
    return CellTemperature(typed_K, TYPED_STDERR_K, TYPED_STDERR_K, "typed")


def _measured(trace: GaugeTrace, since_s: float, until_s: float) -> CellTemperature | None:
    """Return what a sensor says of a time; None where it was not read near enough."""
    reach_s = max(REACH_S, REACH_READINGS * (trace.every_s or 0.0))
    times_s, values = np.array(trace.times_s), np.array(trace.values)
    near = (times_s >= since_s - reach_s) & (times_s <= until_s + reach_s)
    if not near.any():
        return None
    times_s, values = times_s[near], values[near]
    grid_s = np.union1d(times_s[(times_s > since_s) & (times_s < until_s)], [since_s, until_s])
    course = np.interp(grid_s, times_s, values)
    lasts_s = until_s - since_s
    area = float(np.sum(0.5 * (course[1:] + course[:-1]) * np.diff(grid_s)))
    mean = area / lasts_s if lasts_s > 0.0 else float(course[0])
    drift, scatter = _line(grid_s, course)
    holes = np.diff(np.concatenate(([since_s], times_s.clip(since_s, until_s), [until_s])))
    hole_s = float(holes.max(initial=0.0))
    unread = UNREAD_K_PER_S * hole_s / math.sqrt(12.0) if hole_s > reach_s else 0.0
    own = math.hypot(
        scatter / math.sqrt(len(times_s)), drift / math.sqrt(12.0), unread, trace.resolution / 4.0
    )
    return CellTemperature(mean, math.hypot(trace.stderr or 0.0, own), own, "measured", drift, trace.name)


def _line(times_s: Array, values: Array) -> tuple[float, float]:
    """Return the change along a straight line through a course, and the rms of what is left of it."""
    if len(times_s) < 3 or times_s[-1] == times_s[0]:
        return float(values[-1] - values[0]), 0.0
    slope, at_zero = np.polyfit(times_s - times_s[0], values, 1)
    rest = values - (slope * (times_s - times_s[0]) + at_zero)
    return float(slope * (times_s[-1] - times_s[0])), float(np.sqrt(np.mean(rest**2)))
