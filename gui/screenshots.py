"""Pictures of every screen in light, dark and at 200 %: `python -m solbench.gui.screenshots DIR [--run RUN.h5]...`.

Without a run named, half cells are run on the simulated bench. Each look is drawn by a process of its own without a
display; several runs are laid one over the other on the data screen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solbench.gui.window.main_window import MainWindow

LOOKS = {"light": ("light", "1"), "dark": ("dark", "1"), "contrast": ("contrast", "1"), "200": ("light", "2")}
CELLS = ("nps", "nbh")
SIZE = (1366, 768)
PATIENCE_S = 120.0
UNIT = 7  # the specimen on which commissioning is shown
COMMISSIONED = {  # benches, "" for that of the specimen; step and part that are shown
    "commissioning": ("", "D", "100 kohm"),
    "commissioning-ec301": (
        "name: EC301 on bench 3\nkind: simulated\nmodel: ec301\npositive_terminal: we_re2\n",
        "F",
        "100 ohm",
    ),
    "commissioning-2400": ("name: pellets\nkind: simulated\nmodel: keithley2400_1260\n", "K", "nothing"),
}
HELD_S = 8.0


def main(arguments: list[str] | None = None) -> int:
    """Make the pictures; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m solbench.gui.screenshots", description=__doc__)
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="folder of the pictures; created if necessary"
    )
    parser.add_argument(
        "--run", metavar="RUN.h5", type=Path, action="append", help="use this run, do not make one"
    )
    parser.add_argument(
        "--scene", metavar="NAME", action="append", help="draw this alone, such as data or commissioning"
    )
    parser.add_argument("--look", choices=LOOKS, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.look:
        return _draw(given.folder, given.look, [path.absolute() for path in given.run], given.scene)
    with tempfile.TemporaryDirectory() as place:
        runs = given.run or make_runs(Path(place))
        started = [_in_a_process(given.folder, look, runs, given.scene, Path(place)) for look in LOOKS]
        return max(process.wait() for process in started)


def make_runs(folder: Path) -> list[Path]:
    """Run the half cell on the simulated bench, on two cells; return the run files."""
    runs = [folder / f"half-cell-{cell}.h5" for cell in CELLS]
    for cell, run in zip(CELLS, runs, strict=True):
        command = ["run", "half-cell", "--cell", cell, "--bench", "simulated", "-o", str(run), "--json"]
        print(f"running the half cell on {cell}", file=sys.stderr)
        subprocess.run(
            [sys.executable, "-P", "-m", "solbench.cli.main", *command], check=True, capture_output=True
        )
    return runs


def _in_a_process(
    folder: Path, look: str, runs: list[Path], scenes: list[str] | None, place: Path
) -> subprocess.Popen[bytes]:
    given = [part for run in runs for part in ("--run", str(run))]
    given += [part for scene in scenes or () for part in ("--scene", scene)]
    (place / look / "state").mkdir(parents=True)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": LOOKS[look][1],
        "SOLBENCH_STATE": str(place / look / "state"),
        "XDG_CONFIG_HOME": str(place / look / "config"),
    }
    command = [sys.executable, "-m", "solbench.gui.screenshots", str(folder), "--look", look, *given]
    return subprocess.Popen(command, env=environment)


def _draw(folder: Path, look: str, runs: list[Path], wanted: list[str] | None) -> int:
    from PySide6.QtWidgets import QApplication

    from solbench.gui.models.context import Context
    from solbench.gui.window.main_window import MainWindow

    app = QApplication(["solbench"])
    context = Context()
    context.settings.set("runs_folder", str(runs[0].parent))
    context.settings.set("look", LOOKS[look][0])
    window = MainWindow(context)
    window.resize(*SIZE)
    window.show()
    window.open_file(runs[0])
    context.bench.set("simulated")
    context.bench_simulated.set(True)
    context.cell.set(CELLS[0])
    context.protocol.set("half-cell")
    _wait(app, window, lambda: context.run.value is not None and context.run.value.known)
    for name, prepare in _scenes(window, runs).items():
        if wanted is not None and name not in wanted:
            continue
        prepare()
        _settle(app, window)
        path = folder / f"{look}-{name}.png"
        if not _picture(window, runs[0].parent).save(str(path)):
            print(f"{path} cannot be written", file=sys.stderr)
            return 1
        print(path)
    window.control.stop_all()  # the commissioning, too
    _wait(app, window, lambda: not window.context.live.value and not window.context.unsaved)
    window.exit_guard.leave()
    window.close()
    return 0


