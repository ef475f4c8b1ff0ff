"""Modbus devices as gauges, over TCP or a serial line, through pymodbus.

A line is one connection with the devices on it. It is opened when it is first needed and again after whatever went
wrong: an answer that comes after its time belongs to nothing, and an adapter may come back under another name. It
blocks for as long as its time-out says, so it must be read in a thread of its own.
"""

import logging
import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from solbench.drivers.clock import Clock
from solbench.drivers.errors import BadReply, BusError, CannotOpen, NoReply
from solbench.drivers.links.ports import in_words
from solbench.drivers.links.typed import is_host
from solbench.drivers.links.usb_identity import port_of, usb_identity
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue
from solbench.drivers.sensors.register_map import Function, RegisterMap, in_kelvin, shown_unit

TCP_PORT = 502
MOST_UNASKED = (
    64  # pieces of what others asked for, read before a question: a line that sends on and on is opened anew
)
QUIET_TIMEOUTS = 3.0  # so many time-outs a line is left alone after one, for what is still to come
_NETWORK = ("tcp", "rtu")  # framings on a network: Modbus TCP, or a serial line behind a device server
_NOT_ITS = {
    1: "it does not know this function",
    2: "it has no such register",
    4: "it reports a failure of its own",
    3: "it does not take so many registers, or not this number",
    6: "it is busy",
    11: "the device behind the gateway does not answer",
}
_SILENT = logging.NullHandler()  # what pymodbus logs, is raised here


class Registers(Protocol):
    """Devices whose registers can be read and written."""

    def read(self, unit_id: int, function: Function, register: int, count: int) -> Sequence[int]:
        """Return `count` registers from `register` on; raises DriverError, TimeoutError."""
        ...

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> None:
        """Set holding registers from `register` on; raises DriverError, TimeoutError."""
        ...


@dataclass(frozen=True)
class LineSettings:
    """How a line is spoken to: a serial port's speed, parity (N, E, O) and stop bits; `timeout_s` for one answer."""

    baud: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    timeout_s: float = 1.0


