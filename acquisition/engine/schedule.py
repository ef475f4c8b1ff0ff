"""When the next reading is due."""

import math
from collections import deque
from dataclasses import dataclass, field

from solbench.acquisition.bench.watch import Watch

JUST_BEHIND_V = 5e-4  # beyond the noise of a voltmeter that shows 0.1 mV, and of the prediction
POINTS = 5  # of a slope
STEADY_SHARE = 0.02  # so much of itself a current may change between two readings
EAGER = 0.1  # after a change of the voltage the current is read again after this part of the time since then
NEAR_V = 0.05  # within this distance of a limit readings come at the short interval


def even_interval_s(every_s: float, longest_s: float) -> float:
    """Return the longest interval up to `longest_s` (s) of which `every_s` (s) is a multiple, so that it is kept."""
    return every_s / math.ceil(every_s / longest_s - 1e-9) if every_s > longest_s else every_s


class Slope:
    """A straight line through the last five values, so that a meter's last digit does not steer it."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=POINTS)
        self._newest_V = 0.0
        self._slope_V_s = 0.0

    def add(self, time_s: float, voltage_V: float) -> None:
        """Take one reading."""
        points = self._points
        points.append((time_s, voltage_V))
        n = len(points)
        if n == POINTS:  # written out: this is done at every reading
            (t1, v1), (t2, v2), (t3, v3), (t4, v4), (t5, v5) = points
            mean_t, mean_v = (t1 + t2 + t3 + t4 + t5) / n, (v1 + v2 + v3 + v4 + v5) / n
            t1, t2, t3, t4, t5 = t1 - mean_t, t2 - mean_t, t3 - mean_t, t4 - mean_t, t5 - mean_t
            spread = t1 * t1 + t2 * t2 + t3 * t3 + t4 * t4 + t5 * t5
            covariance = (
                t1 * (v1 - mean_v)
                + t2 * (v2 - mean_v)
                + t3 * (v3 - mean_v)
                + t4 * (v4 - mean_v)
                + t5 * (v5 - mean_v)
            )
        else:
            mean_t = mean_v = spread = covariance = 0.0
            for t, v in points:
                mean_t += t
                mean_v += v
            mean_t /= n
            mean_v /= n
            for t, v in points:
                spread += (t - mean_t) * (t - mean_t)
                covariance += (t - mean_t) * (v - mean_v)
        self._slope_V_s = covariance / spread if spread > 0.0 else 0.0
        self._newest_V = mean_v + self._slope_V_s * (time_s - mean_t) - voltage_V

    def at_end(self) -> float:
        """Return dV/dt in V/s (of a current dI/dt in A/s); 0 with fewer than two readings."""
        return self._slope_V_s

    @property
    def newest(self) -> float:
        """Get the newest value; 0 before there is one."""
        return self._points[-1][1] if self._points else 0.0

    def reached_s(self, *distances_V: float) -> float:
        """Return when the first V - limit, of these at the newest reading, comes to zero along the line (inf: none)."""
        slope, newest_V = self._slope_V_s, self._newest_V
        first_s = math.inf
        for distance_V in distances_V:
            off_V = distance_V + newest_V
            if off_V * slope < 0.0 and (reached_s := self._points[-1][0] - off_V / slope) < first_s:
                first_s = reached_s
        return first_s


@dataclass
class Schedule:
    """Chooses the start of the next reading.

    The earliest of: the storing interval, the predicted voltage change worth storing, the predicted cut-off
    and the longest unwatched time. A conversion takes `conversion_s` and shows the middle of its window; a
    whole reading takes `cycle_s`, as the last one did. Near a cut-off the readings are spread so that the
    middle of one of them lies just behind the predicted moment. With a held voltage, set at `changed_s` (s; None: none
    is), readings come the more often the shorter ago that was and the faster the current changes (`current`), so that
    the charge of a transient is counted; changes below `least_A` (A) are none.
    """

    every_s: float
    voltage_change_V: float | None
    watch: Watch
    conversion_s: float
    cycle_s: float = 0.0
    changed_s: float | None = None
    least_A: float = 0.0
    slope: Slope = field(default_factory=Slope)
    current: Slope = field(default_factory=Slope)

    def next_start_s(
        self, now_s: float, last_start_s: float, distances_V: list[float], stored_V: float
    ) -> float:
        """Return the experiment time (s) at which the next reading should start.

        `distances_V`: V - limit for every end condition and safety limit by voltage; `stored_V`: change of the
        voltage since the last stored reading.
        """
        near = False
        for distance_V in distances_V:
            near = near or -NEAR_V < distance_V < NEAR_V
        crossing_s = self.slope.reached_s(*distances_V)
        longest_s, interval_s = self.watch.near_limit_s if near else self.watch.max_unwatched_s, self.every_s
        if interval_s > longest_s:
            interval_s = even_interval_s(interval_s, longest_s)
        due_s = last_start_s + interval_s
        if due_s < now_s:
            due_s = now_s
        if self.changed_s is not None:
            due_s = min(due_s, now_s + EAGER * (now_s - self.changed_s), now_s + self._steady_s())
        if self.voltage_change_V is not None:
            slope = abs(self.slope.at_end())
            if slope > 0.0:
                due_s = min(due_s, now_s + max(self.voltage_change_V - abs(stored_V), 0.0) / slope)
        if crossing_s < math.inf:
            just_behind_s = JUST_BEHIND_V / abs(self.slope.at_end())
            due_s = self._in_view_of(crossing_s + just_behind_s - 0.5 * self.conversion_s, due_s, now_s, near)
        return due_s if due_s > now_s else now_s

    def _steady_s(self) -> float:
        """Return for how long the current is nearly what it is, s."""
        change_A_s = abs(self.current.at_end())
        worth_A = max(STEADY_SHARE * abs(self.current.newest), self.least_A)
        return worth_A / change_A_s if change_A_s > 0.0 else math.inf

    def _in_view_of(self, deciding_s: float, due_s: float, now_s: float, near: bool) -> float:
        """Return when to start a reading if the deciding one should start at `deciding_s` (s)."""
        if not near or deciding_s <= due_s:
            return min(due_s, max(deciding_s, now_s) if near else now_s + 0.5 * max(deciding_s - now_s, 0.0))
        interval_s = max(self.cycle_s, self.watch.near_limit_s, 1e-3)
        between = int((deciding_s - due_s) / interval_s)
        slack_s = deciding_s - due_s - between * interval_s
        return due_s + slack_s / (between + 1)
