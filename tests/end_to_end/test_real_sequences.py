"""Random sequences with real programs on a served bench: verbs within milliseconds, kill -9, other runs, make-safe."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from solbench.acquisition.control.client import Client, NoEngine
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Gap
from solbench.acquisition.record.progress import fold
from tests.acquisition.runs import CURRENT_A
from tests.end_to_end.served import ServedBench, journal, read_until, served_bench

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL"),
]
A_MINUTE = """
name: a-minute
build: half
conditions: {temperature: unknown, stack_pressure: unknown, cell_id: A1}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 60 s}}
  - {name: pause, kind: rest, time: 5 s}
"""
TALKS = (
    (Verb.PAUSE, Verb.RESUME),
    (Verb.SKIP, Verb.PAUSE, Verb.STOP),
    (Verb.PAUSE, Verb.SKIP, Verb.RESUME),
    (Verb.SKIP, Verb.SKIP),
    (Verb.SPECTRUM, Verb.PAUSE, Verb.RESUME),
    (Verb.STOP, Verb.PAUSE),
)
KINDS = {Verb.PAUSE: "paused", Verb.SKIP: "skip", Verb.RESUME: "resumed"}
EDGE_S = 0.1 * 20.0  # of the bench's time, which is twenty times as fast


def talk(entry: Entry, verbs: tuple[Verb, ...]) -> dict[Verb, set[int]]:
    """Say verbs one right after the other; return which requests were done, by their own word."""
    done: dict[Verb, set[int]] = {verb: set() for verb in Verb}
    with suppress(NoEngine), Client(entry) as client:
        replies = [(verb, client.verb(verb)) for verb in verbs if verb is not Verb.SPECTRUM]
        for verb, reply in replies:
            outcome = client.outcome(reply, 20.0) if reply.request else None
            assert outcome is not None or not reply.request, f"nobody said what became of {verb}"
            if outcome is not None and outcome.done:
                done[verb].add(reply.request)
    return done


def live(run: Path) -> Entry | None:
    return next((entry for entry in entries() if entry.path == str(run) and entry.alive), None)


def kill_all(bench: ServedBench, run: Path, pid: int, chance: random.Random) -> None:
    """Kill the program and, half the time, its guardian first."""
    duties = list((Path(bench.environment["SOLBENCH_STATE"]) / "duties").glob("*.json"))
    if chance.random() < 0.5:
        for path in duties:
            with suppress(OSError, ValueError, LookupError):
                os.kill(json.loads(path.read_text())["guardian"]["pid"], signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def play(bench: ServedBench, run: Path, chance: random.Random) -> None:
    """One run, what is said to it, its kill, what happens then, and its resume; then the records against the truth."""
    before_C = bench.control.truth()["charge_C"]
    engine = bench.start(run, A_MINUTE)
    read_until(engine, chance.randint(8, 30))
    entry = live(run)
    done = talk(entry, chance.choice(TALKS)) if entry is not None and chance.random() < 0.7 else {}
    if chance.random() < 0.7:
        kill_all(bench, run, engine.pid, chance)
    elif (still := live(run)) is not None:
        talk(still, (Verb.RESUME,))
    engine.communicate(timeout=60.0)
    for verb, kind in KINDS.items():
        if done:
            counted = sum(event.kind == kind for event in journal(run))
            assert counted >= len(done[verb]), (verb, counted, done)
    between = chance.choice(("", "make-safe", "another run"))
    foreign_C, mounted = 0.0, []
    if between == "make-safe":
        assert bench.call("make-safe", "--bench", str(bench.bench)).returncode == 0
        assert not bench.control.truth()["polarized"]
    elif between:
        bench.call("make-safe", "--bench", str(bench.bench))
        other_C = bench.control.truth()["charge_C"]
        other = bench.start(run.with_name(f"{run.stem}-other.h5"), A_MINUTE.replace("A1", "B2"))
        other.communicate(timeout=60.0)
        assert other.returncode == 0
        foreign_C = bench.control.truth()["charge_C"] - other_C
        mounted = ["--mounted", "A1"]
        if not is_final(run):
            refused = bench.call("resume", str(run))
            assert refused.returncode == 2, refused.stderr
    resumed = bench.call("resume", str(run), *mounted)
    assert resumed.returncode in (0, 1), resumed.stderr
    truth = bench.control.truth()
    assert not truth["polarized"]  # a program that has ended leaves nothing to wait for
    events = journal(run)
    folded = fold(events)
    true_C = truth["charge_C"] - before_C - foreign_C
    allowed_C = 1e-6 + CURRENT_A * EDGE_S * sum(event.kind == "edge" for event in events)
    allowed_C += sum(event.body.uncertainty_C for event in events if isinstance(event.body, Gap))
    assert abs(folded.ledger.charge_C - true_C) <= allowed_C, (folded.ledger.charge_C, true_C, allowed_C)
    assert folded.end is not None


def is_final(run: Path) -> bool:
    end = fold(journal(run)).end
    return end is not None and end.is_final


@pytest.mark.parametrize("seed", range(10))
def test_ten_sequences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    with served_bench(tmp_path, "--speed", "20") as bench:
        for name in ("SOLBENCH_STATE", "SOLBENCH_LOCKS"):
            monkeypatch.setenv(name, bench.environment[name])
        for number in range(10):
            bench.fresh_cell()
            play(bench, tmp_path / f"{number}.h5", chance)
