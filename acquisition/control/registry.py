"""Which runs there are: one small file a run, readable by the user alone, with the way to its control channel."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from solbench.acquisition.host.platform import (
    is_alive,
    read_private,
    remove,
    started_at,
    state_folder,
    write_private,
)
from solbench.acquisition.record.beside.paths import run_file
from solbench.protocols.errors import BadInput

SHORTEST_ID = 8  # characters, of which a run's id has 36


@dataclass(frozen=True)
class Entry:
    """A run that has an engine process: where it is, how to reach it, who it is."""

    run: str
    path: str
    pid: int
    pid_started: str
    port: int
    token: str
    bench: str
    bench_key: str
    protocol: str
    cell: str
    started: str
    version: str

    @property
    def alive(self) -> bool:
        """Get whether the engine process is still that one."""
        return is_alive(self.pid) and started_at(self.pid) == self.pid_started


def runs_folder() -> Path:
    """Return the folder of the registry."""
    folder = state_folder() / "runs"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def this_process() -> tuple[int, str]:
    """Return number and start of this process, for an entry."""
    return os.getpid(), started_at(os.getpid())


def register(entry: Entry) -> Path:
    """Write the file of a run; return its path."""
    path = runs_folder() / f"{entry.run}.json"
    write_private(path, json.dumps(asdict(entry)))
    return path


def unregister(run: str) -> None:
    """Remove the file of a run."""
    remove(runs_folder() / f"{run}.json")


def entries() -> list[Entry]:
    """Return all runs in the registry, the dead ones too, oldest first."""
    found = []
    for path in runs_folder().glob("*.json"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append(Entry(**json.loads(read_private(path))))
    return sorted(found, key=lambda entry: entry.started)


def live_entries() -> list[Entry]:
    """Return the runs whose engine process is alive, newest first."""
    return [entry for entry in reversed(entries()) if entry.alive]


def is_run_at(run: Path, path: Path) -> bool:
    """Say whether two paths of run files are of one run: its file, or its journal, may be reached by a link."""
    return run == path or bool(_files_of(run) & _files_of(path))


def _files_of(run: Path) -> set[tuple[int, int]]:
    found = set()
    for path in (run, run.with_suffix(".journal")):
        with contextlib.suppress(OSError, ValueError):  # a name may be none that a file can have
            stat = path.stat()
            found.add((stat.st_dev, stat.st_ino))
    return found


def live_at(path: Path, live: Sequence[Entry]) -> Entry | None:
    """Return which of the runs in progress has this file or journal, None if none has."""
    return next((entry for entry in live if is_run_at(Path(entry.path), run_file(path))), None)


def means(name: str, path: str, run: str) -> bool:
    """Say whether `name` means the run `run` with the run file `path`: its file, or the beginning of its id.

    A few characters are no beginning of an id: runs are called 1, 7, a or c1, and every id begins with one of those.
    """
    at = bool(path) and is_run_at(Path(path), run_file(name))
    return at or (len(name) >= SHORTEST_ID and run.startswith(name.lower()))


def find(name: str | None) -> Entry:
    """Return the run that `name` means (see `means`), or the only live one; raises BadInput."""
    known = entries()
    live = [entry for entry in known if entry.alive]
    if name is None:
        chosen = live
    else:
        chosen = [entry for entry in known if means(name, entry.path, entry.run)]
        chosen = [entry for entry in chosen if entry in live] or chosen
    if len(chosen) == 1:
        return chosen[0]
    listed = "; ".join(f"{one.path} (id {one.run[:SHORTEST_ID]}, {one.protocol})" for one in chosen or live)
    if not chosen:
        said = "no run is in progress" if name is None else f"no run '{name}' is in progress"
        cure = "solbench runs lists those that are" + (f": {listed}" if listed else "")
        raise BadInput(said, cure)
    raise BadInput("there is more than one run", f"Say which: {listed}", field="RUN")
