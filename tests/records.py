"""Records for tests that care about a few of their fields: the rest is filled in with nothing."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_args, get_origin, get_type_hints

from solbench.acquisition.record.events import KINDS, Body, Event

_NOTHING = {int: 0, float: 0.0, str: "", bool: False}


def record(kind: str, time_s: float = 0.0, seq: int = 0, **given: Any) -> Event:
    """Return a record of this kind."""
    return Event(seq, time_s, body(kind, **given))


def body(kind: str, **given: Any) -> Body:
    """Return the body of a record of this kind, fields that are not given at zero, empty or None."""
    return filled(KINDS[kind], **given)


def filled(made: type, **given: Any) -> Any:
    """Return a dataclass with the fields that are not given and have no default at zero, empty or None."""
    hints = get_type_hints(made)
    lacking = [
        item.name
        for item in fields(made)
        if item.default is MISSING and item.default_factory is MISSING and item.name not in given
    ]
    return made(**given, **{name: _nothing(hints[name]) for name in lacking})


def _nothing(hint: Any) -> Any:
    if hint in _NOTHING:
        return _NOTHING[hint]
    parts = get_args(hint)
    if type(None) in parts:
        return None
    if get_origin(hint) is tuple:
        return ()
    if parts and isinstance(parts[0], str):  # a Literal
        return parts[0]
    if hasattr(hint, "__dataclass_fields__"):
        return filled(hint)
    return {}
