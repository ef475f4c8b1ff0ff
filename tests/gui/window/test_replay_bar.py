import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QStyle, QStyleOptionSlider

from solbench.acquisition.record.reader import open_run
from solbench.gui.models.live.replay import FASTEST


@pytest.fixture
def replayed(qtbot, window, finished):
    """The window with a replay, halted at its beginning; so slow until then that it never is at its end."""
    window.open_file(finished, 1.0)
    qtbot.waitUntil(lambda: window.context.run.value is not None)
    window.tick()
    qtbot.mouseClick(window.replay_bar.halt, Qt.MouseButton.LeftButton)
    _choose(qtbot, window.replay_bar.speed, window.replay_bar.speed.findData(60.0))
    window.tick()
    return window


def _choose(qtbot, combo, row):
    combo.setFocus()
    combo.showPopup()
    view = combo.view()
    view.setCurrentIndex(combo.model().index(row, 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)


def test_bar_is_there_for_a_replay_only(qtbot, window, finished):
    assert not window.replay_bar.isVisible()
    window.open_file(finished, 60.0)
    qtbot.waitUntil(lambda: window.context.run.value is not None)
    window.tick()
    assert window.replay_bar.isVisible()
    shown = window.context.run.value
    window.open_file(finished)
    qtbot.waitUntil(lambda: window.context.run.value is not shown)
    window.tick()
    assert not window.replay_bar.isVisible()


@pytest.mark.long
def test_halt_and_go_on(qtbot, replayed):
    bar, replay = replayed.replay_bar, replayed.context.run.value.source
    assert replay.paused
    assert bar.halt.text() == "▶ Continue"
    at_s = replay.at_s
    qtbot.wait(50)
    assert replay.at_s == at_s
    qtbot.mouseClick(bar.halt, Qt.MouseButton.LeftButton)
    replayed.tick()
    assert bar.halt.text() == "❚❚ Halt"
    qtbot.waitUntil(lambda: replay.at_s > at_s)


@pytest.mark.long
def test_speed_is_changed_while_it_plays(qtbot, replayed):
    bar, replay = replayed.replay_bar, replayed.context.run.value.source
    assert bar.speed.currentText() == "60 times as fast"
    _choose(qtbot, bar.speed, bar.speed.findData(3600.0))
    assert replay.speed == 3600.0
    qtbot.mouseClick(bar.halt, Qt.MouseButton.LeftButton)
    _choose(qtbot, bar.speed, bar.speed.findData(FASTEST))
    replayed.tick()
    assert replayed.context.run.value.state == "completed"
    assert bar.place.value() == bar.place.maximum()


def test_steps_are_jumped_to_ahead_and_back(qtbot, replayed, finished):
    bar, context = replayed.replay_bar, replayed.context
    times = open_run(finished).samples["time_s"]
    assert [bar.steps.itemText(row).split("  ")[1] for row in range(2)] == ["sodiation", "desodiation"]

    def all_before(row):  # as soon as they are read
        replayed.tick()
        return context.run.value.traces.samples == (times <= bar.steps.itemData(row)).sum()

    _choose(qtbot, bar.steps, 1)
    qtbot.waitUntil(lambda: all_before(1))
    assert bar.steps.currentIndex() == 1
    _choose(qtbot, bar.steps, 0)
    qtbot.waitUntil(lambda: all_before(0))
    assert context.run.value.source.paused
    assert bar.time.text().startswith("00:00:0")


@pytest.mark.long
def test_place_is_dragged(qtbot, replayed):
    bar = replayed.replay_bar
    option = QStyleOptionSlider()
    bar.place.initStyleOption(option)
    handle = bar.place.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, bar.place
    )
    end = QPoint(bar.place.width() // 2, handle.center().y())
    qtbot.mousePress(bar.place, Qt.MouseButton.LeftButton, pos=handle.center())
    qtbot.mouseMove(bar.place, end)
    replayed.tick()  # does not take the handle out of the hand
    assert bar.place.sliderPosition() > 4000
    qtbot.mouseRelease(bar.place, Qt.MouseButton.LeftButton, pos=end)
    replayed.tick()
    replay = replayed.context.run.value.source
    assert replay.at_s == pytest.approx(replay.length_s / 2, rel=0.05)
    qtbot.keyClick(bar.place, Qt.Key.Key_Home)
    replayed.tick()
    assert replayed.context.run.value.source.at_s == 0.0
    assert replayed.context.run.value.traces.samples == 0
