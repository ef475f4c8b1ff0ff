"""The steps of a protocol as people write them.

Current is signed: positive charges the cell. In a half cell with Sn on the positive terminal sodiation
of Sn is negative and desodiation positive.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Union

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from solbench.protocols.errors import FieldError
from solbench.protocols.model import Count, Model, Text
from solbench.protocols.quantities.quantity import (
    Capacity,
    CellCurrent,
    CurrentMagnitude,
    Fraction,
    Frequency,
    NonzeroVoltage,
    PositiveFraction,
    PositiveVoltage,
    Quantity,
    Time,
    TimeOrZero,
    Voltage,
    VoltageSlope,
)

StepName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=60)]


class RecordRule(Model):
    """Which readings are stored: one in `every`, and one for each `voltage_change`."""

    every: Time
    voltage_change: PositiveVoltage | None = None


class RestRule(Model):
    """How long a rest lasts: a fixed `time`, or until the voltage is steady.

    Steady: |dV/dt| `over` the last seconds is below `slope`, not before `at_least`, and at the latest after
    `at_most`.
    """

    time: Time | None = None
    slope: VoltageSlope | None = None
    over: Time | None = None
    at_least: TimeOrZero | None = None
    at_most: Time | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> RestRule:
        by_slope = (self.slope, self.over, self.at_least, self.at_most)
        if self.time is not None and any(by_slope):
            raise FieldError("a rest ends by 'time' or by 'slope', not both", "Leave one of them out")
        if self.time is None and None in by_slope:
            raise FieldError("this does not say when the rest ends", _REST_CURE)
        if self.at_least and self.at_most and self.at_most.value < self.at_least.value:
            raise FieldError(
                f"{self.at_most} is shorter than at_least {self.at_least}", _SWAP, field="at_most"
            )
        return self


_REST_CURE = "Write 'time', or all of 'slope', 'over', 'at_least' and 'at_most'"
_SWAP = "Make at_most the longer one"


class Spectrum(Model):
    """An impedance spectrum, downwards `from` the highest frequency `to` the lowest.

    `amplitude` is rms at the cell, `integration` the time a point takes (at least one period);
    `instruments` says whether the 1287 holds the cell (`pair`) or the 1260 measures alone (`1260`). A sweep
    whose Kramers-Kronig residual is larger than `repeat_above` ("1 %") is measured again, at most `repeats`
    times (1 if it is left out); all sweeps are kept. `twice` measures each state a second time, so that a drift
    is seen and taken off; `linearity` adds a sweep with that other amplitude ("10 mV") to compare with.
    """

    start: Frequency = Field(alias="from")
    stop: Frequency = Field(alias="to")
    points_per_decade: Annotated[StrictInt, Field(ge=1, le=1000)]
    amplitude: PositiveVoltage
    integration: Time
    instruments: Literal["pair", "1260"] = "pair"
    repeat_above: PositiveFraction | None = None
    repeats: Count | None = None
    twice: StrictBool = False
    linearity: PositiveVoltage | None = None

    @field_validator("instruments", mode="before")
    @classmethod
    def _number_is_a_name(cls, value: Any) -> Any:
        return "1260" if value == 1260 and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _downwards(self) -> Spectrum:
        if self.stop.value >= self.start.value:
            raise FieldError(
                f"{self.stop} is not below {self.start}", "Write the highest frequency in 'from'", field="to"
            )
        return self


class StepBase(Model):
    """What every step has: a name that is unique among its neighbours."""

    name: StepName
    notes: Text | None = None


class Rest(StepBase, RestRule):
    """Open circuit."""

    kind: Literal["rest"] = "rest"
    record: RecordRule | None = None


class CurrentEnds(Model):
    """End conditions of a constant-current step; the first one ends it.

    `voltage` is a lower end while the cell discharges and an upper one while it charges; `capacity` counts
    from the start of the step, in mAh, mAh/cm2, mAh/g or percent of the build's capacity.
    """

    capacity: Capacity | None = None
    voltage: Voltage | None = None
    time: Time | None = None


class VoltageEnds(Model):
    """End conditions of a constant-voltage step; `current` ends it when |I| has fallen to it."""

    current: CurrentMagnitude | None = None
    capacity: Capacity | None = None
    time: Time | None = None


class VoltageCuts(Model):
    """Conditions that end the run uncompleted during a constant-voltage step."""

    capacity: Capacity | None = None
    time: Time | None = None


def _need_a_condition(ends: Any) -> Any:
    if not any(getattr(ends, name) for name in type(ends).model_fields):
        choices = ", ".join(type(ends).model_fields)
        raise FieldError("there is no condition here", f"Write at least one of: {choices}")
    return ends


class ConstantCurrent(StepBase):
    """Constant current until one condition of `until` fires; `cut_short` ends the run uncompleted.

    `spectra_at` lists states in percent of the step's charge; at each the current is interrupted for
    `rest` and `spectrum`.
    """

    kind: Literal["constant_current"] = "constant_current"
    current: CellCurrent
    until: CurrentEnds
    cut_short: CurrentEnds | None = None
    spectra_at: tuple[Fraction, ...] = ()
    rest: RestRule | None = None
    spectrum: Spectrum | None = None
    record: RecordRule | None = None

    @field_validator("until", "cut_short")
    @classmethod
    def _not_empty(cls, ends: CurrentEnds | None) -> CurrentEnds | None:
        return ends and _need_a_condition(ends)

    @field_validator("spectra_at")
    @classmethod
    def _rising(cls, marks: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        for before, after in pairwise(marks):
            if after.value == before.value:
                raise FieldError(f"{after} is there twice", "Write each state once")
            if after.value < before.value:
                raise FieldError(f"{after} comes after {before}", "Write the states in rising order")
        if marks and marks[-1].value > 1:
            raise FieldError(f"{marks[-1]} is more than the whole step", "Write states from 0 % to 100 %")
        return marks

    @model_validator(mode="after")
    def _spectra_complete(self) -> ConstantCurrent:
        if not self.spectra_at:
            return self
        if self.until.capacity is None:
            raise FieldError(
                "percentages need a charge to refer to", "Add 'until.capacity'", field="spectra_at"
            )
        if self.spectrum is None:
            raise FieldError("spectra_at has no spectrum", "Add 'spectrum' to the step", field="spectrum")
        if self.rest is None:
            raise FieldError(
                "spectra_at has no rest before each spectrum", f"Add 'rest'. {_REST_CURE}", field="rest"
            )
        return self


class ConstantVoltage(StepBase):
    """Constant cell voltage until one condition of `until` fires; `current_limit` chooses the range."""

    kind: Literal["constant_voltage"] = "constant_voltage"
    voltage: Voltage
    current_limit: CurrentMagnitude
    until: VoltageEnds
    cut_short: VoltageCuts | None = None
    record: RecordRule | None = None

    @field_validator("until", "cut_short")
    @classmethod
    def _not_empty(cls, ends: Any) -> Any:
        return ends and _need_a_condition(ends)


class Impedance(StepBase, Spectrum):
    """One impedance spectrum at the open-circuit voltage found just before."""

    kind: Literal["impedance"] = "impedance"


class DcPolarization(StepBase):
    """A `baseline` at 0 V, then `voltage` until the current is steady or `at_most` is over.

    Steady: the current changes by less than `steady_within` of itself in `steady_over`. `both_signs` adds
    the same with the opposite voltage.
    """

    kind: Literal["dc_polarization"] = "dc_polarization"
    voltage: NonzeroVoltage
    baseline: Time
    at_most: Time
    steady_within: PositiveFraction
    steady_over: Time
    both_signs: StrictBool = False
    record: RecordRule | None = None


class Loop(StepBase):
    """The same steps `count` times."""

    kind: Literal["loop"] = "loop"
    count: Count
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]

    @field_validator("steps")
    @classmethod
    def _names_differ(cls, steps: tuple[Any, ...]) -> tuple[Any, ...]:
        return unique_names(steps)


AnyStep = Annotated[
    Union[Rest, ConstantCurrent, ConstantVoltage, Impedance, DcPolarization, Loop],  # noqa: UP007
    Field(discriminator="kind"),
]


def unique_names(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    """Check that the steps of one list have different names; raises `FieldError`."""
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            raise FieldError(f"two steps are called '{step.name}'", "Give each step a name of its own")
        seen.add(step.name)
    return steps
