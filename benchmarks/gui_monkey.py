"""Random clicks, keys and values in the real window. Run: python -m benchmarks.gui_monkey [minutes [seed]].

Every part of every screen may be clicked, on the simulated bench; file dialogs name files of its own folder, good
and bad. Ends with an error if anything was raised, or said by Qt. Offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QLineEdit, QMenu, QWidget

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow

QUIET = ("This plugin does not support", "propagateSizeHints")
TEXTS = (
    "",
    "5",
    "-0.16 mA/cm2",
    "95 %",
    "1,5",
    "x" * 300,
    "nps",
    "$current",
    "1e400 V",
    "0; 50; 100",
    "-3 h",
)
_K = Qt.Key
KEYS = (_K.Key_Tab, _K.Key_Space, _K.Key_Return, _K.Key_Down, _K.Key_Delete, _K.Key_A, _K.Key_Escape)
CONTROLS = (_K.Key_Z, _K.Key_D, _K.Key_E, _K.Key_C, _K.Key_L, _K.Key_N)
LOOKS = ("light", "dark", "contrast", "system", "comma")


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chance, wrong = random.Random(seed), []

    def raised(kind, error, trace):  # type: ignore[no-untyped-def]
        wrong.append("".join(traceback.format_exception(kind, error, trace)))
        print(wrong[-1], file=sys.stderr, flush=True)

    def said(kind: QtMsgType, _place: object, text: str) -> None:
        if not any(words in text for words in QUIET):
            wrong.append(f"{kind.name}: {text}")
            print(wrong[-1], file=sys.stderr, flush=True)

    sys.excepthook = raised
    qInstallMessageHandler(said)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ |= {
            "SOLBENCH_STATE": f"{place}/state",
            "XDG_CONFIG_HOME": f"{place}/config",
            "HOME": place,
        }
        (folder / "state").mkdir()
        (folder / "bad.yaml").write_text("steps: [")
        (folder / "bad.h5").write_bytes(b"no run")
        app = QApplication(["solbench"])
        names = [
            "",
            *(str(folder / name) for name in ("bad.yaml", "bad.h5", "new.yaml", "new.png", "no/where.yaml")),
        ]
        for name in ("getOpenFileName", "getSaveFileName"):
            setattr(QFileDialog, name, staticmethod(lambda *_: (chance.choice(names), "")))
        QFileDialog.getOpenFileNames = staticmethod(lambda *_: ([], ""))  # type: ignore[method-assign]
        QFileDialog.getExistingDirectory = staticmethod(lambda *_: chance.choice(["", place]))  # type: ignore[method-assign]
        QInputDialog.getText = staticmethod(  # type: ignore[method-assign]
            lambda *_args, **_more: (chance.choice(TEXTS), chance.random() < 0.8)
        )
        QDesktopServices.openUrl = staticmethod(lambda _url: True)  # type: ignore[method-assign]
        context = Context(Settings(folder / "desktop.json"))
        context.settings.set("runs_folder", place)
        context.settings.set("reports_folder", place)
        window = MainWindow(context)
        window.resize(1366, 768)
        window.show()
        context.bench.set("simulated")
        context.speed.set(None)
        context.cell.set("nps")
        end_s, done = time.monotonic() + 60 * minutes, 0
        while time.monotonic() < end_s:
            act(app, window, chance)
            done += 1
        print(f"seed {seed}: {done} acts in {minutes:g} min, {len(wrong)} wrong")
        window.control.stop_all()
        until_s = time.monotonic() + 60
        while window.context.live.value and time.monotonic() < until_s:
            app.processEvents()
            window.tick()
            time.sleep(0.02)
        window.exit_guard.leave()
        window.close()
        context.jobs.close()
    return int(bool(wrong))


def act(app: QApplication, window: MainWindow, chance: random.Random) -> None:
    """Do one thing, and let the window live."""
    if isinstance(menu := QApplication.activePopupWidget(), QMenu):
        menu.close()
    dialog = QApplication.activeModalWidget()
    front: QWidget = dialog if isinstance(dialog, QDialog) else window
    if chance.random() < 0.05 and isinstance(dialog, QDialog):
        dialog.close()
    kind = chance.random()
    if kind < 0.04:
        window.show_screen(chance.choice(list(window.screens.kinds)))
    elif kind < 0.06:
        chance.choice([window.set_look, window.set_numbers])(chance.choice(LOOKS))
    elif kind < 0.07:
        window.resize(chance.choice([1366, 1280, 1920, 700]), chance.choice([720, 768, 1080, 400]))
    else:
        seen = (each for each in front.findChildren(QWidget) if each.isVisible() and each.isEnabled())
        parts = [each for each in seen if each.width() > 2]
        widget = chance.choice(parts)
        place = QPoint(chance.randrange(widget.width()), chance.randrange(max(widget.height(), 1)))
        if kind < 0.20 and isinstance(widget, QLineEdit):
            widget.setFocus()
            QTest.keyClicks(widget, chance.choice(TEXTS))
        elif kind < 0.30:
            QTest.keyClick(app.focusWidget() or window, chance.choice(KEYS))
        elif kind < 0.33:
            QTest.keyClick(
                app.focusWidget() or window, chance.choice(CONTROLS), Qt.KeyboardModifier.ControlModifier
            )
        elif kind < 0.36:
            QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=place)
        elif kind < 0.42:
            QTest.mouseMove(widget, place)
        else:
            QTimer.singleShot(50, close_popup)
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
    for _ in range(3):
        app.processEvents()
        time.sleep(0.002)


def close_popup() -> None:
    """Close a menu that waits for a choice."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


if __name__ == "__main__":
    sys.exit(main())
