"""How far what is measured may be from what the record says, in the record of a build and in a protocol."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from solbench.protocols.errors import FieldError
from solbench.protocols.model import Model
from solbench.protocols.quantities.quantity import (
    PositiveFraction,
    PositiveInductance,
    PositiveVoltage,
    Quantity,
    Voltage,
)

Span = Annotated[tuple[PositiveFraction, PositiveFraction], Field()]


def _percent(text: str) -> Quantity:
    return Quantity(f"{text} %", float(text) / 100.0, "fraction")


class Tolerances(Model):
    """How far what is measured may be from the record; what a protocol writes replaces what the build has.

    `resistance`: the electrolyte's resistance as measured, in percent of the record's, without a remark; outside
    `resistance_stop` the run pauses. `charge`: the most charge that may flow one way, in percent of the theoretical
    capacity of the tin. `returned`: the most charge that may come back from a fresh cell, in percent of what went in.
    `plating`: the relaxed voltage at which the tin is overfilled; without it none is looked for. `jump`: a change of
    the voltage from one reading to the next, without switching, that pauses the run; from `jump_noted` on it is
    written down. `electronic`: the electronic resistance that a polarization finds, in percent of the record's, and
    `first_charge`: the charge with which a fresh cell is first filled up to a voltage, in percent of its capacity, both
    without a remark. `efficiency`: what comes back of a charge that went in, in percent, and `resistance_grown`: by how
    much a filled cell may resist more than the electrolyte alone, in percent of that, both without a remark.
    `lead_inductance`: that of the leads, without one.
    """

    resistance: Span = (_percent("80"), _percent("125"))
    resistance_stop: Span = (_percent("33"), _percent("300"))
    charge: PositiveFraction = _percent("105")
    returned: PositiveFraction = _percent("102")
    plating: Voltage | None = None
    jump: PositiveVoltage = Quantity("300 mV", 0.3, "voltage")
    jump_noted: PositiveVoltage = Quantity("5 mV", 0.005, "voltage")
    electronic: Span = (_percent("10"), _percent("1000"))
    first_charge: Span = (_percent("60"), _percent("150"))
    efficiency: Span = (_percent("40"), _percent("102"))
    resistance_grown: PositiveFraction = _percent("300")
    lead_inductance: PositiveInductance = Quantity("2 uH", 2e-6, "inductance")

    @field_validator("resistance", "resistance_stop", "electronic", "first_charge", "efficiency")
    @classmethod
    def _around_the_record(cls, span: tuple[Quantity, Quantity]) -> tuple[Quantity, Quantity]:
        low, high = span
        if not low.value < 1.0 < high.value:
            raise FieldError(f"{low} to {high} does not hold 100 %", "Write for example '80 %' and '125 %'")
        return span

    def widened(self, other: Tolerances | None) -> Tolerances:
        """Return these tolerances with what `other` has of its own."""
        own = {name: getattr(other, name) for name in other.model_fields_set} if other is not None else {}
        return self.model_copy(update=own)


USUAL = Tolerances()
"""What holds where neither record nor protocol says otherwise."""
