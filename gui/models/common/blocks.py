"""Blocks of samples that are no longer kept: first, last, minimum, maximum; and the pyramid above them."""

from __future__ import annotations

import numpy as np

from solbench.gui.models.common.arrays import Array

BLOCK = 64  # samples
FACTOR = 4  # nodes of one level that make one of the next; level 1 are the blocks
_FIRST = 64


class Blocks:
    """Whole blocks in order. `x_first`, `x_last`: times; `first`, `last`: values of each column (float32).

    The arrays are longer than `count`; what lies behind is not filled.
    """

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.x_first, self.x_last = np.empty(_FIRST), np.empty(_FIRST)
        self.first = [np.empty(_FIRST, np.float32) for _ in range(columns)]
        self.last = [np.empty(_FIRST, np.float32) for _ in range(columns)]
        self._levels = [_Level(columns)]

    def append(self, x: Array, columns: list[Array]) -> None:
        """Take the samples of whole blocks."""
        if len(x) == 0:
            return
        start, end = self.count, self.count + len(x) // BLOCK
        self._make_room(end)
        self.x_first[start:end], self.x_last[start:end] = x[::BLOCK], x[BLOCK - 1 :: BLOCK]
        for first, last, values in zip(self.first, self.last, columns, strict=True):
            first[start:end], last[start:end] = values[::BLOCK], values[BLOCK - 1 :: BLOCK]
        self._levels[0].append(
            [_fold(np.minimum, values, BLOCK) for values in columns],
            [_fold(np.maximum, values, BLOCK) for values in columns],
        )
        self.count = end
        self._build_above()

    def low(self, level: int, column: int) -> Array:
        """Return the minima of the nodes of a level."""
        return self._levels[level - 1].low[column]

    def high(self, level: int, column: int) -> Array:
        """Return the maxima of the nodes of a level."""
        return self._levels[level - 1].high[column]

    def between(self, x_from: float, x_to: float) -> tuple[int, int]:
        """Return the first block that reaches into a stretch of time, and the one behind the last."""
        begin = int(np.searchsorted(self.x_last[: self.count], x_from, "left"))
        return begin, max(int(np.searchsorted(self.x_first[: self.count], x_to, "right")), begin)

    def span(self, level: int, nodes: Array) -> tuple[Array, Array]:
        """Return the first block of each node and the one behind its last."""
        size = FACTOR ** (level - 1)
        return nodes * size, (nodes + 1) * size

    def children(self, nodes: Array) -> Array:
        """Return the nodes of the level below that make these up."""
        return np.asarray((nodes[:, None] * FACTOR + np.arange(FACTOR)).ravel())

    def level_for(self, count: int, pixels: int) -> int:
        """Return the coarsest level of which `count` blocks have still as many nodes as there are pixels."""
        level = 1
        while level < len(self._levels) and count >= pixels * FACTOR**level:
            level += 1
        return level

    def cover(self, begin: int, end: int, level: int) -> list[tuple[int, int, int]]:
        """Cover blocks begin..end by nodes of a level, of lower ones at the ends: (level, first, behind the last)."""
        if begin >= end:
            return []
        size = FACTOR ** (level - 1)
        start, stop = -(-begin // size), end // size
        if level == 1:
            return [(1, begin, end)]
        if start >= stop:
            return self.cover(begin, end, level - 1)
        left = self.cover(begin, start * size, level - 1)
        return [*left, (level, start, stop), *self.cover(stop * size, end, level - 1)]

    def extremes(self, column: int, begin: int, end: int) -> tuple[float, float] | None:
        """Return minimum and maximum of the blocks begin..end, None where there is no block."""
        parts = self.cover(begin, end, len(self._levels))
        if not parts:
            return None
        lows = [self.low(level, column)[start:stop].min() for level, start, stop in parts]
        highs = [self.high(level, column)[start:stop].max() for level, start, stop in parts]
        return float(min(lows)), float(max(highs))

    def edges(self, column: int, blocks: Array) -> tuple[Array, Array]:
        """Return times and values of the first and the last samples of some blocks."""
        x = np.concatenate([self.x_first[blocks], self.x_last[blocks]])
        return x, np.concatenate([self.first[column][blocks], self.last[column][blocks]])

    def _build_above(self) -> None:
        count = self.count // FACTOR
        depth = 1
        while count:
            if depth == len(self._levels):
                self._levels.append(_Level(len(self.first)))
            self._levels[depth].extend(self._levels[depth - 1], count)
            count //= FACTOR
            depth += 1

    def _make_room(self, count: int) -> None:
        if count > len(self.x_first):
            size = max(count, len(self.x_first) * 3 // 2)
            self.x_first = grown(self.x_first, self.count, size)
            self.x_last = grown(self.x_last, self.count, size)
            self.first = [grown(column, self.count, size) for column in self.first]
            self.last = [grown(column, self.count, size) for column in self.last]


class _Level:
    """Minimum and maximum of each node."""

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.low = [np.empty(_FIRST, np.float32) for _ in range(columns)]
        self.high = [np.empty(_FIRST, np.float32) for _ in range(columns)]

    def append(self, lows: list[Array], highs: list[Array]) -> None:
        """Take the next nodes."""
        end = self.count + len(lows[0])
        if end > len(self.low[0]):
            size = max(end, len(self.low[0]) * 3 // 2)
            self.low = [grown(column, self.count, size) for column in self.low]
            self.high = [grown(column, self.count, size) for column in self.high]
        for column, (low, high) in enumerate(zip(lows, highs, strict=True)):
            self.low[column][self.count : end] = low
            self.high[column][self.count : end] = high
        self.count = end

    def extend(self, below: _Level, count: int) -> None:
        """Work out the nodes up to `count` that are whole now."""
        if count > self.count:
            place = slice(self.count * FACTOR, count * FACTOR)
            self.append(
                [_fold(np.minimum, values[place], FACTOR) for values in below.low],
                [_fold(np.maximum, values[place], FACTOR) for values in below.high],
            )


def grown(array: Array, used: int, size: int) -> Array:
    """Return a longer array; its new part takes no memory until it is written."""
    longer = np.empty(size, array.dtype)
    longer[:used] = array[:used]
    return longer


def _fold(join: np.ufunc, values: Array, inside: int) -> Array:
    """Join each `inside` neighbours; ten times as quick as a reduction over short rows."""
    joined = values[::inside]
    for offset in range(1, inside):
        joined = join(joined, values[offset::inside])
    return np.array(joined)
