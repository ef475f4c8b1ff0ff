"""How a part is clamped for commissioning, as a drawing."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from solbench.acquisition.commission.messages import MountAsked
from solbench.acquisition.commission.parts import ALONE
from solbench.gui.models.common.numbers import typeset
from solbench.gui.models.common.words import tr

Lead = tuple[str, float, bool]  # its name, where it is drawn, whether it carries the current
WIDTH, HEIGHT = 520.0, 150.0
LEFT, RIGHT, MIDDLE = 150.0, 370.0, 75.0
NAME_WIDTH = 72.0
PART = QRectF(190.0, 55.0, 140.0, 40.0)
GAP = 26.0  # between the ends of open leads


class Clamping(QWidget):
    """Draws the leads at the two ends of a part; which pair is at the plus of a dry cell is drawn, too."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: MountAsked | None = None
        self.setAccessibleName(tr("How the part is clamped"))
        self.setMinimumSize(300, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_mounting(self, asked: MountAsked | None) -> None:
        """Draw what is asked for, or nothing."""
        self._asked = asked
        self.setAccessibleDescription(asked.words if asked is not None else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the unscaled size."""
        return QSize(int(WIDTH), int(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, scaled to the widget."""
        asked = self._asked
        if asked is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(self.width() / WIDTH, self.height() / HEIGHT)
        painter.translate((self.width() - WIDTH * scale) / 2, (self.height() - HEIGHT * scale) / 2)
        painter.scale(scale, scale)
        font = painter.font()
        font.setPixelSize(13)
        painter.setFont(font)
        is_turned = asked.clamping == "emf" and asked.plus.startswith(asked.terminals[2])
        left, right = reversed(_ends(asked)) if is_turned else _ends(asked)
        self._leads(painter, left, LEFT, -1.0)
        self._leads(painter, right, RIGHT, 1.0)
        if asked.clamping == "nothing":
            painter.drawText(
                QRectF(LEFT + GAP, MIDDLE - 10, RIGHT - LEFT - 2 * GAP, 20), _CENTRE, tr("nothing")
            )
        else:
            self._part(painter, asked)
        painter.end()

    def _pen(self, painter: QPainter, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), width, style))

    def _leads(self, painter: QPainter, leads: tuple[Lead, ...], end: float, side: float) -> None:
        """Draw two leads that meet at one end: solid what carries the current, dashed what feels the voltage."""
        far = end + side * 70.0
        for name, y, carries in leads:
            self._pen(painter, 2.0, Qt.PenStyle.SolidLine if carries else Qt.PenStyle.DashLine)
            painter.drawPolyline([QPointF(far, y), QPointF(end + side * 14, y), QPointF(end, MIDDLE)])
            self._pen(painter, 1.0)
            box = QRectF(far - NAME_WIDTH - 6 if side < 0 else far + 6, y - 10, NAME_WIDTH, 20)
            painter.drawText(box, _RIGHT if side < 0 else _LEFT, name)
        painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawEllipse(QPointF(end, MIDDLE), 4.0, 4.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _part(self, painter: QPainter, asked: MountAsked) -> None:
        self._pen(painter, 2.0)
        painter.drawLine(QPointF(LEFT, MIDDLE), QPointF(PART.left(), MIDDLE))
        painter.drawLine(QPointF(PART.right(), MIDDLE), QPointF(RIGHT, MIDDLE))
        painter.drawRoundedRect(PART, 4, 4)
        painter.drawText(PART, _CENTRE | Qt.TextFlag.TextWordWrap, typeset(asked.part))
        if asked.clamping == "emf":
            font = painter.font()
            font.setPixelSize(20)
            painter.setFont(font)
            painter.drawText(QRectF(LEFT + 12, MIDDLE - 34, 24, 24), _CENTRE, "+")
            painter.drawText(QRectF(RIGHT - 36, MIDDLE - 34, 24, 24), _CENTRE, "\u2212")


def _ends(asked: MountAsked) -> tuple[tuple[Lead, ...], tuple[Lead, ...]]:
    """Return the leads at the two ends of a part."""
    drives, senses, other, other_senses = asked.terminals
    if asked.leads == ALONE:
        return (
            (("GEN", 30.0, True), ("V1 HI", 75.0, False), (senses, 120.0, False)),
            (("CUR", 30.0, True), ("V1 LO", 75.0, False), (other_senses, 120.0, False)),
        )
    return (
        ((drives, 45.0, True), (senses, 105.0, False)),
        ((other, 45.0, True), (other_senses, 105.0, False)),
    )


_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
