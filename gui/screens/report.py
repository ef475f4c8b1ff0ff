"""Report: one page on the selected runs, and their data in the formats of other programs."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.settings import default_folder
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.context import Context
from solbench.gui.models.runs.reporting import FORMATS, Reporting, ReportRequest
from solbench.gui.palette import Colors
from solbench.gui.screens.parts import CommandLine, Note, button, heading, row
from solbench.gui.screens.runs.pictures import Pictures
from solbench.gui.screens.runs.printing import PrintedReport, preview
from solbench.gui.screens.screen import Screen
from solbench.gui.values import ChoiceBox

FOLDER = "reports_folder"


class ReportScreen(Screen):
    """Makes the report and shows its figures; exports the same runs."""

    key = "report"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = Reporting(context.jobs, self._default_folder())
        self.runs = QListWidget()
        self.folder, self.name = QLineEdit(str(self.model.request.folder)), QLineEdit()
        self.pdf, self.figures = QCheckBox(tr("also as PDF")), QCheckBox(tr("figures as SVG and PNG"))
        self.tour_part = self.make = button(
            tr("Make report"), self.model.make, tr("Make the page of the runs in the list"), "F7"
        )
        self.make.setObjectName("primary")
        self.kind = ChoiceBox()
        self.export = button(
            tr("Export"),
            self._export,
            tr("Write every run of the list in this format, each into a folder of its own"),
        )
        self.files = QListWidget()
        self.open = button(tr("Open"), self._open_file, tr("Open the chosen file, or the page"))
        self.twin = CommandLine(tr("The report on the command line"))
        self.export_twin = CommandLine(tr("The export on the command line"))
        self.note = Note()
        self.pictures = Pictures(
            tr("Figures of the report"), tr("The figures of the report appear here once it is made.")
        )
        self.print_button = button(
            tr("Print…"), self._print, tr("Print the whole report, figures and tables")
        )
        self._build()
        context.chosen.subscribe(self.model.set_runs)
        self.model.changed.subscribe(self._changed)
        self._changed()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours; figures keep their white background."""
        self._changed()

    def enter(self) -> None:
        """Take the selected runs; without any, the displayed run."""
        run = self.context.run.value
        if not self.model.runs and (self.context.chosen.value or run is not None):
            self.model.set_runs(self.context.chosen.value or ((run.path,) if run is not None else ()))

    def _default_folder(self) -> Path:
        settings = self.context.settings
        return Path(settings.get(FOLDER, settings.get("runs_folder", str(default_folder()))))

    def _build(self) -> None:
        names = (
            (self.runs, tr("Runs of the report")),
            (self.folder, tr("Folder of the report")),
            (self.name, tr("Name of the report")),
            (self.files, tr("Files that were made")),
            (self.kind, tr("Format of the export")),
        )
        for widget, name in names:
            widget.setAccessibleName(name)
        for edit in (self.folder, self.name):
            edit.editingFinished.connect(self._wish)
        for box in (self.pdf, self.figures):
            box.setChecked(True)
            box.toggled.connect(lambda _on: self._wish())
        for key, text in FORMATS:
            self.kind.addItem(text, key)
        self.kind.currentIndexChanged.connect(lambda _index: self._show_twins())
        self.files.itemDoubleClicked.connect(lambda _item: self._open_file())
        layout = QVBoxLayout(self)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(self.note)
        layout.addWidget(
            self.twin.line(tr("Report on the command line"), tr("Copy the command that makes the report"))
        )
        layout.addWidget(
            self.export_twin.line(tr("Export on the command line"), tr("Copy the command that exports"))
        )

    def _middle(self) -> QWidget:
        whole = QSplitter(Qt.Orientation.Horizontal)
        whole.addWidget(self._wishes())
        whole.addWidget(self.pictures)
        whole.setSizes([520, 700])
        whole.setStretchFactor(1, 1)
        return whole

    def _wishes(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 6, 0)
        add = button(tr("Add runs…"), self._add, tr("Runs to stand side by side in one report"))
        remove = button(tr("Remove"), self._remove, tr("Remove the chosen run from the report"))
        choose = button("…", self._choose_folder, tr("Choose the folder of the report"))
        choose.setMaximumWidth(40)
        column.addLayout(row(heading(tr("Runs")), None, add, remove))
        column.addWidget(self.runs, 1)
        column.addWidget(heading(tr("Report")))
        column.addLayout(row(QLabel(tr("Folder")), self.folder, choose))
        column.addLayout(row(QLabel(tr("Name")), self.name))
        column.addLayout(row(self.pdf, self.figures, None, self.make))
        column.addWidget(heading(tr("Export")))
        column.addLayout(row(self.kind, None, self.export))
        column.addLayout(row(heading(tr("Files")), None, self.print_button, self.open))
        column.addWidget(self.files, 1)
        return box

    def _wish(self) -> None:
        folder = Path(self.folder.text()).expanduser()
        self.context.settings.set(FOLDER, str(folder))
        name = self.name.text().strip().removesuffix(".html")
        request = ReportRequest(folder, name, self.pdf.isChecked(), self.figures.isChecked())
        if request != self.model.request:
            self.model.set_request(request)

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of reports"), self.folder.text())
        if name:
            self.folder.setText(name)
            self._wish()

    def _add(self) -> None:
        start = self.context.settings.get("runs_folder", "")
        names, _ = QFileDialog.getOpenFileNames(self, tr("Runs"), start, tr("Runs (*.h5 *.journal)"))
        if names:
            self.model.set_runs([*self.model.runs, *map(Path, names)])

    def _remove(self) -> None:
        place = self.runs.currentRow()
        if place >= 0:
            self.model.set_runs([run for number, run in enumerate(self.model.runs) if number != place])

    def _export(self) -> None:
        self._wish()
        self.model.export(self.kind.currentData())

    def _print(self) -> None:
        self.model.printable(
            lambda page, pictures: preview(self, PrintedReport(page, pictures), self.model.say_failed)
        )

    def _open_file(self) -> None:
        place = max(self.files.currentRow(), 0)
        if place < len(self.model.files):
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.model.files[place])))

    def _show_twins(self) -> None:
        texts = (
            (self.twin, self.model.twin),
            (self.export_twin, self.model.export_twin(self.kind.currentData())),
        )
        for edit, text in texts:
            edit.show_command(text)

    def _changed(self) -> None:
        model = self.model
        _list(self.runs, model.runs)
        _list(self.files, model.files)
        for each in (self.make, self.export):
            each.setEnabled(model.ready)
        self.open.setEnabled(bool(model.files))
        self.name.setPlaceholderText(model.name)
        self._show_twins()
        self.pictures.show_pictures(model.pictures)
        self.print_button.setEnabled(model.ready)
        if model.busy:
            self.note.say(f"{model.busy}…", "note")
        elif model.said:
            self.note.say(model.said, "bad" if model.failed else "plain")
        elif model.files:
            self.note.say(ntr("{count} file made.", "{count} files made.", len(model.files)), "good")
        elif not model.runs:
            self.note.say(tr("Choose runs under Data, or add them here."), "quiet")
        else:
            self.note.say("", "quiet")


def _list(widget: QListWidget, paths: tuple[Path, ...]) -> None:
    if [str(path) for path in paths] == [widget.item(place).toolTip() for place in range(widget.count())]:
        return
    widget.clear()
    for path in paths:
        widget.addItem(path.name)
        widget.item(widget.count() - 1).setToolTip(str(path))
