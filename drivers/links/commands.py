"""One line per command: code, form, range and description, in the manner of the manual's command tables.

    range_index = control("RR", Integer(0, 8), "Control the current range (index, 0 to 8).")
    drift_correction = control("DC", Switch(on="0", off="1"), "Control drift correction (on or off).")
    trigger = control("TR", Choice({"single": "0", "continuous": "1"}), "Control it (single, continuous).")

Reading the attribute sends `?RR`, assigning it sends `RR5`; `trigger = "single"` sends `TR0`. Values are
checked strictly; a value out of range raises `OutOfRange` and is never sent. The codes of the wire stand in
these tables and nowhere else.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, Protocol, TypeVar, overload

from solbench.drivers.errors import BadReply, NoReply, OutOfRange
from solbench.drivers.links.link import Link
from solbench.drivers.links.numbers import first_integer, integer, number

T = TypeVar("T")
C = TypeVar("C", bound="Command[Any]")

FIVE_DIGITS = 1e-4  # relative: the precision that a value may lose in an answer of +n.nnnnE+xx


class Form(Protocol[T]):
    """The format of a value on the wire."""

    @property
    def unit(self) -> str:
        """Get the unit of the value."""
        ...

    def write(self, value: T, quantity: str) -> str:
        """Return the argument as text; raises OutOfRange."""
        ...

    def parse(self, text: str) -> T:
        """Return the value of a reply; raises ValueError."""
        ...


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high` (form I of the manuals)."""

    low: int
    high: int
    unit: str = "index"

    def write(self, value: int, quantity: str) -> str:
        """Return the number as text; raises OutOfRange."""
        try:
            number = operator.index(value)
        except TypeError:
            number = self.low - 1
        if isinstance(value, bool) or not self.low <= number <= self.high:
            raise OutOfRange(quantity, value, "", f"a whole number, {self.low} to {self.high}")
        return str(number)

    def parse(self, text: str) -> int:
        """Return the number of a reply; raises ValueError."""
        return integer(text)


@dataclass(frozen=True)
class FirstInteger(Integer):
    """A whole number whose answer may have more fields behind it; read only."""

    def parse(self, text: str) -> int:
        """Return the first number of a reply; raises ValueError."""
        return first_integer(text)


@dataclass(frozen=True)
class Float:
    """A number in `unit` from `low` to `high` (form F), written with `decimals` after the point.

    The 1287 manual gives the form as `+n.nnnnE+xx` (p. 91), four decimals; the 1260 echoes frequencies with
    seven. Zero is written as `0`, which both take.
    """

    low: float
    high: float
    unit: str
    decimals: int = 4
    signed: bool = True

    def write(self, value: float, quantity: str) -> str:
        """Return the number in exponent form; raises OutOfRange, also for NaN."""
        to_write = math.nan if isinstance(value, (bool, str)) else float(value)
        if not self.low <= to_write <= self.high:  # NaN is never inside
            raise OutOfRange(quantity, value, self.unit, f"{self.low:g} to {self.high:g} {self.unit}")
        if abs(to_write) < 1e-99:  # the form has two exponent digits
            return "0"
        return f"{to_write:+.{self.decimals}E}" if self.signed else f"{to_write:.{self.decimals}E}"

    def parse(self, text: str) -> float:
        """Return the number of a reply; raises ValueError, also for one that the instrument cannot have."""
        answered = number(text)
        margin = FIVE_DIGITS * max(abs(self.low), abs(self.high))
        if not self.low - margin <= answered <= self.high + margin:
            raise ValueError(text)
        return answered


@dataclass(frozen=True)
class Switch:
    """On or off, as True and False; `on` and `off` are what the wire says for them."""

    on: str
    off: str
    unit: str = "on or off"

    def write(self, value: bool, quantity: str) -> str:
        """Return the code; raises OutOfRange for anything but True and False."""
        if not isinstance(value, bool):
            raise OutOfRange(quantity, value, "", "True or False")
        return self.on if value else self.off

    def parse(self, text: str) -> bool:
        """Return the value of a reply; raises ValueError."""
        if (code := _code(text)) not in (self.on, self.off):
            raise ValueError(text)
        return code == self.on


@dataclass(frozen=True)
class Choice:
    """One of several words; `codes` says what the wire has for each."""

    codes: Mapping[str, str]

    @property
    def unit(self) -> str:
        """Get the words."""
        return ", ".join(self.codes)

    def write(self, value: str, quantity: str) -> str:
        """Return the code of a word; raises OutOfRange."""
        if not isinstance(value, str) or value not in self.codes:
            raise OutOfRange(quantity, value, "", f"one of {self.unit}")
        return self.codes[value]

    def parse(self, text: str) -> str:
        """Return the word of a reply; raises ValueError."""
        return self.word(_code(text))

    def word(self, code: object) -> str:
        """Return the word of a code, as settings give it; raises ValueError."""
        for word, its_code in self.codes.items():
            if its_code == str(code):
                return word
        raise ValueError(code)


@dataclass(frozen=True)
class Text:
    """Free text; read only."""

    unit: str = "text"

    def write(self, value: str, quantity: str) -> NoReturn:
        """Raise OutOfRange: no command takes free text."""
        raise OutOfRange(quantity, value, "", "nothing, it can only be read")

    def parse(self, text: str) -> str:
        """Return the reply without surrounding spaces."""
        return text.strip()


