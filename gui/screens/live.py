"""The live screen: steps and spectra at the left, traces above, impedance and capacity below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.context import Context
from gui.models.run import RunModel
from gui.palette import LIGHT, Colors
from gui.plots.bode import BodePlot
from gui.plots.curves import CapacityPlot, CyclePlot, InterfacePlot
from gui.plots.nyquist import NyquistPlot
from gui.plots.time_plot import TimePlot
from gui.screens.screen import Screen

_MODES = {
    "all": ("All", "Show the whole run: A"),
    "follow": ("Follow", "Keep the newest stretch in view: Space"),
    "step": ("Step", "Show the present step"),
    "hold": ("Hold", "Keep this view: Space"),
}


class LiveScreen(Screen):
    """Shows the context's run, live or from a file."""

    title = "Live"
    key = "live"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        colors = LIGHT
        self.time_plot = TimePlot(colors)
        self.nyquist = NyquistPlot(colors)
        self.bode = BodePlot(colors)
        self.capacity = CapacityPlot(colors)
        self.cycles = CyclePlot(colors)
        self.interface = InterfacePlot(colors)
        self.steps = _tree("Steps", ("", "step", "time"))
        self.spectra = _tree("Spectra", ("spectrum", "findings"))
        self.tabs = QTabWidget()
        self.readout = QLabel()
        self.readout.setObjectName("faint")
        self._drawn: dict[str, object] = {}
        self._modes = {name: self._mode_button(name) for name in _MODES}
        self._lay_out()
        self.tabs.currentChanged.connect(lambda _index: self._draw_tab())
        self.time_plot.mode_changed.connect(self._mode_changed)
        self.time_plot.readout.connect(self.readout.setText)
        self._mode_changed(self.time_plot.mode)

    def set_colors(self, colors: Colors) -> None:
        """Change the look of the plots."""
        for plot in (self.time_plot, self.nyquist, self.bode, self.capacity, self.cycles, self.interface):
            plot.set_colors(colors)
        self._drawn.clear()
        self.tick()

    def enter(self) -> None:
        """Draw what came while the screen was hidden."""
        self.tick()

    def tick(self) -> None:
        """Draw what is new."""
        run = self.context.run.value
        if run is None:
            return
        if self._changed("trace", (id(run), run.version)):
            self._draw_trace(run)
            self._draw_steps(run)
        if self._changed("spectra", (id(run), run.spectra.version)):
            self.nyquist.show_spectra(run.spectra.shown)
            self._draw_spectra(run)
        self._draw_tab()

    def _changed(self, what: str, version: object) -> bool:
        changed = self._drawn.get(what) != version
        self._drawn[what] = version
        return changed

    def _draw_trace(self, run: RunModel) -> None:
        status = run.status
        head = None
        if status is not None and status.voltage_V is not None and status.current_A is not None and run.alive:
            head = (status.time_s, status.voltage_V, status.current_A)
        step = run.steps[-1].start_s if run.steps else 0.0
        self.time_plot.show_limits(run.limits)
        self.time_plot.show_marks(run.marks)
        self.time_plot.show_trace(run.trace, head, step)

    def _draw_steps(self, run: RunModel) -> None:
        if not run.known:
            return
        rows = run.step_list.rows(run.steps, run.current_step)
        _fill(self.steps, [(row.mark, row.name, row.detail) for row in rows], [row.state for row in rows])

    def _draw_spectra(self, run: RunModel) -> None:
        tracks = run.spectra.shown
        _fill(
            self.spectra,
            [(track.label, track.findings) for track in tracks],
            [track.reason for track in tracks],
        )

    def _draw_tab(self) -> None:
        """Draw the tab in front; the hidden ones are left as they are."""
        run = self.context.run.value
        shown = self.tabs.currentWidget()
        if run is None or not run.known:
            return
        version = (id(run), run.spectra.version)
        if shown is self.bode and self._changed("bode", version):
            self.bode.show_spectra(run.spectra.shown)
        elif shown is self.interface and self._changed("interface", version):
            self.interface.show_spectra(run.spectra.shown)
        elif shown is self.capacity and self._changed("capacity", (id(run), run.samples)):
            self.capacity.show_curves(run.curves)
        elif shown is self.cycles and self._changed("cycles", (id(run), len(run.log.lines), run.log.total)):
            self.cycles.show_pairs(run.pairs, run.area_m2)

    def _mode_button(self, name: str) -> QToolButton:
        text, tip = _MODES[name]
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setMinimumHeight(26)
        button.clicked.connect(lambda: self.time_plot.set_mode(name))
        return button

    def _mode_changed(self, mode: str) -> None:
        for name, button in self._modes.items():
            button.setChecked(name == mode)

    def _set_hide_inductive(self, hide: bool) -> None:
        self.nyquist.hide_inductive = hide
        self._drawn.pop("spectra", None)
        self.tick()

    def _set_show_all(self, every: bool) -> None:
        self.nyquist.show_all = every
        self._drawn.pop("spectra", None)
        self.tick()

    def _lay_out(self) -> None:
        for name, plot in (
            ("Bode", self.bode),
            ("Capacity", self.capacity),
            ("Cycles", self.cycles),
            ("R interface", self.interface),
        ):
            self.tabs.addTab(plot, name)
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self._impedance())
        below.addWidget(self.tabs)
        below.setSizes([500, 500])
        plots = QSplitter(Qt.Orientation.Vertical)
        plots.addWidget(self._traces())
        plots.addWidget(below)
        plots.setSizes([560, 440])
        lists = QSplitter(Qt.Orientation.Vertical)
        lists.addWidget(self.steps)
        lists.addWidget(self.spectra)
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.addWidget(lists)
        whole.addWidget(plots)
        whole.setSizes([270, 1000])
        whole.setStretchFactor(1, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 0)
        row.addWidget(whole)

    def _traces(self) -> QWidget:
        bar = QHBoxLayout()
        for button in self._modes.values():
            bar.addWidget(button)
        bar.addStretch(1)
        bar.addWidget(self.readout)
        return _column(bar, self.time_plot)

    def _impedance(self) -> QWidget:
        hide = QCheckBox("hide inductive part")
        hide.setToolTip("Leave out points with Z″ above zero, which squeeze everything else")
        hide.setChecked(True)
        hide.toggled.connect(self._set_hide_inductive)
        every = QCheckBox("all in view")
        every.setToolTip("Fit all spectra into the plot; else the newest fills it")
        every.toggled.connect(self._set_show_all)
        bar = QHBoxLayout()
        bar.addWidget(QLabel("Nyquist"))
        bar.addStretch(1)
        bar.addWidget(every)
        bar.addWidget(hide)
        return _column(bar, self.nyquist)


def _column(bar: QHBoxLayout, widget: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addLayout(bar)
    column.addWidget(widget, 1)
    return box


def _tree(name: str, columns: tuple[str, ...]) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setAccessibleName(name)
    tree.setHeaderLabels(list(columns))
    tree.setRootIsDecorated(False)
    tree.setMinimumWidth(120)
    tree.setUniformRowHeights(True)
    for column, width in enumerate((24, 84) if columns[0] == "" else (62,)):
        tree.setColumnWidth(column, width)
    return tree


def _fill(tree: QTreeWidget, rows: list[tuple[str, ...]], tips: list[str]) -> None:
    """Show rows; items that are there keep their place and their selection."""
    while tree.topLevelItemCount() > len(rows):
        tree.takeTopLevelItem(tree.topLevelItemCount() - 1)
    for place, (row, tip) in enumerate(zip(rows, tips, strict=True)):
        item = tree.topLevelItem(place)
        if item is None:
            item = QTreeWidgetItem(tree)
        for column, text in enumerate(row):
            if item.text(column) != text:
                item.setText(column, text)
                item.setToolTip(column, f"{text}\n{tip}" if tip else text)
