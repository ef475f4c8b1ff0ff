"""What instruments of IEEE 488.2 share: messages of commands between semicolons, answers, events, a status byte."""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import ClassVar

from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.faults import Faults

POWER_ON, COMMAND_ERROR, EXECUTION_ERROR, QUERY_ERROR, COMPLETE = 128, 32, 16, 4, 1
"""Bits of the event register (IEEE 488.2, A)."""
EVENT, REQUEST = 32, 64
"""Bits of the status byte: the event register's summary, and the request for service (IEEE 488.2, A)."""


class Unknown(Exception):
    """A command that the instrument does not know, or cannot take now; `event` is the bit of its register."""

    def __init__(self, code: int, text: str, event: int = COMMAND_ERROR) -> None:
        super().__init__(text)
        self.code, self.text, self.event = code, text, event


class LineInstrument:
    """An instrument whose messages end with a line feed or EOI; it is what the bus takes for a device.

    `obey(header, argument)` and `answer(header, argument)` are its language; both raise Unknown.
    """

    name: ClassVar[str] = ""

    output_ends = True
    held_until_s = -inf

    def __init__(self, faults: Faults, output_bytes_per_s: float, message_available_bit: int = 4) -> None:
        self.faults = faults
        self.output = b""
        self.output_bytes_per_s = output_bytes_per_s
        self.deaf_until_s = -inf
        self.alarm = Alarm(self.on_event)
        self.alarms = (self.alarm,)
        self.time_s = 0.0
        self.changes: int = 0  # counts what a stored world must know of
        self.errors: deque[tuple[int, str]] = deque()
        self.events = POWER_ON
        self.event_mask = self.request_mask = 0
        self._message_available = 1 << message_available_bit
        self._input = b""
        self._waiting: deque[str] = deque()  # commands behind a measurement
        self._measured: Callable[[], None] | None = None

    # the bus

    def receive(self, data: bytes, ends: bool, time_s: float) -> None:
        """Take bytes from the bus at `time_s`; `ends` says that EOI came with the last one."""
        self.time_s = time_s
        if time_s < self.deaf_until_s:
            return
        *messages, self._input = (self._input + data).replace(b"\r", b"").split(b"\n")
        if ends and self._input:
            messages.append(self._input)
            self._input = b""
        for message in messages:
            self._waiting.extend(message.decode("ascii", "replace").split(";"))
        self._go_on()

    def device_clear(self, time_s: float) -> None:
        """Empty input and output, and forget the commands that wait; settings stay (IEEE 488.2)."""
        self.time_s = time_s
        if time_s >= self.deaf_until_s:
            self._input = self.output = b""
            self._waiting.clear()
            self._measured = None
            self.alarm.set(inf)

    def trigger(self, time_s: float) -> None:
        """Do nothing: it measures when it is asked."""

    @property
    def requests_service(self) -> bool:
        """Say whether it pulls the service request line."""
        return bool(self._status() & self.request_mask)

    def serial_poll(self) -> int:
        """Get the status byte."""
        status = self._status()
        return status | (REQUEST if status & self.request_mask else 0)

    def has_nothing_to_say(self) -> None:
        """Be told to talk without a question; makes differ in whether they keep an error of it."""

    def take(self, count: int) -> bytes:
        """Give the talker's next `count` bytes away."""
        chunk, self.output = self.output[:count], self.output[count:]
        return chunk

    @property
    def next_event_s(self) -> float:
        """Get when it has something to do next, experiment time in s."""
        return self.alarm.due_s

    def on_event(self) -> None:
        """Finish what is under way, and go on with the commands that came meanwhile."""
        self.time_s = self.alarm.due_s
        self.alarm.set(inf)
        done, self._measured = self._measured, None
        if done is not None:
            done()
        self._go_on()

    # the front panel

    def press(self, command: str, time_s: float) -> None:
        """Take a setting from the front panel, written as the command that does the same."""
        self.time_s = time_s
        self._execute(command)

    def press_all(self, commands: tuple[str, ...]) -> None:
        """Take settings one after the other, at the time that it is."""
        for command in commands:
            self.press(command, self.time_s)

    @property
    def error(self) -> int:
        """Get the code of the last error, 0 for none."""
        return self.errors[-1][0] if self.errors else 0

    # the language

    def obey(self, header: str, argument: str) -> None:
        """Carry out a command; raises Unknown."""
        raise NotImplementedError

    def answer(self, header: str, argument: str) -> None:
        """Answer a question by `say`, now or later; raises Unknown."""
        raise NotImplementedError

    def split(self, command: str) -> tuple[str, str]:
        """Return the header of a command, in capitals, and its argument."""
        header, _, argument = command.partition(" ")
        return header.upper(), argument.strip()

    def say(self, text: str) -> None:
        """Put an answer behind those that wait."""
        message = text.encode("ascii") + b"\n"
        if self.faults.active:
            message = self.faults.spoil(self.name, message)
        self.output += message

    def later(self, seconds: float, then: Callable[[], None]) -> None:
        """Be busy for so long, and then do something; commands wait meanwhile."""
        self._measured = then
        self.alarm.set(self.time_s + seconds)

    def refuse(self, problem: Unknown) -> None:
        """Keep what was wrong with a command."""
        self.events |= problem.event
        self.errors.append((problem.code, problem.text))

    def _status(self) -> int:
        return (self._message_available if self.output else 0) | (
            EVENT if self.events & self.event_mask else 0
        )

    def _go_on(self) -> None:
        while self._waiting and self._measured is None:
            command = self._waiting.popleft().strip()
            if command:
                self._execute(command)

    def _execute(self, command: str) -> None:
        header, argument = self.split(command)
        try:
            if self.faults.active and (error := self.faults.error_of(self.name, header)):
                raise Unknown(error, "refused", EXECUTION_ERROR)
            if header.endswith("?"):
                self._answer(header[:-1], argument)
            else:
                self._obey(header, argument)
        except Unknown as problem:
            self.refuse(problem)

    def _obey(self, header: str, argument: str) -> None:
        if header == "*CLS":
            self.events = 0
            self.errors.clear()
        elif header == "*ESE":
            self.event_mask = number(argument, 0, 255, whole=True)
        elif header == "*SRE":
            self.request_mask = number(argument, 0, 255, whole=True)
        elif header == "*OPC":
            self.events |= COMPLETE
        else:
            self.obey(header, argument)

    def _answer(self, header: str, argument: str) -> None:
        common: dict[str, Callable[[], int]] = {
            "*STB": self.serial_poll,
            "*ESR": self._take_events,
            "*ESE": lambda: self.event_mask,
            "*SRE": lambda: self.request_mask,
            "*OPC": lambda: 1,
        }
        if header in common:
            self.say(str(common[header]()))
        else:
            self.answer(header, argument)

    def _take_events(self) -> int:
        events, self.events = self.events, 0
        return events


def number(text: str, low: float, high: float, *, whole: bool = False) -> int:
    """Read a whole number within its bounds; raises Unknown."""
    value = real(text, low, high)
    if whole and value != int(value):
        raise Unknown(-128, "numeric data not allowed", EXECUTION_ERROR)
    return int(value)


def real(text: str, low: float, high: float) -> float:
    """Read a number within its bounds; raises Unknown."""
    try:
        value = float(text)
    except ValueError:
        raise Unknown(-120, "numeric data error") from None
    if not low <= value <= high:
        raise Unknown(-222, "parameter data out of range", EXECUTION_ERROR)
    return value
