"""Lake Shore's controllers 335 and 336 as gauges and as a controller, through their maker's library.

`lakeshore` (MIT) knows the commands and asks the instrument after each whether it took it. It reaches an instrument by
the connection that it is given: here a port or a socket that never waits longer than its time-out, and that is opened
again after whatever went wrong, for a late answer says not which question it belongs to. The library is loaded where a
bench has such an instrument, and nowhere else.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from solbench.drivers.clock import Clock
from solbench.drivers.errors import BadReply, BusError, CannotOpen, DriverError, NoReply, StillHeats
from solbench.drivers.links.ports import in_words
from solbench.drivers.links.usb_identity import port_of, usb_identity
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue
from solbench.drivers.sensors.register_map import in_kelvin, in_unit

Model = Literal["335", "336"]
Input = Literal["A", "B", "C", "D"]
Heater = Literal["low", "medium", "high"]
INPUTS: dict[Model, tuple[Input, ...]] = {"335": ("A", "B"), "336": ("A", "B", "C", "D")}
TCP_PORT = 7777
BAUD = 57_600  # 7 bits, odd parity: of its USB port, which is a serial one
SLOWEST_K_MIN, FASTEST_K_MIN = 0.1, 100.0  # of its own ramp; 0 would be none at all
RESOLUTION_K = 0.001  # of a set point
NEAR_K = 2.0  # from its set point a ramp does not begin anew
_TERMINATION = b"\r\n"
_KELVIN, _CELSIUS = (
    1,
    2,
)  # the preferred units of an input, in which its set point is; 3 are those of the sensor
_CONTROLS = ("CLOSED_LOOP", "ZONE")  # modes of an output in which its set point counts
_STATUS = {
    "invalid_reading": "'invalid reading'",
    "temp_underrange": "'temperature under range'",
    "temp_overrange": "'temperature over range'",
    "sensor_units_zero": "'sensor zero'",
    "sensor_units_overrange": "'sensor over range'",
}
_HEATER = {"HEATER_OPEN_LOAD": "is open", "HEATER_SHORT": "is short"}

_OF_PORT: tuple[type[Exception], ...] = (OSError, ValueError)
with suppress(
    ImportError
):  # there is none on Windows; an adapter that is pulled raises it, and it is no OSError
    import termios

    _OF_PORT = (*_OF_PORT, termios.error)

T = TypeVar("T")


class Commands(Protocol):
    """What carries commands as text, as the maker's library takes it."""

    def write(self, command: str) -> None:
        """Send a command."""
        ...

    def query(self, command: str) -> str:
        """Send a command and return the answer to it; raises DriverError, TimeoutError."""
        ...

    def clear(self) -> None:
        """Forget what has come so far."""
        ...


class TextLine:
    """Commands on a serial port (its name) or on a network (`tcp://host:7777`).

    `frame`: bits, parity and stop bits of a serial port; 7O1 is the instrument's. It is opened when it is first needed
    and again after whatever went wrong. It blocks for as long as `timeout_s`, so it must have a thread of its own.
    """

    def __init__(self, address: str, timeout_s: float = 1.0, baud: int = BAUD, frame: str = "7O1") -> None:
        self.address = address
        self.timeout_s = timeout_s
        self._baud = baud
        self._frame = frame
        self._port: Any = None
        self._device = None if "://" in address else usb_identity(address)

    def write(self, command: str) -> None:
        """Send a command; raises BusError, CannotOpen."""
        port = self._opened()
        try:
            port.write(command.encode("ascii") + _TERMINATION)
        except _OF_PORT as error:
            self.close()
            raise BusError(self.address, command, error) from error

    def query(self, command: str) -> str:
        """Send a command and return the answer to it; raises NoReply, BusError, CannotOpen."""
        self.write(command)
        try:
            line: bytes = self._port.read_until(_TERMINATION)
        except _OF_PORT as error:
            self.close()
            raise BusError(self.address, command, error) from error
        if not line.endswith(_TERMINATION):
            self.close()
            cure = "Check its power, its cable, and that its menu Interface says this one"
            raise NoReply(self.address, command, self.timeout_s, cure)
        return line.decode("ascii", "replace").strip()

    def clear(self) -> None:
        """Forget what has come so far."""
        if self._port is not None:
            with suppress(*_OF_PORT):
                self._port.reset_input_buffer()

    def close(self) -> None:
        """Let go of it; it is opened again when it is needed."""
        port, self._port = self._port, None
        if port is not None:
            with suppress(*_OF_PORT):  # its device may be gone
                port.close()

    def _opened(self) -> Any:
        if self._port is not None:
            return self._port
        import serial

        if "://" not in self.address:
            if self._device is None:
                self._device = usb_identity(self.address)
            elif (now := port_of(self._device)) is not None:
                self.address = now
        try:
            self._port = serial.serial_for_url(
                self.address.replace("tcp://", "socket://", 1),
                baudrate=self._baud,
                bytesize=int(self._frame[0]),
                parity=self._frame[1],
                stopbits=int(self._frame[2]),
                timeout=self.timeout_s,
                write_timeout=self.timeout_s,
            )
        except _OF_PORT as error:
            if "://" in self.address:
                cure = "Check power, cable and network address of the instrument"
                raise CannotOpen(self.address, "nothing answers there", cure) from error
            if not isinstance(error, OSError):
                raise CannotOpen(self.address, str(error), "Check the port and its speed") from error
            raise CannotOpen(self.address, *in_words(self.address, error)) from error
        time.sleep(0.0 if "://" in self.address else 0.05)  # what is still to come of an answer before
        self.clear()
        return self._port


