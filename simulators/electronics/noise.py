"""Gaussian noise whose whole state is one integer, so that a stored world continues with the same samples."""

from math import cos, log, pi, sin, sqrt

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_HALF = 1 << 32
_TO_UNIT = 2.0**-32
_TO_TURN = 2.0 * pi * 2.0**-32


def mix(value: int) -> int:
    """Scramble a 64-bit integer (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    value &= _MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
    return value ^ (value >> 31)


class Noise:
    """Pairs of independent standard normal numbers, each a function of seed, counter and stream alone."""

    __slots__ = ("_key", "counter")

    def __init__(self, seed: int, counter: int = 0) -> None:
        self._key = mix((seed + 1) * _GOLDEN)
        self.counter = counter

    def pair(self, stream: int) -> tuple[float, float]:
        """Draw the next two standard normal numbers of `stream` (0..15) and step the counter."""
        self.counter += 1
        return self.pair_at(self.counter, stream)

    def pair_at(self, counter: int, stream: int) -> tuple[float, float]:
        """Get the two standard normal numbers that belong to `counter` and `stream` (Box and Muller)."""
        # SplitMix64's finaliser written out: a call less on the path of every reading.
        value = self._key + ((counter << 4) + stream) * _GOLDEN & _MASK
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
        value ^= value >> 31
        radius = sqrt(-2.0 * log(((value >> 32) + 0.5) * _TO_UNIT))
        angle = (value % _HALF) * _TO_TURN
        return radius * cos(angle), radius * sin(angle)

    def uniform_at(self, counter: int, stream: int) -> float:
        """Get the number in -1..+1 that belongs to `counter` and `stream`."""
        return mix(self._key + ((counter << 4) + stream) * _GOLDEN) / float(1 << 63) - 1.0
