"""Settings that are made from a plain mapping and refuse, by name, what they do not know."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from solbench.simulators.unchecked import Value

SettingsT = TypeVar("SettingsT", bound="Checked")


class SettingError(ValueError):
    """A setting of the simulated bench is unknown or has an impossible value; the text names the cure."""


class Checked:
    """Dataclass of settings that can be made from a plain mapping."""

    @classmethod
    def from_mapping(
        cls: type[SettingsT], given: Mapping[str, Value | Checked], where: str = ""
    ) -> SettingsT:
        """Build the settings from `given`; raises SettingError on an unknown name or a wrong type."""
        fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        defaults = cls()
        values = {}
        for name, value in given.items():
            path = f"{where}{name}"
            if name not in fields:
                raise SettingError(f"{path} is no setting of the simulated bench; known: {', '.join(fields)}")
            values[name] = _converted(path, value, getattr(defaults, name))
        return cls(**values)


def _converted(path: str, value: Any, default: Any) -> Any:
    if isinstance(default, Checked):
        if isinstance(value, type(default)):
            return value
        if isinstance(value, Mapping):
            return type(default).from_mapping(value, f"{path}.")
        raise SettingError(f"{path} is {value!r}; it takes a group of settings")
    if isinstance(default, tuple):
        return _converted_tuple(path, value, default)
    if default is None:
        return None if value is None else _number(path, value)
    if isinstance(default, bool | str):
        if type(value) is not type(default):
            raise SettingError(f"{path} is {value!r}; it takes a value like {default!r}")
        return value
    return _number(path, value) if isinstance(default, float) else int(_number(path, value))


def _converted_tuple(path: str, value: Any, default: tuple[Any, ...]) -> tuple[Any, ...]:
    if default == () and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if not isinstance(value, list | tuple) or len(value) != len(default):
        takes = f"{len(default)} values" if default else "a list of texts"
        raise SettingError(f"{path} is {value!r}; it takes {takes}")
    return tuple(
        _converted(f"{path}[{i}]", v, d) for i, (v, d) in enumerate(zip(value, default, strict=True))
    )


def _number(path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingError(f"{path} is {value!r}; it takes a number")
    return float(value)


def require(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Raise SettingError unless `value` is one of those allowed."""
    if value not in allowed:
        raise SettingError(f"{name} is {value!r}; it takes one of {', '.join(map(str, allowed))}")
