"""Whatever process dies, the cell is off and nothing is lost: real processes, real sockets, real time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

from solbench.acquisition.host.platform import host_s, is_alive
from tests.end_to_end.programs import Process, started
from tests.end_to_end.served import (
    THREE_MINUTES,
    ServedBench,
    journal,
    kill_after,
    read_until,
    served_bench,
    wait_until_off,
)

CURRENT_A = 0.16e-3 * 0.785
AN_INTERRUPTION_S = 0.020
LEASE_S = 3.0  # of a bench file that says nothing else


@pytest.fixture
def bench(tmp_path: Path):
    """Serve at ten times real time: what is measured here is host time, and resets pass quicker."""
    with served_bench(tmp_path, "--speed", "10") as bench:
        yield bench


def kill_and_look(bench: ServedBench, run: Path, lines: int, protocol: str = THREE_MINUTES) -> float:
    """Kill a run after some lines, hold all promises; return how long the cell stayed on (s)."""
    bench.fresh_cell()
    killed = kill_after(bench, bench.start(run, protocol), lines)
    assert not killed.truth["polarized"]
    wait_for_guard(run)
    known = {event.seq for event in journal(run)}
    assert {event["seq"] for event in killed.events} <= known
    return killed.off_after_s


def wait_for_guard(run: Path) -> None:
    until = time.monotonic() + 10.0
    while not run.with_suffix(".guard").exists() and time.monotonic() < until:
        time.sleep(0.02)


def finish(bench: ServedBench, run: Path, interruptions: int, speed: float) -> None:
    """Resume to the end; recorded and true charge must agree (20 ms of host time an interruption)."""
    result = bench.call("resume", str(run), "--json")
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["completed"]
    recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
    true_C = bench.control.truth()["charge_C"]
    # besides the interruptions: noise of the readings, and half a message's latency at each edge
    assert abs(recorded_C - true_C) <= CURRENT_A * AN_INTERRUPTION_S * speed * interruptions + 2e-5 * abs(
        true_C
    )


def test_a_killed_engine_leaves_the_run_resumable_and_every_coulomb_counted(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    kill_and_look(bench, run, 25, THREE_MINUTES.replace("180 s", "60 s"))
    finish(bench, run, 1, 10.0)


@pytest.mark.parametrize("lines", [1, 7, 12, 30])
def test_a_kill_at_any_moment_switches_off_at_once(bench: ServedBench, tmp_path: Path, lines: int):
    # a tenth of a second on a quiet machine (two hundred kills, long tier); here other tests run beside this one
    assert kill_and_look(bench, tmp_path / "run.h5", lines) < 0.5


def test_a_stopped_engine_is_ended_and_the_cell_switched_off_within_lease_and_two_seconds(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    engine = bench.start(run)
    read_until(engine, 12)
    assert bench.control.truth()["polarized"]
    engine.send_signal(signal.SIGSTOP)
    stopped_s = host_s()
    truth = wait_until_off(bench)
    assert not truth["polarized"]
    assert truth["opened_host_s"] - stopped_s < 3.0 + 2.0
    wait_for_guard(run)
    deed = json.loads(run.with_suffix(".guard").read_text())
    assert deed["verified"]
    assert "did not answer any more" in deed["why"]
    assert engine.wait(timeout=5.0) == -signal.SIGKILL
    engine.stdout.close()
    engine.stderr.close()


def test_without_its_guardian_an_engine_pauses_with_the_cell_off_and_resume_brings_a_new_one(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    engine = bench.start(run)
    read_until(engine, 12)
    guardians = children(engine.pid)
    assert len(guardians) == 1
    os.kill(guardians[0], signal.SIGKILL)
    killed_s = host_s()
    truth = wait_until_off(bench)
    assert truth["opened_host_s"] - killed_s < 1.5
    assert state_of(bench, run) == "paused"
    assert bench.call("resume", str(run)).returncode == 0
    until = time.monotonic() + 10.0
    while not bench.control.truth()["polarized"] and time.monotonic() < until:
        time.sleep(0.05)
    assert bench.control.truth()["polarized"]
    assert len(children(engine.pid)) == 1
    assert bench.call("stop", str(run)).returncode == 0
    assert not bench.control.truth()["polarized"]
    assert engine.wait(timeout=10.0) == 1
    engine.stdout.close()
    engine.stderr.close()


def test_a_guardian_that_was_stopped_is_noticed_and_ended_and_resume_brings_a_new_one(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    engine = bench.start(run)
    read_until(engine, 12)
    (stopped,) = children(engine.pid)
    os.kill(stopped, signal.SIGSTOP)
    stopped_s = host_s()
    truth = wait_until_off(bench)
    assert truth["opened_host_s"] - stopped_s < 8.0
    assert state_of(bench, run) == "paused"
    assert bench.call("resume", str(run)).returncode == 0
    until = time.monotonic() + 10.0
    while not bench.control.truth()["polarized"] and time.monotonic() < until:
        time.sleep(0.05)
    assert bench.control.truth()["polarized"]
    (fresh,) = children(engine.pid)
    assert fresh != stopped
    assert bench.call("stop", str(run)).returncode == 0
    assert engine.wait(timeout=10.0) == 1
    engine.stdout.close()
    engine.stderr.close()


def test_a_second_program_is_refused_with_the_owners_name_and_run(bench: ServedBench, tmp_path: Path):
    run = tmp_path / "first.h5"
    engine = bench.start(run)
    read_until(engine, 8)
    protocol = str(run.with_suffix(".yaml"))
    output = ("-o", str(tmp_path / "second.h5"))
    second = bench.call(
        "run", protocol, "--cell", "nbh", "--bench", str(bench.bench), "--speed", "3", *output
    )
    assert second.returncode == 2
    assert "--speed does nothing here" in second.stderr
    assert "in use" in second.stderr
    assert str(run) in second.stderr
    assert not list(tmp_path.glob("second.*"))
    assert bench.control.truth()["polarized"]  # the first one is not disturbed
    assert bench.call("stop").returncode == 0
    engine.wait(timeout=10.0)
    engine.stdout.close()
    engine.stderr.close()


def test_make_safe_works_against_a_hung_engine(bench: ServedBench, tmp_path: Path):
    engine = bench.start(tmp_path / "run.h5")
    read_until(engine, 12)
    engine.send_signal(signal.SIGSTOP)
    result = bench.call("make-safe", "--bench", str(bench.bench), "--patience", "0.5")
    assert result.returncode == 0, result.stderr + result.stdout
    assert "switched off and verified" in result.stdout
    assert not bench.control.truth()["polarized"]
    engine.wait(timeout=10.0)
    engine.stdout.close()
    engine.stderr.close()


def test_make_safe_works_without_any_engine(bench: ServedBench):
    result = bench.call("make-safe", "--bench", str(bench.bench), "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["verified"]


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if is_alive(int(child))]


def state_of(bench: ServedBench, run: Path) -> str:
    until = time.monotonic() + 5.0
    while time.monotonic() < until:
        listed = json.loads(bench.call("runs", "--json").stdout)["runs"]
        states = [entry["state"] for entry in listed if entry["path"] == str(run)]
        if states == ["paused"]:
            return "paused"
    return str(states)


def start_resume(bench: ServedBench, run: Path) -> Process:
    """Resume a run in a process that prints its events."""
    return started(bench.folder, ["resume", str(run), "--events"], bench.environment, text=False)


def one_run_with_kills(folder: Path, seed: int, kills: int, speed: str) -> list[float]:
    """Kill one run several times at random lines, resuming it each time; return how long the cell stayed on (s)."""
    random.seed(seed)
    folder.mkdir()
    off_after_s = []
    with served_bench(folder, "--speed", speed) as bench:
        run = folder / "run.h5"
        engine = bench.start(run)
        for number in range(kills):
            killed = kill_after(bench, engine, random.randint(1, 34))
            assert not killed.truth["polarized"]
            off_after_s.append(killed.off_after_s)
            wait_for_guard(run)
            assert {event["seq"] for event in killed.events} <= {event.seq for event in journal(run)}
            if number < kills - 1:
                engine = start_resume(bench, run)
        finish(bench, run, kills, float(speed))
    return off_after_s


@pytest.mark.long
def test_two_hundred_kills_at_random_lines_of_a_three_minute_step_at_real_speed(tmp_path: Path):
    """Off within 0.1 s by the simulator's truth, every acknowledged event kept, every run completed, charge right."""
    with ThreadPoolExecutor(max_workers=4) as workers:
        runs = [workers.submit(one_run_with_kills, tmp_path / f"r{n}", n, 10, "1") for n in range(20)]
        off_after_s = [latency for run in runs for latency in run.result()]
    print(f"{len(off_after_s)} kills: off after {sorted(off_after_s)[-5:]} s at worst")
    assert len(off_after_s) == 200
    assert max(off_after_s) < 0.1


