"""Saves a plot's content as a picture or as values: PNG, SVG, PDF, CSV; on every plot by mouse, menu and key.

A picture says in a band above the plot what it shows, and that it is simulated where it is.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QMarginsF, QObject, QPointF, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QPen,
    QShortcut,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from solbench.gui.models.common.curves import Curve, as_table, told_apart, within
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.context import Context
from solbench.gui.plots.axes import DecadeAxis, TimeAxis
from solbench.gui.plots.described import DescribedCurve
from solbench.gui.plots.paper import draw_whole, mark_in, panels_of, plots_of, right_view
from solbench.gui.plots.paper_dialog import PaperDialog, print_pictures
from solbench.gui.plots.ring import FocusRing
from solbench.gui.plots.view import plain_menu

DARK_GROUND = 0.5
SIGN_SIZE = 7  # pixels
LONGEST, SHORTEST = 200, 8  # letters of a name in a legend
POINTS_A_PIXEL = 0.75
SHARPNESS = 2  # pixels of a picture per pixel of the screen
SWATCH, EDGE = 24, 6  # pixels of the piece of curve before its name, and around
FOLDER = "pictures_folder"
OUTSIDE = QPointF(-1e6, -1e6)
FILTERS = {
    tr("PNG picture (*.png)"): ".png",
    tr("SVG drawing (*.svg)"): ".svg",
    tr("PDF drawing (*.pdf)"): ".pdf",
    tr("Values shown (*.csv)"): ".csv",
}


def curves_in(widget: pg.GraphicsView) -> list[Curve]:
    """Return the visible part of the curves of all plots of a widget, in the units of their axes."""
    found = []
    for plot in plots_of(widget):
        view = right_view(plot)
        found += _in_view(plot, plot.items, plot.vb, "left")
        found += _in_view(plot, view.addedItems, view, "right") if view is not None else []
    return found


def _in_view(plot: pg.PlotItem, items: Sequence[object], view: pg.ViewBox, side: str) -> list[Curve]:
    """Return the visible part of the curves that count on one of the upright axes."""
    axes = plot.getAxis("bottom"), plot.getAxis(side)
    ranges = [
        [10.0**end for end in ends] if axis.logMode and not isinstance(axis, DecadeAxis) else ends
        for axis, ends in zip(axes, view.viewRange(), strict=True)
    ]
    found = []
    for item in items:
        curve = _curve(axes, item)
        shown = within(curve, *ranges) if curve is not None else None
        if shown is not None:
            found.append(_in_units(axes, shown))
    return found


class About(NamedTuple):
    """What a plot shows: the words for the band above its picture, and what its file is called after."""

    words: str = ""
    stem: str = ""


class Sign(NamedTuple):
    """What stands at the points of a curve: a symbol of pyqtgraph, hollow or filled."""

    symbol: str
    filled: bool = False


class Key(NamedTuple):
    """An entry of a legend: the pen of its curve, its name, and the sign at its points if it has any."""

    pen: QPen
    name: str
    sign: Sign | None = None

    def draw(self, painter: QPainter, left: float, middle: float, length: float) -> None:
        """Draw a piece of the curve from the left, around the height `middle` (pixels)."""
        painter.setPen(self.pen)
        painter.drawLine(QPointF(left, middle), QPointF(left + length, middle))
        if self.sign is not None:
            painter.save()
            painter.translate(left + length / 2.0, middle)
            ground = pg.mkBrush(self.pen.color() if self.sign.filled else None)
            solid = QPen(self.pen)
            solid.setCosmetic(True)  # the symbol is drawn as a unit and made larger
            drawSymbol(painter, self.sign.symbol, SIGN_SIZE, solid, ground)
            painter.restore()


@runtime_checkable
class HasLegend(Protocol):
    """A plot whose curves are named beside it, and above its pictures."""

    def legend_entries(self) -> Sequence[Key]:
        """Return the entries."""
        ...


def save(widget: pg.GraphicsView, path: Path, words: str = "") -> None:
    """Write a plot's content; the suffix gives the format: .png, .svg, .pdf or .csv. `words` stand above a picture.

    Raises ValueError for another suffix, OSError if it cannot be written. An existing file is replaced: the user
    has confirmed that in the file dialog.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        path.write_text(as_table(curves_in(widget)), encoding="utf-8")
    elif suffix == ".png":
        path.write_bytes(as_png(widget, words))
    elif suffix == ".svg":
        path.write_bytes(_svg(widget, words))
    elif suffix == ".pdf":
        path.write_bytes(_pdf(widget, words))
    else:
        raise ValueError(tr("{file}: a plot is saved as .png, .svg, .pdf or .csv", file=path.name))


