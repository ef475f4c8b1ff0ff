"""Closing the window while runs go on, and finding them again, with real engines."""

import os
import signal
from contextlib import contextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from solbench.acquisition.control.registry import entries
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow
from tests.gui.engines import engine, show

LEFT = Qt.MouseButton.LeftButton
LEAVE, STOP, STAY = 0, 1, 2


@pytest.fixture
def two(tmp_path):
    """Two runs at once: a.h5 and b.h5."""
    with engine(tmp_path, 15.0) as first, engine(tmp_path, 15.0, "-o", "b.h5") as second:
        yield first, second


@contextmanager
def another_window(qtbot, tmp_path):
    """A window as the next start of the program shows it."""
    made = MainWindow(Context(Settings(tmp_path / "desktop.json")))
    qtbot.addWidget(made)
    made.show()
    try:
        yield made
    finally:
        made.exit_guard.leave()
        made.close()


def running(qtbot, window) -> None:
    qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)


@pytest.mark.long
def test_two_runs_are_both_named_and_both_left(qtbot, window, tmp_path, two):
    running(qtbot, window)
    window.close()
    assert window.isVisible()
    assert window.question.text.text().startswith("2 runs are running: tiny on nbh, tiny on nbh.")
    assert [each.text() for each in window.question.buttons] == [
        "Leave running",
        "Stop all and close",
        "Stay",
    ]
    assert window.question.buttons[LEAVE].hasFocus()
    qtbot.keyClick(window.question.buttons[LEAVE], Qt.Key.Key_Space)
    assert not window.isVisible()
    assert [process.poll() for _, process in two] == [None, None]
    with another_window(qtbot, tmp_path) as again:
        running(qtbot, again)
        shown = again.context.run.value.path
        (other,) = again.elsewhere.strips.values()
        assert other.name.toolTip().startswith("Show tiny on nbh, ")
        qtbot.mouseClick(other.name, LEFT)
        qtbot.waitUntil(lambda: again.context.run.value.path != shown)
        running(qtbot, again)


def test_stop_and_close_ends_both_and_waits_for_them(qtbot, window, tmp_path, two):
    running(qtbot, window)
    window.close()
    qtbot.mouseClick(window.question.buttons[STOP], LEFT)
    assert window.isVisible()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    assert not any(entry.alive for entry in entries())
    for _, process in two:
        process.wait(timeout=60)
    ends = [open_run(tmp_path / name).end.reason for name in ("a.h5", "b.h5")]
    assert ends == ["stopped by the desktop", "stopped by the desktop"]


@pytest.mark.long
def test_stay_stays_and_asks_again(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        running(qtbot, window)
        for _ in range(2):
            window.close()
            assert window.question.isVisible()
            qtbot.mouseClick(window.question.buttons[STAY], LEFT)
            assert window.isVisible()
            assert not isinstance(window.focusWidget(), QPushButton)  # a space must not pause the run
        assert process.poll() is None


def test_f12_stops_the_run_on_show_and_not_the_other(qtbot, window, tmp_path, two):
    running(qtbot, window)
    path = str(window.context.run.value.path)
    qtbot.keyClick(window, Qt.Key.Key_F12)
    qtbot.waitUntil(
        lambda: [entry.path for entry in entries() if entry.alive and entry.path == path] == [],
        timeout=60_000,
    )
    assert [entry.path != path for entry in entries() if entry.alive] == [True]
    qtbot.waitUntil(lambda: window.strip.text("state") == "✕ NOT COMPLETED", timeout=60_000)
    qtbot.wait(1500)  # longer than it takes to look around
    assert str(window.context.run.value.path) == path  # nobody who pressed Stop is shown a cell that is on
    assert window.strip.text("cell") == "cell off"
    (other,) = window.elsewhere.strips.values()
    assert other.name.toolTip().startswith("Show tiny on nbh")
    qtbot.mouseClick(other.name, LEFT)
    qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
    assert str(window.context.run.value.path) != path


@pytest.mark.long
def test_a_run_that_is_not_on_show_is_asked_about_too(qtbot, window, tmp_path, finished):
    with engine(tmp_path, 15.0) as (_entry, process):
        running(qtbot, window)
        show(qtbot, window, finished)
        window.close()
        assert window.question.text.text().startswith("tiny on nbh is running.")
        qtbot.mouseClick(window.question.buttons[STOP], LEFT)
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
        process.wait(timeout=60)
    assert open_run(tmp_path / "a.h5").end.reason == "stopped by the desktop"


def test_an_engine_that_does_not_stop_keeps_the_window_open_with_its_alarm(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (entry, process):
        running(qtbot, window)
        os.kill(process.pid, signal.SIGSTOP)
        window.close()
        qtbot.mouseClick(window.question.buttons[STOP], LEFT)
        qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
        qtbot.waitUntil(lambda: not entry.alive, timeout=60_000)
        qtbot.wait(300)
        assert window.isVisible()
        raised = " ".join(alarm.text + alarm.details for alarm in window.context.alarms.open)
        assert "The bench is made safe without the engine" in raised
        window.close()
        assert not window.isVisible()
