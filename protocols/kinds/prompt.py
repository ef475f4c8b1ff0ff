"""Prompt: the run waits, with the cell off, until a person has confirmed that something is done."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from solbench.protocols import segments as seg
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings
from solbench.protocols.kinds.conditions import check_conditions
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.record import Bounds, Here, Segments, StepKind, any_leads, direct_current
from solbench.protocols.kinds.words import shown
from solbench.protocols.quantities.quantity import Accepts, Pressure, Quantity, Temperature, Time

PressureWithin = Annotated[Quantity, Accepts(("pressure",), "positive")]
LONGEST_SILENCE_S = 60.0  # a paused cell is read at least so often
READ_S = 1.0


class Prompt(StepBase):
    """The run waits, with the cell off and watched, until a person confirms (`solbench confirm`, or Resume).

    `text` says what is to be done. After `time_out` (none: it waits as long as it takes) the run ends uncompleted and
    can be resumed, or, with `otherwise: go on`, continues. `temperature` and `stack_pressure` are those to which the
    person brings the cell: the conditions from then on. With `within`, and a pressure gauge at the cell, the step ends
    by itself once the gauge has shown the pressure `within` so much `over` that time; who confirms earlier is asked
    again.
    """

    kind: Literal["prompt"] = "prompt"
    text: Annotated[str, Field(min_length=1, max_length=500)]
    time_out: Time | None = None
    otherwise: Literal["end", "go on"] = "end"
    temperature: Temperature | None = None
    stack_pressure: Pressure | None = None
    within: PressureWithin | None = None
    over: Time = Quantity("1 min", 60.0, "time")

    @model_validator(mode="after")
    def _after_what(self) -> "Prompt":
        if self.otherwise == "go on" and self.time_out is None:
            raise FieldError(
                "this says what follows a time-out, and there is none", "Add 'time_out'", field="otherwise"
            )
        for name in ("within", "over"):
            missing = "stack_pressure" if name == "within" else "within"
            if name in self.model_fields_set and getattr(self, missing) is None:
                raise FieldError(
                    f"without '{missing}' there is nothing to wait for", f"Add '{missing}'", field=name
                )
        return self


def _plan(step: Prompt, here: Here) -> Segments:
    time_out_s = step.time_out.value if step.time_out else None
    yield seg.Prompt(
        here.ref(),
        _text(step),
        time_out_s,
        step.otherwise == "go on",
        here.record(None),
        step.temperature.value if step.temperature else None,
        step.stack_pressure.value if step.stack_pressure else None,
        step.within.value if step.within else None,
        step.over.value,
    )


def _text(step: Prompt) -> str:
    """Return what is asked, with the conditions that are to be set."""
    what = {"temperature": step.temperature, "stack pressure": step.stack_pressure}
    asked = [f"{name} {value.text}" for name, value in what.items() if value is not None]
    if step.within is not None:
        asked[-1] += f" within {step.within.text}"
    return f"{step.text} ({', '.join(asked)})" if asked else step.text


def _check(path: str, step: Prompt, bounds: Bounds) -> Findings:
    yield from check_conditions(path, step.temperature, step.stack_pressure, bounds.plausible)


def _cost(segment: seg.Prompt, so_far: SoFar) -> Cost:
    """How long a person takes is not known: expected is no time at all, unless nobody is waited for."""
    time_out_s = segment.time_out_s
    longest_s = so_far.costs.unknown_s if time_out_s is None else time_out_s
    expected_s = longest_s if segment.goes_on else READ_S
    return Cost(expected_s, longest_s + so_far.costs.connect_most_s, 2.0, LONGEST_SILENCE_S)


def _sentence(step: Prompt) -> str:
    then = "goes on" if step.otherwise == "go on" else "ends"
    waits = f" (after {step.time_out} without an answer it {then})" if step.time_out else ""
    return f"the run waits until a person has confirmed{waits}: {_text(step)}"


def _brief(step: Fields) -> str:
    text = shown(step, "text")
    return text if len(text) <= 60 else text[:57] + "..."


PROMPT = seg.SegmentKind(
    seg.Prompt,
    "prompt",
    holds=None,
    cost=_cost,
    refuses_spectrum="the run is paused and the cell is off; resume it first",
    resumed="repeated",
)

KIND = StepKind(
    name="prompt",
    title="Prompt",
    model=Prompt,
    segments=(PROMPT,),
    plan=_plan,
    check=_check,
    leads=any_leads,
    needs=direct_current,
    brief=_brief,
    sentence=_sentence,
    example="""
text: Bring the cell to its stack pressure
time_out: 10 min
otherwise: go on
""",
)
