"""The cabling of the pair as a drawing: which socket goes where."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.screens.parts import tone_colour

WIDTH, HEIGHT = 430.0, 256.0
LINKS = (
    ("GENERATOR", "POL INPUT", "note"),
    ("VOLTAGE 1", "V OUT", "good"),
    ("VOLTAGE 2", "I OUT", "bad"),
)
LEADS = ("CE", "RE1", "RE2", "WE")
CAPTION = (
    "Cabling of the 1260 with the 1287: GENERATOR to POL INPUT, V OUT to VOLTAGE 1, I OUT to VOLTAGE 2; "
    "CE and RE1 to one side of the cell, RE2 and WE to the other. The bench file says which side is positive."
)


class Cabling(QWidget):
    """Draws the three coaxial cables between the instruments and the four leads to the cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Cabling sketch")
        self.setAccessibleDescription(CAPTION)
        self.setToolTip(CAPTION)
        self.setMinimumSize(300, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return the size at which nothing is scaled."""
        return QSize(int(WIDTH), int(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, scaled to the widget."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(self.width() / WIDTH, self.height() / HEIGHT)
        painter.translate((self.width() - WIDTH * scale) / 2, (self.height() - HEIGHT * scale) / 2)
        painter.scale(scale, scale)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        self._instruments(painter)
        self._links(painter)
        self._cell(painter)
        painter.end()

    def _instruments(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.2))
        for left, name, what in ((10.0, "1260", "impedance analyzer"), (290.0, "1287", "potentiostat")):
            box = QRectF(left, 10, 130, 120)
            painter.drawRoundedRect(box, 5, 5)
            painter.drawText(QRectF(left, 12, 130, 16), Qt.AlignmentFlag.AlignCenter, name)
            painter.drawText(QRectF(left, 26, 130, 16), Qt.AlignmentFlag.AlignCenter, what)

    def _links(self, painter: QPainter) -> None:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        for number, (left, right, tone) in enumerate(LINKS):
            y = 62.0 + 26 * number
            painter.setPen(QPen(text, 1))
            painter.drawText(QRectF(16, y - 9, 106, 18), _RIGHT, left)
            painter.drawText(QRectF(308, y - 9, 106, 18), _LEFT, right)
            painter.setPen(QPen(tone_colour(tone), 2.2))  # type: ignore[arg-type]
            painter.drawLine(QPointF(140, y), QPointF(290, y))
            for x in (133.0, 297.0):
                painter.drawEllipse(QPointF(x, y), 5, 5)

    def _cell(self, painter: QPainter) -> None:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(text, 1.2))
        painter.drawRoundedRect(QRectF(150, 178, 50, 54), 4, 4)
        painter.drawText(QRectF(150, 178, 50, 54), Qt.AlignmentFlag.AlignCenter, "cell")
        for number, lead in enumerate(LEADS):
            x = 305.0 + 33 * number
            y = 190.0 + 10 * number
            painter.setPen(
                QPen(text, 1.2, Qt.PenStyle.DashLine if lead.startswith("RE") else Qt.PenStyle.SolidLine)
            )
            painter.drawLine(QPointF(x, 130), QPointF(x, y))
            if number < 2:
                painter.drawLine(QPointF(x, y), QPointF(200, y))
            else:
                bottom = 239.0 + 9 * (number - 2)
                painter.drawLine(QPointF(x, y), QPointF(x, bottom))
                painter.drawLine(QPointF(x, bottom), QPointF(140 - 8 * (number - 2), bottom))
                painter.drawLine(
                    QPointF(140 - 8 * (number - 2), bottom),
                    QPointF(140 - 8 * (number - 2), 200 + 8 * (number - 2)),
                )
                painter.drawLine(
                    QPointF(140 - 8 * (number - 2), 200 + 8 * (number - 2)),
                    QPointF(150, 200 + 8 * (number - 2)),
                )
            painter.drawText(QRectF(x + 2, 134, 30, 16), _LEFT, lead)
        painter.drawText(
            QRectF(2, 180, 122, 54), _LEFT | Qt.TextFlag.TextWordWrap, "solid: current\ndashed: voltage"
        )


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
