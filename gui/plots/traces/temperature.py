"""What the gauges beside the cell show against time: temperatures in degrees Celsius, gaps as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.gui.models.common.words import tr
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import TimeAxis
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.single import LEFT_WIDTH, SinglePlot
from solbench.protocols.quantities.units import ZERO_DEGC_K

if TYPE_CHECKING:
    from solbench.acquisition.record.beside.gauges import GaugeTrace


class TemperaturePlot(SinglePlot):
    """One curve a thermometer, the one at the cell in colour; its newest value with its uncertainty above."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Temperature against time"), without=tr("no thermometer on this bench"), legend=True
        )
        self._traces: Sequence[GaugeTrace] = ()
        item = self.getPlotItem()
        item.setAxisItems({"bottom": TimeAxis("bottom")})
        item.setLabel("left", tr("temperature (°C)"))
        item.setLabel("bottom", tr("time"))
        item.getAxis("left").setWidth(LEFT_WIDTH)
        self.set_colors(colors)

    def show_gauges(self, traces: Sequence[GaugeTrace]) -> None:
        """Draw the thermometers among the gauges."""
        self._traces = [trace for trace in traces if trace.is_temperature]
        self.redraw()

    def redraw(self) -> None:
        """Draw the curves in the present colours."""
        item = self.getPlotItem()
        item.clear()
        for trace in self._traces:
            color = self.colors.voltage if trace.place == "cell" else self.colors.faint
            times_s, values_degC = broken(trace)
            item.plot(times_s, values_degC, pen=line_pen(color), connect="finite", name=trace.name)
        shown = [newest(trace) for trace in self._traces]
        text = self.colors.numbers.localized(", ".join(shown))
        item.setTitle(text or None, color=self.colors.text, size="9pt")


def broken(trace: GaugeTrace) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Return times (s) and temperatures (degC) of a thermometer, with a point that is no number in each gap."""
    times_s: list[float] = []
    values: list[float] = []
    for piece_s, shown_K in trace.pieces():
        if times_s:
            times_s.append(times_s[-1])
            values.append(np.nan)
        times_s += piece_s
        values += [kelvin - ZERO_DEGC_K for kelvin in shown_K]
    return np.array(times_s), np.array(values)


def newest(trace: GaugeTrace) -> str:
    """Return the newest value of a thermometer as text, or that there is none now."""
    if not trace.values or (trace.gaps and trace.gaps[-1].until_s is None):
        return tr("{trace}: none now", trace=trace.name)
    sure = f" ± {trace.stderr:.1f}" if trace.stderr is not None else ""
    return f"{trace.name}: {trace.values[-1] - ZERO_DEGC_K:.2f}{sure} °C"