class LakeShore:
    """One instrument: the maker's library at a connection, made anew after whatever went wrong."""

    def __init__(self, connection: Commands, model: Model) -> None:
        self.model: Model = model
        self._connection = connection
        self._instrument: Any = None

    @property
    def name(self) -> str:
        """Get what errors call it."""
        return f"Lake Shore {self.model}"

    def ask(self, asked: str, call: Callable[[Any], T]) -> T:
        """Return what `call` asks of the library's object; raises DriverError."""
        try:
            return call(self._made())
        except TimeoutError as error:
            self._instrument = None
            raise NoReply(self.name, asked, 1.0) from error
        except DriverError:
            self._instrument = None
            raise
        except Exception as error:  # of the library: its own, and whatever an answer that is none comes to
            self._instrument = None
            raise BadReply(self.name, asked, str(error), "an answer as in its manual") from error

    def close(self) -> None:
        """Let go of it; it is opened again when it is needed."""
        self._instrument = None
        if isinstance(self._connection, TextLine):
            self._connection.close()

    def _made(self) -> Any:
        if self._instrument is None:
            library = load()
            self._connection.clear()
            identity = self._connection.query("*IDN?")
            maker, _, rest = identity.partition(",")
            if maker != "LSCI" or not rest.startswith(f"MODEL{self.model}"):
                raise BadReply(self.name, "*IDN?", identity, f"LSCI,MODEL{self.model}")
            if self.model == "336":
                self._instrument = library.Model336(connection=self._connection)
            else:
                self._instrument = library.Model335(BAUD, connection=self._connection)
        return self._instrument


class LakeShoreGauge:
    """One input as a gauge, in kelvin; `every_s` is how often it is worth reading (s of `clock`)."""

    unit = "K"

    def __init__(
        self, name: str, instrument: LakeShore, channel: Input, clock: Clock, every_s: float = 10.0
    ) -> None:
        self.name = name
        self.every_s = every_s
        self.instrument = instrument
        self.channel: Input = channel
        self._clock = clock

    def read(self) -> GaugeReading:
        """Read it once; raises DriverError, and NoValue where the instrument says so: its number is 0 K then."""
        before_s = self._clock.now()
        kelvin, status = self.instrument.ask(f"input {self.channel}", self._both)
        told = [words for bit, words in _STATUS.items() if getattr(status, bit)]
        if told:
            raise NoValue(f"{self.name} (input {self.channel})", " and ".join(told))
        if not kelvin > 0.0:
            raise BadReply(self.name, f"KRDG? {self.channel}", f"{kelvin:g}", "a temperature above 0 K")
        return GaugeReading(0.5 * (before_s + self._clock.now()), kelvin, f"{kelvin:.4f}")

    def _both(self, library: Any) -> tuple[float, Any]:
        """Ask for the status last: it may have become invalid meanwhile."""
        kelvin = float(library.get_kelvin_reading(self.channel))
        return kelvin, library.get_input_reading_status(self.channel)


@dataclass(frozen=True, slots=True)
class LakeShoreOutput:
    """Which output heats, and on which of its ranges: `number` 1 or 2."""

    number: int = 1
    heater: Heater = "medium"


