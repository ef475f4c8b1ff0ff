"""Lines of the table about the window: what a frame costs on top of many samples, and its start.

As a program, `python -m benchmarks.drawing COUNT` prints the processor time of one frame of the live screen, in ms.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.figures import OWN, Figure, number, seconds

COUNTS = (10_000, 1_000_000)
FRAMES = 50
WINDOW = (
    "import os; import solbench.gui.app as a; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
    "w = a.MainWindow(a.Context()); w.show(); app.processEvents(); w.grab(); os._exit(0)"
)
PYMEASURE_WINDOW = """
import os
from pymeasure.display.Qt import QtWidgets
from pymeasure.display.windows import ManagedWindow
from pymeasure.experiment import FloatParameter, Procedure
class Samples(Procedure):
    DATA_COLUMNS = ["time_s", "voltage_V"]
    every = FloatParameter("every", units="s", default=1.0)
app = QtWidgets.QApplication([])
w = ManagedWindow(Samples, inputs=["every"], displays=["every"], x_axis="time_s", y_axis="voltage_V")
w.show(); app.processEvents(); w.grab(); os._exit(0)
"""


def drawing(repeats: int) -> Iterator[Figure]:
    """One more sample drawn, and a window that is painted for the first time."""
    for count in COUNTS:
        figure = Figure(f"frame of the live plot on top of {count:.0e} samples", "ms")
        for _ in range(repeats):
            figure.add(OWN, number(OWN, "benchmarks.drawing", count))
            for peer in ("pymeasure", "pyqtgraph"):
                figure.add(peer, number(peer, "live_plot.py", peer, count))
        yield figure
    start = Figure("start of the window, until it is painted", "s")
    for _ in range(repeats):
        start.add(OWN, seconds(OWN, ["-c", WINDOW]))
        start.add("pymeasure", seconds("pymeasure", ["-c", PYMEASURE_WINDOW]))
    yield start


def frame_ms(count: int, folder: Path) -> float:
    """Return the processor time of a frame of the whole window with its live screen, of which a plot is a part."""
    from benchmarks.gui_day import Bench
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    bench = Bench(app, folder, count, a_frame=1)
    while len(bench.run.trace) < count:
        bench.frame_ms()
    return median(bench.frame_ms() for _ in range(FRAMES))


def main() -> None:
    """Measure one frame."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["SOLBENCH_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{name}/state", f"{name}/config"
        print(frame_ms(int(sys.argv[1]), Path(name)), flush=True)
        os._exit(0)


if __name__ == "__main__":
    main()
