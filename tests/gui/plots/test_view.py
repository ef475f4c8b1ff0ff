"""The context menu of a plot, which is not built before it is asked for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu

from solbench.gui.palette import LIGHT
from solbench.gui.plots.spectra.bode import BodePlot
from solbench.gui.plots.traces.curves import CapacityPlot
from solbench.gui.plots.traces.preview import PreviewPlot


@pytest.mark.parametrize("kind", [BodePlot, CapacityPlot])
def test_right_click_brings_the_menu(qtbot, kind):
    plot = kind(LIGHT)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    box = plot.magnitude.vb if kind is BodePlot else plot.getPlotItem().vb
    assert box.menu is None
    place = plot.mapFromScene(box.mapToScene(box.rect().center()))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.RightButton, pos=place)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Show all" in [action.text() for action in menu.actions()]
    box.setRange(xRange=(5.0, 6.0), yRange=(5.0, 6.0))
    next(action for action in menu.actions() if action.text() == "Show all").trigger()
    menu.close()
    assert box.viewRange()[0] != [5.0, 6.0]
    assert box.getMenu(None) is menu


def test_plot_without_a_menu_has_none(qtbot):
    plot = PreviewPlot()
    qtbot.addWidget(plot)
    assert plot.voltage.vb.getMenu(None) is None
    assert plot.voltage.vb.getContextMenus(None) == []