def offer_saving(screen: QWidget, context: Context, about: Callable[[], About] = About) -> None:
    """Make every plot in a widget savable: by a button under the mouse, the context menu, Ctrl+E, Ctrl+C."""
    for widget in screen.findChildren(pg.GraphicsView):
        if widget.findChild(SaveButton) is None:
            FocusRing(widget)
            SaveButton(widget, context, about)


class SaveButton(QToolButton):
    """The button in the corner of a plot; visible while the plot is under the mouse or has the focus."""

    def __init__(self, plot: pg.GraphicsView, context: Context, about: Callable[[], About]) -> None:
        super().__init__(plot)
        self.plot, self.context, self.about = plot, context, about
        self.dialog: PaperDialog | None = None
        self.setText(tr("Save…"))
        self.setAccessibleName(tr("Save: {plot}", plot=plot.accessibleName() or tr("plot")))
        self.setToolTip(
            tr(
                "Save what is shown as PNG, SVG, PDF or CSV: Ctrl+E; Ctrl+C copies the values for a spreadsheet"
            )
        )
        self.setMinimumHeight(26)
        self.hide()
        self.clicked.connect(self.ask)
        for key, work in (("Ctrl+E", self.ask), (QKeySequence.StandardKey.Copy, self.copy)):
            shortcut = QShortcut(QKeySequence(key), plot)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(work)
        plot.scene().contextMenu = [self._action(tr("Save what is shown…"), self.ask)]
        plot.scene().contextMenu.append(self._action(tr("Copy values"), self.copy))
        plot.scene().contextMenu.append(self._action(tr("Copy picture"), self.copy_picture))
        plot.scene().contextMenu.append(self._action(tr("For a paper…"), self.for_paper))
        plot.scene().contextMenu.append(self._action(tr("Print…"), self.print))
        for item in plots_of(plot):
            plain_menu(item)
        plot.installEventFilter(self)

    @property
    def suggested(self) -> str:
        """Get a name for the file: the run, and what is shown of it."""
        parts = (self.about().stem, self.plot.accessibleName().lower() or "plot")
        return "-".join(filter(None, (re.sub(r"\W+", "-", part).strip("-") for part in parts))) + ".png"

    def ask(self) -> None:
        """Ask for a name and save; the suffix of the name gives the format, otherwise the selected filter."""
        start = Path(self.context.settings.get(FOLDER, str(Path.home())))
        name, chosen = QFileDialog.getSaveFileName(
            self.plot, tr("Save what is shown"), str(start / self.suggested), ";;".join(FILTERS)
        )
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(FILTERS.get(chosen, ".png")))

    def save(self, path: Path) -> None:
        """Save under a name, and report the place or the failure."""
        self.context.settings.set(FOLDER, str(path.parent))
        self._clear()
        try:
            save(self.plot, path, self.about().words)
        except (OSError, ValueError) as error:
            self.context.message.set(tr("the plot was not saved: {error}", error=error))
        else:
            self.context.message.set(tr("saved {path}", path=path))

    def _clear(self) -> None:
        """Leave out of the picture what the mouse has put there; a point that was marked by a click stays."""
        self.hide()
        self.plot.scene().sigMouseMoved.emit(OUTSIDE)

    def copy(self) -> None:
        """Copy the visible values to the clipboard."""
        curves = curves_in(self.plot)
        QGuiApplication.clipboard().setText(as_table(curves, "\t"))
        self.context.message.set(
            ntr(
                "{count} point copied, a cell each",
                "{count} points copied, a cell each",
                sum(len(curve.x) for curve in curves),
            )
        )

    def copy_picture(self) -> None:
        """Copy the picture to the clipboard."""
        self._clear()
        QGuiApplication.clipboard().setImage(_image(self.plot, self.about().words))
        self.context.message.set(tr("the picture is copied"))

    def for_paper(self) -> None:
        """Draw what is shown for a paper: as wide as a column, no title."""
        self._clear()
        dark = self.plot.backgroundBrush().color().lightnessF() < DARK_GROUND
        panels = panels_of(self.plot, dark)
        if not panels:
            self.context.message.set(tr("there is nothing to draw"))
            return
        stem = self.suggested.removesuffix(".png")
        self.dialog = PaperDialog(self.plot, self.context, panels, mark_in(self.about().words), stem)
        self.dialog.open()

    def print(self) -> None:
        """Print what is shown, as it is on the screen."""
        self._clear()
        if said := print_pictures(self.plot, [_image(self.plot, self.about().words)]):
            self.context.message.set(said)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Appear and disappear with the mouse and the focus."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn, QEvent.Type.Resize):
            self.adjustSize()
            self.move(self.plot.width() - self.width() - 4, 4)
            self.setVisible(event.type() != QEvent.Type.Resize or self.isVisible())
            self.raise_()
        elif event.type() == QEvent.Type.Leave:
            self.hide()
        return False

    def _action(self, text: str, work: object) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(lambda _checked=False: work())  # type: ignore[operator]
        return action


