"""Faults with real processes: a served bench, an engine on it and its guardian, in real time."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from solbench.acquisition.host.platform import is_alive
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.protocol import dump_protocol
from tests.end_to_end.programs import Process
from tests.end_to_end.served import ServedBench, journal, read_until, served_bench, wait_until_off
from tests.faults.judge import CURES
from tests.faults.plans import CELL, protocol_of
from tests.faults.registry import REFUSED

SPEED = 20.0
CELLS, SEED = 40, 11
AWAY_S = 3.0  # of host time: more than `reconnect_for` allows
LARGEST_A = 0.16e-3 * 0.785
AN_INTERRUPTION_S = 0.2  # of host time, in which a current is not known
LONGEST_S = 90.0
Deed = Callable[[ServedBench, Process, random.Random], None]


def bench_fault(name: str, **details: object) -> Deed:
    """A fault of an instrument drawn at random."""

    def deed(bench: ServedBench, _engine: Process, draw: random.Random) -> None:
        bench.control.set_fault(name, instrument=draw.choice(["1260", "1287"]), **details)

    return deed


def engine_killed(_bench: ServedBench, engine: Process, _draw: random.Random) -> None:
    engine.kill()


def engine_stopped(_bench: ServedBench, engine: Process, _draw: random.Random) -> None:
    engine.send_signal(signal.SIGSTOP)


def engine_asked_to_end(_bench: ServedBench, engine: Process, draw: random.Random) -> None:
    engine.send_signal(draw.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))


def guardian_killed(bench: ServedBench, _engine: Process, _draw: random.Random) -> None:
    for pid in guardians(bench):
        os.kill(pid, signal.SIGKILL)


def adapter_away(bench: ServedBench, _engine: Process, draw: random.Random) -> None:
    bench.control.set_fault("refuse_connections", for_s=draw.choice([0.3, AWAY_S]))
    bench.control.set_fault("drop_connection")


def adapter_away_and_engine_killed(bench: ServedBench, engine: Process, draw: random.Random) -> None:
    adapter_away(bench, engine, draw)
    engine.kill()


def silence(bench: ServedBench, _engine: Process, draw: random.Random) -> None:
    bench.control.set_fault("dead", instruments=draw.choice([["1287"], ["1260"], ["1260", "1287"]]))


def refused(bench: ServedBench, _engine: Process, draw: random.Random) -> None:
    bench.control.set_fault("refuse", instrument="1287", command=draw.choice(REFUSED["1287"]), error=4)


def lead_off(bench: ServedBench, _engine: Process, _draw: random.Random) -> None:
    bench.control.set_fault("leads", loose_reference=True)


def cut_out(bench: ServedBench, _engine: Process, _draw: random.Random) -> None:
    bench.control.set_fault("cut_out")


DEEDS: Mapping[str, Deed] = {
    "lost answer": bench_fault("drop_replies", count=2),
    "torn line": bench_fault("tear_replies", count=2),
    "spoilt line": bench_fault("garble_replies", count=2),
    "overload": bench_fault("overload", count=1),
    "power cycle": bench_fault("power_cycle"),
    "stuck status": bench_fault("stick_status", status=0),
    "silence": silence,
    "refused command": refused,
    "lead off": lead_off,
    "cut-out": cut_out,
    "dropped connection": adapter_away,
    "dropped connection, engine killed": adapter_away_and_engine_killed,
    "engine killed": engine_killed,
    "engine stopped": engine_stopped,
    "engine asked to end": engine_asked_to_end,
    "guardian killed": guardian_killed,
}


def guardians(bench: ServedBench) -> list[int]:
    """The guardians at work on cells of this bench."""
    duties = (bench.folder / "state" / "duties").glob("*.json")
    pids = [json.loads(path.read_text())["guardian"]["pid"] for path in duties]
    return [pid for pid in pids if is_alive(pid)]


def mend(bench: ServedBench) -> None:
    """Mend what a user mends who comes to the bench."""
    for name in ("leads", "alive"):
        bench.control.set_fault(name)
    for name, codes in REFUSED.items():
        bench.control.set_fault("stick_status", instrument=name, status=256)
        for code in codes:
            bench.control.set_fault("accept", instrument=name, command=code)
    bench.control.set_fault("refuse_connections", for_s=0.0)


def wait_for_pause_or_end(bench: ServedBench, engine: Process, run: Path) -> str:
    """Wait until the run waits for a user, or its program has ended; no run goes on for ever."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        if engine.poll() is not None:
            return "ended"
        kinds = [event.kind for event in journal(run) if event.kind in ("paused", "resumed", "end")]
        if kinds and kinds[-1] == "paused":
            return "paused"
        time.sleep(0.2)
    engine.kill()
    pytest.fail("it neither ended nor paused")


