"""The tour with real clicks: from nothing to a finished half-cell."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPushButton

import solbench.gui.models.tour as tour_model
from solbench.acquisition.control.registry import entries
from solbench.acquisition.record.reader import open_run
from solbench.gui.app import offer_tour

LEFT = Qt.MouseButton.LeftButton


class Presses(QObject):
    """Counts what the mouse presses, and the keys."""

    def __init__(self) -> None:
        super().__init__()
        self.mouse = self.keys = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched.isWidgetType():
            self.mouse += event.type() == QEvent.Type.MouseButtonPress
            self.keys += event.type() == QEvent.Type.KeyPress
        return False


@pytest.fixture
def presses():
    made = Presses()
    QApplication.instance().installEventFilter(made)
    yield made
    QApplication.instance().removeEventFilter(made)


def lit(window) -> object:
    """The part of the screen that the frame is around, by its middle."""
    light = window.tour_bar._light
    if light is None or not light.isVisible():
        return None
    part = window.screen_in_front.tour_part
    assert light.geometry().center() == part.mapTo(window, part.rect().center())
    return part


@pytest.mark.long  # test_access gets to a report by keys alone, with a shorter run
def test_three_clicks_from_nothing_to_a_finished_half_cell(qtbot, window, presses, tmp_path, monkeypatch):
    monkeypatch.setattr(tour_model, "PACE_S", 0.5)
    window.context.settings.set("runs_folder", str(tmp_path))
    offer_tour(window)
    assert window.tour_bar.isVisible()
    qtbot.mouseClick(window.tour_bar.begin, LEFT)
    seen = []

    def at(screen: str) -> bool:
        part = lit(window)
        if part is not None and window.tour.stop.screen not in seen:
            seen.append(window.tour.stop.screen)
        return window.screen_in_front.key == screen

    qtbot.waitUntil(lambda: at("protocol") and lit(window) is not None, timeout=60_000)
    assert seen == ["connect", "cell", "protocol"]
    qtbot.mouseClick(window.tour_bar.next, LEFT)
    start = window.screens["start"]
    qtbot.waitUntil(lambda: start.model.ready, timeout=60_000)
    assert lit(window) is start.start
    qtbot.mouseClick(start.start, LEFT)
    qtbot.waitUntil(lambda: at("live") and window.tour.stop.screen == "live", timeout=60_000)
    assert window.windowTitle().startswith("SIMULATION")
    qtbot.waitUntil(lambda: window.tour.stop.text.startswith("Finished"), timeout=120_000)
    assert (presses.mouse, presses.keys) == (3, 0)
    qtbot.waitUntil(lambda: not any(entry.alive for entry in entries()), timeout=60_000)
    run = open_run(next(tmp_path.glob("*nps_half-cell.h5")))
    assert run.completed
    assert len(run.spectra) == 5
    shown = []
    while window.tour.stop is not None:
        qtbot.mouseClick(window.tour_bar.next, LEFT)
        shown.append(window.screen_in_front.key)
    assert shown == ["data", "fit", "report", "report"]
    assert not window.tour_bar.isVisible()


def test_only_the_first_start_offers_it_and_help_begins_it_again(qtbot, window):
    window.context.settings.fresh = False
    offer_tour(window)
    assert not window.tour_bar.isVisible()
    entry = next(each for each in window.findChildren(QAction) if "Tour" in each.text())
    entry.trigger()
    assert window.tour.number == 1
    assert window.tour_bar._light.isVisible()
    window.tour_bar.leave.setFocus()
    qtbot.mouseClick(window.tour_bar.leave, LEFT)
    assert not window.tour_bar.isVisible()
    assert not window.tour_bar._light.isVisible()
    assert not isinstance(window.focusWidget(), QPushButton)


def test_it_is_no_dialog_everything_else_stays_in_reach(qtbot, window):
    window.tour.begin()
    qtbot.mouseClick(window.rail.buttons["queue"], LEFT)
    assert window.screen_in_front.key == "queue"
    assert not window.tour_bar._light.isVisible()
    qtbot.mouseClick(window.tour_bar.next, LEFT)
    assert window.screen_in_front.key == "cell"


def test_it_fits_a_small_screen(window):
    window.tour.begin()
    hint = window.minimumSizeHint()
    assert hint.width() <= 1366
    assert hint.height() <= 768


@pytest.mark.long
def test_what_is_out_of_sight_on_a_small_screen_comes_into_view(qtbot, window):
    window.resize(700, 400)
    qtbot.wait(50)
    window.tour.begin()
    while window.tour.stop.screen != "start":
        qtbot.mouseClick(window.tour_bar.next, LEFT)
    qtbot.wait(450)
    assert not window.screens["start"].start.visibleRegion().isEmpty()
    assert lit(window) is window.screens["start"].start
    window.context.jobs.close()
