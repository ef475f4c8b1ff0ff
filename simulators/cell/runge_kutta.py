"""One step of the Dormand-Prince method of fifth order, in plain floats.

Dormand and Prince, J. Comp. Appl. Math. 6 (1980) 19, table 2.
"""

from collections.abc import Callable, Sequence

STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
ORDER = 5

Rate = Callable[[Sequence[float]], list[float]]


def dormand_prince(
    rate: Rate, start: Sequence[float], first: list[float], step_s: float
) -> tuple[list[float], list[float], list[float]]:
    """Advance `start` by `step_s` with dy/dt = rate(y); `first` is rate(start).

    Returns the values at the end, the rate there, and the estimated error of each value.
    """
    slopes = [first]
    values = list(start)
    for weights in STAGES:
        columns = list(zip(*slopes, strict=True))
        values = [
            y + step_s * sum([w * k for w, k in zip(weights, column, strict=True)])
            for y, column in zip(start, columns, strict=True)
        ]
        slopes.append(rate(values))
    errors = [
        step_s * sum([w * k for w, k in zip(ERROR, column, strict=True)])
        for column in zip(*slopes, strict=True)
    ]
    return values, slopes[-1], errors
