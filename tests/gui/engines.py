"""Engines for the window to look at: real processes on the simulated bench."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from solbench.acquisition.control.registry import Entry, entries
from solbench.gui.window.main_window import MainWindow
from solbench.protocols.segments import ConstantCurrent
from tests.end_to_end.programs import Process, begin, inputs
from tests.texts import TINY

LASTING = TINY.replace("0.002 mAh/cm2", "0.2 mAh/cm2")  # more than an hour with the cell on


def let_go(window: MainWindow) -> None:
    """Close a window without a question, and have nothing of it left."""
    window.exit_guard.leave()
    window.close()
    window.context.jobs.close()
    window.deleteLater()
    QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)


@contextmanager
def engine(folder: Path, speed: float = 60.0, *more: str, protocol: str = LASTING):
    """A run at `speed`; yields its registry entry and its process, and ends it by itself at the end."""
    process = begin(folder, *inputs(folder, protocol), "--speed", f"{speed:g}", *more)
    try:
        yield entry_of(process), process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)  # a stopped one would not hear
            process.terminate()
        process.communicate(timeout=60)


def entry_of(process: Process, timeout_s: float = 60.0) -> Entry:
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        for entry in entries():
            if entry.pid == process.pid:
                return entry
        if process.poll() is not None:
            raise AssertionError(process.communicate()[1])
        time.sleep(0.02)
    raise AssertionError("the engine did not register")


def while_current_is_held(qtbot, window) -> None:
    """Wait until the run on show holds its current: in a spectrum before, the cell is off between its parts."""

    def held() -> bool:
        run = window.context.run.value
        return (
            run is not None
            and run.segment is not None
            and isinstance(run.segment.segment, ConstantCurrent)
            and window.strip.text("cell") == "cell ON"
        )

    qtbot.waitUntil(held, timeout=60_000)


def show(qtbot, window, run: Path, screen: str = "live") -> None:
    """Open a run file and wait until the whole of it is on show: it is read piece by piece."""

    def there() -> bool:
        shown = window.context.run.value
        return shown is not None and shown.path == run and shown.link.over

    window.open_file(run)
    qtbot.waitUntil(there)
    window.tick()
    window.show_screen(screen)
    window.tick()
