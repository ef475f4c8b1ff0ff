"""Cell records of version 0.1.0, as its runs hold them, are the cells that they were: same worlds, same last bit."""

from __future__ import annotations

import hashlib
import json

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.protocols.cells import parse_cell
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.cell import build_cell
from tests.acquisition.runs import RUNS_0_1

# of the description, by which a world file knows its cell, and of what the cell did; computed with 0.1.0
THEN = {
    ("short", "half"): ("42930602bbe3", "9cefb6c3667bf4a1"),
    ("short", "full"): ("229e02736e51", "d45cce8dfe771b82"),
    ("short", "symmetric"): ("505c5143ca45", "cbf2cff1ba859890"),
    ("short", "dc_reduced"): ("bf328d799364", "8b9086ceec7d2e6d"),
    ("pellet", "half"): ("5bf169a9c51c", "300817141ef0a23f"),
    ("pellet", "pellet"): ("bad4c12bbc3b", "18dd452642d624c3"),
}


@pytest.mark.parametrize(("run", "build"), THEN)
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
    did = hashlib.sha256(repr(rows).encode()).hexdigest()
    assert (said[:12], did[:16]) == THEN[run, build]


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
