"""A curve that describes its points, unless they are the samples, also in the column of saved values."""

from collections.abc import Callable

import pyqtgraph as pg


class DescribedCurve(pg.PlotCurveItem):
    """A curve; `describe` returns a description of its points, "" while they are the samples."""

    def __init__(self, describe: Callable[[], str]) -> None:
        super().__init__()
        self.describe = describe
