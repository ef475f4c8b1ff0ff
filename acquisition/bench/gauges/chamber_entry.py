"""What a bench file says of the chamber around the cell: which gauge is its own sensor, and where it is set."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from solbench.acquisition.bench.gauges.entry import GaugeEntry, ModbusEntry
from solbench.drivers.errors import OutOfRange
from solbench.drivers.sensors.lakeshore import Heater, LakeShoreOutput
from solbench.drivers.sensors.modbus_controller import ControllerMap
from solbench.drivers.sensors.register_map import RegisterMap, Type
from solbench.protocols.errors import FieldError
from solbench.protocols.model import Model, Text
from solbench.protocols.quantities.quantity import Quantity, Temperature

Register = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]


class SettingEntry(Model):
    """A value of the controller in its holding registers; what is left out is as its gauge has it."""

    register_number: Register = Field(alias="register")
    type: Type | None = None
    swapped: bool | None = None
    scale: FiniteFloat | None = None
    offset: FiniteFloat | None = None

    def where(self, of: ModbusEntry) -> RegisterMap:
        """Return where it stands in the device that a gauge reads; raises FieldError."""
        written = {name: getattr(self, name) for name in ("type", "swapped", "scale", "offset")}
        try:
            return RegisterMap(
                register=self.register_number,
                function="holding",
                unit=of.unit,
                unit_id=of.unit_id,
                no_values=of.no_values,
                **{name: getattr(of, name) if value is None else value for name, value in written.items()},
            )
        except OutOfRange as error:
            raise FieldError(str(error), "Write the address of its first register") from None


class SwitchEntry(Model):
    """A number that is written into a holding register, as the controller's manual has it."""

    register_number: Register = Field(alias="register")
    number: Annotated[int, Field(ge=-0x8000, le=0xFFFF, strict=True)]


class OutputEntry(Model):
    """The output of a Lake Shore that heats, in closed-loop control of the gauge's input, and on which range."""

    output: Literal[1, 2] = 1
    heater: Heater = "medium"

    @property
    def where(self) -> LakeShoreOutput:
        """Get it as the driver has it."""
        return LakeShoreOutput(self.output, self.heater)


class ChamberEntry(Model):
    """A chamber, oven or cryostat around the cell, whose controller the program sets through Modbus, or a Lake Shore.

    `gauge` names the gauge that is the controller's own sensor: the same line and unit id are used. `set_point`: what
    it is to hold. `ramp`: how fast its set point moves, in degrees a minute; without it the program moves it in
    steps. `limit`: its own limiter, read back before the chamber is set above 60 degC; it may be no higher than
    `highest`. `switch_off`: what takes its output to zero (a Eurotherm: manual, and an output of zero),
    `switch_on` what undoes that;
    without them it is set to `idle` where it is to heat no more. It is set to nothing outside `lowest` to `highest`,
    which is what chamber and cell withstand. Of a Lake Shore there is `lakeshore` in the place of all registers: it
    ramps, its limit is the temperature limit of the input, and its heater range is taken to off.
    """

    gauge: Text
    set_point: SettingEntry | None = None
    lakeshore: OutputEntry | None = None
    lowest: Temperature
    highest: Temperature
    ramp: SettingEntry | None = None
    limit: SettingEntry | None = None
    switch_on: tuple[SwitchEntry, ...] = ()
    switch_off: tuple[SwitchEntry, ...] = ()
    idle: Temperature = Quantity("25 degC", 298.15, "temperature")

    @model_validator(mode="after")
    def _can_be_undone(self) -> "ChamberEntry":
        if bool(self.switch_on) != bool(self.switch_off):
            missing = "switch_on" if self.switch_off else "switch_off"
            raise FieldError(
                f"'{missing}' is missing",
                "Write both: what takes the output to zero, and what undoes it",
                field=missing,
            )
        of_modbus = [
            name for name in ("set_point", "ramp", "limit", "switch_on", "switch_off") if getattr(self, name)
        ]
        if self.lakeshore is not None and of_modbus:
            raise FieldError(
                f"'{of_modbus[0]}' is a register, and a Lake Shore has none",
                "Leave it out",
                field=of_modbus[0],
            )
        if self.lakeshore is None and self.set_point is None:
            raise FieldError(
                "it is missing where the chamber is set",
                "Write the register of its set point, or 'lakeshore' with its output",
                field="set_point",
            )
        if self.lowest.value >= self.highest.value:
            raise FieldError(f"{self.lowest} is not below {self.highest}", "Exchange them", field="lowest")
        return self

    @property
    def has_limit(self) -> bool:
        """Get whether its own limiter can be asked."""
        return self.limit is not None or self.lakeshore is not None

    def require(self, gauge: GaugeEntry) -> None:
        """Raise FieldError unless `gauge`, its own sensor, is at a controller of its kind."""
        is_there = gauge.modbus if self.lakeshore is None else gauge.lakeshore
        if is_there is None:
            kind = "Modbus device" if self.lakeshore is None else "Lake Shore"
            raise FieldError(
                f"the gauge '{gauge.name}' is at no {kind}, and the chamber is set as one",
                "Name the gauge that reads the controller's own sensor",
                field="gauge",
            )

    def where(self, gauge: GaugeEntry) -> ControllerMap:
        """Return where its values stand; `gauge` is its own sensor, at a Modbus device. Raises FieldError."""
        self.require(gauge)
        of, set_point = gauge.modbus, self.set_point
        assert of is not None
        assert set_point is not None
        optional = {"ramp": self.ramp, "limit": self.limit}
        return ControllerMap(
            set_point=set_point.where(of),
            on=tuple((one.register_number, one.number) for one in self.switch_on),
            off=tuple((one.register_number, one.number) for one in self.switch_off),
            idle_K=min(max(self.idle.value, self.lowest.value), self.highest.value),
            **{name: None if one is None else one.where(of) for name, one in optional.items()},
        )
