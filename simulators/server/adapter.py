"""A Prologix-compatible GPIB adapter: lines from the wire in, bytes from the instruments out.

Written from the maker's command set as clones document it. What it does with a line that it does not know, the
numbers it starts with and its version text are guesses (D) and stand in `AdapterSettings`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

from solbench.simulators.server.bus import ServedBus
from solbench.simulators.server.lines import take_lines, unescape

ENDS_OF_DATA = (b"\r\n", b"\r", b"\n", b"")  # by ++eos 0 to 3
_UNKNOWN = "Unrecognized command"
_CONTROLLER_ONLY = frozenset(("read", "spoll", "srq", "clr", "trg", "loc", "llo", "ifc"))


@dataclass(frozen=True)
class AdapterSettings:
    """What is not known for certain about an adapter."""

    version: str = "Prologix GPIB-ETHERNET Controller version 01.06.06.00"
    """Reply to ++ver (C)."""
    serial_version: str = "Prologix GPIB-USB Controller version 6.107"
    """The same on a serial line (C)."""
    exclusive: bool = False
    """Whether it takes one session at a time, as one on metal does."""
    read_tmo_ms: int = 200
    """++read_tmo_ms at power-on (D)."""
    read_tmo_max_ms: int = 3000
    """Largest ++read_tmo_ms (R); the AR488 takes 32000."""
    auto: int = 0
    """++auto at power-on (D)."""
    eos: int = 0
    """++eos at power-on (D)."""
    write_tmo_ms: int = 1000
    """How long an instrument may hold the bus before a command to it is given up, and lost (D)."""


@dataclass
class AdapterState:
    """What the box remembers, also from one session to the next. `pending` has no line end yet."""

    mode: int = 1
    address: int = 0
    secondary: int | None = None
    auto: int = 0
    eos: int = 0
    eoi: int = 1
    read_tmo_ms: int = 200
    eot_enable: int = 0
    eot_char: int = 0
    savecfg: int = 1
    lon: int = 0
    status: int = 0
    pending: bytearray = field(default_factory=bytearray)

    @classmethod
    def at_power_on(cls, settings: AdapterSettings) -> AdapterState:
        """Make the state that a box has after it was switched on."""
        return cls(auto=settings.auto, eos=settings.eos, read_tmo_ms=settings.read_tmo_ms)


class Adapter:
    """One session with the box. `send` puts bytes on the wire to the client, `gone` says whether it hung up."""

    def __init__(
        self,
        bus: ServedBus,
        settings: AdapterSettings,
        state: AdapterState,
        send: Callable[[bytes], None],
        gone: Callable[[], bool],
    ) -> None:
        self._bus = bus
        self._settings = settings
        self.state = state
        self._send = send
        self._gone = gone
        self._numbers = {
            "mode": (0, 1),
            "auto": (0, 1),
            "eos": (0, 3),
            "eoi": (0, 1),
            "read_tmo_ms": (1, settings.read_tmo_max_ms),
            "eot_enable": (0, 1),
            "eot_char": (0, 255),
            "savecfg": (0, 1),
            "lon": (0, 1),
            "status": (0, 255),
        }
        self._commands: dict[str, Callable[[list[str]], None]] = {
            "addr": self._addr,
            "read": self._read,
            "spoll": self._spoll,
            "srq": lambda _: self._reply(str(int(self._bus.requests_service()))),
            "clr": lambda _: self._bus.device_clear(self.state.address),
            "rst": self._rst,
            "ver": lambda _: self._reply(self._settings.version),
            "help": self._help,
            "trg": self._trg,
            "loc": self._nothing,
            "llo": self._nothing,
            "ifc": self._nothing,
        }

    def feed(self, data: bytes, before_line: Callable[[], None] = lambda: None) -> None:
        """Take bytes from the wire and carry out every line that is whole; `before_line` may hold it up."""
        pending = self.state.pending
        pending += data
        for line in take_lines(pending):
            before_line()
            if line.startswith(b"++"):
                self._command(line[2:].decode("ascii", "replace").split())
            elif self.state.mode:
                self._data(line)

    def _data(self, line: bytes) -> None:
        state = self.state
        data = unescape(line) + ENDS_OF_DATA[state.eos]
        if data:
            self._bus.write(state.address, data, bool(state.eoi), self._settings.write_tmo_ms * 1e-3)
        if state.auto:
            self._talk(until_end=True, stop=None)

    def _command(self, words: list[str]) -> None:
        name, arguments = (words[0], words[1:]) if words else ("", [])
        if name in self._numbers:
            self._number(name, arguments)
        elif name in _CONTROLLER_ONLY and not self.state.mode:
            return  # a device does not speak for the bus
        elif name in self._commands:
            self._commands[name](arguments)
        else:
            self._reply(_UNKNOWN)

    def _reply(self, text: str) -> None:
        self._send(text.encode("ascii", "replace") + b"\r\n")

    def _number(self, name: str, arguments: list[str]) -> None:
        """Set a number within its range, or report it."""
        if not arguments:
            self._reply(str(getattr(self.state, name)))
            return
        value = _integer(arguments[0], *self._numbers[name])
        if value is None:
            self._reply(_UNKNOWN)
        else:
            setattr(self.state, name, value)

    def _addr(self, arguments: list[str]) -> None:
        state = self.state
        if not arguments:
            secondary = "" if state.secondary is None else f" {state.secondary}"
            self._reply(f"{state.address}{secondary}")
            return
        primary = _integer(arguments[0], 0, 30)
        secondary_address = _integer(arguments[1], 96, 126) if len(arguments) > 1 else None
        if primary is None or (len(arguments) > 1 and secondary_address is None):
            self._reply(_UNKNOWN)
            return
        state.address, state.secondary = primary, secondary_address

    def _read(self, arguments: list[str]) -> None:
        if not arguments:
            self._talk(until_end=False, stop=None)
        elif arguments[0] == "eoi":
            self._talk(until_end=True, stop=None)
        elif (code := _integer(arguments[0], 0, 255)) is not None:
            self._talk(until_end=False, stop=bytes([code]))
        else:
            self._reply(_UNKNOWN)

    def _talk(self, *, until_end: bool, stop: bytes | None) -> None:
        self._bus.talk(
            self.state.address,
            self._give,
            until_end=until_end,
            stop=stop,
            timeout_s=self.state.read_tmo_ms * 1e-3,
            gone=self._gone,
        )

    def _give(self, chunk: bytes, ended: bool) -> None:
        mark = bytes([self.state.eot_char]) if ended and self.state.eot_enable else b""
        self._send(chunk + mark)

    def _spoll(self, arguments: list[str]) -> None:
        address = _integer(arguments[0], 0, 30) if arguments else self.state.address
        if address is None:
            self._reply(_UNKNOWN)
        elif (status := self._bus.serial_poll(address)) is not None:
            self._reply(str(status))

    def _trg(self, arguments: list[str]) -> None:
        """Trigger the instruments named, or the one addressed."""
        for address in [_integer(text, 0, 30) for text in arguments] or [self.state.address]:
            if address is not None:
                self._bus.trigger(address)

    def _rst(self, _arguments: list[str]) -> None:
        """Restart the box: the numbers of power-on, and nothing pending."""
        fresh = AdapterState.at_power_on(self._settings)
        pending = self.state.pending
        pending.clear()
        for item in dataclasses.fields(fresh):
            if item.name != "pending":
                setattr(self.state, item.name, getattr(fresh, item.name))

    def _help(self, _arguments: list[str]) -> None:
        for name in sorted([*self._numbers, *self._commands]):
            self._reply(f"++{name}")

    def _nothing(self, _arguments: list[str]) -> None:
        """Do what shows nowhere on this bench."""


def _integer(text: str, low: int, high: int) -> int | None:
    """Read a decimal number; None where it is none, or is out of its range."""
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return None
    value = int(text)
    return value if low <= value <= high else None
