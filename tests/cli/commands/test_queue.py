"""The queue on the command line, with real engines on the simulated bench."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from solbench.acquisition.queue.run_queue import RunQueue
from solbench.acquisition.queue.standing import condition
from solbench.cli.whole import app
from solbench.protocols import load_protocol

SHORT = ["--set", "steps.sodiation.spectra_at=[0 %]", "--set", "steps.sodiation.until.capacity=1 %"]


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def queue(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["queue", *arguments])


@pytest.mark.long
def test_two_runs_on_one_cell_one_confirmation(tmp_path: Path) -> None:
    common = ["half-cell", "--cell", "nbh", "--bench", "simulated", "--set", "conditions.cell_id=A1", *SHORT]
    assert queue("add", *common, "-o", "a.h5").exit_code == 0
    assert "there is no such file" in queue("add", *common, "--continues", "./c.h5", "-o", "b.h5").stderr
    assert queue("add", *common, "--continues", "A1", "-o", "b.h5").exit_code == 0
    refused = queue("next")
    assert refused.exit_code == 1
    assert "confirm first" in refused.stderr
    queue("confirm", "1")
    for number in (1, 2):
        started = _next()
        assert json.loads(started.stdout)["number"] == number, started.stderr
        assert _wait(number) == "completed"
    assert (tmp_path / "b.h5").exists()
    assert queue("next").exit_code == 1


def _next() -> subprocess.CompletedProcess[str]:
    """Start the next run from a process that ends, as the command does: the engine outlives it."""
    command = [sys.executable, "-P", "-m", "solbench.cli.main", "queue", "next", "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def _wait(number: int) -> str:
    from solbench.acquisition.control.registry import entries

    until = time.monotonic() + 60
    while time.monotonic() < until:
        items = RunQueue().items()
        item = next(item for item in items if item.id == number)
        how = condition(item, entries()).text
        if how != "running":
            return how
        time.sleep(0.05)
    return "running still"


def test_what_is_queued_keeps_its_settings_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    queue("add", "full-cell", "--cell", "nps", "--set", "cycles=3", "-o", "c.h5")
    item = RunQueue().items()[0]
    assert load_protocol(item.protocol).steps[1].count == 3  # type: ignore[union-attr]
    assert item.cell_name == "nps"


def test_what_cannot_run_is_refused_at_once(tmp_path: Path) -> None:
    assert queue("add", "half-cel", "--cell", "nbh").exit_code == 2
    wrong = queue("add", "half-cell", "--cell", "nbh", "--set", "steps.desodiation.current=5 A")
    assert wrong.exit_code == 2
    assert queue("add", "half-cell", "--cell", "nbh", "-o", "a.h5").exit_code == 0
    twice = queue("add", "half-cell", "--cell", "nbh", "-o", "a.h5")
    assert twice.exit_code == 2
    assert "Choose another name" in twice.stderr
    assert queue("remove", "7").exit_code == 2


def test_list_hold_release_order_and_copy() -> None:
    for name in ("a.h5", "b.h5"):
        queue("add", "half-cell", "--cell", "nbh", "-o", name)
    queue("hold", "1")
    queue("up", "2")
    queue("copy", "1", "-o", "c.h5")
    queue("release", "1")
    listed = json.loads(queue("list", "--json").stdout)["queue"]
    assert [item["id"] for item in listed] == [2, 1, 3]
    assert [item["condition"] for item in listed] == ["waiting: confirm the cell"] * 2 + ["held"]
    queue("down", "2")
    queue("remove", "3")
    assert [item.id for item in RunQueue().items()] == [1, 2]


def test_every_change_of_the_queue_is_told() -> None:
    for name in ("first", "second"):
        added = ["half-cell", "--cell", "nbh", "--bench", "simulated", "--set", f"conditions.cell_id={name}"]
        assert queue("add", *added, "-o", f"{name}.h5").exit_code == 0
    said = [queue(*order).stdout for order in (("up", "2"), ("hold", "2"), ("release", "2"), ("remove", "1"))]
    assert said == [
        "2: half-cell on second: place 1 of 2\n",
        "2: half-cell on second: held until it is released\n",
        "2: half-cell on second: waits for its turn\n",
        "1: half-cell on first: removed\n",
    ]
    assert queue("confirm", "2").stdout == "2: half-cell on second: its cell is confirmed as mounted\n"