class Instrument:
    """The part of a driver that commands need: a link, and a check before each setting.

    `was_set` holds the arguments sent, by code, for comparison with the values read back. `read_back` lists
    the codes of the settings that are read back. `measuring_until_s`: by then (the clock's time, s) a measurement is
    over that may keep it from taking a command.
    """

    model = ""
    read_back: tuple[str, ...] = ()

    def __init__(self, link: Link) -> None:
        self.link = link
        self.was_set: dict[str, str] = {}
        self.measuring_until_s = -math.inf
        self._never_answered: set[str] = set()

    @property
    def name(self) -> str:
        """Get its name in error messages and on the bench."""
        return self.link.name

    def before_set(self, code: str, argument: str) -> None:
        """Check a setting that is about to be sent; a driver may raise OutOfOrder here."""

    def settings_as_read_back(self) -> dict[str, str]:
        """Return the settings as the instrument answers them, `{"RR": "5", ...}`.

        "not answered" if it does not know the query; it is then not asked again.
        """
        answers: dict[str, str] = {}
        for place, code in enumerate(self.read_back):
            try:
                answers[code.strip()] = self._answer(code)
            except NoReply:
                answers[code.strip()] = "not answered"
                self._never_answered.update(self.read_back[place:])
                break
            except BadReply as odd:
                answers[code.strip()] = odd.reply
        return answers

    def changed_settings(self) -> dict[str, str]:
        """Compare the instrument's settings with those sent; return the differences by name and code.

        Settings not answered in `settings_as_read_back` are not queried. Raises NoReply.
        """
        changes = {}
        for code in self.read_back:
            was = self.was_set.get(code)
            if was is None or code in self._never_answered:
                continue
            now = self._answer(code)
            if not self.agrees(code, was, now) and not self.agrees(code, was, now := self._answer(code)):
                changes[f"{self.name} {code.strip()}"] = f"{was} was set, {now} is read back"
        return changes

    def agrees(self, code: str, was: str, now: str) -> bool:
        """Return whether an answer agrees with the argument that was sent; a driver may know more of a code."""
        return same_value(was, now)

    def _answer(self, code: str) -> str:
        """Return an answer that can be one to the query of this code; raises NoReply, BadReply."""
        command = self._control(code)
        return self.link.ask(command.query, command.checked, f"a value in {command.form.unit}").strip()

    def _control(self, code: str) -> Control[Any]:
        commands = (one for kind in type(self).__mro__ for one in vars(kind).values())
        return next(one for one in commands if isinstance(one, Control) and one.code == code)


def same_value(was: str, now: str) -> bool:
    """Return whether an answer agrees with an argument, to the digits of an answer."""
    try:
        return math.isclose(number(was), number(now), rel_tol=FIVE_DIGITS)
    except ValueError:
        return was.strip() == now.strip()


def _code(text: str) -> str:
    """Return a code as it is sent: the format in which one is answered is not known for certain (C)."""
    field = text.strip()
    try:
        return str(integer(field))
    except ValueError:
        return field


class Command(Generic[T]):
    """One command of an instrument as an attribute of its driver."""

    def __init__(self, code: str, form: Form[T], doc: str, query: str = "") -> None:
        self.code = code  # with the blank that some languages want before an argument
        self.form = form
        self.query = query or f"?{code}"
        self.name = code
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def ask(self, instrument: Instrument) -> T:
        """Read the value back; raises BadReply and the link's errors."""
        return instrument.link.ask(self.query, self.form.parse, f"a value in {self.form.unit}")

    def checked(self, reply: str) -> str:
        """Return a reply that can be one, also to a value set by hand that is not in the table; raises ValueError."""
        try:
            self.form.parse(reply)
        except ValueError:
            for field in reply.split(","):
                number(field)
        return reply

    def send(self, instrument: Instrument, value: T) -> None:
        """Set the value; raises OutOfRange, OutOfOrder and the link's errors."""
        argument = self.form.write(value, self.name)
        instrument.before_set(self.code, argument)
        instrument.link.write(self.code + argument)
        instrument.was_set[self.code] = argument


class Measurement(Command[T]):
    """A command that can only be read."""

    @overload
    def __get__(self: C, instrument: None, owner: type) -> C: ...
    @overload
    def __get__(self, instrument: Instrument, owner: type) -> T: ...
    def __get__(self, instrument: Instrument | None, owner: type) -> Any:
        return self if instrument is None else self.ask(instrument)

    def __set__(self, instrument: Instrument, value: T) -> None:
        raise AttributeError(f"{self.name} can only be read")


class Setting(Command[T]):
    """A command that can only be set."""

    @overload
    def __get__(self: C, instrument: None, owner: type) -> C: ...
    @overload
    def __get__(self, instrument: Instrument, owner: type) -> NoReturn: ...
    def __get__(self, instrument: Instrument | None, owner: type) -> Any:
        if instrument is None:
            return self
        raise AttributeError(f"{self.name} can only be set")

    def __set__(self, instrument: Instrument, value: T) -> None:
        self.send(instrument, value)


class Control(Command[T]):
    """A command that can be set and read back."""

    @overload
    def __get__(self: C, instrument: None, owner: type) -> C: ...
    @overload
    def __get__(self, instrument: Instrument, owner: type) -> T: ...
    def __get__(self, instrument: Instrument | None, owner: type) -> Any:
        return self if instrument is None else self.ask(instrument)

    def __set__(self, instrument: Instrument, value: T) -> None:
        self.send(instrument, value)


def control(code: str, form: Form[T], doc: str, query: str = "") -> Control[T]:
    """Create a command that can be set and read back; `query` where it is not `?` and the code."""
    return Control(code, form, doc, query)


def setting(code: str, form: Form[T], doc: str) -> Setting[T]:
    """Create a command that can only be set."""
    return Setting(code, form, doc)


def measurement(query: str, form: Form[T], doc: str) -> Measurement[T]:
    """Create a query."""
    return Measurement(query.strip("?"), form, doc, query)
