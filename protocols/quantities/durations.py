"""Durations and sizes as people read them."""

_HOUR_S = 3600.0
_DAY_S = 86400.0
_YEAR_S = 365.25 * _DAY_S


def format_duration(seconds: float) -> str:
    """Write a duration: "90 s", "45 min", "17.6 h", "20 000 h = 2.3 years"."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / 60:.0f} min"
    if seconds < 100 * _HOUR_S:
        return f"{seconds / _HOUR_S:.1f} h"
    hours = f"{seconds / _HOUR_S:,.0f}".replace(",", " ") + " h"
    if seconds < 2 * _YEAR_S:
        return f"{hours} = {seconds / _DAY_S:.0f} days"
    years = seconds / _YEAR_S
    return f"{hours} = " + f"{years:,.{1 if years < 100 else 0}f} years".replace(",", " ")


def format_size(size_bytes: float) -> str:
    """Write a file size: "340 kB", "2.4 MB", "1.2 GB"."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= scale:
            return f"{size_bytes / scale:.3g} {unit}"
    return f"{size_bytes:.0f} bytes"
