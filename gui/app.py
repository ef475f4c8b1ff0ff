"""Starting the desktop."""

import gc
import os
import signal
import sys
import threading
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

from solbench.acquisition.control.registry import entries
from solbench.gui.models.common.words import spoken
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow

TRANSLATIONS = QLibraryInfo.LibraryPath.TranslationsPath
READERS = ("rows", "detail", "replay")  # names of the threads that read run files


def start(path: Path | None = None, speed: float | None = None) -> int:
    """Open the window, with a run file in it if one is named, and stay until it is closed; return the exit code."""
    app = QApplication.instance() or QApplication(["solbench"])
    window = opened(app)
    if path is not None:
        window.open_file(path, speed or float("inf"))
    elif not show_live_run(window):
        offer_tour(window)
    return left(app.exec())


def opened(app: QCoreApplication) -> MainWindow:
    """Show the window; garbage is not looked for meanwhile, for there is none, and what is made stays."""
    gc.disable()
    speak_as_the_window(app)
    pg.setConfigOptions(antialias=False, useOpenGL=False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = MainWindow(Context())
    if isinstance(app, QApplication):
        app.commitDataRequest.connect(window.asked_to_log_off)
    window.show()
    gc.freeze()  # no collection looks through it again
    gc.enable()
    return window


def speak_as_the_window(app: QCoreApplication) -> None:
    """Let Qt's own texts (Cancel, Copy, file dialogues) be in the language of the window; Qt brings them."""
    language = spoken()
    translator = QTranslator(app)
    if language != "en" and translator.load(f"qtbase_{language}", QLibraryInfo.path(TRANSLATIONS)):
        app.installTranslator(translator)


def left(code: int) -> int:
    """Return the exit code; ends the process at once when a reader still hangs in a file.

    Such a thread holds the lock of HDF5, and the interpreter's way out would wait for it for ever.
    """
    if any(thread.name in READERS for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def show_live_run(window: MainWindow) -> bool:
    """Begin on the live screen where a run is live, whatever was shown last; return whether one is."""
    window.active_run.tick()
    live = window.context.run.value is not None
    if live:
        window.show_screen("live")
    return live


def offer_tour(window: MainWindow) -> None:
    """Offer the tour where nothing was remembered of an earlier start, and no run is live."""
    if window.context.settings.fresh and not entries():
        window.tour.offer()


if __name__ == "__main__":
    sys.exit(start())
