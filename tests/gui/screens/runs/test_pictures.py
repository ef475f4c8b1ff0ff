"""Figures are as wide as the room there is for them, and never blurred by being made larger."""

import pytest
from PySide6.QtGui import QImage

from solbench.gui.screens.runs.pictures import EDGE, LEAST, Picture, Pictures

DRAWN = 900  # pixels of a figure in its file


@pytest.mark.parametrize("room", [200, 500, 840, 1500])
def test_a_figure_fills_the_column_up_to_its_own_size(qtbot, tmp_path, room):
    path = tmp_path / "a.png"
    QImage(DRAWN, 300, QImage.Format.Format_RGB32).save(str(path))
    column = Pictures("figures", "none")
    qtbot.addWidget(column)
    column.show()
    column.show_pictures([path])
    column.resize(room, 400)
    (picture,) = column.findChildren(Picture)
    qtbot.waitUntil(
        lambda: picture.pixmap().width() == min(max(column.viewport().width() - EDGE, LEAST), DRAWN)
    )
