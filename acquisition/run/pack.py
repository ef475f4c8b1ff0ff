"""Pack the journal of a run that has ended for good: it is ten times the run file that holds the same.

The file is written beside the journal, read back, and compared byte for byte before the journal goes; at any instant
one of the two is whole. What reads a journal reads a packed one likewise. `solbench run` does so by itself behind a
completed run, unless `SOLBENCH_KEEP_JOURNAL` is set; one shorter than a megabyte stays as it is.
"""

import gzip
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from solbench.acquisition.errors import AcquisitionError, JournalBusy, JournalDamaged, RunFileError
from solbench.acquisition.host.platform import FileLock, make_durable, make_folder_durable, move, remove
from solbench.acquisition.record.beside.packed import BLOCK_BYTES, packed_path, write_packed
from solbench.acquisition.record.columns import EVENTS, POINT_COLUMNS, SAMPLE_COLUMNS, SAMPLES, SPECTRA
from solbench.acquisition.record.events import Event, Header, RunEnd
from solbench.acquisition.record.journal import Told, journal_path, records_of, untold
from solbench.acquisition.record.reader import opened

WORTH_BYTES = 1 << 20  # a shorter one is not packed by itself: it costs nothing, and is read by eye
KEEP = "SOLBENCH_KEEP_JOURNAL"  # in the environment, not empty: journals stay as they were written


class NotCompleted(RunFileError):
    """The run may still be resumed, and its journal is needed for that."""


@dataclass(frozen=True)
class Packed:
    """A journal that was packed: how long it was and is, in bytes."""

    path: Path
    written_bytes: int
    packed_bytes: int


def pack_behind(run: Path) -> None:
    """Pack the journal of a run that this program has just completed, with its run file held against it.

    Where that cannot be done the journal stays, and nothing is lost: nobody need hear of it.
    """
    if os.environ.get(KEEP):
        return
    with suppress(AcquisitionError, OSError, KeyboardInterrupt):
        if journal_path(run).stat().st_size >= WORTH_BYTES:
            pack(run, verified=True)


def pack(run: Path, told: Told = untold, *, verified: bool = False) -> Packed | None:
    """Pack the journal of the run file `run`; None where it was packed before.

    `verified`: whoever asks has just built the run file of a completed run and held it against the journal. Raises
    NotCompleted where the run has not ended for good, RunFileError where its final file does not hold what the journal
    does; JournalBusy, JournalDamaged, OSError. Then everything stays as it is.
    """
    journal = journal_path(run)
    packed = packed_path(journal)
    if not journal.exists():
        if packed.exists():
            return None
        raise RunFileError(f"{journal}: there is no journal to pack")
    lock = FileLock(journal)
    if not lock.acquire():
        raise JournalBusy(journal)
    try:
        if not verified:
            _require_whole(run, journal, told)
        if not packed.exists():
            _write(journal, packed)
        elif not _is_same(journal, packed):
            raise RunFileError(f"{packed} is there already and holds another journal: move it away first")
        done = Packed(packed, journal.stat().st_size, packed.stat().st_size)
    finally:
        lock.release()  # before the journal goes: Windows deletes no file that is open
    remove(journal)
    return done


def _write(journal: Path, packed: Path) -> None:
    """Write the packed journal, all of it or nothing, read it back, and put it in its place."""
    part = packed.with_name(f"{packed.name}.part")
    try:
        with part.open("wb") as raw:
            write_packed(journal, raw)
        make_durable(part)
        if not _is_same(journal, part):
            raise JournalDamaged(f"{part.name} does not hold what {journal.name} does; the journal stays")
        move(part, packed)
        make_folder_durable(packed.parent)
    finally:
        with suppress(OSError):
            remove(part)


def _is_same(journal: Path, packed: Path) -> bool:
    """Say whether a packed journal holds the bytes of a journal."""
    try:
        with journal.open("rb") as file, gzip.open(packed, "rb") as back:
            while block := file.read(BLOCK_BYTES):
                if back.read(len(block)) != block:
                    return False
            return not back.read(1)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False


def _require_whole(run: Path, journal: Path, told: Told) -> None:
    """Raise RunFileError unless a run has ended for good and its final file has each record of its whole journal."""
    counts = {"samples": 0, "points": 0, "events": 0}
    whole_bytes, last, header = 0, None, None
    for event, behind in records_of(journal, told=told):
        whole_bytes = behind
        counts[_counted(event)] += 1
        header = event.body if isinstance(event.body, Header) else header
        last = event.body
    if whole_bytes != journal.stat().st_size or header is None:
        raise JournalDamaged(f"{journal.name} is damaged or torn: it stays as it is")
    if not isinstance(last, RunEnd) or not last.completed:
        raise NotCompleted(f"{run.name} has not been completed: its journal may be needed to resume it")
    with opened(run) as file:
        if file is None:
            raise RunFileError(f"{run.name} is no finished run file: solbench recover {run.name} makes it")
        if file["entry/run"].asstr()[()] != header.run:
            raise RunFileError(f"{run.name} is the file of another run than {journal.name}")
        found = {
            "samples": len(file[SAMPLES][SAMPLE_COLUMNS[0].dataset]),
            "points": sum(len(data[POINT_COLUMNS[0].dataset]) for data in file[SPECTRA].values()),
            "events": len(file[EVENTS]["seq"]),
        }
    if found != counts:
        raise RunFileError(
            f"{run.name} holds {found}, its journal {counts}: solbench recover {run.name} mends that"
        )


def _counted(event: Event) -> str:
    return {"sample": "samples", "point": "points"}.get(event.kind, "events")
