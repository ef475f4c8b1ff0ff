"""A journal that was packed: the same bytes in a gzip file, which any system opens, in this century and the next."""

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from solbench.acquisition.errors import JournalDamaged

PACKED = ".gz"


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
        raw.seek(-4, os.SEEK_END)
        length = int.from_bytes(raw.read(4), "little")
        raw.seek(0)
        try:
            with gzip.open(raw, "rb") as unpacked:
                yield cast(BinaryIO, unpacked), length
        except (zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise JournalDamaged(f"{packed_path(journal)} is damaged ({error}); use a copy of it") from error
