"""Reading of a cell's description: every number checked, unknown and missing keys refused by name."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

Parameters = TypeVar("Parameters")


class DescriptionError(ValueError):
    """A cell's description that cannot be built; the text names the key and the cure."""

    def __init__(self, key: str, problem: str, cure: str) -> None:
        super().__init__(f"{key} {problem}; {cure}.")
        self.key = key
        self.problem = problem
        self.cure = cure


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
    bounds = {"above": above, "at_least": at_least, "at_most": at_most}
    metadata = {"key": key, "example": example, **bounds}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def read(parameters: type[Parameters], block: Any, path: str) -> Parameters:
    """Make a parameter dataclass of a block of SI numbers; `path` says where the block stands.

    Raises `DescriptionError`.
    """
    block = mapping(block, path)
    fields = dataclasses.fields(parameters)  # type: ignore[arg-type]
    refuse_unknown(block, [field.metadata["key"] for field in fields], path)
    return parameters(**{field.name: _value(field, block, path) for field in fields})


def mapping(block: Any, path: str) -> Mapping[str, Any]:
    """Return `block` if it is a mapping; raises `DescriptionError` otherwise."""
    if not isinstance(block, Mapping):
        raise DescriptionError(path, f"is {block!r} and no block of keys", "give it as key: value lines")
    return block


def section(block: Mapping[str, Any], key: str, path: str) -> Any:
    """Return what stands under `key`; raises `DescriptionError` if nothing does."""
    if block.get(key) is None:
        raise DescriptionError(f"{path}.{key}", "is missing", "add this block to the cell record")
    return block[key]


def refuse_unknown(block: Mapping[str, Any], known: Iterable[str], path: str) -> None:
    """Raise `DescriptionError` for the first key of `block` that is not among `known`."""
    known = list(known)
    for key in block:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            cure = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise DescriptionError(f"{path}.{key}", "is not known", f"correct or remove it ({cure})")


def number(value: Any, key: str, example: str) -> float:
    """Return `value` as a float; raises `DescriptionError` if it is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DescriptionError(key, f"is {value!r} and no number", f"give a value such as {example}")
    return float(value)


def _value(field: dataclasses.Field[Any], block: Mapping[str, Any], path: str) -> Any:
    key, example = field.metadata["key"], field.metadata["example"]
    if block.get(key) is None:
        if field.default is not dataclasses.MISSING:
            return field.default
        raise DescriptionError(f"{path}.{key}", "is missing", f"add it, for example {key}: {example}")
    value = number(block[key], f"{path}.{key}", example)
    _check_bounds(value, field.metadata, f"{path}.{key}")
    return value


def _check_bounds(value: float, bounds: Mapping[str, Any], key: str) -> None:
    above, at_least, at_most = bounds["above"], bounds["at_least"], bounds["at_most"]
    rules = (
        (above is not None and not value > above, f"above {above:g}" if above is not None else ""),
        (at_least is not None and value < at_least, f"{at_least:g} or more" if at_least is not None else ""),
        (at_most is not None and value > at_most, f"{at_most:g} or less" if at_most is not None else ""),
    )
    for broken, rule in rules:
        if broken:
            raise DescriptionError(key, f"is {value:g} in SI units", f"it must be {rule}")
