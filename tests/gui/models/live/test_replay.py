import json
from dataclasses import replace

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.gui.models.live.replay import FASTEST, Replay
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.recording import Recording


class HandClock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return HandClock()


def test_replay_gives_what_was_known_at_each_moment_and_all_in_the_end(finished, clock):
    whole = open_run(finished)
    replay = Replay(whole, 60.0, clock)
    model = RunModel(replay, Alarms())
    seen = 0
    while not replay.over:
        clock.now += 0.1
        model.update()
        now_s = (clock.now - 100.0) * 60.0
        assert model.traces.samples == (whole.samples["time_s"] <= now_s).sum()
        seen += 1
        assert seen < 10_000
    assert model.traces.samples == len(whole.samples)
    assert model.state == "completed"
    assert [len(track.points) for track in model.spectra.shown] == [9, 9]
    assert model.log.lines[-1].text.startswith("completed")


def test_a_run_whose_record_ends_anywhere_is_off_only_where_the_last_switching_was_off(finished, clock):
    whole = open_run(finished)
    states = {"cell off": 0, "cell unknown": 0}
    for count in range(2, len(whole.events)):
        events = whole.events[:count]
        last = [json.loads(event.json()) for event in events if event.kind in ("switch", "edge")][-1:]
        cut = Replay(replace(whole, events=events), FASTEST, clock)
        cut.wait()
        model = RunModel(cut, Alarms())
        while not model.link.over:
            model.update()
        assert model.cell_word == ("cell unknown" if last and last[0]["connected"] else "cell off")
        states[model.cell_word] += 1
        model.close()
    assert min(states.values()) > 3


def test_replay_changes_its_speed_and_halts(finished, clock):
    replay = Replay(open_run(finished), 1.0, clock)
    clock.now += 20.0
    before = replay.take().status.time_s
    assert before == pytest.approx(20.0)
    replay.set_paused(True)
    clock.now += 1000.0
    assert replay.take().empty
    replay.set_paused(False)
    replay.set_speed(10.0)
    clock.now += 2.0
    assert replay.take().status.time_s == pytest.approx(40.0)


def test_status_of_a_replay_is_that_of_the_run_then(finished, clock):
    whole = open_run(finished)
    replay = Replay(whole, 1.0, clock)
    start = next(event for event in whole.events if event.kind == "edge" and event.body.connected)
    clock.now += start.time_s + 0.01
    status = replay.take().status
    assert status.connected
    assert status.step == "sodiation"
    assert status.simulated
    newest = whole.samples[whole.samples["time_s"] <= start.time_s + 0.01][-1]
    assert status.voltage_V == newest["voltage_V"]


def test_replay_jumps_ahead_by_itself_and_back_by_another_one(finished, clock):
    whole = open_run(finished)
    replay = Replay(whole, 10.0, clock)
    start_s, name = replay.steps[1]
    assert name == "desodiation"
    assert replay.jump(start_s)
    clock.now += 0.05
    batch = replay.take()
    assert sum(map(len, batch.samples)) == (whole.samples["time_s"] <= start_s + 0.5).sum()
    assert replay.step_at(replay.at_s) == 1
    assert not replay.jump(1.0)
    back = replay.again(1.0)
    assert (back.speed, back.at_s, back.paused) == (10.0, 1.0, False)
    model = RunModel(back, Alarms())
    model.update()
    assert model.traces.samples == (whole.samples["time_s"] <= 1.0).sum()


def test_halted_replay_stays_halted_where_it_is_put(finished, clock):
    replay = Replay(open_run(finished), 60.0, clock)
    replay.set_paused(True)
    assert replay.jump(20.0)
    clock.now += 100.0
    assert replay.at_s == 20.0
    back = replay.again(5.0)
    clock.now += 100.0
    assert (back.at_s, back.paused) == (5.0, True)


def test_fastest_speed_gives_the_rest_at_once_and_a_way_back_at_a_speed_that_can_be_watched(finished, clock):
    replay = Replay(open_run(finished), 1.0, clock)
    clock.now += 5.0
    replay.take()
    replay.set_speed(FASTEST)
    replay.take()
    assert replay.over
    assert replay.at_s == replay.length_s
    assert replay.again(3.0).speed == 60.0


def test_replay_of_a_file_waits_for_what_is_not_read_yet(finished_many, clock, monkeypatch):
    """Its clock stands while the file is behind; nothing is left out or given before its time."""
    monkeypatch.setattr("solbench.gui.models.sources.recording.BLOCK_ROWS", 20)
    monkeypatch.setattr("solbench.gui.models.sources.recording.WAITING_BLOCKS", 1)
    times = open_run(finished_many).samples["time_s"]
    replay = Replay(Recording.open(finished_many), 3600.0, clock)
    given = 0
    while not replay.over:
        assert replay.wait()
        clock.now += 1.0
        given += sum(map(len, replay.take().samples))
        assert given <= (times <= replay.at_s).sum()
        assert given % 20 == 0 or given == len(times)
    assert given == len(times)
    replay.close()
