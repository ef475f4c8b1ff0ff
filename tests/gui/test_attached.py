import os
import signal
import subprocess
import sys
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout

from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.live.control import Control
from tests.end_to_end.programs import environment
from tests.gui.engines import engine, show, while_current_is_held
from tests.pace import Stopwatch


def test_attaches_to_a_run_that_goes_on_and_stop_ends_it(qtbot, window, tmp_path):
    with engine(tmp_path, 20.0) as (_entry, process):
        qtbot.waitUntil(
            lambda: window.strip.text("cell") == "cell ON" and len(window.context.run.value.trace) > 5,
            timeout=60_000,
        )
        assert "tiny on nbh" in window.strip.text("step")
        assert window.windowTitle().startswith("SIMULATION")
        qtbot.keyClick(window, Qt.Key.Key_F12)
        qtbot.waitUntil(lambda: window.strip.text("state") == "✕ NOT COMPLETED", timeout=60_000)
        process.wait(timeout=60)
    end = list(read_journal(tmp_path / "a.journal"))[-1]
    assert end.body.reason == "stopped by the desktop"


def test_f12_switches_the_cell_off_within_a_second(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, _process):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        slow = busy(qtbot)
        pressed = time.monotonic()
        qtbot.keyClick(window, Qt.Key.Key_F12)
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell off", timeout=60_000)
        assert time.monotonic() - pressed < 1.0 * max(slow, busy(qtbot))


def busy(qtbot) -> float:
    """By how much the machine is slower than an idle one: a tenth of a second of the window and what it took."""
    begun = time.monotonic()
    qtbot.wait(100)
    return max((time.monotonic() - begun) / 0.12, 1.0)


def test_pause_switches_the_cell_off_and_the_same_key_goes_on(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        qtbot.mouseClick(window.strip.pause, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.strip.text("state") == "❚❚ PAUSED", timeout=60_000)
        assert window.strip.text("cell") == "cell off"
        assert window.strip.resume.isVisible()
        assert not window.strip.pause.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: window.strip.text("state") == "▶ RUNNING", timeout=60_000)


