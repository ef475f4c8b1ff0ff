"""Loop: the same steps several times, once for each value of a series, or until something is met.

Where steps stand, and how often they are passed, is structure: what walks through the steps of a protocol
knows loops. Everything else about a loop is in its record, as for every kind of step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings
from solbench.protocols.kinds.fields import StepBase, Steps, unique_names
from solbench.protocols.kinds.loop_ends import LoopEnds, check_loop_ends, ends_in_words, loop_ends
from solbench.protocols.kinds.record import (
    Bounds,
    Here,
    Segments,
    StepKind,
    any_leads,
    direct_current,
)
from solbench.protocols.kinds.series import (
    MOST_STEPS,
    Over,
    bind,
    in_words,
    rows,
    series_in_words,
    size,
    unused,
)
from solbench.protocols.kinds.words import shown
from solbench.protocols.model import Count, Model, join, refusals
from solbench.protocols.segments import Pass

if TYPE_CHECKING:
    AnyStep = StepBase  # the registry makes the union of all kinds and completes the model with it

MOST_UNTIL = 10_000  # passes of a loop that may end before: what is left out is passed over one by one


class Loop(StepBase):
    """The same steps `count` times, or once for each value `over` which it goes; `until` may end it before.

    A step names the value of its pass with a dollar sign: with `over: {current: [0.1 mA, 0.2 mA]}` it may have
    `current: $current`, and `current: -$current` for the other direction. Several names go together, value by value.
    """

    kind: Literal["loop"] = "loop"
    count: Count | None = None
    over: Over | None = None
    until: LoopEnds | None = None
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    _rows: tuple[dict[str, str], ...] = PrivateAttr(default=())
    _bodies: tuple[Steps, ...] = PrivateAttr(default=())

    @field_validator("steps")
    @classmethod
    def _names_differ(cls, steps: Steps) -> Steps:
        return unique_names(steps)

    @field_validator("over")
    @classmethod
    def _not_empty(cls, over: Over | None) -> Over | None:
        if over is not None and not over:
            raise FieldError("there is no series here", "Write a name with its values, or leave it out")
        return over

    @model_validator(mode="after")
    def _ends(self) -> Loop:
        if self.count is None and self.over is None:
            missing = "Write 'count', or 'over' with the values of a series"
            if self.until is not None:
                missing = "Add 'count', the most passes: what 'until' waits for may never come"
            raise FieldError("nothing says how often the steps are passed", missing, field="count")
        if self.count is not None and self.over is not None:
            raise FieldError(
                "'over' has one pass for each value, so that 'count' has no meaning beside it",
                "Leave one of them out, or put a loop around this one",
                field="count",
            )
        if self.until is not None and self.passes > MOST_UNTIL:
            raise FieldError(
                f"with 'until' a loop has {MOST_UNTIL} passes at most", "Write fewer", field="count"
            )
        if self.until is not None and self.until.of is not None:
            names = [step.name for step in self.steps]
            if self.until.of not in names:
                raise FieldError(
                    f"there is no step '{self.until.of}' in this loop",
                    f"There are: {', '.join(names)}",
                    field="until.of",
                )
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _bind(cls, data: Any, read: ModelWrapValidatorHandler[Loop]) -> Loop:
        """Read the steps once for each value, with the value in the place of its name."""
        is_bound = isinstance(data, _Bound)  # pydantic comes here once more with what is read below
        if is_bound or not isinstance(data, Mapping) or not data.get("over") or not data.get("steps"):
            return read(data)
        over, body = data["over"], data["steps"]
        try:
            found = rows(_Series.model_validate({"over": over}).over)
        except ValidationError as error:
            field, message, cure = refusals(error, {"over": over})[0]
            raise FieldError(message, cure, field=field) from None
        if (name := unused(body, over)) is not None:
            raise FieldError(
                f"no step of the loop uses '${name}'",
                f"Write '${name}' where a step is to have the value, or leave the series out",
                field=f"over.{name}",
            )
        if len(found) * size(body) > MOST_STEPS:
            raise FieldError(f"this makes more than {MOST_STEPS} steps", "Write fewer values", field="over")
        first, *others = ((_Bound({**data, "steps": bind(body, row)}), row) for row in found)
        loop = read(first[0])
        bodies = [loop.steps]
        for bound, row in others:
            try:
                bodies.append(read(bound).steps)
            except ValidationError as error:
                field, message, cure = refusals(error, bound)[0]
                raise FieldError(f"{message} (where {in_words(row)})", cure, field=field) from None
        loop._rows, loop._bodies = found, tuple(bodies)
        return loop

    @property
    def passes(self) -> int:
        """Get how often the steps are passed, at most where `until` may end it before."""
        return self.count or len(self._bodies)

    def body(self, number: int) -> Steps:
        """Return the steps of the pass of this number (from 1), with the values that they have in it."""
        return self._bodies[number - 1] if self._bodies else self.steps

    def different_bodies(self) -> Iterator[Steps]:
        """Return the steps of every pass that is not like the first one, and those of the first."""
        yield from self._bodies or (self.steps,)

    def values(self, number: int) -> dict[str, str]:
        """Return the values of the pass of this number (from 1) by name, as texts; none where there is no series."""
        return self._rows[number - 1] if self._rows else {}


class _Series(Model):
    """The series of a loop, read before its steps."""

    over: Over


class _Bound(dict[str, Any]):
    """The data of a loop in whose steps the values of a pass stand."""


def _plan(step: Loop, here: Here) -> Segments:
    is_plain = step.over is None and step.until is None
    ends = (
        () if step.until is None else loop_ends(step.until, step.steps, join(here.path, "steps"), here.build)
    )
    instance = -1 if is_plain else here.loop_number()
    cycle = 0
    while cycle < (step := _present(here)).passes:  # their number may be changed from pass to pass
        cycle += 1
        made = None
        if not is_plain:
            values = tuple(step.values(cycle).items())
            made = Pass(here.path, instance, cycle, step.passes, dict(values), ends)
        yield from here.inside(step.body(cycle), cycle, made)


def _present(here: Here) -> Loop:
    step = here.present()
    assert isinstance(step, Loop)
    return step


def _check(path: str, step: Loop, bounds: Bounds) -> Findings:
    if step.until is not None:
        yield from check_loop_ends(f"{path}.until", step.until, step.steps, bounds)


def _brief(step: Fields) -> str:
    over = step.get("over")
    words = f"{shown(step, 'count')} times"
    if isinstance(over, Mapping) and over:
        words = f"over {', '.join(str(name) for name in over)}"
    return f"{words}, until met" if step.get("until") else words


def _sentence(step: Loop) -> str:
    words = f"{step.count} times"
    if step.over is not None:
        words = f"over {series_in_words(step.over)}"
    return words if step.until is None else f"{words}, or until {ends_in_words(step.until)}"


KIND = StepKind(
    name="loop",
    title="Loop",
    model=Loop,
    segments=(),
    plan=_plan,
    check=_check,
    leads=any_leads,
    needs=direct_current,
    brief=_brief,
    sentence=_sentence,
    example="""
count: 2
steps: [{name: rest, kind: rest, time: 10 min}]
""",
)