def said_by(engine: Process) -> str:
    try:
        return str(engine.communicate(timeout=LONGEST_S)[1].decode())
    except subprocess.TimeoutExpired:
        engine.kill()
        raise


def cells() -> list[tuple[str, str, int]]:
    """Deeds, kinds of segment, and after how many lines of events."""
    draw = random.Random(SEED)
    chosen = draw.sample(list(itertools.product(DEEDS, SEGMENT_KINDS)), CELLS)
    return [(deed, segment, draw.randrange(4, 30)) for deed, segment in chosen]


@pytest.mark.long
@pytest.mark.parametrize(("deed", "segment", "lines"), cells())
def test_a_fault_with_real_processes(tmp_path: Path, deed: str, segment: str, lines: int) -> None:
    protocol, run = protocol_of(segment), tmp_path / "run.h5"
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        bench.bench.write_text(bench.bench.read_text() + "reconnect_for: 2 s\n")
        bench.control.set_cell(CELL.build(protocol.build).simulated_cell())
        engine = bench.start(run, dump_protocol(protocol))
        printed = read_until(engine, lines)
        DEEDS[deed](bench, engine, random.Random(f"{deed} {segment}"))
        state = wait_for_pause_or_end(bench, engine, run)
        if bench.control.truth()["polarized"]:
            assert state == "ended"
            wait_until_off(bench, 5.0)
        assert not bench.control.truth()["polarized"] or guardians(bench)
        mend(bench)
        if state == "paused":
            assert bench.call("stop", str(run)).returncode == 0
        said = said_by(engine)
        assert not wait_until_off(bench)["polarized"]
        assert said.count("Traceback") == 0, said
        events = journal(run)
        assert [event.seq for event in events] == list(range(len(events)))
        assert {event["seq"] for event in printed} <= {event.seq for event in events}
        ends = [event.body.outcome for event in events if event.kind == "end"]
        if engine.returncode == 1 and ends[-1:] != ["limit"]:
            assert CURES.search(said) or [event for event in events if event.kind == "alarm"], said
        require_no_wrong_charge(bench, run, engine.returncode == 0)


def require_no_wrong_charge(bench: ServedBench, run: Path, completed: bool) -> None:
    """What was counted is the cell's, or the run is continued and counts what flowed meanwhile."""
    if not completed:
        resumed = bench.call("resume", str(run), "--json")
        assert "Traceback" not in resumed.stderr
        assert not bench.control.truth()["polarized"]
    events = journal(run)
    edges = [event for event in events if event.kind == "edge"]
    gaps = [event.body for event in events if event.kind == "gap"]
    counted_C = edges[-1].body.charge_C if edges else 0.0
    true_C = bench.control.truth()["charge_C"]
    interruptions = 1 + sum(event.kind in ("gap", "session", "reconnected") for event in events)
    stated_C = sum(gap.uncertainty_C for gap in gaps)
    allowed_C = LARGEST_A * AN_INTERRUPTION_S * SPEED * interruptions + stated_C + 5e-3 * abs(true_C)
    assert abs(counted_C - true_C) <= allowed_C
