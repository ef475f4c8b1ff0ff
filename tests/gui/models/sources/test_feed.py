import os
import signal
import time

import numpy as np
import pytest

from solbench.acquisition.control.client import Client
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.follow import LiveRows, News
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.slices import JournalSlices
from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.feed import Feed
from solbench.gui.models.sources.source import Batch
from tests.end_to_end.programs import CURRENT_A
from tests.gui.engines import engine
from tests.pace import Stopwatch
from tests.texts import TINY


class Collected:
    """A run model that keeps the numbers of all the rows that it was given."""

    def __init__(self, entry):
        self.feed = Feed(entry)
        self.path = self.feed.path
        self.samples, self.points, self.events = [], [], []
        self.alarms = Alarms()
        self.model = RunModel(self, self.alarms)

    def take(self):
        batch = self.feed.take()
        self.samples += [seq for rows in batch.samples for seq in rows["seq"].tolist()]
        self.points += [seq for rows in batch.points for seq in rows["seq"].tolist()]
        self.events += [event.seq for event in batch.events]
        return batch

    def want(self, blocks):
        self.feed.want(blocks)

    def close(self):
        self.feed.close()

    def until(self, condition, timeout_s=60.0):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            self.model.update()
            if condition(self.model):
                return
            time.sleep(0.02)
        raise AssertionError(f"{self.model.state}, {self.model.traces.samples} samples, {self.model.link}")


def _numbers(journal, *kinds):
    events = list(read_journal(journal))
    return [event.seq for event in events if event.kind in kinds]


def test_whole_run_arrives_once_and_in_order(tmp_path):
    with engine(tmp_path, 200.0, protocol=TINY) as (entry, process):
        seen = Collected(entry)
        seen.until(lambda model: model.link.over, 60.0)
        seen.close()
    journal = tmp_path / "a.journal"
    assert seen.samples == _numbers(journal, "sample")
    assert seen.points == _numbers(journal, "point")
    others = [event.seq for event in read_journal(journal) if event.kind not in ("sample", "point")]
    assert seen.events == others
    assert seen.model.state == "completed"
    assert process.returncode == 0


def test_a_run_is_not_over_before_its_last_rows_are_handed_over(finished, monkeypatch):
    feed = Feed(Entry("id", str(finished), 0, "gone", 1, "t", "bench", "k", "p", "c", "2026", "0"))
    while not feed._over:
        time.sleep(0.01)
    whole = feed.take()
    last, feed._over = News(events=[whole.events[-1]]), ""

    def ends_meanwhile():
        monkeypatch.undo()
        feed._batch.add(last)
        feed._over = "the engine has ended"

    monkeypatch.setattr(feed._detail, "take", ends_meanwhile)
    taken = [feed.take(), feed.take()]
    assert [bool(batch.events) for batch in taken] == [False, True]
    assert [batch.link.over for batch in taken] == [False, True]
    feed.close()


@pytest.mark.long
def test_second_viewer_gets_the_history_and_goes_on(tmp_path):
    with engine(tmp_path, 40.0, protocol=TINY) as (entry, _process):
        first = Collected(entry)
        first.until(lambda model: model.traces.samples > 20)
        first.close()
        with Stopwatch() as watch:
            second = Collected(entry)
            second.until(lambda model: model.traces.samples >= first.model.traces.samples)
        assert watch.elapsed_s < 2.0
        with Client(entry) as client:
            client.verb(Verb.STOP)
        second.until(lambda model: model.link.over)
        second.close()
    assert second.samples == _numbers(tmp_path / "a.journal", "sample")
    assert second.model.state == "not completed"


def test_killed_engine_is_told_and_what_it_wrote_is_shown(tmp_path):
    with engine(tmp_path, 40.0, protocol=TINY) as (entry, process):
        seen = Collected(entry)
        seen.until(lambda model: model.traces.samples > 20)
        process.kill()
        seen.until(lambda model: model.link.over)
        seen.close()
    assert seen.samples == _numbers(tmp_path / "a.journal", "sample")
    assert seen.model.state == "engine gone"
    assert "solbench resume a.h5" in seen.alarms.open[0].text


