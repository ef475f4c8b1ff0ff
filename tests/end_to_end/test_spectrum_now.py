"""`solbench spectrum` on a run in another process, and a kill -9 in the middle of what it asked for."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.simulators.bench import read_world
from tests.end_to_end.programs import CURRENT_A, begin, finish, inputs, solbench
from tests.end_to_end.served import TooBusy, again_if_busy
from tests.texts import TINY

# the current flows for several seconds of the PC's time, in which another program has to start
PROTOCOL = TINY.replace("0.002 mAh/cm2", "0.004 mAh/cm2")
TARGET_C = 0.004e-3 * 3600 * 0.785
AT_SPEED = ("--events", "--speed", "20")


def events_of(process: Any) -> Iterator[dict[str, Any]]:
    for line in process.stdout:
        yield json.loads(line)


def under_current(event: dict[str, Any]) -> bool:
    return event["kind"] == "sample" and abs(event["current_A"]) > 0.9 * CURRENT_A


@again_if_busy
@pytest.mark.parametrize(
    "killed",
    [
        pytest.param(False, marks=pytest.mark.long),
        pytest.param(True, marks=pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")),
    ],
)
def test_a_spectrum_is_asked_for_from_another_terminal(tmp_path: Path, killed: bool):
    engine = begin(tmp_path, *inputs(tmp_path, PROTOCOL), *AT_SPEED)
    events = events_of(engine)
    next(event for event in events if under_current(event))
    asked = solbench(tmp_path, "spectrum", "a", "--rest", "60 s", "--json")
    if "is being measured" in asked.err + "\n".join(asked.out):
        finish(engine)
        raise TooBusy("the step was over before the other program had started")
    assert asked.code == 0, asked.err
    assert asked.summary["accepted"] is True
    if not killed:
        again = solbench(tmp_path, "spectrum")
        assert again.code == 1
        assert "already" in again.out[-1] or "being measured" in again.out[-1]
        finish(engine)
        assert engine.returncode == 0
    else:
        next(event for event in events if event["kind"] == "point" and event["segment"] < 0)
        engine.send_signal(signal.SIGKILL)
        engine.communicate(timeout=60)
        resumed = solbench(tmp_path, "resume", "a.h5", "--json")
        assert resumed.code == 0, resumed.err
    run = open_run(tmp_path / "a.h5")
    assert run.completed
    assert [record.start.role for record in run.spectra] == ["spectrum", "asked", "spectrum"]
    assert [len(run.points_of(record)) for record in run.spectra] == [9, 9, 9]
    assert run.steps[0].charge_C == pytest.approx(-TARGET_C, abs=CURRENT_A * 20e-3)
    world = read_world(tmp_path / "a.world")
    assert not world.polarized
    assert world.discharged_C == pytest.approx(TARGET_C, abs=CURRENT_A * 60e-3)


def test_a_mistake_is_refused_in_words_and_the_run_goes_on(tmp_path: Path):
    engine = begin(tmp_path, *inputs(tmp_path, PROTOCOL), *AT_SPEED)
    next(event for event in events_of(engine) if under_current(event))
    refused = solbench(tmp_path, "spectrum", "--amplitude", "30")
    assert refused.code == 1
    assert "field amplitude: '30' has no unit" in refused.out[-1]
    finish(engine)
    assert engine.returncode == 0
    assert len(open_run(tmp_path / "a.h5").spectra) == 2
