"""The lines of a folder's runs, kept: to read forty run files anew takes twice as long as all else that a list does.

They lie in the user's state folder, in one file for a folder and a program. A line follows from the files of its run
alone once that has ended, and is read anew where one of them has changed since. Tags are not kept: they lie in a
small file of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import solbench
from solbench.acquisition.control.registry import Entry, live_at
from solbench.acquisition.host.platform import read_private, state_folder, write_private
from solbench.acquisition.record.beside.packed import PACKED
from solbench.acquisition.record.beside.tags import tags_of
from solbench.analysis.listing.line import RunLine, find_runs
from solbench.cli.kept_summary import Stamp, forget_oldest, program_stamps, stamp_of

MOST_FOLDERS = 100
UNSURE_NS = 2_000_000_000  # so coarse may the clock of a file system be
_FROM = (".h5", ".h5.new", ".journal", f".journal{PACKED}", ".corrections")  # the files that decide a line


def lines_of(folder: Path, live: Sequence[Entry]) -> list[RunLine]:
    """Return the lines of the runs in a folder, the newest first; `live`: the runs that are in progress."""
    place = _place_of(folder)
    kept = _kept(place)
    now: dict[str, Any] = {}
    lines = []
    for path in find_runs(folder):
        stamps = [stamp_of(path.with_suffix(ending)) for ending in _FROM]
        running = live_at(path, live) is not None
        known = kept.get(path.name)
        line = None if running else _line(path, known, stamps)
        if line is None:
            line = RunLine.of(path, running)
            known = _entry(line, stamps)
        if known is not None:
            now[path.name] = known
        lines.append(line)
    if now != kept:
        with suppress(OSError):  # then they are read again
            place.parent.mkdir(mode=0o700, exist_ok=True)
            write_private(place, json.dumps(now))
            forget_oldest(place.parent, MOST_FOLDERS)
    return lines


def _entry(line: RunLine, stamps: Sequence[Stamp | None]) -> dict[str, Any] | None:
    """Return what is kept of a line, None where it may change although its files do not, or these just have."""
    newest_ns = max((stamp[1] for stamp in stamps if stamp is not None), default=0)
    if line.standing not in ("completed", "ended_early") or line.unix_s is None:
        return None
    offset_s = _offset_s(line.unix_s)
    if offset_s is None:
        return None
    if abs(time.time_ns() - newest_ns) < UNSURE_NS:
        return None
    fields = asdict(replace(line, tags=()))
    del fields["path"], fields["tags"]
    return {"stamps": _plain(stamps), "offset_s": offset_s, "line": fields}


def _line(path: Path, known: Any, stamps: Sequence[Stamp | None]) -> RunLine | None:
    """Return a line that was kept, None where a file has changed, or the time zone, and where it is no line."""
    with suppress(LookupError, TypeError):
        line = RunLine(path, **known["line"])
        same = known["stamps"] == _plain(stamps) and float(known["offset_s"]) == _offset_s(line.unix_s or 0.0)
        return replace(line, tags=tags_of(path, line.run)) if same else None
    return None


def _offset_s(unix_s: float) -> float | None:
    """Return how far local time was ahead of UTC, None where this is no time of a calendar (a clock was wrong)."""
    try:
        offset = datetime.fromtimestamp(unix_s).astimezone().utcoffset()
    except (OverflowError, ValueError, OSError):
        return None
    return offset.total_seconds() if offset is not None else 0.0


def _plain(stamps: Sequence[Stamp | None]) -> list[list[int] | None]:
    return [None if stamp is None else list(stamp) for stamp in stamps]


def _kept(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_private(place))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _place_of(folder: Path) -> Path:
    about = [str(folder.resolve()), solbench.__version__, *program_stamps()]
    return state_folder() / "lists" / f"{sha256(json.dumps(about).encode()).hexdigest()[:32]}.json"
