"""Fields that several kinds of step have, as people write them.

Current is signed: positive charges the cell. In a half cell with Sn on the positive terminal sodiation
of Sn is negative and desodiation positive.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from solbench.protocols.errors import FieldError
from solbench.protocols.model import Count, Model, Text
from solbench.protocols.quantities.quantity import (
    Amplitude,
    Capacity,
    CurrentMagnitude,
    Frequency,
    PointTime,
    PointTimeOrZero,
    PositiveFraction,
    PositiveResistance,
    PositiveVoltage,
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
            raise FieldError("this does not say when the rest ends", REST_CURE)
        if self.at_least and self.at_most and self.at_most.value < self.at_least.value:
            raise FieldError(
                f"{self.at_most} is shorter than at_least {self.at_least}", _SWAP, field="at_most"
            )
        return self


REST_CURE = "Write 'time', or all of 'slope', 'over', 'at_least' and 'at_most'"
_SWAP = "Make at_most the longer one"


class Band(Model):
    """The points `below` a frequency, which are timed otherwise: `integration` and `settling` as in a spectrum.

    Of bands that overlap, the lowest one holds.
    """

    below: Frequency
    integration: PointTime | None = None
    settling: PointTimeOrZero | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Band:
        if self.integration is None and self.settling is None:
            raise FieldError(
                "this band changes nothing", "Write an 'integration' or a 'settling'", field="integration"
            )
        return self


class Spectrum(Model):
    """An impedance spectrum, downwards `from` the highest frequency `to` the lowest.

    `control` says what is set: the `voltage`, held at open circuit, or the `current`, without any direct current.
    `amplitude` is rms at the cell: a voltage, or, where the current is set, a current as well ("1 mA"); a voltage is
    then turned into the current that drops it in the `expected_resistance` ("5 mohm"), by default that of the
    electrolyte in the record. `integration` is the time a point takes ("1 s"), or how many periods ("4 cycles"; at
    least one period in any case); `settling` is the wait before it, with the sine on ("2 cycles"). `bands` have others
    below a frequency. With `settled_within` ("0.5 %") a point is measured until two in turn agree, five times at most.
    `instruments` says whether the 1287 holds the cell (`pair`) or the 1260 measures alone (`1260`). A sweep
    whose Kramers-Kronig residual is larger than `repeat_above` ("1 %") is measured again, at most `repeats`
    times (1 if it is left out), and so is a point that is further off than `repeat_points_above`; all are kept.
    `twice` measures each state a second time, so that a drift is seen and taken off; `linearity` adds a sweep with that
    other amplitude ("10 mV") to compare with.
    """

    start: Frequency = Field(alias="from")
    stop: Frequency = Field(alias="to")
    points_per_decade: Annotated[StrictInt, Field(ge=1, le=1000)]
    control: Literal["voltage", "current"] = "voltage"
    amplitude: Amplitude
    expected_resistance: PositiveResistance | None = None
    integration: PointTime
    settling: PointTimeOrZero | None = None
    settled_within: PositiveFraction | None = None
    bands: tuple[Band, ...] | None = None
    instruments: Literal["pair", "1260"] = "pair"
    repeat_above: PositiveFraction | None = None
    repeat_points_above: PositiveFraction | None = None
    repeats: Count | None = None
    twice: StrictBool = False
    linearity: Amplitude | None = None

    @field_validator("instruments", mode="before")
    @classmethod
    def _number_is_a_name(cls, value: object) -> object:
        return "1260" if value == 1260 and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _downwards(self) -> Spectrum:
        if self.stop.value >= self.start.value:
            raise FieldError(
                f"{self.stop} is not below {self.start}", "Write the highest frequency in 'from'", field="to"
            )
        return self

    @field_validator("bands")
    @classmethod
    def _different_bands(cls, bands: tuple[Band, ...] | None) -> tuple[Band, ...] | None:
        edges = [band.below.value for band in bands or ()]
        if len(set(edges)) < len(edges):
            raise FieldError("two bands are below the same frequency", "Make one of them")
        return bands

    @model_validator(mode="after")
    def _what_is_set(self) -> Spectrum:
        if self.control == "current":
            if self.instruments == "1260":
                raise FieldError(
                    "the analyzer alone sets a voltage, no current",
                    "Write 'instruments: pair'",
                    field="instruments",
                )
            return self
        if self.expected_resistance is not None:
            raise FieldError(
                "this is of use only where the current is set",
                "Write 'control: current', or leave it out",
                field="expected_resistance",
            )
        for name, amplitude in (("amplitude", self.amplitude), ("linearity", self.linearity)):
            if amplitude is not None and amplitude.kind == "current":
                raise FieldError(
                    f"'{amplitude}' is a current, but it is the voltage that is set",
                    "Write 'control: current', or a voltage such as '10 mV'",
                    field=name,
                )
        return self


class StepBase(Model):
    """What every step has: a name that is unique among its neighbours."""

    drives: ClassVar[bool] = False  # a current flows in it for longer than a measurement takes
    name: StepName
    notes: Text | None = None


Steps = tuple[StepBase, ...]


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


Ends = TypeVar("Ends", CurrentEnds, VoltageEnds, VoltageCuts)


def need_a_condition(ends: Ends) -> Ends:
    """Check that one of the end conditions is given; raises `FieldError`."""
    if not any(getattr(ends, name) for name in type(ends).model_fields):
        choices = ", ".join(type(ends).model_fields)
        raise FieldError("there is no condition here", f"Write at least one of: {choices}")
    return ends


def unique_names(steps: Steps) -> Steps:
    """Check that the steps of one list have different names; raises `FieldError`."""
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            raise FieldError(f"two steps are called '{step.name}'", "Give each step a name of its own")
        seen.add(step.name)
    return steps
