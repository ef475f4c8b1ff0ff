"""Files beside a run that are only ever appended to: one line a record, framed as the journal's.

A JSON object, a tab, the CRC32 of its text, a line feed. A line counts once all of it is there.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from solbench.acquisition.errors import OutputBusy
from solbench.acquisition.host.platform import FileLock, append_durably, remove
from solbench.acquisition.record.codec import from_plain, to_plain

_SEPARATOR = b"\t"
T = TypeVar("T")


def decoded(line: bytes, kind: type[T]) -> T | None:
    """Return the record in a line (with its line end), None where that is torn, damaged or of another kind."""
    text, separator, check = line.rpartition(_SEPARATOR)
    if not separator or b"%08x\n" % zlib.crc32(text) != check:
        return None
    try:
        return from_plain(kind, json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


@contextmanager
def appending(path: Path) -> Iterator[tuple[bytes, Callable[[int, object], None]]]:
    """Hold the lock of such a file; give what it holds, and what writes a record behind its first so many bytes.

    The disk has a record once it is written. A file to which nothing was written is not left behind. Raises
    OutputBusy, OSError.
    """
    lock = FileLock(path)
    if not lock.acquire():
        raise OutputBusy(path)
    try:
        yield path.read_bytes(), lambda whole, record: _append(path, whole, record)
    finally:
        lock.release()
        with suppress(OSError):
            if path.stat().st_size == 0:  # taking the lock has made it; Windows removes nothing that is open
                remove(path)


def _append(path: Path, whole: int, record: object) -> None:
    text = json.dumps(to_plain(record), ensure_ascii=False).encode()
    append_durably(path, whole, b"%s\t%08x\n" % (text, zlib.crc32(text)))
