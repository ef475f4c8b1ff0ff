"""The view of the distribution of relaxation times: the distributions, and below them their peaks."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from solbench.analysis.fit_settings import FitSettings
from solbench.analysis.views.distributions import VIEW
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_drt import Relaxation
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.plots.spectra.relaxation import PeaksPlot, RelaxationPlot
from solbench.gui.screens.parts import Note

MOST = 40  # spectra that are drawn together: those around the chosen one


class FitRelaxation(QWidget):
    """Two plots and what is to be said of them."""

    def __init__(self, model: Relaxation) -> None:
        super().__init__()
        self.model = model
        self.plot, self.peaks = RelaxationPlot(LIGHT), PeaksPlot(LIGHT)
        self.note = Note()
        plots = QSplitter(Qt.Orientation.Vertical)
        for each in (self.plot, self.peaks):
            each.setMinimumHeight(110)  # two of them, above each other, in a window of 1366 by 768
            plots.addWidget(each)
        plots.setSizes([380, 220])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.note)
        layout.addWidget(plots, 1)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.plot.set_colors(colors)
        self.peaks.set_colors(colors)

    def show_spectra(
        self, spectra: Sequence[Spectrum], chosen: Spectrum | None, settings: FitSettings
    ) -> None:
        """Draw what is computed of these spectra, and have the rest computed, that of the chosen one first."""
        place = spectra.index(chosen) if chosen is not None and chosen in spectra else 0
        begin = max(0, min(place - MOST // 2, len(spectra) - MOST))
        near = spectra[begin : begin + MOST]
        self.model.want(sorted(near, key=lambda each: each is not chosen), settings)
        states = self.model.states(near, settings)
        drt = self.model.of(chosen, settings)
        self.plot.show_states(states, drt)
        self.peaks.show_states(states)
        left = self.model.missing
        said = (
            tr("computing {left} more…", left=left) if left else drt.unnamed_words if drt is not None else ""
        )
        bars = tr("Band and bars are of 95 %, ± is one standard error.") if states else ""
        sentences = (f"{VIEW.capitalize()}.", bars, f"{said[:1].upper()}{said[1:]}")
        self.note.say(" ".join(filter(None, sentences)), "quiet")
