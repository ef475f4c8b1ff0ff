"""The current after a voltage step, both axes logarithmic: its decay is visible over all decades."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt

from solbench.gui.models.common.words import tr
from solbench.gui.models.run.transient import Transient
from solbench.gui.palette import Colors
from solbench.gui.plots.axes import DecadeAxis
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.single import LEFT_WIDTH, SinglePlot


class TransientPlot(SinglePlot):
    """One curve per voltage step, opposite sign dashed. Currents are as read, without zero correction."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(tr("Current after the step of voltage"), without=tr("no step of voltage yet"))
        self._transients: Sequence[Transient] = ()
        item = self.getPlotItem()
        item.setAxisItems({"left": DecadeAxis("left", "A"), "bottom": DecadeAxis("bottom", "s")})
        item.setLabel("left", tr("|I|, as read"))
        item.setLabel("bottom", tr("time since the step of voltage"))
        item.getAxis("left").setWidth(LEFT_WIDTH)
        self.set_colors(colors)

    def show_transients(self, transients: Sequence[Transient]) -> None:
        """Draw the currents."""
        self._transients = transients
        self.redraw()

    def redraw(self) -> None:
        """Draw the currents in the present colours."""
        self.clear()
        for transient in self._transients:
            times_s, currents_A = transient.points
            shown = currents_A != 0.0
            style = Qt.PenStyle.SolidLine if transient.voltage_V > 0 else Qt.PenStyle.DashLine
            self.plot(
                np.log10(times_s[shown]),
                np.log10(np.abs(currents_A[shown])),
                pen=line_pen(self.colors.current, width=1, style=style),
                name=f"{1000.0 * transient.voltage_V:g} mV",
            )
