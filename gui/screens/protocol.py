"""Protocol: the tree of steps, a form for each, findings while typing, the estimate, the preview."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QInputDialog,
    QMenu,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
)

from solbench.gui.layouts import divide
from solbench.gui.models.common.plain import Data
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context, able_of, note_unsaved
from solbench.gui.models.protocol import step_tree
from solbench.gui.models.protocol.chosen import last_protocol
from solbench.gui.models.protocol.comments import saved_words
from solbench.gui.models.protocol.drafts import draft_path
from solbench.gui.models.protocol.form import Field, meaning
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.models.protocol.step_tree import Place
from solbench.gui.models.protocol.telling import beside, in_one, told_of
from solbench.gui.models.protocol.validation import Judgement
from solbench.gui.models.protocol.wording import KIND_WORDS
from solbench.gui.palette import Colors
from solbench.gui.plots.saving import About
from solbench.gui.screens.form_view import FormView
from solbench.gui.screens.parts import (
    Note,
    Table,
    Tone,
    button,
    heading,
    literal,
    name_button,
    put_between,
    row,
    stacked,
)
from solbench.gui.screens.protocol_preview import ProtocolPreview
from solbench.gui.screens.protocol_tree import StepTree
from solbench.gui.screens.screen import SetupScreen
from solbench.gui.values import ChoiceBox
from solbench.protocols import CellRecord, load_cell, shipped_protocols
from solbench.protocols.errors import BadInput
from solbench.protocols.files import dump_text, parse_text
from solbench.protocols.findings import Finding
from solbench.protocols.plausible import UNKNOWN_INSTRUMENTS

REMEMBERED, FAVOURITES, STEPS = "protocols", "favourite_protocols", "my_steps"
MOST_RECENT = 10
SETTLE_MS = 300
MANY_STEPS = 30  # take longer to write, to read and to check than a key may
PAUSE_MS = 150  # from the last key to the check of so many


class ProtocolScreen(SetupScreen):
    """Edits the protocol of the next run."""

    key = "protocol"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.model = ProtocolEditor(context.protocol.value or last_protocol(context.settings))
        self._record: CellRecord | None = None
        self._form_of: tuple[object, ...] | None = None
        self._told_minute = -1
        self._settles = False  # what was typed is passed on once it is judged
        self._listed: tuple[Finding, ...] = ()
        self.form: FormView | None = None
        self.choice = ChoiceBox()
        self.choice.setAccessibleName(tr("Protocol"))
        self.choice.setMinimumWidth(240)
        self.choice.setPlaceholderText(tr("new, in no file yet"))
        self.choice.activated.connect(self._chosen)
        self.tour_part = self.tree = StepTree(context.numbers)
        self.tree.step_chosen.connect(self.model.choose)
        self.tree.steps_marked.connect(self._marked)
        self.tree.steps_dropped.connect(self.model.move_to)
        self.form_area = QScrollArea()
        self.form_area.setWidgetResizable(True)
        self.form_area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.form_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields scroll into view by themselves
        self.about = Note()
        self.form_heading = heading("")
        self.findings = Table(
            ("", tr("Field"), tr("Finding and cure")), tr("Findings"), numbers=context.numbers
        )
        self.findings.cellClicked.connect(lambda number, _: self._jump(number))
        self.findings.cellActivated.connect(lambda number, _: self._jump(number))
        self.totals = Note(tone="plain", keep=True)
        self.note = Note()
        self._make_buttons()
        self.preview = ProtocolPreview(context.jobs, self.model, self.make_savable)
        self._build()
        self._draft_timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._draft_timer.timeout.connect(self._settled)
        self._check_timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._check_timer.timeout.connect(self._judge)
        context.cell.subscribe(lambda _: self._cell_changed())
        context.bench.subscribe(lambda bench: self.model.set_bench(able_of(bench)))
        context.protocol.subscribe(self._from_outside)
        self.model.set_bench(able_of(context.bench.value))
        self.model.changed.subscribe(self._changed)
        self._cell_changed()
        self._changed()
        self._hand_over()

    def enter(self) -> None:
        """Check again: a draft of the cell may have changed, the file of the bench, and so has the expected end."""
        self._cell_changed()
        self.model.set_bench(able_of(self.context.bench.value))
        if self.model.judged:
            self._show_totals()

    def tick(self) -> None:
        """Let the expected end follow the clock."""
        if datetime.now().minute != self._told_minute and self.model.judged:
            self._show_totals()

    def show_habit(self) -> None:
        """Write numbers with the decimal sign chosen by the user."""
        super().show_habit()
        self._changed()

    def leave(self) -> None:
        """Pass the input to the other screens."""
        self._hand_over()

    def close_down(self) -> None:
        """Release work in progress."""
        self._draft_timer.stop()
        self._check_timer.stop()
        self.preview.close_down()

    def _make_buttons(self) -> None:
        self.add = QToolButton()
        self.add.setText(tr("Add step"))
        name_button(self.add, tr("Add a step after the chosen one, or into a chosen loop"))
        self.add.setToolTip(self.add.accessibleDescription())
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setMinimumHeight(32)
        menu = QMenu(self.add)
        for kind, words in KIND_WORDS.items():
            menu.addAction(words, lambda kind=kind: self.model.add(kind))
        menu.addSeparator()
        self.templates, self.forget = QMenu(tr("My steps"), self), QMenu(tr("Forget"), self)
        menu.addMenu(self.templates)
        self.templates.aboutToShow.connect(self._list_templates)
        self.add.setMenu(menu)
        self.favourite = QToolButton()
        self.favourite.setObjectName("star")
        self.favourite.setText("\u2606")
        self.favourite.setToolTip(tr("Keep this protocol at the top of the list"))
        name_button(self.favourite, self.favourite.toolTip())
        self.favourite.setCheckable(True)
        self.favourite.setMinimumHeight(32)
        self.favourite.clicked.connect(self._set_favourite)
        self.new = button(tr("New"), self._new, tr("Start a protocol without steps"))
        self.copy = button(
            tr("Copy"), self.model.duplicate, tr("Put a copy of the selected steps after them"), "Ctrl+D"
        )
        self.remove = button(tr("Delete"), self.model.remove, tr("Delete the selected steps"))
        self.up = button(
            "\u2191", lambda: self.model.move(-1), tr("Move the step up, into and out of loops"), "Alt+Up"
        )
        self.down = button(
            "\u2193", lambda: self.model.move(1), tr("Move the step down, into and out of loops"), "Alt+Down"
        )
        self.undo = button(tr("Undo"), self.model.undo, tr("Undo the last change"), "Ctrl+Z")
        self.redo = button(tr("Redo"), self.model.redo, tr("Redo the change"), "Ctrl+Shift+Z")
        self.save = button(
            tr("Save as…"), self._save, tr("Write the protocol to a file of your own"), "Ctrl+S"
        )
        self.save.setObjectName("primary")
        for arrow in (self.up, self.down):
            arrow.setMaximumWidth(40)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.tree)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.model.remove)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        open_file = button(tr("Open…"), self._open, tr("Choose a protocol file"))
        layout.addLayout(
            row(
                self.choice,
                self.favourite,
                self.new,
                open_file,
                self.save,
                self.undo,
                self.redo,
                None,
                self.preview.run,
            )
        )
        left, right = QSplitter(Qt.Orientation.Vertical), QSplitter(Qt.Orientation.Vertical)
        tools = row(self.add, self.copy, self.remove, self.up, self.down, None)
        left.addWidget(stacked(tools, self.tree))
        left.addWidget(self.preview)
        right.addWidget(stacked(self.form_heading, self.about, self.form_area))
        right.addWidget(stacked(heading(tr("Findings")), self.findings))
        both = QSplitter()
        both.addWidget(left)
        both.addWidget(right)
        for splitter, sizes in ((left, [250, 220]), (right, [420, 90]), (both, [480, 760])):
            divide(splitter, sizes)
            splitter.setChildrenCollapsible(False)
        right.setStretchFactor(0, 1)
        layout.addWidget(both, 1)
        layout.addWidget(self.note)  # below: coming and going, it must not move what is clicked
        layout.addWidget(self.totals)

    # actions of the user

    def _chosen(self, index: int) -> None:
        self._open_protocol(self.choice.itemData(index))

    def _new(self) -> None:
        lost = self.model.modified
        self.model.new()
        self._say_lost(lost)

    def _say_lost(self, lost: bool) -> None:
        self.note.say(tr("The changes before were not saved: Undo brings them back.") if lost else "", "note")

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("Protocol"), "", tr("Protocols (*.yaml *.json)"))
        if name:
            self._open_protocol(name)

    def _open_protocol(self, reference: str | None) -> None:
        if reference is None:
            return
        lost = self.model.modified
        try:
            self.model.open(reference)
        except BadInput as error:
            self.note.say(f"\u2717 {error}", "bad")
        else:
            self._say_lost(lost)
            self._remember(reference)

    def _save(self) -> None:
        suggested = (
            "protocol.yaml" if self.model.ships or self.model.reference is None else str(self.model.reference)
        )
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Protocol"), suggested, tr("Protocols (*.yaml *.json)")
        )
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the protocol to a file; problems are shown on the screen."""
        try:
            self.model.save(path)
        except BadInput as error:
            self.note.say(f"\u2717 {error}", "bad")
        else:
            self.note.say(saved_words(path, self.model.kept), "good")
            self._remember(str(path))

    def _remember(self, reference: str) -> None:
        self.context.settings.set("protocol", reference)
        if reference not in shipped_protocols():
            earlier = [name for name in self.context.settings.texts(REMEMBERED) if name != reference]
            self.context.settings.set_texts(REMEMBERED, [reference, *earlier][:MOST_RECENT])
        self._show_choices()

    def _marked(self, places: tuple[Place, ...]) -> None:
        self.model.marked = places if len(places) > 1 else ()

    def _list_templates(self) -> None:
        """Offer the steps that were kept, and to keep those that are selected."""
        self.templates.clear()
        for name in sorted(self._kept_steps()):
            self.templates.addAction(
                literal(name), lambda name=name: self.model.put_in(self._kept_steps()[name])
            )
        if self._kept_steps():
            self.templates.addSeparator()
        self.templates.addAction(tr("Keep the selected steps…"), self._keep_steps).setEnabled(
            bool(self.model.group)
        )
        self.forget.clear()
        self.templates.addMenu(self.forget).setEnabled(bool(self._kept_steps()))
        for name in sorted(self._kept_steps()):
            self.forget.addAction(literal(name), lambda name=name: self._put_kept(name, None))

    def _keep_steps(self) -> None:
        steps = self.model.kept_steps
        usual = str(steps[0].get("name") or "steps") if steps else ""
        name, wanted = QInputDialog.getText(self, tr("My steps"), tr("Name of these steps"), text=usual)
        if wanted and name.strip() and steps:
            self._put_kept(name.strip(), steps)

    def _kept_steps(self) -> dict[str, list[Data]]:
        """Return the steps that were kept, by name; what is damaged is left out."""
        kept: dict[str, object] = self.context.settings.get(STEPS, {})
        return {
            name: [step for step in steps if isinstance(step, dict)]
            for name, steps in kept.items()
            if isinstance(steps, list) and steps
        }

    def _put_kept(self, name: str, steps: list[Data] | None) -> None:
        kept: dict[str, JsonValue] = {other: [*each] for other, each in self._kept_steps().items()}
        kept.pop(name, None)
        if steps:
            kept[name] = [*steps]
        self.context.settings.set(STEPS, kept)

    def _set_favourite(self, on: bool) -> None:
        reference = self.model.reference
        if reference is not None:
            others = [name for name in self.context.settings.texts(FAVOURITES) if name != reference]
            self.context.settings.set_texts(FAVOURITES, [*others, reference] if on else others)
        self._show_choices()

    def _jump(self, number: int) -> None:
        if number >= len(self._listed):
            return
        finding = self._listed[number]
        if not self.model.judged:
            self._show_judgement()
            if finding not in self._listed:
                return
        if finding.source == "cell":
            self.context.show("cell")
            return
        rest = self.model.choose_field_of(finding.field)
        if self.form is not None:
            self.form.focus_on(rest)

    # changes of the models

    def _from_outside(self, reference: str | None) -> None:
        if reference is not None and reference not in (self.model.reference, str(draft_path("protocol"))):
            self._open_protocol(reference)

    def _cell_changed(self) -> None:
        reference = self.context.cell.value
        try:
            self._record = load_cell(reference) if reference else None
        except BadInput as error:
            self._record = None
            self.note.say(f"\u2717 {error}", "bad")
        self.model.set_cell(self._record)

    def _settled(self) -> None:
        """Pass on what was typed; the text of many steps is written and read in a thread first, and kept."""
        if not self._has_many_steps:
            self._hand_over()
            return
        data = deepcopy(self.model.data)

        def done(_known: object) -> None:
            if self._draft_timer.isActive():  # there is more to come
                return
            if self.model.judged:
                self._hand_over()
            else:
                self._settles = True

        self.context.jobs.call(lambda: parse_text(dump_text(data), "draft"), done, done)

    def _hand_over(self) -> None:
        """Pass on the protocol for `solbench run`; an unsaved protocol is a draft."""
        self._draft_timer.stop()
        self._settles = False
        if self.model.judgement.protocol is None:
            self.context.protocol.set(None)  # a run must not use the protocol as it was before the mistake
        elif self.model.modified or self.model.reference is None:
            draft = draft_path("protocol")
            self.model.write(draft)
            self.context.protocol.set(str(draft))
        else:
            self.context.protocol.set(self.model.reference)

    def _changed(self) -> None:
        model = self.model
        self._show_choices()
        self.tree.show_steps(model.data, model.chosen, model.marked)
        self._show_form()
        if model.judged or not self._has_many_steps:
            self._show_judgement()
        else:
            self._wait_for_check()
        self.undo.setEnabled(model.can_undo)
        self.redo.setEnabled(model.can_redo)
        for each in (self.copy, self.remove, self.up, self.down):
            each.setEnabled(model.chosen is not None)
        note_unsaved(self.context, tr("the protocol"), model.modified)
        self._settles = False
        self._draft_timer.start()

    @property
    def _has_many_steps(self) -> bool:
        return sum(1 for _ in step_tree.places(self.model.data)) >= MANY_STEPS

    def _wait_for_check(self) -> None:
        """Say that what is typed is not checked yet; the findings before it can still be clicked on."""
        self._check_timer.start()
        self._show_findings()
        self.totals.say(tr("being checked…"), "quiet")
        self.preview.show_protocol(self._record)

    def _judge(self) -> None:
        """Judge many steps in a thread: that takes as long as a window must not stand still."""
        work, take = self.model.to_judge()

        def done(found: Judgement) -> None:
            if take(found):
                self._show_judgement()
                if self._settles:
                    self._hand_over()

        self.context.jobs.call(work, done, lambda _error: self._show_judgement())

    def _show_judgement(self) -> None:
        """Show what was found; who runs the protocol or passes it on asks the model, which knows what is typed now."""
        self._check_timer.stop()
        self._listed = self.model.judgement.findings
        self._show_findings()
        self._show_totals()
        self.preview.show_protocol(self._record)

    def _show_totals(self) -> None:
        now = datetime.now()
        self._told_minute = now.minute
        self.totals.say(self.context.numbers.localized(self.model.judgement.totals(now)), "plain")

    def _show_choices(self) -> None:
        shipped = shipped_protocols()
        recent = [name for name in self.context.settings.texts(REMEMBERED) if Path(name).exists()]
        favourites = [
            name for name in self.context.settings.texts(FAVOURITES) if name in shipped or Path(name).exists()
        ]
        self.choice.clear()
        for reference in dict.fromkeys([*favourites, *shipped, *recent]):
            star = "\u2605 " if reference in favourites else ""
            self.choice.addItem(star + Path(reference).name.removesuffix(".yaml"), reference)
        self.favourite.setEnabled(self.model.reference is not None)
        self.favourite.setChecked(self.model.reference in favourites)
        self.favourite.setText("\u2605" if self.favourite.isChecked() else "\u2606")
        index = self.choice.findData(self.model.reference)
        if index >= 0 and self.model.modified:
            self.choice.setItemText(index, tr("{name} (changed)", name=self.choice.itemText(index)))
        self.choice.setCurrentIndex(index)

    def _show_form(self) -> None:
        """Make a new form only for another step, so that the form in use keeps its cursor."""
        builds = tuple(self._record.builds) if self._record is not None else ()
        wanted = (self.model.chosen, self.model.target.get("kind"), builds, self.model.able)
        if wanted == self._form_of and self.form is not None:
            self.form.refresh()
            return
        self._form_of = wanted
        kind = str(self.model.target.get("kind"))
        self.form_heading.setText(tr("Protocol") if self.model.chosen is None else KIND_WORDS.get(kind, kind))
        self.about.say(self.model.about, "quiet")
        self.form = FormView(
            self.model.form,
            self.model.value,
            self.model.set,
            self._explain,
            numbers=self.context.numbers,
            fill=self.model.filled,
        )
        self.form_area.setWidget(self.form)
        put_between(self.tree, self.form, self.findings)

    def _explain(self, field: Field, text: str) -> str:
        return meaning(field, text, self.model.build)

    def _show_findings(self) -> None:
        marks: dict[str, tuple[str, Tone]] = {
            "error": ("✗ " + tr("error"), "bad"),
            "warning": ("! " + tr("warning"), "note"),
        }
        rows: list[tuple[Sequence[str], Tone]] = []
        for finding in self._listed:
            mark, tone = marks[finding.grade]
            rows.append(((mark, finding.field, in_one(*told_of(finding))), tone))
        checking = self._check_timer.isActive() or not self.model.judged
        if checking:
            rows.append((("…", "", tr("being checked…")), "quiet"))
        elif not rows:
            about = (
                tr("nothing found")
                if self._record is not None
                else tr("no cell chosen: only the form was looked at")
            )
            rows.append((("\u2713", "", about), "good"))
        if self.model.able == UNKNOWN_INSTRUMENTS:
            text = tr("the file of the bench cannot be read: what the bench cannot do is not looked for")
            rows.append((("!", "", text), "note"))
        self.findings.fill(rows)
        if self.form is not None and not checking:
            here = [
                (place, rest, f"{marks[each.grade][0][0]} {beside(each)}")
                for each in self._listed
                for place, rest in step_tree.told_at(self.model.data, each.field)
            ]
            self.form.tell(
                [(rest, words) for place, rest, words in here if place == self.model.chosen and rest]
            )

    def about_plots(self) -> About:
        """Say what is previewed; a preview is always simulated."""
        name = str(self.model.data.get("name") or "protocol")
        return About(f"SIMULATED preview of {name}", f"preview-{name}")

    def set_colors(self, colors: Colors) -> None:
        """Set the colours."""
        self.preview.set_colors(colors)
        self._show_findings()
