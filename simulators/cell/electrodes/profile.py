"""A factor that changes as an electrode fills, given at equal steps from empty to full."""

from collections.abc import Sequence


class Profile:
    """Straight lines between `factors`, the first of which is that at 0 and the last that at `full`; 1 without any."""

    def __init__(self, factors: Sequence[float], full: float) -> None:
        self._factors = tuple(factors)
        self._steps = (len(self._factors) - 1) / full if self._factors else 0.0

    def at(self, filled: float) -> float:
        """Return the factor at a filling; beyond the ends it stays what it is there."""
        factors = self._factors
        if not factors:
            return 1.0
        place = filled * self._steps
        if place <= 0.0:
            return factors[0]
        below = int(place)
        if below >= len(factors) - 1:
            return factors[-1]
        share = place - below
        return factors[below] * (1.0 - share) + factors[below + 1] * share
