"""Voltage against areal capacity; capacity and efficiency of each cycle; interfacial resistance against capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.capacity import CURVES_SHOWN, CapacityCurve
from solbench.gui.models.run.interface import interface_points, without_interface
from solbench.gui.palette import Colors
from solbench.gui.plots.pens import line_pen
from solbench.gui.plots.reference import mark_reference
from solbench.gui.plots.single import SinglePlot

if TYPE_CHECKING:
    from solbench.analysis.cycling import Pair
    from solbench.gui.models.run.spectrum import SpectrumTrack

COLORED = 4  # newest half cycles in colour; older ones grey


class CapacityPlot(SinglePlot):
    """Voltage against areal capacity, one curve per half cycle: charge solid, discharge dashed."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Voltage against areal capacity"),
            "V (V)",
            tr("areal capacity (mAh/cm²)"),
            without=tr("no step of constant current yet"),
        )
        self._items: dict[CapacityCurve, tuple[pg.PlotDataItem, object]] = {}
        self.set_colors(colors)

    def show_curves(self, curves: Sequence[CapacityCurve]) -> None:
        """Draw the curves, the newest on top; unchanged ones are left as they are."""
        shown = curves[-CURVES_SHOWN:]
        for curve in self._items.keys() - set(shown):
            self.removeItem(self._items.pop(curve)[0])
        for back, curve in enumerate(reversed(shown)):
            self._draw(curve, back)

    def _draw(self, curve: CapacityCurve, back: int) -> None:
        charging = curve.current_A > 0
        color = self.colors.current if charging else self.colors.voltage
        color = color if back < COLORED else self.colors.line
        item, drawn = self._items.get(curve, (None, None))
        if drawn == (curve.version, color):
            return
        style = Qt.PenStyle.SolidLine if charging else Qt.PenStyle.DashLine
        if item is None:
            item = self.plot()
            item.setZValue(curve.step)
        item.setData(*curve.points, pen=line_pen(color, width=1, style=style))
        self._items[curve] = (item, (curve.version, color))


class CyclePlot(SinglePlot):
    """Areal capacity of both halves of each cycle, and the Coulombic efficiency above them."""

    def __init__(self, colors: Colors) -> None:
        super().__init__(
            tr("Capacity and Coulombic efficiency of each cycle"),
            tr("areal capacity (mAh/cm²)"),
            tr("cycle"),
            without=tr("no cycle yet"),
        )
        self.set_colors(colors)

    def show_pairs(self, pairs: Sequence[Pair], area_m2: float) -> None:
        """Draw the cycles, a pair of halves each."""
        from solbench.analysis.cycling import areal_capacity_mAh_cm2

        self.getPlotItem().clear()
        for which, symbol, color in (
            ("first", "o", self.colors.voltage),
            ("second", "s", self.colors.current),
        ):
            rows = [
                (number, areal_capacity_mAh_cm2(half.charge_C, area_m2))
                for number, pair in enumerate(pairs, 1)
                if (half := getattr(pair, which)) is not None and half.finished
            ]
            if rows:
                table = np.array(rows)
                self.plot(
                    table[:, 0],
                    table[:, 1],
                    pen=None,
                    symbol=symbol,
                    symbolSize=7,
                    symbolPen=line_pen(color),
                    symbolBrush=None,
                )
        efficiencies = [pair.coulombic_efficiency for pair in pairs]
        known = [value for value in efficiencies if value is not None]
        title = (
            tr(
                "Coulombic efficiency of the last complete cycle {efficiency:.2f} %",
                efficiency=100 * known[-1],
            )
            if known
            else None
        )
        self.getPlotItem().setTitle(title, color=self.colors.text, size="9pt")


class InterfacePlot(SinglePlot):
    """Interfacial resistance against areal capacity, as far as spectra were fitted; bars are of 95 %."""

    def __init__(self, colors: Colors) -> None:
        name = tr("Interfacial resistance against areal capacity")
        super().__init__(
            name, tr("R interface (Ω), bars 95 %"), tr("areal capacity (mAh/cm²)"), without=""
        )  # its title gives the reason
        self._tracks: list[SpectrumTrack] = []
        self._problem = self._withheld = ""
        self.set_colors(colors)

    def show_spectra(self, tracks: Sequence[SpectrumTrack], problem: str = "", withheld: str = "") -> None:
        """Draw the results of the fits; if they tell nothing (`withheld`) or failed (`problem`), give the reason."""
        self._tracks, self._problem, self._withheld = list(tracks), problem, withheld
        self.redraw()

    def redraw(self) -> None:
        """Draw the values in the present colours."""
        item = self.getPlotItem()
        item.clear()
        points = interface_points(self._tracks)
        item.setTitle(
            without_interface(self._tracks, self._problem, self._withheld) or None,
            color=self.colors.faint,
            size="9pt",
        )
        if not points:
            return
        x, y, error = np.array([(p.capacity_mAh_cm2, p.value_ohm, p.stderr_ohm or 0.0) for p in points]).T
        color = self.colors.voltage
        bars = error > 0.0
        if np.any(bars):
            beam = 0.01 * float(np.ptp(x)) or 0.01
            bar = pg.ErrorBarItem(
                x=x[bars], y=y[bars], height=2 * INTERVAL * error[bars], beam=beam, pen=line_pen(color)
            )
            self.addItem(bar)
        self.plot(x, y, pen=line_pen(color), symbol="o", symbolPen=line_pen(color), symbolBrush=None)
        references = [p.capacity_mAh_cm2 for p in points if p.is_reference]
        mark_reference(self, references, float(np.abs(y).max()), self.colors)
        item.autoRange()
