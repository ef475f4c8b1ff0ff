"""Reads a cell's description: every number is checked, unknown and missing keys are refused by name."""

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from solbench.simulators.unchecked import Block, Value

Parameters = TypeVar("Parameters")


class DescriptionError(ValueError):
    """A cell's description that cannot be built; the text names the key and the remedy."""

    def __init__(self, key: str, problem: str, cure: str) -> None:
        super().__init__(f"{key} {problem}; {cure}.")
        self.key = key
        self.problem = problem
        self.cure = cure


class Bounds(NamedTuple):
    """Where a number must lie; None where nothing bounds it."""

    above: float | None
    at_least: float | None
    at_most: float | None


def quantity(
    key: str,
    example: str,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    default: Any = dataclasses.MISSING,
) -> Any:
    """Declare a field that `read` fills from `key`; `example` is shown to the user when it is missing."""
    metadata = {"key": key, "example": example, "bounds": Bounds(above, at_least, at_most)}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def factors(key: str, example: str) -> Any:
    """Declare a field that `read` fills with a tuple of factors above 0; without the key it is empty."""
    metadata = {"key": key, "example": example, "bounds": Bounds(0.0, None, None), "many": True}
    return dataclasses.field(default=(), metadata=metadata)


def read(parameters: type[Parameters], block: Value, path: str) -> Parameters:
    """Make a parameter dataclass from a block of SI numbers; `path` is the block's place in the file.

    Raises `DescriptionError`.
    """
    block = mapping(block, path)
    fields = dataclasses.fields(parameters)  # type: ignore[arg-type]
    refuse_unknown(block, [field.metadata["key"] for field in fields], path)
    return parameters(**{field.name: _value(field, block, path) for field in fields})


def mapping(block: Value, path: str) -> Block:
    """Return `block` if it is a mapping; raises `DescriptionError` otherwise."""
    if not isinstance(block, Mapping):
        raise DescriptionError(path, f"is {block!r} and no block of keys", "give it as key: value lines")
    return block


def section(block: Block, key: str, path: str) -> Value:
    """Return the value of `key`; raises `DescriptionError` if there is none."""
    if block.get(key) is None:
        raise DescriptionError(f"{path}.{key}", "is missing", "add this block to the cell record")
    return block[key]


def refuse_unknown(block: Block, known: Iterable[str], path: str) -> None:
    """Raise `DescriptionError` for the first key of `block` that is not among `known`."""
    known = list(known)
    for key in block:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            cure = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise DescriptionError(f"{path}.{key}", "is not known", f"correct or remove it ({cure})")


def number(value: Value, key: str, example: str) -> float:
    """Return `value` as a float; raises `DescriptionError` if it is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DescriptionError(key, f"is {value!r} and no number", f"give a value such as {example}")
    return float(value)


def _value(field: dataclasses.Field[Any], block: Block, path: str) -> float | tuple[float, ...] | None:
    if field.metadata.get("many"):
        return _values(field, block, path)
    key, example = field.metadata["key"], field.metadata["example"]
    if block.get(key) is None:
        if field.default is not dataclasses.MISSING:
            default: float | None = field.default
            return default
        raise DescriptionError(f"{path}.{key}", "is missing", f"add it, for example {key}: {example}")
    value = number(block[key], f"{path}.{key}", example)
    _check_bounds(value, field.metadata["bounds"], f"{path}.{key}")
    return value


def _values(field: dataclasses.Field[Any], block: Block, path: str) -> tuple[float, ...]:
    key, example = field.metadata["key"], field.metadata["example"]
    values = block.get(key)
    if values is None:
        return ()
    if isinstance(values, str) or not isinstance(values, Sequence) or len(values) < 2:
        cure = f"give two factors or more, from empty to full at equal steps, as in {example}"
        raise DescriptionError(f"{path}.{key}", f"is {values!r}", cure)
    found = tuple(number(value, f"{path}.{key}", example) for value in values)
    for value in found:
        _check_bounds(value, field.metadata["bounds"], f"{path}.{key}")
    return found


def _check_bounds(value: float, bounds: Bounds, key: str) -> None:
    above, at_least, at_most = bounds
    rules = (
        (above is not None and not value > above, f"above {above:g}" if above is not None else ""),
        (at_least is not None and value < at_least, f"{at_least:g} or more" if at_least is not None else ""),
        (at_most is not None and value > at_most, f"{at_most:g} or less" if at_most is not None else ""),
    )
    for broken, rule in rules:
        if broken:
            raise DescriptionError(key, f"is {value:g} in SI units", f"it must be {rule}")
