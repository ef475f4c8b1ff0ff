"""What each entry of the menus does."""

import gc
import sys

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from solbench.gui.models.common.number_format import speed_words
from solbench.gui.models.common.words import ANOTHER_FOLDER, SETTING, wanted_languages
from solbench.gui.models.live.control import Control
from solbench.gui.models.live.replay import Replay
from solbench.gui.models.runs.notices import ADDRESSES, ENDS
from solbench.gui.palette import CONTRAST, DARK, LIGHT
from solbench.gui.screens import SCREENS
from solbench.gui.screens.notices import NoticesDialog
from solbench.gui.window.about import AboutDialog
from solbench.gui.window.main_window import MainWindow
from solbench.protocols import dump_cell, load_cell, load_protocol
from solbench.protocols.protocol import dump_protocol

KEYS = [listed.key for listed in SCREENS]
PLAIN, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def entries_of(window, of=None):
    """The entries of all menus by menu and text, or of one: that of the panels makes the live screen."""
    found = {}
    window.menus = window.menuBar().findChildren(QMenu)  # kept: without them, their actions are gone
    titles = {menu.title() for menu in window.menus}
    for menu in window.menus:
        if of is not None and menu.title().replace("&", "") != of:
            continue
        menu.aboutToShow.emit()
        for action in menu.actions():
            if action.text() and action.text() not in titles:
                found[f"{menu.title()}: {action.text()}".replace("&", "")] = action
    return found


def trigger(window, entry):
    entries_of(window, entry.partition(":")[0])[entry].trigger()


def test_run_file_is_opened_and_replayed(qtbot, window, finished, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(finished), ""))
    trigger(window, "File: Open run file…")
    qtbot.waitUntil(lambda: window.context.run.value is not None, timeout=60_000)
    assert window.screen_in_front is window.live
    for speed in (1, 60, 600, 3600):
        trigger(window, f"Replay run file: {speed_words(speed)}…")
        qtbot.waitUntil(lambda: isinstance(window.context.run.value.source, Replay), timeout=60_000)
        qtbot.waitUntil(lambda speed=speed: window.context.run.value.source.speed == speed, timeout=60_000)


def test_quit_closes(window):
    trigger(window, "File: Quit")
    assert not window.isVisible()


def test_save_saves_what_the_screen_in_front_has(window, monkeypatch, tmp_path):
    kept = tmp_path / "mine.yaml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(kept), ""))
    window.show_screen("protocol")
    trigger(window, "File: Save")
    assert kept.exists()
    window.show_screen("queue")
    trigger(window, "File: Save")
    assert "nothing is saved on this screen" in window.context.message.value


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
    trigger(window, f"Run: {entry}")
    qtbot.keyClick(window, key, modifier)
    assert said == [verb, verb]


def test_skip_without_a_run_says_so(window):
    trigger(window, "Run: Skip step…")
    assert window.context.message.value == "skip: no step is in progress"


def test_every_screen_is_shown_by_its_entry_and_its_key(qtbot, window):
    for number, (key, kind) in enumerate(window.screens.kinds.items(), 1):
        trigger(window, f"View: {kind.title}")
        assert window.screen_in_front is window.screens[key]
        window.show_screen("connect")
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        assert window.screen_in_front is window.screens[key]
        window.rail.buttons["connect"].click()
        assert window.screen_in_front is window.screens["connect"]


def test_looks_are_chosen_and_remembered_and_that_of_the_desktop_is_followed(window, monkeypatch):
    trigger(window, "View: Dark")
    assert window.colors == DARK
    assert window.context.settings.get("look", "") == "dark"
    monkeypatch.setattr("solbench.gui.window.main_window.look_of_system", lambda: "light")
    trigger(window, "View: As the desktop")
    assert window.colors == LIGHT
    trigger(window, "View: High contrast")
    window._system_changed()  # does not matter now
    assert window.colors == CONTRAST
    trigger(window, "View: Light")
    assert window.colors == LIGHT


@pytest.mark.long
def test_event_log_comes_and_goes(qtbot, window):
    assert not window.log.isVisible()  # here there is nothing that it is about
    window.show_screen("live")
    assert window.log.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not window.log.isVisible()
    window.show_screen("data")
    trigger(window, "View: Event log")
    assert window.log.isVisible()


def test_command_lines_are_shown_where_there_is_room_or_asked_for(window):
    window.show_screen("data")
    data = window.screens["data"]
    assert not data.twin.isVisible()
    trigger(window, "View: Command lines")
    assert data.twin.isVisible()
    window.show_screen("queue")
    assert window.screens["queue"].twin.isVisible()
    trigger(window, "View: Command lines")
    assert not window.screens["queue"].twin.isVisible()
    window.show_screen("data")  # which shows its own, once it has looked through the folder
    data.twin.show_command("solbench summary a.h5")
    trigger(window, "File: Copy the command line")
    assert QApplication.clipboard().text() == "solbench summary a.h5"
    window.context.settings.set("commands", "")
    window.resize(1366, 1000)
    assert data.twin.isVisible()


