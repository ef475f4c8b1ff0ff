"""What a menu offers, as data: text, key and what is done; no widget.

No entry is ever greyed: what cannot be done now says why, and a key that did nothing would not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Action:
    """An entry: its text, what it does, the key that does the same, and whether it is ticked (None: no tick)."""

    text: str
    work: Callable[[], object]
    key: str = ""
    ticked: bool | None = None


@dataclass(frozen=True)
class Choice:
    """Entries of which one is ticked: texts by name, the name chosen at first, and what a choice does."""

    texts: Mapping[str, str]
    chosen: str
    choose: Callable[[str], object]


@dataclass(frozen=True)
class Separator:
    """A line between entries."""


@dataclass(frozen=True)
class Menu:
    """A menu with its entries; as a function, they are made whenever the menu opens."""

    text: str
    entries: Sequence[Entry] | Callable[[], Sequence[Action]]


Entry: TypeAlias = Action | Choice | Separator | Menu
