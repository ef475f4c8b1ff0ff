"""The temperature of the cell over a time: measured by a sensor at the cell, or typed, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.record.beside.course import course_within
from solbench.acquisition.record.beside.gauges import GaugeTrace

TYPED_STDERR_K = 1.0  # of a temperature that somebody typed
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
    course = course_within(trace, since_s, until_s, UNREAD_K_PER_S)
    if course is None:
        return None
    return CellTemperature(
        course.mean, course.stderr, course.own_stderr, "measured", course.drift, trace.name
    )
