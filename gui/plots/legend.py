"""The legend of a plot, in that of its corners in which it covers the fewest points."""

import numpy as np
import pyqtgraph as pg

from solbench.gui.models.common.arrays import Array

CORNERS = ((1, 0), (0, 0), (1, 1), (0, 1))  # right and left above, then below
FROM_EDGE = 12, 8  # pixels
MOST = 500  # points of a curve that are looked at


class LegendKeeper:
    """Looks before each painting where the points are, and moves the legend when another corner has fewer."""

    def __init__(self, plot: pg.PlotItem, legend: pg.LegendItem) -> None:
        self._plot, self._legend = plot, legend
        self.corner = CORNERS[0]
        plot.scene().sigPrepareForPaint.connect(self.look)

    def look(self) -> None:
        """Choose the corner; the present one stays while no other is better."""
        if not self._legend.isVisible() or not self._legend.items:
            return
        x, y = self._points()
        room, size = self._plot.vb.boundingRect(), self._legend.boundingRect()
        width = (size.width() + 2 * FROM_EDGE[0]) / max(room.width(), 1.0)
        height = (size.height() + 2 * FROM_EDGE[1]) / max(room.height(), 1.0)
        covered = {
            (right, below): int(
                np.count_nonzero(
                    (x > 1.0 - width if right else x < width) & (y > 1.0 - height if below else y < height)
                )
            )
            for right, below in CORNERS
        }
        best = min(CORNERS, key=covered.__getitem__)
        if covered[best] < covered[self.corner]:
            self.corner = best
            right, below = best
            offset = (-FROM_EDGE[0] if right else FROM_EDGE[0], -FROM_EDGE[1] if below else FROM_EDGE[1])
            self._legend.anchor(best, best, offset)

    def _points(self) -> tuple[Array, Array]:
        """Return where the points in view are: shares of the plot, from the left and from above."""
        (left, right), (low, high) = self._plot.vb.viewRange()
        parts: list[Array] = [np.empty((2, 0))]
        for item in self._plot.listDataItems():
            x, y = item.getData()
            if x is not None and y is not None and len(x):
                every = -(-len(x) // MOST)
                parts.append(np.array([x[::every], y[::every]], float))
        x, y = np.concatenate(parts, axis=1)
        x, y = (x - left) / (right - left), (high - y) / (high - low)
        seen = (x >= 0.0) & (x <= 1.0) & (y >= 0.0) & (y <= 1.0)
        return x[seen], y[seen]