def _picture(window: MainWindow, folder: Path) -> Any:
    """Draw the window with "runs" and "reports" where fields name folders, which are others on every computer."""
    from PySide6.QtWidgets import QLineEdit

    named = {str(Path(os.environ["SOLBENCH_STATE"]).parent): "reports", str(folder): "runs"}
    edits = window.findChildren(QLineEdit)
    texts = {edit: edit.text() for edit in edits if any(place in edit.text() for place in named)}
    for edit, text in texts.items():
        for place, name in named.items():
            text = text.replace(place, name)
        edit.setText(text)
        edit.setCursorPosition(0)
    window.statusBar().clearMessage()
    picture = window.grab()
    for edit, text in texts.items():
        edit.setText(text)
    return picture


def _scenes(window: MainWindow, runs: list[Path]) -> dict[str, Callable[[], None]]:
    """Return what has to be done for each picture, in an order in which one screen's doing helps the next."""
    scenes: dict[str, Callable[[], None]] = {}
    for key in window.screens.kinds:
        scenes[key] = _Scene(window, key, runs)
    for name, shown in COMMISSIONED.items():
        scenes[name] = partial(_commission, window, *shown)
    scenes["manual"] = partial(_set_by_hand, window)
    return scenes


class _Scene:
    """Brings one screen to the front and does on it what its picture is to show."""

    def __init__(self, window: MainWindow, key: str, runs: list[Path]) -> None:
        self._window, self._key, self._runs = window, key, runs
        self._place = Path(os.environ["SOLBENCH_STATE"]).parent

    def __call__(self) -> None:
        self._window.show_screen(self._key)
        _settle(_app(), self._window)
        screen: Any = self._window.screens[self._key]
        if self._key == "connect":
            screen.test.click()
        elif self._key == "protocol":
            screen.preview.run.click()
        elif self._key == "data":
            screen.model.add(self._runs)
            _settle(_app(), self._window)
            screen.tabs.setCurrentIndex(2)
            self._window.context.chosen.set(screen.model.chosen)
        elif self._key == "fit":
            screen.model.fit()
            screen.spectra.setCurrentCell(min(3, screen.spectra.rowCount() - 1), 0)
        elif self._key == "report":
            from solbench.gui.models.runs.reporting import ReportRequest

            screen.model.set_request(ReportRequest(self._place, "report"))
            screen.folder.setText("reports")
            screen.model.make()


def _commission(window: MainWindow, bench: str, step: str, part: str) -> None:
    """Commission a simulated specimen, or a bench of another make, as far as the clamping of a part."""
    window.show_screen("connect")
    screen: Any = window.screens["connect"]
    screen.page.model.stop()
    _wait(_app(), window, lambda: not screen.page.model.busy)
    before = window.context.bench.value
    if bench:
        path = Path(os.environ["SOLBENCH_STATE"]).parent / f"bench-{step}.yaml"
        path.write_text(bench, encoding="utf-8")
        screen.model.choose(str(path))
    else:
        screen.model.make_unit(UNIT)
    window.context.bench.set(screen.model.reference)
    screen.commission.click()
    page = screen.page
    page.by.setText("E. Example")
    _settle(_app(), window)
    page.begin.click()
    _wait(_app(), window, lambda: page.model.question is not None)
    while (asked := page.model.question) is not None and not _is_of(asked, step, part):
        (page.clamped if page.clamped.isVisible() else page.none).click()
        _wait(_app(), window, lambda: page.model.question is not None or not page.model.busy)
    page.twin.show_command("solbench commission bench.yaml --by 'E. Example'")
    window.context.bench.set(before)


def _is_of(asked: Any, step: str, part: str) -> bool:
    from solbench.acquisition.commission.messages import MountAsked

    return isinstance(asked, MountAsked) and asked.step == step and part in (asked.part, asked.clamping)


def _set_by_hand(window: MainWindow) -> None:
    """Begin a manual run, hold a current for a moment, and end it when the picture is made."""
    window.show_screen("start")
    start: Any = window.screens["start"]
    start.by_hand.click()
    screen = start.manual
    screen.build.setCurrentText("half")
    screen.limits[0].setText("0.05 V")
    screen.limits[1].setText("2.5 V")
    screen.begin.click()
    _wait(_app(), window, screen.off.isEnabled)
    screen.value.setText("-20 \u00b5A")
    screen.time.setText("5 min")
    screen.on.click()
    until = time.monotonic() + HELD_S
    _wait(_app(), window, lambda: time.monotonic() > until)


def _app() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


def _settle(app: Any, window: MainWindow) -> None:
    """Wait until all work is done and drawn."""
    _wait(app, window, lambda: not window.context.jobs.busy)
    until = time.monotonic() + 0.4
    _wait(app, window, lambda: time.monotonic() > until)


def _wait(app: Any, window: MainWindow, ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not ready() and time.monotonic() < until:
        app.processEvents()
        time.sleep(0.01)
    window.tick()
    app.processEvents()


if __name__ == "__main__":
    sys.exit(main())
