"""Samples by their numbers: the same from the file, live or finished, from the journal, from memory."""

import pytest

from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.live_file import LiveFile
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.record.slices import (
    FileSlices,
    JournalSlices,
    LiveSlices,
    MemorySlices,
    slices_of,
)
from tests.acquisition.runs import RUNS_0_1

SHORT = RUNS_0_1 / "short.h5"
FIELDS = ("time_s", "voltage_V", "current_A")
RANGES = [(0, 3), (5, 5), (7, 60), (100, 10**6)]


@pytest.fixture(scope="module")
def samples():
    return open_run(SHORT).samples


def same(found, wanted):
    return all(found[field].tolist() == wanted[field].tolist() for field in FIELDS)


def test_file_and_journal_give_thesame_samples_by_number(samples):
    wanted = [samples[first:last] for first, last in RANGES]
    assert len(wanted[-1])
    for slices in (
        slices_of(SHORT),
        slices_of(journal_path(SHORT)),
        FileSlices(SHORT),
        MemorySlices(samples),
    ):
        assert all(map(same, slices.read(RANGES), wanted)), slices


def test_journal_is_found_again_through_its_index(samples, monkeypatch):
    monkeypatch.setattr("solbench.acquisition.record.slices._INDEXED_BYTES", 12_000)
    slices = JournalSlices(journal_path(SHORT))
    for first in range(0, len(samples), 17):
        assert same(slices.read([(first, first + 20)])[0], samples[first : first + 20])
    assert len(slices._offsets) > 3


def test_index_of_a_journal_grows_with_it(samples, tmp_path, monkeypatch):
    monkeypatch.setattr("solbench.acquisition.record.slices._INDEXED_BYTES", 12_000)
    whole = journal_path(SHORT).read_bytes()
    growing = tmp_path / "a.journal"
    growing.write_bytes(whole[: len(whole) // 2])  # ends with a torn record
    slices = JournalSlices(growing)
    half = len(slices.read([(0, 10**6)])[0])
    assert 0 < half < len(samples)
    growing.write_bytes(whole)
    assert same(slices.read([(half - 2, half + 5)])[0], samples[half - 2 : half + 5])


def test_file_of_a_run_that_is_not_whole_is_read_through_its_journal(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"torn")
    (tmp_path / "a.journal").write_bytes(journal_path(SHORT).read_bytes())
    assert isinstance(slices_of(tmp_path / "a.h5"), JournalSlices)


def test_a_live_file_gives_the_same_samples(samples, tmp_path):
    live = LiveFile(tmp_path / "a.h5", read_journal(journal_path(SHORT)))
    wanted = [samples[first:last] for first, last in RANGES]
    assert all(map(same, LiveSlices(tmp_path / "a.h5").read(RANGES), wanted))
    live.close()


def test_whole_samples_have_all_fields_and_others_those_on_show(samples):
    (whole,) = FileSlices(SHORT, whole=True).read([(10, 40)])
    assert whole.tolist() == samples[10:40].tolist()
    (shown,) = FileSlices(SHORT).read([(10, 40)])
    assert not shown["charge_C"].any()
