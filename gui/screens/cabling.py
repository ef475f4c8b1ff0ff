"""The cabling as a drawing: which connector goes where."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from solbench.gui.models.context import Context
from solbench.gui.models.setup.cabling import CONTACTS, INSTRUMENTS, Wiring
from solbench.gui.screens.parts import Tone, row, tone_colour
from solbench.gui.values import ChoiceBox

WIDTH, HEIGHT = 430.0, 262.0
REMEMBERED = "cabling"
BOX = QRectF(0, 8, 186, 118)
LEFT_BOX = QRectF(8, 8, 128, 118)
CELL_Y, CELL_HEIGHT = 204.0, 44.0
LEAD_STEP, FIRST_LEAD = 46.0, 24.0
TONES: tuple[Tone, ...] = ("note", "good", "bad")
_WHAT = {"1260": "impedance analyzer", "1287": "potentiostat"}


class CablingBox(QWidget):
    """The drawing, and the choice of the wiring, which is remembered."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.instruments, self.contacts = ChoiceBox(), ChoiceBox()
        self.instruments.setAccessibleName("Instruments of the cabling sketch")
        self.contacts.setAccessibleName("Terminals of the cell in the cabling sketch")
        for box, choices in ((self.instruments, INSTRUMENTS), (self.contacts, CONTACTS)):
            for text, value in choices:
                box.addItem(text, value)
        earlier = context.settings.get(REMEMBERED, ["pair", 2])
        for box, last in zip((self.instruments, self.contacts), earlier, strict=False):
            box.setCurrentIndex(max(box.findData(last), 0))
        self.sketch = Cabling()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.instruments, self.contacts, None))
        layout.addWidget(self.sketch, 1)
        for box in (self.instruments, self.contacts):
            box.activated.connect(lambda *_: self._chosen())
        self._chosen()

    def _chosen(self) -> None:
        chosen = [self.instruments.currentData(), self.contacts.currentData()]
        self._context.settings.set(REMEMBERED, chosen)
        self.sketch.show_wiring(Wiring(*chosen))


class Cabling(QWidget):
    """Draws the coaxial cables between the instruments and the four leads to the cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Cabling sketch")
        self.setMinimumSize(300, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_wiring(Wiring("pair", 2))

    def show_wiring(self, wiring: Wiring) -> None:
        """Draw another wiring."""
        self.wiring = wiring
        self.setAccessibleDescription(wiring.words)
        self.setToolTip(wiring.words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the unscaled size."""
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
        box = BOX.translated(236, 0)
        self._instrument(painter, box, self.wiring.instrument)
        if self.wiring.links:
            self._instrument(painter, LEFT_BOX, "1260")
            self._links(painter, LEFT_BOX.right(), box.left())
        self._leads(painter, box)
        self._notes(painter, LEFT_BOX.left(), box.left())
        painter.end()

    def _text_pen(self, painter: QPainter, width: float = 1.2) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), width))

    def _instrument(self, painter: QPainter, box: QRectF, name: str) -> None:
        self._text_pen(painter)
        painter.drawRoundedRect(box, 5, 5)
        painter.drawText(QRectF(box.left(), 11, box.width(), 16), _CENTRE, name)
        painter.drawText(QRectF(box.left(), 25, box.width(), 16), _CENTRE, _WHAT[name])

    def _links(self, painter: QPainter, left: float, right: float) -> None:
        for number, ((source, target), tone) in enumerate(zip(self.wiring.links, TONES, strict=True)):
            y = 56.0 + 22 * number
            self._text_pen(painter, 1)
            painter.drawText(QRectF(left - 115, y - 9, 100, 18), _RIGHT, source)
            painter.drawText(QRectF(right + 15, y - 9, 100, 18), _LEFT, target)
            painter.setPen(QPen(tone_colour(tone), 2.2))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            for x in (left - 6, right + 6):
                painter.drawEllipse(QPointF(x, y), 4.5, 4.5)

    def _leads(self, painter: QPainter, box: QRectF) -> None:
        cell = QRectF(box.left(), CELL_Y, box.width(), CELL_HEIGHT)
        self._text_pen(painter)
        painter.drawRoundedRect(cell, 4, 4)
        painter.drawText(cell, _CENTRE, "cell")
        places = [box.left() + FIRST_LEAD + LEAD_STEP * number for number in range(4)]
        for node in self.wiring.nodes:
            contact = sum(places[number] for number in node) / len(node)
            for number in node:
                self._lead(painter, number, places[number], contact)
            painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawEllipse(QPointF(contact, CELL_Y), 3.5, 3.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _lead(self, painter: QPainter, number: int, x: float, contact: float) -> None:
        lead = self.wiring.leads[number]
        self._text_pen(painter, 1)
        painter.drawText(QRectF(x - 23, 110, 46, 14), _CENTRE, lead.socket)
        style = Qt.PenStyle.SolidLine if lead.current else Qt.PenStyle.DashLine
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.4, style))
        painter.drawPolyline(
            [QPointF(x, 126), QPointF(x, 176), QPointF(contact, 190), QPointF(contact, CELL_Y)]
        )

    def _notes(self, painter: QPainter, left: float, right: float) -> None:
        self._text_pen(painter, 1)
        top = 140.0 if self.wiring.links else 14.0
        words = "\n".join([*self.wiring.notes, "Solid: current. Dashed: voltage."])
        painter.drawText(QRectF(left, top, right - left - 16, HEIGHT - top), _TEXT, words)


_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
