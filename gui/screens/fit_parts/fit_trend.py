"""The choice of the fit parameter and of the abscissa, above their plot."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_choice import shown_name
from solbench.gui.models.fit.fit_spectra import Spectrum
from solbench.gui.models.fit.fit_trend import SHOWN, axes_of, parameters_of, trends, unit_of
from solbench.gui.palette import LIGHT
from solbench.gui.plots.traces.trend import TrendPlot
from solbench.gui.screens.parts import row
from solbench.gui.values import ChoiceBox


class FitTrend(QWidget):
    """Two choices and a plot."""

    def __init__(self) -> None:
        super().__init__()
        self.parameter, self.against = ChoiceBox(), ChoiceBox()
        self.plot = TrendPlot(LIGHT)
        self._spectra: list[Spectrum] = []
        for box, name in ((self.parameter, tr("Parameter")), (self.against, tr("Against"))):
            box.setAccessibleName(name)
            box.setMinimumWidth(150)
            box.currentIndexChanged.connect(lambda _index: self._draw())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(row(self.parameter, QLabel(tr("against")), self.against, None))
        layout.addWidget(self.plot, 1)

    def show_spectra(self, spectra: list[Spectrum]) -> None:
        """Draw the selected parameter; it stays selected as long as there is one of that name."""
        self._spectra = spectra
        _offer(self.parameter, [(_shown(name), name) for name in parameters_of(spectra)])
        _offer(self.against, [(axis.name, axis.name) for axis in axes_of(spectra)])
        self._draw()

    def _draw(self) -> None:
        name = self.parameter.currentData()
        axis = next(
            (each for each in axes_of(self._spectra) if each.name == self.against.currentText()), None
        )
        if not name or axis is None:
            self.plot.show_trends((), axis.name if axis else "", "")
            return
        unit = unit_of(self._spectra, name)
        self.plot.show_trends(
            trends(self._spectra, name, axis),
            axis.name,
            f"{_shown(name)} ({unit})" if unit else _shown(name),
        )


def _shown(name: str) -> str:
    return SHOWN.get(name, shown_name(name))


def _offer(box: QComboBox, entries: list[tuple[str, str]]) -> None:
    """Offer texts, each with what it stands for."""
    if [name for _, name in entries] == [box.itemData(place) for place in range(box.count())]:
        return
    chosen = box.currentText()
    with QSignalBlocker(box):
        box.clear()
        for words, name in entries:
            box.addItem(words, name)
        box.setCurrentIndex(max(box.findText(chosen), 0) if entries else -1)
