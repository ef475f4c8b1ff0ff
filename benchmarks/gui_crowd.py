"""Everything at once in one window. Run: xvfb-run -a python -m benchmarks.gui_crowd [samples [runs]] [--picture FILE].

A live run of 200 steps with 100 spectra is made, and `samples` readings are written behind it in the program's own
bytes; its engine then takes it up again at twenty readings a second. Beside it four benches with an engine each, 60
times as fast as life, and a folder of `runs`. Told are frames while the traces are panned, the share of a core while
the window is left alone, memory, and for every screen and what is done there: how long until it is shown, and the
longest time in which the window did not answer, with the processor's part in it and where that was. Ends with an error
where something was raised, or said by Qt. On the display that QT_QPA_PLATFORM names, offscreen without one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from benchmarks.gui_live import idle, live_screen, pan, rss_MB, spin
from benchmarks.gui_watch import Complaints, Watch
from benchmarks.long_run import append_samples, write_run
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.end_to_end.programs import begin, solbench
from tests.gui.engines import engine, entry_of

from solbench.acquisition.control.registry import Entry
from solbench.acquisition.record.columns import Array
from solbench.acquisition.record.events import Event, Header, Sample, SegmentStart
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.run.start import world_path
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.runs.overview import UNREAD
from solbench.gui.screens.data import DataScreen
from solbench.gui.screens.protocol import ProtocolScreen
from solbench.gui.screens.report import ReportScreen
from solbench.gui.window.main_window import MainWindow

STEPS, SPECTRA, BENCHES = 200, 100, 4
PERIOD_S = 0.05
BLOCK = 100_000  # samples written at once
BENCH = (
    "name: {name}\nkind: simulated\npositive_terminal: we_re2\nsimulation: {{unit: ideal, errors: none}}\n"
)
HEAD = """name: crowd
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 0.05 s}
steps:
"""
SWEEP = (
    "  - {{name: spectrum-{n}, kind: impedance, from: 1 MHz, to: 1 kHz, points_per_decade: 5, amplitude: 30 mV, "
    "integration: 0.05 s}}\n"
)
CURRENT = (
    "  - {{name: sodiation-{n}, kind: constant_current, current: -0.16 mA/cm2, "
    "until: {{capacity: 0.0002 mAh/cm2}}, cut_short: {{voltage: -4.5 V}}}}\n"
)
LAST = "  - {name: a-long-rest, kind: rest, time: 300 h}\n"
FOLDER = ("one", "two", "three", "four", "five")  # cells of the runs in the folder


def protocol() -> str:
    """Return a protocol of 200 steps: a hundred spectra, charge between them, a rest that does not end."""
    pairs = [SWEEP.format(n=n) + CURRENT.format(n=n) for n in range(1, SPECTRA)]
    return HEAD + "".join(pairs) + SWEEP.format(n=SPECTRA) + LAST


def crowded_run(folder: Path, samples: int) -> Path:
    """Make the run, kill its engine in the last step, and return it with so many samples more."""
    (folder / "crowd.yaml").write_text(protocol())
    (folder / "bench-0.yaml").write_text(BENCH.format(name="bench 0"))
    short, whole = folder / "short.h5", folder / "crowd.h5"
    process = begin(folder, "run", "crowd.yaml", "--cell", "nbh", "--bench", "bench-0.yaml", "-o", short.name)
    while not journal_path(short).exists() or not _rests(journal_path(short)):
        assert process.poll() is None, process.communicate()[1].splitlines()[-1]
        time.sleep(1.0)
    process.kill()
    process.communicate()
    events = list(read_journal(journal_path(short)))
    write_run(_begun_before(events, samples * PERIOD_S), whole)
    newest = next(event.body for event in reversed(events) if isinstance(event.body, Sample))
    append_samples(whole, newest, _swinging(samples, events[-1].time_s, newest.voltage_V))
    shutil.copy(world_path(short), world_path(whole))
    for each in folder.glob("short.*"):
        each.unlink()
    return whole


def _rests(journal: Path) -> bool:
    """Say whether the last step has begun and has samples."""
    rested = False
    for event in read_journal(journal):
        rested |= isinstance(event.body, SegmentStart) and event.body.step.name == "a-long-rest"
        if rested and isinstance(event.body, Sample):
            return True
    return False


def _begun_before(events: list[Event], more_s: float) -> Iterator[tuple[float, Any]]:
    """Yield the records of the run as of one that began so long before: the bench's clock is late by it at the end."""
    for _seq, time_s, body in events:
        if isinstance(body, Header):
            body = replace(body, clock_start_s=body.clock_start_s - more_s)
        yield time_s, body


def _swinging(samples: int, after_s: float, voltage_V: float) -> Iterator[tuple[Array, Array]]:
    """Yield the times and voltages of samples after a time, around a voltage."""
    for first in range(0, samples, BLOCK):
        number = np.arange(first, min(first + BLOCK, samples))
        swing_V = 0.05 * np.sin(1e-4 * number) + 1e-3 * np.cos(0.7 * number)
        yield after_s + (number + 1) * PERIOD_S, voltage_V + swing_V


