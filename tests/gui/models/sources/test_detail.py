import threading
import time

import numpy as np
import pytest

from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.record.slices import FileSlices, MemorySlices
from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.live.replay import Replay, whole_run
from solbench.gui.models.sources.detail import DetailReader, detail_of
from solbench.gui.models.sources.recording import Recording


@pytest.fixture(scope="module")
def samples(finished_many):
    return open_run(finished_many).samples


def _until(condition, timeout_s=60.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_detail_is_the_samples_of_whole_blocks(samples):
    blocks = np.array([0, 2, len(samples) // BLOCK])  # the last one is not whole
    detail = detail_of(blocks, MemorySlices(samples))
    assert detail.blocks.tolist() == [0, 2]
    rows = np.r_[0:BLOCK, 2 * BLOCK : 3 * BLOCK]
    assert detail.x.tolist() == samples["time_s"][rows].tolist()
    assert detail.y[1].tolist() == samples["current_A"][rows].astype(np.float32).tolist()


def test_a_file_that_hangs_keeps_nobody_waiting(samples):
    """The newest of the requests that came meanwhile is answered once the file answers."""
    answers = threading.Event()
    asked = []

    class Hanging(MemorySlices):
        def read(self, ranges):
            asked.append(ranges)
            assert answers.wait(60.0)
            return super().read(ranges)

    reader = DetailReader(lambda: Hanging(samples))
    try:
        reader.want(np.array([0]))
        _until(lambda: asked)
        reader.want(np.array([1]))
        reader.want(np.array([2]))
        assert reader.take() is None
        answers.set()
        _until(lambda: (detail := reader.take()) is not None and detail.blocks.tolist() == [2])
        assert len(asked) == 2
    finally:
        answers.set()
        reader.close()


def test_unreadable_file_is_no_end_of_the_reader(samples, tmp_path):
    sources = [FileSlices(tmp_path / "nowhere.h5"), MemorySlices(samples)]
    reader = DetailReader(lambda: sources.pop(0))
    reader.want(np.array([0]))
    _until(lambda: len(sources) == 1)
    reader.want(np.array([1]))
    _until(lambda: (detail := reader.take()) is not None and detail.blocks.tolist() == [1])
    reader.close()


def test_recording_leaves_the_samples_of_a_file_in_it(finished_many, samples, monkeypatch):
    monkeypatch.setattr("solbench.gui.models.sources.recording.BLOCK_ROWS", 50)
    recording = Recording.open(finished_many)
    assert recording.in_file
    monkeypatch.setattr(
        "solbench.acquisition.record.reader.read_file", lambda path: pytest.fail("read at once")
    )
    assert recording.run.sample_count == len(samples)
    replay = Replay(recording)
    seen = []
    while not replay.over:
        assert replay.wait()
        seen += replay.take().samples
    replay.close()
    assert np.concatenate(seen).tolist() == samples.tolist()


def test_whole_run_of_a_file_and_of_its_journal_are_the_same(finished_many, samples):
    of_file, of_journal = whole_run(finished_many), whole_run(journal_path(finished_many))
    assert of_file.traces.samples == of_journal.traces.samples == len(samples)
    assert of_file.trace.x.tolist() == of_journal.trace.x.tolist() == samples["time_s"].tolist()
    assert of_file.state == of_journal.state == "completed"
    of_file.close()
    of_journal.close()