class LakeShoreController:
    """One control loop; temperatures in kelvin. `gauge` shows the input that it is to follow.

    Its own limiter is the temperature limit of that input: beyond it the instrument shuts all its outputs off.
    """

    ramps = True
    resolution = RESOLUTION_K

    def __init__(self, gauge: LakeShoreGauge, where: LakeShoreOutput) -> None:
        self.name = gauge.name
        self.unit = gauge.unit
        self.every_s = gauge.every_s
        self._gauge = gauge
        self._where = where
        self._way_K: tuple[float, float] | None = None  # of the ramp that was begun last

    def read(self) -> GaugeReading:
        """Read what its own sensor shows; raises what a gauge raises."""
        return self._gauge.read()

    def why_not(self, value: float, per_s: float | None) -> str:
        """Return why it cannot go to `value` (K) at `per_s` (K/s), "" where it can; raises DriverError."""
        if per_s is not None and not SLOWEST_K_MIN <= 60.0 * per_s * 1.0001 <= FASTEST_K_MIN:
            return f"it ramps at {SLOWEST_K_MIN:g} to {FASTEST_K_MIN:g} K/min, and {60.0 * per_s:.3g} are asked for"
        return self._ask("how it is set", self._set_otherwise)

    def _set_otherwise(self, library: Any) -> str:
        output, channel = self._where.number, self._gauge.channel
        mode = library.get_heater_output_mode(output)
        if mode["mode"].name not in _CONTROLS:
            return f"output {output} is in the mode {mode['mode'].name}, and must be in CLOSED_LOOP or ZONE"
        follows = INPUTS[self._gauge.instrument.model]
        if int(mode["channel"]) != follows.index(channel) + 1:
            return f"output {output} follows {mode['channel'].name}, and the gauge '{self.name}' is input {channel}"
        if int(library.get_input_sensor(channel).units) not in (_KELVIN, _CELSIUS):
            return f"the set point of input {channel} is in units of its sensor; set kelvin as its preferred unit"
        told = _HEATER.get(library.get_heater_status(output).name)
        return f"the heater at output {output} {told}" if told else ""

    def set_point(self, value: float, per_s: float | None = None) -> None:
        """Hold `value` (K), from now on or at the end of a ramp of `per_s` (K/s); raises DriverError.

        A ramp goes from its set point as it was: where its input shows another temperature, it begins there.
        """
        own_K = None if per_s is None else self.read().value
        self._ask(f"setting {value:.3f} K", lambda library: self._set(library, value, per_s, own_K))

    def _set(self, library: Any, value: float, per_s: float | None, own_K: float | None) -> None:
        output = self._where.number
        unit = self._unit(library)
        if own_K is None or per_s is None:
            library.set_setpoint_ramp_parameter(output, ramp_enable=False, rate_value=0.0)
            self._way_K = None
        else:
            rate_K_min = math.floor(600.0 * per_s + 1e-6) / 10.0  # tenths, and never faster
            from_K = in_kelvin(library.get_control_setpoint(output), unit)
            if abs(from_K - own_K) > NEAR_K or int(library.get_heater_range(output)) == 0:
                library.set_setpoint_ramp_parameter(output, ramp_enable=False, rate_value=rate_K_min)
                library.set_control_setpoint(output, _shown(own_K, unit))
                from_K = own_K
            library.set_setpoint_ramp_parameter(output, ramp_enable=True, rate_value=rate_K_min)
            self._way_K = from_K, value
        library.set_control_setpoint(output, _shown(value, unit))
        library.set_heater_range(output, library.HeaterRange[self._where.heater.upper()])

    def set_point_as_read_back(self) -> float:
        """Return the set point that it answers (K), on a ramp the one at its end; raises DriverError."""
        return self._ask("its set point", self._read_back)

    def _read_back(self, library: Any) -> float:
        """Return where it goes: whether its answer is on the way or at the end of a ramp, manuals leave open."""
        output = self._where.number
        shown_K: float = in_kelvin(library.get_control_setpoint(output), self._unit(library))
        if self._way_K is None:
            return shown_K
        from_K, to_K = self._way_K
        if min(from_K, to_K) <= shown_K + RESOLUTION_K and shown_K <= max(from_K, to_K) + RESOLUTION_K:
            return to_K if library.get_setpoint_ramp_status(output) else shown_K
        return shown_K

    def limit_as_read_back(self) -> float | None:
        """Return beyond which temperature (K) it shuts its outputs off, None where that is not set."""
        channel = self._gauge.channel
        limit_K: float = self._ask("its limit", lambda library: library.get_temperature_limit(channel))
        return limit_K or None

    def make_safe(self) -> None:
        """Take its heater range to off and read that back; raises StillHeats where it does not say so."""
        output = self._where.number

        def off(library: Any) -> int:
            library.set_heater_range(output, library.HeaterRange.OFF)
            return int(library.get_heater_range(output))

        try:
            heats = self._ask("switching its heater off", off)
        except DriverError as error:
            raise StillHeats(f"{self.name} does not answer ({error.what})") from error
        if heats:
            raise StillHeats(f"{self.name} does not read back that its heater is off")

    def _unit(self, library: Any) -> str:
        celsius = int(library.get_input_sensor(self._gauge.channel).units) == _CELSIUS
        return "degC" if celsius else "K"

    def _ask(self, asked: str, call: Callable[[Any], T]) -> T:
        return self._gauge.instrument.ask(asked, call)


def load() -> Any:
    """Load the maker's library; raises CannotOpen in words where it is not installed."""
    try:
        import lakeshore
    except ImportError as error:
        raise CannotOpen(
            "the Lake Shore controller",
            "its maker's Python package lakeshore is not installed",
            "Install it with: pip install 'solbench[lakeshore]'",
        ) from error
    return lakeshore


def _shown(kelvin: float, unit: str) -> float:
    return round(in_unit(kelvin, unit), 3)
