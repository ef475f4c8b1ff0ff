"""A trace of any length, drawn at a cost that does not grow: a pyramid of minima and maxima.

Several columns (voltage, current, charge) share the times. What is drawn keeps every extreme of every pixel
column, and the newest sample is always among it. Works for uneven times: a second of fast samples at the end of
a slow year is drawn as well as the year.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
FACTOR = 4  # blocks of one level that make one of the next
FIRST_FACTOR = 16  # samples that make a block of the first level: four times less memory, hardly slower
_FIRST = 4096


class Trace:
    """Samples in the order of their times, with `columns` values each."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._n = 0
        self._x = np.empty(_FIRST, np.float64)
        self._y = [np.empty(_FIRST, np.float32) for _ in range(columns)]
        self._levels: list[_Level] = []

    def __len__(self) -> int:
        return self._n

    @property
    def x(self) -> Array:
        """Get all times."""
        return self._x[: self._n]

    def y(self, column: int) -> Array:
        """Return all values of one column."""
        return self._y[column][: self._n]

    def append(self, x: Array, *columns: Array) -> None:
        """Take samples (equal lengths); times before the newest one are moved to it, so that they stay in order."""
        if len(x) == 0:
            return
        start, end = self._n, self._n + len(x)
        self._make_room(end)
        self._x[start:end] = np.maximum.accumulate(x)
        if start:
            np.maximum(self._x[start:end], self._x[start - 1], out=self._x[start:end])
        for kept, values in zip(self._y, columns, strict=True):
            kept[start:end] = values
        self._n = end
        self._build_levels()

    def view(self, column: int, x_from: float, x_to: float, pixels: int) -> tuple[Array, Array]:
        """Return points to draw for one column between two times on `pixels` columns of the screen.

        One sample on either side is included, so that the line reaches the edges; the newest sample of all is
        included when it lies in view. At most two points a pixel column.
        """
        n = self._n
        if n == 0:
            return self._x[:0], self._y[column][:0]
        first = max(int(np.searchsorted(self.x, x_from, "left")) - 1, 0)
        last = min(int(np.searchsorted(self.x, x_to, "right")) + 1, n)
        if last - first <= 2 * pixels:
            return self._x[first:last], self._y[column][first:last]
        width = max((x_to - x_from) / max(pixels, 1), 1e-12)
        return self._thinned(column, first, last, x_from, width)

    def extremes(self, column: int, x_from: float, x_to: float) -> tuple[float, float] | None:
        """Return minimum and maximum of a column between two times, None where there is no sample."""
        first = int(np.searchsorted(self.x, x_from, "left"))
        last = int(np.searchsorted(self.x, x_to, "right"))
        if first >= last:
            return None
        low, high = np.inf, -np.inf
        for level, start, end in self._cover(first, last, len(self._levels)):
            lows, highs = self._values(level, column)
            low = min(low, float(lows[start:end].min()))
            high = max(high, float(highs[start:end].max()))
        return low, high

    def _thinned(
        self, column: int, first: int, last: int, x_from: float, width: float
    ) -> tuple[Array, Array]:
        parts: list[tuple[Array, Array, Array, Array]] = []
        top = self._level_for(last - first, width, first, last)
        for level, start, end in self._cover(first, last, top):
            self._gather(column, level, np.arange(start, end), width, parts)
        columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        begins, ends, lows, highs = (each[order] for each in columns)
        return self._joined(column, last, (begins, ends, lows, highs), x_from, width)

    def _joined(
        self, column: int, last: int, blocks: tuple[Array, Array, Array, Array], x_from: float, width: float
    ) -> tuple[Array, Array]:
        """Join the blocks of each pixel column into a minimum and a maximum; the last sample stays the last point."""
        begin, end, low, high = blocks
        pixel = np.floor((self._x[begin] - x_from) / width)
        starts = np.flatnonzero(np.diff(pixel, prepend=pixel[0] - 1.0))
        ends = np.append(starts[1:], len(pixel)) - 1
        x = np.empty(2 * len(starts) + 1)
        y = np.empty(2 * len(starts) + 1, np.float32)
        x[0:-1:2], x[1:-1:2] = self._x[begin[starts]], self._x[end[ends] - 1]
        y[0:-1:2], y[1:-1:2] = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
        x[-1], y[-1] = self._x[last - 1], self._y[column][last - 1]
        return x, y

    def _level_for(self, count: int, width: float, first: int, last: int) -> int:
        """Return the coarsest level of which there are still enough blocks for the pixels in view."""
        pixels = max((self._x[last - 1] - self._x[first]) / width, 1.0)
        level = 0
        while level < len(self._levels) and count / _size(level + 1) >= pixels:
            level += 1
        return level

    def _cover(self, first: int, last: int, level: int) -> list[tuple[int, int, int]]:
        """Cover samples first..last by whole blocks: (level, first block, behind the last block); level 0: samples."""
        if first >= last:
            return []
        size = _size(level)
        start, end = -(-first // size), last // size
        if level == 0:
            return [(0, first, last)]
        if start >= end:
            return self._cover(first, last, level - 1)
        left = self._cover(first, start * size, level - 1)
        return [*left, (level, start, end), *self._cover(end * size, last, level - 1)]

    def _gather(
        self,
        column: int,
        level: int,
        blocks: Array,
        width: float,
        parts: list[tuple[Array, Array, Array, Array]],
    ) -> None:
        """Collect blocks that are narrower than a pixel; wider ones (slow samples) are opened."""
        size = _size(level)
        begin, end = blocks * size, (blocks + 1) * size
        if level:
            wide = self._x[end - 1] - self._x[begin] > width
            if wide.any():
                inside = _inside(level)
                children = (blocks[wide][:, None] * inside + np.arange(inside)).ravel()
                self._gather(column, level - 1, children, width, parts)
                blocks, begin, end = blocks[~wide], begin[~wide], end[~wide]
        lows, highs = self._values(level, column)
        parts.append((begin, end, lows[blocks], highs[blocks]))

    def _values(self, level: int, column: int) -> tuple[Array, Array]:
        if level == 0:
            return self._y[column], self._y[column]
        return self._levels[level - 1].low[column], self._levels[level - 1].high[column]

    def _build_levels(self) -> None:
        count = self._n // FIRST_FACTOR
        lower_low, lower_high = self._y, self._y
        depth = 0
        while count:
            if depth == len(self._levels):
                self._levels.append(_Level(self._columns))
            level = self._levels[depth]
            level.extend(lower_low, lower_high, count, _inside(depth + 1))
            lower_low, lower_high = level.low, level.high
            count //= FACTOR
            depth += 1

    def _make_room(self, n: int) -> None:
        if n > len(self._x):
            size = max(n, len(self._x) * 3 // 2)
            self._x = _grown(self._x, self._n, size)
            self._y = [_grown(column, self._n, size) for column in self._y]


class _Level:
    """Minimum and maximum of each block of entries of the level below."""

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.low = [np.empty(64, np.float32) for _ in range(columns)]
        self.high = [np.empty(64, np.float32) for _ in range(columns)]

    def extend(self, lower_low: list[Array], lower_high: list[Array], count: int, inside: int) -> None:
        """Work out the blocks that have become whole; `inside` entries of the lower level make one."""
        if count == self.count:
            return
        if count > len(self.low[0]):
            size = max(count, len(self.low[0]) * 3 // 2)
            self.low = [_grown(column, self.count, size) for column in self.low]
            self.high = [_grown(column, self.count, size) for column in self.high]
        place = slice(self.count * inside, count * inside)
        for column, (low, high) in enumerate(zip(lower_low, lower_high, strict=True)):
            self.low[column][self.count : count] = _fold(np.minimum, low[place], inside)
            self.high[column][self.count : count] = _fold(np.maximum, high[place], inside)
        self.count = count


def _grown(array: Array, used: int, size: int) -> Array:
    """Return a longer array; its new part takes no memory until it is written."""
    grown = np.empty(size, array.dtype)
    grown[:used] = array[:used]
    return grown


def _inside(level: int) -> int:
    """Return how many entries of the level below make a block."""
    return FIRST_FACTOR if level == 1 else FACTOR


def _size(level: int) -> int:
    """Return how many samples are in a block of a level; level 0 are the samples."""
    return 1 if level == 0 else FIRST_FACTOR * FACTOR ** (level - 1)


def _fold(join: Any, values: Array, inside: int) -> Array:
    """Join each `inside` neighbours; ten times as quick as a reduction over short rows."""
    joined = values[::inside]
    for offset in range(1, inside):
        joined = join(joined, values[offset::inside])
    return joined
