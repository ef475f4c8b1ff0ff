"""How long an answer is waited for, and how often it is asked for."""

from typing import NamedTuple

ASKS = 3


class Wait(NamedTuple):
    """How long an answer takes, in s from the question.

    `ready_s`: it is not looked for earlier; `again_s`: without an answer the question is asked again, `asks` times in
    all, but not later than `within_s` after the first time. `measures`: the answer is a result of a measurement, which
    another status bit may announce than an answer.
    """

    ready_s: float
    again_s: float
    within_s: float = 2.0
    asks: int = ASKS
    measures: bool = False
