"""What a bench file says of a gauge: where it is, how it is reached, and how well it shows what the cell has."""

import math
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from solbench.drivers.errors import OutOfRange
from solbench.drivers.sensors.lakeshore import BAUD, INPUTS, TCP_PORT, Input
from solbench.drivers.sensors.lakeshore import Model as LakeShoreModel
from solbench.drivers.sensors.modbus import LineSettings, network_address
from solbench.drivers.sensors.register_map import NEWTON, PASCAL, Function, RegisterMap, Type
from solbench.drivers.sensors.tc08 import CHANNELS, Thermocouple
from solbench.protocols.errors import FieldError
from solbench.protocols.model import Model, Text
from solbench.protocols.quantities.quantity import Accepts, Area, Quantity, Temperature, Time

LARGEST_DIFFERENCE_K = 150.0
DEFAULT_ACCURACY_K = 1.5  # a thermocouple of type K, class 1 (IEC 60584-1), up to 375 degC
DEFAULT_GRADIENT_K = 0.5
DEFAULT_PRESSURE_PA = 1e6  # of a load cell and its amplifier: 1 % of what a die of 100 MPa needs
LARGEST_PRESSURE_PA = 1e9
TEMPERATURE_UNITS = ("degC", "degF", "K")
Place = Literal["cell", "room", "elsewhere"]
Difference = Annotated[Quantity, Accepts(("temperature",))]
Deviation = Annotated[Quantity, Accepts(("temperature", "pressure"))]


class SerialLineEntry(Model):
    """How a serial line is set: what the device's own menu, or its manual, says."""

    baud: Annotated[int, Field(ge=50, le=4_000_000, strict=True)] = 9600
    parity: Literal["none", "even", "odd"] = "none"
    stop_bits: Literal[1, 2] = 1


class ModbusEntry(Model):
    """A value of a Modbus device: on which line, in which register, and what its number means.

    `connection`: tcp://192.168.1.20:502, rtu://192.168.1.21:4001 for a serial line behind a device server, or a serial
    port (COM3, /dev/ttyUSB1). `register` as it is sent, from 0: many manuals count from 1, or write 40002 for it.
    `number`: of `type`, with the less significant word first where it is `swapped`; the value is `scale` times it, and
    `offset`, in `unit`: degC, degF, K, or any other for what is no temperature. `no_values`: numbers by which the
    device says that its sensor is broken. `timeout`: how long one answer is waited for.
    """

    connection: Text
    register_number: Annotated[int, Field(alias="register", strict=True)]
    function: Function = "holding"
    type: Type = "int16"
    swapped: bool = False
    scale: float = 1.0
    offset: FiniteFloat = 0.0
    unit: Text = "degC"
    unit_id: Annotated[int, Field(ge=0, le=255, strict=True)] = 1
    no_values: tuple[float, ...] = ()
    serial: SerialLineEntry = SerialLineEntry()
    timeout: Time = Quantity("1 s", 1.0, "time")

    @field_validator("connection")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if "://" in value:
            try:
                network_address(value)
            except ValueError as error:
                raise FieldError(
                    str(error), "Write tcp://192.168.1.20:502, rtu://192.168.1.21:4001, or a serial port"
                ) from None
        return value

    @field_validator("scale")
    @classmethod
    def _scales(cls, value: float) -> float:
        if value == 0.0 or not math.isfinite(value):
            raise FieldError(f"a scale of {value:g} makes every value the same", "Write it as in 0.1")
        return value

    @model_validator(mode="after")
    def _is_a_map(self) -> "ModbusEntry":
        try:
            _ = self.where
        except OutOfRange as error:
            raise FieldError(
                str(error), "Write the address of its first register", field="register"
            ) from None
        return self

    @property
    def where(self) -> RegisterMap:
        """Get where the value stands."""
        return RegisterMap(
            register=self.register_number,
            function=self.function,
            type=self.type,
            swapped=self.swapped,
            scale=self.scale,
            offset=self.offset,
            unit=self.unit,
            unit_id=self.unit_id,
            no_values=self.no_values,
        )

    @property
    def line(self) -> LineSettings:
        """Get how the line is spoken to."""
        serial = self.serial
        return LineSettings(serial.baud, serial.parity[0].upper(), serial.stop_bits, self.timeout.value)


