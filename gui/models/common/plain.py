"""A protocol or a cell record while it is edited: plain values as the user typed them, right or wrong."""

from typing import Any, TypeAlias

Data: TypeAlias = dict[str, Any]


def look_up(data: object, *names: str) -> Any:
    """Return what a field holds, None if it is not there; `names` go into groups."""
    here = data
    for name in names:
        here = here.get(name) if isinstance(here, dict) else None
    return here


def put(data: Data, value: object, *names: str) -> None:
    """Put a value into a field, in groups that are made where they are missing; None or "" takes the field away."""
    *groups, last = names
    for name in groups:
        if not isinstance(data.get(name), dict):
            data[name] = {}
        data = data[name]
    if value is None or value == "":
        data.pop(last, None)
    else:
        data[last] = value
