"""Lines are as thick on a sharp screen as on any other, measured on a screen with two pixels where one was."""

import os
import subprocess
import sys

import pytest

from solbench.gui.plots.pens import line_pen

DRAWN = """
import pyqtgraph as pg
from PySide6.QtGui import QGuiApplication, QImage, QPainter
app = QGuiApplication([])
from solbench.gui.plots.pens import line_pen
image = QImage(40, 40, QImage.Format.Format_RGB32)
image.fill(0xffffff)
painter = QPainter(image)
painter.setPen(line_pen("#000000"))
painter.drawLine(0, 20, 39, 20)
painter.end()
print(sum(image.pixelColor(20, y).lightness() < 128 for y in range(40)))
"""


@pytest.mark.long
@pytest.mark.parametrize("ratio", [1, 2])
def test_a_line_is_as_thick_as_the_screen_is_sharp(ratio):
    environment = {**os.environ, "QT_SCALE_FACTOR": str(ratio), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", DRAWN], env=environment, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == ratio


def test_a_pen_has_its_width_where_no_window_is():
    assert line_pen("#ff0000", width=3.0).widthF() % 3.0 == 0.0
