"""Which runs there are: one small file a run, readable by the user alone, with the way to its control channel."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from solbench.acquisition.host.platform import is_alive, started_at, state_folder, write_private
from solbench.protocols.errors import BadInput


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
    (runs_folder() / f"{run}.json").unlink(missing_ok=True)


def entries() -> list[Entry]:
    """Return all runs in the registry, the dead ones too, oldest first."""
    found = []
    for path in runs_folder().glob("*.json"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            found.append(Entry(**json.loads(path.read_text())))
    return sorted(found, key=lambda entry: entry.started)


def find(name: str | None) -> Entry:
    """Return the run that `name` means (file, stem or start of its id), or the only live one; raises BadInput."""
    known = entries()
    if name is not None:
        path = str(Path(name).absolute().with_suffix(".h5"))
        chosen = [entry for entry in known if entry.path == path or entry.run.startswith(name)]
        chosen = [entry for entry in chosen if entry.alive] or chosen
    else:
        chosen = [entry for entry in known if entry.alive]
    if len(chosen) == 1:
        return chosen[0]
    listed = "; ".join(f"{entry.path} ({entry.protocol} on {entry.cell})" for entry in chosen)
    if not chosen:
        said = "no run is in progress" if name is None else f"no run '{name}' is in progress"
        raise BadInput(said, "solbench runs lists those that are")
    raise BadInput("there is more than one run", f"Say which: {listed}", field="RUN")
