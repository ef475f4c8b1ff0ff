"""Data: the runs of a folder, and selected ones overlaid."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
)

from solbench.gui.models.common.settings import default_folder
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.runs.browser import Browser, matches
from solbench.gui.models.runs.columns import cells_of, sorted_by
from solbench.gui.models.runs.correcting import Correcting
from solbench.gui.models.runs.figures import RunFigures
from solbench.gui.models.runs.life import LifeModel
from solbench.gui.models.runs.overlay import KINDS, curves_of
from solbench.gui.models.runs.overview import Overview
from solbench.gui.models.runs.tagging import Tagging
from solbench.gui.palette import LIGHT, Colors
from solbench.gui.plots.saving import About
from solbench.gui.screens.parts import CommandLine, Note, Tone, button, row
from solbench.gui.screens.runs.correcting import CorrectDialog
from solbench.gui.screens.runs.free import FreeView
from solbench.gui.screens.runs.life import LifeView
from solbench.gui.screens.runs.overlaid import Overlaid
from solbench.gui.screens.runs.pictures import Pictures
from solbench.gui.screens.runs.table import Line, RunTable
from solbench.gui.screens.runs.tagging import TagsDialog
from solbench.gui.screens.screen import Screen
from solbench.gui.values import ChoiceBox

FOLDER = "runs_folder"


class DataScreen(Screen):
    """Lists runs; selected ones are overlaid and can be opened, fitted, reported."""

    key = "data"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = Browser(context.jobs, Path(context.settings.get(FOLDER, str(default_folder()))))
        self.listed: list[Overview] = []
        self.folder = QLineEdit(str(self.model.folder))
        self.words = QLineEdit()
        self.tour_part = self.table = RunTable(context.numbers, context.settings)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # long names differ at their ends
        self.table.ticked.connect(self._tick)
        self.table.arranged.connect(self._arranged)
        self.views = {kind.key: Overlaid(LIGHT, kind.name, kind.equal_axes) for kind in KINDS}
        self.plots = {key: view.plot for key, view in self.views.items()}
        self.free = FreeView(context.jobs, LIGHT)
        self.figures = RunFigures(context.jobs)
        self.pictures = Pictures(tr("Figures of the chosen runs"), "")
        self.cells, self.tags = ChoiceBox(), ChoiceBox()
        self.life = LifeView(LifeModel(context.jobs), LIGHT, context.numbers)
        self.correcting: CorrectDialog | None = None
        self.tagging: TagsDialog | None = None
        self.tabs = QTabWidget()
        self.note = Note()
        self.open = button(tr("Open"), self._open, tr("Show the chosen run on the live screen"))
        self.fit = button(
            tr("Fit"), lambda: self._hand_over("fit"), tr("Fit circuits to the spectra of the chosen runs")
        )
        self.report = button(
            tr("Report or export"),
            lambda: self._hand_over("report"),
            tr("One page, or files, of the chosen runs"),
        )
        self.under = button(
            tr("Show under live"),
            self._toggle_under,
            tr("Draw the chosen run faintly under the run on the live screen"),
        )
        self.correct = button(
            tr("Correct…"), self._correct, tr("Correct what was typed about the cell of the chosen run")
        )
        self.tag = button(tr("Tags…"), self._tag, tr("Give the chosen runs tags, or take them away"))
        self.twin = CommandLine()
        self._drawn: dict[str, object] = {}
        self._filling = False
        self._away = self._missed = False  # behind another screen nothing is drawn
        self._build()
        self.model.want(self.table.columns)
        self.setAcceptDrops(True)
        self.model.kept = lambda: context.beneath.value
        self.model.changed.subscribe(self._changed)
        self.figures.changed.subscribe(self._changed)
        context.beneath.subscribe(lambda _run: self._changed())
        self._changed()

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        for view in self.views.values():
            view.set_colors(colors)
        self.free.set_colors(colors)
        self.life.set_colors(colors)
        self._fill()

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self.table.show_habit()

    def about_plots(self) -> About:
        """Say what is overlaid."""
        runs = self.model.shown
        marks = dict.fromkeys(run.mark for run in runs if run.mark)
        words = "; ".join(dict.fromkeys(run.title for run in runs))
        return About("  ".join((*marks, words)), "-".join(run.path.stem for run in runs[:2]))

    def enter(self) -> None:
        """List the folder again; it is the one to which runs were last written."""
        self._away = False
        if self._missed:
            self._changed()
        folder = Path(self.context.settings.get(FOLDER, str(self.model.folder)))
        self.folder.setText(str(folder))
        self.model.look(folder)

    def leave(self) -> None:
        """Draw nothing until the screen comes to the front again."""
        self._away = True

    def tick(self) -> None:
        """Follow the selected runs in progress, and the folder."""
        self.model.tick()

    def close_down(self) -> None:
        """Release the runs."""
        self.model.close()
        self.figures.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept run files and journals; a folder is left to the window."""
        if _runs_in(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Overlay the dropped runs on those shown."""
        self.model.add(_runs_in(event))

    def _build(self) -> None:
        self.folder.setAccessibleName(tr("Folder of the runs"))
        self.folder.editingFinished.connect(lambda: self.show_folder(Path(self.folder.text()).expanduser()))
        self.words.setAccessibleName(tr("Find runs"))
        self.words.setPlaceholderText(tr("find: cell, protocol, tag, date …"))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(lambda _text: self._fill())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self.table.doubleClicked.connect(lambda _index: self._open())
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        for kind in KINDS:
            self.tabs.addTab(self.views[kind.key], kind.name)
        self.tabs.addTab(self.free, tr("x and y…"))
        self.tabs.addTab(self.pictures, tr("Experiments"))
        self.tabs.setTabToolTip(
            self.tabs.indexOf(self.pictures),
            tr(
                "Figures of the experiments in the runs, such as Arrhenius or critical current, and relaxation times"
            ),
        )
        self.tabs.addTab(self.life, tr("Cell"))
        self.tabs.currentChanged.connect(lambda _index: self._changed())
        choose = button("…", self._choose, tr("Choose another folder"))
        choose.setMaximumWidth(40)
        again = button(tr("Look again"), self.model.look_again, tr("List the folder again"))
        whole = QSplitter(Qt.Orientation.Vertical)
        whole.addWidget(self.table)
        whole.addWidget(self.tabs)
        whole.setSizes([190, 380])
        whole.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        self.cells.setAccessibleName(tr("Runs of the cell"))
        self.cells.setToolTip(tr("List the runs of one cell alone"))
        self.cells.setSizeAdjustPolicy(self.cells.SizeAdjustPolicy.AdjustToContents)
        self.cells.activated.connect(lambda _index: self._fill())
        self.tags.setAccessibleName(tr("Runs with the tag"))
        self.tags.setToolTip(tr("List the runs with one tag alone"))
        self.tags.setSizeAdjustPolicy(self.tags.SizeAdjustPolicy.AdjustToContents)
        self.tags.activated.connect(lambda _index: self._fill())
        layout.addLayout(
            row(QLabel(tr("Folder")), self.folder, choose, again, self.cells, self.tags, self.words)
        )
        layout.addWidget(whole, 1)
        below = row(self.note, self.under, self.tag, self.correct, self.open, self.fit, self.report)
        below.setStretch(0, 1)
        layout.addLayout(below)
        layout.addWidget(self.twin.line())

    def _choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder of runs"), self.folder.text())
        if name:
            self.show_folder(Path(name))

    def show_folder(self, folder: Path) -> None:
        """List the runs of another folder."""
        self.folder.setText(str(folder))
        self.context.settings.set(FOLDER, str(folder))
        self.model.look(folder)

    def _selected(self) -> None:
        if self._filling:
            return
        places = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        self.model.choose([self.listed[place].path for place in places])

    def _changed(self) -> None:
        self._missed = self._away
        if self._away:
            return
        self._fill()
        self._draw()
        for each in (self.open, self.fit, self.report, self.tag):
            each.setEnabled(bool(self.model.chosen))
        self.open.setEnabled(len(self.model.chosen) == 1)
        self.correct.setEnabled(len(self.model.chosen) == 1)
        self._offer_under()
        in_front = self.tabs.currentWidget() is self.pictures
        self.twin.show_command(self.figures.twin if in_front and self.figures.runs else self.model.twin)
        if in_front and self.figures.said:
            self.note.say(self.figures.said, "bad" if self.figures.failed else "note")
        elif self.model.problem:
            self.note.say(self.model.problem, "bad")
        elif self.model.waits:
            self.note.say(tr("reading…"), "note")
        else:
            self.note.say(self._words(), "quiet")

    def _words(self) -> str:
        if not self.model.chosen:
            return tr("Choose a run by a click, several by their ticks, or drop run files here.")
        reasons = [row.reason for row in self.listed if row.path in self.model.chosen]
        return reasons[0] if len(reasons) == 1 else tr("{count} runs, overlaid", count=len(self.model.chosen))

    def _arranged(self) -> None:
        self.model.want(self.table.columns)
        self._fill()

    def _fill(self) -> None:
        counts = Counter(filter(None, map(cell_of, self.model.rows)))
        self._offer(
            self.cells, tr("all cells"), {cell: f"{cell} ({counts[cell]})" for cell in sorted(counts)}
        )
        self._offer(self.tags, tr("all tags"), {tag: tag for tag in self.model.tags})
        self.tags.setVisible(self.tags.count() > 1)
        cell, tag = self.cells.currentData() or "", self.tags.currentData() or ""
        listed = [
            self.model.with_news(row)
            for row in self.model.rows
            if matches(row, self.words.text(), tag) and cell in ("", cell_of(row))
        ]
        if self.table.order is not None:
            name, down = self.table.order
            listed = sorted_by(listed, name, self.model.fitted, down=down)
        rows: list[Line] = [(cells_of(row, self.model.fitted(row.path)), _tone(row)) for row in listed]
        paths = [row.path for row in listed]  # lines of the same texts may be of other runs
        version = (paths, rows, self.model.chosen)
        self.listed = listed
        if self._drawn.get("table") == version:
            return
        self._drawn["table"] = version
        self._filling = True  # this restores an earlier selection
        chosen = [place for place, path in enumerate(paths) if path in self.model.chosen]
        selection, flags = self.table.selectionModel(), QItemSelectionModel.SelectionFlag
        selection.clear()  # a key held down would have kept it
        self.table.fill(rows, chosen)
        for place in chosen:
            selection.select(self.table.lines.index(place, 0), flags.Select | flags.Rows)
        self._filling = False

    def _tick(self, place: int) -> None:
        """Take a run into those that are chosen, or out of them."""
        path = self.listed[place].path
        before = [each for each in self.model.chosen if each != path]
        self.model.choose(before if path in self.model.chosen else [*before, path])

    def _offer(self, box: ChoiceBox, every: str, texts: Mapping[str, str]) -> None:
        """Offer to list some runs alone, by name with a text; what is chosen stays."""
        entries = {"": every, **texts}
        if entries == {box.itemData(place): box.itemText(place) for place in range(box.count())}:
            return
        chosen = box.currentData() or ""
        box.clear()
        for name, text in entries.items():
            box.addItem(text, name)
        box.setCurrentIndex(max(box.findData(chosen), 0))

    def _draw(self) -> None:
        if self.tabs.currentWidget() is self.life:
            self._show_life()
            return
        if self.tabs.currentWidget() is self.pictures:
            if len(self.model.shown) == len(self.model.chosen):  # all are read: each drawing takes seconds
                self.figures.show(self.model.chosen)
            self.pictures.show_pictures(self.figures.pictures)
            return
        version = [(run.number, run.version, run.spectra.version) for run in self.model.shown]
        if self.tabs.currentWidget() is self.free:
            if self._drawn.get("free") != version:
                self._drawn["free"] = version
                self.free.show_runs(self.model.shown)
            return
        waits = self.model.waits
        kind = KINDS[self.tabs.currentIndex()]
        if self._drawn.get(kind.key) != (version, waits):
            self._drawn[kind.key] = version, waits
            self.views[kind.key].show_curves(curves_of(kind, self.model.shown), waits=waits)

    def _show_life(self) -> None:
        """Show the life of the cell of the run that was chosen first."""
        first = next((row for row in self.listed if row.path in self.model.chosen[:1]), None)
        cell = cell_of(first) if first is not None else ""
        self.life.model.show(cell, self.model.folder)

    def _correct(self) -> None:
        if len(self.model.chosen) != 1:
            return
        (path,) = self.model.chosen
        self.correcting = CorrectDialog(
            self, Correcting(self.context.jobs, path, lambda: self._corrected(path))
        )
        self.correcting.open()

    def _tag(self) -> None:
        runs = {row.path: row.tags for row in self.model.rows if row.path in self.model.chosen}
        if runs:
            model = Tagging(self.context.jobs, runs, self.model.tags, self.model.look)
            self.tagging = TagsDialog(self, model)
            self.tagging.open()

    def _corrected(self, path: Path) -> None:
        self.context.message.set(tr("{path} is corrected", path=path.stem))
        self.model.again(path)
        self.figures.show(self.figures.runs, again=True)
        self.life.model.show(self.life.model.cell, self.life.model.folder, again=True)

    def _open(self) -> None:
        if len(self.model.chosen) == 1:
            self.context.show(str(self.model.chosen[0]))

    def _offer_under(self) -> None:
        """Label the button with its action: draw the selected run under the live one, or remove it there."""
        there = self.context.beneath.value is not None and self.context.beneath.value in self.model.shown
        self.under.setText(tr("Take from live") if there else tr("Show under live"))
        self.under.setEnabled(len(self.model.chosen) == len(self.model.shown) == 1)

    def _toggle_under(self) -> None:
        (run,) = self.model.shown
        there = run is self.context.beneath.value
        self.context.beneath.set(None if there else run)
        words = (
            tr("{run} is no longer drawn under the run on the live screen", run=run.path.stem)
            if there
            else tr("{run} is drawn, faintly, under the run on the live screen", run=run.path.stem)
        )
        self.context.message.set(words)

    def _hand_over(self, screen: str) -> None:
        self.context.chosen.set(self.model.chosen)
        self.context.show(screen)


def cell_of(row: Overview) -> str:
    """Return the cell of a run: its id, else the name of its record."""
    return row.cell_id or row.cell


_TONES: dict[str, Tone] = {"✓": "good", "▶": "note", "!": "bad", "✗": "bad", "…": "quiet"}


def _tone(row: Overview) -> Tone:
    return _TONES[row.state[0]]


def _runs_in(event: QDropEvent) -> list[Path]:
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
    return [path for path in files if path.suffix in (".h5", ".journal")]
