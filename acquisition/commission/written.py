"""Measured values as people write them."""

import math

from solbench.acquisition.bench.commissioning.record import Measured

_SCALES = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "\u00b5"),
    (1e-9, "n"),
    (1e-12, "p"),
)
_PLAIN = ("", "bytes/s")  # units that take no prefix


def in_unit(one: Measured, unit: str) -> str:
    """Return a value with its standard uncertainty, in a unit with a prefix.

    >>> in_unit(Measured(value=4.52e-8, stderr=1.1e-9), "s")
    '45.2 \u00b1 1.1 ns'
    >>> in_unit(Measured(value=1747.2, stderr=131.0), "bytes/s"), in_unit(Measured(value=2e-9, stderr=1e-6), "A")
    ('1747 \u00b1 131 bytes/s', '0.0 \u00b1 1.0 \u00b5A')
    """
    size = max(abs(one.value), one.stderr)
    scales = [(1.0, "")] if unit in _PLAIN or not size else _SCALES
    factor, prefix = next(((f, p) for f, p in scales if size >= f), scales[-1])
    if not one.stderr:
        return f"{one.value / factor:.4g} {prefix}{unit}".strip()
    scaled = one.stderr / factor
    places = max(1 - math.floor(math.log10(scaled)), 0)
    return f"{one.value / factor:.{places}f} \u00b1 {scaled:.{places}f} {prefix}{unit}".strip()
