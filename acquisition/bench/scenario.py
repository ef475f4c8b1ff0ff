"""Scenario files: what is truly on a simulated bench, apart from what the record, the protocol and the bench say.

Nothing of a scenario is part of a run: it is for tests, and for users who train on the simulated bench.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from solbench.protocols import files
from solbench.protocols.cells import CellRecord, load_cell, shipped_cells
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.model import Model, Text, bad_input
from solbench.protocols.quantities.quantity import (
    Accepts,
    Area,
    Conductivity,
    Frequency,
    Length,
    Mass,
    PositiveFraction,
    PositiveInductance,
    Pressure,
    Quantity,
    Time,
    TimeOrZero,
    Voltage,
)

Moment = Annotated[Quantity, Accepts(("time", "charge", "areal capacity"), "not negative")]
Resistance = Annotated[Quantity, Accepts(("resistance",), "positive")]
Current = Annotated[Quantity, Accepts(("current",))]
Share = Annotated[Quantity, Accepts(("fraction",))]
Difference = Annotated[Quantity, Accepts(("temperature",))]
LARGEST_DIFFERENCE_K = 150.0
SHORTEST_INTERVAL_S = 0.1
Lead = Literal["re1", "ce", "generator", "v1", "v2"]


class ChangeEntry(Model):
    """A change: from when it holds, until when, and `over` what time it comes to its full size.

    A moment is a time since the bench was opened, or a charge: that which has passed through the cell in either
    direction since then.
    """

    begins: Moment = Field(Quantity("0 s", 0.0, "time"), alias="from")
    until: Moment | None = None
    over: Time | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "ChangeEntry":
        until = self.until
        if until is not None and until.kind == self.begins.kind and until.value <= self.begins.value:
            raise FieldError(
                f"'{until}' is not after '{self.begins}', where it begins", "Write a later one", field="until"
            )
        return self


class SeriesResistanceEntry(ChangeEntry):
    """More resistance (and inductance) in contacts and leads: lost pressure, long leads, a loose clamp."""

    kind: Literal["series_resistance"]
    resistance: Resistance
    inductance: PositiveInductance | None = None


class LooseContactEntry(ChangeEntry):
    """A contact that is good half of the time and else has up to `resistance`; it changes every `interval`."""

    kind: Literal["loose_contact"]
    resistance: Resistance
    interval: Time = Quantity("10 s", 10.0, "time")

    @field_validator("interval")
    @classmethod
    def _not_too_short(cls, value: Quantity) -> Quantity:
        if value.value < SHORTEST_INTERVAL_S:
            raise FieldError(f"'{value}' is shorter than the bench can follow", "Write 0.1 s or more")
        return value


class ShuntEntry(ChangeEntry):
    """A resistance beside the cell: a short through the electrolyte, or half of one."""

    kind: Literal["shunt"]
    resistance: Resistance


class LeakEntry(ChangeEntry):
    """A discharge of the cell by itself at this current; negative charges it."""

    kind: Literal["leak"]
    current: Current


class EmfEntry(ChangeEntry):
    """A voltage in series with the cell."""

    kind: Literal["emf"]
    voltage: Voltage


class HumEntry(ChangeEntry):
    """A sine between the voltage leads, rms."""

    kind: Literal["hum"]
    voltage: Voltage
    frequency: Frequency = Quantity("50 Hz", 50.0, "frequency")


class NoiseEntry(ChangeEntry):
    """White noise of the readings, rms in a reading of 0.1 s."""

    kind: Literal["noise"]
    voltage: Voltage = Quantity("0 V", 0.0, "voltage")
    current: Current = Quantity("0 A", 0.0, "current")


class ZeroDriftEntry(ChangeEntry):
    """A zero of the voltmeter and of the ammeter that is elsewhere; `of_range`: that of the current's range."""

    kind: Literal["zero_drift"]
    voltage: Voltage = Quantity("0 V", 0.0, "voltage")
    current: Current = Quantity("0 A", 0.0, "current")
    of_range: Share = Quantity("0 %", 0.0, "fraction")


class GainErrorEntry(ChangeEntry):
    """Gains of the voltmeter and of the ammeter that are wrong by a fraction."""

    kind: Literal["gain_error"]
    voltage: Share = Quantity("0 %", 0.0, "fraction")
    current: Share = Quantity("0 %", 0.0, "fraction")


class WarmUpEntry(ChangeEntry):
    """An instrument that was just switched on: gain errors that decay with `time_constant`."""

    kind: Literal["warm_up"]
    voltage: Share = Quantity("0 %", 0.0, "fraction")
    current: Share = Quantity("0 %", 0.0, "fraction")
    time_constant: Time = Quantity("1 h", 3600.0, "time")


