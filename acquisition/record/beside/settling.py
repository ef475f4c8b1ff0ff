"""How far the resistance of a sample is from where it goes, by one spectrum after the other."""

from dataclasses import dataclass, field
from math import atan2, hypot, inf

from solbench.acquisition.record.bodies.measured import Point

LONGEST = 20.0  # so many times its last step a slow exponential may still have before it
STILL = 3e-4  # relative: two steps in turn below this are noise


@dataclass
class Settling:
    """Follows one resistance from spectrum to spectrum, at the frequency at which the first was the most resistive.

    Points of spectra that were measured again replace those before.
    """

    frequency_Hz: float = 0.0
    ohm: dict[int, float] = field(default_factory=dict)
    _first: int | None = None
    _phase: float = inf

    def add(self, point: Point) -> None:
        """Take one point of a spectrum of the plan."""
        if point.error or point.segment < 0:
            return
        if self._first is None:
            self._first = point.spectrum
        size_ohm = hypot(point.real_ohm, point.imaginary_ohm)
        if point.spectrum == self._first:
            phase = abs(atan2(point.imaginary_ohm, point.real_ohm))
            if phase > self._phase:
                return
            self._phase, self.frequency_Hz = phase, point.frequency_Hz
        elif point.frequency_Hz != self.frequency_Hz:
            return
        self.ohm[point.spectrum] = size_ohm

    @property
    def left(self) -> float | None:
        """Get by what part of itself the resistance has still to change; None before the third spectrum.

        The last three are taken for an exponential at equal times; where they are none, the last step counts.
        """
        values = list(self.ohm.values())[-3:]
        if len(values) < 3:
            return None
        before, step = values[1] - values[0], values[2] - values[1]
        if max(abs(before), abs(step)) <= STILL * values[2]:
            return 0.0
        ratio = step / before if before else inf
        more = min(ratio / (1.0 - ratio), LONGEST) if 0.0 < ratio < 1.0 else 1.0
        return abs(step) * more / values[2]
