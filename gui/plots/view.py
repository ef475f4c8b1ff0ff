"""The inside of a plot, whose context menu is built when somebody asks for it: that takes longer than all the rest."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg


class View(pg.ViewBox):
    """A view box that has no menu before the first click with the right button."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMenuEnabled()

    def setMenuEnabled(self, enableMenu: bool = True) -> None:
        """Allow the menu, or take it away."""
        if enableMenu:
            self.state["enableMenu"] = True
        else:
            super().setMenuEnabled(False)

    def getMenu(self, ev: Any) -> Any:
        """Return the menu; builds it the first time."""
        if self.menu is None and self.menuEnabled():
            super().setMenuEnabled(True)
        return self.menu

    def getContextMenus(self, event: Any) -> Any:
        """Return the entries that the menus of curves and axes have from the plot."""
        return self.getMenu(event).actions() if self.menuEnabled() else []
