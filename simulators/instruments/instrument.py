"""What every instrument on the bus has: an input that waits for its terminator, one output, one error."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.faults import Faults
from solbench.simulators.electronics.settings import Settings1260, Settings1287
from solbench.simulators.instruments.dump import DumpPort
from solbench.simulators.instruments.language import (
    OUT_OF_RANGE,
    Refused,
    Spec,
    Translator,
    defaults,
)

TERMINATIONS = (b"\r\n", b"\r\n", b"\r", b"\r")  # by OT 0 to 3; 1 and 3 with EOI
_ENDED = (1, 3)
"""With these OT a message ends with EOI (A)."""
_IGNORED = b"\r\n;"  # terminators that the switches did not choose
_Order = tuple[str, Callable[..., None], tuple[Any, ...]]
"""A message that was understood: its code, and what carries it out with which arguments."""
_SWITCHED = {"LF": b"\n", "CR": b"\r", ";": b";"}


class Instrument:
    """An instrument with the two-letter language; only its newest output is kept.

    A command ends with the terminator that the rear switches choose, and any other is ignored (1260 manual
    p. 136): a message without it stays in the input, unexecuted and unsaid.
    """

    name = ""
    table: Mapping[str, Spec] = {}
    integer_digits = 2
    """Most digits of an integer argument (C)."""

    _REMEMBERED = 4096  # messages

    # On the path of every message: of more than 30 attributes Python keeps a dictionary, which is slower.
    __slots__ = (
        "_after_reset",
        "_error_query_clears",
        "_handlers",
        "_input",
        "_lower_case_exponent",
        "_message_available",
        "_orders",
        "_table",
        "_terminator",
        "_translator",
        "alarm",
        "alarms",
        "changes",
        "deaf_until_s",
        "dump_port",
        "error",
        "faults",
        "output",
        "output_bytes_per_s",
        "output_ends",
        "time_s",
        "values",
    )

    def __init__(
        self, settings: Settings1260 | Settings1287, faults: Faults, table: Mapping[str, Spec] | None = None
    ) -> None:
        self._table = table or self.table
        self._after_reset = settings.after_reset
        self.values = defaults(self._table)
        self.error = 0
        self.output = b""
        self.output_ends = True  # whether EOI comes with the last byte
        self.output_bytes_per_s = settings.output_bytes_per_s
        self.deaf_until_s = -inf
        self.alarm = Alarm(self.on_event)
        self.alarms: tuple[Alarm, ...] = (self.alarm,)
        self.time_s = 0.0
        self.changes: int = 0  # counts what a stored world must know of
        self.faults = faults
        self._input = b""
        self._terminator = _SWITCHED.get(settings.input_terminator)
        self._error_query_clears = settings.error_query_clears
        self._message_available = 1 << settings.message_available_bit
        self._lower_case_exponent = settings.lower_case_exponent
        self.speaks(self._table)
        self._orders: dict[bytes, _Order] = {}  # by message, for readings repeat
        self._handlers = self.handlers()
        self.dump_port = DumpPort(self)

    def handlers(self) -> dict[str, Callable[..., None]]:
        """Get what codes do besides keeping a value."""
        return {}

    def speaks(self, table: Mapping[str, Spec]) -> None:
        """Take these codes and no others."""
        self._translator = Translator(table, self.integer_digits, self._lower_case_exponent)

    def receive(self, data: bytes, ends: bool, time_s: float) -> None:
        """Take bytes from the bus at `time_s`; `ends` says that EOI came with the last one."""
        self.time_s = time_s
        if time_s < self.deaf_until_s:
            return  # it is starting up: what comes now is lost
        if self._terminator is None:
            data = self._input + data
            self._input = b"" if ends else data
            if ends:
                self._execute(data)
            return
        *messages, self._input = (self._input + data).split(self._terminator)
        for message in messages:
            self._execute(message)

    def press(self, command: str, time_s: float) -> None:
        """Take a setting from the front panel, written as the command that does the same."""
        self.time_s = time_s
        self._execute(command.encode("ascii", "replace"))

    def press_all(self, commands: Sequence[str]) -> None:
        """Take settings one after the other, at the time that it is."""
        for command in commands:
            self.press(command, self.time_s)

    def understands(self, command: str) -> bool:
        """Say whether a text is a command, or a value, that it knows."""
        try:
            code, query, _ = self._translator.translate(command)
        except Refused:
            return False
        return not query and bool(code)

    def device_clear(self, time_s: float) -> None:
        """Empty input and output (GPIB's selected device clear); settings stay."""
        if time_s >= self.deaf_until_s:
            self._input = self.output = self.dump_port.output = b""

    def trigger(self, time_s: float) -> None:
        """Take GPIB's group execute trigger."""
        self.time_s = time_s

    @property
    def held_until_s(self) -> float:
        """Get until when it holds the bus's handshake off and takes no byte, experiment time in s."""
        return -inf

    @property
    def requests_service(self) -> bool:
        """Say whether it pulls the service request line."""
        return False

    def serial_poll(self) -> int:
        """Get the status byte."""
        return self._message_available if self.output else 0

    def take(self, count: int) -> bytes:
        """Give the talker's next `count` bytes away."""
        chunk, self.output = self.output[:count], self.output[count:]
        return chunk

    def say(self, text: str) -> None:
        """Put a message into the output, in place of what was there, ended as OT says."""
        kind = int(self.values["OT"])
        message = text.encode("ascii") + TERMINATIONS[kind]
        if self.faults.active:
            message = self.faults.spoil(self.name, message)
        self.output = message
        self.output_ends = kind in _ENDED

    def dump(self, data: bytes) -> None:
        """Put a dump out at the minor address, in place of what was there."""
        self.dump_port.put(data, int(self.values["OT"]) in _ENDED)

    @property
    def next_event_s(self) -> float:
        """Get when it has something to do next, experiment time in s."""
        return min(alarm.due_s for alarm in self.alarms)

    def on_event(self) -> None:
        """Do what `alarm` was set for."""
        raise NotImplementedError

    def reset(self, deaf_s: float) -> None:
        """Go back to the defaults and be deaf and mute for `deaf_s` seconds."""
        self.set_values(self.reset_values())
        self.press_all(self._after_reset)
        self.error = 0
        self._input = self.output = self.dump_port.output = b""
        self.deaf_until_s = self.time_s + deaf_s

    def reset_values(self) -> dict[str, float]:
        """Get every value as a reset leaves it."""
        return defaults(self._table)

    def set_values(self, values: Mapping[str, float]) -> None:
        """Take over all values; in place, for the analogue side looks at the same dictionary."""
        self.values.clear()
        self.values.update(values)
        self.changes += 1

    def settle(self, code: str) -> None:
        """Let a changed value of `code` act."""

    def _execute(self, data: bytes) -> None:
        try:
            order = self._orders.get(data) or self._translate(data)
            if order is None:
                return
            code, carry_out, arguments = order
            if self.faults.active and (error := self.faults.error_of(self.name, code)):
                raise Refused(error)
            carry_out(*arguments)
        except Refused as refused:
            self.refuse(refused.code)

    def _translate(self, data: bytes) -> _Order | None:
        """Translate a message, None where nothing is in it, and remember it; raises Refused."""
        text = data.translate(None, _IGNORED).decode("ascii", "replace")
        if not text:
            return None
        if len(self._orders) >= self._REMEMBERED:
            self._orders.clear()
        code, query, numbers = self._translator.translate(text)
        handler = self._handlers.get("?" + code if query else code)
        if handler is None:
            order: _Order = code, self._answer if query else self._keep, (code, numbers)
        else:
            order = code, handler, () if query else numbers
        self._orders[data] = order
        return order

    def refuse(self, code: int) -> None:
        """Note an error for ?ER."""
        self.error = code

    def _keep(self, code: str, numbers: tuple[Any, ...]) -> None:
        self.check(code, numbers)
        if len(numbers) == 2:
            self.values[f"{code}{numbers[0]}"] = numbers[1]
        elif numbers:
            self.values[code] = numbers[0]
        self.changes += 1
        self.settle(code)

    def check(self, code: str, numbers: tuple[Any, ...]) -> None:
        """Refuse what only the present state forbids."""

    def _answer(self, code: str, channel: tuple[Any, ...]) -> None:
        value = self.values[f"{code}{channel[0]}" if channel else code]
        self.say(f"{value:+.4E}" if self._table[code].form == "F" else f"{int(value)}")

    def answer_error(self) -> None:
        """Say the last error as two digits; `00` is none."""
        self.say(f"{self.error:02d}")
        if self._error_query_clears:
            self.error = 0

    def clear_error(self) -> None:
        """Forget the error."""
        self.error = 0


def refuse_unless(condition: bool) -> None:
    """Raise the error `argument out of range` unless `condition` holds."""
    if not condition:
        raise Refused(OUT_OF_RANGE)
