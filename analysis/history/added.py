"""Which files of other cyclers belong to which cell of a folder: a list beside the runs, which is appended to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from solbench.acquisition.host.platform import FileLock, append_durably
from solbench.protocols.errors import BadInput

LIST = "cells.jsonl"


@dataclass(frozen=True)
class Added:
    """A file of a cell: its path (from the folder of the list where it lies below it), hash, and when it was added.

    `started`: when it began, as typed (ISO 8601), "" where the file says it itself. `removed`: it was added by mistake.
    """

    cell: str
    file: str
    sha256: str
    added: str
    started: str = ""
    removed: bool = False


def added_to(folder: Path, cell: str) -> list[Added]:
    """Return the files that were added to a cell in a folder, in order; raises BadInput where the list is damaged."""
    found: dict[str, Added] = {}
    for one in _read(folder):
        if one.cell == cell:
            found.pop(one.file, None)
            if not one.removed:
                found[one.file] = one
    return list(found.values())


def cells_with_files(folder: Path) -> set[str]:
    """Return the cells to which files were added."""
    return {one.cell for one in _read(folder)}


def add(folder: Path, cell: str, path: Path, started: str = "", *, removed: bool = False) -> Added:
    """Add a file to a cell, or take it away again; raises OSError, and BadInput where another program adds one."""
    name = _name(folder, path)
    digest = "" if removed else sha256_of(path)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    one = Added(cell, name, digest, now, started, removed)
    lock = FileLock(folder / LIST)
    if not lock.acquire():
        raise BadInput("another program is adding a file", "Try again in a moment", file=str(folder / LIST))
    try:
        whole = sum(len(line) for line in _lines(folder) if line.endswith(b"\n"))
        append_durably(folder / LIST, whole, json.dumps(asdict(one), ensure_ascii=False).encode() + b"\n")
    finally:
        lock.release()
    return one


def take_away(folder: Path, cell: str, path: Path) -> Added:
    """Take a file out of the life of a cell again; raises OSError, and BadInput where it is none of the cell's."""
    name = _name(folder, path)
    files = [one.file for one in added_to(folder, cell)]
    if name not in files:
        known = f"Its files are: {', '.join(files)}" if files else "No file was added to it"
        raise BadInput(f"this is no file of the cell '{cell}'", known, file=str(path))
    return add(folder, cell, path, removed=True)


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(folder: Path, path: Path) -> str:
    whole = path.absolute()
    return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else str(whole)


def _lines(folder: Path) -> list[bytes]:
    try:
        return (folder / LIST).read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []


def _read(folder: Path) -> list[Added]:
    found = []
    for number, line in enumerate(_lines(folder), 1):
        if not line.endswith(b"\n"):  # a torn last one was never acknowledged
            continue
        try:
            found.append(Added(**json.loads(line)))
        except (ValueError, TypeError):
            raise BadInput(
                "this line of the list is damaged",
                "Correct it or take it out",
                file=f"{folder / LIST}, line {number}",
            ) from None
    return found
