"""One step of the Dormand-Prince method of fifth order, or of Heun's of second order, in plain floats.

Dormand and Prince, J. Comp. Appl. Math. 6 (1980) 19, table 2. Between the ends of a step: Hairer, Norsett and Wanner,
Solving Ordinary Differential Equations I (1993), II.6, and their program DOPRI5.
"""

from collections.abc import Callable, Sequence

SECOND = 1 / 5
THIRD = (3 / 40, 9 / 40)
FOURTH = (44 / 45, -56 / 15, 32 / 9)
FIFTH = (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729)
SIXTH = (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656)
END = (35 / 384, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84)  # of all slopes but the second
ERROR = (71 / 57600, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)  # of all but the second
BETWEEN = (
    -12715105075 / 11282082432,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
)  # of all but the second
ORDER = 5

Rate = Callable[[Sequence[float]], list[float]]
Method = Callable[[Rate, Sequence[float], list[float], float], tuple[list[float], list[float], list[float]]]


def dormand_prince(
    rate: Rate, start: Sequence[float], first: list[float], step_s: float
) -> tuple[list[float], list[float], list[float]]:
    """Advance `start` by `step_s` with dy/dt = rate(y); `first` is rate(start).

    Returns the values at the end, the rate there, and the estimated error of each value.
    """
    values, slopes = _stages(rate, start, first, step_s)
    return values, slopes[-1], _joined(ERROR, slopes, step_s)


class Course:
    """A step of Dormand and Prince that can be looked into: to the fourth order between its ends."""

    def take(
        self, rate: Rate, start: Sequence[float], first: list[float], step_s: float
    ) -> tuple[list[float], list[float], list[float]]:
        """Advance as `dormand_prince` does."""
        values, slopes = _stages(rate, start, first, step_s)
        self._step_s, self._start, self._values, self._slopes = step_s, start, values, slopes
        self._bends: list[float] | None = None
        return values, slopes[-1], _joined(ERROR, slopes, step_s)

    def at(self, passed_s: float) -> list[float]:
        """Return the values `passed_s` (s) behind the start of the step."""
        if passed_s == self._step_s:
            return self._values
        if self._bends is None:
            self._bends = _joined(BETWEEN, self._slopes, self._step_s)
        step_s, share = self._step_s, passed_s / self._step_s
        left = 1 - share
        firsts, lasts = self._slopes[0], self._slopes[-1]
        return [
            y
            + share
            * (z - y + left * (step_s * a - z + y + share * (2 * (z - y) - step_s * (a + g) + left * bend)))
            for y, z, a, g, bend in zip(self._start, self._values, firsts, lasts, self._bends, strict=True)
        ]


def _joined(weights: tuple[float, ...], slopes: tuple[list[float], ...], step_s: float) -> list[float]:
    """Return the weighted sum of the slopes of all stages but the second, times the step."""
    w1, w3, w4, w5, w6, w7 = weights
    return [
        step_s * (w1 * a + w3 * c + w4 * d + w5 * e + w6 * f + w7 * g)
        for a, c, d, e, f, g in zip(*slopes, strict=True)
    ]


def _stages(
    rate: Rate, start: Sequence[float], first: list[float], step_s: float
) -> tuple[list[float], tuple[list[float], ...]]:
    """Return the values at the end of a step, and the slopes of all stages but the second."""
    # Written out, because a simulated run spends much of its time here: k is the slope of a stage, w its weight.
    k1 = first
    k2 = rate([y + step_s * (SECOND * a) for y, a in zip(start, k1, strict=True)])
    w1, w2 = THIRD
    k3 = rate([y + step_s * (w1 * a + w2 * b) for y, a, b in zip(start, k1, k2, strict=True)])
    w1, w2, w3 = FOURTH
    k4 = rate([y + step_s * (w1 * a + w2 * b + w3 * c) for y, a, b, c in zip(start, k1, k2, k3, strict=True)])
    w1, w2, w3, w4 = FIFTH
    k5 = rate(
        [
            y + step_s * (w1 * a + w2 * b + w3 * c + w4 * d)
            for y, a, b, c, d in zip(start, k1, k2, k3, k4, strict=True)
        ]
    )
    w1, w2, w3, w4, w5 = SIXTH
    k6 = rate(
        [
            y + step_s * (w1 * a + w2 * b + w3 * c + w4 * d + w5 * e)
            for y, a, b, c, d, e in zip(start, k1, k2, k3, k4, k5, strict=True)
        ]
    )
    w1, w3, w4, w5, w6 = END
    values = [
        y + step_s * (w1 * a + w3 * c + w4 * d + w5 * e + w6 * f)
        for y, a, c, d, e, f in zip(start, k1, k3, k4, k5, k6, strict=True)
    ]
    return values, (k1, k3, k4, k5, k6, rate(values))


def heun(
    rate: Rate, start: Sequence[float], first: list[float], step_s: float
) -> tuple[list[float], list[float], list[float]]:
    """Advance `start` like `dormand_prince`, with one more rate instead of six.

    The rate at the end is that of Euler's step, and the errors are those of Euler's values: the values themselves are
    better by an order, so that what is accepted by these errors is accepted with much to spare.
    """
    half_s = 0.5 * step_s
    last = rate([y + step_s * a for y, a in zip(start, first, strict=True)])
    values = [y + half_s * (a + b) for y, a, b in zip(start, first, last, strict=True)]
    errors = [half_s * (b - a) for a, b in zip(first, last, strict=True)]
    return values, last, errors
