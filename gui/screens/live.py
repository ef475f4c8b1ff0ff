"""The Live screen: steps and spectra on the left, traces above, impedance and capacity below."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QToolButton, QWidget

from solbench.acquisition.host.platform import user_name
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.live.control import WHO, Control
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.panels import Area, Panels, Place
from solbench.gui.plots.saving import as_png
from solbench.gui.plots.spectra.bode import BodePlot
from solbench.gui.plots.spectra.nyquist import NyquistPlot
from solbench.gui.plots.traces.curves import CapacityPlot, CyclePlot, InterfacePlot
from solbench.gui.plots.traces.temperature import TemperaturePlot
from solbench.gui.plots.traces.time_plot import TimePlot
from solbench.gui.plots.traces.transient import TransientPlot
from solbench.gui.screens.overlay_bar import OverlayBar
from solbench.gui.screens.parts import Note, button, name_button, put_in_order, stacked
from solbench.gui.screens.rows import RowList
from solbench.gui.screens.screen import Screen

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

_MODES = {
    "all": (tr("All"), tr("Show the whole run: A")),
    "follow": (tr("Follow"), tr("Keep the newest part in view: Space")),
    "step": (tr("Step"), tr("Show the present step")),
    "hold": (tr("Hold"), tr("Keep this view: Space")),
}

ARRANGEMENT, ROOM, SIZES = "live_panels", "live_panels_room", "live_panels_sizes"
CLOCK = "live_clock"


class LiveScreen(Screen):
    """Shows the context's run, live or from a file."""

    key = "live"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        colors = LIGHT
        self.tour_part = self.time_plot = TimePlot(colors)
        self.nyquist = NyquistPlot(colors)
        self.bode = BodePlot(colors)
        self.capacity = CapacityPlot(colors)
        self.cycles = CyclePlot(colors)
        self.interface = InterfacePlot(colors)
        self.transient = TransientPlot(colors)
        self.temperature = TemperaturePlot(colors)
        self.steps = RowList(tr("Steps"), ("", tr("Step"), tr("Time")), context.numbers)
        self.coming = Note("", "quiet", keep=True)
        self.coming.setAccessibleName(tr("What comes next"))
        self.spectra = RowList(tr("Spectra"), (tr("At"), tr("Findings")), context.numbers)
        self.readout = QLabel()
        self.readout.setObjectName("faint")
        self.control = Control(context)
        self.spectrum = button(
            tr("Spectrum now"),
            self.control.spectrum,
            tr("Measure a spectrum; then the step continues: F8"),
        )
        self.spectrum.setEnabled(False)
        self.change = button(
            tr("Change step…"),
            self.change_step,
            tr("Change limits, times or currents of a step, or spectra to come, while the run is under way"),
        )
        self.change.setEnabled(False)
        self.under = OverlayBar(context, self.time_plot, self.capacity, self.nyquist, self.interface, colors)
        self._drawn: dict[str, object] = {}
        self._brought_for = self._shown_for = 0
        self._nyquist_away = False  # by this screen, for a run without spectra
        self.clock = QToolButton()
        self.clock.setText(tr("Clock"))
        self.clock.setToolTip(tr("Show the time of day; else the time since the beginning of the run"))
        name_button(self.clock, self.clock.toolTip())
        self.clock.setCheckable(True)
        self.clock.setMinimumHeight(32)
        self.clock.setChecked(bool(context.settings.get(CLOCK, False)))
        self.clock.clicked.connect(self._set_clock)
        self._modes = {name: self._mode_button(name) for name in _MODES}
        self.panels = Panels(self._traces())
        self._lay_out()
        self.panels.restore(context.settings.get(ARRANGEMENT, ""))
        size = context.settings.get(ROOM, [0, 0])
        if len(size) == 2 and all(isinstance(length, int) and 0 < length < 20_000 for length in size):
            self.panels.kept_size = QSize(*size)
            self.panels.kept_sizes = {
                key: QSize(*length)
                for key, length in context.settings.get(SIZES, dict[str, list[int]]()).items()
                if isinstance(length, list) and len(length) == 2
            }
        self.panels.changed.connect(self._draw_panels)
        self.time_plot.mode_changed.connect(self._mode_changed)
        self.time_plot.readout.connect(lambda text: self.readout.setText(context.numbers.localized(text)))
        self._mode_changed(self.time_plot.mode)

    @property
    def resting_place(self) -> QWidget:
        """Get the trace, whose keys change what is in view."""
        return self.time_plot

    def set_colors(self, colors: Colors) -> None:
        """Set the colours of the plots."""
        impedance = self.nyquist, self.bode, self.interface
        others = self.capacity, self.cycles, self.transient, self.temperature
        for plot in (self.time_plot, *impedance, *others):
            plot.set_colors(colors)
        self.under.set_colors(colors)
        self._drawn.clear()
        self.tick()

    def traces_picture(self) -> bytes:
        """Return the traces as PNG."""
        return as_png(self.time_plot, self.about_plots().words)

    def enter(self) -> None:
        """Draw the data that arrived while the screen was hidden."""
        self.tick()

    def leave(self) -> None:
        """Remember how the panels stand."""
        self.context.settings.set(ARRANGEMENT, self.panels.kept())
        if self.panels.isVisible():
            self.context.settings.set(ROOM, [self.panels.width(), self.panels.height()])
            sizes = self.panels.sizes()
            self.context.settings.set(
                SIZES, {key: [each.width(), each.height()] for key, each in sizes.items()}
            )

    def close_down(self) -> None:
        """Remember how the panels stand."""
        if self._nyquist_away:
            self.panels.docks["nyquist"].show()
        self.leave()
        self.under.close_down()

    def tick(self) -> None:
        """Draw new data."""
        self.panels.look_at_sizes()
        run = self.context.run.value
        self.spectrum.setEnabled(self.control.spectrum_possible)
        self.change.setEnabled(self.control.change_possible)
        if run is None:
            return
        if self._changed("trace", (run.number, run.version)):
            self._draw_trace(run)
            if self._changed("steps", (run.number, run.events)):
                self._draw_steps(run)
            if self._changed("coming", (run.number, run.events, run.state, int(run.time_s))):
                self._show_coming(run)
        if self._changed("findings", (run.number, run.spectra.version)):
            self._draw_spectra(run)
        self._draw_panels()
        self.under.tick()

    def _changed(self, what: str, version: object) -> bool:
        changed = self._drawn.get(what) != version
        self._drawn[what] = version
        return changed

    def _draw_trace(self, run: RunModel) -> None:
        status = run.status
        head = None
        if (
            status is not None
            and status.voltage_V is not None
            and status.current_A is not None
            and run.has_reading
        ):
            head = (status.time_s, status.voltage_V, status.current_A)
        step = run.steps[-1].start_s if run.steps else 0.0
        self.time_plot.show_clock(run.begun if self.clock.isChecked() else None)
        self.time_plot.show_limits(run.limits)
        self.time_plot.show_marks(run.traces.marks)
        self.time_plot.show_trace(run.trace, head, step)

    def _draw_steps(self, run: RunModel) -> None:
        from solbench.gui.models.run.step_list import PRESENT

        if run.plan is None:
            return
        rows = run.plan.step_list.rows(run.steps, run.current_step)
        self.steps.fill([(row.mark, row.name, row.detail) for row in rows], [row.state for row in rows])
        self.steps.follow(next((place for place, row in enumerate(rows) if row.mark == PRESENT), -1))

    def _show_coming(self, run: RunModel) -> None:
        """Say what comes next and when: by the clock as well, where a second of the run is one."""
        from solbench.gui.models.run.ahead import in_words

        clock = None if run.simulated else datetime.now()
        words = [in_words(each, clock) for each in run.coming]
        self.coming.say(self.context.numbers.localized("\n".join(words)), "quiet")

    def _draw_spectra(self, run: RunModel) -> None:
        tracks = run.spectra.shown
        self.spectra.fill(
            [(track.label, track.findings) for track in tracks],
            [track.reason for track in tracks],
        )

    def _draw_panels(self) -> None:
        """Draw the visible panels; the hidden ones are left as they are."""
        run = self.context.run.value
        if run is None or not run.known:
            return
        spectra = (run.number, run.spectra.version)
        for key, plot in (("nyquist", self.nyquist), ("bode", self.bode)):
            if self._due(key, spectra):
                plot.show_spectra(run.spectra.shown)
        if self._due("interface", spectra):
            self.interface.show_spectra(run.spectra.shown, run.spectra.problem, run.spectra.withheld)
        self._bring(run)
        if self._due("transient", (run.number, tuple(each.version for each in run.traces.transients))):
            self.transient.show_transients(run.traces.transients)
        if self._due("temperature", (run.number, run.gauges.version)):
            self.temperature.show_gauges(run.gauges.traces)
        if self._due("capacity", (run.number, run.traces.samples)):
            self.capacity.show_curves(run.traces.curves)
        if self._due("cycles", (run.number, len(run.log.lines), run.log.total)):
            self.cycles.show_pairs(run.pairs, run.area_m2)

    def _bring(self, run: RunModel) -> None:
        """Bring what this run will show, once a run: after that the user chooses the panel.

        All is decided before a panel moves: each that comes or goes has the panels drawn, and this asked, again.
        """
        from solbench.protocols import takes_spectra

        to_front = list[str]()
        close_nyquist = False
        if self._shown_for != run.number:
            self._shown_for = run.number
            spectra = run.plan is None or takes_spectra(run.plan.protocol)
            if spectra and self._nyquist_away:
                to_front.append("nyquist")
            elif not spectra:
                close_nyquist = self.panels.in_view("nyquist")
                to_front.append("capacity")
            self._nyquist_away = not spectra
        if run.traces.transients and self._brought_for != run.number:
            self._brought_for = run.number
            to_front.append("transient")
        elif not run.traces.transients and self._brought_for and self.panels.in_view("transient"):
            self._brought_for = 0
            to_front.append("bode")
        if close_nyquist:
            self.panels.docks["nyquist"].close()
        for key in to_front:
            self.panels.bring(key)

    def _due(self, panel: str, version: object) -> bool:
        return self.panels.in_view(panel) and self._changed(panel, version)

    def _mode_button(self, name: str) -> QToolButton:
        text, tip = _MODES[name]
        made = QToolButton()
        made.setText(text)
        made.setToolTip(tip)
        name_button(made, tip)
        made.setCheckable(True)
        made.setMinimumHeight(32)
        made.clicked.connect(lambda: self.time_plot.set_mode(name))
        return made

    def _mode_changed(self, mode: str) -> None:
        for name, each in self._modes.items():
            each.setChecked(name == mode)

    def change_step(self) -> None:
        """Open the dialog that changes a step of the run on show."""
        run = self.context.run.value
        if run is None or not self.control.change_possible:
            self.context.message.set(tr("change: the run shown is not running"))
            return
        from solbench.gui.models.runs.changing import Changing
        from solbench.gui.screens.runs.changing import ChangeDialog

        model = Changing(self.context.jobs, run, self.control.engine, user_name() or WHO)
        self.changing = ChangeDialog(self, model, self.context.numbers)
        self.changing.accepted.connect(lambda: self.context.message.set(model.said))
        self.changing.open()

    def _set_clock(self, on: bool) -> None:
        self.context.settings.set(CLOCK, on)
        self._drawn.pop("trace", None)
        self.tick()

    def _set_hide_inductive(self, hide: bool) -> None:
        self.nyquist.hide_inductive = hide
        self._drawn.pop("nyquist", None)
        self.tick()

    def _set_show_all(self, every: bool) -> None:
        self.nyquist.show_all = every
        self._drawn.pop("nyquist", None)
        self.tick()

    def _lay_out(self) -> None:
        left, below = Area.LeftDockWidgetArea, Area.BottomDockWidgetArea
        panels = self.panels
        panels.add(
            "steps", tr("Steps"), stacked(self.steps, self.coming), Place(left, across=0.23, down=0.38)
        )
        panels.add("spectra", tr("Spectra"), self.spectra, Place(left, across=0.23, down=0.62))
        panels.add("nyquist", tr("Nyquist"), self._impedance(), Place(below, across=0.385, down=0.47))
        panels.add("bode", tr("Bode"), self.bode, Place(below, across=0.385, down=0.47))
        panels.add("capacity", tr("Capacity"), self.capacity, Place(below, behind="bode"))
        panels.add("cycles", tr("Cycles"), self.cycles, Place(below, behind="bode"))
        panels.add("interface", tr("R interface"), self.interface, Place(below, behind="bode"))
        panels.add("transient", tr("Transient"), self.transient, Place(below, behind="bode"))
        panels.add("temperature", tr("Temperature"), self.temperature, Place(below, behind="bode"))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 0)
        row.addWidget(panels)
        modes = self._modes.values()
        asks, boxes = (self.spectrum, self.change), (self.all_in_view, self.hide_inductive)
        put_in_order(
            self.steps, self.spectra, *modes, self.clock, *asks, self.time_plot, *boxes, self.nyquist
        )

    def _traces(self) -> QWidget:
        bar = QHBoxLayout()
        for each in self._modes.values():
            bar.addWidget(each)
        bar.addWidget(self.clock)
        bar.addSpacing(12)
        bar.addWidget(self.spectrum)
        bar.addWidget(self.change)
        bar.addWidget(self.under, 1)
        bar.addStretch()
        bar.addWidget(self.readout)
        sign = QLabel(tr("I > 0 charges"))
        sign.setObjectName("faint")
        sign.setToolTip(tr("A positive current charges the cell, on the screen and in all files"))
        bar.addSpacing(12)
        bar.addWidget(sign)
        return stacked(bar, self.time_plot)

    def _impedance(self) -> QWidget:
        self.hide_inductive = hide = QCheckBox(tr("hide inductive part"))
        hide.setToolTip(tr("Leave out points with Z″ above zero, which squeeze everything else"))
        hide.setChecked(True)
        hide.toggled.connect(self._set_hide_inductive)
        self.all_in_view = every = QCheckBox(tr("all in view"))
        every.setToolTip(tr("Fit all spectra into the plot; else the newest fills it"))
        every.toggled.connect(self._set_show_all)
        bar = QHBoxLayout()
        bar.addStretch(1)
        bar.addWidget(every)
        bar.addWidget(hide)
        return stacked(bar, self.nyquist)
