"""Clicks that tasks take, by real clicks in the real window. Run: xvfb-run python -m benchmarks.gui_clicks [WxH]...

Each task is carried out as a user would; a click on what is not in view costs a turn of the wheel, which is counted
apart. Values typed are counted, too. Pictures of the end of each task go to DIR, if --pictures DIR is given.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QToolButton,
    QWidget,
)

from solbench.gui.layouts import is_small
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 90.0


class Walk:
    """A user with a mouse: counts clicks, turns of the wheel and values typed."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window = app, window
        self.pictures: list[
            tuple[str, QPixmap]
        ] = []  # of dialogues, which are closed at the end of their task
        self.clicks = self.notches = self.values = 0

    def wait(self, until: Callable[[], bool], what: str) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > end_s:
                raise SystemExit(f"waited in vain for {what}")
            self.app.processEvents()
            time.sleep(0.01)

    def settle(self, seconds: float = 0.2) -> None:
        end_s = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end_s, "a moment")

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        self.settle()
        place = at or widget.rect().center()
        if not widget.visibleRegion().contains(place):
            self.notches += 1
            around = widget.parentWidget()
            while around is not None:
                if hasattr(around, "ensureWidgetVisible"):
                    around.ensureWidgetVisible(widget)
                around = around.parentWidget()
            self.settle()
        assert widget.visibleRegion().contains(place), f"{widget.accessibleName()} cannot be clicked"
        self.clicks += 1
        QTest.mouseClick(widget, LEFT, pos=place)
        self.settle()

    def row(self, view: QAbstractItemView, row: int, parent: int | None = None) -> None:
        self.settle()  # the table may have been filled a moment ago, and is not laid out yet
        model = view.model()
        index = model.index(row, 0) if parent is None else model.index(row, 0, model.index(parent, 0))
        self.click(view.viewport(), view.visualRect(index).center())

    def pick(self, box: QComboBox, text: str) -> None:
        self.click(box)
        view = box.view()
        self.clicks += 1
        QTest.mouseClick(
            view.viewport(), LEFT, pos=view.visualRect(view.model().index(box.findText(text), 0)).center()
        )
        self.settle(0.4)
        assert box.currentText() == text

    def from_menu(self, button: QToolButton, text: str) -> None:
        """Open the menu of a button and take an entry: two clicks."""

        def take() -> None:
            menu = QApplication.activePopupWidget()
            action = next(each for each in menu.actions() if each.text() == text)
            QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())

        QTimer.singleShot(300, take)
        self.click(button)
        self.clicks += 1

    def type(self, text: str) -> None:
        """Type a value where the cursor is."""
        self.values += 1
        focus = self.focus
        QTest.keyClick(focus, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(focus, text)
        self.settle(0.05)

    @property
    def focus(self) -> QWidget:
        """Get where the cursor is: without a window manager no window is the active one."""
        focus = (QApplication.activeModalWidget() or self.window).focusWidget()
        assert focus is not None
        return focus

    def tab(self, times: int = 1) -> None:
        for _ in range(times):
            QTest.keyClick(self.focus, Qt.Key.Key_Tab)

    def look(self, dialog: QWidget) -> None:
        """Take a picture of a dialogue."""
        self.pictures.append((type(dialog).__name__.lower(), dialog.grab()))

    def go(self, key: str) -> None:
        self.click(self.window.rail.buttons[key])

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier) -> None:
        QTest.keyClick(self.window, key, modifier)
        self.settle()

    def screen(self, key: str):  # type: ignore[no-untyped-def]
        return self.window.screens[key]


