"""A curve that says what its points are, unless they are the samples: where it is saved as values, its column does."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg


class DescribedCurve(pg.PlotCurveItem):
    """A curve; `describe` returns what its points are, "" while they are the samples."""

    def __init__(self, describe: Callable[[], str]) -> None:
        super().__init__()
        self.describe = describe
