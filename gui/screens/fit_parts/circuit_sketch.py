"""A circuit as a picture, drawn of its text as it is typed, with what it is used for."""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from solbench.fitting.circuit import Circuit, Leaf, Node, Parallel
from solbench.gui.screens.parts import Note

CELL = QSizeF(74, 52)  # pixels of an element with its name
BESIDE = 14.0  # pixels of wire at both ends of a parallel part
BODY = QSizeF(34, 14)


def size_of(node: Node) -> QSizeF:
    """Return how much room a part takes when it is drawn."""
    if isinstance(node, Leaf):
        return CELL
    sizes = [size_of(part) for part in node.parts]
    if isinstance(node, Parallel):
        return QSizeF(max(size.width() for size in sizes) + 2 * BESIDE, sum(size.height() for size in sizes))
    return QSizeF(sum(size.width() for size in sizes), max(size.height() for size in sizes))


class Drawing(QWidget):
    """The picture alone, as large as it fits."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit: Circuit | None = None
        self.setMinimumHeight(60)
        self.setAccessibleName("Circuit as a picture")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circuit."""
        if self.circuit is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = size_of(self.circuit.root) + QSizeF(2 * BESIDE + 8, 8)
        scale = min(self.width() / size.width(), self.height() / size.height(), 1.4)
        painter.scale(scale, scale)
        middle = self.height() / scale / 2
        left = (self.width() / scale - size.width()) / 2 + 4
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(ink, 1.3))
        right = left + size.width() - 8
        painter.drawLine(QPointF(left, middle), QPointF(left + BESIDE, middle))
        painter.drawLine(QPointF(right - BESIDE, middle), QPointF(right, middle))
        for end in (left, right):
            painter.drawEllipse(QPointF(end, middle), 2.5, 2.5)
        _draw(painter, self.circuit.root, QPointF(left + BESIDE, middle), size_of(self.circuit.root).width())
        painter.end()


def _draw(painter: QPainter, node: Node, at: QPointF, width: float) -> None:
    """Draw a part from a point on its wire on, over a width."""
    if isinstance(node, Leaf):
        _draw_leaf(painter, node, at, width)
    elif isinstance(node, Parallel):
        heights = [size_of(part).height() for part in node.parts]
        y = at.y() - sum(heights) / 2
        centres = []
        for part, height in zip(node.parts, heights, strict=True):
            centres.append(y + height / 2)
            _draw(painter, part, QPointF(at.x() + BESIDE, centres[-1]), width - 2 * BESIDE)
            y += height
        for x in (at.x() + BESIDE, at.x() + width - BESIDE):
            painter.drawLine(QPointF(x, centres[0]), QPointF(x, centres[-1]))
        painter.drawLine(at, at + QPointF(BESIDE, 0))
        painter.drawLine(at + QPointF(width - BESIDE, 0), at + QPointF(width, 0))
    else:
        own = [size_of(part).width() for part in node.parts]
        extra = (width - sum(own)) / len(own)
        x = at.x()
        for part, wide in zip(node.parts, own, strict=True):
            _draw(painter, part, QPointF(x, at.y()), wide + extra)
            x += wide + extra


def _draw_leaf(painter: QPainter, leaf: Leaf, at: QPointF, width: float) -> None:
    """Draw the sign of an element between two pieces of wire, and its name above."""
    middle = at + QPointF(width / 2, 0)
    half = BODY.width() / 2
    symbol = leaf.element.symbol
    gap = 3.0 if symbol in ("C", "CPE") else half
    painter.drawLine(at, middle - QPointF(gap, 0))
    painter.drawLine(middle + QPointF(gap, 0), at + QPointF(width, 0))
    box = QRectF(middle - QPointF(half, BODY.height() / 2), BODY)
    path = QPainterPath()
    if symbol == "C":
        for x in (-gap, gap):
            path.moveTo(middle + QPointF(x, -9))
            path.lineTo(middle + QPointF(x, 9))
    elif symbol == "CPE":
        for x in (-gap, gap):
            path.moveTo(middle + QPointF(x - 5, -9))
            path.lineTo(middle + QPointF(x, 0))
            path.lineTo(middle + QPointF(x - 5, 9))
    elif symbol in ("L", "La"):
        path.moveTo(middle - QPointF(half, 0))
        for number in range(4):
            path.arcTo(
                QRectF(box.left() + number * half / 2, middle.y() - half / 4, half / 2, half / 2), 180, -180
            )
    else:
        path.addRect(box)
    painter.drawPath(path)
    if symbol not in ("R", "C", "CPE", "L"):
        _write(painter, box, symbol)
    _write(painter, QRectF(at.x(), at.y() - CELL.height() / 2, width, 16), leaf.name)


def _write(painter: QPainter, box: QRectF, text: str) -> None:
    font = painter.font()
    font.setPointSizeF(8.0)
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class CircuitSketch(QWidget):
    """The picture with a line below: what the circuit is used for, or why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = Drawing()
        self.words = Note()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.drawing, 1)
        layout.addWidget(self.words)

    def show_circuit(self, circuit: Circuit | None, words: str) -> None:
        """Draw a circuit, or none; `words` stand below."""
        self.drawing.circuit = circuit
        self.drawing.setToolTip(circuit.text if circuit is not None else "")
        self.drawing.update()
        self.words.say(words, "quiet")
