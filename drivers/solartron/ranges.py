"""The current ranges of the 1287: standard resistors that drop 200 mV at full scale (1287 manual p. 39)."""

from dataclasses import dataclass

from solbench.drivers.errors import OutOfRange

FULL_SCALE_DROP_V = 0.2


@dataclass(frozen=True, slots=True)
class CurrentRange:
    """One range: `index` as `RR` takes it, the standard resistor in ohm, the full scale in A."""

    index: int
    resistor_ohm: float
    full_scale_A: float


# 1287 manual p. 39, section 6.5: RR1 0.1 ohm / 2 A to RR8 1 Mohm / 200 nA; RR0 (auto) is not for cells
RANGES = {
    index: CurrentRange(index, resistor_ohm, FULL_SCALE_DROP_V / resistor_ohm)
    for index, resistor_ohm in enumerate((0.1, 1.0, 10.0, 100.0, 1e3, 10e3, 100e3, 1e6), start=1)
}


def current_range(index: int) -> CurrentRange:
    """Return the range of this index (1 to 8); raises OutOfRange."""
    try:
        return RANGES[index]
    except KeyError:
        raise OutOfRange("range_index", index, "", "1 to 8 (0, auto range, is not for cells)") from None


def smallest_range(largest_A: float, headroom: float = 1.0) -> CurrentRange:
    """Return the smallest range whose full scale is at least `headroom` times `largest_A` (A, a magnitude).

    Raises OutOfRange when even 2 A are not enough, and for a negative or not finite current.
    """
    needed_A = largest_A * headroom
    fitting = [one for one in RANGES.values() if one.full_scale_A >= needed_A >= 0.0]
    if not fitting:
        raise OutOfRange("largest_A", largest_A, "A", f"0 to {RANGES[1].full_scale_A / headroom:g} A")
    return fitting[-1]
