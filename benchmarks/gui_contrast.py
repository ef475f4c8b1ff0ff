"""Contrast of every text on every screen, as drawn, in each look. Run: python -m benchmarks.gui_contrast.

Of each label, button, field and cell of a list the picture is taken; its ground is the commonest colour, its ink the
one that stands out most. What is disabled is left out, as WCAG 2 does. Ends with an error where a text has less than
4.5 : 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.palette import LOOKS
from solbench.gui.window.main_window import MainWindow

LEAST = 4.5


def luminance(color: int) -> float:
    parts = [(color >> shift & 0xFF) / 255 for shift in (16, 8, 0)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(image: QImage) -> float:
    """Return the contrast of what stands out most against the commonest colour of a picture."""
    colors = Counter(
        image.pixel(x, y) & 0xFFFFFF for x in range(image.width()) for y in range(image.height())
    )
    ground = luminance(colors.most_common(1)[0][0])
    found = 1.0
    for color in colors:
        dark, light = sorted((ground, luminance(color)))
        found = max(found, (light + 0.05) / (dark + 0.05))
    return found


def texts(window: QWidget) -> list[tuple[str, QWidget, QRect]]:
    """Return every text in view: its words, the widget that draws it, and where in it."""
    found: list[tuple[str, QWidget, QRect]] = []
    for each in window.findChildren(QWidget):
        if not each.isVisible() or not each.isEnabled() or each.visibleRegion().isEmpty():
            continue
        inside = each.rect().adjusted(3, 3, -3, -3)
        if isinstance(each, (QLabel, QAbstractButton)) and each.text():
            found.append((each.text(), each, inside))
        elif isinstance(each, QLineEdit) and (each.text() or each.placeholderText()):
            found.append((each.text() or each.placeholderText(), each, inside))
        elif isinstance(each, QComboBox) and each.currentText():
            found.append((each.currentText(), each, inside))
        elif isinstance(each, QPlainTextEdit) and each.toPlainText():
            found.append((each.toPlainText()[:30], each.viewport(), each.viewport().rect()))
        elif isinstance(each, QAbstractItemView) and each.model() is not None:
            model = each.model()
            for row in range(min(model.rowCount(), 40)):
                for column in range(model.columnCount()):
                    index = model.index(row, column)
                    place = each.visualRect(index).intersected(each.viewport().rect())
                    if index.data() and place.height() > 8 and place.width() > 8:
                        found.append((str(index.data()), each.viewport(), place.adjusted(2, 2, -2, -2)))
    return found


def main() -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"SOLBENCH_STATE": f"{place}/state", "XDG_CONFIG_HOME": f"{place}/config"}
        Path(place, "state").mkdir()
        app = QApplication(["solbench"])
        context = Context(Settings(Path(place, "desktop.json")))
        window = MainWindow(context)
        window.resize(1366, 1000)
        window.show()
        context.bench.set("simulated")
        context.cell.set("nps")
        for look in LOOKS:
            window.set_look(look)  # in a running window, as people do
            least, count = (99.0, ""), 0
            for key in window.screens.kinds:
                window.show_screen(key)
                until_s = time.monotonic() + 0.6
                while time.monotonic() < until_s:
                    app.processEvents()
                    time.sleep(0.01)
                for words, widget, where in texts(window):
                    value = contrast(widget.grab(where).toImage())
                    count += 1
                    least = min(least, (value, f"{key}: {words[:40]!r}"))
                    if value < LEAST:
                        bad += 1
                        print(f"  {look} {key}: {value:.2f} : 1  {type(widget).__name__} {words[:60]!r}")
            print(f"{look}: {count} texts, the least {least[0]:.2f} : 1 ({least[1]})", flush=True)
        context.unsaved.clear()
        window.exit_guard.leave()
        window.close()
        context.jobs.close()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
