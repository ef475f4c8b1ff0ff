"""Several simulated benches at once in one window. Run: python -m benchmarks.gui_benches [benches [seconds]].

Each run has an engine of its own at 60 times real time. Reports the share of a core that the window takes while it is
left alone, the frame times while the traces are panned, and that STOP in each strip ends its own run and no other.
A picture goes to the file named by --picture. Offscreen unless QT_QPA_PLATFORM says otherwise.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from benchmarks.gui_live import idle, pan, spin
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.gui.engines import engine

from solbench.acquisition.control.registry import entries
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.window.main_window import MainWindow


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benches", nargs="?", type=int, default=4)
    parser.add_argument("seconds", nargs="?", type=float, default=10.0)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, ExitStack() as engines:
        folder = Path(place)
        os.environ |= {"SOLBENCH_STATE": f"{place}/state", "XDG_CONFIG_HOME": f"{place}/config"}
        (folder / "state").mkdir()
        for number in range(given.benches):
            bench = folder / f"bench-{number + 1}.yaml"
            bench.write_text(f"name: bench {number + 1}\nkind: simulated\npositive_terminal: we_re2\n")
            engines.enter_context(engine(folder, 60.0, "--bench", str(bench), "-o", f"run-{number + 1}.h5"))
        app = QApplication([])
        context = Context(Settings(folder / "settings.json"))
        context.settings.set("screen", "live")
        window = MainWindow(context)
        window.show()
        spin(8.0)
        strips = window.elsewhere.strips
        print(f"{given.benches} benches, {len(strips)} strips beside the run on show")
        share = idle(given.seconds)
        frames, cpu_ms = pan(app, window, given.seconds, 0.5)
        print(
            f"left alone: {100 * share:.0f} % of a core; panning: {1e3 / frames.mean():.0f} frames/s, "
            f"{cpu_ms:.1f} ms of the processor each, p99 {np.percentile(frames, 99):.1f} ms"
        )
        if given.picture:
            window.grab().save(str(given.picture))
        for run, strip in tuple(strips.items()):
            before = {entry.run for entry in entries() if entry.alive}
            QTest.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
            until_s = time.monotonic() + 30.0
            while run in {entry.run for entry in entries() if entry.alive} and time.monotonic() < until_s:
                spin(0.1)
            gone = before - {entry.run for entry in entries() if entry.alive}
            assert gone == {run}, f"STOP of {strip.stop.accessibleName()} ended {gone}"
        print("each STOP ended its own run")
        window.exit_guard.leave()
        window.close()
        context.jobs.close()


if __name__ == "__main__":
    main()