@pytest.mark.long
def test_manual_keys_and_about_open_and_a_protocol_is_begun(qtbot, window):
    trigger(window, "Help: Manual")
    assert window._help.isVisible()
    trigger(window, "Help: Keys")
    shown = window._help.view.toPlainText()
    for key in ("F5", "F6", "F7", "Ctrl+S", "Ctrl+Z", "Ctrl+D", "Alt+Up", "Space", "F12"):
        assert key in shown
    window._help.close()
    trigger(window, "Help: About Solbench")
    about = window.findChild(AboutDialog)
    assert "Qt" in about.text.text()
    about.close_it.click()
    trigger(window, "File: Notices…")
    dialog = window.findChild(NoticesDialog)
    dialog.addresses.setPlainText("mailto://a:b@example.org\n\n")
    assert window.context.settings.texts(ADDRESSES) == ["mailto://a:b@example.org"]
    dialog.addresses.clear()
    dialog.test.click()
    dialog.boxes[ENDS].setChecked(False)
    assert window.context.settings.get(ENDS, True) is False
    dialog.close_it.click()
    trigger(window, "File: New protocol")
    assert window.screen_in_front.key == "protocol"
    assert window.screens["protocol"].model.data["steps"] == []
    window.context.unsaved.clear()


@pytest.mark.long
def test_runs_that_were_opened_are_offered_again(qtbot, window, finished):
    assert "Recent runs: no run was opened yet" in entries_of(window, "Recent runs")
    window.open_file(finished)
    window.show_screen("connect")
    trigger(window, f"Recent runs: {finished.name}")
    assert window.screen_in_front is window.live


def test_dropped_texts_are_taken_by_what_they_hold(window, tmp_path):
    for name, text, screen, chosen in (
        ("p.yaml", dump_protocol(load_protocol("half-cell")), "protocol", window.context.protocol),
        ("c.yaml", dump_cell(load_cell("nbh")), "cell", window.context.cell),
        ("b.yaml", "name: b\nkind: simulated\npositive_terminal: we_re2\n", "connect", window.context.bench),
    ):
        path = tmp_path / name
        path.write_text(text)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, left, none))
        assert window.screen_in_front.key == screen
        assert chosen.value == str(path)


def test_frame_is_small_on_a_small_screen_and_stop_stays(window):
    window.show_screen("live")
    window.resize(683, 384)
    assert (window.width(), window.height()) == (683, 384)
    stop = window.strip.stop
    assert window.rect().contains(stop.mapTo(window, stop.rect().bottomRight()))
    assert not window.log.isVisible()
    window.resize(1366, 768)
    assert window.log.isVisible()
    assert window.strip.text("state") == "no run"


BUSY = ("live", "protocol", "fit")  # those with plots and work of their own


@pytest.mark.long
@pytest.mark.parametrize("keys", [BUSY, pytest.param(tuple(KEYS), marks=pytest.mark.long)])
def test_screens_leave_no_timer_and_take_no_references_of_none(window, keys):
    def look(times):
        for _ in range(times):
            window.tick()
            window.grab()
        gc.collect()
        return sys.getrefcount(None) if sys.version_info < (3, 12) else 0  # from then on None is immortal

    for key in keys:
        window.show_screen(key)
        look(5)
        before = look(5)
        assert abs(look(15) - before) < 50, key
    window.close()
    assert [timer for timer in window.findChildren(QTimer) if timer.isActive()] == []
    assert not window.context.jobs.busy


def test_a_language_is_offered_where_there_is_a_catalogue_and_holds_from_the_next_start(
    qtbot, context, monkeypatch, tmp_path
):
    place = tmp_path / "locale" / "sv" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "solbench.mo").write_bytes(b"")
    monkeypatch.setenv(ANOTHER_FOLDER, str(tmp_path / "locale"))
    window = MainWindow(context)
    qtbot.addWidget(window)
    entries = {name: entry for name, entry in entries_of(window).items() if name.startswith("Language")}
    assert entries.keys() == {"Language: As the system", "Language: English", "Language: svenska"}
    assert entries["Language: As the system"].isChecked()
    entries["Language: svenska"].trigger()
    assert context.settings.get(SETTING, "") == "sv"
    assert wanted_languages(context.settings.path, {"LANG": "de"}) == ["sv"]
    assert "next" in window.statusBar().currentMessage()
    entries["Language: As the system"].trigger()
    assert wanted_languages(context.settings.path, {"LANG": "de"}) == ["de"]
