"""The checkpoint of a run: its journal without the samples that change nothing, so that a long run is read fast.

It lies beside the journal, is appended to while the run is on, and can be thrown away: everything in it is a line of
the journal, or a mark that says up to where the journal was thinned. What the last mark does not vouch for is read from
the journal, and without a checkpoint all of it is.

Only the last of several samples in a row changes what is known of a run (its `Progress`), and only the first two of a
segment, those of a pause left out, tell on which range it was measured; `thinned` and `telling` rely on this.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from solbench.acquisition.record.beside.packed import TAIL_BYTES
from solbench.acquisition.record.events import (
    Event,
    GaugeKnown,
    GaugeRead,
    Header,
    Records,
    Sample,
    WallClock,
)
from solbench.acquisition.record.events import decode as decode_event
from solbench.acquisition.record.journal import (
    BEGINNING,
    Journal,
    Place,
    Told,
    decode,
    untold,
)
from solbench.acquisition.record.progress import Progress, fold

MARK_RECORDS = 2000  # of the journal between two marks: what is read anew costs some hundredths of a second
TELLING_SAMPLES = 2  # at the beginning of a segment
_BLOCK_BYTES = 4 << 20
_SORTING = (b"segment", b"point")
_SEGMENT = re.compile(rb'"segment":(-?\d+)')
_PAUSED = b'"paused":true'
_MARK = b'{"mark":'


def checkpoint_path(run: Path) -> Path:
    """Return where the checkpoint of the run file `run`, or of its journal, lies."""
    return run.with_suffix(".checkpoint")


class Thinner:
    """Leaves out samples that change nothing; `held` is the newest of them, which a mark has to bring along."""

    def __init__(self) -> None:
        self.held: Event | None = None
        self._segment: int | None = None
        self._telling = 0

    def thinned(self, event: Event) -> Iterator[Event]:
        """Yield what is to be kept now that `event` follows."""
        body = event.body
        if isinstance(body, Sample):
            if body.segment != self._segment:
                self._segment, self._telling = body.segment, TELLING_SAMPLES
            if body.paused or not self._telling:
                self.held = event
                return
            self._telling -= 1
            self.held = None
        elif not isinstance(
            body, (WallClock, GaugeKnown, GaugeRead)
        ):  # these change nothing that a sample has said
            if self.held is not None:
                yield self.held
            self.held = None
        yield event


@dataclass(frozen=True)
class Checkpoint:
    """What is known of a run up to a place in its journal.

    `records` are those of the journal that tell something, in order except for samples among records that say nothing
    of them; `samples` counts all of them; `crc` is that of the journal up to `place`; `size` that of the checkpoint.
    """

    records: Records
    place: Place
    samples: int
    crc: int
    size: int

    @property
    def header(self) -> Header:
        """Get what the run's first record says; raises ValueError where that is no header."""
        body = self.records[0].body
        if not isinstance(body, Header):
            raise ValueError("the first record is not a header")
        return body


def read_checkpoint(journal: Path) -> Checkpoint | None:
    """Return the newest checkpoint that fits a journal; None where there is none.

    It fits where the journal begins with the same record, and has the record that ends there: a journal that was put
    back from an older copy, or is another run's, has not.
    """
    try:
        data = checkpoint_path(journal).read_bytes()
        with journal.open("rb") as file:
            return _newest_that_fits(data, file, journal)
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
    ):  # whatever lies there, it is no checkpoint of this run
        return None


def telling(records: Records) -> Iterator[Event]:
    """Yield the records of a checkpoint that sort its samples and points, and of the samples those that tell.

    These are the first two of each segment, and the last of all, which is yielded twice where it is one of them.
    """
    segment, left, last = b"", 0, -1
    for number, word in records.words():
        if word == b"sample":
            text = records.text(number)
            found, last = _SEGMENT.search(text), number
            if found is not None and found[1] != segment:
                segment, left = found[1], TELLING_SAMPLES
            if _PAUSED in text or not left:
                continue
            left -= 1
        elif word not in _SORTING:
            continue
        yield records[number]
    if last >= 0:
        yield records[last]


def vouches_for_all(checkpoint: Checkpoint, journal: Path, told: Told = untold) -> bool:
    """Say whether the journal up to the checkpoint's place is byte for byte what it was then."""
    crc, left, total = 0, checkpoint.place.offset, checkpoint.place.offset
    with journal.open("rb") as file:
        while left and (block := file.read(min(left, _BLOCK_BYTES))):
            crc = zlib.crc32(block, crc)
            left -= len(block)
            told(total - left, total)
    return left == 0 and crc == checkpoint.crc


def _newest_that_fits(data: bytes, journal: BinaryIO, path: Path) -> Checkpoint | None:
    texts: list[bytes] = []
    marks: list[tuple[int, int, dict[str, Any]]] = []  # records before it, where it ends, what it says
    end = 0
    for line in data.splitlines(keepends=True):
        text, _, check = line.rpartition(b"\t")
        if len(check) != 9 or b"%08x\n" % zlib.crc32(text) != check:
            break  # torn: what comes after it may belong to nothing
        end += len(line)
        if text.startswith(_MARK):
            marks.append((len(texts), end, json.loads(text)["mark"]))
        else:
            texts.append(text)
    header = decode(journal.readline(), 0)
    if not texts or header is None or decode_event(texts[0]).body != header.body:
        return None
    for count, size, mark in reversed(marks):
        place = Place(mark["seq"], mark["offset"])
        if mark["records"] == count and _ends_there(journal, place):
            return Checkpoint(Records(texts[:count], path), place, mark["samples"], mark["crc"], size)
    return None


