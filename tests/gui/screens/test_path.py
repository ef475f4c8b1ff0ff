"""The way from an empty window to a run that goes on, with real clicks, commands and an engine of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from acquisition.reader import open_run
from acquisition.registry import entries
from gui.context import Context
from gui.main_window import MainWindow
from gui.models.settings import Settings
from gui.screens.cell import CellScreen
from gui.screens.protocol import ProtocolScreen
from gui.screens.start import StartScreen

LEFT = Qt.MouseButton.LeftButton


class Clicker:
    """Counts the clicks of the person who is played."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window, self.clicks = qtbot, window, 0

    def click(self, widget: object) -> None:
        self.clicks += 1
        self.qtbot.mouseClick(widget, LEFT)

    def go(self, key: str) -> object:
        self.click(self.window._buttons[key])
        return self.window.screens[key]

    def choose(self, box: object, text: str) -> None:
        """Open a list and take an entry: two clicks, here by its keys."""
        self.clicks += 2
        box.setFocus()  # type: ignore[attr-defined]
        self.qtbot.keyClicks(box, text)
        index = box.findText(text)  # type: ignore[attr-defined]
        box.activated.emit(index)  # type: ignore[attr-defined]

    def until(self, what: Callable[[], bool], seconds: float = 60.0) -> None:
        self.qtbot.waitUntil(what, timeout=int(seconds * 1000))


def test_from_an_empty_window_to_a_finished_run(qtbot: QtBot, tmp_path: Path) -> None:
    context = Context(Settings(tmp_path / "desktop.json"))
    context.settings.set("runs_folder", str(tmp_path))
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    person = Clicker(qtbot, window)
    cell = person.go("cell")
    assert isinstance(cell, CellScreen)
    person.choose(cell.record, "nps")
    protocol = person.go("protocol")
    assert isinstance(protocol, ProtocolScreen)
    for text, *names in (("0 %", "spectra_at"), ("1 %", "until", "capacity")):
        line = protocol.form.entries[tuple(names)].edit  # type: ignore[union-attr]
        line.selectAll()
        qtbot.keyClicks(line, text)
    start = person.go("start")
    assert isinstance(start, StartScreen)
    start.speed.setCurrentIndex(0)
    start.speed.activated.emit(0)
    person.click(start.check)
    person.until(lambda: start.model.ready)
    person.click(start.start)
    person.until(lambda: window.screen_in_front is window.screens["live"])
    runs = list(tmp_path.glob("*_nps_protocol.journal"))
    assert len(runs) == 1
    person.until(lambda: not any(entry.alive for entry in entries()))
    assert person.clicks <= 8
    person.until(lambda: not context.run.value.alive)  # type: ignore[union-attr]
    window.close()
    assert not window.isVisible()
    run = open_run(runs[0].with_suffix(".h5"))
    assert run.completed
    assert run.simulated
    assert len(run.spectra) == 1
