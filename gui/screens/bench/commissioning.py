"""Guided commissioning: the steps, how each part is clamped, and the values as they are found."""

import math
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from solbench.acquisition.bench.commissioning.record import STEPS, Step
from solbench.acquisition.commission.messages import MountAsked, NumberAsked
from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context, note_unsaved
from solbench.gui.models.setup.commissioning import Choice, CommissioningModel, StepRow
from solbench.gui.screens.bench.clamping import Clamping
from solbench.gui.screens.parts import CommandLine, Note, Table, Tone, button, heading, row, stacked
from solbench.gui.values import ChoiceBox

BY = "commissioned_by"
MISSING, ANEW = "missing", "anew"
LOST = tr("what the present step of the commissioning has measured")
WORDS_MIN_HEIGHT = 54  # of what is asked, so that the buttons below stay where they are


class CommissioningPage(QWidget):
    """Carries out the procedure with a person; `back` shows what was there before."""

    def __init__(self, context: Context, back: Callable[[], None]) -> None:
        super().__init__()
        self.context = context
        self.model = CommissioningModel(context.jobs)
        self.bench = ""
        self.title = heading(tr("Commissioning"))
        self.back = button(tr("← Connect"), back, tr("Back to Connect; the procedure goes on"))
        self.by = QLineEdit(context.settings.get(BY, ""))
        self.by.setPlaceholderText("E. Example")
        self.by.setAccessibleName(tr("Who commissions the bench"))
        self.by.setMaximumWidth(180)
        self.by.textChanged.connect(lambda _: self._changed())
        self.what = ChoiceBox()
        self.what.setAccessibleName(tr("What is carried out"))
        self.what.addItem(tr("steps still missing"), MISSING)
        self.what.addItem(tr("all steps again"), ANEW)
        for step, one in self.model.rows.items():
            self.what.addItem(tr("{step} ({name}) again", step=step, name=one.name), step)
        self.what.activated.connect(lambda *_: self._changed())
        self.begin = button(
            tr("Begin"), self._begin, tr("Begin the procedure, or continue where it was left")
        )
        self.begin.setObjectName("primary")
        self.stop = button(
            tr("Stop"), self.model.stop, tr("Stop: the cell is switched off, what was found is kept")
        )
        self.boxes: dict[Step, QCheckBox] = {}
        self._words: dict[Step, QLabel] = {}
        self._bounds: dict[Step, QLabel] = {}
        self.drawing = Clamping()
        self.question = Note("", "plain", keep=True)
        self.question.setMinimumHeight(WORDS_MIN_HEIGHT)
        self.question.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.clamped = button(
            tr("It is clamped"), self._clamped, tr("The part is clamped as drawn: measure it")
        )
        self.clamped.setObjectName("primary")
        self.missing = button(tr("Not available"), self._missing, tr("Leave this part out"))
        self.number = QLineEdit()
        self.number.setMaximumWidth(120)
        self.number.returnPressed.connect(self._enter)
        self.unit = QLabel()
        self.enter_number = button(tr("Enter"), self._enter, tr("Enter the number that was read"))
        self.none = button(tr("No other instrument"), self._none, tr("There is no such instrument here"))
        self.shown = Note("", "quiet", keep=True)
        self.values = Table(
            (tr("Step"), tr("Value"), tr("Found")), tr("Values found"), 1, numbers=context.numbers
        )
        self.values.setSelectionMode(Table.SelectionMode.NoSelection)
        self.twin = CommandLine()
        self._build()
        self.model.changed.subscribe(self._changed)
        self.model.over.subscribe(self._over)
        context.stopping.subscribe(self.model.stop)
        self._changed()

    def show_bench(self, reference: str, name: str) -> None:
        """Be about this bench file, unless another one is being commissioned."""
        if not self.model.busy:
            self.bench = reference
            self.title.setText(tr("Commissioning of {name}", name=name))
            self.model.look(reference)
            self._changed()

    def close_down(self) -> None:
        """Let go of the procedure; it ends with the bench safe."""
        self.model.close()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        by = (QLabel(tr("By")), self.by, self.what, self.stop, self.begin)
        layout.addLayout(row(self.back, self.title, None, *by))
        parts = QSplitter()
        parts.addWidget(stacked(heading(tr("Steps (untick one to leave it out)")), self._steps(), None))
        answers = row(self.clamped, self.missing, self.number, self.unit, self.enter_number, self.none, None)
        right = stacked(
            heading(tr("What to do now")),
            self.drawing,
            self.question,
            answers,
            self.shown,
            heading(tr("Found")),
            self.values,
        )
        parts.addWidget(right)
        parts.setSizes([520, 640])
        parts.setChildrenCollapsible(False)
        layout.addWidget(parts, 1)
        layout.addWidget(self.twin.line())

    def _steps(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        for place, step in enumerate(STEPS):
            box = self.boxes[step] = QCheckBox(f"{step}  {self.model.rows[step].name}")
            box.setChecked(True)
            box.toggled.connect(lambda _: self._changed())
            word, bound = QLabel(), QLabel()
            bound.setWordWrap(True)
            bound.setObjectName("faint")
            for column, each in enumerate((box, word, bound)):
                grid.addWidget(each, place, column)
            self._words[step], self._bounds[step] = word, bound
        return holder

    @property
    def choice(self) -> Choice:
        """Get what is to be commissioned, by the fields."""
        left_out: frozenset[Step] = frozenset(step for step, box in self.boxes.items() if not box.isChecked())
        what = self.what.currentData()
        again: Step | None = what if what in STEPS else None
        return Choice(self.bench, self.by.text().strip(), left_out, what == ANEW, again)

    def _begin(self) -> None:
        self.context.settings.set(BY, self.by.text().strip())
        choice = self.choice
        self.what.setCurrentIndex(0)  # who goes on afterwards wants what is missing
        self.model.start(choice)

    def _clamped(self) -> None:
        self.model.answer(mounted=True)

    def _missing(self) -> None:
        self.model.answer(mounted=False)

    def _enter(self) -> None:
        try:
            number = float(self.context.numbers.to_file(self.number.text()))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.shown.say(tr("Write a number, such as 1.4987."), "bad")
            return
        self.number.clear()
        self.model.answer(number=number)

    def _none(self) -> None:
        self.model.answer(number=None)

    def _over(self) -> None:
        self.context.look_at_bench()
        self.context.recorded(self.bench)

    def _changed(self) -> None:
        model = self.model
        note_unsaved(self.context, LOST, model.busy)
        for step, one in model.rows.items():
            self._show_step(step, one)
        for each in (self.by, self.what):
            each.setEnabled(not model.busy)
        self.begin.setVisible(not model.busy)
        self.begin.setEnabled(bool(self.bench and self.by.text().strip()))
        self.stop.setVisible(model.busy)
        self.stop.setEnabled(model.state != "stopping")
        self.twin.show_command(as_typed("solbench", *self.choice.arguments))
        self._show_question()
        self._show_values()

    def _show_step(self, step: Step, one: StepRow) -> None:
        tones: dict[str | None, Tone] = {"passed": "good", "failed": "bad", "left_out": "note"}
        self.boxes[step].setEnabled(not self.model.busy)
        self._words[step].setText(one.word)
        self._words[step].setToolTip(one.remark)
        detail = one.remark or (tr("within: {passes}", passes=one.passes) if one.passes else "")
        if not self.boxes[step].isChecked() and one.cost and not one.remark:
            detail = tr("left out: {cost}", cost=one.cost)
        self._bounds[step].setText(self.context.numbers.localized(detail))
        font = self._words[step].font()
        font.setBold(one.under_way or tones.get(one.outcome) == "bad")
        self._words[step].setFont(font)

    def _show_question(self) -> None:
        asked = self.model.question
        is_part, is_number = isinstance(asked, MountAsked), isinstance(asked, NumberAsked)
        for each in (self.clamped, self.missing):
            each.setVisible(is_part)
        for one in (self.number, self.unit, self.enter_number, self.none):
            one.setVisible(is_number)
        self.drawing.show_mounting(asked if isinstance(asked, MountAsked) else None)
        if isinstance(asked, MountAsked):
            words = asked.words + "\n" + tr("Without it: {cost}.", cost=asked.cost)
            self.question.say(self.context.numbers.localized(words), "plain")
        elif isinstance(asked, NumberAsked):
            self.unit.setText(asked.unit)
            self.number.setAccessibleName(asked.question)
            simulated = (
                " " + tr("The simulated one shows {value:.4f} {unit}.", value=asked.shown, unit=asked.unit)
                if asked.shown
                else ""
            )
            self.question.say(self.context.numbers.localized(asked.question + simulated), "plain")
        else:
            self.question.say(*self._state_words())
        self.shown.say(self.context.numbers.localized(self.model.shown))

    def _state_words(self) -> tuple[str, Tone]:
        model = self.model
        if model.problem:
            return model.problem, "bad"
        if model.result is not None and not model.busy:
            until = (
                " " + tr("It holds until {date:%Y-%m-%d}.", date=model.result.ends)
                if model.result.ends
                else ""
            )
            begun = (
                tr("{reason}; the bench is safe.", reason=model.result.stopped) + " "
                if model.result.stopped
                else ""
            )
            good: Tone = "note" if model.result.lacks_direct or model.result.lacks_spectra else "good"
            record = tr("The record is {file}.", file=model.result.record)
            words = f"{begun}{model.result.standing}.{until} {record}"
            return words[0].upper() + words[1:], good
        states = {
            "idle": tr(
                "The cell is taken out of the leads; the parts are a dummy cell, resistors, a dry "
                "cell and a short bar. It takes 90 to 120 minutes, can be stopped at any time, and "
                "goes on where it was left."
            ),
            "starting": tr("The instruments are being opened…"),
            "measuring": tr("Measuring: leave the leads as they are…"),
            "stopping": tr("Stopping: the cell is being switched off…"),
        }
        return states.get(model.state, ""), "note" if model.busy else "quiet"

    def _show_values(self) -> None:
        self.values.fill(
            ((one.step, value.name, value.text), "plain")
            for one in self.model.rows.values()
            for value in one.values
        )
        self.values.scrollToBottom()
