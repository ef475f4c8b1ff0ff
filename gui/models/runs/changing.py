"""Changing a step of the run on show, or the limits of the whole run: what was typed, and what will happen by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solbench.acquisition.control.client import Client
from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr
from solbench.gui.models.live.control import ANSWER_S
from solbench.gui.models.protocol.form import Field, fields_of
from solbench.gui.models.protocol.telling import told_of
from solbench.gui.models.run.plan import RunPlan
from solbench.gui.models.run.run import RunModel
from solbench.protocols.check import walk
from solbench.protocols.corrections.under_way import (
    LIMITS,
    STRUCTURE,
    as_text,
    changed,
    limits_of,
    step_data,
)
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.files import Fields, Plain
from solbench.protocols.kinds import kind_of
from solbench.protocols.limits import Safety

WHOLE = "safety"  # in the place of a step: the limits of the run
_VALUES = ("quantity", "count")
LEFT_ALONE = ("spectra_at", "linearity", "twice")  # they say of how many parts a step is made
EngineOf = Callable[[], Entry | None]


@dataclass(frozen=True)
class Foreseen:
    """What would happen: `findings` by field of the step, `words` of the engine, whether it would take the change."""

    findings: tuple[tuple[str, str], ...]
    words: str
    possible: bool


NOTHING = Foreseen((), "", possible=False)


class Changing:
    """One step of a run with what was typed; `changed` is called when something is another."""

    def __init__(self, jobs: Jobs, run: RunModel, engine: EngineOf, who: str) -> None:
        assert run.plan is not None, "it is shown only once the run is known"
        self._jobs, self._run, self._engine, self._who = jobs, run, engine, who
        self.changed = Observers()
        self.path = ""
        self._data: Fields = {}
        self._edits: dict[tuple[str, ...], Plain] = {}
        self.foreseen = NOTHING
        self.said = ""
        self.failed = self.done = False
        self._asked = 0
        present = run.segment.step.path if run.segment is not None else ""
        paths = [path for path, _ in self.steps]
        self.choose(present if present in paths else paths[0])

    @property
    def plan(self) -> RunPlan:
        """Get what is to be done in the run, as it is by now."""
        assert self._run.plan is not None
        return self._run.plan

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Get the steps by path, each with its words; the present one is marked."""
        now = self._run.segment.step.path if self._run.segment is not None else ""
        return [
            (
                path,
                path.removeprefix("steps.").replace(".steps.", " \u203a ")
                + ("  " + tr("(now)") if path == now else ""),
            )
            for path, _ in walk(self.plan.protocol.steps)
        ] + [(WHOLE, tr("limits of the whole run"))]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Get the fields of the step that can be changed."""
        if self.path == WHOLE:
            return fields_of(Safety)
        step = dict(walk(self.plan.protocol.steps))[self.path]
        return tuple(_values(fields_of(kind_of(step).model)))

    def choose(self, path: str) -> None:
        """Choose a step by its path; what was typed for another one is dropped."""
        plan = self.plan
        if path == WHOLE:
            limits = limits_of(plan.protocol, plan.build)
            self.path = path
            self._data = {name.removeprefix(LIMITS): text for name, text in limits.items()}
        else:
            self.path, self._data = path, step_data(plan.protocol, path)
        self._edits.clear()
        self._look()

    def get(self, *names: str) -> object:
        """Return the value of a field: as typed, else as it is."""
        here: Any = self._data
        if names in self._edits:
            return self._edits[names]
        for name in names:
            here = here.get(name) if isinstance(here, dict) else None
        return here

    def put(self, value: Any, *names: str) -> None:
        """Take what was typed into a field; None for nothing."""
        self._edits.pop(names, None)
        if value != self.get(*names):
            self._edits[names] = value
        self._look()

    @property
    def settings(self) -> list[str]:
        """Get what was typed as settings of the step."""
        place = LIMITS if self.path == WHOLE else ""
        return [
            f"{place}{'.'.join(names)}={as_text(value) or 'null'}" for names, value in self._edits.items()
        ]

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        named = ["--step", self.path] if self.settings and self.path != WHOLE else []
        return as_typed("solbench", "change", str(self._run.path), *named, *self.settings)

    def make(self) -> None:
        """Make the change."""
        self._ask(only_check=False, done=self._made)

    def _look(self) -> None:
        """Ask what would happen; answers to older questions are dropped."""
        self.foreseen, self.said = NOTHING, ""
        if self._edits:
            self._ask(only_check=True, done=self._seen)
        self.changed()

    def _ask(self, *, only_check: bool, done: Callable[[Foreseen], None]) -> None:
        self._asked += 1
        number, wish = (
            self._asked,
            ChangeRequest(
                step="" if self.path == WHOLE else self.path, settings=self.settings, only_check=only_check
            ),
        )
        values = {".".join((self.path, *names)): value for names, value in self._edits.items()}

        def work() -> Foreseen:
            findings = self._findings(values)
            entry = self._engine()
            if entry is None:
                return Foreseen(findings, tr("the run shown is not running"), possible=False)
            with Client(entry, timeout_s=ANSWER_S) as client:
                reply = client.change(wish, self._who)
            return Foreseen(findings, reply.text, possible=reply.accepted)

        def take(found: Foreseen) -> None:
            if number == self._asked:
                done(found)

        self._jobs.call(work, take, lambda error: take(Foreseen((), str(error), possible=False)))

    def _findings(self, values: dict[str, Plain]) -> tuple[tuple[str, str], ...]:
        """Return what is wrong or doubtful, each with its field of the step."""
        beginning = f"{self.path}."
        try:
            found = changed(self.plan.protocol, self.plan.record, values)
        except BadInput as refused:
            field = refused.field.removeprefix(beginning).removeprefix(LIMITS)
            return ((field, f"\u2717 {refused.message}"),)
        except FieldError as refused:
            return ((refused.field, f"\u2717 {refused.message}"),)
        return tuple(
            (doubt.field.removeprefix(beginning), f"! {told_of(doubt)[0]}") for doubt in found.doubts
        )

    def _seen(self, found: Foreseen) -> None:
        self.foreseen = found
        self.changed()

    def _made(self, found: Foreseen) -> None:
        self.foreseen, self.failed, self.done = found, not found.possible, found.possible
        self.said = found.words
        self.changed()


def _values(fields: Sequence[Field]) -> list[Field]:
    """Return the fields that hold a value, and groups with those that they have."""
    found = []
    for field in fields:
        if field.name in (*STRUCTURE, *LEFT_ALONE):
            continue
        if field.kind == "group":
            found.append(replace(field, fields=tuple(_values(field.fields)), required=True))
        elif field.kind in _VALUES:
            found.append(field)
    return found
