"""An earlier run, drawn faintly under the run on the Live screen: its curves, its name, a remove button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.runs.overlay import KINDS, curves_of
from solbench.gui.palette import Colors
from solbench.gui.plots.spectra.nyquist import NyquistPlot
from solbench.gui.plots.traces.curves import CapacityPlot, InterfacePlot
from solbench.gui.plots.traces.overlay_curves import OverlayCurves, OverlayTraces
from solbench.gui.plots.traces.time_plot import TimePlot
from solbench.gui.screens.parts import Elided, button

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

_KIND = {kind.key: kind for kind in KINDS}


class OverlayBar(QWidget):
    """The earlier run's name and a button; hidden if there is none. `tick` keeps its curves in the plots."""

    def __init__(
        self,
        context: Context,
        traces: TimePlot,
        capacity: CapacityPlot,
        nyquist: NyquistPlot,
        interface: InterfacePlot,
        colors: Colors,
    ) -> None:
        super().__init__()
        self.context = context
        self.name = Elided(mode=Qt.TextElideMode.ElideMiddle)
        self.name.setObjectName("faint")
        self.remove = button("✕", lambda: context.beneath.set(None), tr("Remove the earlier run"))
        self.remove.setMaximumWidth(36)
        self._traces = OverlayTraces(traces, colors)
        self._curves = {
            "capacity": OverlayCurves(capacity, colors),
            "nyquist": OverlayCurves(nyquist, colors, widens=False),
            "interface": OverlayCurves(interface, colors),
        }
        self._run: RunModel | None = None
        self._drawn: object = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.name, 1)
        row.addWidget(self.remove)
        self.hide()
        context.beneath.subscribe(self._changed)
        self._changed(context.beneath.value)

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self._traces.set_colors(colors)
        for each in self._curves.values():
            each.set_colors(colors)

    def tick(self) -> None:
        """Draw new data of the earlier run, and restore curves that a plot has cleared."""
        run = self._run
        if run is not None:
            run.update()
            version = (run.number, run.version, run.spectra.version)
            if version != self._drawn:
                self._drawn = version
                self._draw(run)
        for each in self._curves.values():
            each.put_back()

    def close_down(self) -> None:
        """Release the earlier run."""
        if self._run is not None:
            self._run.close()

    def _changed(self, run: RunModel | None) -> None:
        if self._run is not None and run is not self._run:
            self._run.close()
        self._run, self._drawn = run, None
        self.setVisible(run is not None)
        if run is None:
            self._traces.show_run(None)
            for each in self._curves.values():
                each.show_curves([])
        else:
            self.name.setText(tr("faint: {path}", path=run.path.stem))
            self.name.setToolTip(f"{run.title}, {run.path}")
        self.tick()

    def _draw(self, run: RunModel) -> None:
        self._traces.show_run(run)
        for key, each in self._curves.items():
            each.show_curves(curves_of(_KIND[key], [run]))
