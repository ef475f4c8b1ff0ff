"""The preview of a protocol on the simulated bench: the button that runs it, the curve, what there is to say of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.common.plain import Data
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.preview import Preview
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.screens.parts import Note, button
from solbench.protocols import CellRecord, dump_cell

if TYPE_CHECKING:
    from solbench.gui.plots.traces.preview import PreviewPlot


class ProtocolPreview(QWidget):
    """Previews what an editor holds, on the cell that `show_protocol` names last; `made`: there is a plot now."""

    def __init__(self, jobs: Jobs, editor: ProtocolEditor, made: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._editor, self._made = editor, made
        self._record: CellRecord | None = None
        self._shown: Data | None = None
        self.model = Preview(jobs)
        self._colors = LIGHT
        self.note = Note()
        self.run = button(tr("Preview"), self._run, tr("Run it on the simulated bench and draw the curve"))
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(3)
        inside.addWidget(self.note)
        self.model.changed.subscribe(self._show)

    @cached_property
    def plot(self) -> PreviewPlot:
        """Get the plot, which is made for the first curve: the window opens sooner."""
        from solbench.gui.plots.traces.preview import PreviewPlot

        plot = PreviewPlot()
        plot.look(self._colors)
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.insertWidget(0, plot, 1)
        self._made()
        return plot

    def show_protocol(self, record: CellRecord | None) -> None:
        """Take the editor's protocol on a cell; the curve of another protocol is taken away."""
        self._record = record
        if self._shown is not None and self._shown != self._editor.data:
            self._shown = None
            self.model.forget()
        self._show_state()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self._colors = colors
        if "plot" in vars(self):
            self.plot.look(colors)

    def close_down(self) -> None:
        """Release work in progress."""
        self.model.close()

    def _run(self) -> None:
        if self._record is not None and self._editor.judgement.runnable:
            self._shown = deepcopy(self._editor.data)
            self.model.request(self._editor.data, dump_cell(self._record))

    def _show(self) -> None:
        if self.model.curve is not None or "plot" in vars(self):
            self.plot.show_curve(self.model.curve)
        self._show_state()

    def _show_state(self) -> None:
        model = self.model
        if "plot" in vars(self):
            self.plot.setVisible(model.curve is not None)  # empty, it would take the room of the steps
        self.setVisible(bool(model.curve or model.busy or model.problem))
        if self._editor.judged:  # else it stays as it is until the check; a press waits for that
            runnable = self._editor.judgement.runnable
            self.run.setEnabled(runnable and self._record is not None and not model.busy)
        if model.busy:
            self.note.say(tr("the simulated bench runs it…"), "note")
        elif model.problem:
            self.note.say(f"\u2717 {model.problem}", "bad")
        elif model.curve is not None:
            about = f"{model.curve.note}. " if model.curve.note else ""
            self.note.say(tr("{about}Simulated; triangles are spectra.", about=about), "quiet")
        else:
            self.note.say("", "quiet")
