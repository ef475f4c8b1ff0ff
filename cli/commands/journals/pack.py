"""`solbench pack`: the journals of completed runs made a tenth as long."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from solbench.acquisition.errors import AcquisitionError, JournalBusy
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.journal import journal_path, run_file
from solbench.acquisition.run.pack import NotCompleted, pack
from solbench.cli.output import (
    COMPLETED,
    ENDED_OTHERWISE,
    JsonOption,
    errors_in_words,
    print_json,
    refusal,
    say,
)
from solbench.cli.progress import told
from solbench.protocols.errors import BadInput


@dataclass(frozen=True)
class PackedJournal:
    """A journal that was packed, and how long it was and is, in bytes."""

    journal: str
    written_bytes: int
    packed_bytes: int


@dataclass(frozen=True)
class PackResult:
    """What `pack --json` prints: the journals that were packed, and why others stay, by run file."""

    packed: list[PackedJournal]
    left: dict[str, str]


def command(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Run files, or folders: then every completed run in them."),
    ],
    json: JsonOption = False,
) -> None:
    """Pack the journals of completed runs (gzip), once their run files are verified to contain the same."""
    packed: list[PackedJournal] = []
    left: dict[str, str] = {}
    with errors_in_words():
        for run, is_named in _meant(runs):
            try:
                with told(f"packing the journal of {run.name}") as bar:
                    done = pack(run, bar)
            except (NotCompleted, JournalBusy) as error:
                if is_named:
                    left[str(run)] = str(error)
                continue
            except (AcquisitionError, OSError) as error:
                left[str(run)] = refusal(error) if isinstance(error, OSError) else str(error)
                continue
            if done is not None:
                packed.append(PackedJournal(str(done.path), done.written_bytes, done.packed_bytes))
    if json:
        print_json(PackResult(packed, left))
    else:
        for one in packed:
            print(f"{one.journal}: {one.written_bytes / 1e6:.1f} MB -> {one.packed_bytes / 1e6:.1f} MB")
        if not packed and not left:
            print("nothing to pack")
        for why in left.values():
            say(f"solbench: {why}")
    raise typer.Exit(ENDED_OTHERWISE if left else COMPLETED)


def _meant(runs: list[Path]) -> list[tuple[Path, bool]]:
    """Return the run files that are meant, and whether each was named; raises BadInput for a name without a run."""
    found: list[tuple[Path, bool]] = []
    for one in runs:
        if one.is_dir():
            journals = sorted(one.absolute().glob("*.journal"))
            if not journals and not any(one.glob("*.h5")):
                raise BadInput("there is no run in this folder", "Name the folder of the runs", file=str(one))
            found += [(path, False) for path in map(run_file, journals)]
            continue
        path = run_file(one)
        if not path.exists():
            raise BadInput("there is no such run here", "Name its .h5 file, or a folder", file=str(one))
        if not is_kept(journal_path(path)):
            raise BadInput("there is no journal of it to pack", "Name the run file of a run", file=str(one))
        found.append((path, True))
    return found
