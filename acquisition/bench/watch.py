"""How closely a driven cell is watched."""

from dataclasses import dataclass


@dataclass
class Watch:
    """Longest times between readings: `max_unwatched_s` anywhere, `near_limit_s` within 50 mV of a limit."""

    max_unwatched_s: float = 2.0
    near_limit_s: float = 0.2