@pytest.mark.long
@pytest.mark.parametrize("speed", ["2", "5", "10", "20", "30", "60", "100", "200", "400", "600"])
def test_a_kill_at_other_speeds(tmp_path: Path, speed: str):
    assert max(one_run_with_kills(tmp_path / "run", int(speed), 1, speed)) < 0.1


def start_hanging(bench: ServedBench, run: Path, reads: int) -> Process:
    """Start an engine whose driver hangs for ever in its n-th read."""
    file = run.with_suffix(".yaml")
    file.write_text(THREE_MINUTES)
    script = (
        "import sys, time, solbench.drivers.links.link, solbench.cli.main\n"
        "real, count = solbench.drivers.links.link.Link._read, [0]\n"
        "def hang(link):\n"
        "    count[0] += 1\n"
        f"    if count[0] > {reads}: time.sleep(3600)\n"
        "    return real(link)\n"
        "solbench.drivers.links.link.Link._read = hang\n"
        "solbench.cli.main.main()\n"
    )
    arguments = ["run", str(file), "--cell", "nbh", "--bench", str(bench.bench), "-o", str(run), "--events"]
    return subprocess.Popen(
        [sys.executable, "-P", "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=bench.environment,
        bufsize=0,
    )


def end_silent(bench: ServedBench, run: Path, engine: Process, stop: bool, lines: int) -> float:
    """Let an engine fall silent while the cell is on; return how long the cell stayed on after its last event (s)."""
    read_until(engine, lines)
    silent_s = host_s()
    if stop:
        engine.send_signal(signal.SIGSTOP)
    truth = wait_until_off(bench)
    assert not truth["polarized"]
    assert engine.wait(timeout=10.0) == -signal.SIGKILL
    engine.stdout.close()
    engine.stderr.close()
    wait_for_guard(run)
    deed = json.loads(run.with_suffix(".guard").read_text())
    assert deed["verified"], deed
    return max(0.0, truth["opened_host_s"] - silent_s)


def test_an_engine_that_hangs_in_a_driver_call_is_ended_and_the_port_freed(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    engine = start_hanging(bench, run, 120)
    assert (
        end_silent(bench, run, engine, False, 10_000) < LEASE_S + 20.0
    )  # counted from the start, not the hang
    assert bench.call("make-safe", "--bench", str(bench.bench)).returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("stop", [True, False])
def test_fifty_silent_engines(tmp_path: Path, stop: bool):
    """Stopped by SIGSTOP or hung in a driver call: off within lease + 2 s in all fifty."""
    late = []
    with served_bench(tmp_path, "--speed", "10") as bench:
        for number in range(50):
            run = tmp_path / f"run-{number}.h5"
            bench.fresh_cell()
            if stop:
                off_after_s = end_silent(bench, run, bench.start(run), True, 12 + number % 20)
            else:
                engine = start_hanging(bench, run, 110 + number)
                off_after_s = end_silent_by_events(bench, run, engine)
            if off_after_s > LEASE_S + 2.0:
                late.append((number, off_after_s))
    assert late == []


def end_silent_by_events(bench: ServedBench, run: Path, engine: Process) -> float:
    """Like `end_silent` for an engine that hangs by itself: counted from its last event."""
    last_s = [host_s()]

    def follow() -> None:
        while os.read(engine.stdout.fileno(), 65536):
            last_s[0] = host_s()

    follower = Thread(target=follow)
    follower.start()
    follower.join(timeout=60.0)
    truth = wait_until_off(bench)
    assert not truth["polarized"]
    engine.wait(timeout=10.0)
    engine.stdout.close()
    engine.stderr.close()
    wait_for_guard(run)
    return max(0.0, (truth["opened_host_s"] or 0.0) - last_s[0])
