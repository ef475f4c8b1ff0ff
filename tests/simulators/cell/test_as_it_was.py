"""Cell records of version 0.1.0, as its runs hold them, are the cells that they were: same worlds, same numbers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.protocols.cells import parse_cell
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.cell import build_cell
from tests.acquisition.runs import RUNS_0_1

# The digest of the description, by which a world file knows its cell; computed with 0.1.0, as are the numbers in
# as_it_was.json: what the cells did. These are the same on every processor, but for what its sines and roots round.
SAID = {
    ("short", "half"): "42930602bbe3",
    ("short", "full"): "229e02736e51",
    ("short", "symmetric"): "505c5143ca45",
    ("short", "dc_reduced"): "bf328d799364",
    ("pellet", "half"): "5bf169a9c51c",
    ("pellet", "pellet"): "bad4c12bbc3b",
}
DID = json.loads(Path(__file__).with_name("as_it_was.json").read_text(encoding="utf-8"))
ROUNDING = 1e-10


@pytest.mark.parametrize(("run", "build"), SAID)
def test_an_old_record_is_the_old_cell(run, build):
    record = parse_cell(open_run(RUNS_0_1 / f"{run}.h5").header.cell.text, run)
    description = record.build(build).simulated_cell(298.15)
    cell, rows = build_cell(description, 3), []
    for _ in range(6):
        cell.advance_current(333.3, -1e-4 if build in ("half", "symmetric") else 0.0)
        rows += [cell.voltage(1e-5), cell.current(cell.voltage(0.0) + 0.01)]
        rows.append(cell.advance_voltage(7.7, cell.voltage(0.0) + 0.003))
        for hertz in (1e6, 1e3, 1.0, 1e-3):
            z_ohm = cell.impedance(hertz)
            rows += [z_ohm.real, z_ohm.imag]
        cell.temperature_K += 1.5
        cell.advance_current(100.0, 5e-5)
    rows += cell.state()
    said = hashlib.sha256(json.dumps(description, sort_keys=True, default=str).encode()).hexdigest()
    assert said[:12] == SAID[run, build]
    assert rows == pytest.approx(DID[f"{run}-{build}"], rel=ROUNDING, abs=0.0)


def test_a_world_of_an_old_record_goes_on(tmp_path):
    record = parse_cell(open_run(RUNS_0_1 / "short.h5").header.cell.text, "short")
    description = record.build("half").simulated_cell()
    first = SimulatedBench(description, world=tmp_path / "w")
    first.cell.advance_current(3600.0, -1e-4)
    state = first.cell.state()
    first.close()
    again = SimulatedBench(description, world=tmp_path / "w")
    assert again.truth.cell.state() == state
    assert len(state) == 12
    again.close()
