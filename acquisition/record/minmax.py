"""A min-max overview of a run of any length, so that a plot of the whole needs no million points."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BINS = 2048  # the overview has between half as many and as many


class Overview:
    """Groups samples into bins of equal number; when there are too many bins, pairs of them are joined."""

    def __init__(self) -> None:
        self._per_bin = 1
        self._low = np.empty((0, 2))
        self._high = np.empty((0, 2))
        self._start = np.empty(0)
        self._left = np.empty((0, 3))

    def add(self, time_s: Array, voltage_V: Array, current_A: Array) -> None:
        """Take a block of samples (equal shapes (n,))."""
        rows = np.concatenate([self._left, np.column_stack([time_s, voltage_V, current_A])])
        whole = len(rows) // self._per_bin * self._per_bin
        self._take(rows[:whole])
        self._left = rows[whole:]
        while len(self._start) > BINS:
            self._join()

    def columns(self) -> dict[str, tuple[Array, str]]:
        """Return name -> (values, unit); the newest, partial bin is among them."""
        start, low, high = self._start, self._low, self._high
        if len(self._left):
            start = np.append(start, self._left[0, 0])
            low = np.vstack([low, self._left[:, 1:].min(axis=0)])
            high = np.vstack([high, self._left[:, 1:].max(axis=0)])
        return {
            "test_time_second": (start, "s"),
            "voltage_min": (low[:, 0], "V"),
            "voltage_max": (high[:, 0], "V"),
            "current_min": (low[:, 1], "A"),
            "current_max": (high[:, 1], "A"),
        }

    def _take(self, rows: Array) -> None:
        bins = rows.reshape(-1, self._per_bin, 3)
        self._start = np.append(self._start, bins[:, 0, 0])
        self._low = np.vstack([self._low, bins[:, :, 1:].min(axis=1)])
        self._high = np.vstack([self._high, bins[:, :, 1:].max(axis=1)])

    def _join(self) -> None:
        """Double the size of the bins; an odd last one stays as it is."""
        even = len(self._start) // 2 * 2
        self._low = _paired(self._low, even, np.minimum)
        self._high = _paired(self._high, even, np.maximum)
        self._start = np.append(self._start[:even:2], self._start[even:])
        self._per_bin *= 2


def _paired(values: Array, even: int, join: Any) -> Array:
    return np.concatenate([join(values[:even:2], values[1:even:2]), values[even:]])
