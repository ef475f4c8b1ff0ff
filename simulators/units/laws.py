"""Laws by which a value of a unit is drawn; each also names what a unit in the middle of them has."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Protocol, TypeAlias

from solbench.simulators.unchecked import Value

Plain: TypeAlias = "float | int | str | bool | tuple[str, ...]"


class Law(Protocol):
    """How one value, or one group of values, is drawn."""

    @property
    def typical(self) -> Value:
        """Get what a unit in the middle has."""
        ...

    @property
    def words(self) -> str:
        """Say the law in a few words, for a table."""
        ...

    def draw(self, source: random.Random) -> Value:
        """Draw what one unit has."""
        ...


@dataclass(frozen=True)
class Fixed:
    """The same in every unit."""

    typical: Plain

    @property
    def words(self) -> str:
        """Say the value."""
        return _shown(self.typical)

    def draw(self, source: random.Random) -> Value:
        """Get the value."""
        return self.typical


@dataclass(frozen=True)
class Uniform:
    """Anywhere between two values, each as likely."""

    low: float
    high: float

    @property
    def typical(self) -> float:
        """Get the middle."""
        return 0.5 * (self.low + self.high)

    @property
    def words(self) -> str:
        """Say from where to where."""
        return f"{self.low:g} to {self.high:g}"

    def draw(self, source: random.Random) -> float:
        """Draw a value."""
        return source.uniform(self.low, self.high)


@dataclass(frozen=True)
class LogUniform:
    """Anywhere between two positive values, each ratio as likely."""

    low: float
    high: float

    @property
    def typical(self) -> float:
        """Get the geometric mean."""
        return float((self.low * self.high) ** 0.5)

    @property
    def words(self) -> str:
        """Say from where to where."""
        return f"{self.low:g} to {self.high:g}, logarithmic"

    def draw(self, source: random.Random) -> float:
        """Draw a value."""
        return exp(source.uniform(log(self.low), log(self.high)))


@dataclass(frozen=True)
class Error:
    """An error of either sign: normal about zero, cut off at three standard deviations."""

    deviation: float

    @property
    def typical(self) -> float:
        """Get one standard deviation: a unit without errors is no typical one."""
        return self.deviation

    @property
    def words(self) -> str:
        """Say the standard deviation."""
        return f"0 +- {self.deviation:g}"

    def draw(self, source: random.Random) -> float:
        """Draw a value."""
        while abs(value := source.gauss(0.0, self.deviation)) > 3.0 * self.deviation:
            pass
        return value


@dataclass(frozen=True)
class Choice:
    """One of several, the first in a typical unit; `weights` add up to 1."""

    values: Sequence[Plain]
    weights: Sequence[float]

    @property
    def typical(self) -> Plain:
        """Get the first."""
        return self.values[0]

    @property
    def words(self) -> str:
        """Say each with its share."""
        pairs = zip(self.values, self.weights, strict=True)
        return ", ".join(f"{_shown(value)} ({weight:.0%})" for value, weight in pairs)

    def draw(self, source: random.Random) -> Plain:
        """Draw one."""
        return source.choices(self.values, self.weights)[0]


@dataclass(frozen=True)
class Each:
    """A group of values, each by a law of its own; errors of a typical unit change their signs in turn."""

    laws: Sequence[Law]

    @property
    def typical(self) -> Sequence[Value]:
        """Get what each has in the middle."""
        return tuple(
            -law.typical if isinstance(law, Error) and place % 2 else law.typical
            for place, law in enumerate(self.laws)
        )

    @property
    def words(self) -> str:
        """Say all laws, once where they are equal."""
        kinds = list(dict.fromkeys(law.words for law in self.laws))
        return f"each {kinds[0]}" if len(kinds) == 1 else "; ".join(law.words for law in self.laws)

    def draw(self, source: random.Random) -> Sequence[Value]:
        """Draw each."""
        return tuple(law.draw(source) for law in self.laws)


def _shown(value: Plain) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value)
