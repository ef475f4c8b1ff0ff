"""The look of a plot without data: a faint word in the middle, and no numbers on the axes."""

import pyqtgraph as pg

from solbench.gui.palette import Colors


class Empty:
    """Checks before each painting whether there are data, and otherwise hides the numbers on `sides`."""

    def __init__(self, plot: pg.PlotItem, word: str, sides: tuple[str, ...] = ("left", "bottom")) -> None:
        self._plot = plot
        self._sides = sides
        self.shown = False
        self.word = word
        self.words = pg.LabelItem(word, size="10pt")
        self.words.setParentItem(plot.vb)
        self.words.anchor(itemPos=(0.5, 0.5), parentPos=(0.5, 0.5))
        self.words.hide()
        plot.scene().sigPrepareForPaint.connect(self.look)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.words.setText(self.word, color=colors.faint)

    def say(self, word: str) -> None:
        """Say in other words why there is nothing."""
        if word != self.word:
            self.word = word
            self.words.setText(word)

    def look(self) -> None:
        """Check whether data have appeared or disappeared."""
        empty = not any(_filled(item) for item in self._plot.listDataItems())
        if empty == self.shown:
            return
        self.shown = empty
        self.words.setVisible(empty)
        for side in self._sides:
            self._plot.getAxis(side).setStyle(showValues=not empty)


def _filled(item: pg.PlotDataItem | pg.PlotCurveItem | pg.ScatterPlotItem) -> bool:
    x, _y = item.getData()
    return x is not None and len(x) > 0
