"""Icons of the screens, drawn in the colours of the look: lines on a grid of 24."""

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QIcon, QPixmap

SIZE = 20  # pixels
SHARP = 3  # times as many pixels, for screens with small ones
SHAPES = {
    "connect": "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
    "cell": "M4 8a8 4 0 0 1 16 0a8 4 0 0 1-16 0zM4 8v8a8 4 0 0 0 16 0V8",
    "protocol": "M4 5h4v4H4zM4 15h4v4H4zM12 7h8M12 17h8",
    "start": "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM10 8.5v7l6-3.5z",
    "queue": "M4 6h16M4 12h16M4 18h9",
    "live": "M3 13h4l3-8l4 14l3-6h4",
    "data": "M4 4v16h16M7 15l4-5l3 3l5-7",
    "fit": "M4 4v16h16M6 20a6.5 6.5 0 0 1 13 0",
    "report": "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
}
"""The lines of each screen's icon, by its key, as a path of SVG."""


def icon(key: str, color: str) -> QIcon:
    """Return the icon of a screen in a colour (#rrggbb); an empty one for a key that has none."""
    if key not in SHAPES:
        return QIcon()
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE * SHARP}" height="{SIZE * SHARP}" viewBox="0 0 24 24">'
        f'<path d="{SHAPES[key]}" fill="none" stroke="{color}" stroke-width="1.8" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    )
    picture = QPixmap()
    picture.loadFromData(QByteArray(drawing.encode()))
    picture.setDevicePixelRatio(SHARP)
    return QIcon(picture)