def _curve(axes: tuple[pg.AxisItem, pg.AxisItem], item: object) -> Curve | None:
    """Return an item of a plot as a curve in the coordinates of its view, None if it is not a curve."""
    if not isinstance(item, (pg.PlotDataItem, pg.PlotCurveItem)) or not item.isVisible():
        return None
    data = item.getOriginalDataset() if isinstance(item, pg.PlotDataItem) else item.getData()
    if data[0] is None or len(data[0]) == 0:
        return None
    dots = isinstance(item, pg.PlotDataItem) and item.opts.get("symbol") is not None
    x, y = (np.asarray(values, np.float64) for values in data)
    names = [_axis_name(axis) for axis in axes]
    said = item.describe() if isinstance(item, DescribedCurve) else ""
    value = f"{names[1]}: {said}" if said else names[1]
    return Curve(item.name() or "", names[0], value, x, y, points=dots)


def _in_units(axes: tuple[pg.AxisItem, pg.AxisItem], curve: Curve) -> Curve:
    x, y = (
        10.0**data if isinstance(axis, DecadeAxis) else data
        for axis, data in zip(axes, (curve.x, curve.y), strict=True)
    )
    return Curve(curve.name, curve.x_name, curve.y_name, x, y)


def _axis_name(axis: pg.AxisItem) -> str:
    if isinstance(axis, TimeAxis):
        return tr("time (s)")
    if isinstance(axis, DecadeAxis):
        return f"{axis.labelText or 'frequency'} ({axis.unit})"
    return f"{axis.labelText} ({axis.labelUnits})" if axis.labelUnits else str(axis.labelText)


