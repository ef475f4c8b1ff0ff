"""Current ranges as standard resistors, and those of the 1287, which drop 200 mV at full scale (1287 manual p. 39)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solbench.drivers.errors import OutOfRange

FULL_SCALE_DROP_V = 0.2


@dataclass(frozen=True, slots=True)
class CurrentRange:
    """One range: `index` counted from 1 as the instrument does, the standard resistor in ohm, the full scale in A."""

    index: int
    resistor_ohm: float
    full_scale_A: float


class RangeTable:
    """The ranges of an instrument, from the largest current to the smallest.

    `resistors_ohm`: what a volt at the current output stands for, each with `full_scale_drop_V` at full scale.
    """

    def __init__(self, resistors_ohm: Sequence[float], full_scale_drop_V: float) -> None:
        self.full_scale_drop_V = full_scale_drop_V
        self.by_index: Mapping[int, CurrentRange] = {
            index: CurrentRange(index, resistor_ohm, full_scale_drop_V / resistor_ohm)
            for index, resistor_ohm in enumerate(resistors_ohm, start=1)
        }

    def of_index(self, index: int) -> CurrentRange:
        """Return the range of this index, from 1; raises OutOfRange."""
        try:
            return self.by_index[index]
        except KeyError:
            allowed = f"1 to {len(self.by_index)} (auto range is not for cells)"
            raise OutOfRange("range_index", index, "", allowed) from None

    def smallest(self, largest_A: float, headroom: float = 1.0) -> CurrentRange:
        """Return the smallest range whose full scale is at least `headroom` times `largest_A` (A, a magnitude).

        Raises OutOfRange when even the largest is not enough, and for a negative or not finite current.
        """
        needed_A = largest_A * headroom
        fitting = [one for one in self.by_index.values() if one.full_scale_A >= needed_A >= 0.0]
        if not fitting:
            highest_A = self.by_index[1].full_scale_A / headroom
            raise OutOfRange("largest_A", largest_A, "A", f"0 to {highest_A:g} A")
        return fitting[-1]


# 1287 manual p. 39, section 6.5: RR1 0.1 ohm / 2 A to RR8 1 Mohm / 200 nA; RR0 (auto) is not for cells
RANGES_1287 = RangeTable((0.1, 1.0, 10.0, 100.0, 1e3, 10e3, 100e3, 1e6), FULL_SCALE_DROP_V)
RANGES = RANGES_1287.by_index


def current_range(index: int) -> CurrentRange:
    """Return the range of the 1287 of this index (1 to 8); raises OutOfRange."""
    return RANGES_1287.of_index(index)


def smallest_range(largest_A: float, headroom: float = 1.0) -> CurrentRange:
    """Return the smallest range of the 1287 for `headroom` times `largest_A` (A, a magnitude); raises OutOfRange."""
    return RANGES_1287.smallest(largest_A, headroom)
