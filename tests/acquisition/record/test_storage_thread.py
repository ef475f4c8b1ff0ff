import time

import h5py
import pytest

from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.storage_thread import Storage
from tests.records import body


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
    monkeypatch.setattr(
        "solbench.acquisition.record.live_file.os.fsync", lambda _descriptor: durable.append(time.monotonic())
    )
    storage = Storage(tmp_path / "a.h5", journal, watched=lambda: True)
    before = len(durable)
    waits = _waits(storage, journal, 10)
    with h5py.File(tmp_path / "a.h5", "r", libver=("v110", "v110"), swmr=True, locking=False) as file:
        assert len(file["samples"]) == 10
    assert sum(waits) < 4.0  # 2 s, were the machine not busy with something else
    assert len(durable) - before <= 2 * (sum(waits) + 1)  # journal and live file, once a second
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
