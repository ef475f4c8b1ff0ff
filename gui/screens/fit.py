"""Fit: spectra, a circuit, what came out with its errors, and what the fit leaves over."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QSplitter, QVBoxLayout, QWidget

from gui.context import Context
from gui.models.fitting import CIRCUITS, SUFFIXES, Fitting, Spectrum, parameter_rows, verdict
from gui.palette import LIGHT, Colors
from gui.plots.fits import FitPlot, ResidualPlot
from gui.screens.parts import Note, Table, Tone, button, row
from gui.screens.screen import Screen

_TONES: dict[str, Tone] = {"good": "good", "look": "note", "wrong": "bad"}


class FitScreen(Screen):
    """Fits circuits to the spectra of the chosen runs, or of files of other programs."""

    title = "Fit"
    key = "fit"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = Fitting(context.jobs)
        self.spectra = Table(("Spectrum", "Fit"), "Spectra")
        self.parameters = Table(("Parameter", "Value ± standard error", "Relative"), "Parameters", stretch=1)
        self.circuit = QComboBox()
        self.nyquist = FitPlot(LIGHT)
        self.residuals = ResidualPlot(LIGHT)
        self.note = Note()
        self.twin = QLineEdit()
        self.run = button("Fit", self.model.fit, "Fit all spectra of the list", "F6")
        self.run.setObjectName("primary")
        self._build()
        self.setAcceptDrops(True)
        context.chosen.subscribe(lambda paths: self.model.open(paths))
        self.model.changed.subscribe(self._changed)
        self._changed()

    def set_colors(self, colors: Colors) -> None:
        """Change the look."""
        self.nyquist.set_colors(colors)
        self.residuals.set_colors(colors)
        self._fill()

    def enter(self) -> None:
        """Take the chosen runs; without any, the run on show."""
        if self.model.sources:
            return
        run = self.context.run.value
        chosen = self.context.chosen.value or ((run.path,) if run is not None else ())
        if chosen:
            self.model.open(chosen)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take run files and spectra of other programs."""
        if _spectra_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.model.open(_spectra_in(event))

    @property
    def spectrum(self) -> Spectrum | None:
        """Get the spectrum that is shown."""
        place = max(self.spectra.currentRow(), 0)
        return self.model.spectra[place] if place < len(self.model.spectra) else None

    def _build(self) -> None:
        self.circuit.setEditable(True)
        self.circuit.addItems(list(CIRCUITS))
        self.circuit.setAccessibleName("Circuit")
        self.circuit.setMinimumWidth(280)
        self.circuit.setToolTip(
            "Such as L0-R0-p(R1,CPE1)-CPE2: - in series, p( , ) parallel. Automatic: the spectra of a run jointly as "
            "the states of one cell, others with the best of these circuits."
        )
        self.circuit.currentTextChanged.connect(self.model.set_circuit)
        self.spectra.itemSelectionChanged.connect(self._show)
        self.twin.setReadOnly(True)
        self.twin.setAccessibleName("The same on the command line")
        copy = button("Copy", self._copy, "Copy the command line")
        copy_table = button("Copy table", self._copy_table, "Copy the parameters of all spectra")
        files = button("Open spectra…", self._choose, "Run files, or spectra of ZView, BioLogic, Gamry, CSV")
        layout = QVBoxLayout(self)
        layout.addLayout(row(files, QLabel("Circuit"), self.circuit, self.run, None, copy_table))
        layout.addWidget(self.note)
        layout.addWidget(self._middle(), 1)
        layout.addLayout(row(QLabel("On the command line"), self.twin, copy))

    def _middle(self) -> QWidget:
        lists = QSplitter(Qt.Orientation.Vertical)
        lists.addWidget(self.spectra)
        lists.addWidget(self.parameters)
        plots = QSplitter(Qt.Orientation.Vertical)
        plots.addWidget(self.nyquist)
        plots.addWidget(self.residuals)
        plots.setSizes([600, 300])
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.addWidget(lists)
        whole.addWidget(plots)
        whole.setSizes([560, 640])
        return whole

    def _changed(self) -> None:
        self._fill()
        self.run.setEnabled(self.model.ready)
        self.twin.setText(self.model.twin)
        self.twin.setCursorPosition(0)
        if self.model.problem:
            self.note.say(f"✗ {self.model.problem}", "bad")
        elif self.model.busy:
            self.note.say(f"{self.model.busy}…", "note")
        elif self.model.said:
            self.note.say(self.model.said, "plain")
        elif not self.model.spectra:
            self.note.say("Choose runs under Data, open files of spectra, or drop them here.", "quiet")
        else:
            simulated = "SIMULATED. " if self.model.simulated else ""
            self.note.say(f"{simulated}{len(self.model.spectra)} spectra, not fitted yet.", "quiet")

    def _fill(self) -> None:
        self.spectra.fill(
            ((each.name, verdict(each)), _TONES.get(each.found.get("verdict", ""), "plain"))
            for each in self.model.spectra
        )
        if self.model.spectra and self.spectra.currentRow() < 0:
            self.spectra.blockSignals(True)
            self.spectra.setCurrentCell(0, 0)
            self.spectra.blockSignals(False)
        self._show()

    def _show(self) -> None:
        spectrum = self.spectrum
        self.nyquist.show_spectrum(spectrum)
        self.residuals.show_spectrum(spectrum)
        rows = parameter_rows(spectrum) if spectrum is not None else []
        self.parameters.fill((texts, "plain") for texts in rows)

    def _choose(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        start = self.context.settings.get("folder", "")
        names, _ = QFileDialog.getOpenFileNames(self, "Spectra", start, f"Spectra ({kinds} *.DTA)")
        if names:
            self.context.settings.set("folder", str(Path(names[0]).parent))
            self.model.open([Path(name) for name in names])

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.twin.text())

    def _copy_table(self) -> None:
        lines = ["\t".join(("spectrum", "parameter", "value", "relative error"))]
        for spectrum in self.model.spectra:
            lines += ["\t".join((spectrum.name, *texts)) for texts in parameter_rows(spectrum)]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.context.message.set(f"{len(lines) - 1} lines copied")


def _spectra_in(event: QDropEvent) -> list[Path]:
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
    return [path for path in files if path.suffix.lower() in SUFFIXES]
