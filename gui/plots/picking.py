"""Picking measured points with the mouse, while that is on: a click the nearest one, a drag those in a rectangle."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt

from solbench.gui.models.common.arrays import Array
from solbench.gui.plots.cursor import REACH
from solbench.gui.plots.view import View


class Picker:
    """Of one plot: `points` returns the places of its points as drawn, `picked` takes the numbers of those picked."""

    def __init__(
        self,
        plot: pg.PlotItem,
        points: Callable[[], tuple[Array, Array]],
        picked: Callable[[list[int]], None],
    ) -> None:
        self._plot, self._points, self._picked = plot, points, picked
        self.on = False
        plot.scene().sigMouseClicked.connect(self._clicked)

    def turn(self, on: bool) -> None:
        """Begin or end picking; meanwhile a drag draws a rectangle and does not move the view."""
        self.on = on
        view = self._plot.vb
        if isinstance(view, View):
            view.take_rectangles(self._within if on else None)

    def _clicked(self, click: "pg.MouseClickEvent") -> None:
        position = click.scenePos()
        inside = self._plot.vb.sceneBoundingRect().contains(position)
        if not self.on or click.button() != Qt.MouseButton.LeftButton or not inside:
            return
        x, y = self._points()
        if not len(x):
            return
        view = self._plot.vb
        here = view.mapSceneToView(position)
        (left, right), (low, high) = view.viewRange()
        across, down = view.width() / (right - left), view.height() / (high - low)
        far = np.hypot((x - here.x()) * across, (y - here.y()) * down)
        nearest = int(np.nanargmin(far))
        if far[nearest] < REACH:
            self._picked([nearest])

    def _within(self, rectangle: QRectF) -> None:
        x, y = self._points()
        box = rectangle.normalized()
        inside = (x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())
        if np.any(inside):
            self._picked([int(place) for place in np.flatnonzero(inside)])
