"""A circuit as a picture, drawn of its text as it is typed, with what it is used for."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from solbench.fitting.circuit import Circuit, Leaf, Node, Parallel
from solbench.fitting.elements import Parameter
from solbench.gui.models.common.number_format import with_prefix
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.circuits import Circuits
from solbench.gui.models.fit.fit_rows import in_powers
from solbench.gui.screens.parts import Note, button, row

CELL = QSizeF(74, 52)  # pixels of an element with its name
BESIDE = 14.0  # pixels of wire at both ends of a parallel part
BODY = QSizeF(34, 14)
A_DECADE = 80.0  # pixels up or down
A_WHOLE_EXPONENT = 400.0  # pixels to the right or left
SHORT_UNITS = {"ohm": "Ω", "F": "F", "H": "H", "s": "s"}


def size_of(node: Node) -> QSizeF:
    """Return how much room a part takes when it is drawn."""
    if isinstance(node, Leaf):
        return CELL
    sizes = [size_of(part) for part in node.parts]
    if isinstance(node, Parallel):
        return QSizeF(max(size.width() for size in sizes) + 2 * BESIDE, sum(size.height() for size in sizes))
    return QSizeF(sum(size.width() for size in sizes), max(size.height() for size in sizes))


class Drawing(QWidget):
    """The picture alone, as large as it fits, with the values of the elements where they are known.

    An element is dragged: up and down multiplies its value, to the right and left changes its exponent. `moved` says
    which parameter is what by now, `let_go` that it is over.
    """

    moved = Signal(str, float)
    let_go = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.circuit: Circuit | None = None
        self.values: Mapping[str, float] = {}
        self._drawn: list[tuple[QRectF, Leaf]] = []
        self._begun: tuple[list[tuple[str, Parameter]], QPointF, Mapping[str, float]] | None = None
        self.setMinimumHeight(60)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Circuit as a picture"))

    def leaf_at(self, position: QPointF) -> Leaf | None:
        """Return the element drawn at a place, None where there is none with a value."""
        for box, leaf in self._drawn:
            if box.contains(position) and self._names(leaf)[0] in self.values:
                return leaf
        return None

    def _names(self, leaf: Leaf) -> list[str]:
        assert self.circuit is not None
        return list(self.circuit.names[leaf.first : leaf.end])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an element."""
        leaf = self.leaf_at(event.position())
        if leaf is not None and event.button() == Qt.MouseButton.LeftButton:
            held = list(zip(self._names(leaf), leaf.element.parameters, strict=True))
            self._begun = held, event.position(), dict(self.values)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Change the value of the element that is held."""
        if self._begun is None:
            over = self.leaf_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.ArrowCursor)
            return
        held, start, values = self._begun
        way = event.position() - start
        for name, parameter in held:
            if parameter.kind == "exponent":
                value = values[name] + way.x() / A_WHOLE_EXPONENT
                self.moved.emit(name, min(max(value, parameter.low), parameter.high))
            elif parameter.kind != "time":
                self.moved.emit(name, values[name] * 10.0 ** (-way.y() / A_DECADE))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the element go."""
        if self._begun is not None:
            self._begun = None
            self.let_go.emit()

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
        leaves = _draw(
            painter, self.circuit.root, QPointF(left + BESIDE, middle), size_of(self.circuit.root).width()
        )
        self._drawn = []
        for box, leaf in leaves:
            place = QRectF(box.topLeft() * scale, box.size() * scale)
            self._drawn.append((place, leaf))
            words = self._words(leaf)
            if words:
                _write(painter, QRectF(box.left(), box.bottom() - 17, box.width(), 16), words)
        painter.end()

    def _words(self, leaf: Leaf) -> str:
        """Return the values of an element in short, "" while they are not known."""
        known = [
            (self.values.get(name), p)
            for name, p in zip(self._names(leaf), leaf.element.parameters, strict=True)
        ]
        return ", ".join(
            with_prefix(value, SHORT_UNITS[p.unit], 3)
            if p.unit in SHORT_UNITS
            else in_powers(value, digits=2)
            for value, p in known
            if value is not None
        )


def _draw(painter: QPainter, node: Node, at: QPointF, width: float) -> list[tuple[QRectF, Leaf]]:
    """Draw a part from a point on its wire on, over a width; return where its elements are."""
    found: list[tuple[QRectF, Leaf]] = []
    if isinstance(node, Leaf):
        _draw_leaf(painter, node, at, width)
        found.append((QRectF(at.x(), at.y() - CELL.height() / 2, width, CELL.height()), node))
    elif isinstance(node, Parallel):
        heights = [size_of(part).height() for part in node.parts]
        y = at.y() - sum(heights) / 2
        centres = []
        for part, height in zip(node.parts, heights, strict=True):
            centres.append(y + height / 2)
            found += _draw(painter, part, QPointF(at.x() + BESIDE, centres[-1]), width - 2 * BESIDE)
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
            found += _draw(painter, part, QPointF(x, at.y()), wide + extra)
            x += wide + extra
    return found


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
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


class CircuitSketch(QWidget):
    """The picture with a line below: what the circuit is used for, or why there is none; and the user's own circuits.

    `changed` is called when the list of circuits is another.
    """

    def __init__(self, circuits: Circuits, changed: Callable[[], None]) -> None:
        super().__init__()
        self.circuits, self._changed = circuits, changed
        self.drawing = Drawing()
        self.words = Note()
        self.purpose = QLineEdit()
        self.purpose.setAccessibleName(tr("What the circuit is for"))
        self.purpose.setPlaceholderText(tr("what it is for"))
        self.add = button(tr("Add to the list"), self._add, tr("Keep this circuit in the list of circuits"))
        self.remove = button(tr("Remove"), self._remove, tr("Take this circuit of your own out of the list"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.drawing, 1)
        layout.addWidget(self.words)
        line = row(self.purpose, self.add, self.remove)
        line.setStretch(0, 1)
        layout.addLayout(line)

    def _text(self) -> str:
        return self.drawing.circuit.text if self.drawing.circuit is not None else ""

    def _add(self) -> None:
        self.circuits.add(self._text(), self.purpose.text())
        self.purpose.clear()
        self._changed()

    def _remove(self) -> None:
        self.circuits.remove(self._text())
        self._changed()

    def show_values(self, values: Mapping[str, float]) -> None:
        """Write values (SI) at the elements."""
        self.drawing.values = values
        self.drawing.update()

    def show_circuit(
        self, circuit: Circuit | None, words: str, values: Mapping[str, float] | None = None
    ) -> None:
        """Draw a circuit, or none; `words` stand below, `values` (SI) at the elements."""
        self.drawing.circuit = circuit
        self.show_values(values or {})
        text = self._text()
        self.add.setEnabled(bool(text) and text not in self.circuits.offered)
        self.remove.setEnabled(self.circuits.is_own(text))
        self.purpose.setEnabled(self.add.isEnabled())
        self.drawing.setToolTip(circuit.text if circuit is not None else "")
        self.drawing.update()
        self.words.say(words, "quiet")
