"""What an experiment is: what to find in a run, in numbers, and how to draw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.laws.arrhenius import INTERVAL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

D = TypeVar("D")


@dataclass(frozen=True)
class Number:
    """One result: `value` in `unit` ("" for a pure number), with its standard uncertainty and its 95 % interval.

    `name` is a word for programs, with the unit (`activation_energy_eV`), `title` the one for people. None is what is
    not told.
    """

    name: str
    title: str
    value: float | None
    stderr: float | None
    low: float | None
    high: float | None
    unit: str


def number(name: str, title: str, value: float | None, stderr: float | None, unit: str) -> Number:
    """Return a result whose 95 % interval follows from its standard uncertainty."""
    if value is None or stderr is None:
        return Number(name, title, value, stderr, None, None, unit)
    return Number(name, title, value, stderr, value - INTERVAL * stderr, value + INTERVAL * stderr, unit)


@dataclass(frozen=True)
class Found(Generic[D]):
    """What a run tells of an experiment: numbers, remarks in words, and `data`, of which the figure is made.

    `verdict`: what it comes to, in a few words; "" where the numbers say it all.
    """

    numbers: tuple[Number, ...]
    notes: tuple[str, ...]
    data: D
    verdict: str = ""


NOT_TOLD = "not told"  # the verdict where there is no number, in files and `--json`


def in_words(verdict: str) -> str:
    """Return a verdict as people read it.

    >>> in_words(NOT_TOLD), in_words("plateau")
    ('not given', 'plateau')
    """
    return "not given" if verdict == NOT_TOLD else verdict


@dataclass(frozen=True)
class Shown(Generic[D]):
    """What the figure shows of one run, under its label."""

    label: str
    found: Found[D]


@dataclass(frozen=True)
class Experiment(Generic[D]):
    """One experiment.

    `name`: for programs; `protocols`: those that ship for it. `analyse` finds it in the spectra and steps of any run
    that has it, whatever its protocol is called, and returns None for others. `paint` draws one figure of several runs
    into an empty one of `size_in` (inch). `pools`: numbers (by name) that are averaged over several pellets.
    """

    name: str
    title: str
    protocols: tuple[str, ...]
    analyse: Callable[[RunSpectra], Found[D] | None]
    caption: str
    size_in: tuple[float, float]
    paint: Callable[[Figure, Sequence[Shown[D]]], None]
    pools: tuple[str, ...] = ()


AnyExperiment = Experiment[Any]
