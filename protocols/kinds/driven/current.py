"""A step of constant current as it is written, and the ends that it has."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import field_validator, model_validator

from solbench.protocols import segments as seg
from solbench.protocols.cells import Build
from solbench.protocols.convert import coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.kinds.fields import (
    REST_CURE,
    CurrentEnds,
    RecordRule,
    RestRule,
    Spectrum,
    StepBase,
    need_a_condition,
)
from solbench.protocols.quantities.quantity import CellCurrent, Quantity, State


class ConstantCurrent(StepBase):
    """Constant current until one condition of `until` fires; `cut_short` ends the run uncompleted.

    `spectra_at` lists states in percent of the step's charge, as voltages under current, or as times of current since
    the step began; at each the current is interrupted for `rest` and `spectrum`.
    """

    drives: ClassVar[bool] = True
    kind: Literal["constant_current"] = "constant_current"
    current: CellCurrent
    until: CurrentEnds
    cut_short: CurrentEnds | None = None
    spectra_at: tuple[State, ...] = ()
    rest: RestRule | None = None
    spectrum: Spectrum | None = None
    record: RecordRule | None = None

    @field_validator("until", "cut_short")
    @classmethod
    def _not_empty(cls, ends: CurrentEnds | None) -> CurrentEnds | None:
        return ends and need_a_condition(ends)

    @field_validator("spectra_at")
    @classmethod
    def _rising(cls, marks: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        for before, after in pairwise(marks):
            if after.kind != before.kind:
                raise FieldError(
                    f"{after} is a {after.kind}, {before} a {before.kind}",
                    "Write all states in percent, or all as voltages, or all as times",
                )
            if after.value == before.value:
                raise FieldError(f"{after} is listed twice", "Write each state once")
            if after.value < before.value and after.kind != "voltage":
                raise FieldError(f"{after} comes after {before}", "Write the states in rising order")
        if marks and marks[0].kind == "fraction" and marks[-1].value > 1:
            raise FieldError(f"{marks[-1]} is more than the whole step", "Write states from 0 % to 100 %")
        if marks and marks[0].kind != "voltage" and marks[0].value < 0:
            raise FieldError(f"{marks[0]} is below zero", "Write a state that comes")
        return marks

    @model_validator(mode="after")
    def _spectra_complete(self) -> ConstantCurrent:
        if not self.spectra_at:
            return self
        way = 1.0 if self.current.value > 0 else -1.0
        for before, after in pairwise(self.spectra_at):
            if after.kind == "voltage" and way * after.value < way * before.value:
                order = "rising" if way > 0 else "falling"
                raise FieldError(
                    f"{after} comes after {before}",
                    f"This current makes the voltage go the other way: write the states in {order} order",
                    field="spectra_at",
                )
        if self.spectra_at[0].kind == "fraction" and self.until.capacity is None:
            raise FieldError(
                "percentages need a charge to refer to", "Add 'until.capacity'", field="spectra_at"
            )
        if self.spectrum is None:
            raise FieldError("spectra_at has no spectrum", "Add 'spectrum' to the step", field="spectrum")
        if self.rest is None:
            raise FieldError(
                "spectra_at has no rest before each spectrum", f"Add 'rest'. {REST_CURE}", field="rest"
            )
        return self


def side_of(step: ConstantCurrent) -> Literal["voltage_above", "voltage_below"]:
    """Return on which side of its end a voltage comes to it, by the sign of the current."""
    return "voltage_above" if step.current.value > 0 else "voltage_below"


def ends_of_current(step: ConstantCurrent, build: Build) -> tuple[seg.End, ...]:
    """Make the end conditions; a voltage end is directed by the current's sign."""
    side = side_of(step)
    found: list[seg.End] = []
    for ends, is_cut in ((step.until, False), (step.cut_short, True)):
        if ends is None:
            continue
        outcome: seg.Outcome = "cut_short" if is_cut else "step"
        if ends.capacity:
            own: seg.Outcome = "cut_short" if is_cut else "segment"
            found.append(seg.End("charge", coulombs(ends.capacity, build), ends.capacity.text, own))
        if ends.voltage:
            found.append(seg.End(side, ends.voltage.value, ends.voltage.text, outcome))
        if ends.time:
            found.append(seg.End("time", ends.time.value, ends.time.text, outcome))
    return tuple(found)
