"""The cabling as a drawing: which connector goes where, and which end of the cell is positive."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.bench.making import Mains
from solbench.acquisition.bench.making import Wiring as BenchWiring
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.setup.cabling import CONTACTS, INSTRUMENTS, Wiring
from solbench.gui.screens.parts import Tone, row, tone_colour
from solbench.gui.values import ChoiceBox

WIDTH, HEIGHT = 430.0, 262.0
REMEMBERED = "cabling"
BOX_LEFT = 236.0
BOX = QRectF(0, 8, 186, 118)
LEFT_BOX = QRectF(8, 8, 128, 118)
CELL_Y, CELL_HEIGHT = 204.0, 44.0
LEAD_STEP, FIRST_LEAD = 46.0, 24.0
TONES: tuple[Tone, ...] = ("note", "good", "bad")
_WHAT = {"1260": tr("impedance analyzer"), "1287": tr("potentiostat")}


class CablingBox(QWidget):
    """The drawing, and the choice of the wiring, which is remembered."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._polarity: int | None = None
        self.instruments, self.contacts = ChoiceBox(), ChoiceBox()
        self.instruments.setAccessibleName(tr("Instruments of the cabling sketch"))
        self.contacts.setAccessibleName(tr("Terminals of the cell in the cabling sketch"))
        for box, choices in ((self.instruments, INSTRUMENTS), (self.contacts, CONTACTS)):
            for text, value in choices:
                box.addItem(text, value)
        earlier = context.settings.get(REMEMBERED, ["pair", 2])
        for box, last in zip((self.instruments, self.contacts), earlier, strict=False):
            box.setCurrentIndex(max(box.findData(last), 0))
        self.sketch = Cabling()
        self.sketch.chosen.connect(self._say_terminal)
        self.terminals = {
            "ce_re1": QRadioButton(tr("+ on CE and RE1")),
            "we_re2": QRadioButton(tr("+ on WE and RE2")),
        }
        self.mains: dict[Mains, QRadioButton] = {
            "50 Hz": QRadioButton("50 Hz"),
            "60 Hz": QRadioButton("60 Hz"),
        }
        self.turned = QCheckBox(tr("V OUT and I OUT turned"))
        self.turned.setToolTip(
            tr("The two outputs have opposite polarity; commissioning (step E) finds this out by itself")
        )
        self.wiring_changed = Observers()
        self._groups = [_group(self, self.terminals.values()), _group(self, self.mains.values())]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row(self.instruments, self.contacts, None))
        layout.addWidget(self.sketch, 1)
        layout.addLayout(row(*self.terminals.values(), None, QLabel(tr("Mains")), *self.mains.values()))
        layout.addLayout(row(self.turned, None))
        for radio in (*self.terminals.values(), *self.mains.values()):
            radio.clicked.connect(lambda *_: self._said())
        self.turned.clicked.connect(lambda *_: self._said())
        for box in (self.instruments, self.contacts):
            box.activated.connect(lambda *_: self._chosen())
        self._chosen()

    @property
    def said(self) -> BenchWiring:
        """Get what a person has said of the bench's wiring here."""
        terminal = next((name for name, radio in self.terminals.items() if radio.isChecked()), None)
        mains = next((name for name, radio in self.mains.items() if radio.isChecked()), None)
        is_asked = self.turned.isEnabled() and (self.turned.isChecked() or self._polarity is not None)
        polarity = (-1 if self.turned.isChecked() else 1) if is_asked else None
        return BenchWiring(terminal, mains, polarity)  # type: ignore[arg-type]

    def show_said(self, wiring: BenchWiring, found: int | None, *, fixed: bool = False) -> None:
        """Show what the bench file says, and the polarity that commissioning found; `fixed`: nothing can be set."""
        self._polarity = wiring.output_polarity
        for group in self._groups:
            group.setExclusive(False)
        for name, radio in self.terminals.items():
            radio.setChecked(name == wiring.positive_terminal)
            radio.setEnabled(not fixed)
        for frequency, each in self.mains.items():
            each.setChecked(frequency == wiring.mains)
            each.setEnabled(not fixed)
        for group in self._groups:
            group.setExclusive(True)
        polarity = found or wiring.output_polarity
        self.turned.setChecked(polarity == -1)
        self.turned.setEnabled(not fixed and found is None)
        self.turned.setText(
            tr("V OUT and I OUT turned (found by commissioning)") if found else tr("V OUT and I OUT turned")
        )
        self.sketch.show_ends(wiring.positive_terminal, turned=polarity == -1, fixed=fixed)

    def _say_terminal(self, terminal: str) -> None:
        self.terminals[terminal].setChecked(True)
        self._said()

    def _said(self) -> None:
        said = self.said
        self.sketch.show_ends(said.positive_terminal, turned=self.turned.isChecked(), fixed=False)
        self.wiring_changed()

    def _chosen(self) -> None:
        chosen = [self.instruments.currentData(), self.contacts.currentData()]
        self._context.settings.set(REMEMBERED, chosen)
        self.sketch.show_wiring(Wiring(*chosen))


