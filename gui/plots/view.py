"""The inside of a plot, whose context menu is built on first use: that takes longer than all the rest."""

import pyqtgraph as pg
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


class View(pg.ViewBox):
    """A view box without a menu until the first right click."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMenuEnabled()

    def setMenuEnabled(self, enableMenu: bool = True) -> None:
        """Enable or disable the menu."""
        if enableMenu:
            self.state["enableMenu"] = True
        else:
            super().setMenuEnabled(False)

    def getMenu(self, ev: object) -> QMenu | None:
        """Return the menu; builds it the first time."""
        if self.menu is None and self.menuEnabled():
            super().setMenuEnabled(True)
        return self.menu

    def getContextMenus(self, event: object) -> list[QAction]:
        """Return the plot's entries in the menus of curves and axes."""
        menu = self.getMenu(event) if self.menuEnabled() else None
        return menu.actions() if menu is not None else []
