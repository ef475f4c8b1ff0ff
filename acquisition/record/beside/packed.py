"""A journal that was packed: the same bytes in a gzip file, which any system opens, in this century and the next.

Its last bytes are a member of their own: how a run ended is read without unpacking the rest, which may be a gigabyte.
"""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from solbench.acquisition.errors import JournalDamaged

PACKED = ".gz"
TAIL_BYTES = 1 << 16  # of a journal, in which its last record is looked for: packed by themselves
LEVEL = 6  # a higher one takes far longer for a hundredth
BLOCK_BYTES = 1 << 20
_MAGIC = b"\x1f\x8b\x08"  # with which each member of a gzip file begins (RFC 1952)
_LENGTH_BYTES = 4


def packed_path(journal: Path) -> Path:
    """Return where the packed journal lies that was packed from `journal`."""
    return journal.with_name(journal.name + PACKED)


def is_kept(journal: Path) -> bool:
    """Say whether there is a journal, as it was written or packed."""
    return journal.exists() or packed_path(journal).exists()


@contextmanager
def opened_journal(journal: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a journal as it was written or packed, with its length in bytes, as it was written; raises OSError.

    Where a packed one turns out to be damaged while it is read, JournalDamaged is raised.

    The length of a packed one is not known beyond 4 GB, of which gzip keeps the rest only.
    """
    try:
        with journal.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            if (
                length or not packed_path(journal).exists()
            ):  # one without a byte holds nothing that it could hide
                yield file, length
                return
    except FileNotFoundError:
        if not packed_path(journal).exists():
            raise
    with packed_path(journal).open("rb") as raw:
        length = _length(raw)
        raw.seek(0)
        try:
            with gzip.open(raw, "rb") as unpacked:
                yield cast(BinaryIO, unpacked), length
        except (zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise JournalDamaged(f"{packed_path(journal)} is damaged ({error}); use a copy of it") from error


def end_of(journal: Path) -> bytes:
    """Return the last bytes of a journal, as it was written or packed, at most `TAIL_BYTES`; raises OSError.

    Raises JournalDamaged where a packed one that was packed in one piece is damaged.
    """
    if not journal.exists() or not journal.stat().st_size:
        with suppress(FileNotFoundError), packed_path(journal).open("rb") as raw:
            _, tail = _tail(raw)
            if tail is not None:
                return tail[-TAIL_BYTES:]
    with opened_journal(journal) as (file, length):
        file.seek(max(0, length - TAIL_BYTES))
        return file.read()


def write_packed(journal: Path, raw: BinaryIO) -> None:
    """Write to `raw` what a packed journal is; raises OSError."""
    with journal.open("rb") as file:
        stat = os.fstat(file.fileno())
        for end in sorted({max(0, stat.st_size - TAIL_BYTES), stat.st_size} - {0}):
            with gzip.GzipFile(journal.name, "wb", LEVEL, raw, mtime=int(stat.st_mtime)) as target:
                while block := file.read(min(BLOCK_BYTES, end - file.tell())):
                    target.write(block)


def _length(raw: BinaryIO) -> int:
    """Return how long a packed journal was."""
    start, tail = _tail(raw)
    if not start and tail is not None:  # short enough to have been unpacked as a whole
        return len(tail)
    if tail is None:
        raw.seek(-_LENGTH_BYTES, os.SEEK_END)
        return int.from_bytes(raw.read(_LENGTH_BYTES), "little")
    raw.seek(start - _LENGTH_BYTES)  # there the member before it ends
    return int.from_bytes(raw.read(_LENGTH_BYTES), "little") + len(tail)


def _tail(raw: BinaryIO) -> tuple[int, bytes | None]:
    """Return where the member with the last bytes begins, and what it holds; None where all is one long member.

    What looks like the beginning of a member and is none does not unpack: each ends with length and CRC32.
    """
    size = raw.seek(0, os.SEEK_END)
    first = max(0, size - TAIL_BYTES - 1024)  # what cannot be made shorter becomes a little longer
    raw.seek(first)
    data = raw.read()
    at = data.find(_MAGIC)
    while at >= 0:
        with suppress(zlib.error, EOFError, gzip.BadGzipFile):
            return first + at, gzip.decompress(data[at:])
        at = data.find(_MAGIC, at + 1)
    return size, None