@pytest.mark.long  # in the default tier, test_attached looks at such an engine
def test_silent_engine_is_noticed_and_comes_back(tmp_path):
    with engine(tmp_path, 10.0, protocol=TINY) as (entry, process):
        seen = Collected(entry)
        seen.until(lambda model: model.traces.samples > 2)
        os.kill(process.pid, signal.SIGSTOP)
        seen.until(lambda model: model.link.lost, 10.0)
        os.kill(process.pid, signal.SIGCONT)
        seen.until(lambda model: not model.link.lost, 10.0)
        seen.close()


def test_samples_that_the_window_let_go_are_read_from_the_live_file_and_from_the_finished_one(tmp_path):
    with engine(tmp_path, 30.0, "--set", "record.every=0.1 s", protocol=TINY) as (entry, _process):
        seen = Collected(entry)
        model = seen.model
        model.traces.trace = Trace(2, BLOCK, BLOCK, ask=model.source.want)
        seen.until(lambda model: len(model.trace) > 4 * BLOCK)
        view = (20.0, 22.0, 1000)
        seen.until(lambda model: _asked_for(model.trace, *view))
        assert not model.link.over
        live = model.trace.view(0, *view)
        seen.until(lambda model: model.link.over, 60.0)
        model.trace.view(0, *view)
        other = (40.0, 42.0, 1000)
        seen.until(lambda model: _asked_for(model.trace, *other))
        final = model.trace.view(0, *other)
        seen.close()
    samples = [event for event in read_journal(tmp_path / "a.journal") if event.kind == "sample"]
    times = np.array([event.time_s for event in samples])
    volts = np.array([event.body.voltage_V for event in samples])
    for (low, high, _), (x, y) in ((view, live), (other, final)):
        rows = slice(np.searchsorted(times, low) - 1, np.searchsorted(times, high, "right") + 1)
        assert x.tolist() == times[rows].tolist()
        assert np.allclose(y, volts[rows], rtol=1e-6)


@pytest.mark.long
def test_run_whose_live_file_was_given_up_is_followed_through_its_journal(tmp_path, monkeypatch):
    monkeypatch.setattr("solbench.gui.models.sources.feed.STUCK_S", 0.3)
    read, watermark = LiveRows.read, Feed._watermark
    frozen = []

    def until_given_up(rows):
        return Batch() if frozen else read(rows)

    def stands_still(feed, status):
        watermark(feed, status.model_copy(update={"flushed_seq": frozen[0]}) if frozen else status)

    monkeypatch.setattr(LiveRows, "read", until_given_up)
    monkeypatch.setattr(Feed, "_watermark", stands_still)
    with engine(tmp_path, 30.0, "--set", "record.every=0.1 s", protocol=TINY) as (entry, _process):
        seen = Collected(entry)
        seen.until(lambda model: model.traces.samples > 20)
        frozen.append(seen.model.status.flushed_seq)
        seen.until(lambda model: model.traces.samples > 100)
        assert not seen.model.link.over
        assert isinstance(seen.feed._slices(), JournalSlices)
        seen.until(lambda model: model.link.over, 60.0)
        seen.close()
    assert seen.samples == _numbers(tmp_path / "a.journal", "sample")


def _asked_for(trace, low, high, pixels):
    """Ask for what a view wants; say whether it lacks nothing any more."""
    trace.ask_for(low, high, pixels)
    return len(trace.wanted(low, high, pixels)) == 0


@pytest.mark.long
def test_capacity_and_trace_follow_the_journal(tmp_path):
    with engine(tmp_path, 200.0, protocol=TINY) as (entry, _process):
        seen = Collected(entry)
        seen.until(lambda model: model.link.over, 60.0)
        seen.close()
    samples = [event for event in read_journal(tmp_path / "a.journal") if event.kind == "sample"]
    trace = seen.model.trace
    assert np.allclose(trace.y(0), [event.body.voltage_V for event in samples], rtol=1e-6)
    sodiation, desodiation = seen.model.traces.curves
    one_reading = CURRENT_A * 1.0 / 0.785 / 3.6  # mAh/cm2 in the second between stored samples
    assert sodiation.points[0][-1] == pytest.approx(0.002, abs=one_reading)  # as the protocol asks
    flowing = [event.body for event in samples if abs(event.body.current_A) > 0.9 * CURRENT_A]
    last = [data for data in flowing if data.step == 0][-1]
    assert sodiation.points[0][-1] == pytest.approx(abs(last.charge_C) / 0.785 / 3.6, rel=1e-9)
    assert desodiation.points[1][-1] >= 2.0 - 0.01
    assert [len(track.points) for track in seen.model.spectra.shown] == [9, 9]
