"""Fit: spectra, a circuit, the values with their errors, and the residuals."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from solbench.fitting.circuit import parse
from solbench.fitting.verdicts import Verdict
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.context import Context
from solbench.gui.models.fit.circuits import Circuits
from solbench.gui.models.fit.fit_choice import AUTOMATIC, WEIGHTS
from solbench.gui.models.fit.fit_drt import Relaxation
from solbench.gui.models.fit.fit_rows import parameter_rows, verdict
from solbench.gui.models.fit.fit_spectra import SUFFIXES, Spectrum
from solbench.gui.models.fit.fit_trend import as_table
from solbench.gui.models.fit.fitting import Fitting
from solbench.gui.models.runs.correcting import Correcting
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.plots.saving import About
from solbench.gui.plots.spectra.fit_bode import FitBodePlot
from solbench.gui.plots.spectra.fits import DENSE, FitPlot, ResidualPlot
from solbench.gui.screens.fit_parts.circuit_sketch import CircuitSketch
from solbench.gui.screens.fit_parts.fit_drt import FitRelaxation
from solbench.gui.screens.fit_parts.fit_trend import FitTrend
from solbench.gui.screens.fit_parts.fit_values import FitValues
from solbench.gui.screens.parts import CommandLine, Note, Table, Tone, button, row
from solbench.gui.screens.runs.correcting import CorrectDialog
from solbench.gui.screens.screen import Screen
from solbench.gui.values import ChoiceBox

_TONES: dict[Verdict | None, Tone] = {"good": "good", "look": "note", "wrong": "bad"}


class FitScreen(Screen):
    """Fits circuits to the spectra of the selected runs, or of files from other programs."""

    key = "fit"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = Fitting(context.jobs)
        self.spectra = Table((tr("Spectrum"), tr("Fit")), tr("Spectra"), numbers=context.numbers)
        self.parameters = Table(
            (tr("Parameter"), tr("Value ± standard error"), tr("Relative")),
            tr("Parameters"),
            1,
            context.numbers,
        )
        self.values = FitValues(self.model, lambda: self.spectrum, context.numbers)
        self.circuits = Circuits(context.settings)
        self.circuit, self.weight = ChoiceBox(), ChoiceBox()
        self.from_Hz, self.to_Hz = QLineEdit(), QLineEdit()
        self.nyquist, self.bode = FitPlot(LIGHT), FitBodePlot(LIGHT)
        self.relaxation = FitRelaxation(Relaxation(context.jobs))
        self.trend = FitTrend()
        self.residuals = ResidualPlot(LIGHT)
        self.tabs, self.lists = QTabWidget(), QTabWidget()
        self.note = Note()
        self.sketch = CircuitSketch(self.circuits, self._offer_circuits)
        self.twin = CommandLine()
        self.tour_part = self.run = button(tr("Fit"), self._fit, tr("Fit all spectra of the list"), "F6")
        self.run.setObjectName("primary")
        self.left_out = QLineEdit()
        self.pick = button(
            tr("Pick"),
            lambda: None,
            tr("Leave out points by clicks and rectangles in the plots, or take them back"),
        )
        self.pick.setCheckable(True)
        self.keep = button(
            tr("Keep…"), self._keep, tr("Keep with the run what is left out: every conclusion follows it")
        )
        self.correcting: CorrectDialog | None = None
        self._times_set = self.model.times_set
        self.all = button(tr("All"), lambda: self.model.set_window("", ""), tr("Fit all frequencies"))
        self._build()
        self.setAcceptDrops(True)
        context.chosen.subscribe(lambda paths: self.model.open(paths))
        self.model.changed.subscribe(self._changed)
        self.relaxation.model.changed.subscribe(self._show_relaxation)
        self._changed()

    def about_plots(self) -> About:
        """Say which spectra are fitted."""
        files = list(dict.fromkeys(each.source for each in self.model.spectra))
        mark = "SIMULATED" if self.model.simulated else ""
        names = ", ".join(path.name for path in files[:4])
        return About("  ".join(filter(None, (mark, names))), files[0].stem if files else "")

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        for plot in (self.nyquist, self.bode, self.residuals, self.trend.plot, self.relaxation):
            plot.set_colors(colors)
        self._fill()

    def show_habit(self) -> None:
        """Write all numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self._changed()

    def enter(self) -> None:
        """Take the selected runs; without any, the displayed run."""
        if self.model.sources:
            return
        run = self.context.run.value
        chosen = self.context.chosen.value or ((run.path,) if run is not None else ())
        if chosen:
            self.model.open(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept run files and spectra from other programs."""
        if _spectra_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the dropped files."""
        self.model.open(_spectra_in(event))

    @property
    def spectrum(self) -> Spectrum | None:
        """Get the displayed spectrum."""
        place = max(self.spectra.currentRow(), 0)
        return self.model.spectra[place] if place < len(self.model.spectra) else None

    def _build(self) -> None:
        self._choices()
        self.spectra.itemSelectionChanged.connect(self._show)
        self.tabs.currentChanged.connect(lambda _index: self._show())
        for plot in (self.nyquist, self.bode):
            plot.window_dragged.connect(self.model.drag_window)
            plot.picked.connect(self._picked)
            self.pick.toggled.connect(plot.pick)
        copy_table = button(
            tr("Copy values"), self._copy_table, tr("Copy the values of all spectra for a spreadsheet")
        )
        files = button(
            tr("Open spectra…"), self._choose, tr("Run files, or spectra of ZView, BioLogic, Gamry, CSV")
        )
        layout = QVBoxLayout(self)
        layout.addLayout(row(files, QLabel(tr("Circuit")), self.circuit, self.run, None, copy_table))
        window = (QLabel(tr("Frequencies from")), self.from_Hz, QLabel(tr("to")), self.to_Hz, self.all)
        left_out = (QLabel(tr("Left out")), self.left_out, self.pick, self.keep)
        line = row(*window, *left_out, QLabel(tr("Weights")), self.weight)
        line.setStretch(line.indexOf(self.left_out), 1)
        layout.addLayout(line)
        layout.addWidget(self.note)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(self.twin.line())

    def _choices(self) -> None:
        self.circuit.setEditable(True)
        self._offer_circuits()
        self.circuit.setAccessibleName(tr("Circuit"))
        self.circuit.setMinimumWidth(360)
        self.circuit.setToolTip(
            tr(
                "Such as L0-R0-p(R1,CPE1)-CPE2: - in series, p( , ) parallel. Automatic: the spectra "
                "of a run jointly as the states of one cell, others with the best of these circuits."
            )
        )
        self.circuit.currentTextChanged.connect(self.model.set_circuit)
        self.model.dragged.subscribe(self._show_start)
        self.sketch.drawing.moved.connect(self._drag_element)
        self.sketch.drawing.let_go.connect(self.model.changed)
        self.weight.addItems(list(WEIGHTS))
        self.weight.setAccessibleName(tr("Weights"))
        self.weight.setToolTip(
            tr("modulus: deviations relative to |Z|. unit: all alike, which favours the large impedances.")
        )
        self.weight.currentTextChanged.connect(self.model.set_weight)
        for edit, name in ((self.from_Hz, tr("Lowest frequency")), (self.to_Hz, tr("Highest frequency"))):
            edit.setAccessibleName(name)
            edit.setPlaceholderText(tr("as measured"))
            edit.setToolTip(
                tr("{name} to fit, in Hz, such as 10 or 1.5 kHz; or drag the ends in the plots", name=name)
            )
            edit.setMaximumWidth(130)
            edit.textEdited.connect(lambda _text: self._let_fit())
            edit.editingFinished.connect(self._window_typed)
        self.left_out.setAccessibleName(tr("Left out"))
        self.left_out.setPlaceholderText(tr("nothing"))
        self.left_out.setToolTip(
            tr(
                "Points to leave out: 50 Hz, 100 kHz-1 MHz; 3: 50 Hz of spectrum 3 alone. "
                "Or press Pick and click on them."
            )
        )
        self.left_out.textEdited.connect(lambda _text: self._let_fit())
        self.left_out.editingFinished.connect(self._mask_typed)
        self.values.typing.typed.connect(self._let_fit)

    def _middle(self) -> QWidget:
        lists = QSplitter(Qt.Orientation.Vertical)
        lists.addWidget(self.spectra)
        self.lists.addTab(self.parameters, tr("Results"))
        self.lists.addTab(self.values, tr("Start values"))
        self.lists.addTab(self.sketch, tr("Circuit"))
        lists.addWidget(self.lists)
        lists.setSizes([260, 340])
        for plot, name in (
            (self.nyquist, tr("Nyquist")),
            (self.bode, tr("Bode")),
            (self.relaxation, tr("DRT")),
            (self.trend, tr("Over the spectra")),
        ):
            self.tabs.addTab(plot, name)
        self.tabs.setTabToolTip(2, tr("Distribution of relaxation times"))
        plots = QSplitter(Qt.Orientation.Vertical)
        plots.addWidget(self.tabs)
        plots.addWidget(self.residuals)
        plots.setSizes([600, 280])
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.addWidget(lists)
        whole.addWidget(plots)
        whole.setSizes([560, 640])
        return whole

    def _changed(self) -> None:
        self._fill()
        choice = self.model.choice
        self._let_fit()
        self.twin.show_command(self.model.twin)
        window_anew, mask_anew = (
            now != before for now, before in zip(self.model.times_set, self._times_set, strict=True)
        )
        self._times_set = self.model.times_set
        for edit, text, anew in (
            (self.from_Hz, self.context.numbers.shown(choice.from_text), window_anew),
            (self.to_Hz, self.context.numbers.shown(choice.to_text), window_anew),
            (self.left_out, choice.mask_text, mask_anew),
        ):
            if edit.text() != text and (anew or not edit.isModified()):  # else it is typed, while a fit ended
                edit.setText(text)
        self.all.setEnabled(bool(choice.from_text or choice.to_text))
        self.weight.setEnabled(not choice.automatic)
        if self.circuit.currentText().strip() != choice.circuit:
            self.circuit.setCurrentText(choice.circuit)
            line = self.circuit.lineEdit()
            if line is not None:
                line.setCursorPosition(0)
        self._show_circuit()
        self.values.show_rows()
        self.values.take_over.setEnabled(self.spectrum is not None and self.spectrum.found is not None)

    def _let_fit(self) -> None:
        """Let the button and its key fit; while a slip is being corrected, too, for neither leaves the field."""
        typed = any(edit.isModified() for edit in (self.from_Hz, self.to_Hz, self.left_out))
        self.run.setEnabled(self.model.ready or (self.model.idle and (typed or self.values.is_typed)))

    def _offer_circuits(self) -> None:
        """Offer the circuits of the list; what is typed stays."""
        typed = self.circuit.currentText()
        with QSignalBlocker(self.circuit):
            self.circuit.clear()
            for number, (text, purpose) in enumerate(self.circuits.offered.items()):
                self.circuit.addItem(text)
                self.circuit.setItemData(number, purpose, Qt.ItemDataRole.ToolTipRole)
            if typed:
                self.circuit.setCurrentText(typed)
        self._show_circuit()

    def _drag_element(self, name: str, value: float) -> None:
        """Drag a value; that of a circuit that was found makes it, with all its values, the one to start from."""
        if self.model.choice.automatic:
            self.model.take_over(self.spectrum)
        self.model.drag(name, value)

    def _show_start(self) -> None:
        """Draw the circuit at its start values on the plot in front."""
        spectrum = self.spectrum
        if spectrum is None:
            return
        dense = np.geomspace(spectrum.frequency_Hz.min(), spectrum.frequency_Hz.max(), DENSE)
        curve = self.model.start_curve(dense)
        if self.tabs.currentWidget() is self.bode:
            self.bode.show_start(dense, curve)
        else:
            self.nyquist.show_start(curve)
        if not self.model.choice.automatic:
            self.sketch.show_values(self.model.choice.values)

    def _show_circuit(self) -> None:
        """Draw the circuit that is typed; of an automatic fit the one that was found."""
        choice, found = self.model.choice, self.spectrum.found if self.spectrum is not None else None
        words = self.circuits.purpose(choice.circuit or AUTOMATIC)
        circuit, values = choice.parsed, choice.values
        if choice.automatic and found is not None and found.circuit:
            circuit, words, values = (
                parse(found.circuit),
                tr("Found: {circuit}", circuit=found.circuit),
                found.values,
            )
        elif circuit is None and not choice.automatic:
            words = tr(
                "This is not a circuit yet: - is series, p( , ) parallel, an element is a letter and a number."
            )
        self.sketch.show_circuit(circuit, words, values)

    def _say(self) -> None:
        if self.model.problem:
            self.note.say(f"✗ {self.model.problem}", "bad")
        elif self.model.busy:
            self.note.say(f"{self.model.busy}…", "note")
        elif self.model.stale:
            self.note.say(tr("The fit shown was made with other settings: press Fit again."), "note")
        elif self.model.said:
            self.note.say(self.context.numbers.localized(self.model.said), "plain")
        elif not self.model.spectra:
            self.note.say(tr("Choose runs under Data, open files of spectra, or drop them here."), "quiet")
        else:
            words = self.model.state_words(self.spectrum)
            self.note.say(self.context.numbers.localized(words), "quiet")

    def _fill(self) -> None:
        self.spectra.fill(
            (
                (each.name, verdict(each)),
                _TONES.get(each.found.verdict if each.found is not None else None, "plain"),
            )
            for each in self.model.spectra
        )
        if self.model.spectra and self.spectra.currentRow() < 0:
            with QSignalBlocker(self.spectra):
                self.spectra.setCurrentCell(0, 0)
        self._show()

    def _show(self) -> None:
        """Draw the selected spectrum on the plot in front; the hidden ones are left as they are."""
        spectrum = self.spectrum
        settings = self.model.settings_of(spectrum)
        front = self.tabs.currentWidget()
        if front is self.trend:
            self.trend.show_spectra(self.model.spectra)
        elif front is self.relaxation:
            self._show_relaxation()
        else:
            (self.bode if front is self.bode else self.nyquist).show_spectrum(spectrum, settings)
        self._show_start()
        self.residuals.show_spectrum(spectrum, settings)
        rows = parameter_rows(spectrum) if spectrum is not None else []
        self.parameters.fill((texts, "plain") for texts in rows)
        self.keep.setEnabled(self.model.can_keep(spectrum))
        self._say()

    def _show_relaxation(self) -> None:
        if self.tabs.currentWidget() is self.relaxation:
            self.relaxation.show_spectra(self.model.spectra, self.spectrum, self.model.choice.settings)

    def _fit(self) -> None:
        """Fit with what is typed, although no field was left since: a key and a menu leave none."""
        self.values.take_typed()  # first: what is taken shows the rows anew
        if self.from_Hz.isModified() or self.to_Hz.isModified():
            self._window_typed()
        if self.left_out.isModified():
            self._mask_typed()
        self.model.fit()

    def _window_typed(self) -> None:
        ends = (self.from_Hz, self.to_Hz)
        for edit in ends:
            edit.setModified(False)
        self.model.set_window(*(self.context.numbers.to_file(edit.text()) for edit in ends))

    def _mask_typed(self) -> None:
        self.left_out.setModified(False)
        self.model.set_mask(self.left_out.text())

    def _picked(self, places: list[int]) -> None:
        if self.spectrum is not None:
            self.model.pick(self.spectrum, places)

    def _keep(self) -> None:
        """Correct the run of the displayed spectrum by what is left out."""
        if self.spectrum is None:
            return
        run = self.spectrum.source
        model = Correcting(self.context.jobs, run, lambda: self.model.kept(run))
        self.correcting = CorrectDialog(self, model, {"left_out": self.model.mask_to_keep(run)})
        self.correcting.open()

    def _choose(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        start = self.context.settings.get("folder", "")
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Spectra"), start, tr("Spectra ({kinds} *.DTA)", kinds=kinds)
        )
        if names:
            self.context.settings.set("folder", str(Path(names[0]).parent))
            self.model.open([Path(name) for name in names])

    def _copy_table(self) -> None:
        QGuiApplication.clipboard().setText(as_table(self.model.spectra))
        self.context.message.set(
            ntr(
                "values of {count} spectrum copied",
                "values of {count} spectra copied",
                len(self.model.spectra),
            )
        )


def _spectra_in(event: QDropEvent) -> list[Path]:
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
    return [path for path in files if path.suffix.lower() in SUFFIXES]
