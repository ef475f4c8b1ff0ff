"""What is left of a sine on a DC when an amplifier saturates."""

from math import cos, pi, sqrt

_STEPS = 256


def clipped_fundamental(ac: complex, dc: float, limit: float) -> complex:
    """Get the fundamental of `dc` plus a sine of rms phasor `ac` after clipping at +-`limit`.

    All in the same unit. The first Fourier coefficient over one period; unclipped signals pass unchanged.
    """
    peak = sqrt(2.0) * abs(ac)
    if peak + abs(dc) <= limit or peak == 0.0:
        return ac
    total = 0.0
    for k in range(_STEPS):
        c = cos(2.0 * pi * (k + 0.5) / _STEPS)
        total += max(-limit, min(limit, dc + peak * c)) * c
    return ac * (2.0 * total / _STEPS / peak)
