"""What stands out from what, computed as WCAG 2 does it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QLineEdit

from solbench.gui.palette import DARK, LIGHT, MARKS, apply
from solbench.gui.plots.ring import FocusRing
from tests.gui.engines import show

BOTH = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)


def relative(color):
    """Return red, green and blue of #rrggbb as shares of the most light."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(color):
    red, green, blue = relative(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@BOTH
def test_texts_edges_and_curves_stand_out(colors):
    for ground in (colors.window, colors.panel, colors.base):
        assert contrast(colors.text, ground) >= 7
        assert contrast(colors.faint, ground) >= 4.5
        for seen in (colors.edge, colors.accent, colors.good, colors.warning):
            assert contrast(seen, ground) >= 3
    for curve in (colors.voltage, colors.current, *colors.ordered):
        assert contrast(curve, colors.base) >= 3
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    assert contrast(colors.on_alarm, colors.alarm) >= 4.5


@BOTH
def test_marks_of_both_looks_can_be_drawn(qapp, colors):
    for name in ("check", "arrow", "close", "float"):
        assert not QImage(str(MARKS / f"{name}-{colors.name}.svg")).isNull()


@BOTH
def test_field_has_an_edge_and_a_ring_while_it_has_the_focus(qtbot, colors):
    field = QLineEdit()
    qtbot.addWidget(field)
    apply(field, colors)
    field.resize(100, 30)
    assert field.grab().toImage().pixelColor(50, 0).name() == colors.edge.lower()
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert field.grab().toImage().pixelColor(50, 1).name() == colors.accent.lower()


@BOTH
def test_checked_box_is_filled_and_marked(qtbot, colors):
    box = QCheckBox()
    qtbot.addWidget(box)
    apply(box, colors)
    empty = box.grab().toImage()
    box.setChecked(True)
    full = box.grab().toImage()
    found = {full.pixelColor(x, y).name() for x in range(full.width()) for y in range(full.height())}
    assert colors.accent.lower() in found
    assert colors.on_accent.lower() in found
    assert empty != full


@pytest.mark.long
def test_plot_with_the_focus_has_a_ring(qtbot, window, finished):
    show(qtbot, window, finished)
    plot = window.screens["live"].nyquist
    ring = plot.findChild(FocusRing)
    assert not ring.isVisible()
    plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    plot.setFocus()
    qtbot.waitUntil(ring.isVisible)
    assert ring.geometry() == plot.rect()
    window.screens["live"].steps.setFocus()
    assert not ring.isVisible()
