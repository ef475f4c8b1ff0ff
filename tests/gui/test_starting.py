"""Runs that are started and resumed from the window, with engines of their own."""

import pytest
import yaml
from PySide6.QtCore import Qt

from solbench.acquisition.control.registry import entries
from solbench.acquisition.record.reader import open_run
from solbench.gui.app import show_live_run
from solbench.protocols import dump_cell, load_cell
from tests.end_to_end.programs import inputs, solbench
from tests.gui.engines import engine

LEFT = Qt.MouseButton.LeftButton
FAILED = "The start check failed, nothing was switched on: open-circuit voltage: "


@pytest.fixture
def wrong_cell(tmp_path):
    """Arguments of a run on a cell whose open-circuit voltage cannot be what its record says."""
    inputs(tmp_path)
    written = yaml.safe_load(dump_cell(load_cell("nbh")))
    written["builds"]["half"]["fresh_window"] = ["2.3 V", "2.5 V"]
    (tmp_path / "cell.yaml").write_text(yaml.safe_dump(written))
    return ["tiny.yaml", "--cell", "cell.yaml", "--bench", "bench.yaml", "-o", "a.h5"]


def ended(qtbot) -> None:
    qtbot.waitUntil(lambda: not any(entry.alive for entry in entries()), timeout=60_000)


def test_a_start_check_that_fails_in_the_engine_says_what_failed(qtbot, window, tmp_path, wrong_cell):
    window.context.start_run(wrong_cell, tmp_path)
    qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
    text = window.alarm_bar.text.text()
    assert f"a.h5: {FAILED}" in text
    assert "a fresh half cell shows 2.3 to 2.5 V" in text
    qtbot.waitUntil(lambda: "open-circuit voltage" in window.strip.text("limit"), timeout=60_000)
    assert window.screen_in_front.key == "live"
    ended(qtbot)


def test_it_is_said_too_where_the_engine_had_ended_before_anybody_looked(qtbot, window, tmp_path, wrong_cell):
    done = solbench(tmp_path, "run", *wrong_cell)
    assert done.code == 1
    window.active_run.follow(str(tmp_path / "a.h5"))
    qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
    assert FAILED in window.alarm_bar.text.text()


@pytest.mark.long
def test_an_old_file_that_is_opened_raises_no_alarm(qtbot, window, tmp_path, wrong_cell):
    solbench(tmp_path, "run", *wrong_cell)
    window.open_file(tmp_path / "a.h5")
    qtbot.waitUntil(lambda: "open-circuit voltage" in window.strip.text("limit"), timeout=60_000)
    assert not window.alarm_bar.isVisible()


@pytest.mark.long
def test_a_refusal_before_any_engine_is_said(qtbot, window, tmp_path, wrong_cell):
    window.context.start_run([*wrong_cell[:-1], "a.txt"], tmp_path)
    qtbot.waitUntil(lambda: "Write a.txt.h5" in window.statusBar().currentMessage(), timeout=60_000)


def test_a_dead_run_gets_a_new_engine_that_survives_the_window(qtbot, window, tmp_path):
    window.context.speed.set(15.0)
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        process.kill()
        qtbot.waitUntil(lambda: window.strip.text("state") == "✕ ENGINE GONE", timeout=60_000)
        qtbot.mouseClick(window.strip.resume, LEFT)
        qtbot.mouseClick(window.question.buttons[1], LEFT)
        qtbot.waitUntil(lambda: window.strip.text("state") == "▶ RUNNING", timeout=60_000)
        assert "solbench resume" not in window.alarm_bar.text.text()
        assert "a.h5 had exited unexpectedly; the run was resumed at " in window.alarm_bar.text.text()
    again = next(entry for entry in entries() if entry.alive)
    assert again.pid != process.pid
    window.exit_guard.leave()
    window.close()
    assert not window.isVisible()
    qtbot.wait(500)
    assert again.alive
    assert solbench(tmp_path, "stop", "a.h5").code == 0
    run = open_run(tmp_path / "a.h5")
    assert sum(event.kind == "session" for event in run.events) == 2


def test_a_stopped_run_can_be_resumed_and_a_refusal_is_an_alarm(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0) as (_entry, process):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        assert not window.strip.resume.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_F12)
        qtbot.waitUntil(window.strip.resume.isVisible, timeout=60_000)
        assert window.strip.text("state") == "✕ NOT COMPLETED"
        process.wait(timeout=60)
        qtbot.keyClick(window, Qt.Key.Key_F3)
        assert window.question.text.text().startswith("Resume tiny on nbh on ")
        assert window.question.buttons[0].text() == "Leave it off"
        assert window.question.buttons[0].hasFocus()
        (tmp_path / "a.world").unlink()
        qtbot.mouseClick(window.strip.resume, LEFT)
        qtbot.mouseClick(window.question.buttons[1], LEFT)
        qtbot.waitUntil(lambda: window.alarm_bar.isVisible(), timeout=60_000)
        text = window.alarm_bar.text.text()
    assert "a.h5 was not resumed" in text
    assert "the simulated cell of this run is gone" in text


@pytest.mark.long
def test_the_window_begins_on_the_live_screen_while_a_run_goes_on(qtbot, window, tmp_path):
    window.show_screen("data")
    assert not show_live_run(window)
    assert window.screen_in_front.key == "data"
    with engine(tmp_path, 15.0):
        qtbot.waitUntil(lambda: show_live_run(window), timeout=60_000)
        assert window.screen_in_front.key == "live"
        assert window.context.run.value.path == tmp_path / "a.h5"
