"""Which of the two is opened, and how long it says that it is."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from solbench.acquisition.record.beside.packed import is_kept, opened_journal, packed_path


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
