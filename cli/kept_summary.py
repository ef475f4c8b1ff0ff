"""What `solbench summary` says of a finished run, kept: the fits of its spectra take seconds, and stay the same.

Each lies in the user's state folder, named after all that it follows from: the path of the run file, which size and
time it and its corrections have, and the program. What does not fit is worked out anew, and so is what cannot be
read. Tags steer nothing: they are put in when it is printed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import solbench
from solbench.acquisition.host.platform import read_private, remove, state_folder, write_private
from solbench.cli.output import as_json
from solbench.protocols.errors import shown

if TYPE_CHECKING:
    from solbench.analysis.summary import Summary

MOST_KEPT = 500
Stamp = tuple[int, int, int, int]
_MARK = "\0"  # stands where the tags come: no text of a user has it
_ROOMS = ("acquisition/record", "analysis", "fitting", "protocols")  # from which a summary follows


@dataclass(frozen=True)
class KeptSummary:
    """A summary as it is printed but for its tags: in short, whole, and as JSON; and what decides how the command ends.

    `is_withheld`: a conclusion is, or the journal is damaged, so that nothing is told of what comes after. `run_id`:
    the UUID of the run.
    """

    simulated: bool
    is_withheld: bool
    short: str
    whole: str
    json: str
    run_id: str = ""

    def with_tags(self, tags: Sequence[str]) -> KeptSummary:
        """Return the same as it is printed of a run that has these tags."""
        line = f"tags: {', '.join(tags)}"

        def put_in(text: str) -> str:
            lines = [line if each == f"tags: {_MARK}" else each for each in text.split("\n")]
            return "\n".join(each for each in lines if tags or each != line)

        plain = json.dumps(json.loads(self.json) | {"tags": list(tags)}, ensure_ascii=False, allow_nan=False)
        return replace(self, short=put_in(self.short), whole=put_in(self.whole), json=shown(plain))


def in_words(summary: Summary, run_id: str) -> KeptSummary:
    """Return a summary of the run with this UUID as it is printed but for its tags."""
    from solbench.analysis.summary_text import as_text

    summary = replace(summary, tags=(_MARK,))
    short, whole = as_text(summary, whole=False), as_text(summary)
    return KeptSummary(
        summary.simulated, bool(summary.withheld or summary.damage), short, whole, as_json(summary), run_id
    )


def kept(place: Path | None) -> KeptSummary | None:
    """Return what was kept at this place, None where there is nothing that can be read."""
    if place is None:
        return None
    try:
        return KeptSummary(**json.loads(read_private(place)))
    except (OSError, ValueError, TypeError):
        return None


def keep(place: Path | None, run: Path, words: KeptSummary) -> None:
    """Keep the summary of a run whose place was `place` before it was read; not where its files have changed since."""
    if place is None or place != place_of(run):
        return
    with suppress(OSError):  # then it is worked out again
        place.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(place, json.dumps(asdict(words)))
        forget_oldest(place.parent, MOST_KEPT)


def place_of(run: Path) -> Path | None:
    """Return where the summary of a run file is kept; None where there is no such file."""
    try:
        files = [stamp_of(run), stamp_of(run.with_suffix(".corrections"))]
        if files[0] is None:
            return None
        about = [str(run), *files, solbench.__version__, *program_stamps()]
        return state_folder() / "summaries" / f"{sha256(json.dumps(about).encode()).hexdigest()[:32]}.json"
    except OSError:
        return None


def stamp_of(path: Path) -> Stamp | None:
    """Return what changes when a file does: its size, time (ns), number and that of its last change (ns).

    The last is not that of what stands in it, which whoever copies a file may set; on Windows it is that of its
    creation. None where there is no such file.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns


@cache
def program_stamps() -> tuple[int, ...]:
    """Return what changes when the program does, also where its sources are edited in place."""
    rooms = [Path(package, room) for package in solbench.__path__ for room in _ROOMS]
    found = (path for room in rooms for path in sorted(room.rglob("*.py")))
    return tuple(path.stat().st_mtime_ns for path in found)


def forget_oldest(folder: Path, most: int) -> None:
    """Remove the oldest files of a folder beyond so many."""
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-most]:
        remove(path)
