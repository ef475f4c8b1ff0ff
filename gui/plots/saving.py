"""Saves a plot's content as a picture or as values: PNG, SVG, CSV; on every plot by mouse, menu and key."""

from pathlib import Path

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, QRect, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QKeySequence, QPainter, QShortcut
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from solbench.gui.models.common.curves import Curve, as_csv, within
from solbench.gui.models.context import Context
from solbench.gui.plots.axes import DecadeAxis, TimeAxis
from solbench.gui.plots.described import DescribedCurve
from solbench.gui.plots.ring import FocusRing

SHARPNESS = 2  # pixels of a picture per pixel of the screen
FOLDER = "pictures_folder"
FILTERS = {"PNG picture (*.png)": ".png", "SVG drawing (*.svg)": ".svg", "Values shown (*.csv)": ".csv"}


def curves_in(widget: pg.GraphicsView) -> list[Curve]:
    """Return the visible part of the curves of all plots of a widget, in the units of their axes."""
    found = []
    for plot in _plots_of(widget):
        x_range, y_range = plot.vb.viewRange()
        for item in plot.items:
            curve = _curve(plot, item)
            shown = within(curve, x_range, y_range) if curve is not None else None
            if shown is not None:
                found.append(_in_units(plot, shown))
    return found


def save(widget: pg.GraphicsView, path: Path) -> None:
    """Write a plot's content; the suffix gives the format: .png, .svg or .csv.

    Raises ValueError for another suffix, OSError if it cannot be written. An existing file is replaced: the user
    has confirmed that in the file dialog.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        path.write_text(as_csv(curves_in(widget)), encoding="utf-8")
    elif suffix == ".png":
        path.write_bytes(_png(widget))
    elif suffix == ".svg":
        path.write_bytes(_svg(widget))
    else:
        raise ValueError(f"{path.name}: a plot is saved as .png, .svg or .csv")


def offer_saving(screen: QWidget, context: Context) -> None:
    """Make every plot in a widget savable: by a button under the mouse, the context menu, Ctrl+E, Ctrl+C."""
    for widget in screen.findChildren(pg.GraphicsView):
        if widget.findChild(SaveButton) is None:
            FocusRing(widget)
            SaveButton(widget, context)


class SaveButton(QToolButton):
    """The button in the corner of a plot; visible while the plot is under the mouse or has the focus."""

    def __init__(self, plot: pg.GraphicsView, context: Context) -> None:
        super().__init__(plot)
        self.plot, self.context = plot, context
        self.setText("Save…")
        self.setAccessibleName(f"Save {plot.accessibleName() or 'plot'}")
        self.setToolTip("Save what is shown as PNG, SVG or CSV: Ctrl+E; Ctrl+C copies the values")
        self.setMinimumHeight(26)
        self.hide()
        self.clicked.connect(self.ask)
        for key, work in (("Ctrl+E", self.ask), (QKeySequence.StandardKey.Copy, self.copy)):
            shortcut = QShortcut(QKeySequence(key), plot)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(work)
        plot.scene().contextMenu = [self._action("Save what is shown…", self.ask)]
        plot.scene().contextMenu.append(self._action("Copy values", self.copy))
        plot.installEventFilter(self)

    def ask(self) -> None:
        """Ask for a name and save; the suffix of the name gives the format, otherwise the selected filter."""
        start = Path(self.context.settings.get(FOLDER, str(Path.home())))
        name, chosen = QFileDialog.getSaveFileName(
            self.plot, "Save what is shown", str(start / "plot.png"), ";;".join(FILTERS)
        )
        if name:
            path = Path(name)
            self.save(path if path.suffix else path.with_suffix(FILTERS.get(chosen, ".png")))

    def save(self, path: Path) -> None:
        """Save under a name, and report the place or the failure."""
        self.context.settings.set(FOLDER, str(path.parent))
        self.hide()
        try:
            save(self.plot, path)
        except (OSError, ValueError) as error:
            self.context.message.set(f"the plot was not saved: {error}")
        else:
            self.context.message.set(f"saved {path}")

    def copy(self) -> None:
        """Copy the visible values to the clipboard."""
        curves = curves_in(self.plot)
        QGuiApplication.clipboard().setText(as_csv(curves))
        self.context.message.set(f"{sum(len(curve.x) for curve in curves)} points copied")

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


def _plots_of(widget: pg.GraphicsView) -> list[pg.PlotItem]:
    if isinstance(widget, pg.PlotWidget):
        return [widget.getPlotItem()]
    if isinstance(widget, pg.GraphicsLayoutWidget):
        return [item for item in widget.ci.items if isinstance(item, pg.PlotItem)]
    return []


def _curve(plot: pg.PlotItem, item: object) -> Curve | None:
    """Return an item of a plot as a curve in the coordinates of its view, None if it is not a curve."""
    if not isinstance(item, (pg.PlotDataItem, pg.PlotCurveItem)) or not item.isVisible():
        return None
    data = item.getOriginalDataset() if isinstance(item, pg.PlotDataItem) else item.getData()
    if data[0] is None or len(data[0]) == 0:
        return None
    dots = isinstance(item, pg.PlotDataItem) and item.opts.get("symbol") is not None
    x, y = (np.asarray(values, np.float64) for values in data)
    names = [_axis_name(plot, side) for side in ("bottom", "left")]
    said = item.describe() if isinstance(item, DescribedCurve) else ""
    value = f"{names[1]}: {said}" if said else names[1]
    return Curve(item.name() or "", names[0], value, x, y, points=dots)


def _in_units(plot: pg.PlotItem, curve: Curve) -> Curve:
    x, y = (
        10.0**data if isinstance(plot.getAxis(side), DecadeAxis) else data
        for side, data in (("bottom", curve.x), ("left", curve.y))
    )
    return Curve(curve.name, curve.x_name, curve.y_name, x, y)


def _axis_name(plot: pg.PlotItem, side: str) -> str:
    axis = plot.getAxis(side)
    if isinstance(axis, TimeAxis):
        return "time (s)"
    if isinstance(axis, DecadeAxis):
        return f"{axis.labelText or 'frequency'} ({axis.unit})"
    return f"{axis.labelText} ({axis.labelUnits})" if axis.labelUnits else str(axis.labelText)


def _png(widget: pg.GraphicsView) -> bytes:
    image = QImage(widget.size() * SHARPNESS, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    widget.render(painter, image.rect(), widget.viewport().rect())
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(widget: pg.GraphicsView) -> bytes:
    buffer, size = QBuffer(), QSize(widget.viewport().size())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator()
    drawing.setOutputDevice(buffer)
    drawing.setSize(size)
    drawing.setViewBox(QRect(0, 0, size.width(), size.height()))
    drawing.setTitle(widget.accessibleName())
    painter = QPainter(drawing)
    widget.render(painter, QRect(0, 0, size.width(), size.height()), widget.viewport().rect())
    painter.end()
    return bytes(buffer.data().data())
