"""The adapter is unplugged and comes back: the run goes on, and no coulomb is lost."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.host.platform import host_s
from solbench.acquisition.record.reader import open_run
from tests.end_to_end.programs import suspend, wake
from tests.end_to_end.served import (
    AN_HOUR,
    CURRENT_A,
    THREE_MINUTES,
    ServedBench,
    again_if_busy,
    journal,
    kill_after,
    read_until,
    served_bench,
    wait_until_off,
)

SPEED = 10.0
FLOWING = 14  # lines after which the current has flowed for some readings, which are rare on a busy machine
SHORT = THREE_MINUTES.replace("180 s", "90 s")


def duties_of(bench: ServedBench) -> list[dict[str, Any]]:
    """What the guardians of a bench's runs have written down."""
    folder = Path(bench.environment["SOLBENCH_STATE"]) / "duties"
    return [json.loads(path.read_text()) for path in folder.glob("*.json")]


@again_if_busy
def test_a_lost_adapter_pauses_the_run_until_it_is_back(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        engine = bench.start(run, SHORT, "--set", "interruptions.unwatched_charge=50 %")
        read_until(engine, FLOWING)
        bench.control.set_fault("refuse_connections", for_s=1.5)
        bench.control.set_fault("drop_connection")
        paused = wait_until_off(bench)
        read_until(engine, 10_000)
        engine.wait(timeout=60.0)
        said = engine.stderr.read().decode()
        engine.stdout.close()
        engine.stderr.close()
        assert engine.returncode == 0, said
        truth = bench.control.truth()
        assert not truth["polarized"]
        found = open_run(run)
        assert found.completed
        assert [event.kind for event in journal(run) if event.kind in ("alarm", "reconnected")] == [
            "alarm",
            "reconnected",
        ]
        # the current went on while nobody could switch it off: until the first standby command after the return
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        bench.require_charge(recorded_C, 0.05, paused, truth, speed=SPEED)


def test_an_adapter_that_stays_away_ends_the_run_as_a_fault_in_words(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        bench.bench.write_text(bench.bench.read_text() + "reconnect_for: 2 s\n")
        engine = bench.start(run, AN_HOUR)
        read_until(engine, FLOWING)
        bench.control.set_fault("refuse_connections", for_s=60.0)
        bench.control.set_fault("drop_connection")
        read_until(engine, 10_000)
        engine.wait(timeout=90.0)
        said = engine.stderr.read().decode()
        engine.stdout.close()
        engine.stderr.close()
        assert engine.returncode == 1
        assert "Traceback" not in said
        assert "STANDBY" in said
        assert not open_run(run).completed


@again_if_busy
def test_a_run_is_resumed_on_its_adapter_under_another_address(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        killed = kill_after(bench, bench.start(run, SHORT), FLOWING)
        other = tmp_path / "other.yaml"
        text = bench.bench.read_text()
        assert "127.0.0.1" in text.split("served:")[0]
        head, served = text.split("served:")
        other.write_text(f"{head.replace('127.0.0.1', 'localhost')}served:{served}")
        resumed = bench.call("resume", str(run), "--bench", str(other))
        assert resumed.returncode == 0, resumed.stderr
        first, second = (event.body for event in journal(run) if event.kind == "session")
        assert (first.bench, second.bench.text) == (None, other.read_text())
        assert open_run(run).completed
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        bench.require_charge(recorded_C, 0.1, killed.truth, bench.control.truth(), speed=SPEED)


@again_if_busy
def test_a_run_counts_what_flowed_while_the_pc_was_asleep_and_continues(tmp_path: Path):
    """Engine and guardian stand still together, as they do when the PC sleeps."""
    with served_bench(tmp_path, "--speed", "1") as bench:
        run = tmp_path / "run.h5"
        short = THREE_MINUTES.replace("180 s", "15 s")
        engine = bench.start(run, short, "--set", "interruptions.unwatched_charge=100 %")
        read_until(engine, FLOWING)
        guardian = duties_of(bench)[0]["guardian"]["pid"]
        both = (engine.pid, guardian)
        for process in both:
            suspend(process)
        time.sleep(6.0)  # longer than the lease
        for process in both:
            wake(process)
        read_until(engine, 10_000)
        assert engine.wait(timeout=60.0) == 0
        engine.stdout.close()
        engine.stderr.close()
        (gap,) = (event.body for event in journal(run) if event.kind == "gap")
        assert gap.cause == "asleep"
        assert gap.unwatched_s >= 6.0
        assert open_run(run).completed
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        bench.require_charge(recorded_C, 0.5, bench.control.truth())


@pytest.mark.long
@pytest.mark.parametrize("away_s", [1.0, 4.0, 8.0, 16.0, 32.0])
def test_an_adapter_away_in_real_time(tmp_path: Path, away_s: float):
    """The run continues or is paused by the rule, and the cell is off within five seconds of the return."""
    with served_bench(tmp_path, "--speed", "1") as bench:
        run = tmp_path / "run.h5"
        minute = THREE_MINUTES.replace("180 s", "60 s")
        engine = bench.start(run, minute, "--set", "interruptions.unwatched_charge=20 %")
        read_until(engine, 30)
        bench.control.set_fault("refuse_connections", for_s=away_s)
        bench.control.set_fault("drop_connection")
        back_s = host_s() + away_s
        events: list[dict[str, Any]] = []
        while not any(event["kind"] == "reconnected" for event in events):
            events += read_until(engine, 1)
        (gap,) = (event for event in events if event["kind"] == "gap")
        assert bench.control.truth()["opened_host_s"] - back_s < 5.0
        pauses = gap["unwatched_s"] > 0.2 * 60.0
        if pauses:
            while not any(event["kind"] == "paused" for event in events):
                events += read_until(engine, 1)
            assert bench.call("resume", str(run)).returncode == 0
        events += read_until(engine, 10_000)
        assert engine.wait(timeout=60.0) == 0
        engine.stdout.close()
        engine.stderr.close()
        assert any(event["kind"] == "paused" for event in events) == pauses
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        assert abs(recorded_C - bench.control.truth()["charge_C"]) < CURRENT_A * 0.5
