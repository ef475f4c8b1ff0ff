"""A trace of any length, kept in little memory and drawn at a cost that does not grow.

The newest samples are kept as they came. Of older ones there are blocks: first and last sample, minimum, maximum; and
above these a pyramid of minima and maxima. A view so narrow that the blocks show in it names those that it wants
opened; their samples are then read from the run file (`put`). Until then a block is drawn as what is known of it:
its first and its last sample, at each the span of its values.

Where nothing was read for a while (a pause, instruments that did not answer) the curve is broken: a point without a
value stands there.

Several columns (voltage, current) share the times. What is drawn keeps every extreme of every pixel column, its first
and its last sample, so that lines are where they belong; the newest sample is always among it. Works for uneven times:
a second of fast samples at the end of a slow year is drawn as well as the year.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.blocks import BLOCK, Blocks
from solbench.gui.models.common.words import tr

VOLTAGE, CURRENT = 0, 1  # columns of the trace of a run: V, A
KEPT = 1536 * BLOCK  # newest samples that are kept as they came: 98,304
SLACK = 512 * BLOCK  # more than KEPT that may gather before the oldest are let go
OPENED = 4096  # blocks that may be open at a time: 262,144 samples, 4 MB of two columns
MARGIN = 1.0  # of a view's width that is opened on either side of it, so that panning does not wait


@dataclass(frozen=True, eq=False)
class Detail:
    """Samples of some blocks as they stand in the run file: `x` and each of `y` have BLOCK values for every block.

    `blocks` are the numbers of the blocks in order; block n holds the samples from n * BLOCK on.
    """

    blocks: Array
    x: Array
    y: tuple[Array, ...]


class Trace:
    """Samples in the order of their times, with `columns` values each; `kept` to `kept` + `slack` stay as they came.

    `ask` is called with the numbers of blocks that a view wants opened.
    """

    def __init__(
        self,
        columns: int,
        kept: int = KEPT,
        slack: int = SLACK,
        ask: Callable[[Array], None] = lambda _blocks: None,
    ) -> None:
        self._ask = ask
        self._kept, self._slack = kept, slack
        self._n = 0
        self.edition = 0  # grows where another thing than newer samples has come
        self._breaks: list[float] = []
        self._base = 0  # number of the first sample that is kept as it came; blocks begin there
        self._x = np.empty(kept + slack + BLOCK, np.float64)  # takes no memory until it is written
        self._y = [np.empty(kept + slack + BLOCK, np.float32) for _ in range(columns)]
        self._blocks = Blocks(columns)
        self._asked = np.empty(0, np.int64)
        self._detail = Detail(np.empty(0, np.int64), np.empty(0), (np.empty(0, np.float32),) * columns)

    def __len__(self) -> int:
        return self._n

    @property
    def x(self) -> Array:
        """Get the times of those samples that are kept as they came, the newest ones."""
        return self._x[: self._n - self._base]

    def y(self, column: int) -> Array:
        """Return the values of one column that belong to `x`."""
        return self._y[column][: self._n - self._base]

    @property
    def first_s(self) -> float:
        """Get the time of the first sample; there must be one."""
        return float(self._blocks.x_first[0] if self._blocks.count else self._x[0])

    @property
    def last_s(self) -> float:
        """Get the time of the newest sample; there must be one."""
        return float(self._x[self._n - self._base - 1])

    def append(self, x: Array, *columns: Array) -> None:
        """Take samples (equal lengths); times before the newest one are moved to it, so that they stay in order."""
        for start in range(0, len(x), self._slack):
            part = slice(start, start + self._slack)
            self._append(x[part], [column[part] for column in columns])

    def break_at(self, time_s: float) -> None:
        """Say that nothing was read for a while: what was read up to this time is not joined to what comes later."""
        bisect.insort(self._breaks, time_s)
        self.edition += 1

    @property
    def ends_in_break(self) -> bool:
        """Get whether nothing was read any more since the last break."""
        return self._n > 0 and bool(self._breaks) and self._breaks[-1] >= self.last_s

    def view(self, column: int, x_from: float, x_to: float, pixels: int) -> tuple[Array, Array]:
        """Return points to draw for one column between two times on `pixels` columns of the screen.

        One point on either side is included, so that the line reaches the edges; the newest sample of all is
        included when it lies in view. About four points a pixel column at most. The value at a break is not a number.
        """
        if self._n == 0:
            return self._x[:0], self._y[column][:0]
        width = max((x_to - x_from) / max(pixels, 1), 1e-12)
        entries = self._entries(column, x_from, x_to, width, pixels)
        if len(entries) > 4 * pixels or entries.coarse:
            x, y = entries.drawn(x_from, width)
        else:
            x, y = entries.begin, entries.first
        inside = slice(
            max(int(np.searchsorted(x, x_from, "left")) - 1, 0), int(np.searchsorted(x, x_to, "right")) + 1
        )
        return self._broken(x[inside], y[inside])

    def described(self, column: int, x_from: float, x_to: float, pixels: int) -> str:
        """Return what the points are that `view` returns, empty when they are the samples."""
        width = max((x_to - x_from) / max(pixels, 1), 1e-12)
        entries = self._entries(column, x_from, x_to, width, pixels)
        if len(entries) <= 4 * pixels and not entries.coarse:
            return ""
        said = tr("first, lowest, highest and last sample of every {width:.3g} s", width=width)
        return (
            said
            if len(self._wanting(x_from, x_to, width)) == 0
            else tr("{said}, of some every {block} samples", said=said, block=BLOCK)
        )

    def extremes(self, column: int, x_from: float, x_to: float) -> tuple[float, float] | None:
        """Return minimum and maximum of a column between two times, None where there is no sample.

        A block at an edge that is not open counts as a whole.
        """
        begin, end = self._blocks.between(x_from, x_to)
        found = [
            self._block_extremes(column, block, x_from, x_to) for block in {begin, end - 1} if begin < end
        ]
        found.append(self._blocks.extremes(column, begin + 1, end - 1))
        found.append(_extremes(*self._tail(column), x_from, x_to))
        spans = [span for span in found if span is not None]
        return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None

    def nearest(self, x: float) -> tuple[float, tuple[float, ...]] | None:
        """Return time and values of the sample nearest to a time, as far as samples are known."""
        if self._n == 0:
            return None
        columns = [self._known_near(column, x) for column in range(len(self._y))]
        times = columns[0][0]
        place = int(np.argmin(np.abs(times - x)))
        return float(times[place]), tuple(float(values[place]) for _, values in columns)

    def wanted(self, x_from: float, x_to: float, pixels: int) -> Array:
        """Return the numbers of the blocks that a view wants opened, with those around it; none when it lacks none."""
        width = max((x_to - x_from) / max(pixels, 1), 1e-12)
        lacking = self._wanting(x_from, x_to, width)
        if len(lacking) == 0:
            return lacking
        margin = MARGIN * (x_to - x_from)
        blocks = self._wide(x_from - margin, x_to + margin, width)
        if len(blocks) > OPENED:
            middle = self._blocks.x_first[blocks] - (x_from + x_to) / 2
            blocks = np.sort(blocks[np.argsort(np.abs(middle), kind="stable")[:OPENED]])
        return blocks

    def ask_for(self, x_from: float, x_to: float, pixels: int) -> bool:
        """Ask for what a view wants opened, but not again for the last request; say whether it lacks any."""
        blocks = self.wanted(x_from, x_to, pixels)
        if len(blocks) and not np.array_equal(blocks, self._asked):
            self._asked = blocks
            self._ask(blocks)
        return len(blocks) > 0

    def put(self, detail: Detail) -> None:
        """Take the samples of some blocks in place of those before; what disagrees with its block is left out."""
        blocks, shape = detail.blocks, (len(detail.blocks), BLOCK)
        x = np.maximum.accumulate(detail.x.reshape(shape), axis=1)
        x = np.maximum(x, self._blocks.x_first[blocks][:, None])  # as `append` moves times
        columns = [values.astype(np.float32).reshape(shape) for values in detail.y]
        good = (x[:, 0] == self._blocks.x_first[blocks]) & (x[:, -1] == self._blocks.x_last[blocks])
        for column, values in enumerate(columns):
            good &= values.min(axis=1) == self._blocks.low(1, column)[blocks]
            good &= values.max(axis=1) == self._blocks.high(1, column)[blocks]
        self._detail = Detail(
            blocks[good], x[good].ravel(), tuple(values[good].ravel() for values in columns)
        )
        self.edition += 1

    def _broken(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Put a point without a value into each stretch between two points in which there is a break."""
        begin, end = (
            (bisect.bisect_left(self._breaks, float(edge)) for edge in (x[0], x[-1])) if len(x) else (0, 0)
        )
        breaks = np.array(self._breaks[begin:end])
        places, first = np.unique(np.searchsorted(x, breaks, "right"), return_index=True)
        return np.insert(x, places, breaks[first]), np.insert(y, places, np.float32(np.nan))

    def _append(self, x: Array, columns: list[Array]) -> None:
        self._make_room(len(x))
        start = self._n - self._base
        end = start + len(x)
        self._x[start:end] = np.maximum.accumulate(x)
        if start:
            np.maximum(self._x[start:end], self._x[start - 1], out=self._x[start:end])
        for kept, values in zip(self._y, columns, strict=True):
            kept[start:end] = values
        self._n += len(x)
        done = self._blocks.count * BLOCK - self._base
        whole = (end - done) // BLOCK * BLOCK
        self._blocks.append(self._x[done : done + whole], [y[done : done + whole] for y in self._y])

    def _make_room(self, count: int) -> None:
        """Let the oldest samples go; their blocks remain."""
        used = self._n - self._base
        if used + count > self._kept + self._slack:
            drop = (used + count - self._kept) // BLOCK * BLOCK
            drop = min(drop, self._blocks.count * BLOCK - self._base)
            kept: list[Array] = [self._x, *self._y]
            for array in kept:
                array[: used - drop] = array[drop:used].copy()
            self._base += drop

    def _tail(self, column: int) -> tuple[Array, Array]:
        """Return the newest samples, which make no whole block yet."""
        place = slice(self._blocks.count * BLOCK - self._base, self._n - self._base)
        return self._x[place], self._y[column][place]

    def _opened(self, column: int, blocks: Array) -> tuple[Array, Array, Array]:
        """Return which of these blocks are open, and times and values of all their samples."""
        kept = blocks * BLOCK >= self._base
        place = np.searchsorted(self._detail.blocks, blocks)
        known = np.append(self._detail.blocks, -1)[place] == blocks
        detailed = known & ~kept
        inside = np.arange(BLOCK)
        new = (blocks[kept][:, None] * BLOCK - self._base + inside).ravel()
        old = (place[detailed][:, None] * BLOCK + inside).ravel()
        # Blocks are in order: the old ones come first.
        x = np.concatenate([self._detail.x[old], self._x[new]])
        y = np.concatenate([self._detail.y[column][old], self._y[column][new]])
        return kept | detailed, x, y

    def _wide(self, x_from: float, x_to: float, width: float) -> Array:
        """Return the blocks in view that are wider than a pixel and of which only the file has the samples."""
        begin, end = self._blocks.between(x_from, x_to)
        place = slice(begin, max(min(end, self._base // BLOCK), begin))
        return begin + np.flatnonzero(self._blocks.x_last[place] - self._blocks.x_first[place] > width)

    def _wanting(self, x_from: float, x_to: float, width: float) -> Array:
        """Return the blocks that show in a view although they are closed."""
        wide = self._wide(x_from, x_to, width)
        return wide[~np.isin(wide, self._detail.blocks)]

    def _block_extremes(
        self, column: int, block: int, x_from: float, x_to: float
    ) -> tuple[float, float] | None:
        opened, x, y = self._opened(column, np.array([block]))
        return _extremes(x, y, x_from, x_to) if opened[0] else self._blocks.extremes(column, block, block + 1)

    def _known_near(self, column: int, x: float) -> tuple[Array, Array]:
        """Return the samples that are known around a time."""
        begin, end = self._blocks.between(x, x)
        blocks = np.arange(max(begin - 1, 0), min(end + 1, self._blocks.count))
        opened, times, values = self._opened(column, blocks)
        edges = self._blocks.edges(column, blocks[~opened])
        tail = self._tail(column)
        return np.concatenate([times, edges[0], tail[0]]), np.concatenate([values, edges[1], tail[1]])

    def _entries(self, column: int, x_from: float, x_to: float, width: float, pixels: int) -> _Entries:
        """Return what is in view, in order, each no wider than a pixel as far as that is known."""
        blocks = self._blocks
        begin, end = blocks.between(x_from, x_to)
        found = _Entries()
        if begin > 0:
            found.samples(
                begin * BLOCK - 1, blocks.x_last[begin - 1 : begin], blocks.last[column][begin - 1 : begin]
            )
        for level, start, stop in blocks.cover(begin, end, blocks.level_for(end - begin, pixels)):
            self._gather(column, level, np.arange(start, stop), width, found)
        if end < blocks.count:
            found.samples(end * BLOCK, blocks.x_first[end : end + 1], blocks.first[column][end : end + 1])
        else:
            found.samples(blocks.count * BLOCK, *self._tail(column))
        return found.in_order()

    def _gather(self, column: int, level: int, nodes: Array, width: float, found: _Entries) -> None:
        """Collect nodes that are narrower than a pixel; wider ones are opened."""
        begin, end = self._blocks.span(level, nodes)
        wide = self._blocks.x_last[end - 1] - self._blocks.x_first[begin] > width
        if level > 1:
            self._gather_children(column, level, nodes[wide], width, found)
        else:
            self._open(column, nodes[wide], found)
        found.nodes(self._blocks, column, level, nodes[~wide])

    def _gather_children(self, column: int, level: int, nodes: Array, width: float, found: _Entries) -> None:
        if len(nodes):
            self._gather(column, level - 1, self._blocks.children(nodes), width, found)

    def _open(self, column: int, blocks: Array, found: _Entries) -> None:
        """Collect the samples of blocks; of those whose samples are not here what is known."""
        if len(blocks) == 0:
            return
        opened, x, y = self._opened(column, blocks)
        found.scattered((blocks[opened][:, None] * BLOCK + np.arange(BLOCK)).ravel(), x, y)
        found.closed(self._blocks, column, blocks[~opened])


class _Entries:
    """Parts of a curve: number of the first sample, times of begin and end, first and last value, low and high."""

    def __init__(self) -> None:
        self._parts: list[tuple[Array, ...]] = []
        self.coarse = False

    def __len__(self) -> int:
        return len(self.begin)

    def samples(self, number: int, x: Array, y: Array) -> None:
        """Add samples that follow each other; `number` is that of the first one."""
        self.scattered(number + np.arange(len(x)), x, y)

    def scattered(self, numbers: Array, x: Array, y: Array) -> None:
        """Add samples with their numbers."""
        self._parts.append((numbers, x, x, y, y, y, y))

    def nodes(self, blocks: Blocks, column: int, level: int, nodes: Array) -> None:
        """Add nodes of the pyramid."""
        if len(nodes) == 0:
            return
        self.coarse = True
        begin, end = blocks.span(level, nodes)
        edges = blocks.first[column][begin], blocks.last[column][end - 1]
        spans = blocks.low(level, column)[nodes], blocks.high(level, column)[nodes]
        self._parts.append((begin * BLOCK, blocks.x_first[begin], blocks.x_last[end - 1], *edges, *spans))

    def closed(self, blocks: Blocks, column: int, nodes: Array) -> None:
        """Add blocks wider than a pixel: first and last sample, at each the span of the block's values."""
        self.coarse = self.coarse or len(nodes) > 0
        spans = blocks.low(1, column)[nodes], blocks.high(1, column)[nodes]
        for offset, x, y in (
            (0, blocks.x_first[nodes], blocks.first[column][nodes]),
            (BLOCK - 1, blocks.x_last[nodes], blocks.last[column][nodes]),
        ):
            self._parts.append((nodes * BLOCK + offset, x, x, y, y, *spans))

    def in_order(self) -> _Entries:
        """Put the parts together in the order of their samples."""
        columns = [np.concatenate(each) for each in zip(*self._parts, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        ordered = (column[order] for column in columns)
        self.number, self.begin, self.end, self.first, self.last, self.low, self.high = ordered
        return self

    def drawn(self, x_from: float, width: float) -> tuple[Array, Array]:
        """Join the entries of each pixel column: first value, minimum, maximum, last value."""
        pixel = np.floor((self.begin - x_from) / width)
        starts = np.flatnonzero(np.diff(pixel, prepend=pixel[0] - 1.0))
        ends = np.append(starts[1:], len(pixel)) - 1
        x, y = np.empty(4 * len(starts)), np.empty(4 * len(starts), np.float32)
        x[0::4] = x[1::4] = self.begin[starts]
        x[2::4] = x[3::4] = self.end[ends]
        y[0::4], y[3::4] = self.first[starts], self.last[ends]
        y[1::4] = np.minimum.reduceat(self.low, starts)
        y[2::4] = np.maximum.reduceat(self.high, starts)
        new = np.append(True, (np.diff(x) > 0) | (np.diff(y) != 0))
        return x[new], y[new]


def _extremes(x: Array, y: Array, x_from: float, x_to: float) -> tuple[float, float] | None:
    inside = y[int(np.searchsorted(x, x_from, "left")) : int(np.searchsorted(x, x_to, "right"))]
    return (float(inside.min()), float(inside.max())) if len(inside) else None
