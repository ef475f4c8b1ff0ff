"""Which of the two is opened, and how long it says that it is."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from solbench.acquisition.record.beside.packed import (
    TAIL_BYTES,
    end_of,
    is_kept,
    opened_journal,
    packed_path,
    write_packed,
)


def test_the_journal_as_it_was_written_comes_first(tmp_path: Path) -> None:
    journal = tmp_path / "r.journal"
    packed_path(journal).write_bytes(gzip.compress(b"packed"))
    with opened_journal(journal) as (file, length):
        assert (file.read(), length) == (b"packed", 6)
    journal.write_bytes(b"as it was written")
    with opened_journal(journal) as (file, length):
        assert (file.read(), length) == (b"as it was written", 17)


def test_none_is_none(tmp_path: Path) -> None:
    assert not is_kept(tmp_path / "r.journal")
    with pytest.raises(FileNotFoundError, match=r"r\.journal'"), opened_journal(tmp_path / "r.journal"):
        pass


@pytest.mark.parametrize("length", [1, TAIL_BYTES - 1, TAIL_BYTES, TAIL_BYTES + 1, 3 * TAIL_BYTES])
@pytest.mark.parametrize("kind", ["digits", "noise", "packed itself"])
def test_the_end_is_read_whatever_comes_before_it(kind: str, length: int, tmp_path: Path) -> None:
    source, journal = random.Random(length), tmp_path / "r.journal"
    noise = source.randbytes(length)
    text = {"digits": noise.hex().encode(), "noise": noise, "packed itself": gzip.compress(noise)}[kind]
    journal.write_bytes(text)
    assert end_of(journal) == text[-TAIL_BYTES:]
    with packed_path(journal).open("wb") as raw:
        write_packed(journal, raw)
    journal.unlink()
    assert gzip.decompress(packed_path(journal).read_bytes()) == text
    with opened_journal(journal) as (file, told):
        assert (told, file.read()) == (len(text), text)
    assert end_of(journal) == text[-TAIL_BYTES:]
    packed = packed_path(journal).read_bytes()
    if len(text) > 2 * TAIL_BYTES:  # nothing of what is before it is looked at
        packed_path(journal).write_bytes(b"?" * 100 + packed[100:])
        assert end_of(journal) == text[-TAIL_BYTES:]


@pytest.mark.parametrize("length", [1, 5 * TAIL_BYTES])
def test_a_journal_in_one_piece_as_it_was_packed_before_has_an_end_too(length: int, tmp_path: Path) -> None:
    journal, text = tmp_path / "r.journal", random.Random(length).randbytes(length)
    packed_path(journal).write_bytes(gzip.compress(text))
    assert end_of(journal) == text[-TAIL_BYTES:]
    with opened_journal(journal) as (_, told):
        assert told == length


def test_no_journal_has_no_end(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        end_of(tmp_path / "r.journal")
