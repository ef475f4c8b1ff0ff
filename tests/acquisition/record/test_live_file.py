"""The live file: what a viewer sees while a run is on, and that it is given up rather than trusted."""

import os

import h5py
import numpy as np
import pytest

from solbench.acquisition.host import platform
from solbench.acquisition.record.columns import SAMPLE
from solbench.acquisition.record.events import Sample
from solbench.acquisition.record.journal import Journal, read_journal
from solbench.acquisition.record.live_file import LiveFile
from solbench.acquisition.record.storage_thread import Storage


def sample(n: int) -> Sample:
    return Sample(step=0, segment=0, voltage_V=0.1 * n, current_A=0.0, charge_C=0.0, range=5)


@pytest.fixture
def journal(tmp_path):
    made = Journal.create(tmp_path / "a.journal")
    yield made
    made.close()


def rows(path):
    with h5py.File(path, "r", libver="latest", swmr=True, locking=False) as file:
        return file["samples"][:]


def test_what_is_flushed_is_seen_by_a_reader(tmp_path, journal):
    live = LiveFile(tmp_path / "a.h5", [])
    live.append([journal.append(float(n), sample(n)) for n in range(5)])
    live.flush()
    found = rows(tmp_path / "a.h5")
    live.close()
    assert found.dtype == SAMPLE
    assert list(found["seq"]) == [0, 1, 2, 3, 4]
    assert list(found["voltage_V"]) == [0.1 * n for n in range(5)]


def test_it_begins_with_what_there_is_already(tmp_path, journal):
    for n in range(3000):
        journal.append(float(n), sample(n))
    live = LiveFile(tmp_path / "a.h5", read_journal(journal.path))
    assert live.next_seq == 3000
    live.append([journal.append(3000.0, sample(3000))])
    live.flush()
    found = rows(tmp_path / "a.h5")
    live.close()
    assert np.array_equal(found["seq"], np.arange(3001))


def test_a_scanner_that_looks_at_the_new_file_for_a_moment_costs_no_live_file(tmp_path, journal, monkeypatch):
    """On Windows what another program has open is not replaced."""
    left, real = [1, 2, 3], os.replace

    def held(*paths):
        if left:
            left.pop()
            raise PermissionError(13, "The process cannot access the file", *paths)
        real(*paths)

    monkeypatch.setattr(platform, "WINDOWS", True)
    monkeypatch.setattr(os, "replace", held)
    live = LiveFile(tmp_path / "a.h5", [])
    live.append([journal.append(0.0, sample(0))])
    live.flush()
    assert len(rows(tmp_path / "a.h5")) == 1
    live.close()


def test_the_storage_thread_brings_everything_into_the_file(tmp_path, journal):
    storage = Storage(tmp_path / "a.h5", journal)
    for n in range(2000):
        storage.take(journal.append(float(n), sample(n)))
    storage.close()
    assert storage.error is None
    with h5py.File(tmp_path / "a.h5", "r", libver="latest", swmr=True, locking=False) as file:
        assert np.array_equal(file["samples"]["seq"], np.arange(2000))


def test_a_broken_file_does_not_stop_the_run_and_is_not_used_again(tmp_path, journal, monkeypatch):
    storage = Storage(tmp_path / "a.h5", journal)
    calls = []

    def broken(self, events):
        calls.append(len(events))
        raise RuntimeError("no space left")

    monkeypatch.setattr(LiveFile, "append", broken)
    storage.take(journal.append(0.0, sample(0)))
    storage.close()
    assert len(calls) == 1
    assert "no space left" in storage.error
    assert [event.seq for event in read_journal(journal.path)] == [0]


def test_a_place_that_takes_no_file_is_said_and_survived(tmp_path, journal):
    (tmp_path / "a.h5").mkdir()
    storage = Storage(tmp_path / "a.h5", journal)
    storage.take(journal.append(0.0, sample(0)))
    storage.close()
    assert "no live file" in storage.error
