"""Frozen dataclasses to plain JSON values and back, by their fields; knows no event.

Key order is the order of the fields, so that a record's bytes follow from its class. Values are never converted:
a number that was written as 0 is read as 0.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

OMITTED = {"omitted": True}  # metadata of a field that is left out of the record at its default
_NUMBERS = frozenset((int, float))

Plain = dict[str, Any]  # what JSON says
Read = Callable[[Any], Any]
_Write = Callable[[int, float, Any], str]
T = TypeVar("T")


class _Layout(NamedTuple):
    """How a dataclass is written and read; worked out once a class, because a run has millions of records."""

    names: tuple[str, ...]
    known: frozenset[str]
    values: Callable[[Any], tuple[Any, ...]]
    omitted: tuple[tuple[str, Any], ...]  # with their defaults
    unomitted: tuple[str, ...]
    unomitted_values: Callable[[Any], tuple[Any, ...]]
    omitted_values: Callable[[Any], tuple[Any, ...]]
    defaults: tuple[Any, ...]  # of those that are omitted
    nested: tuple[str, ...]  # hold dataclasses, which JSON does not know
    readers: tuple[tuple[str, Read], ...]
    of_numbers: _Write | None  # the record as JSON, where the unomitted fields are all numbers


_LAYOUTS: dict[type, _Layout] = {}


def to_plain(body: Any) -> Plain:
    """Return the fields of a dataclass as JSON values, in order; omitted ones at their default are left out."""
    layout = _layout(type(body))
    if layout.omitted_values(body) == layout.defaults:  # as of nearly every sample
        plain = dict(zip(layout.unomitted, layout.unomitted_values(body), strict=True))
    else:
        plain = dict(zip(layout.names, layout.values(body), strict=True))
        for name, default in layout.omitted:
            if plain[name] == default:
                del plain[name]
    for name in layout.nested:
        if name in plain:
            plain[name] = _plain(plain[name])
    return plain


def numbers_record(seq: int, time_s: float, body: Any) -> str:
    """Return the record `seq` of `time_s` with the fields of a dataclass that has a `kind`, as one JSON object.

    "" of any but such in which all that is written are numbers; that is left to `to_plain` and an encoder, which say
    the same and take three times as long.
    """
    write = (_LAYOUTS.get(type(body)) or _layout(type(body))).of_numbers
    return write(seq, time_s, body) if write is not None else ""


def from_plain(kind: type[T], plain: Plain) -> T:
    """Return the dataclass that `plain` describes; keys that it does not have are ignored.

    Raises TypeError where a key is missing.
    """
    layout = _LAYOUTS.get(kind) or _layout(kind)
    if not layout.known.issuperset(plain):
        plain = {name: value for name, value in plain.items() if name in layout.known}
    if layout.readers:
        plain = plain | {name: read(plain[name]) for name, read in layout.readers if name in plain}
    return kind(**plain)


def _layout(kind: type) -> _Layout:
    found = _LAYOUTS.get(kind)
    if found is None:
        found = _LAYOUTS[kind] = _lay_out(kind)
    return found


def _lay_out(kind: type) -> _Layout:
    hints = get_type_hints(kind)
    own = fields(kind)
    names = tuple(item.name for item in own)
    omitted = tuple((item.name, item.default) for item in own if item.metadata.get("omitted"))
    unomitted = tuple(name for name in names if name not in dict(omitted))
    return _Layout(
        names,
        frozenset(names),
        _getter(names),
        omitted,
        unomitted,
        _getter(unomitted),
        _getter(tuple(name for name, _ in omitted)),
        tuple(default for _, default in omitted),
        tuple(name for name in names if _holds_dataclass(hints[name])),
        tuple((name, read) for name in names if (read := _reader(hints[name])) is not None),
        _writer(kind, unomitted, omitted, hints) if _are_numbers(hints, unomitted) else None,
    )


def _are_numbers(hints: dict[str, Any], names: tuple[str, ...]) -> bool:
    return bool(names) and _NUMBERS.issuperset(hints[name] for name in names)


def _writer(
    kind: type, names: tuple[str, ...], omitted: tuple[tuple[str, Any], ...], hints: dict[str, Any]
) -> _Write | None:
    """Return what writes a record as JSON; it gives "" where a value is not plainly the number that its field says.

    Written out for a class, as dataclasses are: no loop over the fields at every reading.
    """
    word = getattr(kind, "kind", None)
    if word is None:  # a part of records, and none itself
        return None
    of_floats = ["time_s", *(f"v{k}" for k, name in enumerate(names) if hints[name] is float)]
    of_ints = [f"v{k}" for k, name in enumerate(names) if hints[name] is int]
    lines = ["def write(seq, time_s, body):"]
    if omitted:
        # a default that is the same value, but not the same object, goes the long way
        given = (
            f"body.{name} is not {value}" if isinstance(value, bool) else f"body.{name} != {value!r}"
            for name, value in omitted
        )
        lines += [f"    if {' or '.join(given)}:", "        return ''"]
    lines += [f"    v{k} = body.{name}" for k, name in enumerate(names)]
    # JSON writes True otherwise than Python, and knows no infinity
    odd = [
        f"type({place}) is not {number}"
        for number, places in (("float", of_floats), ("int", of_ints))
        for place in places
    ]
    lines += [f"    if {' or '.join(odd)} or not isfinite({' + '.join(of_floats)}):", "        return ''"]
    inside = ",".join(f'"{name}":{{v{k}!r}}' for k, name in enumerate(names))
    lines += [f"""    return f'{{{{"seq":{{seq}},"kind":"{word}","time_s":{{time_s!r}},{inside}}}}}'"""]
    made: dict[str, Any] = {"isfinite": isfinite}
    exec("\n".join(lines), made)
    found: _Write = made["write"]
    return found


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda body: tuple(getattr(body, name) for name in names)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_plain(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _holds_dataclass(hint: Any) -> bool:
    return is_dataclass(hint) or any(_holds_dataclass(part) for part in get_args(hint))


def _reader(hint: Any) -> Read | None:
    """Return what turns a JSON value into what `hint` says; None where it is that already."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return next((_optional(read) for part in parts if (read := _reader(part)) is not None), None)
    if is_dataclass(hint):
        return lambda plain: from_plain(hint, plain)  # type: ignore[arg-type]
    if origin is tuple:
        inner = _reader(parts[0])
        return lambda plain: tuple(plain if inner is None else map(inner, plain))
    if isinstance(origin, type) and issubclass(origin, Mapping) and (inner := _reader(parts[1])) is not None:
        return lambda plain: {key: inner(item) for key, item in plain.items()}
    if isinstance(hint, type) and issubclass(hint, tuple):  # a NamedTuple is a list in JSON
        return lambda plain: hint(*(tuple(item) if isinstance(item, list) else item for item in plain))
    return None


def _optional(read: Read) -> Read:
    """Read what may be None, or a number in place of a pair of them."""
    return lambda plain: read(plain) if isinstance(plain, (list, dict)) else plain
