import gc
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from solbench.acquisition.control.registry import entries
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.run.step_list import StepList
from solbench.gui.window.main_window import MainWindow
from tests.end_to_end.programs import environment
from tests.gui.engines import show


def test_finished_run_is_shown_whole_on_the_live_screen(shown, finished):
    run = shown.context.run.value
    whole = open_run(finished)
    assert run.traces.samples == len(whole.samples)
    assert shown.strip.text("state") == "✓ COMPLETED"
    live = shown.screens["live"]
    names = [live.steps.topLevelItem(row).text(1) for row in range(live.steps.topLevelItemCount())]
    assert names == ["sodiation", "desodiation"]
    assert [live.spectra.topLevelItem(row).text(0) for row in range(2)] == ["0\xa0%", "100\xa0%"]
    assert not shown.alarm_bar.isVisible()


def test_newest_sample_is_on_the_drawn_curve(shown, finished):
    drawn_x, drawn_y = shown.screens["live"].time_plot._curves[0].getData()
    samples = open_run(finished).samples
    assert drawn_x[-1] == samples["time_s"][-1]
    assert drawn_y[-1] == pytest.approx(samples["voltage_V"][-1], rel=1e-6)


@pytest.mark.long
def test_nyquist_has_equal_scales(qtbot, shown):
    for size in ((1366, 768), (1900, 700), (900, 900)):
        shown.resize(*size)
        qtbot.wait(30)
        ratio = shown.screens["live"].nyquist.getPlotItem().vb.viewPixelSize()
        assert ratio[0] == pytest.approx(ratio[1], rel=0.02)


def test_modes_of_the_trace_and_dragging_holds(qtbot, shown):
    live = shown.screens["live"]
    plot = live.time_plot
    newest = float(shown.context.run.value.trace.x[-1])
    assert plot.voltage.vb.viewRange()[0][1] >= newest
    qtbot.mouseClick(live._modes["step"], Qt.MouseButton.LeftButton)
    assert plot.voltage.vb.viewRange()[0][0] == pytest.approx(shown.context.run.value.steps[-1].start_s)
    plot.voltage.vb.sigRangeChangedManually.emit([True, False])
    assert live._modes["hold"].isChecked()
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_A)
    assert plot.mode == "all"
    qtbot.keyClick(plot, Qt.Key.Key_Space)
    assert plot.mode == "follow"


def test_hidden_panels_are_not_drawn(qtbot, window, finished):
    show(qtbot, window, finished)
    live = window.screens["live"]
    assert live.panels.in_view("bode")
    assert live.capacity.getPlotItem().listDataItems() == []
    live.panels.bring("capacity")
    assert not live.panels.in_view("bode")
    assert len(live.capacity.getPlotItem().listDataItems()) == 2


def test_every_panel_shows_something(shown):
    live = shown.screens["live"]
    for key, dock in live.panels.docks.items():
        live.panels.bring(key)
        shown.tick()
        image = dock.widget().grab().toImage()
        colors = {image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)}
        assert len(colors) > 2


