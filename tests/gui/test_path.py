"""A newcomer's path with real clicks, commands and an engine of its own: from an empty window to a report on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from solbench.acquisition.control.registry import entries
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.screens.cell import CellScreen
from solbench.gui.screens.connect import ConnectScreen
from solbench.gui.screens.fit import FitScreen
from solbench.gui.screens.live import LiveScreen
from solbench.gui.screens.protocol import ProtocolScreen
from solbench.gui.screens.report import ReportScreen
from solbench.gui.screens.screen import Screen
from solbench.gui.screens.start import StartScreen
from solbench.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
MOST_CLICKS = 12


class Person(QObject):
    """Somebody with a mouse and nothing else; what arrives in the program is counted."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        super().__init__()
        self.qtbot, self.window = qtbot, window
        self.clicks = self.keys = 0
        app = QApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched.isWidgetType():
            self.keys += event.type() == QEvent.Type.KeyPress
        elif watched.isWindowType():
            self.clicks += event.type() == QEvent.Type.MouseButtonPress
        return False

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        """Press where the widget is on its window: whatever lies over it would take the click."""
        self.qtbot.waitUntil(lambda: widget.isVisible() and widget.isEnabled(), timeout=60_000)
        top = widget.window()  # kept: PySide6 lets go of the handle of a popup together with it
        here = widget.mapTo(top, place or widget.rect().center())
        handle = top.windowHandle()
        assert handle is not None
        self.qtbot.mouseMove(handle, here)
        self.qtbot.mouseClick(handle, LEFT, pos=here)

    def go(self, key: str) -> Screen:
        self.click(self.window.rail.buttons[key])
        assert self.window.screen_in_front is self.window.screens[key]
        return self.window.screens[key]

    def choose(self, box: QComboBox, text: str) -> None:
        """Open a list and take an entry."""
        self.click(box)
        view = box.view()
        self.qtbot.waitUntil(view.isVisible)
        self.qtbot.wait(QApplication.doubleClickInterval())  # two clicks at one place, not a double click
        row = next(row for row in range(box.count()) if text in box.itemText(row))
        self.click(view.viewport(), view.visualRect(box.model().index(row, 0)).center())
        self.qtbot.waitUntil(lambda: not view.isVisible())
        assert text in box.currentText()

    def until(self, what: Callable[[], bool], seconds: float = 60.0) -> None:
        self.qtbot.waitUntil(what, timeout=int(seconds * 1000))


@pytest.mark.long  # whole half cell; test_access goes the same way by keys alone, with a short run
def test_from_an_empty_window_to_a_report_in_twelve_clicks(qtbot: QtBot, tmp_path: Path) -> None:
    context = Context(Settings(tmp_path / "desktop.json"))
    context.settings.set("runs_folder", str(tmp_path))
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    person = Person(qtbot, window)
    connect = window.screen_in_front
    assert isinstance(connect, ConnectScreen)
    person.choose(connect.choice, "Simulator")
    cell = person.go("cell")
    assert isinstance(cell, CellScreen)
    person.choose(cell.record, "nps")
    protocol = person.go("protocol")
    assert isinstance(protocol, ProtocolScreen)
    assert protocol.choice.currentText() == "half-cell"
    start = person.go("start")
    assert isinstance(start, StartScreen)
    person.until(lambda: start.model.ready)
    person.click(start.start)
    live = _watched(person)
    assert live.spectra.topLevelItemCount() == 5
    fit = person.go("fit")
    assert isinstance(fit, FitScreen)
    person.click(fit.run)
    person.until(lambda: len(fit.model.spectra) == 5 and all(each.found for each in fit.model.spectra))
    report = person.go("report")
    assert isinstance(report, ReportScreen)
    person.click(report.make)
    person.until(lambda: bool(report.model.files))
    page = report.model.files[0].read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert (person.clicks, person.keys) == (MOST_CLICKS, 0)
    person.until(lambda: not any(entry.alive for entry in entries()))
    window.close()
    assert not window.isVisible()
    run = open_run(next(tmp_path.glob("*_nps_half-cell.h5")))
    assert run.completed
    assert run.simulated
    assert len(run.spectra) == 5
    QApplication.instance().removeEventFilter(person)  # type: ignore[union-attr]


def _watched(person: Person) -> LiveScreen:
    """Look at the run until it has ended."""
    window = person.window
    person.until(lambda: window.screen_in_front is window.screens["live"])
    live = window.screens["live"]
    assert isinstance(live, LiveScreen)
    person.until(lambda: window.strip.text("state") == "▶ RUNNING")
    person.until(lambda: window.strip.text("state") == "✓ COMPLETED", 180.0)
    return live
