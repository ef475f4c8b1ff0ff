"""DC polarization: a small voltage, the current over hours, range by range down to the smallest.

It starts on a range that takes the inrush (V/R_ion) and goes to a smaller one whenever the current fits; each
change switches the cell off for a moment and is marked, so that the seconds after it can be left out. The
double layer loses a little while the cell is off, and recharging it can trip the cut-out of a range that the
steady current would fit: then the larger range is taken again, for good.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from acquisition.actions import Action, Actions, Finish, Off, On, Remark
from acquisition.errors import Fault
from acquisition.impedance import read_zero
from acquisition.limits import Ending
from acquisition.station import Station
from acquisition.steady import SteadyState
from drivers.roles import Reading
from protocols.segments import Polarization

ZERO_READINGS = 40
AFTER_RANGE_CHANGE_S = 10.0
STEADY_FOR_S = 60.0  # the verdict shall not hang on the newest readings alone
HELD_V = 0.005  # further than this from the set voltage the cell is not held: the 1287 has cut out


def polarization(station: Station, segment: Polarization) -> Actions:
    """Zero of each range, baseline at 0 V, then the voltage until steady; the other sign after it if wanted."""
    yield from _zeros(station)
    baseline = _Phase(station, segment, "baseline", 0.0)
    yield from baseline.hold_for(segment.baseline_s)
    steady: list[bool] = []
    for sign in (1.0, -1.0) if segment.both_signs else (1.0,):
        name = "polarization" if sign > 0 else "polarization, other sign"
        phase = _Phase(station, segment, name, sign * segment.voltage_V, offset_A=baseline.late_mean_A())
        steady.append((yield from phase.hold_until_steady()))
    text = "steady state reached" if all(steady) else f"not steady after {segment.at_most_s:g} s"
    yield Finish(Ending("done", text, "steady", segment.slope_fraction, 1.0 if all(steady) else 0.0))


def _zeros(station: Station) -> Actions:
    """Read the zero of the ammeter on every range that may be used, with the cell off."""
    for range_index in station.pair.polarization_ranges:
        station.pair.prepare_polarization(0.0, range_index)
        yield from read_zero(station, ZERO_READINGS)


@dataclass
class _Phase:
    """One voltage held, beginning on the largest range."""

    station: Station
    segment: Polarization
    name: str
    voltage_V: float
    offset_A: float = 0.0
    _currents_A: list[float] = field(default_factory=list)
    _changed_s: float = 0.0

    def hold_for(self, duration_s: float) -> Actions:
        """Hold the voltage for a time."""
        for_s = self.station.now_s() + duration_s
        for action in self._readings(for_s):
            yield action
            if isinstance(action, Reading):
                self._currents_A.append(action.current_A)
        yield Off()

    def hold_until_steady(self) -> Generator[Action, None, bool]:
        """Hold the voltage until the current is steady, or the time is over; return whether it became steady."""
        segment = self.segment
        criterion = SteadyState(segment.slope_fraction, segment.slope_span_s, self.offset_A)
        steady_since_s: float | None = None
        for action in self._readings(self.station.now_s() + segment.at_most_s):
            yield action
            if isinstance(action, Remark):
                criterion.reset()
            if not isinstance(action, Reading) or action.time_s - self._changed_s < AFTER_RANGE_CHANGE_S:
                continue
            if not criterion.add(action.time_s, action.current_A):
                steady_since_s = None
            elif steady_since_s is None:
                steady_since_s = action.time_s
            elif action.time_s - steady_since_s >= STEADY_FOR_S:
                yield Off()
                return True
        yield Off()
        return False

    def late_mean_A(self) -> float:
        """Return the mean current (A) of the phase's second half."""
        late = self._currents_A[len(self._currents_A) // 2 :]
        return sum(late) / len(late) if late else 0.0

    def _readings(self, until_s: float) -> Actions:
        """Read as often as is stored, and as the cell must be watched, on the smallest range that holds."""
        station = self.station
        every_s = min(self.segment.record.every_s, station.watch.max_unwatched_s)
        ranges = list(station.pair.polarization_ranges)
        present = ranges.pop(0)
        yield Off()
        station.pair.prepare_polarization(self.voltage_V, present)
        yield from self._switched_on(present)
        yield Remark("phase", {"name": self.name, "voltage_V": self.voltage_V})
        while (start_s := station.now_s()) < until_s:
            reading = station.measure()
            yield reading
            if abs(reading.voltage_V - self.voltage_V) > HELD_V:
                self._require_step_back(present, reading)
                present = present - 1
                ranges.clear()
                yield from self._change_range(present)
            elif ranges and abs(reading.current_A) < 0.5 * station.pair.full_scale_of(ranges[0]):
                present = ranges.pop(0)
                yield from self._change_range(present)
            station.sleep_until(start_s + every_s)

    def _require_step_back(self, present: int, reading: Reading) -> None:
        """Raise Fault unless the cut-out can be blamed on the last change of range."""
        just_changed = reading.time_s - self._changed_s < AFTER_RANGE_CHANGE_S
        if not just_changed or present == self.station.pair.polarization_ranges[0]:
            raise Fault(
                f"the cell is at {reading.voltage_V:.4f} V instead of {self.voltage_V:g} V: the 1287 has cut out. Look "
                "for a short circuit, or a current beyond the range"
            )

    def _change_range(self, range_index: int) -> Actions:
        yield Off()
        self.station.pair.change_range(range_index)
        yield from self._switched_on(range_index)

    def _switched_on(self, range_index: int) -> Actions:
        yield On(0.0)
        self._changed_s = self.station.now_s()
        yield Remark("range", {"range": range_index})