def drop(window, path):
    """Drag a file over the window and, where it is taken, let it go; say whether it was."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    over = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, *held)
    over.ignore()
    window.dragEnterEvent(over)
    if over.isAccepted():
        window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, *held, QEvent.Type.Drop))
    return over.isAccepted()


def test_dropped_file_is_opened(qtbot, window, finished):
    assert drop(window, finished)
    qtbot.waitUntil(lambda: window.context.run.value is not None, timeout=60_000)
    assert window.context.run.value.path == finished


def test_runs_of_a_dropped_folder_are_listed(qtbot, window, finished):
    assert not drop(window, finished.with_name("letter.txt"))
    assert drop(window, finished.parent)
    assert window.screen_in_front.key == "data"
    qtbot.waitUntil(lambda: window.screen_in_front.table.model().rowCount() == 1, timeout=60_000)


@pytest.mark.long
def test_file_that_is_gone_is_said_in_words(qtbot, window, tmp_path):
    window.open_file(tmp_path / "gone.h5")
    said = "gone.h5 cannot be opened: there is no such file"
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == said, timeout=60_000)


def test_file_that_is_none_is_said_in_words(qtbot, window, tmp_path):
    (tmp_path / "b.h5").write_text("nothing")
    window.open_file(tmp_path / "b.h5")
    qtbot.waitUntil(lambda: "b.h5 cannot be opened" in window.statusBar().currentMessage(), timeout=60_000)


def test_log_is_filtered_by_level_and_text(shown):
    level = shown.log.level.currentText()
    assert "sodiation: constant current begins" in shown.log.view.toPlainText()
    shown.log.search.setText("KRAMERS")
    lines = shown.log.view.toPlainText().splitlines()
    assert len(lines) == 2
    assert all("Kramers" in line for line in lines)
    shown.log.search.clear()
    shown.context.run.value.say("what to do, and in the end why: " + "a long way " * 60)
    shown.log.tick()
    assert shown.log.view.horizontalScrollBar().maximum() == 0  # a line that is too long goes on below
    shown.log.level.setCurrentText("alarms")
    assert shown.log.view.toPlainText() == ""
    shown.log.level.setCurrentText(level)


def test_focus_is_not_on_a_button_that_acts(window):
    assert not isinstance(window.focusWidget(), QPushButton)


def test_broken_settings_are_put_aside_and_said(qtbot, tmp_path):
    path = tmp_path / "desktop.json"
    path.write_text("{broken")
    context = Context(Settings(path))
    made = MainWindow(context)
    qtbot.addWidget(made)
    assert "desktop.json.broken" in made.statusBar().currentMessage()
    assert (tmp_path / "desktop.json.broken").read_text() == "{broken"
    made.close()


def test_window_fits_a_small_screen(window):
    hint = window.minimumSizeHint()
    assert hint.width() <= 1366
    assert hint.height() <= 768


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal (PEP 683)")
def test_widgets_take_no_references_of_none(window):
    """PySide6 6.12 takes one at each call and aborts Python 3.11 after some thousand."""
    label = QLabel("a")
    gc.collect()
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
        label.move(QPoint(number, 0))
    assert abs(sys.getrefcount(None) - before) < 100


def test_window_is_let_go_of_when_closed(qtbot, window, finished):
    show(qtbot, window, finished)
    window.exit_guard.leave()
    window.close()
    assert window.context.run.value is None
    assert not window.timer.isActive()
    assert entries() == []
    assert np.isfinite(window.width())


@pytest.mark.long
def test_replay_halts_and_goes_on_by_the_pause_key(qtbot, window, finished):
    window.open_file(finished, 60.0)
    qtbot.waitUntil(lambda: window.strip.text("state") == "▷ REPLAY", timeout=60_000)
    qtbot.waitUntil(lambda: window.context.run.value.traces.samples > 3, timeout=60_000)
    qtbot.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.strip.text("state") == "❚❚ REPLAY", timeout=60_000)
    halted = window.context.run.value.traces.samples
    qtbot.wait(250)
    assert window.context.run.value.traces.samples == halted
    qtbot.keyClick(window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.context.run.value.traces.samples > halted, timeout=60_000)


@pytest.mark.long
def test_command_says_what_to_install_where_qt_is_missing(tmp_path):
    code = "import sys; sys.modules['PySide6'] = None; from solbench.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "gui"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "pip install 'solbench[desktop]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_wheel_zooms_in_time_at_once_and_holds(qtbot, shown):
    plot = shown.screens["live"].time_plot
    qtbot.waitExposed(shown)
    before = plot.voltage.vb.viewRange()[0]
    place = plot.mapFromScene(plot.voltage.vb.mapToScene(plot.voltage.vb.rect().center()))
    wheel = QWheelEvent(
        QPointF(place),
        QPointF(plot.mapToGlobal(place)),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), wheel)
    after = plot.voltage.vb.viewRange()[0]
    assert after[1] - after[0] < before[1] - before[0]
    assert plot.mode == "hold"
    shown.tick()
    assert plot.voltage.vb.viewRange()[0] == after


def test_a_window_in_which_nothing_changes_paints_nothing_and_lists_no_step_anew(shown, qapp, monkeypatch):
    """The news of an engine at rest come ten times a second: what is seen is as it was."""
    run = shown.context.run.value
    for _ in range(3):
        shown.tick()
        qapp.processEvents()
    listed, painted = [], []
    rows = StepList.rows
    monkeypatch.setattr(StepList, "rows", lambda *given: listed.append(given) or rows(*given))

    class Paints(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    counter = Paints()
    qapp.installEventFilter(counter)
    for _ in range(10):
        run.version += 1
        shown.tick()
        qapp.processEvents()
    qapp.removeEventFilter(counter)
    assert (listed, painted) == ([], [])
