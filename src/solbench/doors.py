"""The doors of the rooms: public names that are loaded when they are first used (PEP 562).

A room's `__init__` imports what it publishes for type checkers alone, below `if TYPE_CHECKING`, and names it in
`__all__`. The same imports are carried out one by one when a name is asked for, so a door costs no start anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType


def lazily(room: str) -> Callable[[str], object]:
    """Make the `__getattr__` of the package `room`."""

    def load(name: str) -> object:
        home = _homes(room).get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        found = getattr(import_module(home), name)
        setattr(sys.modules[room], name, found)  # from now on without this function
        return found

    sys.modules[room].__class__ = _Door
    return load


class _Door(ModuleType):
    """A room of which a published name stays what it is, though a module of the same name be imported after it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _homes(self.__name__)):
            super().__setattr__(name, value)


@cache
def _homes(room: str) -> dict[str, str]:
    """Return the modules that define the names of a room, by name."""
    import ast

    source = Path(sys.modules[room].__file__ or "").read_text(encoding="utf-8")
    imports = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    inside = ((node.module or "", node.names) for node in imports)
    return {name.name: home for home, names in inside if home.startswith(f"{room}.") for name in names}
