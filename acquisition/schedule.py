"""When the next reading is due."""

from __future__ import annotations

from dataclasses import dataclass, field

NEAR_V = 0.05  # within this distance of a limit readings come at the short interval


@dataclass
class Watch:
    """Longest times between readings: `max_unwatched_s` anywhere, `near_limit_s` within 50 mV of a limit."""

    max_unwatched_s: float = 2.0
    near_limit_s: float = 0.2


@dataclass
class Slope:
    """The last readings' voltage slope in V/s, from the last three readings (parabola at its newest end)."""

    _points: list[tuple[float, float]] = field(default_factory=list)

    def add(self, time_s: float, voltage_V: float) -> None:
        """Take one reading."""
        self._points.append((time_s, voltage_V))
        if len(self._points) > 3:
            del self._points[0]

    def clear(self) -> None:
        """Forget everything, as after an edge."""
        self._points.clear()

    def at_end(self) -> float:
        """Return dV/dt (V/s) at the newest reading; 0 with fewer than two."""
        if len(self._points) < 2:
            return 0.0
        (t1, v1), (t2, v2) = self._points[-2:]
        last = (v2 - v1) / (t2 - t1)
        if len(self._points) < 3:
            return last
        t0, v0 = self._points[0]
        before = (v1 - v0) / (t1 - t0)
        return last + (last - before) * (t2 - t1) / (t2 - t0)

    def reaches_in_s(self, distance_V: float) -> float:
        """Return in how many seconds V - limit = `distance_V` comes to zero at the present slope."""
        slope = self.at_end()
        if distance_V * slope >= 0.0:
            return float("inf")
        return -distance_V / slope


@dataclass
class Schedule:
    """Chooses the start of the next reading.

    The earliest of: the storing interval, the predicted voltage change worth storing, the predicted cut-off
    and the longest unwatched time. A conversion takes `conversion_s`; where a cut-off is near, the reading is
    started so that it ends just after the predicted moment, or halfway there, whichever is later.
    """

    every_s: float
    voltage_change_V: float | None
    watch: Watch
    conversion_s: float
    slope: Slope = field(default_factory=Slope)

    def next_start_s(
        self, now_s: float, last_start_s: float, distances_V: list[float], stored_V: float
    ) -> float:
        """Return the experiment time (s) at which the next reading should start.

        `distances_V`: V - limit for every end condition and safety limit by voltage; `stored_V`: change of the
        voltage since the last stored reading.
        """
        near = any(abs(distance) < NEAR_V for distance in distances_V)
        due = last_start_s + min(
            self.every_s, self.watch.near_limit_s if near else self.watch.max_unwatched_s
        )
        if self.voltage_change_V is not None:
            slope = abs(self.slope.at_end())
            if slope > 0.0:
                due = min(due, now_s + max(self.voltage_change_V - abs(stored_V), 0.0) / slope)
        crossing = min((self.slope.reaches_in_s(distance) for distance in distances_V), default=float("inf"))
        if crossing < float("inf"):
            due = min(
                due, now_s + max(crossing - 1.5 * self.conversion_s, 0.5 * crossing - self.conversion_s)
            )
        return max(due, now_s)