class Tc08Entry(Model):
    """A thermocouple at Pico's USB TC-08.

    `channel` from 1; `thermocouple`: its type, of IEC 60584; `serial`: of the logger, as on its label, where there are
    several.
    """

    channel: Annotated[int, Field(ge=1, le=CHANNELS, strict=True)]
    thermocouple: Thermocouple = "K"
    serial: Text = ""


class LakeShoreEntry(Model):
    """An input of a Lake Shore 335 or 336.

    `connection`: its USB port (COM3, /dev/ttyUSB1), or tcp://192.168.1.20 for a 336 on the network. `timeout`: how long
    one answer is waited for.
    """

    connection: Text
    model: LakeShoreModel = "336"
    input: Input = "A"
    baud: Annotated[int, Field(ge=300, le=4_000_000, strict=True)] = BAUD
    timeout: Time = Quantity("1 s", 1.0, "time")

    @field_validator("connection")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if "://" not in value:
            return value
        try:
            framing, host, port = network_address(value, TCP_PORT)
        except ValueError:
            framing, host, port = "", "", 0
        if framing != "tcp":
            raise FieldError(
                f"'{value}' is not tcp://host:port", "Write tcp://192.168.1.20, or a serial port"
            )
        return f"tcp://{host}:{port}"

    @model_validator(mode="after")
    def _has_the_input(self) -> "LakeShoreEntry":
        if self.input not in INPUTS[self.model]:
            raise FieldError(
                f"a Lake Shore {self.model} has no input {self.input}",
                f"Write one of: {', '.join(INPUTS[self.model])}",
                field="input",
            )
        return self


class ComparisonEntry(Model):
    """A comparison of the sensor with a temperature that is known: ice water, or another sensor beside it.

    `shown` is what the sensor showed, `reference` what it was in, `uncertainty` the standard uncertainty of their
    difference. From then on the difference is taken off what the sensor shows.
    """

    day: date = Field(alias="date")
    against: Text
    shown: Temperature
    reference: Temperature
    uncertainty: Difference = Quantity("0.1 K", 0.1, "temperature")

    @field_validator("uncertainty")
    @classmethod
    def _is_a_difference(cls, value: Quantity) -> Quantity:
        return difference(value)

    @property
    def excess_K(self) -> float:
        """Get by how much the sensor showed more than was true, in K."""
        return self.shown.value - self.reference.value


