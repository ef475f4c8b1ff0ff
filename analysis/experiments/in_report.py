"""The experiments of the registry in a report: a figure each, and a table of their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from solbench.analysis.experiments import registry
from solbench.analysis.experiments.experiment import AnyExperiment, Shown, in_words
from solbench.analysis.report.contents import Content
from solbench.analysis.report.numbers import DASH, plain, with_error
from solbench.analysis.report.style import SERIES, Drawing, numbered
from solbench.analysis.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TOGETHER = len(SERIES)  # runs in one figure
_LEAST_POOLED = 2


def drawings(contents: Sequence[Content]) -> list[Drawing]:
    """Draw each experiment that these runs hold, several runs in one figure."""
    found = []
    for experiment in registry.EXPERIMENTS:
        shown = _shown(experiment, contents)
        for place, first in enumerate(range(0, len(shown), _TOGETHER)):
            group = shown[first : first + _TOGETHER]
            found.append(
                Drawing(
                    numbered(experiment.name.replace("_", "-"), place),
                    experiment.title,
                    experiment.caption,
                    experiment.size_in,
                    tuple(content for content, _ in group),
                    _painter(experiment, [one for _, one in group]),
                )
            )
    return found


def _painter(experiment: AnyExperiment, shown: Sequence[Shown[object]]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        experiment.paint(fig, shown)

    return draw


def _shown(experiment: AnyExperiment, contents: Sequence[Content]) -> list[tuple[Content, Shown[object]]]:
    found = ((content, experiment.analyse(content.spectra)) for content in contents)
    return [(content, Shown(content.label, one)) for content, one in found if one is not None]


def numbers(contents: Sequence[Content]) -> list[Table]:
    """Make a table of the numbers of each experiment, with mean and scatter over several samples."""
    return [
        table for one in registry.EXPERIMENTS if (table := _table(one, _shown(one, contents))) is not None
    ]


def _table(experiment: AnyExperiment, shown: Sequence[tuple[Content, Shown[object]]]) -> Table | None:
    rows: list[tuple[str, ...]] = []
    for _, one in shown:
        if not one.found.numbers:
            rows.append((one.label, DASH, DASH, DASH, in_words(one.found.verdict)))
        rows += [
            (
                one.label,
                number.title,
                with_error(number.value, number.stderr, number.unit),
                f"{plain(number.low)} to {plain(number.high)}" if number.low is not None else DASH,
                in_words(one.found.verdict) if place == 0 else "",
            )
            for place, number in enumerate(one.found.numbers)
        ]
    rows += _pooled(experiment, [one for _, one in shown])
    if not rows:
        return None
    notes = [f"{one.label}: {note}." for _, one in shown for note in one.found.notes]
    head = ("run", "quantity", "value", "95 % interval", "verdict")
    return Table(experiment.title, head, tuple(rows), " ".join(notes))


def _pooled(experiment: AnyExperiment, shown: Sequence[Shown[object]]) -> list[tuple[str, ...]]:
    """Return mean and standard deviation over the samples of those numbers that are pooled."""
    rows: list[tuple[str, ...]] = []
    for name in experiment.pools:
        own = [
            number
            for one in shown
            for number in one.found.numbers
            if number.name == name and number.value is not None and math.isfinite(number.value)
        ]
        values = [number.value for number in own if number.value is not None]
        if len(values) >= _LEAST_POOLED:
            mean = with_error(fmean(values), stdev(values), own[0].unit)
            words = f"mean ± standard deviation of {len(values)} samples"
            rows.append((f"all {len(values)}", own[0].title, mean, DASH, words))
    return rows
