"""Pens of plots: as thick on a sharp screen as on any other.

pyqtgraph's pens are cosmetic: Qt counts their width in pixels of the device, of which a sharp screen has two or three
where another has one.
"""

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPen


def line_pen(color: str | QColor, *, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of a width in pixels of the window."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return pg.mkPen(color, width=width * ratio, style=style)