class GaugeEntry(Model):
    """Something that is read beside the cell.

    At an `address` of the instruments' own bus, a thermometer that answers `KRDG?` in kelvin; through `modbus`; at a
    `tc08`; or at an input of a `lakeshore`. On a simulated bench it needs none of them. `every`: how often it is read.
    `place`: at the `cell`, in the `room`, or elsewhere; only a temperature at the cell is taken for the cell's.

    A pressure gauge has a `unit` of pressure (MPa, kPa, Pa, bar, psi); a load cell, one of force (N, kN, kgf) and the
    `area` on which the force acts: it is recorded in MPa. At the cell it shows the stack pressure; `accuracy`,
    `gradient` and `jump` are pressures then.

    `accuracy`: the most by which the sensor may be off, as its data sheet has it, until a `comparison` says more.
    `gradient`: the most by which the cell may be warmer or colder than the sensor. `jump`: a change between two
    readings beyond this is not believed until the next readings show it as well. `stuck_after`: for how long exactly
    the same answer is believed; by default a day for answers in steps of 0.1 K, and so on in proportion.
    """

    name: str
    address: int | str | None = None
    place: Place = "cell"
    every: Time = Quantity("10 s", 10.0, "time")
    modbus: ModbusEntry | None = None
    tc08: Tc08Entry | None = None
    lakeshore: LakeShoreEntry | None = None
    area: Area | None = None
    accuracy: Deviation = Quantity("1.5 K", DEFAULT_ACCURACY_K, "temperature")
    gradient: Deviation = Quantity("0.5 K", DEFAULT_GRADIENT_K, "temperature")
    jump: Deviation = Quantity("5 K", 5.0, "temperature")
    stuck_after: Time | None = None
    comparison: ComparisonEntry | None = None

    @field_validator("accuracy", "gradient", "jump")
    @classmethod
    def _is_a_difference(cls, value: Quantity) -> Quantity:
        if value.kind == "temperature":
            return difference(value)
        if not 0.0 < value.value <= LARGEST_PRESSURE_PA:
            raise FieldError(f"'{value}' is no difference between two pressures", "Write it as in 0.5 MPa")
        return value

    @model_validator(mode="after")
    def _is_of_its_unit(self) -> "GaugeEntry":
        if self.is_force != (self.area is not None):
            problem = (
                "a force is no pressure without an area" if self.is_force else "only a force needs an area"
            )
            cure = "Write the cell's area, as in 78.5 mm2" if self.is_force else "Leave it out"
            raise FieldError(problem, cure, field="area")
        kind = "pressure" if self.pascal is not None else "temperature"
        for name in ("accuracy", "gradient", "jump"):
            value: Quantity = getattr(self, name)
            if name in self.model_fields_set and value.kind != kind:
                raise FieldError(
                    f"'{value}' is no {kind}, which this gauge shows",
                    f"Write it as in {'0.5 MPa' if kind == 'pressure' else '0.5 K'}",
                    field=name,
                )
        if kind == "pressure" and self.comparison is not None:
            raise FieldError(
                "a pressure gauge is compared with no temperature", "Leave it out", field="comparison"
            )
        return self

    @model_validator(mode="after")
    def _has_one_way(self) -> "GaugeEntry":
        ways = [way for way in ("address", "modbus", "tc08", "lakeshore") if getattr(self, way) is not None]
        if len(ways) > 1:
            raise FieldError(
                f"'{self.name}' is to be reached in two ways: {' and '.join(ways)}",
                "Leave one of them out",
                field=ways[-1],
            )
        return self

    @property
    def is_force(self) -> bool:
        """Get whether its device shows a force."""
        return self.modbus is not None and self.modbus.unit in NEWTON

    @property
    def where(self) -> RegisterMap | None:
        """Get where its value stands in the registers of its device, and what is recorded of it; None elsewhere."""
        if self.modbus is None:
            return None
        found = self.modbus.where
        if self.area is None:
            return found
        per_unit = NEWTON[found.unit] / self.area.value / PASCAL["MPa"]
        return replace(found, scale=per_unit * found.scale, offset=per_unit * found.offset, unit="MPa")

    @property
    def pascal(self) -> float | None:
        """Get how many pascal one unit of its values is, None for what is no pressure."""
        return None if (where := self.where) is None else PASCAL.get(where.unit)

    @property
    def is_on_bus(self) -> bool:
        """Get whether it shares the bus of the instruments."""
        return self.modbus is None and self.tc08 is None and self.lakeshore is None

    @property
    def line(self) -> str:
        """Get what names the line of its own that it is at."""
        if self.modbus is not None:
            return self.modbus.connection
        if self.lakeshore is not None:
            return self.lakeshore.connection
        return f"TC-08 {self.tc08.serial}" if self.tc08 is not None else ""


def difference(value: Quantity) -> Quantity:
    """Return a difference of two temperatures; raises FieldError for what cannot be one."""
    if not 0.0 < value.value <= LARGEST_DIFFERENCE_K:
        raise FieldError(f"'{value}' is no difference between two temperatures", "Write it as in 0.5 K")
    return value
