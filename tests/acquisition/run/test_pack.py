"""A journal is packed only where nothing can be lost by it, and whatever read it before reads it afterwards."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.errors import (
    AcquisitionError,
    JournalBusy,
    JournalDamaged,
    OutputExists,
    RunFileError,
)
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import (
    Journal,
    journal_path,
    read_header,
    read_journal,
    read_last,
    run_file,
)
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run import pack as module
from solbench.acquisition.run.pack import KEEP, pack, pack_behind
from solbench.acquisition.run.start import require_free, resume
from tests.acquisition.runs import RUNS_0_1
from tests.tiers import few


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in ("pellet.h5", "pellet.journal"):
        shutil.copy(RUNS_0_1 / name, tmp_path)
    build_final(tmp_path / "pellet.h5")  # by this version
    return tmp_path / "pellet.h5"


def test_a_packed_journal_is_read_like_another_one(run: Path) -> None:
    journal = journal_path(run)
    before, text = list(read_journal(journal)), journal.read_bytes()
    done = pack(run)
    assert done is not None
    assert not journal.exists()
    assert gzip.decompress(done.path.read_bytes()) == text
    assert done.packed_bytes == done.path.stat().st_size < 0.4 * done.written_bytes == 0.4 * len(text)
    assert list(read_journal(journal)) == before
    assert read_last(journal) == before[-1]
    assert read_header(journal) == before[0].body
    samples = open_run(run).sample_count
    run.unlink()
    build_final(run)
    assert open_run(run).sample_count == samples
    assert run_file(done.path) == run
    assert pack(run) is None


def test_a_packed_run_that_is_resumed_only_gets_its_file_again(run: Path) -> None:
    pack(run)
    run.unlink()
    result = resume(run, RunControl())
    assert (result.completed, run.exists(), journal_path(run).exists()) == (True, True, False)


def test_an_empty_file_hides_no_packed_journal(run: Path) -> None:
    before = list(read_journal(journal_path(run)))
    pack(run)
    journal_path(run).touch()
    assert list(read_journal(journal_path(run))) == before


def test_a_name_with_a_packed_journal_is_taken(run: Path) -> None:
    pack(run)
    run.unlink()
    with pytest.raises(OutputExists, match=r"journal\.gz"):
        require_free(run)


@pytest.mark.parametrize(
    "what", ["unfinished", "torn", "damaged", "no file", "other run", "fewer samples", "held"]
)
def test_what_may_be_needed_stays(what: str, run: Path, tmp_path: Path) -> None:
    journal, writer = journal_path(run), None
    lines = journal.read_bytes().splitlines(keepends=True)
    if what == "unfinished":
        journal.write_bytes(b"".join(lines[:-1]))
    elif what == "torn":
        journal.write_bytes(b"".join(lines)[:-3])
    elif what == "damaged":
        lines[len(lines) // 2] = lines[len(lines) // 2].replace(b"1", b"7")
        journal.write_bytes(b"".join(lines))
    elif what == "no file":
        run.unlink()
    elif what == "other run":
        with h5py.File(run, "r+") as file:
            file["entry/run"][()] = "another"
    elif what == "fewer samples":
        with h5py.File(run, "r+") as file:
            indices: Any = file["entry/samples/record_index"]
            indices.resize((3,))
    else:
        writer, _ = Journal.reopen(journal)
    before = journal.read_bytes()
    with pytest.raises((RunFileError, JournalDamaged, JournalBusy)):
        pack(run)
    if writer is not None:
        writer.close()
    assert journal.read_bytes() == before
    assert not list(tmp_path.glob("*.gz*"))


def test_a_program_that_died_between_the_two_files_is_followed_up(run: Path) -> None:
    journal, kept = journal_path(run), journal_path(run).read_bytes()
    done = pack(run)
    assert done is not None
    journal.write_bytes(kept)  # as if it had died just before the journal went
    assert pack(run) is not None
    assert not journal.exists()
    journal.write_bytes(kept)
    done.path.write_bytes(gzip.compress(b"of another run"))
    with pytest.raises(RunFileError, match="another journal"):
        pack(run)
    assert journal.read_bytes() == kept


def test_a_packed_file_that_cannot_be_read_back_never_takes_the_place(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gzip.GzipFile.write
    monkeypatch.setattr(gzip.GzipFile, "write", lambda file, data: whole(file, data[: len(data) // 2]))
    with pytest.raises(JournalDamaged):
        pack(run)
    assert sorted(path.name for path in run.parent.iterdir()) == ["pellet.h5", "pellet.journal"]


@pytest.mark.parametrize(
    ("worth", "keep", "is_packed"), [(0, "", True), (0, "1", False), (1 << 20, "", False)]
)
def test_behind_a_run_a_journal_is_packed_where_it_is_worth_it_and_wanted(
    worth: int, keep: str, is_packed: bool, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORTH_BYTES", worth)
    monkeypatch.setenv(KEEP, keep)
    before = list(read_journal(journal_path(run)))
    pack_behind(run)
    assert journal_path(run).exists() is not is_packed
    assert list(read_journal(journal_path(run))) == before


@pytest.mark.parametrize("where", ["os.fsync", "os.replace", "pathlib.Path.unlink", "gzip.GzipFile.write"])
@few("how", [OSError("no space"), KeyboardInterrupt()], 1)
def test_packing_that_is_cut_off_anywhere_loses_nothing_and_says_nothing(
    where: str, how: BaseException, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORTH_BYTES", 0)
    before = list(read_journal(journal_path(run)))

    def cut_off(*_args: object, **_options: object) -> None:
        raise how

    with monkeypatch.context() as patch:
        patch.setattr(where, cut_off)
        pack_behind(run)
    assert list(read_journal(journal_path(run))) == before
    pack_behind(run)
    assert not journal_path(run).exists()
    assert list(read_journal(journal_path(run))) == before


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_packed_journal_that_was_damaged_says_so_or_reads_as_it_was(
    run: Path, place: int, byte: int
) -> None:
    text = journal_path(run).read_bytes() if journal_path(run).exists() else None
    if text is not None:
        pack(run)
    packed = journal_path(run).with_name("pellet.journal.gz")
    whole = packed.read_bytes()
    before = list(read_journal(journal_path(run)))
    packed.write_bytes(whole[: place % len(whole)] + bytes([byte]) + whole[place % len(whole) + 1 :])
    try:
        found = list(read_journal(journal_path(run)))
        assert found == before[: len(found)]
    except (AcquisitionError, OSError):
        pass
    finally:
        packed.write_bytes(whole)
