import errno
import random
import time

import h5py
import pytest

from solbench.acquisition.record import checkpoint as checkpoints
from solbench.acquisition.record.checkpoint import checkpoint_path, reopen
from solbench.acquisition.record.journal import Journal, read_journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.storage_thread import Storage
from tests.records import body
from tests.tiers import few


@pytest.fixture
def journal(tmp_path):
    made = Journal.create(tmp_path / "a.journal")
    made.append(0.0, body("header"))
    yield made
    made.close()


SAMPLE = body("sample", voltage_V=1.0, range=3)


def _waits(storage, journal, count):
    """Return how long each of some samples took to be seen, in s."""
    waits = []
    for number in range(count):
        event = journal.append(float(number), SAMPLE)
        began = time.monotonic()
        storage.take(event)
        while storage.flushed_seq <= event.seq:
            assert time.monotonic() - began < 5.0
            time.sleep(0.005)
        waits.append(time.monotonic() - began)
    return waits


def test_viewers_see_samples_five_times_a_second_while_somebody_watches(tmp_path, journal, monkeypatch):
    durable = []
    monkeypatch.setattr("os.fsync", lambda _descriptor: durable.append(time.monotonic()))
    storage = Storage(tmp_path / "a.h5", journal, watched=lambda: True)
    before = len(durable)
    waits = _waits(storage, journal, 10)
    with h5py.File(tmp_path / "a.h5", "r", libver=("v110", "v110"), swmr=True, locking=False) as file:
        assert len(file["samples"]) == 10
    assert sum(waits) < 4.0  # 2 s, were the machine not busy with something else
    assert len(durable) - before <= 2 * (sum(waits) + 1)  # journal and live file, once a second
    storage.close()


def test_a_disk_that_makes_nothing_durable_is_told_and_not_every_second_again(tmp_path, journal, monkeypatch):
    storage = Storage(tmp_path / "a.h5", journal)

    def lost(_descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("solbench.acquisition.record.storage_thread.os.fsync", lost)
    storage._sync_journal()
    told, storage.error = storage.error, None
    assert "could not be made durable (Input/output error)" in told
    storage._sync_journal()
    assert storage.error is None
    monkeypatch.setattr("solbench.acquisition.record.storage_thread.TOLD_AGAIN_S", -1.0)
    storage._sync_journal()
    assert storage.error == told
    monkeypatch.undo()
    storage.close()


def test_samples_wait_for_the_second_when_nobody_watches(tmp_path, journal):
    storage = Storage(tmp_path / "a.h5", journal)
    assert sum(_waits(storage, journal, 3)) > 2.5
    storage.close()


def test_what_a_viewer_saw_early_becomes_durable_although_nothing_follows(tmp_path, journal, monkeypatch):
    flushed = []
    storage = Storage(tmp_path / "a.h5", journal, watched=lambda: True)
    assert storage._live is not None
    flush = storage._live.flush
    monkeypatch.setattr(
        storage._live, "flush", lambda durable=True: (flushed.append(durable), flush(durable))
    )
    _waits(storage, journal, 1)
    end = time.monotonic() + 5.0
    while True not in flushed:
        assert time.monotonic() < end
        time.sleep(0.01)
    storage.close()


@few("lost", [{1}, {7, 8, 9}, {39}, {38, 39}, {3, 20, 39}, set(range(1, 40))], (0, 1, 5))
def test_what_was_written_and_never_handed_on_is_in_the_live_file_and_known_to_a_resume(
    tmp_path, monkeypatch, lost
):
    """An interruption may come between the two; the journal has the record all the same."""
    monkeypatch.setattr(checkpoints, "MARK_RECORDS", 5)
    path = tmp_path / "a.journal"
    journal = Journal.create(path)
    journal.append(0.0, body("header"))
    storage = Storage(tmp_path / "a.h5", journal)
    kinds = ["sample", "note", "paused", "skip", "resumed", "gap", "zero", "edge"]
    rng = random.Random(len(lost))
    for number in range(1, 40):
        event = journal.append(float(number), body(rng.choice(kinds)))
        if number not in lost:
            storage.take(event)
        if number % 10 == 0:
            storage._wake.set()
            time.sleep(0.01)
    storage.close()
    assert storage.error is None
    journal.close(keep_reserve=True)
    with h5py.File(tmp_path / "a.h5", "r", libver=("v110", "v110"), swmr=True, locking=False) as file:
        assert sorted([*file["events"]["seq"], *file["samples"]["seq"]]) == list(range(40))
    opened = reopen(path)
    opened.journal.close(keep_reserve=True)
    assert opened.checkpoint is not None
    assert opened.checkpoint.place.seq == 40
    assert opened.progress == fold(read_journal(path))
    assert checkpoint_path(path).exists()
