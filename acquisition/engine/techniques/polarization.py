"""DC polarization: a small voltage, the current over hours, range by range down to the smallest.

It starts on a range that takes the inrush (V/R_ion) and goes to a smaller one whenever the current fits; each
change switches the cell off for a moment and is marked, so that the seconds after it can be left out. The
double layer loses a little while the cell is off, and recharging it can trip the cut-out of a range that the
steady current would fit: then the larger ranges are taken again, until the current has become smaller still.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from solbench.acquisition.engine.actions import Action, Actions, Emit, Finish, Off, On, Polarized
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.schedule import EAGER, even_interval_s
from solbench.acquisition.engine.set_points import not_held
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.probes import read_zero
from solbench.acquisition.engine.techniques.steady import SteadyState
from solbench.acquisition.record.bodies.measured import AFTER_RANGE_CHANGE_S
from solbench.acquisition.record.events import Phase, RangeChange
from solbench.drivers.roles import PolarizationBench, Reading
from solbench.protocols.segments import Polarization

ZERO_READINGS = 40
FIRST_READINGS = 5  # of a phase, after which it is known whether the electrodes block
LEFT_READINGS = 20  # the current at the end is their mean
STEADY_FOR_S = 60.0  # the verdict shall not hang on the newest readings alone
LACKS_INRUSH = "its charge lacks the inrush, which is over before a reading shows it"
INRUSH_ROOM = 1.5  # the resistance is that of a record, and of another temperature
HELD_V, HELD_SHARE = (
    1e-3,
    2e-3,
)  # further from the set voltage, and part of it, the cell is not held: it was cut out
FLOWS = 1e-4  # of the range: a current that flowed since the range was changed, so that the change did not trip it


def polarization(station: Station, segment: Polarization) -> Actions:
    """Zero of each range, baseline at 0 V, then the voltage until steady; the other sign after it if requested."""
    yield from _zeros(station, segment)
    baseline = _Phase(station, segment, "baseline", 0.0)
    yield from baseline.hold_for(segment.baseline_s)
    steady: list[bool] = []
    for sign in (1.0, -1.0) if segment.both_signs else (1.0,):
        name = "polarization" if sign > 0 else "polarization, other sign"
        phase = _Phase(
            station,
            segment,
            name,
            station.settable(sign * segment.voltage_V),
            baseline.late_mean_A(),
            baseline.mean_V(),
        )
        steady.append((yield from phase.hold_until_steady()))
    text = "steady state reached" if all(steady) else f"not steady after {segment.at_most_s:g} s"
    yield Finish(
        Ending(
            "done", f"{text}; {LACKS_INRUSH}", "steady", segment.slope_fraction, 1.0 if all(steady) else 0.0
        )
    )


def _zeros(station: Station, segment: Polarization) -> Actions:
    """Read the zero of the ammeter on every range that may be used, with the cell off."""
    for range_index in ladder_for(station.polarization, segment.inrush_A).left:
        station.polarization.prepare_polarization(0.0, range_index)
        yield from read_zero(station, ZERO_READINGS)


class RangeLadder:
    """Which range to measure on: down when the current fits, back up when the range has cut out.

    A range that cut out is tried again only when the current has fallen to half of what it was then. On the way
    back up an empty double layer may trip the next larger ranges too; those are not to blame. It begins at `place`;
    what is larger is taken after a cut-out only.
    """

    def __init__(self, ranges: Sequence[int], full_scale_of: Callable[[int], float], place: int = 0) -> None:
        self._ranges = tuple(ranges)
        self._full_scale_of = full_scale_of
        self._place = place
        self._stepped_down_at_A = math.inf
        self._coming_back = False
        self._failed_at_A: dict[int, float] = {}

    @property
    def present(self) -> int:
        """Get the range to measure on now."""
        return self._ranges[self._place]

    @property
    def left(self) -> tuple[int, ...]:
        """Get the present range and all smaller ones."""
        return self._ranges[self._place :]

    def step_down(self, current_A: float, since_change_s: float) -> bool:
        """Go to the next smaller range if a current (A) fits it; after a cut-out only once the cell has settled."""
        if self._place + 1 == len(self._ranges) or (
            self._coming_back and since_change_s < AFTER_RANGE_CHANGE_S
        ):
            return False
        smaller = self._ranges[self._place + 1]
        fits_A = 0.5 * min(self._full_scale_of(smaller), self._failed_at_A.get(smaller, math.inf))
        if current_A >= fits_A:
            return False
        self._place += 1
        self._stepped_down_at_A = current_A
        self._coming_back = False
        return True

    def step_back(self) -> bool:
        """Go to the next larger range after a cut-out; False if there is none."""
        if not self._coming_back:
            self._failed_at_A[self.present] = self._stepped_down_at_A
        self._coming_back = True
        self._place -= 1
        return self._place >= 0


def ladder_for(bench: PolarizationBench, inrush_A: float) -> RangeLadder:
    """Return the ranges of a polarization, with a larger one above them for an inrush (A) that would trip them."""
    ranges = bench.polarization_ranges
    above = bench.probe_range_index
    if bench.full_scale_of(above) <= bench.full_scale_of(ranges[0]):
        return RangeLadder(ranges, bench.full_scale_of)
    fits = bench.full_scale_of(ranges[0]) >= INRUSH_ROOM * inrush_A
    return RangeLadder((above, *ranges), bench.full_scale_of, place=1 if fits else 0)


@dataclass
class _Phase:
    """One voltage held, beginning on the largest range."""

    station: Station
    segment: Polarization
    name: str
    voltage_V: float
    offset_A: float = 0.0
    offset_V: float = 0.0
    _voltages_V: list[float] = field(default_factory=list)
    _currents_A: list[float] = field(default_factory=list)
    _changed_s: float = 0.0
    _flowed: bool = False

    def hold_for(self, duration_s: float) -> Actions:
        """Hold the voltage for a time."""
        for_s = self.station.now_s() + duration_s
        for action in self._readings(for_s):
            yield action
            if isinstance(action, Reading):
                self._currents_A.append(action.current_A)
                self._voltages_V.append(action.voltage_V)
        yield Off()

    def hold_until_steady(self) -> Generator[Action, float | None, bool]:
        """Hold the voltage until the current is steady, or the time is over; return whether it became steady."""
        segment = self.segment
        criterion = SteadyState(segment.slope_fraction, segment.slope_span_s, self.offset_A)
        steady_since_s: float | None = None
        for action in self._readings(self.station.now_s() + segment.at_most_s):
            yield action
            if isinstance(action, Emit):
                criterion.reset()
            if not isinstance(action, Reading) or action.time_s - self._changed_s < AFTER_RANGE_CHANGE_S:
                continue
            self._currents_A.append(action.current_A)
            if len(self._currents_A) == FIRST_READINGS:
                yield Polarized(self.voltage_V, self._left_A(), is_over=False)
            if not criterion.add(action.time_s, action.current_A):
                steady_since_s = None
            elif steady_since_s is None:
                steady_since_s = action.time_s
            elif action.time_s - steady_since_s >= STEADY_FOR_S:
                yield Off()
                yield Polarized(self.voltage_V, self._left_A(), is_over=True)
                return True
        yield Off()
        yield Polarized(self.voltage_V, self._left_A(), is_over=True)
        return False

    def mean_V(self) -> float:
        """Return the mean voltage (V) of the phase."""
        return sum(self._voltages_V) / len(self._voltages_V) if self._voltages_V else 0.0

    def late_mean_A(self) -> float:
        """Return the mean current (A) of the phase's second half."""
        late = self._currents_A[len(self._currents_A) // 2 :]
        return sum(late) / len(late) if late else 0.0

    def _left_A(self) -> float:
        """Return the mean current (A) of the newest readings, without that of the baseline."""
        newest = self._currents_A[-LEFT_READINGS:]
        return sum(newest) / len(newest) - self.offset_A if newest else 0.0

    def _readings(self, until_s: float) -> Actions:
        """Read as often as is stored, and as the cell must be watched, on the smallest range that holds."""
        station = self.station
        every_s = even_interval_s(self.segment.record.every_s, station.watch.max_unwatched_s)
        ladder = ladder_for(station.polarization, self.segment.inrush_A)
        yield Off()
        station.polarization.prepare_polarization(self.voltage_V, ladder.present)
        yield from self._switched_on(ladder.present)
        yield Emit(Phase(name=self.name, voltage_V=self.voltage_V))
        is_last = False
        while not is_last:
            start_s = station.now_s()
            is_last = start_s >= until_s  # what the time ends is read once more
            reading = station.measure()
            if "current" in reading.overload and not self._flowed and ladder.step_back():
                yield from self._change_range(ladder.present)  # an ammeter that limits where others cut out
                continue
            yield reading
            since_change_s = reading.time_s - self._changed_s
            if self._is_off(reading):
                if self._flowed or not ladder.step_back():
                    raise not_held(reading, self.voltage_V)
                yield from self._change_range(ladder.present)
            elif ladder.step_down(abs(reading.current_A), since_change_s):
                yield from self._change_range(ladder.present)
            else:
                self._flowed |= abs(reading.current_A) > FLOWS * station.bench.full_scale_A
            since_change_s = station.now_s() - self._changed_s
            station.sleep_until(min(start_s + min(every_s, EAGER * since_change_s), max(until_s, start_s)))

    def _is_off(self, reading: Reading) -> bool:
        """Say whether the voltage is further from the set one than in the baseline, where no double layer holds it."""
        off_V = abs(reading.voltage_V - self.voltage_V - self.offset_V)
        return off_V > HELD_V + HELD_SHARE * abs(self.voltage_V)

    def _change_range(self, range_index: int) -> Actions:
        yield Off()
        self.station.polarization.change_range(range_index)
        yield from self._switched_on(range_index)

    def _switched_on(self, range_index: int) -> Actions:
        yield On(0.0)
        self._changed_s = self.station.now_s()
        self._flowed = False
        yield Emit(RangeChange(range=range_index))