class ModbusLine:
    """A connection: `tcp://host:502`, `rtu://host:4001` (RTU frames through a serial device server), or a port name."""

    def __init__(self, address: str, settings: LineSettings | None = None) -> None:
        self.address = address
        self.settings = settings or LineSettings()
        self._client: Any = None
        self._device = None if "://" in address else usb_identity(address)
        self._is_doubtful = False
        self._quiet_until_s = 0.0

    def read(self, unit_id: int, function: Function, register: int, count: int) -> Sequence[int]:
        """Return registers; raises NoReply, BusError, BadReply, CannotOpen.

        It is asked once more where it fails: many devices hang up on whom they have not heard for some seconds.
        """

        def ask(client: Any) -> Any:
            of = client.read_holding_registers if function == "holding" else client.read_input_registers
            return of(register, count=count, device_id=unit_id)

        answer = self._answer(f"{function} register {register} of unit {unit_id}", ask)
        return list(answer.registers)

    def write(self, unit_id: int, register: int, words: Sequence[int]) -> None:
        """Set holding registers: one by function 06, several by 16; raises what `read` does."""

        def ask(client: Any) -> Any:
            if len(words) == 1:
                return client.write_register(register, words[0], device_id=unit_id)
            return client.write_registers(register, list(words), device_id=unit_id)

        self._answer(f"setting register {register} of unit {unit_id}", ask)

    def close(self) -> None:
        """Let go of the connection; it is opened again when it is needed."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError):  # its device may be gone
                client.close()

    def _answer(self, asked: str, ask: Callable[[Any], Any]) -> Any:
        was_open = self._client is not None
        try:
            return self._sure(asked, ask)
        except (BusError, NoReply):
            if not was_open:
                raise
        return self._sure(asked, ask)

    def _sure(self, asked: str, ask: Callable[[Any], Any]) -> Any:
        """Ask; after a failure twice: RTU frames do not say which question they answer, and one may come late."""
        if self._is_doubtful:
            self._ask(asked, ask)
            self._is_doubtful = False
        return self._ask(asked, ask)

    def _ask(self, asked: str, ask: Callable[[Any], Any]) -> Any:
        from pymodbus.exceptions import ConnectionException, ModbusException

        try:
            answer = ask(self._in_step())
        except ConnectionException as error:
            self.close()
            raise BusError(self.address, asked, error) from error
        except (ModbusException, OSError) as error:
            self.close()
            if not self.address.startswith("tcp:"):  # whose frames are numbered
                self._is_doubtful = True
                self._quiet_until_s = time.perf_counter() + QUIET_TIMEOUTS * self.settings.timeout_s
            cure = "Check its power, its unit id and the line's settings"
            raise NoReply(self.address, asked, self.settings.timeout_s, cure) from error
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            text = f"exception {code}: {_NOT_ITS.get(code, 'not known')}"
            raise BadReply(
                self.address, asked, text, "registers; check its map: 40002 in a manual is register 1"
            )
        return answer

    def _in_step(self) -> Any:
        """Return the open client, with nothing in it that would be taken for an answer to the next question.

        A device server may hang up after each answer: it is opened anew at once, nothing is lost by that.
        """
        client = self._open()
        if self.address.startswith("rtu:") and not _discard_unasked(client.socket):
            self.close()
            client = self._open()
        return client

    def _open(self) -> Any:
        """Return the open client of pymodbus, whose own types are incomplete."""
        if self._client is None:
            time.sleep(max(self._quiet_until_s - time.perf_counter(), 0.0))
            logging.getLogger("pymodbus.logging").addHandler(_SILENT)
            client = self._network() if "://" in self.address else self._serial()
            if not client.connect():
                client.close()
                raise self._why_not()
            self._client = client
        return self._client

    def _network(self) -> Any:
        from pymodbus import FramerType
        from pymodbus.client import ModbusTcpClient

        framing, host, port = network_address(self.address)
        framer = FramerType.RTU if framing == "rtu" else FramerType.SOCKET
        return ModbusTcpClient(host, port=port, framer=framer, timeout=self.settings.timeout_s, retries=0)

    def _serial(self) -> Any:
        from pymodbus.client import ModbusSerialClient

        if self._device is None:  # an adapter that was not there yet has no name of its own to be found by
            self._device = usb_identity(self.address)
        elif (now := port_of(self._device)) is not None:
            self.address = now
        return ModbusSerialClient(
            self.address,
            baudrate=self.settings.baud,
            parity=self.settings.parity,
            stopbits=self.settings.stop_bits,
            timeout=self.settings.timeout_s,
            retries=0,
        )

    def _why_not(self) -> CannotOpen:
        """Return why it cannot be opened: pymodbus only logs it."""
        if "://" in self.address:
            cure = "Check power, cable and network address of the device"
            return CannotOpen(self.address, "nothing answers there", cure)
        from serial import Serial

        try:
            Serial(self.address, exclusive=True).close()
        except OSError as error:
            return CannotOpen(self.address, *in_words(self.address, error))
        return CannotOpen(self.address, "the port does not take these settings", "Check speed and parity")


def _discard_unasked(connection: socket.socket) -> bool:
    """Read what waits before a question is sent, as pymodbus does on serial ports alone; return whether that was all.

    A device server may pass on what others asked for, and an RTU frame does not say which question it answers: each one
    from then on would be taken for that to the question after its own, of another register perhaps. False: it hung up,
    by a reset perhaps, or it does not stop sending.
    """
    with suppress(OSError):
        for _ in range(MOST_UNASKED):
            if not select.select([connection], [], [], 0.0)[0]:
                return True
            if not connection.recv(4096):
                break
    return False


def network_address(address: str, port: int = TCP_PORT) -> tuple[str, str, int]:
    """Return framing, host and port of `tcp://host:502` or `rtu://host:4001`; raises ValueError.

    `port`: where none is written.
    """
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    if parts.scheme not in _NETWORK or not is_host(parts.hostname or ""):
        raise ValueError(f"'{address}' is neither tcp://host:port nor rtu://host:port")
    return parts.scheme, str(parts.hostname), parts.port or port


class ModbusGauge:
    """One value of a Modbus device; temperatures are in kelvin.

    `name` as the bench file has it, `every_s` how often it is worth reading (s of `clock`).
    """

    def __init__(
        self, name: str, registers: Registers, where: RegisterMap, clock: Clock, every_s: float = 10.0
    ) -> None:
        self.name = name
        self.unit = shown_unit(where.unit)
        self.every_s = every_s
        self._registers = registers
        self._where = where
        self._clock = clock

    def read(self) -> GaugeReading:
        """Read it once; raises NoReply, BusError, BadReply, CannotOpen, and NoValue where nothing was measured."""
        where = self._where
        asked = f"{where.function} register {where.register}"
        before_s = self._clock.now()
        try:
            words = self._registers.read(where.unit_id, where.function, where.register, where.count)
        except TimeoutError as error:
            raise NoReply(self.name, asked, 1.0) from error
        try:
            number = where.number(words)
        except ValueError as error:
            raise BadReply(self.name, asked, str(words), f"{where.count} registers") from error
        time_s = 0.5 * (before_s + self._clock.now())
        if not where.has_value(number):
            raise NoValue(self.name, f"{number:g}")
        if not where.can_be(number):
            can_be = "what a sensor can show; check type, 'swapped', scale, offset, unit and 'no_values' of its map"
            raise BadReply(self.name, asked, f"{number:g}", can_be)
        return GaugeReading(time_s, in_kelvin(where.value(number), where.unit), f"{number:g}")
