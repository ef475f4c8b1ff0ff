"""The current at a held voltage is held against a resistance that did not come from the ammeter.

An ammeter that is wrong by a power of ten from before a switching on agrees with itself, and at a held voltage nothing
else says which current flows. But a current that was set, or the analyzer, has shown the cell's resistance before, and
the first few millivolts of an approach show it again. What does not agree is believed, and in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, inf, log10, pi
from typing import NamedTuple

from solbench.acquisition.engine.doubtful import GROSS_OF_RANGE, Doubt, Moment
from solbench.drivers.roles import ImpedancePoint, Reading

LINEAR_V = 0.05  # a larger step shows another resistance than a small one
MOVED_V = 3e-3  # a smaller step is not told from what the cell does by itself, unless it drives much
FLOOR_OF_RANGE, MUCH_OF_RANGE = (
    1e-4,
    1e-2,
)  # changes of a current that is not told from noise, and of one that is large
UNSURE_V = 5e-4  # a step is known to so much
NEAR = 10.0**0.25  # so near a power of ten; kinetics and time make a fraction, another state anything
LOOKS = 2
NOT_SET = 0.5  # of the current set: what flows instead may be wrong by a power of ten
RESISTIVE = 0.3  # imaginary part over real part: such a frequency shows a resistance
SLOW_Hz = 0.03, 11.0  # what a step meets within seconds: below, diffusion is added; above, arcs are missing
MOST_TIMES = 50.0  # of an exponent: a current that has run out altogether
SAME_STATE = 0.02  # of the capacity: further on the cell may have another resistance
SOON_S = 3.0  # so long after a switching off the voltage still shows what the current dropped
EARLY_S = 5.0  # so long after it is connected a cell meets that resistance; later, that of what has run out


class _Known(NamedTuple):
    """A resistance (ohm), the net charge (C) at which it was seen, and the capacitance (F) in series that may be."""

    ohm: float
    charge_C: float
    least_F: float = inf

    def run_out(self, after_s: float) -> float:
        """Return by how many times the current of a step may have become smaller after a time (s)."""
        return exp(min(after_s / (self.ohm * self.least_F), MOST_TIMES))


class _Look(NamedTuple):
    """Times the known resistance, how far that may be wrong, and how many times a current may have run out."""

    times: float
    unsure: float
    run_out: float


class AmmeterScale:
    """Knows the newest resistance (ohm) of the cell, and looks at each approach to a held voltage.

    `capacity_C`: of the cell, None where it has none that could be used up.
    """

    def __init__(self, capacity_C: float | None) -> None:
        self._same_C = float("inf") if capacity_C is None else SAME_STATE * capacity_C
        self._known: _Known | None = None
        self._driven: Reading | None = None
        self._set: tuple[float, Moment] | None = None  # A, and since when
        self._until_s = self._off_C = 0.0
        self._first: tuple[Reading, Moment] | None = None
        self._seen: list[_Look] = []

    def stepped(self, moved_V: float, current_A: float, charge_C: float) -> None:
        """Take what a current (A) that was set moves (V)."""
        if current_A != 0.0 and MOVED_V <= abs(moved_V) <= LINEAR_V and moved_V * current_A > 0.0:
            self._known = _Known(moved_V / current_A, charge_C)

    def spectrum(self, points: Sequence[ImpedancePoint], charge_C: float) -> None:
        """Take a spectrum that reaches the resistance which a step meets within seconds.

        An arc that has only begun at its lowest frequency still looks like a small capacitor's reactance there, and
        may add many times that resistance within a second.
        """
        slow = [one for one in points if one.error == 0 and SLOW_Hz[0] <= one.frequency_Hz <= SLOW_Hz[1]]
        if not slow:
            return
        point = min(slow, key=lambda point: point.frequency_Hz)
        lowest = point.impedance_ohm
        if lowest.real > 0.0 and abs(lowest.imag) <= RESISTIVE * lowest.real:
            per_F = 2.0 * pi * point.frequency_Hz * abs(lowest.imag)
            self._known = _Known(lowest.real, charge_C, 1.0 / per_F if per_F > 0.0 else inf)

    def set_current(self, current_A: float, now: Moment) -> None:
        """Take a current (A) that is set now: it holds until the cell is switched off."""
        self._set = current_A, now
        self._until_s, self._off_C = now.time_s, 0.0

    def look(self, reading: Reading, full_scale_A: float, charge_C: float, *, held: bool) -> None:
        """Look at a reading of a driven cell, with the net charge (C); `held`: at a voltage, or at a set current."""
        if self._set is not None:
            self._driven = reading
            self._look_driven(reading, self._set[0], full_scale_A)
        elif held:
            self._look_held(reading, full_scale_A, charge_C)

    def _look_driven(self, reading: Reading, set_A: float, full_scale_A: float) -> None:
        """Count what another current than the one set may be wrong by; none at all is a lead that is off."""
        off_A = abs(reading.current_A - set_A)
        if off_A > NOT_SET * abs(set_A) and abs(reading.current_A) > GROSS_OF_RANGE * full_scale_A:
            self._off_C += off_A * max(reading.time_s - self._until_s, 0.0)
        self._until_s = reading.time_s

    def open(self, reading: Reading, charge_C: float) -> None:
        """Take a reading of a cell that nothing drives."""
        driven, self._driven = self._driven, None
        if driven is not None and reading.time_s - driven.time_s <= SOON_S:
            self.stepped(driven.voltage_V - reading.voltage_V, driven.current_A, charge_C)

    def _look_held(self, reading: Reading, full_scale_A: float, charge_C: float) -> None:
        if self._first is None:
            self._first = reading, Moment(reading.time_s, charge_C)
            return
        first, _ = self._first
        moved_V = abs(reading.voltage_V - first.voltage_V)
        flows_A = max(abs(reading.current_A - first.current_A), FLOOR_OF_RANGE * full_scale_A)
        tells = moved_V >= MOVED_V or flows_A >= MUCH_OF_RANGE * full_scale_A
        if self._known is None or len(self._seen) == LOOKS or not tells or moved_V > LINEAR_V:
            return
        if reading.time_s > first.time_s + EARLY_S:
            return
        known = self._known
        if abs(charge_C - known.charge_C) <= self._same_C:
            unsure, run_out = UNSURE_V / flows_A / known.ohm, known.run_out(reading.time_s - first.time_s)
            self._seen.append(_Look(moved_V / flows_A / known.ohm, unsure, run_out))

    def end(self, time_s: float, charge_C: float) -> Iterator[Doubt]:
        """Yield what is in doubt of a cell that was just switched off."""
        was_set, self._set = self._set, None
        if was_set is not None and self._off_C > 0.0:
            since = was_set[1]
            off_A = self._off_C / max(self._until_s - since.time_s, 1e-3)
            off_C = self._off_C + off_A * max(time_s - self._until_s, 0.0)
            yield Doubt("scale", since.time_s, time_s, since.charge_C, off_C)
        first, seen = self._first, self._seen
        self._first, self._seen = None, []
        if first is None or len(seen) < LOOKS:
            return
        power = 10.0 ** round(log10(max(seen[-1].times, 1e-9)))
        is_other = power != 1.0 and all(
            one.times + one.unsure >= power / NEAR and one.times - one.unsure <= power * NEAR for one in seen
        )
        has_run_out = power > 1.0 and all(one.run_out >= power / NEAR for one in seen)
        if is_other and not has_run_out:
            since = first[1]
            times = sum(one.times for one in seen) / LOOKS
            uncertainty_C = abs(charge_C - since.charge_C) * abs(times - 1.0)
            yield Doubt("scale", since.time_s, time_s, since.charge_C, uncertainty_C)
