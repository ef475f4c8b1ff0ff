"""Starting the desktop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from solbench.acquisition.control.registry import entries
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow

READERS = ("rows", "detail", "replay")  # names of the threads that read run files


def start(path: Path | None = None, speed: float | None = None) -> int:
    """Open the window, with a run file in it if one is named, and stay until it is closed; return the exit code."""
    app = QApplication.instance() or QApplication(["solbench"])
    pg.setConfigOptions(antialias=False, useOpenGL=False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = MainWindow(Context())
    window.show()
    if path is not None:
        window.open_file(path, speed or float("inf"))
    elif not show_what_goes_on(window):
        offer_tour(window)
    return left(app.exec())


def left(code: int) -> int:
    """Return the exit code; ends the process at once when a reader still hangs in a file.

    Such a thread holds the lock of HDF5, and the interpreter's way out would wait for it for ever.
    """
    if any(thread.name in READERS for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def show_what_goes_on(window: MainWindow) -> bool:
    """Begin on the live screen where a run goes on, whatever was looked at last; say whether one does."""
    window.active_run.tick()
    going_on = window.context.run.value is not None
    if going_on:
        window.show_screen("live")
    return going_on


def offer_tour(window: MainWindow) -> None:
    """Offer the tour where nothing was remembered of an earlier start, and no run goes on."""
    if window.context.settings.fresh and not entries():
        window.tour.offer()


if __name__ == "__main__":
    sys.exit(start())
