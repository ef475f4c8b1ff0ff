"""The journal: append-only, one JSON line and its CRC32 a record; the truth of a run.

A record is acknowledged when its full-length write returned: it survives the death of the process. It is
durable once an fsync returned: it survives the death of the machine. Records are numbered from 0 (`seq`).
"""

from __future__ import annotations

import errno
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from solbench.acquisition.errors import JournalBusy, JournalDamaged, JournalFull
from solbench.acquisition.host.platform import FileLock, move, open_binary, remove
from solbench.acquisition.record.beside.packed import TAIL_BYTES, end_of, opened_journal
from solbench.acquisition.record.beside.paths import journal_path as journal_path
from solbench.acquisition.record.beside.paths import run_file as run_file
from solbench.acquisition.record.codec import numbers_record
from solbench.acquisition.record.events import Body, Event, Header, RunEnd
from solbench.acquisition.record.events import decode as decode_event

RESERVE_BYTES = 8 << 20  # given back when the disk is full, so that the end of the run can be written
_BLOCK_BYTES = 1 << 20
_made = tuple.__new__  # at every record: this skips the keyword handling of a NamedTuple
_CHECK_BYTES = len(b"\t00000000\n")  # behind the text
_TELL_EVERY = 1000  # records, some milliseconds
_TORN = re.compile(
    rb"(\{[^\t\n\0]*(\t[0-9a-f]{0,8})?)?\0*"
)  # the beginning of a record; zeros: of no block yet
LOST_S = 10.0  # of a run, that a power cut may have taken from within its last records

Told = Callable[[int, int], None]  # hears of a long reading: bytes read so far, bytes in all


def untold(_done: int, _total: int) -> None:
    """Hear of a reading and say nothing."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a journal can be read no further although it goes on: something has changed it after it was written.

    `record`: the number of the first record that cannot be read. `behind`: how many whole ones follow, None where that
    is not known (of a packed journal). `can_go_on`: the run can be resumed all the same, for what is hidden there is
    nothing, or a few seconds of a run that is not over.
    """

    record: int
    behind: int | None
    can_go_on: bool = field(default=False, compare=False)

    @property
    def words(self) -> str:
        """Get the same for people."""
        if self.behind is None:
            rest = "what follows cannot be read"
        elif self.behind:
            rest = (
                f"the {self.behind} whole records after it do not count"
                if self.behind > 1
                else "the whole one after it does not count"
            )
        else:
            rest = "no whole one follows"
        return f"the journal is damaged at record {self.record}, and {rest}"

    @property
    def told(self) -> str:
        """Get the same with what continues the run, where anything does."""
        return f"{self.words}; solbench resume continues it" if self.can_go_on else self.words


Damaged = Callable[[Damage], None]


def undamaged(_damage: Damage) -> None:
    """Hear of a damage and say nothing."""


class Place(NamedTuple):
    """A place between two records of a journal: how many, and how many bytes, lie before it."""

    seq: int = 0
    offset: int = 0


BEGINNING = Place()


def reserve_path(run: Path) -> Path:
    """Return where the reserve of the run file `run` lies."""
    return run.with_suffix(".reserve")


