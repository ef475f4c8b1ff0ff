"""The points of a spectrum, one after the other: each until it has settled, and again where it does not fit the others.

What is measured in place of another measurement is told apart from it: both are in the journal, and one of them is the
point of the spectrum.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from solbench.acquisition.engine.actions import Action, Emit
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.quality import (
    HOPELESS_RESIDUAL,
    first_residual,
    points_off,
)
from solbench.acquisition.record.bodies.measured import SetAside, WhySetAside
from solbench.drivers.roles import Analyzer, ImpedancePoint
from solbench.protocols.kinds.impedance import MOST_MEASUREMENTS, MOST_REPEATED
from solbench.protocols.segments import Sweep

Points = list[ImpedancePoint]
Measuring = Generator[Action, float | None, ImpedancePoint]


def _nothing(*_given: object) -> None:
    """Do nothing."""


def _no_reading() -> Generator[Action, float | None, None]:
    """Read nothing between two points."""
    yield from ()


def sweep_points(
    station: Station,
    segment: Sweep,
    analyzer: Analyzer,
    *,
    before: Callable[[Sequence[ImpedancePoint], int], None] = _nothing,
    judge: Callable[[ImpedancePoint], None] = _nothing,
    after: Callable[[], Generator[Action, float | None, None]] = _no_reading,
) -> Generator[Action, float | None, tuple[Points, ImpedancePoint]]:
    """Measure from the first to the last frequency; return the points of the spectrum, and what was measured last.

    `before` each measurement gets the points so far and the place of the next, `judge` sees a point before it is
    stored, and `after` reads the cell. A sweep whose first points are of no use is left off.
    """
    points: Points = []

    def measured(place: int) -> Measuring:
        before(points, place)
        point = yield from _until_it_repeats(station, segment, analyzer, place)
        judge(point)
        return point

    for place in range(len(segment.frequencies_Hz)):
        points.append((yield from measured(place)))
        yield _in_the_run(station, points[-1])
        yield from after()
        if first_residual(points) > HOPELESS_RESIDUAL:
            return points, points[-1]
    last = points[-1]
    above = segment.repeat_points_above
    for _ in range(segment.repeats if above is not None else 0):
        off = points_off(points, above or 0.0)
        if len(off) > MOST_REPEATED * len(points):
            break
        for place, deviation in off.items():
            last = again = yield from measured(place)
            yield from _better(station, segment, points, place, again, deviation)
            yield from after()
    return points, last


def _until_it_repeats(station: Station, segment: Sweep, analyzer: Analyzer, place: int) -> Measuring:
    """Measure a point; where the sweep asks for that, until two measurements in turn agree, the sine on meanwhile."""
    frequency_Hz, within = segment.frequencies_Hz[place], segment.settled_within
    integration_s, settling_s = segment.timing(place)
    point = analyzer.measure_impedance(frequency_Hz, integration_s, settling_s)
    if within is None:
        return point
    for _ in range(MOST_MEASUREMENTS - 1):
        again = analyzer.measure_impedance(frequency_Hz, integration_s)
        change = abs(again.impedance_ohm - point.impedance_ohm)
        agrees = change <= within * abs(again.impedance_ohm) and not (point.error or again.error)
        again = replace(again, attempts=point.attempts + again.attempts, settling_s=settling_s)
        if agrees:
            return again
        yield _set_aside(station, segment, point, "unsettled", change / abs(again.impedance_ohm or 1.0))
        point = again
    return replace(point, settled=False)


def _better(
    station: Station,
    segment: Sweep,
    points: Points,
    place: int,
    again: ImpedancePoint,
    deviation: float,
) -> Generator[Action, float | None, None]:
    """Put a point that was measured again in its place, where it fits the others better than the one that is there."""
    old = points[place]
    points[place] = again
    now = points_off(points, 0.0, place).get(place, float("inf"))
    if now < deviation:
        yield _set_aside(station, segment, old, "kk_residual", deviation)
        yield _in_the_run(station, again)
    else:
        points[place] = old
        yield _set_aside(station, segment, again, "kk_residual", now)


def _in_the_run(station: Station, point: ImpedancePoint) -> ImpedancePoint:
    """Return a point in the run's time."""
    return replace(point, time_s=point.time_s - station.offset_s)


def _set_aside(
    station: Station, segment: Sweep, point: ImpedancePoint, why: WhySetAside, deviation: float
) -> Emit:
    return Emit(
        SetAside(
            spectrum=segment.spectrum,
            why=why,
            measured_s=point.time_s - station.offset_s,
            frequency_Hz=point.frequency_Hz,
            real_ohm=point.impedance_ohm.real,
            imaginary_ohm=point.impedance_ohm.imag,
            error=point.error,
            deviation=deviation if deviation < float("inf") else None,
        )
    )