class Cabling(QWidget):
    """Draws the coaxial cables between the instruments and the four leads to the cell; `chosen` is the end clicked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._positive: str | None = None
        self._turned, self._fixed = False, True
        self.setAccessibleName(tr("Cabling sketch"))
        self.setMinimumSize(300, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_wiring(Wiring("pair", 2))

    def show_wiring(self, wiring: Wiring) -> None:
        """Draw another wiring."""
        self.wiring = wiring
        self.setAccessibleDescription(wiring.words)
        self.setToolTip(wiring.words)
        self.update()

    def show_ends(self, positive: str | None, *, turned: bool, fixed: bool) -> None:
        """Draw which leads are on the positive terminal, and whether the outputs are turned against each other."""
        self._positive, self._turned, self._fixed = positive, turned, fixed
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click at one end of the cell for the word that it is the positive one."""
        scale, left, top = self._placed()
        x, y = (event.position().x() - left) / scale, (event.position().y() - top) / scale
        cell = QRectF(BOX.left() + BOX_LEFT, CELL_Y - 30, BOX.width(), CELL_HEIGHT + 40)
        if self._fixed or self.wiring.instrument != "1287" or not cell.contains(QPointF(x, y)):
            super().mousePressEvent(event)
            return
        self.chosen.emit("ce_re1" if x < cell.center().x() else "we_re2")

    def _placed(self) -> tuple[float, float, float]:
        """Return the scale of the drawing and where it begins (pixels)."""
        scale = min(self.width() / WIDTH, self.height() / HEIGHT)
        return scale, (self.width() - WIDTH * scale) / 2, (self.height() - HEIGHT * scale) / 2

    def sizeHint(self) -> QSize:
        """Return the unscaled size."""
        return QSize(int(WIDTH), int(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, scaled to the widget."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, left, top = self._placed()
        painter.translate(left, top)
        painter.scale(scale, scale)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        box = BOX.translated(BOX_LEFT, 0)
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
        usual = painter.font()
        painter.setFont(
            _fitting(usual, painter.fontMetrics().horizontalAdvance(_WHAT[name]), box.width() - 8)
        )
        painter.drawText(QRectF(box.left(), 25, box.width(), 16), _CENTRE, _WHAT[name])
        painter.setFont(usual)

    def _links(self, painter: QPainter, left: float, right: float) -> None:
        for number, ((source, target), tone) in enumerate(zip(self.wiring.links, TONES, strict=True)):
            y = 56.0 + 22 * number
            self._text_pen(painter, 1)
            painter.drawText(QRectF(left - 115, y - 9, 100, 18), _RIGHT, source)
            turned = " " + tr("(turned)") if self._turned and target == "I OUT" else ""
            painter.drawText(QRectF(right + 15, y - 9, 130, 18), _LEFT, f"{target}{turned}")
            painter.setPen(QPen(tone_colour(tone), 2.2))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            for x in (left - 6, right + 6):
                painter.drawEllipse(QPointF(x, y), 4.5, 4.5)

    def _leads(self, painter: QPainter, box: QRectF) -> None:
        cell = QRectF(box.left(), CELL_Y, box.width(), CELL_HEIGHT)
        self._text_pen(painter)
        painter.drawRoundedRect(cell, 4, 4)
        painter.drawText(cell, _CENTRE, tr("cell"))
        if self._positive is not None and self.wiring.instrument == "1287":
            ends = ("+", "\u2212") if self._positive == "ce_re1" else ("\u2212", "+")
            for place, sign in zip((cell.left() + 10, cell.right() - 26), ends, strict=True):
                painter.drawText(QRectF(place, cell.top(), 16, cell.height()), _CENTRE, sign)
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
        words = "\n".join([*self.wiring.notes, tr("Solid: current. Dashed: voltage.")])
        painter.drawText(QRectF(left, top, right - left - 16, HEIGHT - top), _TEXT, words)


_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TEXT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def _group(parent: QWidget, radios: Iterable[QRadioButton]) -> QButtonGroup:
    """Return radio buttons of which one at most is chosen."""
    group = QButtonGroup(parent)
    for radio in radios:
        group.addButton(radio)
    return group


def _fitting(font: QFont, width: float, room: float) -> QFont:
    """Return a font in which a text that is `width` pixels wide fits into `room`."""
    if width <= room:
        return font
    smaller = QFont(font)
    smaller.setPixelSize(max(int(font.pixelSize() * room / width), 1))
    return smaller