class Journal:
    """Appends records. One instance, one thread."""

    def __init__(
        self, path: Path, descriptor: int, next_seq: int, size: int, lock: FileLock | None = None
    ) -> None:
        self.path = path
        self._lock = lock or _locked(path)
        self.descriptor = descriptor  # another thread may fsync it
        self._next_seq = next_seq
        self._size = size
        self._reserve = path.with_suffix(".reserve")
        self.reserve_used = False

    @classmethod
    def create(cls, path: Path) -> Journal:
        """Create a journal and its reserve; raises FileExistsError, OSError."""
        descriptor = open_binary(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL)
        try:
            journal = cls(path, descriptor, 0, 0)
        except BaseException:  # a name that is taken by an empty journal helps nobody
            os.close(descriptor)
            remove(path)
            raise
        try:
            journal._fill_reserve()
        except OSError:
            journal.close()
            remove(path)
            raise
        return journal

    @classmethod
    def reopen(
        cls,
        path: Path,
        see: Callable[[Event], None] = lambda _event: None,
        start: Callable[[], Place] = lambda: BEGINNING,
        told: Told = untold,
    ) -> tuple[Journal, int]:
        """Open a journal to continue it; a torn last record is cut off.

        `see` is given every whole record from the place on that `start` returns, which is asked behind the lock.
        Returns the journal and the number of bytes cut; if those are more than one torn record, they are kept in a
        file beside it. Raises JournalDamaged when there is no whole first record, and when more is whole behind a
        damage than a power cut explains; JournalBusy when another program writes it.
        """
        lock = _locked(path)
        try:
            return cls._go_on(path, lock, see, start(), told)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def _go_on(
        cls, path: Path, lock: FileLock, see: Callable[[Event], None], start: Place, told: Told
    ) -> tuple[Journal, int]:
        records, size = start
        found: list[Damage] = []
        for event, end in records_of(path, start, told, found.append):
            records, size = records + 1, end
            see(event)
        if records == 0:
            raise JournalDamaged(_unbegun(path, found, "there is nothing to continue"))
        if found and not found[0].can_go_on:
            raise JournalDamaged(
                f"{path}: {found[0].words}. The run cannot go on, for what was done to the cell there is not known. "
                "Put the journal back from a copy; solbench recover makes a run file of what is before the damage"
            )
        cut = path.stat().st_size - size
        if cut:
            _keep_damaged(path, size)
            os.truncate(path, size)
        descriptor = open_binary(path, os.O_RDWR | os.O_APPEND)
        journal = cls(path, descriptor, records, size, lock)
        journal.refill_reserve()
        return journal, cut

    @property
    def next_seq(self) -> int:
        """Get the number of the record that is to come next."""
        return self._next_seq

    def append(self, time_s: float, body: Body) -> Event:
        """Write one record of the run's time `time_s` (s) and return it; it is acknowledged when this returns.

        Raises JournalFull when even the reserve did not help; the journal then ends with a whole record.
        """
        seq = self._next_seq
        event = _made(Event, (seq, time_s, body))
        text = (numbers_record(seq, time_s, body) or event.json()).encode()  # what most are, without a detour
        line = b"%b\t%08x\n" % (text, zlib.crc32(text))
        try:
            if os.write(self.descriptor, line) != len(line):
                self._take_back()
        except OSError as error:
            self._write_with_reserve(line, error)
        self._next_seq = seq + 1
        self._size += len(line)
        return event

    @property
    def is_in_place(self) -> bool:
        """Get whether the file at the journal's path is the one that is written."""
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self.descriptor))
        except OSError:
            return False

    @property
    def is_whole(self) -> bool:
        """Get whether the file that is written is as long as its records, wherever it lies; raises OSError."""
        return os.fstat(self.descriptor).st_size == self._size

    def put_back(self) -> Path | None:
        """Write the journal again at its path, from which somebody took it, and go on there.

        What lies there now is moved beside it, to the path that is returned. Raises OSError, JournalBusy where it
        cannot be done; nothing has changed then.
        """
        part = self.path.with_name(f"{self.path.name}.part")
        descriptor, lock, moved = -1, FileLock(part), None
        try:
            self.copy(part)
            descriptor = open_binary(part, os.O_RDWR | os.O_APPEND)
            if not lock.acquire():
                raise JournalBusy(part)
            if self.path.is_file():
                _locked(self.path).release()  # another program may have begun to write that one
            if self.path.exists():
                moved = _free_name(self.path)
                move(self.path, moved)
            move(part, self.path)
        except BaseException:
            lock.release()
            with suppress(OSError):
                remove(part)
            if moved is not None and not self.path.exists():
                with suppress(OSError):
                    move(moved, self.path)
            raise
        else:
            os.dup2(descriptor, self.descriptor, inheritable=False)  # another thread has the number
            self._lock.release()
            self._lock = lock
            return moved
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def copy(self, target: Path) -> None:
        """Copy all that is written to a file and make it durable; raises OSError."""
        os.lseek(self.descriptor, 0, os.SEEK_SET)  # what is appended goes to the end all the same
        with target.open("wb") as file:
            while block := os.read(self.descriptor, _BLOCK_BYTES):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def close(self, keep_reserve: bool = False) -> None:
        """Fsync and close; the reserve goes, unless the run is to be continued."""
        try:
            os.fsync(self.descriptor)
        finally:
            os.close(self.descriptor)
            self._lock.release()
            if not keep_reserve:
                remove(self._reserve)

    def _write_with_reserve(self, line: bytes, error: OSError) -> None:
        """Write a line for which the disk was too full in the room of the reserve; raises JournalFull."""
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or not self._reserve.exists():
            raise JournalFull(self.path, error) from error
        try:
            remove(self._reserve)
            self.reserve_used = True
            if os.write(self.descriptor, line) != len(line):
                self._take_back()
        except OSError as again:
            raise JournalFull(self.path, again) from again

    def _take_back(self) -> None:
        """Cut off the stump of a record, as which a full disk shows first; raises OSError."""
        os.ftruncate(self.descriptor, self._size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def refill_reserve(self) -> None:
        """Take the reserve's space again; without room for it the run continues without one."""
        with suppress(OSError):
            self._fill_reserve()
            self.reserve_used = False

    def _fill_reserve(self) -> None:
        if self._reserve.exists():
            return
        try:
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
        except OSError:
            with suppress(OSError):
                remove(self._reserve)
            raise


def _locked(path: Path) -> FileLock:
    """Take the lock of a journal, so that never two programs write it; raises JournalBusy."""
    lock = FileLock(path)
    if not lock.acquire():
        raise JournalBusy(path)
    return lock


def _free_name(path: Path) -> Path:
    """Return a path beside this one at which nothing lies."""
    names = (path.with_name(f"{path.name}.other{number or ''}") for number in count())
    return next(name for name in names if not name.exists())


def _keep_damaged(path: Path, whole_bytes: int) -> None:
    """Keep what is about to be cut off, unless it is one torn record: there may be whole ones behind a damage."""
    with path.open("rb") as file:
        file.seek(whole_bytes)
        cut = file.read()
    if b"\n" in cut[:-1]:
        with path.with_suffix(".damaged").open("ab") as kept:
            kept.write(cut)


def read_journal(
    path: Path, start: Place = BEGINNING, told: Told = untold, damaged: Damaged = undamaged
) -> Iterator[Event]:
    """Yield the whole records of a journal in order up to the first that is torn or damaged; `damaged` hears of that.

    Raises JournalDamaged for a whole record that lacks what its kind must have.
    """
    return (event for event, _end in records_of(path, start, told, damaged))


def read_header(path: Path) -> Header:
    """Return what the first record of a journal says; raises JournalDamaged when there is none."""
    found: list[Damage] = []
    for event in read_journal(path, damaged=found.append):
        if isinstance(event.body, Header):
            return event.body
        break
    raise JournalDamaged(_unbegun(path, found, "this is not a run's journal, or it was cut to nothing"))


def _unbegun(path: Path, found: list[Damage], else_what: str) -> str:
    """Say that a journal has no beginning, with what there is behind it."""
    if found and found[0].behind:
        return (
            f"{path} is damaged at its first record, without which nothing says what was run; {found[0].behind} whole "
            "records follow. Put it back from a copy"
        )
    return f"{path}: no complete record in it; {else_what}"


def damage_of(path: Path) -> Damage | None:
    """Look for a damage in a journal, without reading what its records say; None where it is whole, or torn at its end.

    Raises OSError.
    """
    found: list[Damage] = []
    seq, last = -1, b""
    try:
        with opened_journal(path) as (file, _total):
            for seq, line in enumerate(file):
                if not (_is_whole(line) and line.startswith(b'{"seq":%d,' % seq)):
                    _look_behind(seq, line, file, last, found.append)
                    break
                last = line
    except JournalDamaged:
        return Damage(seq + 1, None)
    return found[0] if found else None


def _look_behind(seq: int, line: bytes, file: Iterable[bytes], last: bytes, damaged: Damaged) -> None:
    """Tell of a damage where `line`, which should be record `seq` and is not, is not merely a torn one at the end.

    `last`: the line before it; `file` is read on. What was appended to a run that is over is none of it.
    """
    if _TORN.fullmatch(line):
        return
    behind, newest_line = 0, b""
    try:
        for each in chain((line,), file):
            if _is_whole(each):
                behind, newest_line = behind + 1, each
    except (OSError, EOFError, zlib.error):  # of a packed one
        damaged(Damage(seq, None))
        return
    before, newest = _event_in(last), _event_in(newest_line)
    if newest is None or newest.seq < seq:
        if before is not None and _is_over(before):
            return
        damaged(Damage(seq, 0, can_go_on=before is not None))
        return
    hides_little = before is not None and newest.time_s - before.time_s <= LOST_S
    damaged(Damage(seq, behind, can_go_on=hides_little and not _is_over(newest)))


def _event_in(line: bytes) -> Event | None:
    """Return the record in a line, None where it is none."""
    try:
        return decode(line, None)
    except ValueError:
        return None


def _is_over(last: Event) -> bool:
    """Say whether a run is over for good whose last record this is."""
    return isinstance(last.body, RunEnd) and last.body.is_final


def read_last(path: Path) -> Event | None:
    """Return the last whole record of a journal, read from its end; None where there is none, or no journal."""
    try:
        lines = end_of(path).splitlines(keepends=True)
    except (OSError, JournalDamaged):
        return None
    return next((event for line in reversed(lines) if (event := decode(line, None)) is not None), None)


def records_of(
    path: Path, start: Place = BEGINNING, told: Told = untold, damaged: Damaged = undamaged
) -> Iterator[tuple[Event, int]]:
    """Yield (event, offset behind it); raises JournalDamaged for a whole record that is none of ours.

    `damaged` hears of it where more than a torn record follows.
    """
    first, end = start
    with opened_journal(path) as (file, total):
        file.seek(max(0, end - TAIL_BYTES))
        before = file.read(end - file.tell()).splitlines(keepends=True)
        last = before[-1] if before else b""
        for seq, line in enumerate(file, first):
            if seq % _TELL_EVERY == 0:
                told(end - start.offset, total - start.offset)
            try:
                event = decode(line, seq)
            except ValueError as error:
                raise JournalDamaged(
                    f"{path}: record {seq} is complete but cannot be read: {error}"
                ) from error
            if event is None:
                if damaged is not undamaged:
                    _look_behind(seq, line, file, last, damaged)
                return
            end, last = end + len(line), line
            yield event, end


def decode(line: bytes, seq: int | None) -> Event | None:
    """Return the record in a line (with its line end), None if it is torn, damaged or not number `seq` (None: any).

    Raises ValueError where it is whole and no record of a run.
    """
    if not _is_whole(line):
        return None
    event = decode_event(line[:-_CHECK_BYTES])
    return event if seq is None or event.seq == seq else None


def _is_whole(line: bytes) -> bool:
    """Say whether a line is a record as it was written, with its line end."""
    return line[-_CHECK_BYTES:] == b"\t%08x\n" % zlib.crc32(line[:-_CHECK_BYTES])