def bench(walk: Walk, folder: Path) -> None:
    """A bench by hand: address, Find, which end is positive, Make."""
    served = subprocess.Popen(
        [sys.executable, "-P", "-m", "solbench.cli.main", "simulate", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        assert served.stdout is not None
        address = json.loads(served.stdout.readline())["adapter"].rpartition("//")[2]
        screen = walk.screen("connect")
        walk.click(screen.adapter)
        walk.type(address)
        find = next(each for each in screen.findChildren(QWidget) if getattr(each, "text", str)() == "Find")
        walk.click(find)
        walk.wait(lambda: not screen.model.busy and screen.model.can_make, "the instruments")
        walk.click(
            next(
                each
                for each in screen.findChildren(QWidget)
                if "WE and RE2" in str(getattr(each, "text", str)())
            )
        )
        walk.click(screen.make)
        walk.wait(lambda: not screen.model.busy and screen.model.path is not None, "the bench")
    finally:
        served.terminate()
        served.wait()
        screen.context.bench.set("simulated")


def electrolyte(walk: Walk, folder: Path) -> None:
    """A cell with an electrolyte of one's own: record, name, formula, conductivity, saved."""
    walk.go("cell")
    screen = walk.screen("cell")
    walk.pick(screen.record, "nps")
    form = screen.electrolyte_form.entries
    walk.click(form[("name",)].edit)
    walk.type("my-electrolyte")
    walk.tab()
    walk.type("Na3SbS4")
    walk.tab()
    walk.type("1.1")
    QFileDialog.getSaveFileName = lambda *_: (str(folder / "my.yaml"), "")  # type: ignore[method-assign]
    walk.click(screen.save)
    assert screen.context.cell.value == str(folder / "my.yaml")


def half_cell(walk: Walk, _folder: Path) -> None:
    """Half cell: another current, other states, another amplitude."""
    walk.go("protocol")
    screen = walk.screen("protocol")
    form = screen.form.entries
    for names, text in (
        (("current",), "-0.1"),
        (("spectra_at",), "0; 50; 100"),
        (("spectrum", "amplitude"), "20"),
    ):
        walk.click(form[names].edit)
        walk.type(text)
    assert screen.model.judgement.runnable, screen.model.judgement.findings


def new_protocol(walk: Walk, folder: Path) -> None:
    """A new protocol: rest, a loop of three of constant current with three spectra and constant voltage."""
    walk.go("protocol")
    screen = walk.screen("protocol")
    walk.click(screen.new)
    for kind in ("Rest", "Loop", "Constant current"):
        walk.from_menu(screen.add, kind)
    walk.click(screen.form.entries[("current",)].edit)
    for text in ("-0.16 mA/cm2", "50 %"):
        walk.type(text)
        walk.tab(2)
    walk.type("\b")  # the voltage of the example is that of a charge
    walk.click(screen.form.entries[("spectra_at",)].edit)
    walk.type("0; 50; 100 %")
    walk.from_menu(screen.add, "Constant voltage")
    walk.row(screen.tree, 2)
    walk.click(screen.form.entries[("count",)].edit)
    walk.type("3")
    QFileDialog.getSaveFileName = lambda *_: (str(folder / "new.yaml"), "")  # type: ignore[method-assign]
    walk.key(Qt.Key.Key_S)
    kinds = [(step["kind"], len(step.get("steps", []))) for step in screen.model.data["steps"]]
    assert kinds == [("rest", 0), ("loop", 3)] or kinds == [("rest", 0), ("loop", 2)], kinds
    errors = [each for each in screen.model.judgement.findings if each.grade == "error"]
    assert not errors, errors


def start(walk: Walk, _folder: Path) -> None:
    """Check and start a run."""
    context = walk.window.context
    context.speed.set(None)
    start_it(walk)
    walk.wait(lambda: context.run.value is not None and not context.run.value.alive, "its end")


def start_it(walk: Walk) -> None:
    context = walk.window.context
    context.cell.set("nps")
    context.protocol.set("half-cell")
    walk.go("start")
    screen = walk.screen("start")
    walk.wait(lambda: screen.model.ready, "the start check")
    walk.click(screen.start)
    walk.wait(lambda: walk.window.screen_in_front is walk.window.live, "the run")


def queue_of_three(walk: Walk, _folder: Path) -> None:
    """Three runs in the queue."""
    walk.go("start")
    walk.wait(lambda: walk.screen("start").queue.isEnabled(), "the choices")
    walk.click(walk.screen("start").queue)
    screen = walk.screen("queue")
    walk.wait(lambda: len(screen.model.rows) == 1 and screen.table.model().rowCount() == 1, "the first")
    walk.row(screen.table, 0)
    walk.click(screen.copy)
    walk.click(screen.copy)
    assert len(screen.model.rows) == 3
    for row in screen.model.rows:
        screen.model.remove(row.number)


def overlay(walk: Walk, folder: Path) -> None:
    """Six of twenty runs overlaid, one spectrum left out."""
    run = next(folder.glob("*.h5"))
    for number in range(20):
        (folder / f"run-{number:02d}.h5").write_bytes(run.read_bytes())
    walk.go("data")
    screen = walk.screen("data")
    walk.wait(lambda: len(screen.listed) >= 20 and not screen.model.busy, "the list")
    walk.row(screen.table, 0)
    index = screen.table.model().index(5, 0)
    walk.clicks += 1
    QTest.mouseClick(
        screen.table.viewport(),
        LEFT,
        Qt.KeyboardModifier.ShiftModifier,
        screen.table.visualRect(index).center(),
    )
    walk.wait(lambda: len(screen.model.shown) == 6, "six runs")
    bar = screen.tabs.tabBar()
    walk.click(bar, bar.tabRect(3).center())
    assert len(screen.plots["nyquist"].curves) >= 6


def tour(walk: Walk, _folder: Path) -> None:
    """The tour, to the finished half cell, its fit and its report."""
    window = walk.window
    window.tour.offer()
    walk.settle()
    walk.click(window.tour_bar.begin)
    reports = walk.screen("report")
    while (stop := window.tour.stop) is not None:
        if stop.screen == "start":
            walk.wait(walk.screen("start").start.isEnabled, "the start check")
            walk.click(walk.screen("start").start)
            walk.wait(lambda: window.tour.stop is not stop, "the run")
        elif stop.screen == "live":
            walk.wait(
                lambda: window.tour.stop is not None and bool(window.tour.stop.go_on), "the end of the run"
            )
            walk.click(window.tour_bar.next)
        elif stop.passing:
            walk.wait(lambda stop=stop: window.tour.stop is not stop, "the next stop")  # type: ignore[misc]
        elif stop.screen == "fit":
            walk.click(walk.screen("fit").run)
            walk.click(window.tour_bar.next)
        elif stop.screen == "report":
            walk.click(reports.make)
            walk.wait(lambda: bool(reports.model.files), "the report")
            walk.click(window.tour_bar.next)
        elif stop.screen == "data":
            walk.row(walk.screen("data").table, 0)
            walk.click(window.tour_bar.next)
        else:
            walk.click(window.tour_bar.next)


def commissioning(walk: Walk, _folder: Path) -> None:
    """Begin to commission a bench, say of three parts that they are clamped, and stop."""
    connect = walk.screen("connect")
    connect.model.make_unit(7)
    walk.window.context.bench.set(connect.model.reference)
    walk.wait(connect.commission.isEnabled, "the bench")
    walk.click(connect.commission)
    page = connect.page
    walk.click(page.by)
    walk.type("E. Example")
    walk.click(page.begin)
    for _ in range(3):
        walk.wait(lambda: page.model.question is not None, "a question")
        asked = page.model.question
        walk.click(page.clamped if page.clamped.isVisible() else page.none)
        walk.wait(lambda asked=asked: page.model.question is not asked, "the measurement")  # type: ignore[misc]
    walk.click(page.stop)
    walk.wait(lambda: page.model.state in ("idle", "over"), "the end")


def by_hand(walk: Walk, _folder: Path) -> None:
    """Set a current by hand, within limits, and finish."""
    walk.go("start")
    walk.click(walk.screen("start").by_hand)
    page = walk.screen("start").manual
    page.build.setCurrentText("half")
    walk.click(page.limits[0])
    walk.type("0.05 V")
    walk.tab()
    walk.type("2.5 V")
    walk.click(page.begin)
    walk.wait(page.off.isEnabled, "the run")
    walk.click(page.value)
    walk.type("-20 µA")
    walk.tab(2 if page.limit.isVisible() else 1)
    walk.type("5 min")
    walk.click(page.on)
    walk.wait(lambda: walk.window.strip.text("cell") == "cell ON", "the current")
    walk.click(page.finish)
    walk.wait(lambda: not walk.window.context.live.value, "its end")


def correct(walk: Walk, folder: Path) -> None:
    """Correct the tin mass of a run."""
    walk.go("data")
    screen = walk.screen("data")
    walk.wait(lambda: len(screen.listed) >= 1 and not screen.model.busy, "the list")
    walk.row(screen.table, 0)
    walk.wait(lambda: screen.correct.isEnabled(), "the run")
    walk.click(screen.correct)
    dialog = walk.app.activeModalWidget()
    walk.wait(lambda: "tin_mass" in dialog.edits, "the fields")
    for edit, text in (
        (dialog.edits["tin_mass"], "1.4 mg"),
        (dialog.who, "E. Example"),
        (dialog.why, "weighed"),
    ):
        walk.click(edit)
        walk.type(text)
    walk.look(dialog)
    walk.click(dialog.correct)
    walk.wait(lambda: not dialog.isVisible(), "the correction")


def change(walk: Walk, _folder: Path) -> None:
    """Change where the step in progress ends."""
    walk.window.context.speed.set(60.0)
    start_it(walk)
    live = walk.window.live
    walk.wait(live.change.isEnabled, "the run")
    walk.click(live.change)
    dialog = live.changing
    walk.click(dialog.form.entries["until", "capacity"].edit)
    walk.type("90 %")
    walk.wait(dialog.change.isEnabled, "what would happen")
    walk.look(dialog)
    walk.click(dialog.change)
    walk.wait(lambda: not dialog.isVisible(), "the change")
    walk.window.control.stop_all()
    walk.wait(lambda: not walk.window.context.live.value, "its end")


TASKS = {
    "bench by hand": (bench, 6),
    "own electrolyte": (electrolyte, 8),
    "half cell: current, states, amplitude": (half_cell, 4),
    "new protocol": (new_protocol, 14),
    "check and start": (start, 3),
    "queue of three": (queue_of_three, 8),
    "overlay of six of 20": (overlay, 4),
    "tour": (tour, 10),
    "commissioning begun": (commissioning, 8),
    "current by hand": (by_hand, 8),
    "correct a mass": (correct, 8),
    "change a step": (change, 6),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["1280x720", "1366x768", "1920x1080"])
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", action="append", choices=TASKS, help="walk through these tasks alone")
    given = parser.parse_args()
    app = QApplication(["solbench"])
    worst = 0
    for size in given.sizes:
        print(f"{size}\n{'task':40} clicks  at most  wheel  values")
        for name, (work, most) in TASKS.items():
            if given.only and name not in given.only:
                continue
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                os.environ |= {"SOLBENCH_STATE": f"{place}/state", "XDG_CONFIG_HOME": f"{place}/config"}
                (folder / "state").mkdir()
                context = Context(Settings(folder / "desktop.json"))
                context.settings.set("runs_folder", str(folder))
                context.settings.set("reports_folder", str(folder))
                window = MainWindow(context)
                window.resize(*map(int, size.split("x")))
                window.show()
                assert not is_small(window)
                if work is not bench:
                    context.bench.set("simulated")
                    context.cell.set("nps")
                if work in (overlay, queue_of_three, correct):
                    start(Walk(app, window), folder)
                walk = Walk(app, window)
                walk.settle(0.5)
                work(walk, folder)
                worst = max(worst, walk.clicks - most)
                print(f"{name:40} {walk.clicks:6}  {most:7}  {walk.notches:5}  {walk.values:6}", flush=True)
                if given.pictures:
                    given.pictures.mkdir(parents=True, exist_ok=True)
                    for what, picture in (("", window.grab()), *walk.pictures):
                        parts = (size, re.sub(r"\W+", "-", name), what)
                        picture.save(str(given.pictures / f"{'-'.join(filter(None, parts))}.png"))
                context.unsaved.clear()
                window.exit_guard.leave()
                window.close()
                context.jobs.close()
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
