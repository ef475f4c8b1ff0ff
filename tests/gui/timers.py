"""Timers of windows, noted when they are started.

To look for them among the children takes longer than most tests: a window has thousands, and each becomes an object.
"""

from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_started: WeakSet[QTimer] = WeakSet()
_start = QTimer.start


def _noted_start(timer: QTimer, *interval: Any) -> None:
    _started.add(timer)
    _start(timer, *interval)


QTimer.start = _noted_start  # type: ignore[method-assign]


def _top_of(part: QObject) -> QObject:
    while (parent := part.parent()) is not None:
        part = parent
    return part


def running_timers(window: QWidget | None = None) -> list[QTimer]:
    """Those that run in a window, or in any that has not yet been let go of."""
    running = [timer for timer in list(_started) if isValid(timer) and timer.isActive()]
    tops = [(timer, _top_of(timer)) for timer in running]
    return [
        timer for timer, top in tops if (top is window if window is not None else isinstance(top, QWidget))
    ]


def stop_timers(window: QWidget) -> None:
    """Let the timers of a window stand still."""
    for timer in running_timers(window):
        timer.stop()
