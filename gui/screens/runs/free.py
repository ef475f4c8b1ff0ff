"""x and y of a plot chosen freely: any two quantities that belong together, another one at the right, per cm² or g."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.common.words import tr
from solbench.gui.models.runs.axes import BY_KEY, QUANTITIES, Choice, Per, Samples, curves_against, fitting
from solbench.gui.palette import Colors
from solbench.gui.plots.overlay import NOTHING, WAITS
from solbench.gui.screens.parts import Note
from solbench.gui.screens.runs.overlaid import Overlaid
from solbench.gui.values import ChoiceBox

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

PER: tuple[tuple[str, Per], ...] = ((tr("as measured"), ""), (tr("per cm²"), "cm²"), (tr("per g"), "g"))


class FreeView(QWidget):
    """Draws what is chosen of the runs; samples are read beside the window."""

    def __init__(self, jobs: Jobs, colors: Colors) -> None:
        super().__init__()
        self._jobs, self._samples = jobs, Samples()
        self._runs: list[RunModel] = []
        self._asked = 0
        self.choice = Choice()
        self.x_box = _box(tr("x axis"), ((each.name, each.key) for each in QUANTITIES))
        self.y_box, self.right_box = _box(tr("y axis"), ()), _box(tr("second y axis"), ())
        self.per_box = _box(tr("Per what"), PER)
        self.note = Note()
        boxes = (
            QLabel("x"),
            self.x_box,
            QLabel("y"),
            self.y_box,
            QLabel(tr("right")),
            self.right_box,
            self.per_box,
        )
        self.view = Overlaid(colors, tr("x and y chosen freely"), above=boxes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.note)
        for box in (self.x_box, self.y_box, self.right_box, self.per_box):
            box.activated.connect(self._chosen)
        self._offer()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.view.set_colors(colors)

    def show_runs(self, runs: Sequence[RunModel]) -> None:
        """Draw what is chosen of these runs."""
        self._runs = list(runs)
        self._asked += 1
        asked = self._asked
        if BY_KEY[self.choice.x].of != "sample":
            self._draw({})
            return
        counts = {run.path: run.traces.samples for run in runs}

        def read() -> dict[Path, Array]:
            return {path: self._samples.of(path, count) for path, count in counts.items()}

        def done(samples: dict[Path, Array]) -> None:
            if asked == self._asked:
                self._draw(samples)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self.view.plot.empty.say(NOTHING)
                self.note.say("✗ " + tr("the samples cannot be read: {error}", error=error), "bad")

        self.note.say(tr("reading…") if runs else "", "note")
        self.view.plot.empty.say(WAITS if runs else NOTHING)
        self._jobs.call(read, done, failed)

    def _draw(self, samples: dict[Path, Array]) -> None:
        curves = curves_against(self.choice, self._runs, samples)
        self.view.show_curves(curves)
        counts = {run.path: run.traces.samples for run in self._runs}
        part = any(len(table) < counts[path] for path, table in samples.items())
        self.note.say(
            tr("Of a long run a part of the samples is drawn, evenly spaced.") if part else "", "quiet"
        )

    def _chosen(self) -> None:
        x = str(self.x_box.currentData())
        keys = {each.key for each in fitting(x)}
        y, right = str(self.y_box.currentData()), str(self.right_box.currentData() or "")
        if y not in keys:
            y = next(each.key for each in fitting(x) if each.key != x)
        per: Per = next(each for _, each in PER if each == (self.per_box.currentData() or ""))
        self.choice = Choice(x, y, right if right in keys else "", per)
        self._offer()
        self.show_runs(self._runs)

    def _offer(self) -> None:
        """Offer for y what fits x."""
        offered = [(each.name, each.key) for each in fitting(self.choice.x)]
        for box, chosen, entries in (
            (self.x_box, self.choice.x, None),
            (self.y_box, self.choice.y, offered),
            (self.right_box, self.choice.right, [(tr("nothing"), ""), *offered]),
        ):
            if entries is not None:
                box.clear()
                for text, key in entries:
                    box.addItem(text, key)
            box.setCurrentIndex(box.findData(chosen))


def _box(name: str, entries: Iterable[tuple[str, str]]) -> QComboBox:
    box = ChoiceBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for text, key in entries:
        box.addItem(text, key)
    return box
