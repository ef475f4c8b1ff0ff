"""A day of live data at 20 Hz through the window, faster than life. Run: python -m benchmarks.gui_day [hours].

Each frame brings ten seconds of samples. Reports frame times of the first and the last twentieth, and the growth of
memory, beside what the samples themselves take (they are kept, so that any stretch can be looked at).
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from acquisition.reader import open_run
from benchmarks.gui_live import Synthetic, rss_MB, samples, tiny_run
from gui.context import Context
from gui.main_window import MainWindow
from gui.models.run import RunModel
from gui.models.settings import Settings
from gui.models.source import Batch, Link

A_FRAME = 200


class Day(Synthetic):
    """Gives the same number of samples at every call."""

    def take(self) -> Batch:
        if self._first:
            return super().take()
        batch = Batch(link=Link(), samples=[samples(self._given, self._given + A_FRAME)])
        self._given += A_FRAME
        return batch


def main() -> None:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 24.0
    count = int(hours * 3600 * 20 / A_FRAME)
    with tempfile.TemporaryDirectory() as name:
        os.environ["SOLBENCH_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{name}/state", f"{name}/config"
        app = QApplication([])
        context = Context(Settings(Path(name) / "settings.json"))
        context.settings.set("screen", "live")
        window = MainWindow(context)
        window.timer.stop()
        window.show()
        context.run.set(RunModel(Day(open_run(tiny_run(Path(name))), 1), context.alarms))
        plot = window.screens["live"].time_plot
        frames, before = [], 0.0
        for number in range(count):
            start = time.process_time()  # of this process: what else the machine does is not counted
            window.tick()
            app.processEvents()
            plot.viewport().repaint()
            frames.append(time.process_time() - start)
            if number == count // 20:
                before = rss_MB()
        part = count // 20
        first, last = (np.median(part_of) * 1e3 for part_of in (frames[part : 2 * part], frames[-part:]))
        trace = context.run.value.trace
        own = len(trace) * 0.95 * (8 + 4 + 4) * (1 + 1 / 12) / 1e6
        change = 100 * (last / first - 1)
        print(f"{len(trace)} samples, {hours:g} h at 20 Hz, in {sum(frames):.0f} s")
        print(
            f"processor time a frame: median {first:.2f} ms at the start, {last:.2f} ms at the end ({change:+.0f} %)"
        )
        print(f"memory: {rss_MB() - before:.1f} MB more, of which the samples take about {own:.1f} MB")
        window.close()


if __name__ == "__main__":
    main()
