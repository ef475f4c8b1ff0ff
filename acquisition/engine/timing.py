"""How regularly a segment was watched."""


class GapStatistics:
    """Longest time of a segment without a reading, in s, and how many planned readings are missing."""

    def __init__(self, every_s: float, max_unwatched_s: float) -> None:
        self._planned_s = min(every_s, max_unwatched_s)
        self._last_s: float | None = None
        self.worst_s = 0.0
        self.missed = 0

    def add(self, time_s: float) -> None:
        """Take the time of one reading, or of the end."""
        if self._last_s is not None:
            gap = time_s - self._last_s
            if gap > self.worst_s:
                self.worst_s = gap
            if gap > 1.5 * self._planned_s:
                self.missed += max(0, round(gap / self._planned_s) - 1)
        self._last_s = time_s
