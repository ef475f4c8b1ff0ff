"""Figures are as wide as the room there is for them, and never blurred by being made larger."""

import random

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

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
    frame, bar = 2 * column.frameWidth(), column.verticalScrollBar().sizeHint().width()
    qtbot.waitUntil(
        lambda: picture.pixmap().width() == min(max(column.width() - frame - bar - EDGE, LEAST), DRAWN)
    )
    assert picture.pixmap().width() <= max(column.viewport().width() - EDGE, LEAST)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_a_figure_is_as_wide_whether_it_needs_a_scroll_bar_or_not(qtbot, tmp_path, monkeypatch, seed):
    """Otherwise the bar made it narrower, so that it fitted, the bar went, and so on for ever."""
    draw, path = random.Random(seed), tmp_path / "a.png"
    drawn = draw.choice([(1200, 800), (1600, 900), (1000, 1300)])
    QImage(*drawn, QImage.Format.Format_RGB32).save(str(path))
    column, room = Pictures("figures", "none"), draw.randint(400, 900)
    qtbot.addWidget(column)
    column.resize(room, 300)
    column.show()
    column.show_pictures([path])
    QApplication.processEvents()
    (picture,) = column.findChildren(Picture)
    fitting = round(picture.pixmap().height())
    fits = []
    fit = Picture.fit
    monkeypatch.setattr(Picture, "fit", lambda self, width: (fits.append(width), fit(self, width)))
    for height in range(fitting - 20, fitting + 60, 2):  # from one that needs the bar to one that does not
        fits.clear()
        column.resize(room, height)
        for _ in range(10):
            QApplication.processEvents()
        assert len(fits) < 5, height
        assert len(set(fits)) == 1


def test_a_picture_that_cannot_be_read_is_named(qtbot, tmp_path):
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    column = Pictures("figures", "none")
    qtbot.addWidget(column)
    column.show()
    column.show_pictures([tmp_path / "torn.png", tmp_path / "gone.png"])
    column.resize(500, 300)
    QApplication.processEvents()
    assert [picture.text() for picture in column.findChildren(Picture)] == [
        "The picture torn.png cannot be read.",
        "The picture gone.png cannot be read.",
    ]
