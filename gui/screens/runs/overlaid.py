"""Curves of runs with a list of them beside the plot: each can be left out, and is known by its own colour."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from solbench.gui.models.common.curves import Curve, told_apart
from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.overlay import OverlayPlot
from solbench.gui.plots.saving import Key
from solbench.gui.screens.parts import button, row, stacked

SWATCH = QSize(34, 14)
BESIDE = 44  # pixels of a line of the list: its tick, and the spaces around its parts
FEWEST = 8  # letters of a name


class Names(QListWidget):
    """The list beside the plot; `resized` is emitted when its names have more room, or less."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.resized.emit()


class Overlaid(QWidget):
    """A plot, and beside it the list of its curves; `above` stands over both."""

    def __init__(
        self, colors: Colors, name: str, equal_axes: bool = False, above: Sequence[QWidget] = ()
    ) -> None:
        super().__init__()
        self.plot = OverlayPlot(colors, name, equal_axes)
        self.list = Names()
        self.list.setAccessibleName(tr("Curves of: {name}", name=name))
        self.list.setIconSize(SWATCH)
        self.list.itemChanged.connect(lambda _item: self._ticked())
        self.list.resized.connect(self._shorten)
        self.every = button(
            tr("All"), lambda: self._tick(Qt.CheckState.Checked), tr("Draw every curve of the list")
        )
        self.none = button(
            tr("None"), lambda: self._tick(Qt.CheckState.Unchecked), tr("Draw no curve of the list")
        )
        self.log_x, self.log_y = QCheckBox(tr("log x")), QCheckBox(tr("log y"))
        for box in (self.log_x, self.log_y):
            box.setToolTip(tr("A logarithmic axis; values that have no logarithm are left out"))
            box.toggled.connect(self._set_log)
            if equal_axes:
                box.hide()
        beside = stacked(row(self.every, self.none, None), self.list, row(self.log_x, self.log_y, None))
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.plot)
        parts.addWidget(beside)
        parts.setSizes([900, 256])
        parts.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        if above:
            layout.addLayout(row(*above, None))
        layout.addWidget(parts, 1)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.plot.set_colors(colors)
        self._list()

    def show_curves(self, curves: Sequence[Curve], *, waits: bool = False) -> None:
        """Show other curves, while it `waits` not all of them; one that was left out under the same name stays so."""
        self.plot.show_curves(curves, waits=waits)
        self._list()

    def _list(self) -> None:
        with QSignalBlocker(self.list):
            self.list.clear()
            for curve in self.plot.curves:
                item = QListWidgetItem(_swatch(self.plot, curve), "", self.list)
                item.setToolTip(curve.name or curve.y_name)
                item.setData(Qt.ItemDataRole.UserRole, curve.name)
                hidden = curve.name in self.plot.hidden
                item.setCheckState(Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
        self._shorten()

    def _shorten(self) -> None:
        """Write as much of each name as there is room for, and as they need to be told apart."""
        items = self._items()
        whole, metrics = [item.toolTip() for item in items], self.list.fontMetrics()
        room = self.list.viewport().width() - SWATCH.width() - BESIDE

        def is_too_wide(letters: int) -> bool:
            return max(map(metrics.horizontalAdvance, told_apart(whole, letters)), default=0) > room

        lengths = range(FEWEST + 1, max(map(len, whole), default=0) + 1)
        texts = told_apart(whole, FEWEST + bisect_left(lengths, 1, key=is_too_wide))
        with QSignalBlocker(self.list):
            for item, text in zip(items, texts, strict=True):
                item.setText(text)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(place) for place in range(self.list.count())]

    def _ticked(self) -> None:
        left_out = (item for item in self._items() if item.checkState() == Qt.CheckState.Unchecked)
        self.plot.hide_curves(frozenset(item.data(Qt.ItemDataRole.UserRole) for item in left_out))

    def _tick(self, state: Qt.CheckState) -> None:
        with QSignalBlocker(self.list):
            for item in self._items():
                item.setCheckState(state)
        self._ticked()

    def _set_log(self) -> None:
        self.plot.set_log(x=self.log_x.isChecked(), y=self.log_y.isChecked())


def _swatch(plot: OverlayPlot, curve: Curve) -> QIcon:
    """Return a piece of a curve as a picture."""
    ratio = plot.devicePixelRatioF()
    picture = QPixmap(SWATCH * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    pen = plot.pen_of(curve)
    if not curve.points:  # a thin line of a few dashes would hardly be seen
        pen.setWidth(2)
    pen.setCosmetic(False)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=curve.points)
    Key(pen, curve.name, plot.sign_of(curve)).draw(painter, 1, SWATCH.height() // 2, SWATCH.width() - 2)
    painter.end()
    return QIcon(picture)
