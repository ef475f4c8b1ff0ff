"""What a plot without data shows: a faint word in its middle, and no numbers at its axes, which would mean nothing."""

from __future__ import annotations

import pyqtgraph as pg

from solbench.gui.palette import Colors


class Empty:
    """Looks before each painting whether there are data, and hides the numbers of `sides` where there are none."""

    def __init__(self, plot: pg.PlotItem, word: str, sides: tuple[str, ...] = ("left", "bottom")) -> None:
        self._plot = plot
        self._sides = sides
        self._shown = False
        self.word = word
        self.words = pg.LabelItem(word, size="10pt")
        self.words.setParentItem(plot.vb)
        self.words.anchor(itemPos=(0.5, 0.5), parentPos=(0.5, 0.5))
        self.words.hide()
        plot.scene().sigPrepareForPaint.connect(self.look)

    @property
    def shown(self) -> bool:
        """Get whether the plot stands there as one without data."""
        return self._shown

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.words.setText(self.word, color=colors.faint)

    def look(self) -> None:
        """Take notice of data that have come, or gone."""
        empty = not any(_filled(item) for item in self._plot.listDataItems())
        if empty == self._shown:
            return
        self._shown = empty
        self.words.setVisible(empty)
        for side in self._sides:
            self._plot.getAxis(side).setStyle(showValues=not empty)


def _filled(item: pg.PlotDataItem | pg.PlotCurveItem | pg.ScatterPlotItem) -> bool:
    x, _y = item.getData()
    return x is not None and len(x) > 0
