"""Which cell is mounted, by real programs on one bench: a run by hand between a confirmation, a queue and a resume."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.served import ServedBench, read_until, served_bench, wait_until_off

TEN_SECONDS = """
name: ten-seconds
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.016 mA/cm2, until: {time: 10 s}}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ServedBench]:
    (tmp_path / "p.yaml").write_text(TEN_SECONDS)
    with served_bench(tmp_path, "--speed", "20") as bench:
        yield bench


def about(bench: ServedBench, cell_id: str, run: str) -> list[str]:
    """Arguments of `run` and `queue add` for a run on a cell."""
    cell = ["--cell", "nbh", "--set", f"conditions.cell_id={cell_id}"]
    return [str(bench.folder / "p.yaml"), *cell, "--bench", str(bench.bench), "-o", str(bench.folder / run)]


def call(bench: ServedBench, code: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = bench.call(*arguments)
    assert done.returncode == code, done.stderr
    return done


def test_a_run_by_hand_on_another_cell_is_known_to_queue_and_resume(bench: ServedBench) -> None:
    broken = bench.folder / "a.h5"
    engine = bench.start(broken, TEN_SECONDS.replace("unknown}", "unknown, cell_id: A1}", 1))
    read_until(engine, 8)
    engine.kill()
    engine.communicate()
    assert not wait_until_off(bench)["polarized"]
    call(bench, 0, "queue", "add", *about(bench, "A1", "q.h5"))
    call(bench, 0, "queue", "confirm", "1")
    call(bench, 0, "run", *about(bench, "B2", "hand.h5"))

    blocked = call(bench, 1, "queue", "next")
    assert "B2 was mounted last (hand.h5: completed)" in blocked.stderr
    refused = call(bench, 2, "resume", str(broken))
    assert "B2 was mounted last (hand.h5: completed)" in refused.stderr
    assert "Nothing was switched on" in refused.stderr
    assert not bench.control.truth()["polarized"]
    call(bench, 2, "resume", str(broken), "--mounted", "B2")
    call(bench, 0, "resume", str(broken), "--mounted", "A1")

    call(bench, 0, "queue", "next")  # the same cell as that of the resume, which completed
    until = time.monotonic() + 60.0
    while listed(bench) != "completed":
        assert time.monotonic() < until, listed(bench)
        time.sleep(1.0)  # each look is a program of its own


def listed(bench: ServedBench) -> str:
    """How the only run of the queue stands."""
    (item,) = json.loads(bench.call("queue", "list", "--json").stdout)["queue"]
    return str(item["condition"])