def _image(widget: pg.GraphicsView, words: str) -> QImage:
    draw_whole(widget)
    band, size = _band_height(widget, words), widget.size()
    image = QImage(QSize(size.width(), size.height() + band) * SHARPNESS, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(SHARPNESS, SHARPNESS)
    _draw_band(painter, widget, words, band)
    painter.resetTransform()
    below = QRect(0, band, size.width(), size.height())
    target = QRect(below.topLeft() * SHARPNESS, below.size() * SHARPNESS)
    widget.render(painter, target, widget.viewport().rect())
    painter.end()
    return image


def as_png(widget: pg.GraphicsView, words: str = "") -> bytes:
    """Return a picture of a plot as PNG, `words` in a band above it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    _image(widget, words).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _keys(widget: pg.GraphicsView) -> Sequence[Key]:
    """Return the legend of a plot, no name wider than the plot."""
    keys = widget.legend_entries() if isinstance(widget, HasLegend) else ()
    most, whole = LONGEST, keys
    while most > SHORTEST and any(_key_width(widget, key) > widget.width() - 2 * EDGE for key in keys):
        most -= 4
        names = told_apart([key.name for key in whole], most)
        keys = [key._replace(name=name) for key, name in zip(whole, names, strict=True)]
    return keys


def _band_height(widget: pg.GraphicsView, words: str) -> int:
    """Return the height of the band above the picture: a line of words, and the lines of the legend."""
    lines = bool(words) + len(_lines_of(widget))
    return lines * (widget.fontMetrics().height() + 3) + 6 if lines else 0


def _lines_of(widget: pg.GraphicsView) -> list[list[Key]]:
    """Lay the legend out in lines as wide as the plot."""
    lines: list[list[Key]] = []
    left = 0
    for key in _keys(widget):
        needed = _key_width(widget, key)
        if not lines or needed > left:
            lines.append([])
            left = widget.width() - 2 * EDGE
        lines[-1].append(key)
        left -= needed
    return lines


def _key_width(widget: pg.GraphicsView, key: Key) -> int:
    return SWATCH + widget.fontMetrics().horizontalAdvance(key.name) + 3 * EDGE


def _draw_band(painter: QPainter, widget: pg.GraphicsView, words: str, height: int) -> None:
    if not height:
        return
    painter.fillRect(0, 0, widget.width(), height, widget.backgroundBrush())
    painter.setFont(widget.font())
    ink = widget.palette().color(QPalette.ColorRole.WindowText)
    metrics = widget.fontMetrics()
    y = 3 + metrics.ascent()
    painter.setPen(ink)
    if words:
        room = widget.width() - 2 * EDGE
        painter.drawText(EDGE, y, metrics.elidedText(words, Qt.TextElideMode.ElideRight, room))
        y += metrics.height() + 3
    for line in _lines_of(widget):
        x = EDGE
        for key in line:
            key.draw(painter, x, y - metrics.ascent() // 3, SWATCH)
            painter.setPen(ink)
            painter.drawText(x + SWATCH + EDGE, y, key.name)
            x += _key_width(widget, key)
        y += metrics.height() + 3


def _pdf(widget: pg.GraphicsView, words: str) -> bytes:
    draw_whole(widget)
    band, shown = _band_height(widget, words), widget.viewport().size()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("solbench")
    writer.setResolution(72 * SHARPNESS)
    size = QSizeF(shown.width(), shown.height() + band) * POINTS_A_PIXEL
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    painter.scale(SHARPNESS * POINTS_A_PIXEL, SHARPNESS * POINTS_A_PIXEL)
    _draw_band(painter, widget, words, band)
    widget.render(painter, QRect(0, band, shown.width(), shown.height()), widget.viewport().rect())
    painter.end()
    return bytes(buffer.data().data())


def _svg(widget: pg.GraphicsView, words: str) -> bytes:
    draw_whole(widget)
    band = _band_height(widget, words)
    buffer, size = QBuffer(), widget.viewport().size() + QSize(0, band)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(size)
    drawing.setViewBox(QRect(0, 0, size.width(), size.height()))
    drawing.setTitle(widget.accessibleName())
    painter = QPainter(drawing)
    _draw_band(painter, widget, words, band)
    widget.render(painter, QRect(0, band, size.width(), size.height() - band), widget.viewport().rect())
    painter.end()
    return bytes(buffer.data().data())
