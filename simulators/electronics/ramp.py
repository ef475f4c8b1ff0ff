"""A level that moves while the 1287 sweeps."""

from math import ceil
from typing import NamedTuple

_LARGEST_STEP_V = 0.5e-3
_FEWEST_STEPS = 500  # of a whole segment
_MOST_STEPS = 20_000


class Ramp(NamedTuple):
    """A level that moves linearly, in V or A of the 1287; before and after it stands still."""

    begin_s: float
    first: float
    last: float
    duration_s: float

    @property
    def moves(self) -> bool:
        """Say whether the level changes at all."""
        return self.first != self.last

    def at(self, time_s: float) -> float:
        """Get the level at `time_s`."""
        gone = (time_s - self.begin_s) / self.duration_s if self.duration_s > 0.0 else 1.0
        return self.first + (self.last - self.first) * min(1.0, max(0.0, gone))

    def steps(self, dt_s: float, is_voltage: bool) -> int:
        """Get in how many steps of a still level `dt_s` of the ramp are to be followed."""
        if not self.moves:
            return 1
        part = dt_s / self.duration_s if self.duration_s > 0.0 else 1.0
        wanted = part * _FEWEST_STEPS
        if is_voltage:
            wanted = max(wanted, part * abs(self.last - self.first) / _LARGEST_STEP_V)
        return max(1, min(_MOST_STEPS, ceil(wanted)))