def test_skip_and_note_reach_the_journal(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        window.show_screen("live")
        window.log.note.setFocus()
        qtbot.keyClicks(window.log.note, "lead touched")
        qtbot.keyClick(window.log.note, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "lead touched" in window.log.view.toPlainText(), timeout=60_000)
        qtbot.keyClick(window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
        assert "Skip the step sodiation" in window.question.text.text()
        assert window.question.buttons[0].hasFocus()
        qtbot.keyClick(window.question.buttons[0], Qt.Key.Key_Escape)
        assert not window.question.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
        qtbot.mouseClick(window.question.buttons[1], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "skipped" in window.log.view.toPlainText(), timeout=60_000)
    kinds = {event.kind: event.body for event in read_journal(tmp_path / "a.journal")}
    assert kinds["note"].text == "lead touched"
    assert kinds["skip"].reason == "step skipped by the desktop"


def test_silent_engine_greys_the_numbers_and_says_since_when(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.strip.text("state") == "▶ RUNNING", timeout=60_000)
        os.kill(process.pid, signal.SIGSTOP)
        try:
            qtbot.waitUntil(
                lambda: window.strip.text("engine").startswith("engine has not answered since"),
                timeout=60_000,
            )
            assert window.strip.property("stale") is True
        finally:
            os.kill(process.pid, signal.SIGCONT)
        qtbot.waitUntil(lambda: window.strip.text("engine") == "engine ok", timeout=60_000)
        assert window.strip.property("stale") is False


def test_stop_makes_safe_when_the_engine_does_not_answer(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (entry, process):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        os.kill(process.pid, signal.SIGSTOP)
        qtbot.keyClick(window, Qt.Key.Key_F12)
        qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
        without = "The bench is made safe without the engine"
        qtbot.waitUntil(
            lambda: any(without in alarm.text for alarm in window.context.alarms.open), timeout=60_000
        )
        qtbot.waitUntil(lambda: not entry.alive, timeout=60_000)


def test_killed_engine_raises_an_alarm_that_stays_until_acknowledged(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        while_current_is_held(qtbot, window)
        process.kill()
        qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
        assert "solbench resume a.h5" in window.alarm_bar.text.text()
        assert window.strip.text("state") == "✕ ENGINE GONE"
        assert window.strip.text("cell") == "cell unknown"
        window.alarm_bar.acknowledge.setFocus()
        qtbot.mouseClick(window.alarm_bar.acknowledge, Qt.MouseButton.LeftButton)
        assert not window.alarm_bar.isVisible()
        assert not isinstance(window.focusWidget(), QPushButton)


def test_closing_asks_and_leaves_the_run_running(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.strip.text("state") == "▶ RUNNING", timeout=60_000)
        window.close()
        assert window.isVisible()
        assert window.question.isVisible()
        qtbot.mouseClick(window.question.buttons[2], Qt.MouseButton.LeftButton)
        assert not window.question.isVisible()
        window.close()
        qtbot.mouseClick(window.question.buttons[0], Qt.MouseButton.LeftButton)
        assert not window.isVisible()
        assert process.poll() is None


def test_closing_may_stop_the_run_first(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.strip.text("state") == "▶ RUNNING", timeout=60_000)
        window.close()
        qtbot.mouseClick(window.question.buttons[1], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
        process.wait(timeout=60)
    assert open_run(tmp_path / "a.h5").end.outcome == "interrupted"


@pytest.fixture
def stops(monkeypatch):
    """What F12 has asked for, without an engine."""
    pressed: list[str] = []
    monkeypatch.setattr(Control, "stop", lambda _self: pressed.append("stop"))
    return pressed


def test_stop_key_works_on_every_screen(qtbot, stops, window):
    for key in window.screens.kinds:
        window.show_screen(key)
        target = window.screens[key].focusWidget() or window.focusWidget() or window
        qtbot.keyClick(target, Qt.Key.Key_F12)
    assert stops == ["stop"] * len(window.screens.kinds)


@pytest.mark.parametrize("modal", [False, True])
def test_stop_key_works_while_a_dialog_is_open(qtbot, stops, window, modal):
    dialog = QDialog(window)
    QVBoxLayout(dialog)
    dialog.setModal(modal)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is dialog.windowHandle())
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_F12)
    dialog.close()
    assert stops == ["stop"]


def test_stop_reaches_a_run_that_is_not_on_show(qtbot, window, tmp_path, finished):
    """A file is looked at while an engine works: F12 still means the engine, and the window says that it is there."""
    show(qtbot, window, finished)
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.context.run.value.path == tmp_path / "a.h5", timeout=60_000)
        show(qtbot, window, finished)
        assert window.context.run.value.path == finished
        qtbot.waitUntil(window.elsewhere.isVisible, timeout=60_000)
        assert [each.name.toolTip() for each in window.elsewhere.strips.values()] == ["Show tiny on nbh"]
        qtbot.keyClick(window, Qt.Key.Key_F12)
        process.wait(timeout=60)
    assert open_run(tmp_path / "a.h5").end.reason == "stopped by the desktop"


VIEWER = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow
window = MainWindow(Context())
window.show()
def look():
    run = window.context.run.value
    if run is not None and run.traces.samples:
        print(run.traces.samples, flush=True)
window.timer.timeout.connect(look)
app.exec()
"""


def test_killed_window_disturbs_no_run_and_the_next_one_has_it_all(qtbot, window, tmp_path):
    """A window dies in the middle of a run; the journal has no gap, and another shows all of it in two seconds."""
    window.active_run.close()
    with engine(tmp_path, 15.0) as (entry, process):
        viewer = subprocess.Popen(
            [sys.executable, "-P", "-c", VIEWER],
            env=environment(tmp_path) | {"QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert viewer.stdout is not None
        seen = int(viewer.stdout.readline())
        viewer.kill()
        viewer.communicate()
        with Stopwatch() as watch:
            window.active_run.follow(entry.run)
            run = window.context.run.value
            qtbot.waitUntil(lambda: run.traces.samples >= seen, timeout=60_000)
        assert watch.elapsed_s < 2.0
        assert process.poll() is None
        qtbot.keyClick(window, Qt.Key.Key_F12)
        qtbot.waitUntil(lambda: run.link.over, timeout=60_000)
        samples = [event for event in read_journal(tmp_path / "a.journal") if event.kind == "sample"]
        assert run.traces.samples == len(samples)
        assert run.trace.x.tolist() == [event.time_s for event in samples]