class TemperatureEntry(ChangeEntry):
    """A room, and the cell in it, that is warmer than the conditions say: by `warmer`, and by a sine or a saw.

    A ramp is `warmer` with `over`, a step `warmer` alone; several changes add up. A saw rises for most of its period
    and falls quickly, as a room does whose air conditioning switches on and off; its amplitude is half of its height.
    """

    kind: Literal["temperature"]
    warmer: Difference = Quantity("0 K", 0.0, "temperature")
    amplitude: Difference = Quantity("0 K", 0.0, "temperature")
    period: Time = Quantity("24 h", 86400.0, "time")
    shape: Literal["sine", "saw"] = "sine"

    @field_validator("warmer", "amplitude")
    @classmethod
    def _difference(cls, value: Quantity) -> Quantity:
        if abs(value.value) > LARGEST_DIFFERENCE_K:
            raise FieldError(f"'{value}' is no difference between two temperatures", "Write it as in 5 K")
        return value


class LeadOffEntry(ChangeEntry):
    """A lead that is off: RE1 or CE at the cell, the 1260's generator lead, or its lead to V1 or V2."""

    kind: Literal["lead_off"]
    lead: Lead


class LeadsExchangedEntry(ChangeEntry):
    """All leads exchanged at the cell, which is the same as a cell upside down, or RE1 and RE2 alone."""

    kind: Literal["leads_exchanged"]
    leads: Literal["all", "references"] = "all"


class FrontPanelEntry(ChangeEntry):
    """A hand at the front panel, which sets once what `command` sets: PW0 is STANDBY, RR4 a current range."""

    kind: Literal["front_panel"]
    instrument: Literal["1260", "1287"] = "1287"
    command: Annotated[str, Field(min_length=2, max_length=40)]

    @model_validator(mode="after")
    def _has_no_end(self) -> "FrontPanelEntry":
        if self.until is not None or self.over is not None:
            raise FieldError("a hand sets something once", "Leave 'until' and 'over' out")
        return self


class SensorEntry(ChangeEntry):
    """A sensor beside the cell that is unplugged (`off`), whose thermocouple is `open`, or that is `stuck`."""

    kind: Literal["sensor"]
    sensor: Text
    fault: Literal["off", "open", "stuck"] = "off"


class ChamberFaultEntry(ChangeEntry):
    """A chamber that is `silent`, takes no set point (`deaf`), heats on (`heater_on`), or is `moved` by hand (20 K)."""

    kind: Literal["chamber"]
    fault: Literal["silent", "deaf", "heater_on", "moved"] = "silent"


class PressedEntry(ChangeEntry):
    """A hand at the press around the cell, which turns it until the stack pressure is `to`; then the stack creeps."""

    kind: Literal["pressed"]
    to: Pressure

    @model_validator(mode="after")
    def _has_no_end(self) -> "PressedEntry":
        if self.until is not None or self.over is not None:
            raise FieldError("a hand sets something once", "Leave 'until' and 'over' out")
        return self


AnyChange = Annotated[
    SeriesResistanceEntry
    | LooseContactEntry
    | ShuntEntry
    | LeakEntry
    | EmfEntry
    | HumEntry
    | NoiseEntry
    | ZeroDriftEntry
    | GainErrorEntry
    | WarmUpEntry
    | TemperatureEntry
    | LeadOffEntry
    | LeadsExchangedEntry
    | FrontPanelEntry
    | SensorEntry
    | ChamberFaultEntry
    | PressedEntry,
    Field(discriminator="kind"),
]


class TrueCell(Model):
    """The cell that is truly mounted, where it is not the one that is said: what is left out is as it is said.

    `record`: another record, by name, as a file, or written out; `build`: one of its builds, by default one of the
    kind that is said.
    """

    record: Text | CellRecord | None = None
    build: Text | None = None
    area: Area | None = None
    thickness: Length | None = None
    tin_mass: Mass | None = None
    cathode_mass: Mass | None = None
    ionic_conductivity: Conductivity | None = None
    electronic_conductivity: Conductivity | None = None


class UsedBefore(Model):
    """What the cell went through before: whole `cycles`, then `sodiated` of what its working electrode can take.

    In a full cell it is what the cathode can give, where that is less. A rest follows.
    """

    sodiated: PositiveFraction
    cycles: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    rested: TimeOrZero = Quantity("1 h", 3600.0, "time")


class Scenario(Model):
    """What is truly there: another cell, a cell that was used, and what changes in time."""

    name: Text = ""
    cell: TrueCell = TrueCell()
    used_before: UsedBefore | None = None
    changes: tuple[AnyChange, ...] = ()


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file; a cell record that it names as a file is taken into it. Raises BadInput."""
    return _whole(parse_scenario(files.read_text(path, str(path)), str(path)), path)


def parse_scenario(text: str, file: str) -> Scenario:
    """Make a scenario of a file's text; raises BadInput."""
    data = files.parse_text(text, file)
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, file) from None


def dump_scenario(scenario: Scenario) -> str:
    """Write a scenario as YAML text."""
    written: dict[str, Any] = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return files.dump_text(written)


def _whole(scenario: Scenario, path: Path) -> Scenario:
    """Return the scenario with the record in the place of its file's name."""
    record = scenario.cell.record
    if not isinstance(record, str) or record in shipped_cells():
        return scenario
    try:
        found = load_cell(path.parent / record)
    except BadInput as error:
        raise BadInput(error.message, error.cure, file=str(path), field="cell.record") from None
    cell = scenario.cell.model_copy(update={"record": found})
    return scenario.model_copy(update={"cell": cell})
