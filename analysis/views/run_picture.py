"""A picture of a run as it is by now: voltage and current over time, for those who are not at the window."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from solbench.acquisition.record.reader import Run
from solbench.analysis.report.render import painted, to_png
from solbench.analysis.report.style import BLUE, VERMILLION, Drawing, course, grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE_IN = (6.4, 4.0)
_UNITS = ((120.0, "s", 1.0), (7200.0, "min", 60.0), (float("inf"), "h", 3600.0))


def picture_of(run: Run) -> bytes:
    """Return the trace of a run as PNG, b"" where nothing was read yet; that of a simulated one is marked."""
    if not run.sample_count:
        return b""
    last_s = float(run.samples_between(run.sample_count - 1, run.sample_count)["time_s"][0])
    unit, scale_s = next((unit, scale_s) for most_s, unit, scale_s in _UNITS if last_s <= most_s)

    def paint(figure: Figure) -> None:
        above, below = (row[0] for row in grid(figure, 1, (1.0, 1.0), gaps_in=(0.5, 0.2)))
        for axes, field, factor, colour, label in (
            (above, "voltage_V", 1.0, BLUE, "voltage / V"),
            (below, "current_A", 1e3, VERMILLION, "current / mA"),
        ):
            time_s, values = course(run, field)
            axes.plot(time_s / scale_s, factor * values, color=colour)
            axes.set_ylabel(label)
        above.tick_params(labelbottom=False)
        above.set_title(f"{run.header.protocol.name} on {run.header.cell.name}  {run.mark}", loc="left")
        below.set_xlabel(f"time / {unit}")

    with TemporaryDirectory() as folder, painted(Drawing("run", "", "", SIZE_IN, (), paint)) as figure:
        path = Path(folder) / "run.png"
        to_png(figure, path)
        return path.read_bytes()