def folder_of_runs(folder: Path, count: int) -> Path:
    """Make one run for each of a few cells, and as many copies as are wanted."""
    from tests.texts import TINY

    runs = folder / "runs"
    runs.mkdir()
    (folder / "tiny.yaml").write_text(TINY)
    made = []
    for name in FOLDER:
        given = ["--cell", "nbh", "--bench", "bench-0.yaml", "--set", f"conditions.cell_id=cell-{name}"]
        done = solbench(folder, "run", "tiny.yaml", *given, "-o", f"{name}.h5")
        assert done.code == 0, done.err
        made.append(folder / f"{name}.h5")
    for number in range(count):
        source = made[number % len(made)]
        shutil.copy(source, runs / f"{number:04d}-{source.name}")
    return runs


@contextmanager
def resumed(folder: Path, run: Path) -> Iterator[Entry]:
    """Let the run's engine take it up again in real time; it is killed at the end, for its end would take a minute."""
    process = begin(folder, "resume", run.name, "--speed", "1")
    try:
        yield entry_of(process, 300.0)
    finally:
        process.kill()
        process.communicate()


class Walk:
    """Goes through the screens of a window and says how long each thing took to be shown."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.app, self.window, self.watch = app, window, Watch()
        self.slow: list[str] = []

    def step(self, what: str, act: Callable[[], object], shown: Callable[[], bool] = lambda: True) -> None:
        """Do one thing and print what it took."""
        took = self.watch.took(act, shown)
        line = (
            f"{what}: shown after {took.shown_s:.2f} s, longest block {1e3 * took.block_s:.0f} ms, "
            f"processor {1e3 * took.block_cpu_s:.0f} ms" + (f" ({took.where})" if took.where else "")
        )
        print(line, flush=True)
        if took.block_cpu_s > 0.1:
            self.slow.append(line)

    def screens(self) -> None:
        """Each screen for the first time, and once more."""
        for key in self.window.screens.kinds:
            self.step(f"{key}, first time", lambda key=key: self.window.show_screen(key))  # type: ignore[misc]
        for key in self.window.screens.kinds:
            self.step(f"{key}, again", lambda key=key: self.window.show_screen(key))  # type: ignore[misc]

    def data(self, runs: int) -> None:
        """List the folder, sort, find, choose, and look at every tab."""
        self.window.show_screen("data")
        screen = self.window.screens.of(DataScreen)
        rows = screen.model.rows

        def read() -> bool:
            nonlocal rows
            rows = screen.model.rows
            return len(rows) == runs and all(row.state != UNREAD for row in rows)

        self.step(f"Data, {runs} runs listed", lambda: None, read)
        header = screen.table.horizontalHeader()
        for column in range(screen.table.model().columnCount()):
            self.step(
                f"Data, sorted by column {column}", lambda column=column: header.sectionClicked.emit(column)
            )  # type: ignore[misc]
        for letter in "three":
            self.step(f"Data, {letter!r} typed", lambda letter=letter: QTest.keyClicks(screen.words, letter))  # type: ignore[misc]
        self.step("Data, all runs again", screen.words.clear)
        self.step("Data, the runs of a cell", lambda: self._choose_cell(screen, 1))
        self.step("Data, the runs of all cells", lambda: self._choose_cell(screen, 0))
        for count in range(1, 9):
            self.step(
                f"Data, {count} ticked",
                lambda place=count - 1: screen.table.ticked.emit(place),  # type: ignore[misc]
                lambda count=count: len(screen.model.shown) == count,  # type: ignore[misc]
            )
        for place in range(screen.tabs.count()):
            name = screen.tabs.tabText(place)
            self.step(f"Data, tab {name}", lambda place=place: screen.tabs.setCurrentIndex(place))  # type: ignore[misc]
        screen.tabs.setCurrentIndex(0)
        self.step("Data, left alone for 4 s", lambda: None, _after(4.0))

    @staticmethod
    def _choose_cell(screen: DataScreen, place: int) -> None:
        screen.cells.setCurrentIndex(place)
        screen.cells.activated.emit(place)

    def protocol(self, path: Path) -> None:
        """Open the long protocol; choose, change, add, move, delete, undo."""
        self.window.show_screen("protocol")
        screen = self.window.screens.of(ProtocolScreen)
        self.step("Protocol, 200 steps", lambda: self.window.context.protocol.set(str(path)))
        choose = screen.tree.step_chosen.emit
        self.step("Protocol, step 2 chosen", lambda: choose((1,)))
        self.step("Protocol, step 150 chosen", lambda: choose((149,)))
        self.step("Protocol, a letter typed", lambda: screen.model.set("-0.17 mA/cm2", "current"))
        self.step("Protocol, step added", lambda: screen.model.add("rest"))
        self.step("Protocol, step moved", lambda: screen.model.move(-1))
        self.step("Protocol, step deleted", screen.model.remove)
        self.step("Protocol, undone", screen.model.undo)
        self.step("Protocol, undone again", screen.model.undo)

    def live(self) -> None:
        """Bring every panel and every spectrum of the live screen to the front."""
        self.window.show_screen("live")
        screen = live_screen(self.window)
        for key in screen.panels.docks:
            self.step(f"Live, panel {key}", lambda key=key: screen.panels.bring(key))  # type: ignore[misc]
        for mode in ("all", "follow", "step", "hold", "all"):
            self.step(f"Live, {mode}", lambda mode=mode: screen.time_plot.set_mode(mode))  # type: ignore[misc]
        self.step("Live, left alone for 4 s", lambda: None, _after(4.0))

    def report(self) -> None:
        """Hand chosen runs over to Fit and Report."""
        context = self.window.context
        runs = sorted(self.window.screens.of(DataScreen).model.folder.glob("*.h5"))[:8]
        self.window.show_screen("fit")
        self.step("Fit, 8 runs opened", lambda: context.chosen.set(tuple(runs)), _after(2.0))
        self.window.show_screen("report")
        screen = self.window.screens.of(ReportScreen)
        self.step("Report, 8 runs", lambda: context.chosen.set(tuple(runs[:4])), _after(1.0))
        self.step("Report, made", screen.model.make, lambda: not screen.model.busy)

    def looks(self) -> None:
        """Change what all screens share."""
        for look in ("dark", "contrast", "light"):
            self.step(f"look {look}", lambda look=look: self.window.set_look(look))  # type: ignore[misc]
        for habit in ("comma", "point"):
            self.step(f"numbers with a {habit}", lambda habit=habit: self.window.set_numbers(habit))  # type: ignore[misc]
        for size in ((1920, 1050), (1280, 720), (1366, 768)):
            self.step(f"window {size[0]} x {size[1]}", lambda size=size: self.window.resize(*size))  # type: ignore[misc]


def _after(seconds: float) -> Callable[[], bool]:
    began: list[float] = []

    def over() -> bool:
        began.append(time.monotonic())
        return began[-1] - began[0] > seconds

    return over


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("samples", nargs="?", type=float, default=1e7)
    parser.add_argument("runs", nargs="?", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10.0, help="of panning, and of leaving alone")
    parser.add_argument("--picture", type=Path, help="of the live screen")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ExitStack() as engines:
        folder = Path(place)
        os.environ |= {"SOLBENCH_STATE": f"{place}/state", "XDG_CONFIG_HOME": f"{place}/config"}
        (folder / "state").mkdir()
        began = time.monotonic()
        run = crowded_run(folder, int(given.samples))
        runs = folder_of_runs(folder, given.runs)
        print(
            f"made in {time.monotonic() - began:.0f} s: {given.samples:g} samples, {given.runs} runs",
            flush=True,
        )
        began = time.monotonic()
        engines.enter_context(resumed(folder, run))
        print(f"taken up again after {time.monotonic() - began:.1f} s", flush=True)
        app, complaints = QApplication(["solbench"]), Complaints()
        context = Context(Settings(folder / "settings.json"))
        for name, value in (("screen", "live"), ("runs_folder", str(runs)), ("reports_folder", place)):
            context.settings.set(name, value)
        context.bench.set("simulated")
        window = MainWindow(context)
        window.show()
        walk = Walk(app, window)

        def whole() -> bool:
            shown = context.run.value
            return (
                shown is not None
                and shown.traces.samples >= given.samples
                and len(shown.spectra.shown) == SPECTRA
            )

        walk.step(f"live run of {given.samples:g} samples read", lambda: None, whole)
        for number in range(1, BENCHES + 1):
            (folder / f"bench-{number}.yaml").write_text(BENCH.format(name=f"bench {number}"))
            more = ("--bench", f"bench-{number}.yaml", "-o", f"run-{number}.h5")
            engines.enter_context(engine(folder, 60.0, *more))
        walk.step("four strips", lambda: None, lambda: len(window.elsewhere.strips) == BENCHES)
        spin(5.0)
        for part in (0.1, 0.002):
            frames, cpu_ms = pan(app, window, given.seconds, part)
            print(
                f"panning a view of {100 * part:g} %: {1e3 / frames.mean():.0f} frames/s, {cpu_ms:.1f} ms of the "
                f"processor each, p50 {np.median(frames):.1f} ms, p99 {np.percentile(frames, 99):.1f} ms"
            )
        spin(2.0)
        print(
            f"left alone: {100 * idle(given.seconds):.0f} % of a core; memory {rss_MB():.0f} MB", flush=True
        )
        if given.picture:
            window.grab().save(str(given.picture))
        walk.screens()
        walk.data(given.runs)
        walk.protocol(folder / "crowd.yaml")
        walk.report()
        walk.looks()
        walk.live()
        print(f"left alone again: {100 * idle(given.seconds):.0f} % of a core; memory {rss_MB():.0f} MB")
        print(
            f"{len(complaints.found)} complaints; more than 100 ms of the processor in one piece: {len(walk.slow)}"
        )
        for line in walk.slow:
            print(f"  {line}")
        window.exit_guard.leave()
        window.close()
        context.jobs.close()
    return int(bool(complaints.found))


if __name__ == "__main__":
    sys.exit(main())
