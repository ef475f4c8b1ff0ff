"""The timers that tests must not leave behind are found by how they are started."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from tests.gui.timers import running_timers, stop_timers


def test_a_timer_of_a_window_is_found_however_it_was_started_until_it_stops(qtbot):
    window, other = QWidget(), QWidget()
    for each in (window, other):
        qtbot.addWidget(each)
    inner = QWidget(window)
    timers = [QTimer(inner, interval=60_000), QTimer(window), QTimer(other), QTimer(QTimer(window))]
    timers[0].start()
    timers[1].start(60_000)
    QTimer(inner).start(60_000)  # nobody else holds it
    trigger = QTimer(singleShot=True)
    trigger.timeout.connect(timers[3].start)
    timers[3].setInterval(60_000)
    trigger.start(0)
    qtbot.waitUntil(timers[3].isActive)
    assert set(timers[:2]) | {timers[3]} < set(running_timers(window)) == set(running_timers())
    assert len(running_timers()) == 4
    stop_timers(window)
    assert running_timers() == []
