"""What a gauge showed over a time of a run: its mean, how far that drifted, and how sure it is."""

import math
from dataclasses import dataclass

import numpy as np

from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.acquisition.record.columns import Array

REACH_S, REACH_READINGS = 60.0, 3.0  # so far from a time a reading may be and still say something of it


@dataclass(frozen=True, slots=True)
class Course:
    """A mean in the unit of a gauge with its standard uncertainty, and the change from the beginning to the end.

    `own_stderr` is the part of the uncertainty that two times of one run do not share.
    """

    mean: float
    stderr: float
    own_stderr: float
    drift: float


def course_within(
    trace: GaugeTrace, since_s: float, until_s: float, unread_per_s: float, *, jumps: bool = False
) -> Course | None:
    """Return what a gauge says of the time between two (s); None where it was not read near enough.

    `unread_per_s`: so fast what it shows may change where nobody reads it. `jumps`: just before or after the time it
    may have been another one, so that readings there count only where there are none within.
    """
    reach_s = max(REACH_S, REACH_READINGS * (trace.every_s or 0.0))
    times_s, values = np.array(trace.times_s), np.array(trace.values)
    near = (times_s >= since_s - reach_s) & (times_s <= until_s + reach_s)
    within = (times_s >= since_s) & (times_s <= until_s)
    if jumps and within.any():
        near = within
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
    unread = unread_per_s * hole_s / math.sqrt(12.0) if hole_s > reach_s else 0.0
    own = math.hypot(
        scatter / math.sqrt(len(times_s)), drift / math.sqrt(12.0), unread, trace.resolution / 4.0
    )
    return Course(mean, math.hypot(trace.stderr or 0.0, own), own, drift)


def _line(times_s: Array, values: Array) -> tuple[float, float]:
    """Return the change along a straight line through a course, and the rms of what is left of it."""
    if len(times_s) < 3 or times_s[-1] == times_s[0]:
        return float(values[-1] - values[0]), 0.0
    slope, at_zero = np.polyfit(times_s - times_s[0], values, 1)
    rest = values - (slope * (times_s - times_s[0]) + at_zero)
    return float(slope * (times_s[-1] - times_s[0])), float(np.sqrt(np.mean(rest**2)))
