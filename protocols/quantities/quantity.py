"""Values with units as fields of records and protocols: the SI value and the text as written.

A `Quantity` keeps its text, so that a file that is read and written again holds the same characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.units import Dimension, Parsed, leading_number, parse

Sign = Literal["any", "positive", "not negative", "not zero"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A physical quantity: its dimension, SI unit and an example for messages."""

    name: str
    dimension: Dimension
    si_unit: str
    example: str


_KINDS = (
    Kind("current", (0, 0, 0, 1, 0, 0), "A", "0.126 mA"),
    Kind("current density", (0, -2, 0, 1, 0, 0), "A/m2", "0.16 mA/cm2"),
    Kind("specific current", (-1, 0, 0, 1, 0, 0), "A/kg", "85 mA/g"),
    Kind("voltage", (1, 2, -3, -1, 0, 0), "V", "2.0 V"),
    Kind("voltage slope", (1, 2, -4, -1, 0, 0), "V/s", "1 mV/min"),
    Kind("charge", (0, 0, 1, 1, 0, 0), "C", "1.1 mAh"),
    Kind("areal capacity", (0, -2, 1, 1, 0, 0), "C/m2", "1.4 mAh/cm2"),
    Kind("specific capacity", (-1, 0, 1, 1, 0, 0), "C/kg", "800 mAh/g"),
    Kind("fraction", (0, 0, 0, 0, 0, 0), "", "95 %"),
    Kind("time", (0, 0, 1, 0, 0, 0), "s", "10 min"),
    Kind("frequency", (0, 0, -1, 0, 0, 0), "Hz", "1 MHz"),
    Kind("length", (0, 1, 0, 0, 0, 0), "m", "500 um"),
    Kind("area", (0, 2, 0, 0, 0, 0), "m2", "0.785 cm2"),
    Kind("mass", (1, 0, 0, 0, 0, 0), "kg", "1.366 mg"),
    Kind("conductivity", (-1, -3, 3, 2, 0, 0), "S/m", "1.8 mS/cm"),
    Kind("resistance", (1, 2, -3, -2, 0, 0), "ohm", "60 ohm"),
    Kind("conductance", (-1, -2, 3, 2, 0, 0), "S", "1 mS"),
    Kind("inductance", (1, 2, -2, -2, 0, 0), "H", "0.8 uH"),
    Kind("temperature", (0, 0, 0, 0, 1, 0), "K", "25 degC"),
    Kind("heating rate", (0, 0, -1, 0, 1, 0), "K/s", "1 K/min"),
    Kind("pressure", (1, -1, -2, 0, 0, 0), "Pa", "75 MPa"),
    Kind("energy", (1, 2, -2, 0, 0, 0), "J", "0.35 eV"),
    Kind("number of cycles", (0, 0, 0, 0, 0, 1), "cycles", "4 cycles"),
)
_BY_DIMENSION = {kind.dimension: kind for kind in _KINDS}
_BY_NAME = {kind.name: kind for kind in _KINDS}
C_RATE = "C-rate"
_ANY_UNIT = "Write a known unit, for example V, mV, mA/cm2, mAh/cm2, ohm, S/cm, Hz, s, min, h"
_SIGNS = "+-\u2212"
_REFERENCE = re.compile(r"[-+\u2212]?\$[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in SI and the text that the user wrote; two are equal if both are.

    `kind` names the physical quantity ("voltage", "areal capacity", "C-rate"...). A C-rate is in 1/s, so
    that rate x capacity (C) is a current (A); a fraction is 0.95 for "95 %". `written` is what stands in the file
    where that is a name for a value of a loop ("$current"), and "" elsewhere.
    """

    text: str
    value: float
    kind: str
    written: str = ""

    def __str__(self) -> str:
        return self.written or self.text


class Bound(str):
    """A text that a loop has put in place of what is `written` in the file, such as "$current"."""

    written: str

    def __new__(cls, text: str, written: str) -> Bound:
        """Make the text of a value."""
        made = super().__new__(cls, text)
        made.written = written
        return made


def is_reference(text: str) -> bool:
    """Say whether a text names a value of a loop.

    >>> is_reference("$current"), is_reference("-$current"), is_reference("5 mA")
    (True, True, False)
    """
    return _REFERENCE.fullmatch(text.strip()) is not None


def turns_sign(written: str) -> bool:
    """Say whether a name for a value of a loop gives it the other sign.

    >>> turns_sign("-$current"), turns_sign("$current"), turns_sign("")
    (True, False, False)
    """
    return written.startswith(("-", "\u2212"))


def quantity(text: str) -> Quantity:
    """Make a quantity of any known kind; raises `FieldError` (a ValueError) that says what is wrong.

    "2 C" is two coulombs here, "C/10" a C-rate; a field that takes a C-rate reads the text again.
    """
    parsed = _parsed(text, c_rate=_is_c_rate(text))
    if not parsed.has_unit:
        raise FieldError(f"'{text}' has no unit", "Write it with its unit")
    return Quantity(text, parsed.value, _kind_of(parsed))


def _parsed(text: str, *, c_rate: bool = False) -> Parsed:
    try:
        return parse(text, c_rate=c_rate)
    except FieldError as error:
        raise FieldError(error.message, error.cure or _ANY_UNIT) from None


def _is_c_rate(text: str) -> bool:
    """Say whether a text can only be a C-rate; "2 C" are two coulombs as well."""
    return "/" in text and text.lstrip("+- \u2212").startswith("C")


def parse_generic(text: str) -> float:
    """Read a text with any known unit as its SI value (areas per m2, energies in J, charges in C).

    Raises `FieldError` if it is not a number with a unit.
    """
    parsed = _parsed(text)
    if not parsed.has_unit:
        raise FieldError(f"'{text}' has no unit", "Write it with its unit, or as a bare number")
    return parsed.value


def kind_in_words(parsed: Parsed) -> str:
    """Return what kind of quantity it is, with its article."""
    return _a(_kind_of(parsed))


def _kind_of(parsed: Parsed) -> str:
    if parsed.c_rate:
        return C_RATE
    kind = _BY_DIMENSION.get(parsed.dimension)
    return kind.name if kind else "quantity of another kind"


@dataclass(frozen=True, slots=True)
class Accepts:
    """The kinds of quantity that a field takes, none for any, for `Annotated[Quantity, Accepts(...)]`.

    `word` is a text that the field takes as it is, such as "unknown".
    """

    kinds: tuple[str, ...]
    sign: Sign = "any"
    word: str = ""

    def read(self, value: Any) -> Quantity | str:
        """Make the quantity of a text; raises `FieldError` for what the field does not take."""
        if self.word and value == self.word:
            return self.word
        try:
            return self._quantity(value)
        except FieldError as error:
            if isinstance(value, Bound) and turns_sign(value.written):
                raise FieldError(
                    f"{error.message} ('{value.written}' turns the sign of the value)", error.cure
                ) from None
            raise

    def _quantity(self, value: Any) -> Quantity:
        text = value.text if isinstance(value, Quantity) else value
        written = value.written if isinstance(value, (Quantity, Bound)) else ""
        if isinstance(text, bool) or not isinstance(text, (str, int, float)):
            raise FieldError(f"{_shown(text)} is not a quantity", f"Write for example {self._examples()}")
        if not isinstance(text, str):
            raise self._no_unit(str(text))
        if is_reference(text):
            raise FieldError(
                f"no loop around this step has a value '{text.lstrip(_SIGNS + '$')}'",
                f"Write a value, or add the name to 'over' of the loop: {self._examples()}",
            )
        text = str(text)
        parsed = self._parsed(text)
        if not parsed.has_unit:
            raise self._no_unit(text)
        return Quantity(text, self._checked(text, parsed), _kind_of(parsed), written)

    def _parsed(self, text: str) -> Parsed:
        try:
            return parse(text, c_rate=C_RATE in self.kinds or (not self.kinds and _is_c_rate(text)))
        except FieldError as error:
            raise FieldError(
                error.message, error.cure or f"Write for example {self._examples(text)}"
            ) from None

    def _checked(self, text: str, parsed: Parsed) -> float:
        kind = _kind_of(parsed)
        if self.kinds and kind not in self.kinds:
            wanted = " or ".join(self.kinds)
            raise FieldError(
                f"'{text}' is {_a(kind)}, not {_a(wanted)}", f"Write for example {self._examples(text)}"
            )
        _check_sign(text, parsed.value, self.sign)
        return parsed.value

    def _no_unit(self, text: str) -> FieldError:
        return FieldError(f"'{text}' has no unit", f"Write it with one, for example {self._examples(text)}")

    def _examples(self, typed: str = "") -> str:
        """Return examples with the number that was typed, and its sign: a cure changes neither."""
        found = leading_number(typed)
        kinds = self.kinds or ("current density", "voltage")
        units = [_BY_NAME[kind].example.partition(" ")[2] for kind in kinds if kind != C_RATE]
        if found is None or not units:
            return " or ".join(f"'{example}'" for example in self.example_texts())
        return " or ".join(f"'{found} {unit}'" for unit in units)

    def example_texts(self) -> list[str]:
        """Return texts that the field takes, one for each kind of quantity."""
        kinds = self.kinds or ("current density", "voltage")
        texts = ["C/10" if kind == C_RATE else _BY_NAME[kind].example for kind in kinds]
        return [*texts, self.word] if self.word else texts

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        as_text = core_schema.plain_serializer_function_ser_schema(str)
        return core_schema.no_info_plain_validator_function(self.read, serialization=as_text)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> JsonSchemaValue:
        return {"type": "string", "examples": self.example_texts()}


def read(text: str, kind: str, sign: Sign = "positive") -> float:
    """Return the SI value of a text that is a quantity of this kind; raises `FieldError`, also without a unit.

    >>> read("1,5 kHz", "frequency"), read("10 min", "time")
    (1500.0, 600.0)
    """
    found = Accepts((kind,), sign).read(text)
    assert isinstance(found, Quantity), "it takes no word"
    return found.value


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _shown(value: Any) -> str:
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


def _check_sign(text: str, value: float, sign: Sign) -> None:
    if sign == "positive" and not value > 0:
        raise FieldError(f"'{text}' is not above zero", "Write a positive value")
    if sign == "not negative" and not value >= 0:
        raise FieldError(f"'{text}' is below zero", "Write zero or a positive value")
    if sign == "not zero" and value == 0:
        raise FieldError(f"'{text}' is zero", "Write a value that is not zero, or use a rest step")


_CURRENTS = ("current density", "current", "specific current", C_RATE)

AnyQuantity = Annotated[Quantity, Accepts(())]
Voltage = Annotated[Quantity, Accepts(("voltage",))]
NonzeroVoltage = Annotated[Quantity, Accepts(("voltage",), "not zero")]
PositiveVoltage = Annotated[Quantity, Accepts(("voltage",), "positive")]
Amplitude = Annotated[Quantity, Accepts(("voltage", "current"), "positive")]
PositiveResistance = Annotated[Quantity, Accepts(("resistance",), "positive")]
PositiveInductance = Annotated[Quantity, Accepts(("inductance",), "positive")]
VoltageSlope = Annotated[Quantity, Accepts(("voltage slope",), "positive")]
Time = Annotated[Quantity, Accepts(("time",), "positive")]
TimeOrZero = Annotated[Quantity, Accepts(("time",), "not negative")]
PointTime = Annotated[Quantity, Accepts(("time", "number of cycles"), "positive")]
PointTimeOrZero = Annotated[Quantity, Accepts(("time", "number of cycles"), "not negative")]
Frequency = Annotated[Quantity, Accepts(("frequency",), "positive")]
Fraction = Annotated[Quantity, Accepts(("fraction",), "not negative")]
State = Annotated[Quantity, Accepts(("fraction", "voltage", "time"))]
PositiveFraction = Annotated[Quantity, Accepts(("fraction",), "positive")]
PlainCurrent = Annotated[Quantity, Accepts(("current",), "positive")]
CellCurrent = Annotated[Quantity, Accepts(_CURRENTS, "not zero")]
CurrentMagnitude = Annotated[Quantity, Accepts(_CURRENTS, "positive")]
Capacity = Annotated[
    Quantity, Accepts(("areal capacity", "fraction", "charge", "specific capacity"), "positive")
]
StartCharge = Annotated[
    Quantity, Accepts(("fraction", "areal capacity", "charge", "specific capacity"), "not negative")
]
PassedCharge = Annotated[Quantity, Accepts(("areal capacity", "charge", "specific capacity"), "not zero")]
NominalCapacity = Annotated[Quantity, Accepts(("areal capacity", "charge"), "positive")]
Length = Annotated[Quantity, Accepts(("length",), "positive")]
Area = Annotated[Quantity, Accepts(("area",), "positive")]
Mass = Annotated[Quantity, Accepts(("mass",), "positive")]
Conductivity = Annotated[Quantity, Accepts(("conductivity",), "positive")]
Energy = Annotated[Quantity, Accepts(("energy",), "positive")]
Temperature = Annotated[Quantity, Accepts(("temperature",), "positive")]
HeatingRate = Annotated[Quantity, Accepts(("heating rate",), "positive")]
TemperatureOrUnknown = Annotated[
    Quantity | Literal["unknown"], Accepts(("temperature",), "positive", "unknown")
]
Pressure = Annotated[Quantity, Accepts(("pressure",), "not negative")]
PressureOrUnknown = Annotated[
    Quantity | Literal["unknown"], Accepts(("pressure",), "not negative", "unknown")
]
