"""What each entry of the menus does."""

import gc
import sys

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMenu

from solbench.gui.models.live.control import Control
from solbench.gui.models.live.replay import Replay
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.screens import SCREENS

KEYS = [name.rpartition(".")[2].removesuffix("Screen").lower() for name in SCREENS]
PLAIN, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def entries_of(window):
    """The entries of all menus by menu and text."""
    found = {}
    window.menus = window.menuBar().findChildren(QMenu)  # kept: without them, their actions are gone
    titles = {menu.title() for menu in window.menus}
    for menu in window.menus:
        menu.aboutToShow.emit()
        for action in menu.actions():
            if action.text() and action.text() not in titles:
                found[f"{menu.title()}: {action.text()}".replace("&", "")] = action
    return found


def test_run_file_is_opened_and_replayed(qtbot, window, finished, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(finished), ""))
    entries_of(window)["File: Open run file…"].trigger()
    qtbot.waitUntil(lambda: window.context.run.value is not None, timeout=60_000)
    assert window.screen_in_front is window.live
    for speed in (1, 60, 600, 3600):
        entries_of(window)[f"Replay run file: {speed} times as fast…"].trigger()
        qtbot.waitUntil(lambda: isinstance(window.context.run.value.source, Replay), timeout=60_000)
        qtbot.waitUntil(lambda speed=speed: window.context.run.value.source.speed == speed, timeout=60_000)


def test_quit_closes(window):
    entries_of(window)["File: Quit"].trigger()
    assert not window.isVisible()


@pytest.fixture
def said(monkeypatch):
    """Which verbs were called, without an engine."""
    called = []
    for name in ("stop", "make_safe", "spectrum", "pause"):
        monkeypatch.setattr(Control, name, lambda _self, name=name: called.append(name))
    return called


@pytest.mark.parametrize(
    ("entry", "verb", "key", "modifier"),
    [
        ("Stop", "stop", Qt.Key.Key_F12, PLAIN),
        ("Make the bench safe", "make_safe", Qt.Key.Key_F12, CONTROL),
        ("Spectrum now", "spectrum", Qt.Key.Key_F8, PLAIN),
        ("Pause or resume", "pause", Qt.Key.Key_F3, PLAIN),
    ],
)
def test_verbs_by_entry_and_key(qtbot, said, window, entry, verb, key, modifier):
    entries_of(window)[f"Run: {entry}"].trigger()
    qtbot.keyClick(window, key, modifier)
    assert said == [verb, verb]


def test_skip_without_a_run_says_so(window):
    entries_of(window)["Run: Skip step…"].trigger()
    assert window.context.message.value == "skip: no step is in progress"


def test_every_screen_is_shown_by_its_entry_and_its_key(qtbot, window):
    for number, (key, kind) in enumerate(window.screens.kinds.items(), 1):
        entries_of(window)[f"View: {kind.title}"].trigger()
        assert window.screen_in_front is window.screens[key]
        window.show_screen("connect")
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.screen_in_front is window.screens[key]
        window.rail.buttons["connect"].click()
        assert window.screen_in_front is window.screens["connect"]


def test_looks_are_chosen_and_remembered(window):
    entries_of(window)["View: Dark"].trigger()
    assert window.colors == DARK
    assert window.context.settings.get("look", "") == "dark"
    entries_of(window)["View: Light"].trigger()
    assert window.colors == LIGHT


def test_event_log_comes_and_goes(qtbot, window):
    assert window.log.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not window.log.isVisible()
    entries_of(window)["View: Event log"].trigger()
    assert window.log.isVisible()


def test_frame_is_small_on_a_small_screen_and_stop_stays(window):
    window.resize(683, 384)
    assert (window.width(), window.height()) == (683, 384)
    stop = window.strip.stop
    assert window.rect().contains(stop.mapTo(window, stop.rect().bottomRight()))
    assert not window.log.isVisible()
    window.resize(1366, 768)
    assert window.log.isVisible()
    assert window.strip.text("state") == "no run"


@pytest.mark.parametrize("key", KEYS)
def test_screen_leaves_no_timer_and_takes_no_references_of_none(window, key):
    window.show_screen(key)

    def look(times):
        for _ in range(times):
            window.tick()
            window.grab()
        gc.collect()
        return sys.getrefcount(None)

    look(5)
    before = look(5)
    assert abs(look(15) - before) < 50
    window.close()
    assert [timer for timer in window.findChildren(QTimer) if timer.isActive()] == []
    assert not window.context.jobs.busy
