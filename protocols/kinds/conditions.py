"""Condition: the temperature of the cell is set, ramped and awaited; and those at which no cell here is run."""

from __future__ import annotations

from math import exp, log
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from solbench.protocols import segments as seg
from solbench.protocols.costs import Cost, SoFar
from solbench.protocols.errors import FieldError
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.record import Bounds, Here, Segments, StepKind, any_leads, direct_current
from solbench.protocols.kinds.words import shown
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.quantity import (
    Accepts,
    HeatingRate,
    Quantity,
    Temperature,
    Time,
)

ICE_K = 273.15
UNLIMITED_K = 333.15  # a chamber that goes higher needs a limiter of its own that can be read back
TEMPERATURE = Rule(
    "conditions.temperature",
    "error",
    "'{text}' is {temperature_degC:.0f} degC, which no cell here is run at",
    "Write for example '25 degC'; under 'conditions', 'unknown' is allowed",
)
PRESSURE = Rule(
    "conditions.stack_pressure",
    "error",
    "'{text}' is {pressure_MPa:g} MPa, which no die withstands",
    "Write for example '75 MPa'; under 'conditions', 'unknown' is allowed",
)
CHAMBER = Rule(
    "condition.chamber",
    "error",
    "'{text}' is outside of what the chamber of this bench may be set to: {lowest_degC:.0f} to {highest_degC:.0f} degC",
    "Write another temperature, or correct 'lowest' and 'highest' of the chamber in the bench file",
)
NO_LIMITER = Rule(
    "condition.no_limiter",
    "error",
    "'{text}' is above 60 degC, and this bench cannot read back the chamber's own limiter",
    "Add 'limit' to the chamber in the bench file, or stay below: only a limiter ends a heater that stays on",
)
FAST = Rule(
    "condition.fast",
    "warning",
    "'{text}' is faster than 1 K/min: dies and pellets may crack",
    "Keep it only if cell and die are known to withstand it",
)
USUAL_RAMP_K_S = 1.0 / 60.0
LARGEST_WITHIN_K = 20.0
ASKS = "Set the chamber, and confirm when it has come to it"
PATIENCE_S = 3.0 * 3600.0  # beyond the ramp, where no time-out is written
LAG_S = 900.0  # of a cell behind its chamber's air, in an estimate: usual ones have 5 to 30 min
ROOM_K = 298.15  # from there a ramp is taken to go, where nothing is known of the step before
LONGEST_SILENCE_S = 60.0


def check_conditions(
    path: str, temperature: Quantity | None, stack_pressure: Quantity | None, plausible: Plausible
) -> Findings:
    """Find a temperature or a stack pressure beyond anything plausible; None is one that is not given."""
    low_K, high_K = plausible.temperature_K
    if temperature is not None and not low_K <= temperature.value <= high_K:
        degC = temperature.value - ICE_K
        yield TEMPERATURE.at(f"{path}.temperature", text=temperature.text, temperature_degC=degC)
    if stack_pressure is not None and stack_pressure.value > plausible.pressure_max_Pa:
        pressure_MPa = stack_pressure.value / 1e6
        yield PRESSURE.at(f"{path}.stack_pressure", text=stack_pressure.text, pressure_MPa=pressure_MPa)


class Condition(StepBase):
    """The cell is brought to a `temperature`, by the bench's chamber or, where it has none, by a person who is asked.

    The chamber goes there along a `ramp`, and the step ends when it is steady: its own sensor has shown the temperature
    `within` so much `over` that time, and a sensor at the cell has changed by no more. After `time_out` the run pauses,
    or, with `otherwise: go on`, continues. The cell is off and watched meanwhile. `text` is what a person is asked.
    """

    kind: Literal["condition"] = "condition"
    temperature: Temperature
    ramp: HeatingRate = Quantity("1 K/min", USUAL_RAMP_K_S, "heating rate")
    within: Annotated[Quantity, Accepts(("temperature",), "positive")] = Quantity("0.5 K", 0.5, "temperature")
    over: Time = Quantity("10 min", 600.0, "time")
    time_out: Time | None = None
    otherwise: Literal["end", "go on"] = "end"
    text: Annotated[str, Field(min_length=1, max_length=500)] = ASKS

    @field_validator("within")
    @classmethod
    def _is_a_difference(cls, value: Quantity) -> Quantity:
        if value.value > LARGEST_WITHIN_K:
            raise FieldError(f"'{value}' is no difference between two temperatures", "Write it as in 0.5 K")
        return value

    @model_validator(mode="after")
    def _after_what(self) -> Condition:
        if self.otherwise == "go on" and self.time_out is None:
            raise FieldError(
                "this says what follows a time-out, and there is none", "Add 'time_out'", field="otherwise"
            )
        return self


