"""The two-letter command language of the 1260 and the 1287 (1250 manual p. 130, 1287 manual p. 91)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN, ARGUMENT_MISMATCH, OUT_OF_RANGE, FLOAT_FORMAT, NO_VALUE = range(1, 6)
"""What ?ER says: error codes of group 0 (1250 manual p. 96, sister: C)."""

_FLOAT_CHARACTERS = frozenset("+-.0123456789E")


class Refused(Exception):
    """A command that the instrument does not take; `code` is what ?ER will say (1250 manual p. 96)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code:02d}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Spec:
    """What a command code takes.

    form: `F` float, `I` integer, `II` channel and integer, `P` two integers of equal rank, `` nothing.
    low, high: allowed values of `F`, `I` and `P`; of `II`, `channels` maps each channel to its integers.
    default: value after a reset. query_only: the code has no command, only a query. digits: how many an
    integer may have, where it is not the instrument's usual number.
    """

    form: str
    low: float = 0.0
    high: float = 0.0
    default: float = 0
    channels: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    action: bool = False
    query_only: bool = False
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message: code, whether it asks, and its arguments as text."""

    code: str
    query: bool
    arguments: tuple[str, ...]


def parse(text: str) -> Message:
    """Split a message into code and arguments; spaces are optional everywhere. Raises Refused."""
    text = text.replace(" ", "")
    if text.startswith("*"):
        return _parse_common(text)
    query = text.startswith("?")
    body = text[1:] if query else text
    code, rest = body[:2], body[2:]
    if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        raise Refused(UNKNOWN)
    return Message(code, query, tuple(rest.split(",")) if rest else ())


def _parse_common(text: str) -> Message:
    """Split an IEEE-488.2 command, whose query is a suffix: `*SRE16`, `*SRE?` (1260 manual p. 142)."""
    if text.endswith("?"):
        return Message(text[:-1], query=True, arguments=())
    code = text.rstrip("0123456789")
    rest = text[len(code) :]
    return Message(code, query=False, arguments=(rest,) if rest else ())


def arguments(spec: Spec, message: Message, integer_digits: int, lower_case: bool) -> tuple[Any, ...]:
    """Turn the texts of a command into numbers within the spec's range. Raises Refused."""
    wanted = {"": 0, "F": 1, "I": 1, "II": 2, "P": 2}[spec.form]
    if len(message.arguments) != wanted:
        raise Refused(ARGUMENT_MISMATCH)
    if spec.form == "F":
        return (_in_range(_float(message.arguments[0], lower_case), spec.low, spec.high),)
    numbers = tuple(_integer(text, spec.digits or integer_digits) for text in message.arguments)
    if spec.form in ("I", "P"):
        for number in numbers:
            _in_range(number, spec.low, spec.high)
    if spec.form == "II":
        _in_range(numbers[1], *_channel(spec, numbers[0]))
    return numbers


def channel_argument(spec: Spec, message: Message, integer_digits: int) -> tuple[int, ...]:
    """Get the channel that a query of an I,I code names (`?RA1`), or nothing. Raises Refused."""
    if spec.form != "II":
        if message.arguments:
            raise Refused(ARGUMENT_MISMATCH)
        return ()
    if len(message.arguments) != 1:
        raise Refused(ARGUMENT_MISMATCH)
    channel = _integer(message.arguments[0], integer_digits)
    _channel(spec, channel)
    return (channel,)


def _channel(spec: Spec, channel: int) -> tuple[int, int]:
    try:
        return spec.channels[channel]
    except KeyError:
        raise Refused(OUT_OF_RANGE) from None


def _in_range(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise Refused(OUT_OF_RANGE)
    return value


def _float(text: str, lower_case: bool) -> float:
    if lower_case:
        text = text.replace("e", "E")
    if not _FLOAT_CHARACTERS.issuperset(text):
        raise Refused(FLOAT_FORMAT)
    try:
        return float(text)
    except ValueError:
        raise Refused(FLOAT_FORMAT) from None


def _integer(text: str, digits: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Refused(FLOAT_FORMAT)
    if len(text) > digits:
        raise Refused(OUT_OF_RANGE)
    return int(text)


Translated = tuple[str, bool, tuple[Any, ...]]


class Translator:
    """Messages of one instrument to calls."""

    def __init__(self, table: Mapping[str, Spec], integer_digits: int, lower_case: bool) -> None:
        self._table = table
        self._integer_digits = integer_digits
        self._lower_case = lower_case

    def translate(self, text: str) -> Translated:
        """Get (code, is a query, numbers) of a message. Raises Refused."""
        message = parse(text)
        spec = self._table.get(message.code)
        if spec is None:
            raise Refused(UNKNOWN)
        if message.query:
            if spec.action:
                raise Refused(NO_VALUE)
            return message.code, True, channel_argument(spec, message, self._integer_digits)
        if spec.query_only:
            raise Refused(UNKNOWN)
        return message.code, False, arguments(spec, message, self._integer_digits, self._lower_case)


def defaults(table: Mapping[str, Spec]) -> dict[str, float]:
    """Get the values after a reset: by code, and for I,I codes by code and channel (`RA1`)."""
    values: dict[str, float] = {}
    for code, spec in table.items():
        if spec.form == "II":
            values.update({f"{code}{channel}": spec.default for channel in spec.channels})
        elif spec.form in ("F", "I") and not spec.action:
            values[code] = spec.default
    return values
