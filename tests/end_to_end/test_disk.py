"""A disk that fills up under a run: journal whole, cell off, and on it goes when there is space again."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.record.reader import open_run
from solbench.simulators.bench import read_world
from tests.end_to_end.programs import begin, solbench

PROTOCOL = """
name: short
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 500 s}}
  - {name: desodiation, kind: constant_current, current: 0.16 mA/cm2, until: {time: 300 s}}
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing fits any more."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            while True:
                try:
                    if file.write(b"\0" * size) < size:
                        break
                except OSError:
                    break
    return filler


def run_into_a_full_disk(folder: Path, tmp_path: Path, name: str, lines: int) -> None:
    protocol = tmp_path / "short.yaml"
    protocol.write_text(PROTOCOL)
    run = folder / f"{name}.h5"
    command = ["run", str(protocol), "--cell", "nbh", "-o", str(run), "--events", "--json", "--speed", "100"]
    engine = begin(tmp_path, *command)
    filler, acknowledged, kinds = None, [], []
    for number, line in enumerate(engine.stdout):
        event = json.loads(line)
        if "seq" not in event:
            break
        acknowledged.append(event["seq"])
        kinds.append(event["kind"])
        if number == lines:
            filler = fill(folder)
        if event["kind"] == "paused":
            assert "full" in event["reason"]
            assert not read_world(run.with_suffix(".world")).polarized
            written = [found.seq for found in read_journal(journal_path(run))]
            assert written == list(range(len(written)))
            assert filler is not None
            filler.unlink()
    said = engine.stderr.read()
    code = engine.wait(timeout=60.0)
    engine.stdout.close()
    engine.stderr.close()
    assert "paused" in kinds
    assert "resumed" in kinds, (kinds[-6:], said)
    assert code == 0, said
    events = list(read_journal(journal_path(run)))
    assert [event.seq for event in events] == list(range(len(events)))
    assert set(acknowledged) <= {event.seq for event in events}
    assert not read_world(run.with_suffix(".world")).polarized
    assert open_run(run).completed


# of 800 lines, a hundred a second: what is left after the last takes longer than a busy machine to fill the disk
@pytest.mark.parametrize("lines", [pytest.param(20, marks=pytest.mark.long), 530])
def test_a_full_disk_pauses_the_run_with_the_cell_off_and_space_lets_it_go_on(
    small_disk: Path, tmp_path: Path, lines: int
):
    run_into_a_full_disk(small_disk, tmp_path, "run", lines)


@pytest.mark.long
def test_twenty_places(tmp_path: Path, small_disk: Path):
    random.seed(20)
    for number in range(20):
        run_into_a_full_disk(small_disk, tmp_path, f"run-{number}", random.randint(5, 530))
        for path in small_disk.iterdir():
            path.unlink()


def test_a_run_that_finds_no_room_does_not_begin(small_disk: Path, tmp_path: Path):
    protocol = tmp_path / "short.yaml"
    protocol.write_text(PROTOCOL)
    fill(small_disk)
    run = small_disk / "run.h5"
    result = solbench(tmp_path, "run", str(protocol), "--cell", "nbh", "-o", str(run))
    assert result.code == 2
    assert "space" in result.err
    assert "Traceback" not in result.err
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