def _ends_there(journal: BinaryIO, place: Place) -> bool:
    """Say whether the record before `place` ends there."""
    journal.seek(max(0, place.offset - TAIL_BYTES))
    data = journal.read(min(place.offset, TAIL_BYTES))
    if journal.tell() != place.offset or not data.endswith(b"\n"):
        return False
    try:
        return decode(data[data.rfind(b"\n", 0, -1) + 1 :], place.seq - 1) is not None
    except ValueError:
        return False


class CheckpointWriter:
    """Appends to a checkpoint. It never raises: a run does not depend on it, and gives it up where it cannot be."""

    def __init__(self, journal: Path, begun: Checkpoint | None = None) -> None:
        """Begin a new checkpoint, or continue one that vouches for all of the journal up to its place."""
        self._journal = journal
        self._thinner = Thinner()
        self._place = begun.place if begun is not None else Place()
        self._crc = begun.crc if begun is not None else 0
        self._samples = begun.samples if begun is not None else 0
        self._records = len(begun.records) if begun is not None else 0
        self._next = self._place.seq
        self._file: BinaryIO | None = None
        try:
            self._file = checkpoint_path(journal).open("ab")
            self._file.truncate(begun.size if begun is not None else 0)
        except OSError:
            self._give_up()

    @property
    def place(self) -> Place:
        """Get up to where the last mark reaches."""
        return self._place

    @property
    def next_seq(self) -> int:
        """Get the number of the record that is to come next."""
        return self._next

    def add(self, events: Iterable[Event]) -> None:
        """Take the next records of the journal; those that were taken already are left out."""
        for event in events:
            if event.seq < self._next:
                continue
            if event.seq > self._next:  # nobody may vouch for what was not seen
                self._give_up()
                return
            self._next = event.seq + 1
            self._samples += isinstance(event.body, Sample)
            for kept in self._thinner.thinned(event):
                self._write(kept)
        if self._next - self._place.seq >= MARK_RECORDS:
            self.mark()

    def mark(self) -> None:
        """Vouch for what was taken so far."""
        if self._file is None or self._next == self._place.seq:
            return
        try:
            if self._thinner.held is not None:
                self._write(self._thinner.held)
                self._thinner.held = None
            self._measure()
            mark = {"records": self._records, "seq": self._next, "offset": self._place.offset}
            self._line(json.dumps({"mark": {**mark, "samples": self._samples, "crc": self._crc}}))
            self._file.flush()
        except OSError:
            self._give_up()

    def close(self) -> None:
        """Make a last mark and close the file."""
        self.mark()
        self._give_up()

    def _measure(self) -> None:
        """Find where the records that were taken end in the journal, and their CRC."""
        offset, crc = self._place.offset, self._crc
        with self._journal.open("rb") as file:
            file.seek(offset)
            for line in islice(file, self._next - self._place.seq):
                offset += len(line)
                crc = zlib.crc32(line, crc)
        self._place, self._crc = Place(self._next, offset), crc

    def _write(self, event: Event) -> None:
        if self._file is None:
            return
        try:
            self._line(event.json())
            self._records += 1
        except OSError:
            self._give_up()

    def _line(self, text: str) -> None:
        assert self._file is not None
        line = text.encode()
        self._file.write(b"%s\t%08x\n" % (line, zlib.crc32(line)))

    def _give_up(self) -> None:
        """Close the file; what it holds stays true."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what was buffered may not fit on the disk
                file.close()


@dataclass(frozen=True)
class Reopened:
    """A journal that can be continued, with its lock; how many bytes of a torn record were cut off; the run's state."""

    journal: Journal
    cut_bytes: int
    progress: Progress
    checkpoint: Checkpoint | None


def reopen(path: Path, told: Told = untold) -> Reopened:
    """Open the journal of an interrupted run; raises JournalDamaged, JournalBusy, OSError.

    The run's state goes on from its checkpoint where the journal is still byte for byte what it was then; else all
    of the journal is read. `told` hears of that.
    """
    past = _Past(path, told)
    journal, cut_bytes = Journal.reopen(path, past.see, past.begin, told)
    return Reopened(journal, cut_bytes, past.progress, past.checkpoint)


class _Past:
    """The fold over what was before."""

    def __init__(self, path: Path, told: Told) -> None:
        self._path = path
        self._told = told
        self.progress = Progress()
        self.checkpoint: Checkpoint | None = None

    def begin(self) -> Place:
        """Take the checkpoint, and return up to where it reaches."""
        found = read_checkpoint(self._path)
        if found is None or not vouches_for_all(found, self._path, self._told):
            return BEGINNING
        self.checkpoint = found
        self.progress = fold(found.records)
        self.progress.samples = found.samples
        return found.place

    def see(self, event: Event) -> None:
        """Take a record that the checkpoint does not have."""
        self.progress.apply(event)
