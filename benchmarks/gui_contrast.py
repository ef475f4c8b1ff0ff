"""Contrast of every text on every screen, as drawn, in each look. Run: python -m benchmarks.gui_contrast.

Of each label, button, field, cell of a list and text of a plot the picture is taken; its ground is the commonest
colour, its ink the one that stands out most. Shown are the screens as they open, and with what people do there:
twelve runs with tags overlaid, with every column and on every tab, a fit with points left out, a commissioning under
way, what is set by hand, the dialogs. What is disabled is left out, as WCAG 2 does. Ends with an error where a text has
less than 4.5 : 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from shutil import copy

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QTabWidget,
    QTextEdit,
    QWidget,
)
from tests.end_to_end.programs import solbench
from tests.texts import TINY

from solbench.acquisition.record.beside.tags import change_tags
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.runs.browser import MOST
from solbench.gui.models.runs.columns import NAMES
from solbench.gui.palette import LOOKS
from solbench.gui.screens.connect import ConnectScreen
from solbench.gui.screens.data import DataScreen
from solbench.gui.screens.fit import FitScreen
from solbench.gui.screens.start import StartScreen
from solbench.gui.window.help_window import HelpWindow
from solbench.gui.window.main_window import MainWindow

LEAST = 4.5
PATIENCE_S = 180.0


def luminance(color: int) -> float:
    parts = [(color >> shift & 0xFF) / 255 for shift in (16, 8, 0)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(image: QImage) -> float:
    """Return the contrast of what stands out most against the commonest colour of a picture."""
    colors = Counter(
        image.pixel(x, y) & 0xFFFFFF for x in range(image.width()) for y in range(image.height())
    )
    ground = luminance(colors.most_common(1)[0][0])
    found = 1.0
    for color in colors:
        dark, light = sorted((ground, luminance(color)))
        found = max(found, (light + 0.05) / (dark + 0.05))
    return found


def texts(window: QWidget) -> list[tuple[str, QWidget, QRect]]:
    """Return every text in view: its words, the widget that draws it, and where in it."""
    found: list[tuple[str, QWidget, QRect]] = []
    for each in window.findChildren(QWidget):
        if not each.isVisible() or not each.isEnabled() or each.visibleRegion().isEmpty():
            continue
        inside = each.rect().adjusted(3, 3, -3, -3)
        if isinstance(each, (QLabel, QAbstractButton)) and each.text():
            found.append((each.text(), each, inside))
        elif isinstance(each, QLineEdit) and (each.text() or each.placeholderText()):
            found.append((each.text() or each.placeholderText(), each, inside))
        elif isinstance(each, QComboBox) and each.currentText():
            found.append((each.currentText(), each, inside))
        elif isinstance(each, (QPlainTextEdit, QTextEdit)) and each.toPlainText():
            found.append((each.toPlainText()[:30], each.viewport(), each.viewport().rect()))
        elif isinstance(each, QAbstractItemView) and each.model() is not None:
            model = each.model()
            for row in range(min(model.rowCount(), 40)):
                for column in range(1 if isinstance(each, QListView) else model.columnCount()):
                    index = model.index(row, column)
                    place = each.visualRect(index).intersected(each.viewport().rect())
                    if index.data() and place.height() > 8 and place.width() > 8:
                        found.append((str(index.data()), each.viewport(), place.adjusted(2, 2, -2, -2)))
    for plot in window.findChildren(pg.GraphicsView):
        found += [] if plot.visibleRegion().isEmpty() else in_plot(plot)
    return found


def in_plot(plot: pg.GraphicsView) -> list[tuple[str, QWidget, QRect]]:
    """Return the axes and texts of a plot that are in view."""
    found: list[tuple[str, QWidget, QRect]] = []
    for item in plot.scene().items():
        if not item.isVisible() or not isinstance(item, (pg.AxisItem, pg.LabelItem, pg.TextItem)):
            continue
        words = item.labelString() if isinstance(item, pg.AxisItem) else str(getattr(item, "text", "text"))
        where = plot.mapFromScene(item.sceneBoundingRect()).boundingRect().intersected(plot.viewport().rect())
        if where.width() > 8 and where.height() > 8:
            found.append((words, plot.viewport(), where))
    return found


class Scenes:
    """What is looked at: each part of the window is prepared once, and shown anew in each look."""

    def __init__(self, app: QApplication, window: MainWindow, runs: list[Path]) -> None:
        self.app, self.window, self.runs = app, window, runs
        self.data, self.fit = window.screens.of(DataScreen), window.screens.of(FitScreen)

    def prepare(self) -> None:
        """Do what people do, as far as it takes time."""
        window, data, fit = self.window, self.data, self.fit
        window.open_file(self.runs[0])
        window.show_screen("data")
        self.wait(lambda: not data.model.busy and len(data.model.rows) >= len(self.runs))
        data.table.show_columns(NAMES)
        data.model.choose(self.runs)
        self.wait(lambda: len(data.model.shown) == len(self.runs))
        fit.model.open(self.runs[:1])
        self.wait(lambda: bool(fit.model.spectra))
        fit.model.set_mask("10 kHz")
        fit.model.fit()
        self.wait(lambda: not fit.model.busy)
        window.show_screen("connect")
        connect = window.screens.of(ConnectScreen)
        connect.model.make_unit(7)
        window.context.bench.set(connect.model.reference)
        connect.commission.click()
        connect.page.by.setText("E. Example")
        self.wait(connect.page.begin.isEnabled)
        connect.page.begin.click()
        self.wait(lambda: connect.page.model.question is not None)
        window.screens.of(StartScreen).by_hand.click()
        self.pages("connect", 0)
        self.pages("start", 0)

    def pages(self, screen: str, number: int) -> None:
        kind = ConnectScreen if screen == "connect" else StartScreen
        self.window.screens.of(kind).pages.setCurrentIndex(number)

    def wait(self, ready: Callable[[], bool]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not ready():
            if time.monotonic() > end_s:
                raise SystemExit("waited in vain")
            self.app.processEvents()
            time.sleep(0.01)

    def settle(self, seconds: float = 0.4) -> None:
        end_s = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end_s)

    def every(self) -> list[tuple[str, Callable[[], QWidget]]]:
        """Return every scene by name, each with what shows it and returns what is looked at."""
        found = [(key, lambda key=key: self.screen(key)) for key in self.window.screens.kinds]
        found += [
            (f"data, {self.data.tabs.tabText(tab)}", lambda tab=tab: self.tab("data", self.data.tabs, tab))
            for tab in range(self.data.tabs.count())
        ]
        for tabs in (self.fit.tabs, self.fit.lists):
            found += [
                (f"fit, {tabs.tabText(tab)}", lambda tabs=tabs, tab=tab: self.tab("fit", tabs, tab))
                for tab in range(tabs.count())
            ]
        found += [
            ("commissioning", lambda: self.page("connect")),
            ("by hand", lambda: self.page("start")),
            ("tags", lambda: self.dialog("data", self.data.tag.click)),
            ("correct", self.correct),
            ("notices", lambda: self.dialog("data", self.window.show_notices)),
            ("about", lambda: self.dialog("data", self.window.show_about)),
            ("manual", self.manual),
        ]
        return found

    def screen(self, key: str) -> QWidget:
        for dialog in self.window.findChildren(QDialog):
            dialog.close()
        self.pages("connect", 0)
        self.pages("start", 0)
        self.window.show_screen(key)
        self.settle()
        return self.window

    def tab(self, key: str, tabs: QTabWidget, number: int) -> QWidget:
        self.screen(key)
        tabs.setCurrentIndex(number)
        self.settle()
        return self.window

    def page(self, key: str) -> QWidget:
        self.screen(key)
        self.pages(key, 1)
        self.settle()
        return self.window

    def correct(self) -> QWidget:
        self.data.model.choose(self.runs[:1])
        shown = self.dialog("data", self.data.correct.click)
        self.data.model.choose(self.runs)
        return shown

    def manual(self) -> QWidget:
        self.screen("live")
        self.window.show_manual()
        self.settle()
        (shown,) = self.window.findChildren(HelpWindow)
        return shown

    def dialog(self, key: str, act: Callable[[], object]) -> QWidget:
        self.screen(key)
        act()
        self.settle(1.0)
        return next(each for each in self.window.findChildren(QDialog) if each.isVisible())


def twelve_runs(folder: Path) -> list[Path]:
    """Make as many runs as can be overlaid, with tags."""
    (folder / "tiny.yaml").write_text(TINY)
    done = solbench(folder, "run", "tiny.yaml", "--cell", "nbh", "--bench", "simulated", "-o", "run-1.h5")
    assert done.code == 0, done.err
    first = folder / "run-1.h5"
    runs = [first, *(Path(copy(first, folder / f"run-{n}.h5")) for n in range(2, MOST + 1))]
    for number, run in enumerate(runs):
        change_tags(run, open_run(run).header.run, [f"batch {number % 3}", "to be looked at"])
    return runs


def main() -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"SOLBENCH_STATE": f"{place}/state", "XDG_CONFIG_HOME": f"{place}/config"}
        Path(place, "state").mkdir()
        app = QApplication(["solbench"])
        context = Context(Settings(Path(place, "desktop.json")))
        context.settings.set("runs_folder", place)
        window = MainWindow(context)
        window.resize(1366, 1000)
        window.show()
        context.bench.set("simulated")
        context.cell.set("nps")
        scenes = Scenes(app, window, twelve_runs(Path(place)))
        scenes.prepare()
        for look in LOOKS:
            window.set_look(look)  # in a running window, as people do
            least, count = (99.0, ""), 0
            for name, show in scenes.every():
                for words, widget, where in texts(show()):
                    value = contrast(widget.grab(where).toImage())
                    count += 1
                    least = min(least, (value, f"{name}: {words[:40]!r}"))
                    if value < LEAST:
                        bad += 1
                        print(f"  {look} {name}: {value:.2f} : 1  {type(widget).__name__} {words[:60]!r}")
            print(f"{look}: {count} texts, the least {least[0]:.2f} : 1 ({least[1]})", flush=True)
        window.control.stop_all()  # the commissioning
        scenes.wait(lambda: not window.screens.of(ConnectScreen).page.model.busy)
        context.unsaved.clear()
        window.exit_guard.leave()
        window.close()
        context.jobs.close()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
