"""A day of live data at 20 Hz through the window, faster than life. Run: python -m benchmarks.gui_day [hours].

Each frame brings ten seconds of samples. Reports the growth of memory from a twentieth of the day on, and what a frame
takes at its end and at its start: of the same window in the course of the day, and, since a machine is not
as quick at all times, of two windows by turns, one with the whole day and one with its first tenth.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from benchmarks.gui_live import Synthetic, live_screen, rss_MB, samples, tiny_run
from PySide6.QtWidgets import QApplication

from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.source import Batch, Link
from solbench.gui.window.main_window import MainWindow

A_FRAME = 200
TURNS = 400
STEP_V = 0.1


class Day(Synthetic):
    """Gives the same number of samples at every call, once those before are given, by turns above and below those."""

    def __init__(self, run, count: int, a_frame: int) -> None:
        super().__init__(run, count)
        self._a_frame = a_frame
        self._step_V = STEP_V

    def take(self) -> Batch:
        if self._first or self._given < self._count:
            return super().take()
        new = samples(self._given, self._given + self._a_frame)
        new["voltage_V"] += (
            self._step_V
        )  # to be seen: the plot does not draw what changes by less than a pixel
        self._step_V = -self._step_V
        self._given += self._a_frame
        return Batch(link=Link(), samples=[new])


class Bench:
    """A window that shows a day, frame by frame, on top of `count` samples."""

    def __init__(self, app: QApplication, folder: Path, count: int = 1, a_frame: int = A_FRAME) -> None:
        self._app = app
        context = Context(Settings(folder / "settings.json"))
        context.settings.set("screen", "live")
        self.window = MainWindow(context)
        self.window.timer.stop()
        self.window.show()
        self.run = RunModel(Day(open_run(tiny_run(folder)), count, a_frame), context.alarms)
        context.run.set(self.run)
        self._plot = live_screen(self.window).time_plot

    def frame_ms(self) -> float:
        start = time.process_time()  # of this process: what else the machine does is not counted
        self.window.tick()
        self._app.processEvents()
        self._plot.viewport().repaint()
        return (time.process_time() - start) * 1e3


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 24.0
    count = int(hours * 3600 * 20 / A_FRAME)
    part = count // 20
    with tempfile.TemporaryDirectory() as name:
        os.environ["SOLBENCH_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{name}/state", f"{name}/config"
        app = QApplication([])
        for folder in ("day", "morning"):
            (Path(name) / folder).mkdir()
        day = Bench(app, Path(name) / "day")
        frames = np.empty(count)
        frames[: part + 1] = [day.frame_ms() for _ in range(part + 1)]
        before = rss_MB()
        for number in range(part + 1, count):
            frames[number] = day.frame_ms()
        growth = rss_MB() - before
        print(f"{len(day.run.trace)} samples, {hours:g} h at 20 Hz, in {frames.sum() / 1e3:.0f} s")
        print(f"memory: {growth:.1f} MB more than after {hours / 20:.1f} h")
        _say("as the day went on", frames[part : 2 * part], frames[-part:])
        morning = Bench(app, Path(name) / "morning")
        for _ in range(count // 10):
            morning.frame_ms()
        turns = np.array([(morning.frame_ms(), day.frame_ms()) for _ in range(TURNS)])
        _say("by turns", *turns.T)
        for bench in (day, morning):
            bench.window.close()


def _say(how: str, first: np.ndarray, last: np.ndarray) -> None:
    start, end = np.median(first), np.median(last)
    print(
        f"processor time a frame, {how}: median {start:.2f} ms at the start, {end:.2f} ms at the end "
        f"({100 * (end / start - 1):+.0f} %)"
    )


if __name__ == "__main__":
    main()
