"""Icons of the screens: each has one, it is its own, and it is drawn in the colour that is asked for."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from solbench.gui.icons import SIZE, icon
from solbench.gui.palette import LOOKS
from solbench.gui.screens import SCREENS


def drawn(key: str, color: str) -> bytes:
    picture = icon(key, color).pixmap(SIZE, SIZE).toImage()
    return bytes(picture.bits())


def test_every_screen_has_an_icon_of_its_own(qapp):
    pictures = [drawn(listed.key, "#000000") for listed in SCREENS]
    assert len(set(pictures)) == len(SCREENS)


@pytest.mark.parametrize("look", LOOKS)
def test_an_icon_has_the_colour_of_the_look(qapp, look):
    color = QColor(LOOKS[look].text)
    for listed in SCREENS:
        image = icon(listed.key, LOOKS[look].text).pixmap(QSize(SIZE, SIZE), 3.0).toImage()
        places = [(x, y) for x in range(image.width()) for y in range(image.height())]
        solid = [image.pixelColor(x, y) for x, y in places if image.pixelColor(x, y).alpha() > 250]
        assert solid
        assert all(abs(each.lightness() - color.lightness()) < 8 for each in solid)


def test_a_key_without_an_icon_has_an_empty_one(qapp):
    assert icon("no such screen", "#000000").isNull()
