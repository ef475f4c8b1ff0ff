"""Many curves, drawn anew only where they have changed, and never for longer than a moment at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGraphicsItem, QWidget

MOMENT_S = 0.02  # of the processor, after which the window answers before the rest is drawn
ABOVE = 1e-3  # of a later curve over the one before, below everything else that lies above curves
MARKED = 24  # of the newest spectra have symbols: more cannot be told apart, and take longest to paint


class Same:
    """An array as a part of a key: equal to the same object alone, which lives as long as its key."""

    def __init__(self, held: object) -> None:
        self._held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._held is self._held

    __hash__ = None  # type: ignore[assignment] # as of everything that is equal by more than itself


class Gradual:
    """The curves of some plots in an order, the last on top; `draw` adds those of one place.

    A hundred spectra take most of a second to draw: at each new point of the last one the window would stand still.
    """

    def __init__(self, widget: QWidget, plots: Sequence[pg.PlotItem], draw: Callable[[int], None]) -> None:
        self._widget, self._plots, self._draw = widget, plots, draw
        self._drawn: dict[int, tuple[object, list[tuple[pg.PlotItem, QGraphicsItem]]]] = {}
        self._keys: Sequence[object] = ()
        self._due: list[int] = []
        self._waits = False

    def show(self, keys: Sequence[object]) -> None:
        """Show a curve for each key; a key is all that the drawing of its place depends on."""
        self._keys = keys
        for place in [place for place in self._drawn if place >= len(keys)]:
            self._take_away(place)
        self._due = [
            place
            for place, key in enumerate(keys)
            if place not in self._drawn or self._drawn[place][0] != key
        ]
        if not self._waits:
            self._go_on()

    def _go_on(self, moment_s: float | None = None) -> None:
        self._waits = False
        until_s = time.thread_time() + (MOMENT_S if moment_s is None else moment_s)
        while self._due:
            place = self._due.pop()  # the newest first
            self._take_away(place)
            before = [len(plot.items) for plot in self._plots]
            self._draw(place)
            made = [
                (plot, item)
                for plot, count in zip(self._plots, before, strict=True)
                for item in plot.items[count:]
            ]
            for _, item in made:
                item.setZValue(ABOVE * place)
            self._drawn[place] = self._keys[place], made
            if self._due and time.thread_time() > until_s:
                self._waits = True
                QTimer.singleShot(1, self._widget, self._go_on)  # at 0 it would come before anything else
                return
        for plot in self._plots:
            for items in (plot.items, plot.dataItems):  # values are copied in this order
                items.sort(key=lambda item: (item.zValue() < 0.0, item.zValue()))

    def finish(self) -> None:
        """Draw at once what is still to be drawn: a picture of the plot, or its values, are to hold all of it."""
        self._go_on(math.inf)

    def _take_away(self, place: int) -> None:
        _, items = self._drawn.pop(place, ("", []))
        for plot, item in items:
            plot.removeItem(item)
