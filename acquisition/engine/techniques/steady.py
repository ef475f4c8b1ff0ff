"""Says while a polarization is on whether its current is steady, at a small fixed cost a reading."""

import math
from collections import deque

_BLOCKS = 60  # the trailing span is kept as so many block means


class SteadyState:
    """Steady when the current changes by less than `fraction` of itself in `span_s`.

    The slope is that of a straight line through the trailing `span_s` of readings; what counts is
    |slope| x span plus two of its standard errors, so that noise cannot pass for steadiness. Readings are
    averaged into at most 62 blocks, whatever their rate.

    >>> steady = SteadyState()
    >>> found = [t for t in range(7200) if steady.add(t, 1e-9 * (1 + 1.5 * math.exp(-t / 400)))]
    >>> 2400 < found[0] < 2600
    True
    """

    def __init__(self, fraction: float = 0.01, span_s: float = 600.0, offset_A: float = 0.0) -> None:
        if not (fraction > 0 and span_s > 0):
            raise ValueError(f"fraction and span must be above zero, not {fraction} and {span_s} s")
        self.fraction = fraction
        self.span_s = span_s
        self.offset_A = offset_A
        self._block_s = span_s / _BLOCKS
        self.reset()

    def reset(self) -> None:
        """Forget all readings: after a change of range, whose offset is another one."""
        self._blocks: deque[tuple[float, float]] = deque(maxlen=_BLOCKS + 2)
        self._begun_s = math.nan
        self._count = 0
        self._sum_t = 0.0
        self._sum_i = 0.0
        self._steady = False

    def add(self, time_s: float, current_A: float) -> bool:
        """Take one reading, later than the last one, and say whether the current is steady now."""
        if self._count and time_s >= self._begun_s + self._block_s:
            self._close_block()
        if not self._count:
            self._begun_s = time_s
        self._count += 1
        self._sum_t += time_s
        self._sum_i += current_A - self.offset_A
        return self._steady

    def _close_block(self) -> None:
        self._blocks.append((self._sum_t / self._count, self._sum_i / self._count))
        self._count, self._sum_t, self._sum_i = 0, 0.0, 0.0
        newest = self._blocks[-1][0]
        while newest - self._blocks[0][0] > self.span_s:
            self._blocks.popleft()
        self._steady = self._judge()

    def _judge(self) -> bool:
        """Fit the straight line; a span that is not yet full, or has few blocks, is not steady."""
        n = len(self._blocks)
        if n < 8 or self._blocks[-1][0] - self._blocks[0][0] < 0.9 * self.span_s:
            return False
        mean_t = sum(t for t, _ in self._blocks) / n
        mean_i = sum(i for _, i in self._blocks) / n
        tt = sum((t - mean_t) ** 2 for t, _ in self._blocks)
        slope = sum((t - mean_t) * (i - mean_i) for t, i in self._blocks) / tt
        rest = sum((i - mean_i - slope * (t - mean_t)) ** 2 for t, i in self._blocks)
        stderr = math.sqrt(rest / (n - 2) / tt)
        return (abs(slope) + 2 * stderr) * self.span_s < self.fraction * abs(mean_i)
