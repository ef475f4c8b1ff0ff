"""Random clicks, keys, drags and values in the real window. Run: python -m benchmarks.gui_monkey [minutes [seed]].

Every part of every screen, dialog and menu may be clicked, dragged and typed into, on simulated benches: two of them
run beside the window, a folder holds finished runs, and files are dropped, good and bad. Every second seed looks at it
at twice the size. Ends with an error if anything was raised, or said by Qt; the longest time in which the window did
not answer is told. Offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from benchmarks.gui_watch import Complaints, Watch
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QInputMethodEvent,
    QWheelEvent,
)
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QLineEdit, QMenu, QWidget
from tests.end_to_end.programs import solbench
from tests.gui.engines import engine
from tests.texts import TINY

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow

SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
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
    "R0-p(R1,CPE1)-CPE2",
    "L0-R0-p(",
    "50 Hz, 100 kHz-1 MHz, 3: 1 kHz",
    "2026-11-30 & <b>",
    "{date}_{cell}",
    "\u0664\u0665 \u03a9",
)
_K = Qt.Key
_M = Qt.KeyboardModifier
KEYS = (
    *(
        _K.Key_Tab,
        _K.Key_Space,
        _K.Key_Return,
        _K.Key_Down,
        _K.Key_Up,
        _K.Key_Delete,
        _K.Key_A,
        _K.Key_Escape,
    ),
    *(_K.Key_F2, _K.Key_F3, _K.Key_F6, _K.Key_F7, _K.Key_F8, _K.Key_Home, _K.Key_PageDown),
)
CONTROLS = (_K.Key_Z, _K.Key_D, _K.Key_E, _K.Key_C, _K.Key_L, _K.Key_N, _K.Key_A, _K.Key_V)
LOOKS = ("light", "dark", "contrast", "system", "comma")
LANGUAGES = ("", "en", "de")
SIZES = ((1366, 768), (1280, 720), (1920, 1080), (700, 400))
SPEEDS = (None, None, 60.0, 3600.0)
PARTING = "quit"  # the action that no monkey may take
BENCH = "name: bench {0}\nkind: simulated\npositive_terminal: we_re2\nsimulation: {{unit: typical, errors: none}}\n"


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    chance = random.Random(SEED)
    os.environ.setdefault("QT_SCALE_FACTOR", "2" if SEED % 2 else "1")  # is read when the application is made
    with tempfile.TemporaryDirectory() as place, ExitStack() as engines:
        folder = Path(place)
        os.environ |= {
            "SOLBENCH_STATE": f"{place}/state",
            "XDG_CONFIG_HOME": f"{place}/config",
            "HOME": place,
        }
        (folder / "state").mkdir()
        files = made(folder)
        app, complaints = QApplication(["solbench"]), Complaints()
        answer_dialogs(chance, ["", *map(str, files)], place)
        context = Context(Settings(folder / "desktop.json"))
        context.settings.set("runs_folder", place)
        context.settings.set("reports_folder", place)
        window = MainWindow(context)
        window.resize(1366, 768)
        window.show()
        context.bench.set("simulated")
        context.cell.set("nps")
        for number in (1, 2):
            bench = folder / f"bench-{number}.yaml"
            bench.write_text(BENCH.format(number))
            engines.enter_context(engine(folder, 60.0, "--bench", str(bench), "-o", f"beside-{number}.h5"))
        monkey, watch = Monkey(app, window, chance, files), Watch()
        end_s, done, worst = time.monotonic() + 60 * minutes, 0, (0.0, "")
        while time.monotonic() < end_s:
            act = monkey.any_act()
            try:
                took = watch.took(act, lambda: True, longest_s=300.0, settle_s=0.0)
            except TimeoutError:
                complaints.found.append(f"the window did not come back from {monkey.last}")
                print(complaints.found[-1], file=sys.stderr, flush=True)
                break
            worst = max(worst, (took.block_cpu_s, f"{monkey.last}: {took.where}"))
            done += 1
        print(f"seed {SEED}: {done} acts in {minutes:g} min, {len(complaints.found)} wrong")
        print(f"longest without an answer: {1e3 * worst[0]:.0f} ms of the processor, {worst[1]}")
        window.control.stop_all()
        until_s = time.monotonic() + 60
        while window.context.live.value and time.monotonic() < until_s:
            app.processEvents()
            window.tick()
            time.sleep(0.02)
        window.exit_guard.leave()
        window.close()
        context.jobs.close()
    return int(bool(complaints.found))


def made(folder: Path) -> list[Path]:
    """Make files that may be opened and dropped, good ones and bad ones, and name some that are not there."""
    texts = {
        "bad.yaml": "steps: [",
        "tiny.yaml": TINY,
        "bench-0.yaml": BENCH.format(0),
        "notes.txt": "no data",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "bad.h5").write_bytes(b"no run")
    (folder / "bad.journal").write_bytes(b'{"seq":0}\t00000000\n')
    (folder / "spectrum.csv").write_text(
        "frequency,real,imag\n" + "".join(f"{10.0**n},{50 + 9 * n},{-3.0 * n}\n" for n in range(6))
    )
    for number in range(3):
        done = solbench(
            folder, "run", "tiny.yaml", "--cell", "nbh", "--bench", "bench-0.yaml", "-o", f"done-{number}.h5"
        )
        assert done.code == 0, done.err
    there = [path for path in folder.iterdir() if path.suffix in (".h5", ".journal", ".yaml", ".csv", ".txt")]
    return [*sorted(there), folder, *(folder / name for name in ("new.yaml", "new.png", "no/where.yaml"))]


def answer_dialogs(chance: random.Random, names: list[str], place: str) -> None:
    """Answer what would wait for a person in a window of another program."""
    for name in ("getOpenFileName", "getSaveFileName"):
        setattr(QFileDialog, name, staticmethod(lambda *_, **_more: (chance.choice(names), "")))
    QFileDialog.getOpenFileNames = staticmethod(  # type: ignore[method-assign]
        lambda *_, **_more: (chance.sample(names[1:], 2), "")
    )
    QFileDialog.getExistingDirectory = staticmethod(  # type: ignore[method-assign]
        lambda *_, **_more: chance.choice(["", place])
    )
    QInputDialog.getText = staticmethod(  # type: ignore[method-assign]
        lambda *_args, **_more: (chance.choice(TEXTS), chance.random() < 0.8)
    )
    QPrintDialog.exec = lambda _self: chance.choice(  # type: ignore[method-assign]
        [QDialog.DialogCode.Accepted, QDialog.DialogCode.Rejected]
    )
    QDesktopServices.openUrl = staticmethod(lambda _url: True)  # type: ignore[method-assign]


class Monkey:
    """Draws what is done next; `last` says what that was."""

    def __init__(
        self, app: QApplication, window: MainWindow, chance: random.Random, files: list[Path]
    ) -> None:
        self.app, self.window, self.chance, self.files = app, window, chance, files
        self.last = ""

    def any_act(self):  # type: ignore[no-untyped-def]
        """Return something to do."""
        acts, weights = zip(
            *(
                (self.show_screen, 4),
                (self.change_looks, 2),
                (self.resize, 1),
                (self.take_action, 6),
                (self.drop, 3),
                (self.set_speed, 1),
                (self.type_text, 14),
                (self.press_key, 12),
                (self.double_click, 3),
                (self.move, 5),
                (self.turn_wheel, 4),
                (self.drag, 10),
                (self.close_dialog, 3),
                (self.click, 60),
            ),
            strict=True,
        )
        [act] = self.chance.choices(acts, weights)
        return lambda: self._do(act)

    def _do(self, act) -> None:  # type: ignore[no-untyped-def]
        if isinstance(menu := QApplication.activePopupWidget(), QMenu):
            menu.close()
        self.last = act.__name__
        QTimer.singleShot(50, close_popup)
        act()

    @property
    def front(self) -> QWidget:
        dialog = QApplication.activeModalWidget() or QApplication.activeWindow()
        return dialog if isinstance(dialog, QDialog) else self.window

    def part(self) -> tuple[QWidget, QPoint]:
        """Return something that is seen, and a place on it."""
        seen = (each for each in self.front.findChildren(QWidget) if each.isVisible() and each.isEnabled())
        parts = [each for each in seen if each.width() > 2 and each.height() > 2] or [self.window]
        widget = self.chance.choice(parts)
        self.last += f" on {type(widget).__name__} {widget.accessibleName() or widget.objectName()}"
        return widget, self._place(widget)

    def _place(self, widget: QWidget) -> QPoint:
        return QPoint(self.chance.randrange(widget.width()), self.chance.randrange(widget.height()))

    def show_screen(self) -> None:
        self.window.show_screen(self.chance.choice(list(self.window.screens.kinds)))

    def change_looks(self) -> None:
        looks = (
            (self.window.set_look, LOOKS),
            (self.window.set_numbers, LOOKS),
            (self.window.set_language, LANGUAGES),
        )
        change, names = self.chance.choice(looks)
        change(self.chance.choice(names))

    def resize(self) -> None:
        self.window.resize(*self.chance.choice(SIZES))

    def take_action(self) -> None:
        """Take an entry of a menu."""
        action = entry_of_a_menu(self.window, self.chance)
        if action is not None:
            self.last += f" {action.text()}"
            action.trigger()

    def drop(self) -> None:
        """Drop files on a part of the window."""
        data, (widget, place) = QMimeData(), self.part()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in self.chance.sample(self.files, 2)])
        given = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, _M.NoModifier
        takes: QWidget | None = widget
        while takes is not None and not takes.acceptDrops():
            takes = takes.parentWidget()
        if takes is None:
            return
        enters = QDragEnterEvent(place, *given)
        QApplication.sendEvent(takes, enters)
        if enters.isAccepted():
            QApplication.sendEvent(takes, QDropEvent(QPointF(place), *given))

    def set_speed(self) -> None:
        self.window.context.speed.set(self.chance.choice(SPEEDS))

    def type_text(self) -> None:
        edits = [each for each in self.front.findChildren(QLineEdit) if each.isVisible() and each.isEnabled()]
        if edits:
            edit = self.chance.choice(edits)
            self.last += f" into {edit.accessibleName()}"
            edit.setFocus()
            if self.chance.random() < 0.5:
                edit.selectAll()
            text = self.chance.choice(TEXTS)
            if text.isascii():
                QTest.keyClicks(edit, text)
            else:  # as an input method does; the keys of QTest are those of one alphabet
                typed = QInputMethodEvent()
                typed.setCommitString(text)
                QApplication.sendEvent(edit, typed)

    def press_key(self) -> None:
        keys, held = self.chance.choice(
            [(KEYS, _M.NoModifier), (KEYS, _M.NoModifier), (CONTROLS, _M.ControlModifier)]
        )
        QTest.keyClick(self.app.focusWidget() or self.window, self.chance.choice(keys), held)

    def double_click(self) -> None:
        widget, place = self.part()
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=place)

    def move(self) -> None:
        QTest.mouseMove(*self.part())

    def turn_wheel(self) -> None:
        widget, place = self.part()
        turned = QPoint(0, self.chance.choice([-120, 120]))
        held = self.chance.choice([_M.NoModifier, _M.ControlModifier])
        event = QWheelEvent(
            QPointF(place),
            QPointF(widget.mapToGlobal(place)),
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            held,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003 - as Qt has it
        )
        QApplication.sendEvent(widget, event)

    def drag(self) -> None:
        """Press, move in some steps, and let go: a mask, a start value, a step, a divider, a view."""
        widget, place = self.part()
        held = self.chance.choice([_M.NoModifier, _M.NoModifier, _M.ShiftModifier, _M.ControlModifier])
        which = self.chance.choice(
            [Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton]
        )
        QTest.mousePress(widget, which, held, place)
        for _ in range(3):
            QTest.mouseMove(widget, self._place(widget))
        QTest.mouseRelease(widget, which, held, self._place(widget))

    def close_dialog(self) -> None:
        if isinstance(self.front, QDialog):
            self.front.close()

    def click(self) -> None:
        widget, place = self.part()
        which = Qt.MouseButton.RightButton if self.chance.random() < 0.1 else Qt.MouseButton.LeftButton
        held = self.chance.choice([_M.NoModifier] * 6 + [_M.ControlModifier, _M.ShiftModifier])
        QTest.mouseClick(widget, which, held, place)


def entry_of_a_menu(window: MainWindow, chance: random.Random) -> QAction | None:
    """Return an entry of a menu, None where there is none to be taken."""
    menus = window.menuBar().findChildren(
        QMenu
    )  # QAction.menu() would give a menu away, and with it its life
    menu = chance.choice(menus)
    menu.aboutToShow.emit()  # some are filled then
    titles = [each.menuAction() for each in menus]
    entries = [
        each for each in menu.actions() if each.isEnabled() and not each.isSeparator() and each not in titles
    ]
    entries = [each for each in entries if PARTING not in each.text().lower().replace("&", "")]
    return chance.choice(entries) if entries else None


def close_popup() -> None:
    """Close a menu that waits for a choice."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


if __name__ == "__main__":
    sys.exit(main())
