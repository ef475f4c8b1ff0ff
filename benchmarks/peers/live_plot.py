"""What one more frame of a live plot costs: `live_plot.py pymeasure|pyqtgraph COUNT` prints its processor time in ms.

A window of 1000 x 600 with the voltage of COUNT samples gets a sample more and is painted; the median of fifty frames.
pymeasure: its plot of a results file, to which a line is added. pyqtgraph: a curve with all samples, set anew, as its
examples do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg

FRAMES = 50
More = Callable[[int], object]  # brings sample number n into the plot


def voltage_V(number: Any) -> Any:
    """Get the voltage of a sample, or of several."""
    return 1.0 + np.sin(number / 10_000.0) + 1e-3 * np.cos(number * 0.7)


def pyqtgraph(count: int, _folder: Path) -> tuple[Any, More]:
    """A plain curve."""
    widget = pg.PlotWidget()
    curve = widget.plot()
    number = np.arange(count + FRAMES + 1)
    values = voltage_V(number)
    return widget, lambda n: curve.setData(number[:n], values[:n])


def pymeasure(count: int, folder: Path) -> tuple[Any, More]:
    """pymeasure's frame with the curve of a results file."""
    from pymeasure.display.widgets import PlotFrame, PlotWidget
    from pymeasure.experiment import Procedure, Results

    class Samples(Procedure):
        DATA_COLUMNS = ["time_s", "voltage_V"]

    file = folder / "samples.csv"
    results = Results(Samples(), str(file))
    with file.open("a") as stream:
        stream.writelines(f"{n},{voltage_V(n)}\n" for n in range(count))
    frame = PlotFrame("time_s", "voltage_V", check_status=False)
    frame.timer.stop()
    frame.plot.addItem(PlotWidget("voltage", Samples.DATA_COLUMNS).new_curve(results))

    def more(n: int) -> None:
        with file.open("a") as stream:
            stream.write(f"{n},{voltage_V(n)}\n")
        frame.update_curves()

    return frame, more


WAYS = {"pyqtgraph": pyqtgraph, "pymeasure": pymeasure}


def main() -> None:
    """Draw, and print."""
    way, count = WAYS[sys.argv[1]], int(sys.argv[2])
    app = pg.mkQApp()
    with tempfile.TemporaryDirectory() as folder:
        widget, more = way(count, Path(folder))
        widget.resize(1000, 600)
        widget.show()
        more(count)
        app.processEvents()
        took_s = []
        for n in range(count + 1, count + 1 + FRAMES):
            begun_s = time.process_time()
            more(n)
            app.processEvents()
            widget.grab()
            took_s.append(time.process_time() - begun_s)
    print(1e3 * median(took_s), flush=True)
    os._exit(0)  # a window of pymeasure may crash on its way out


if __name__ == "__main__":
    main()
