"""The values over which a loop goes, and how its steps name them: `current: $current`, or `-$current` for the reverse.

A name stands for the value of the pass, text for text, wherever a step of the loop has a quantity. So a step is
planned, checked and described as if the value had been written there, once for each pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ModelWrapValidatorHandler, model_serializer, model_validator

from solbench.protocols.errors import FieldError
from solbench.protocols.model import Model
from solbench.protocols.quantities.quantity import C_RATE, Accepts, AnyQuantity, Bound, Quantity, quantity
from solbench.protocols.quantities.units import leading_number, parse
from solbench.protocols.segments import Pass

MOST_VALUES = 1000
MOST_STEPS = (
    20_000  # that the values of loops in loops make of those that are written: each is read and checked
)
NAME = r"[A-Za-z][A-Za-z0-9_]*"
_REFERENCE = re.compile(r"\s*([-+\u2212]?)\s*\$([A-Za-z]\w*)\s*", re.ASCII)
_NO_VALUES = ("name", "kind", "notes")  # of a step: these are no quantities


def _named(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise FieldError(
            f"'{name}' is not a name of letters, digits and '_' that begins with a letter",
            f"Write for example '{re.sub('[^A-Za-z0-9]+', '_', name).strip('_0123456789') or 'current'}'",
        )
    return name


SeriesName = Annotated[str, Field(max_length=40), AfterValidator(_named)]


class Values(Model):
    """The values of a series: a list, or those `from` one `to` another, `step` apart.

    `step` is a magnitude; `to` is the last value, even where no whole number of steps leads there.
    """

    values: tuple[AnyQuantity, ...] = ()
    start: AnyQuantity | None = Field(default=None, alias="from")
    stop: AnyQuantity | None = Field(default=None, alias="to")
    step: AnyQuantity | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _list_or_range(cls, data: Any, read: ModelWrapValidatorHandler[Values]) -> Values:
        if isinstance(data, (list, tuple)):
            data = {"values": data}
        elif isinstance(data, (str, int, float)):
            raise FieldError(
                "this is one value, and a series has several",
                "Write them in square brackets, or 'from', 'to' and 'step'",
            )
        found = read(data)
        found.texts()  # raises where they are no series
        return found

    @model_serializer
    def _as_written(self) -> Any:
        if self.values:
            return [str(value) for value in self.values]
        return {"from": str(self.start), "to": str(self.stop), "step": str(self.step)}

    def texts(self) -> tuple[str, ...]:
        """Return the values as texts, in their order; raises `FieldError` where they are no series."""
        ends = (self.start, self.stop, self.step)
        if self.values and any(ends):
            raise FieldError("a series is a list or a range, not both", "Leave one of them out")
        if not self.values:
            if None in ends:
                raise FieldError("this does not say which values", "Write a list, or 'from', 'to' and 'step'")
            assert self.start
            assert self.stop
            assert self.step
            return _range(self.start, self.stop, self.step)
        if len(self.values) > MOST_VALUES:
            raise FieldError(f"{len(self.values)} values are more than {MOST_VALUES}", "Write fewer")
        return tuple(value.text for value in self.values)


def _range(start: Quantity, stop: Quantity, step: Quantity) -> tuple[str, ...]:
    if C_RATE in (start.kind, stop.kind, step.kind):
        start, stop, step = (_in_multiples(each) for each in (start, stop, step))
    for other, field in ((stop, "to"), (step, "step")):
        if other.kind != start.kind:
            raise FieldError(
                f"'{other.text}' is a {other.kind}, '{start.text}' a {start.kind}",
                "Write all three in one kind of unit",
                field=field,
            )
    number = leading_number(start.text)
    assert number is not None, "it was read as a quantity"
    unit = start.text.partition(number)[2].strip()
    first = parse(f"0 {unit}").value
    one = parse(f"1 {unit}").value - first
    by = _exact(abs(_difference(step)) / one)
    if not by:
        raise FieldError(f"'{step.text}' leads nowhere", "Write a step that is not zero", field="step")
    begin, end = (_exact((value.value - first) / one) for value in (start, stop))
    count = abs(end - begin) // by
    if count + 1 > MOST_VALUES:
        raise FieldError(f"this is more than {MOST_VALUES} values", "Write a larger step", field="step")
    way = 1 if end >= begin else -1
    found = [begin + way * by * place for place in range(count + 1)]
    if found[-1] != end:
        found.append(end)
    return tuple(f"{float(value):.12g} {unit}" for value in found)


def _in_multiples(rate: Quantity) -> Quantity:
    """Return a C-rate as a multiple, which has a number before its unit: "0.1 C" for "C/10"."""
    read = Accepts((C_RATE,)).read(rate.text)
    assert isinstance(read, Quantity)
    return quantity(f"{read.value * 3600.0:.12g} C")


def _difference(step: Quantity) -> float:
    """Return a step in SI: "5 degC" apart are 5 K."""
    number = leading_number(step.text)
    assert number is not None, "it was read as a quantity"
    return step.value - parse(f"0 {step.text.partition(number)[2].strip()}").value


def _exact(value: float) -> Fraction:
    """Return what was written, without what its conversion has left in the last digits."""
    return Fraction(f"{value:.12g}")


Over = dict[SeriesName, Values]


def rows(over: Over) -> tuple[dict[str, str], ...]:
    """Return the values of each pass by name, as texts; raises `FieldError` where some have more than others."""
    columns = {name: values.texts() for name, values in over.items()}
    lengths = {name: len(texts) for name, texts in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"'{name}' has {count}" for name, count in lengths.items())
        raise FieldError(f"values that go together are equally many: {shown}", "Write as many of each")
    return tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def bind(data: Any, row: Mapping[str, str]) -> Any:
    """Return plain data of steps with the names in `row` replaced by their texts."""
    if isinstance(data, str):
        found = _REFERENCE.fullmatch(data)
        if found is None or found[2] not in row:
            return data
        return Bound(_signed(found[1], str(row[found[2]])), data)
    if isinstance(data, (list, tuple)):
        return [bind(item, row) for item in data]
    if not isinstance(data, Mapping):
        return data
    own = data.get("over")
    inner = row
    if isinstance(own, Mapping) and data.get("kind") == "loop":  # its own names come first
        inner = {name: text for name, text in row.items() if name not in own}
    return {
        key: value if key in _NO_VALUES else bind(value, inner if key == "steps" else row)
        for key, value in data.items()
    }


def unused(data: Any, names: Iterable[str]) -> str | None:
    """Return the first of some names that nothing in the data of steps stands for; None where all are used."""
    for name in names:
        if bind(data, {name: "0"}) == data:
            return name
    return None


def size(data: Any) -> int:
    """Return how many steps the data of a list of steps make, those of series in it counted for each value."""
    if not isinstance(data, (list, tuple)):
        return 1
    total = 0
    for step in data:
        inner, over = (step.get("steps"), step.get("over")) if isinstance(step, Mapping) else (None, None)
        total += 1 if inner is None else _passes(over) * size(inner)
    return total


def _passes(over: Any) -> int:
    """Return how many passes a series makes, at most where it is made of the values of another one."""
    if not isinstance(over, Mapping) or not over:
        return 1
    first = next(iter(over.values()))
    if isinstance(first, (list, tuple)):
        return len(first)
    try:
        return len(Values.model_validate(first).texts())
    except ValueError:
        return MOST_VALUES


def _signed(sign: str, text: str) -> str:
    if sign not in ("-", "\u2212"):
        return text
    bare = text.strip()
    if bare[0] in "-\u2212":
        return bare[1:].lstrip()
    return f"-{bare.removeprefix('+')}"


def in_words(row: Mapping[str, str]) -> str:
    """Return the values of a pass for people: "current 0.1 mA/cm2, time 2 h"."""
    return ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in row.items())


def values_in_words(passes: Sequence[Pass]) -> str:
    """Return the values of the series around a step: "current 0.1 mA/cm2, time 2 h"; "" where there are none."""
    return ", ".join(in_words(each.values) for each in passes if each.values)


def series_in_words(over: Over) -> str:
    """Return the values of a series for people; of a long one the first, the second and the last."""
    found = []
    for name, values in over.items():
        texts = tuple(map(str, values.values)) or values.texts()
        few = texts if len(texts) <= 8 else (*texts[:2], "...", texts[-1])
        found.append(f"{name.replace('_', ' ')} {', '.join(few)}")
    return " and ".join(found)
