"""The inside of a plot, with a menu of its own: that of pyqtgraph takes long to build, and fits no axis in decades."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from solbench.gui.models.common.words import tr

GRID_ALPHA = 0.25


class View(pg.ViewBox):
    """A view box with a short menu, made at the first right click; `show_all` is what its first entry does."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.show_all: Callable[[], None] = lambda: self.autoRange()
        self._takes: Callable[[QRectF], None] | None = None
        self._zooms = False
        self.setMenuEnabled()

    def take_rectangles(self, takes: Callable[[QRectF], None] | None) -> None:
        """Give what is dragged as a rectangle (in the coordinates of the axes) to `takes`; None: move or zoom again."""
        self._takes = takes
        rectangles = takes is not None or self._zooms
        self.setMouseMode(pg.ViewBox.RectMode if rectangles else pg.ViewBox.PanMode)

    def showAxRect(self, ax: QRectF) -> None:
        """Zoom into a rectangle, or give it to who takes them."""
        if self._takes is not None:
            self._takes(ax)
        else:
            super().showAxRect(ax)

    def setMenuEnabled(self, enableMenu: bool = True) -> None:
        """Enable or disable the menu."""
        self.state["enableMenu"] = enableMenu
        if not enableMenu:
            self.menu = None

    def getMenu(self, ev: object) -> QMenu | None:
        """Return the menu; builds it the first time."""
        if self.menu is None and self.menuEnabled():
            self.menu = menu = QMenu()
            menu.addAction(tr("Show all"), lambda: self.show_all())
            for text, work in ((tr("Grid"), self._grid), (tr("Zoom by a rectangle"), self._rectangle)):
                action = menu.addAction(text)
                action.setCheckable(True)
                action.toggled.connect(work)
        return self.menu

    def getContextMenus(self, event: object) -> list[QAction]:
        """Return the plot's entries in the menus of curves and axes."""
        menu = self.getMenu(event) if self.menuEnabled() else None
        return menu.actions() if menu is not None else []

    def _grid(self, on: bool) -> None:
        plot = self.parentItem()
        if isinstance(plot, pg.PlotItem):
            plot.showGrid(x=on, y=on, alpha=GRID_ALPHA)

    def _rectangle(self, on: bool) -> None:
        self._zooms = on
        self.take_rectangles(self._takes)


def plain_menu(plot: pg.PlotItem) -> None:
    """Leave out the menu that pyqtgraph adds for transforms: they change what is drawn under the same axes."""
    plot.setMenuEnabled(enableMenu=False, enableViewBoxMenu=None)
