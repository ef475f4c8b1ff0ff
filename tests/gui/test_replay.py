import pytest

from acquisition.reader import open_run
from gui.models.alarms import Alarms
from gui.models.replay import Replay
from gui.models.run import RunModel


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
        assert model.samples == (whole.samples["time_s"] <= now_s).sum()
        seen += 1
        assert seen < 10_000
    assert model.samples == len(whole.samples)
    assert model.state == "completed"
    assert [len(track.points) for track in model.spectra.shown] == [9, 9]
    assert model.log.lines[-1].text.startswith("completed")


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
    start = next(event for event in whole.events if event.kind == "edge" and event.data["connected"])
    clock.now += start.time_s + 0.01
    status = replay.take().status
    assert status.connected
    assert status.step == "sodiation"
    assert status.simulated
    newest = whole.samples[whole.samples["time_s"] <= start.time_s + 0.01][-1]
    assert status.voltage_V == newest["voltage_V"]
