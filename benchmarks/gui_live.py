"""The live screen on top of many old samples. Run: python -m benchmarks.gui_live [samples [seconds]].

Feeds the real window from a source without an engine: first the old samples, then twenty a second. Reports
frame times while panning (drawn as fast as the window can), share of a core while it is left alone, memory,
and the start to a painted window for each remembered screen, beside that of an empty pyqtgraph window. The times of
the processor say on a busy machine, too, how fast a free one is. Offscreen unless QT_QPA_PLATFORM says otherwise.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from solbench.acquisition.record.columns import SAMPLE
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.record.slices import Ranges
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.detail import DetailReader
from solbench.gui.models.sources.source import Batch, Link
from solbench.gui.screens import SCREENS
from solbench.gui.screens.live import LiveScreen
from solbench.gui.window.main_window import MainWindow

RATE_HZ = 20.0
BLOCK = 500_000
STEP = 10_000.0  # samples in one half cycle of the synthetic run


class Synthetic:
    """Old samples in blocks, then new ones at RATE_HZ; the rest of the run (header, events) from a real one."""

    kind = "engine"

    def __init__(self, run, count: int) -> None:
        self.path = run.path
        self._run = run
        self._count = count
        self._given = 0
        self._began = 0.0
        self._first = True
        self._detail = DetailReader(_Made)

    def take(self) -> Batch:
        batch = Batch(link=Link(), detail=self._detail.take())
        if self._first:
            batch.events = [event for event in self._run.events if event.kind != "end"]
            batch.points = [self._run.points]
            self._first = False
        if self._given < self._count:
            upto = min(self._given + BLOCK, self._count)
            self._began = time.monotonic()
        else:
            upto = self._count + int((time.monotonic() - self._began) * RATE_HZ)
        if upto > self._given:
            batch.samples = [samples(self._given, upto)]
            self._given = upto
        return batch

    def want(self, blocks: np.ndarray) -> None:
        self._detail.want(blocks)

    def close(self) -> None:
        self._detail.close()


class _Made:
    """Stands for the run file."""

    def read(self, ranges: Ranges) -> list[np.ndarray]:
        return [samples(first, last) for first, last in ranges]


def samples(start: int, end: int) -> np.ndarray:
    number = np.arange(start, end)
    rows = np.zeros(len(number), SAMPLE)
    rows["seq"], rows["time_s"] = number, number * 1.0
    rows["voltage_V"] = 1.0 + np.sin(number / STEP) + 1e-3 * np.cos(number * 0.7)
    rows["current_A"] = 1.25e-4 * np.sign(np.cos(number / STEP))
    rows["charge_C"] = np.sin(number / STEP)
    return rows


def tiny_run(folder: Path) -> Path:
    from tests.end_to_end.programs import inputs, solbench

    done = solbench(folder, *inputs(folder))
    assert done.code == 0, done.err
    return folder / "a.h5"


def rss_MB() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def spin(seconds: float) -> None:
    """Let the window live by its own timer, as app.exec() would."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def idle(seconds: float) -> float:
    cpu, began = time.process_time(), time.monotonic()
    spin(seconds)
    return (time.process_time() - cpu) / (time.monotonic() - began)


def live_screen(window: MainWindow) -> LiveScreen:
    screen = window.screens["live"]
    assert isinstance(screen, LiveScreen)
    return screen


def pan(app: QApplication, window: MainWindow, seconds: float, part: float) -> tuple[np.ndarray, float]:
    """Move a view of a part of the run to and fro and paint each frame; return times and processor time a frame."""
    plot, run = live_screen(window).time_plot, window.context.run.value
    assert run is not None
    plot.set_mode("hold")
    newest = run.trace.last_s
    width, frames, began, cpu_s = newest * part, [], time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        start = time.perf_counter()
        place = 0.45 * newest + 4 * width * np.sin(len(frames) / 40)
        plot.voltage.getViewBox().setXRange(place, place + width, padding=0)
        app.processEvents()
        plot.viewport().repaint()
        frames.append(time.perf_counter() - start)
    cpu_s = time.process_time() - cpu_s
    plot.set_mode("all")
    return np.array(frames) * 1e3, 1e3 * cpu_s / len(frames)


SHOWN = "app.processEvents(); w.grab(); os._exit(0)"
EMPTY = (
    "import os; import pyqtgraph as pg; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
    f"w = pg.PlotWidget(); w.resize(1366, 768); w.show(); {SHOWN}"
)
WINDOW = (
    "import os; import solbench.gui.app as a; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
    f"w = a.opened(app); {SHOWN}"
)


def start_s(code: str) -> tuple[float, float]:
    """Return how long a program takes to a painted window, and its time of the processor."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, cpu_s


def starts(folder: Path) -> None:
    """Print the start with each remembered screen, against an empty window; the first round only fills caches."""
    kept = folder / "config" / "solbench" / "desktop.json"
    kept.parent.mkdir(parents=True)
    for screen in ("", *(listed.key for listed in SCREENS)):
        if screen:
            kept.write_text(json.dumps({"screen": screen}))
        rounds = [(start_s(EMPTY), start_s(WINDOW)) for _ in range(4)][1:]
        empty, whole = (min(each[place] for each in rounds) for place in (0, 1))
        cpu = [min(each[place][1] for each in rounds) for place in (0, 1)]
        print(
            f"start, screen {screen or 'of the first time'}: {whole[0]:.2f} s, {whole[0] / empty[0]:.1f} times an "
            f"empty window; processor {cpu[1]:.2f} s, {cpu[1] / cpu[0]:.1f} times"
        )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[1] / "src")}


def main() -> None:
    count = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SOLBENCH_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{name}/state", f"{name}/config"
        starts(folder)
        app = QApplication([])
        context = Context(Settings(folder / "settings.json"))
        context.settings.set("screen", "live")
        window = MainWindow(context)
        window.show()
        run = RunModel(Synthetic(open_run(tiny_run(folder)), count), context.alarms)
        context.run.set(run)
        while run.traces.samples < count:
            app.processEvents()
        spin(2.0)
        panned = {part: pan(app, window, seconds, part) for part in (0.1, 0.002)}
        share = idle(seconds)
        print(f"{count:g} old samples, {RATE_HZ:g} Hz, window {window.width()} x {window.height()}")
        for part, (frames, cpu_ms) in panned.items():
            print(
                f"panning a view of {100 * part:g} %: {1e3 / frames.mean():.0f} frames/s, "
                f"{cpu_ms:.1f} ms of the processor each ({1e3 / cpu_ms:.0f} frames/s of a free core), "
                f"p50 {np.median(frames):.1f} ms, p99 {np.percentile(frames, 99):.1f} ms"
            )
        print(f"idle: {100 * share:.0f} % of a core; memory {rss_MB():.0f} MB")
        window.close()


if __name__ == "__main__":
    main()
