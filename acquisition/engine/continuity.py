"""Whether the first reading at rest behind a switching is of the cell that was there before it.

A switching explains that a voltage is another one, so that no reading before it lets expect the next. What a cell
cannot do is known all the same: one that has only rested shows what it showed, and goes on as it went; one that was
driven comes back against the current, and not to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign

from solbench.drivers.roles import Reading

# At rest no cell's voltage moves by so much more than it did before. Not less: a relaxation goes on as 1/t, so that a
# cell that is steady at 1 mV/min after ten minutes comes 40 mV further in ten hours.
JUMP_V, JUMP_TIMES = 0.05, 10.0
FAR_V = 0.06  # more than one step towards a voltage
TURNED_OF_RANGE = 5e-3
NOTHING_V = 5e-3  # so much shows a voltmeter whose lead hangs in the air, or a cell that is short-circuited
FLOWS_OF_RANGE = 5e-4


def _unknown() -> float | None:
    return None


def loose(was_V: float, is_V: float) -> str:
    """Return what to do about a voltage (V) at rest that has become another one."""
    return (
        f"look for a loose lead or a short circuit: the voltage of the cell at rest went from {was_V:.4f} V to "
        f"{is_V:.4f} V at once"
    )


@dataclass(frozen=True, slots=True)
class Last:
    """What was read last before a switching: whether driven, how fast it moved (V/s), three times its noise (V)."""

    reading: Reading
    driven: bool
    slope_V_s: float
    noise_V: float


@dataclass
class Continuity:
    """Follows a cell across switchings.

    `open_V` is the voltage (V) that the cell had when it was last read at rest, None if it was driven since.
    """

    open_V: Callable[[], float | None] = _unknown
    _last: Last | None = None
    _rested_V: float = 0.0
    _told_V: float | None = None

    def leave(self, last: Last) -> None:
        """Take what was read last before a switching."""
        self._last = last
        if not last.driven:
            self._rested_V = last.reading.voltage_V

    def is_far_from_last(self, found: Reading, full_scale_A: float) -> bool:
        """Say whether a voltage is far from that before the switching, or a current the other way round.

        A cell that is driven hard moves so; so does one whose sign was read wrongly.
        """
        if self._last is None:
            return False
        last = self._last.reading
        flows_A = min(abs(found.current_A), abs(last.current_A))
        is_turned = found.current_A * last.current_A < 0.0 and flows_A > TURNED_OF_RANGE * full_scale_A
        return is_turned or abs(found.voltage_V - last.voltage_V) > FAR_V

    def broken_by(self, found: Reading, full_scale_A: float) -> str:
        """Return what to do where this first reading at rest is of no cell that was there before, "" where it is.

        What was told once is so: only a user lets a run continue after it.
        """
        told_V, self._told_V = self._told_V, None
        if told_V is not None and abs(found.voltage_V - told_V) <= JUMP_V:
            return ""
        rested_V, last = self.open_V(), self._last
        if rested_V is not None:
            was_V, is_broken = rested_V, abs(found.voltage_V - rested_V) > JUMP_V + self._moved_V(found)
        elif last is not None and last.driven:
            was_V, is_broken = last.reading.voltage_V, self._goes_astray(found, last.reading, full_scale_A)
        else:
            return ""
        if not is_broken:
            return ""
        self._told_V = found.voltage_V
        return loose(was_V, found.voltage_V)

    def _moved_V(self, found: Reading) -> float:
        """Return how far a cell that was left relaxing may have come."""
        last = self._last
        if last is None or last.driven:
            return 0.0
        return JUMP_TIMES * (abs(last.slope_V_s) * abs(found.time_s - last.reading.time_s) + last.noise_V)

    def _goes_astray(self, found: Reading, driven: Reading, full_scale_A: float) -> bool:
        """Say whether a cell that was driven goes on with the current, or to nothing from far away."""
        flowed = abs(driven.current_A) > FLOWS_OF_RANGE * full_scale_A
        towards = copysign(1.0, driven.current_A) if flowed else 0.0
        was_far = min(abs(driven.voltage_V), abs(self._rested_V)) > JUMP_V
        onward_V = towards * (found.voltage_V - driven.voltage_V)
        return onward_V > JUMP_V or (was_far and abs(found.voltage_V) <= NOTHING_V)