def _plan(step: Condition, here: Here) -> Segments:
    yield seg.Condition(
        here.ref(),
        text=f"{step.text} (temperature {step.temperature.text})",
        time_out_s=step.time_out.value if step.time_out else None,
        goes_on=step.otherwise == "go on",
        record=here.record(None),
        temperature_K=step.temperature.value,
        ramp_K_s=step.ramp.value,
        within_K=step.within.value,
        steady_s=step.over.value,
    )


def _check(path: str, step: Condition, bounds: Bounds) -> Findings:
    yield from check_conditions(path, step.temperature, None, bounds.plausible)
    if step.ramp.value > 1.001 * USUAL_RAMP_K_S:
        yield FAST.at(f"{path}.ramp", text=step.ramp.text)
    chamber, text = bounds.instruments.chamber, step.temperature.text
    if chamber is None:
        return
    if not chamber.lowest_K <= step.temperature.value <= chamber.highest_K:
        yield CHAMBER.at(
            f"{path}.temperature",
            text=text,
            lowest_degC=chamber.lowest_K - ICE_K,
            highest_degC=chamber.highest_K - ICE_K,
        )
    elif step.temperature.value > UNLIMITED_K and not chamber.has_limit:
        yield NO_LIMITER.at(f"{path}.temperature", text=text)


def _cost(segment: seg.Condition, so_far: SoFar) -> Cost:
    """Expected is the ramp from the temperature before, or from the room, and until a cell that lags behind is steady.

    Whether a chamber goes there, with a reading in each of its intervals, or a person, with two, is not known here: a
    person is taken to be as quick as a chamber has to be.
    """
    assert segment.temperature_K is not None
    way_K = abs(segment.temperature_K - (so_far.temperature_K or ROOM_K))
    ramp_s = way_K / segment.ramp_K_s
    behind_K = segment.ramp_K_s * LAG_S * (1.0 - exp(-ramp_s / LAG_S))
    moves_K = behind_K * (1.0 - exp(-segment.steady_s / LAG_S))
    expected_s = ramp_s + segment.steady_s + LAG_S * log(max(1.0, moves_K / segment.within_K))
    longest_s = patience_s(segment, way_K)
    return Cost(min(expected_s, longest_s), longest_s + so_far.costs.connect_most_s, 2.0, LONGEST_SILENCE_S)


def patience_s(segment: seg.Condition, way_K: float | None = None) -> float:
    """Return how long it is waited for at most, in s; `way_K`: how far it is (K), None where that is not known."""
    if segment.time_out_s is not None:
        return segment.time_out_s
    if way_K is None:
        way_K = abs((segment.temperature_K or ROOM_K) - ROOM_K)
    return way_K / segment.ramp_K_s + segment.steady_s + PATIENCE_S


def _sentence(step: Condition) -> str:
    return (
        f"the cell is brought to {step.temperature} at {step.ramp}, until it is steady within {step.within} over "
        f"{step.over}"
    )


def _brief(step: Fields) -> str:
    return f"to {shown(step, 'temperature')}"


CONDITION = seg.SegmentKind(
    seg.Condition,
    "condition",
    holds=None,
    cost=_cost,
    refuses_spectrum="the cell is brought to another temperature; ask again when it is steady",
    resumed="repeated",
)

KIND = StepKind(
    name="condition",
    title="Temperature",
    model=Condition,
    segments=(CONDITION,),
    plan=_plan,
    check=_check,
    leads=any_leads,
    needs=direct_current,
    brief=_brief,
    sentence=_sentence,
    example="""
temperature: 30 degC
over: 5 min
time_out: 10 min
otherwise: go on
""",
)
