"""What was true of a run and no instrument measures."""

from pydantic import model_validator

from solbench.protocols.cells import Build, CellState
from solbench.protocols.convert import coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.model import Model, Text
from solbench.protocols.quantities.quantity import (
    PassedCharge,
    PressureOrUnknown,
    StartCharge,
    TemperatureOrUnknown,
    Voltage,
)


class Conditions(Model):
    """What was true of the run and no instrument measures; "unknown" is an answer.

    `cell_state` is that of the cell before the run: `fresh` if it is left out, `sodiated` (the electrode is full: it
    rests on its last plateau), or `used` (anything else, such as partly filled).
    `state_of_charge` is what its working electrode holds already; or `history` has the charges that have passed
    through the cell before, half-cycle by half-cycle, positive charged it. `open_circuit` is the voltage that it showed
    after that, and `continues` the run or the cell's life from which this was taken.
    """

    temperature: TemperatureOrUnknown
    stack_pressure: PressureOrUnknown
    operator: Text | None = None
    cell_id: Text | None = None
    cell_state: CellState = "fresh"
    state_of_charge: StartCharge | None = None
    history: tuple[PassedCharge, ...] = ()
    open_circuit: Voltage | None = None
    continues: Text | None = None
    notes: Text | None = None

    @model_validator(mode="after")
    def _one_beginning(self) -> "Conditions":
        if self.state_of_charge is not None and self.history:
            raise FieldError(
                "'state_of_charge' and 'history' both say what the cell holds",
                "Leave one out",
                field="history",
            )
        return self

    @property
    def state_before(self) -> CellState:
        """Get the state of the cell before the run: one that holds something is not fresh."""
        held = self.history or (self.state_of_charge is not None and self.state_of_charge.value > 0.0)
        return "used" if held and self.cell_state == "fresh" else self.cell_state

    def passed_C(self, build: Build) -> tuple[float, ...]:
        """Return the charges (C) that have passed before, in order; positive charged the cell.

        Raises `FieldError` where the build has no electrode that is filled, or no mass that a value refers to.
        """
        if self.state_of_charge is None:
            return tuple(coulombs(charge, build) for charge in self.history)
        if not build.filling:
            raise FieldError(
                f"a build of the kind {build.kind} has no electrode that is filled",
                "Leave it out",
                field="state_of_charge",
            )
        passed_C = coulombs(self.state_of_charge, build) - build.held_C
        return (build.filling * passed_C,) if passed_C else ()

    def begun_C(self, build: Build) -> float:
        """Return how much (C, a magnitude) of the half-cycle that fills the electrode has passed already.

        What it was put together with counts; 0 where the cell was emptied last. Raises as `passed_C`.
        """
        passed_C = self.passed_C(build)
        if self.state_of_charge is not None:
            return coulombs(self.state_of_charge, build)
        if len(passed_C) <= 1:  # it was never emptied
            last_C = sum(passed_C) * build.filling
            return build.held_C + last_C if last_C >= 0.0 else 0.0
        return max(passed_C[-1] * build.filling, 0.0)

    @property
    def temperature_K(self) -> float | None:
        """Get the temperature in kelvin, or None if it is unknown."""
        return None if self.temperature == "unknown" else self.temperature.value

    @property
    def stack_pressure_Pa(self) -> float | None:
        """Get the stack pressure in pascal, or None if it is unknown."""
        return None if self.stack_pressure == "unknown" else self.stack_pressure.value
