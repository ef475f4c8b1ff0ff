"""Guided commissioning: `solbench commission --guided` beside the window, folded into what a screen shows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import ValidationError

from solbench.acquisition.bench.commissioning.record import NAMES, STEPS, Outcome, Step
from solbench.acquisition.commission.messages import (
    SAID,
    Answered,
    Begun,
    MountAsked,
    NumberAsked,
    Over,
    Planned,
    Shown,
    StepDone,
    Stopping,
    Told,
    ValueLine,
)
from solbench.gui.models.common.jobs import Conversation, Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr

MOST_TOLD = 200
NOT_HERE = tr("this bench has no such step")
Question = MountAsked | NumberAsked
State = Literal["idle", "starting", "measuring", "asking", "stopping", "over"]


@dataclass(frozen=True)
class StepRow:
    """One step as the screen shows it: what came of it, within what it passes, and what it found."""

    step: Step
    name: str
    outcome: Outcome | None = None
    remark: str = ""
    passes: str = ""
    cost: str = ""
    to_do: bool = True
    under_way: bool = False
    values: tuple[ValueLine, ...] = ()

    @property
    def word(self) -> str:
        """Get where it stands, in a symbol and a word."""
        if self.under_way:
            return "▶ " + tr("now")
        words = {
            "passed": "✓ " + tr("passed"),
            "failed": "✗ " + tr("failed"),
            "left_out": "– " + tr("left out"),
        }
        if self.outcome is not None:
            return words[self.outcome]
        return "\u2013" if self.remark == NOT_HERE else tr("not yet")


@dataclass(frozen=True)
class Choice:
    """What is to be commissioned: the bench file, by whom, without which steps, and whether from the beginning.

    `again`: the one step that is carried out again, None for all that are missing.
    """

    bench: str
    by: str
    left_out: frozenset[Step] = field(default_factory=frozenset)
    anew: bool = False
    again: Step | None = None

    @property
    def arguments(self) -> list[str]:
        """Get the command that does it, for the window and for copying."""
        made = ["commission", self.bench, "--by", self.by]
        if self.left_out and self.again is None:
            made += ["--leave-out", ",".join(step for step in STEPS if step in self.left_out)]
        if self.again is not None:
            made += ["--only", self.again]
        return [*made, *(["--anew"] if self.anew else [])]


class CommissioningModel:
    """The procedure as it goes; `changed` is called after every change, `over` once it has ended.

    `question` is what a person is to do or read, None while nothing is asked; `shown` what was measured last; `result`
    how it ended; `problem` why it could not go on.
    """

    def __init__(self, jobs: Jobs) -> None:
        self.changed, self.over = Observers(), Observers()
        self._jobs = jobs
        self._talk: Conversation | None = None
        self._looked = 0
        self._forget()

    def _forget(self) -> None:
        self.rows: dict[Step, StepRow] = {step: StepRow(step, NAMES[step]) for step in STEPS}
        self.state: State = "idle"
        self.question: Question | None = None
        self.shown = self.problem = self.record = ""
        self.told: list[str] = []
        self.result: Over | None = None

    @property
    def busy(self) -> bool:
        """Get whether a procedure is under way: the bench is in use then."""
        return self._talk is not None

    def look(self, bench: str) -> None:
        """Show where the steps of a bench stand; nothing is measured."""
        self._forget()
        self._looked = looked = self._looked + 1

        def done(finished: Finished) -> None:
            if looked != self._looked or self.busy:
                return
            try:
                self._take(Planned.model_validate(finished.result))
            except ValidationError:
                self.problem = finished.said
            self.changed()

        self._jobs.command(["commission", bench, "--plan", "--json"], done)
        self.changed()

    def start(self, choice: Choice) -> None:
        """Begin, or go on where it was left; nothing where one is under way."""
        if self.busy:
            return
        known = self.rows
        self._forget()
        self.rows = known
        try:
            self._talk = self._jobs.converse([*choice.arguments, "--guided"], self._hear, self._ended)
        except OSError as error:
            self.problem = tr("the procedure cannot be started: {error}", error=error)
        else:
            self.state = "starting"
        self.changed()

    def answer(self, *, mounted: bool = False, number: float | None = None) -> None:
        """Answer the question: whether the part is mounted, or the number that was read, None if there is none."""
        if self.question is None or self._talk is None:
            return
        self._talk.send(Answered(id=self.question.id, mounted=mounted, number=number))
        self.question, self.state = None, "measuring"
        self.changed()

    def stop(self) -> None:
        """Stop: the cell is switched off, what was carried out is kept."""
        if self._talk is not None:
            self._talk.send(Stopping())
            self.question, self.state = None, "stopping"
            self.changed()

    def close(self) -> None:
        """Let go of the procedure, which ends with the bench safe; the window is closing."""
        if self._talk is not None:
            self._talk.end()

    def _hear(self, line: str) -> None:
        try:
            said = SAID.validate_json(line)
        except ValidationError:  # a line that is not of the conversation
            return
        self._take(said)
        self.changed()

    def _take(self, said: object) -> None:
        match said:
            case Planned(steps=steps, record=record):
                self.record = record
                for step in set(STEPS) - {one.step for one in steps}:
                    self.rows[step] = StepRow(step, NAMES[step], remark=NOT_HERE, to_do=False)
                for one in steps:
                    self.rows[one.step] = StepRow(
                        one.step,
                        one.name,
                        one.outcome,
                        one.remark,
                        one.passes,
                        one.cost,
                        one.to_do,
                        values=one.values,
                    )
            case Begun(step=step):
                self.shown = ""
                self._row(step, lambda row: replace(row, under_way=True, outcome=None, remark="", values=()))
                self._go_on()
            case MountAsked() | NumberAsked():
                self.question = said
                if self.state != "stopping":
                    self.state = "asking"
            case Shown(text=text):
                self.shown = text
                self._go_on()
            case Told(text=text):
                self.told = [*self.told, text][-MOST_TOLD:]
            case StepDone(step=step, outcome=outcome, remark=remark, values=values):
                self._row(
                    step,
                    lambda row: replace(
                        row, under_way=False, outcome=outcome, remark=remark, values=values, to_do=False
                    ),
                )
            case Over():
                self.result = said
            case _:
                pass

    def _row(self, step: Step, change: Callable[[StepRow], StepRow]) -> None:
        self.rows[step] = change(self.rows[step])

    def _go_on(self) -> None:
        if self.state in ("starting", "asking"):
            self.state = "measuring"

    def _ended(self, finished: Finished) -> None:
        self._talk, self.question, self.shown = None, None, ""
        self.state = "over"
        self.rows = {step: replace(row, under_way=False) for step, row in self.rows.items()}
        if self.result is None:
            self.problem = finished.said or tr("the procedure ended without a word")
        self.changed()
        self.over()
