"""The live run file: readable by viewers while the run is on (HDF5 single writer, multiple readers).

Fixed layout, made before the first point; while streaming only rows are appended. Measured: a plain HDF5 file
is lost in 2-80 % of crashes, this one in none; a second of rows may be missing, and the journal has those.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from solbench.acquisition.host.platform import make_durable, move
from solbench.acquisition.record.columns import EVENTS, LIVE_MARK, POINT, SAMPLE, Array
from solbench.acquisition.record.events import Event, Header
from solbench.acquisition.record.hdf5 import Group, read_file, read_live, write_live
from solbench.acquisition.record.reader import BLOCK_ROWS, from_final, samples_between
from solbench.acquisition.record.rows import Block, Rows, batches

EVENT_BYTES = 1024  # of an event's JSON in the live view; longer ones are whole in the journal
EVENT = np.dtype([("seq", "<u8"), ("time_s", "<f8"), ("json", f"S{EVENT_BYTES}")])
TABLES = {"samples": SAMPLE, "points": POINT, "events": EVENT}
_CHUNK = 1024
Tables = tuple[Array, Array, Array]  # rows of samples, points and events


class LiveFile:
    """Appends rows. After any error of HDF5 the handle is poisoned: the caller stops using it and rebuilds later."""

    def __init__(
        self, path: Path, events: Iterable[Event], kept: Iterable[Tables] = (), rows: Rows | None = None
    ) -> None:
        """Write what there is already to a new file, put it at `path` and continue in SWMR mode.

        That is `kept`, rows of an earlier file, and `events`, the records after those; `rows` has seen the former.
        """
        self.path = path
        self._rows = rows or Rows()
        part = path.with_name(path.name + ".part")
        with write_live(part, "w") as file:
            tables = _lay_out(file)
            self.next_seq = 0
            for one in kept:
                for table, found in zip(tables, one, strict=True):
                    _extend(table, found)
                    self.next_seq = max(self.next_seq, int(found["seq"][-1]) + 1 if len(found) else 0)
            for chunk in batches(events):
                _append(tables, self._rows.sorted(chunk))
                self.next_seq = chunk[-1].seq + 1
        move(part, path)
        self._file = write_live(path, "r+")
        # Held as long as the file: a dataset that goes out of use is written by its destructor, which swallows errors.
        self._tables = tuple(self._file[name] for name in TABLES)
        self._file.swmr_mode = True
        self._size = 0
        self.flush()

    def append(self, events: Sequence[Event]) -> None:
        """Append the rows of `events`."""
        self._require_whole()
        _append(self._tables, self._rows.sorted(events))

    def flush(self, durable: bool = True) -> None:
        """Let viewers see what was appended, and make it durable."""
        self._require_whole()
        self._file.flush()
        self._size = self.path.stat().st_size
        if durable:
            make_durable(self.path)

    def close(self) -> None:
        """Close the file."""
        self._require_whole()
        self._file.close()

    def _require_whole(self) -> None:
        """Raise OSError where another program cut the file: HDF5 may look for the lost part for ever."""
        if self.path.stat().st_size < self._size:
            raise OSError(f"another program cut {self.path.name}")


def _lay_out(file: Group) -> tuple[Any, ...]:
    """Make the tables of an empty live file and return them in the order of `TABLES`."""
    file.attrs[LIVE_MARK] = 1
    return tuple(
        file.create_dataset(name, shape=(0,), maxshape=(None,), chunks=(_CHUNK,), dtype=dtype)
        for name, dtype in TABLES.items()
    )


def _append(tables: tuple[Any, ...], block: Block) -> None:
    texts = [(event.seq, event.time_s, event.json().encode()) for event in block.events]
    for table, rows in zip(tables, _tables(block.sample_array(), block.point_array(), texts), strict=True):
        _extend(table, rows)


def _tables(samples: Array, points: Array, events: Sequence[tuple[int, float, bytes]]) -> Tables:
    cut = [(seq, time_s, text[:EVENT_BYTES]) for seq, time_s, text in events]
    return samples, points, np.array(cut, dtype=EVENT)


def kept_rows(
    run: Path, count: int, header: Header, tick: Callable[[], None] = lambda: None
) -> Iterator[Tables]:
    """Yield what the file of a run, live or finished, holds of its first `count` records, in blocks.

    Raises OSError, RuntimeError, LookupError or ValueError where it cannot be read, begins with another `header`, or
    does not have every record once.
    """
    seen = np.zeros(count, bool)
    for tables in _blocks(run):
        first = tuple(table[table["seq"] < count] for table in tables)
        if not seen[0] and not _begins(first[2], header):
            raise ValueError(f"{run}: is the file of another run")
        for table in first:
            if seen[table["seq"]].any():
                raise ValueError(f"{run}: a record is in it twice")
            seen[table["seq"]] = True
        tick()
        yield first[0], first[1], first[2]
    if not seen.all():
        raise ValueError(f"{run}: not every record is in it")


def _begins(events: Array, header: Header) -> bool:
    """Say whether some events begin with the header of that run; the id stands near its beginning."""
    named = f'"run":"{header.run}"'.encode()
    return len(events) > 0 and named in bytes(events["json"][0])


def _blocks(run: Path) -> Iterator[Tables]:
    try:
        file = read_live(run)
    except OSError:
        file = read_file(run)
    with file:
        if LIVE_MARK in file.attrs:
            yield from _live_blocks(file)
        else:
            yield from _final_blocks(run, file)


def _live_blocks(file: Group) -> Iterator[Tables]:
    tables = [file[name] for name in TABLES]
    if any(table.dtype != dtype for table, dtype in zip(tables, TABLES.values(), strict=True)):
        raise ValueError("the file has the columns of another version")
    for start in range(0, max(table.shape[0] for table in tables), BLOCK_ROWS):
        samples, points, events = (table[start : start + BLOCK_ROWS] for table in tables)
        yield samples, points, events


def _final_blocks(run: Path, file: Group) -> Iterator[Tables]:
    whole = from_final(run, file)
    seqs, times_s, texts = (file[EVENTS][name][:].tolist() for name in ("seq", "test_time_second", "json"))
    no_samples, no_points = np.empty(0, SAMPLE), np.empty(0, POINT)
    yield _tables(no_samples, whole.points, list(zip(seqs, times_s, texts, strict=True)))
    for start in range(0, whole.sample_count, BLOCK_ROWS):
        yield _tables(samples_between(file, start, start + BLOCK_ROWS), no_points, [])


def _extend(dataset: Any, rows: Array) -> None:
    if len(rows) == 0:
        return
    start = dataset.shape[0]
    dataset.resize((start + len(rows),))
    dataset[start:] = rows
