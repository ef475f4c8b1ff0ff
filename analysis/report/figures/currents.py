"""Current against time where a voltage was held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.folds import StepRecord
from solbench.analysis.report.contents import Content
from solbench.analysis.report.style import (
    Drawing,
    grid,
    in_threes,
    numbered,
    state_colours,
    thinned,
    width_in,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 6  # steps of a run: of more those evenly spread
_VERTICES = 400


def held_voltages(contents: Sequence[Content]) -> list[Drawing]:
    """Draw the current of the steps that held a voltage; DC polarizations have figures of their own."""
    found = [content for content in contents if content.dc is None and _steps(content)]
    caption = (
        "Current of each step that held a voltage, against the time since its start; of many those evenly spread over "
        "the run. Positive current charges the cell."
    )
    return [
        Drawing(
            numbered("held-voltage", place),
            "Held voltages: current against time",
            caption,
            (width_in(len(group)), 3.6),
            group,
            _painter(group),
        )
        for place, group in enumerate(in_threes(found))
    ]


def _steps(content: Content) -> list[StepRecord]:
    """Return the steps that held a voltage and have readings."""
    steps = [step for step in content.run.steps if step.holds and step.current_A is None]
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), _MOST)).astype(int))
    return [steps[place] for place in chosen]


def _painter(group: tuple[Content, ...]) -> Callable[[Figure], None]:
    def draw(fig: Figure) -> None:
        [row] = grid(fig, len(group))
        for axes, content in zip(row, group, strict=True):
            axes.set_title(content.label)
            _currents(axes, content)

    return draw


def _currents(axes: Axes, content: Content) -> None:
    steps = _steps(content)
    for step, colour in zip(steps, state_colours(len(steps)), strict=True):
        samples = content.run.samples_of(step.index)
        own = samples[np.isin(samples["segment"], content.flowing.get(step.index, ()))]
        minutes, current = thinned((own["time_s"] - step.start_s) / 60.0, 1e6 * own["current_A"], _VERTICES)
        name = step.name if step.cycle is None else f"{step.name}, cycle {step.cycle}"
        axes.plot(minutes, current, color=colour, lw=1.1, label=name)
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_xlabel("time since the step / min")
    axes.set_ylabel("current / µA")
    axes.legend(loc="best")
