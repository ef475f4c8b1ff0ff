"""What the window remembers of its user: a small JSON file, safe against damage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from solbench.acquisition.host.platform import default_bench_path, move, patiently, write_private

if TYPE_CHECKING:
    from pydantic import JsonValue

T = TypeVar("T")


def settings_path() -> Path:
    """Return where the settings lie: beside the user's bench file."""
    return default_bench_path().with_name("desktop.json")


def default_folder() -> Path:
    """Return the folder for run files of whoever has chosen none: not the home folder itself, which they would fill."""
    return Path.home() / "solbench-runs"


def values_in(path: Path) -> dict[str, JsonValue]:
    """Return the values that a file of settings holds; raises OSError or ValueError where it cannot be read."""
    values = json.loads(patiently(lambda: path.read_text(encoding="utf-8")))
    if not isinstance(values, dict):
        raise ValueError("not an object")
    return values


class Settings:
    """Named plain values (JSON). A file that cannot be read is put aside, and the defaults hold."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.put_aside: Path | None = None  # where a file is kept that could not be read
        self.fresh = not path.exists()  # nothing was ever remembered: the first start
        self._values: dict[str, JsonValue] = self._read()

    def get(self, name: str, default: T) -> T:
        """Return a value; the default where there is none, or one of another type."""
        value = self._values.get(name, default)
        return value if isinstance(value, type(default)) else default

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; other things that were written into it are left out."""
        kept: list[object] = self.get(name, [])
        return [text for text in kept if isinstance(text, str)]

    def set_texts(self, name: str, texts: Sequence[str]) -> None:
        """Remember a list of texts."""
        self.set(name, [*texts])

    def set(self, name: str, value: JsonValue) -> None:
        """Remember a value at once; a disk that does not take it is no reason to disturb the user."""
        if self._values.get(name) == value and name in self._values:
            return
        self._values[name] = value
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_private(self.path, json.dumps(self._values, indent=1))

    def _read(self) -> dict[str, JsonValue]:
        try:
            return values_in(self.path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            self._put_aside()
            return {}

    def _put_aside(self) -> None:
        aside = self.path.with_name(f"{self.path.name}.broken")
        self.put_aside = aside
        with suppress(OSError):
            move(self.path, aside)
