"""What commissioning is for: the growth that runs on commissioned specimens tell is true within what they state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.bench_file import FoundRecord
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.simulators.cell.half import HalfCell
from tests.acquisition.commission.drawn_units import states_of, units_told
from tests.acquisition.commission.specimens import bench_file, commission, simulated
from tests.acquisition.runs import request, run_it, watched_benches

UNITS = range(100, 150)
INSIDE_95 = 45  # of 50; of 50 sound ones fewer are inside one time in 26
BEYOND_SIGMA = 5.0


def growth_and_truth(cell: str, unit: int, folder: Path) -> tuple[float, float, float]:
    """The growth that a run tells (ohm), its standard error, and how much the layers of both electrodes
    have really grown."""
    record = commission(unit).record
    bench = bench_file(unit).with_record(FoundRecord("b.json", record.text(), record))
    opened: list[Bench] = []
    layers_ohm: list[float] = []

    def look(event: Event) -> None:
        if event.kind == "spectrum":
            true = simulated(opened[0]).cell
            assert isinstance(true, HalfCell)
            layers_ohm.append(true.interfacial_resistance_ohm)

    with watched_benches(opened.append):
        result = run_it(request(folder / f"{cell}{unit}.h5", "half-cell", cell, bench), look)
    told = summarise(open_run(result.run))
    result.run.unlink()
    assert told.r_interface_growth_ohm is not None
    assert told.r_interface_growth_stderr_ohm is not None
    return told.r_interface_growth_ohm, told.r_interface_growth_stderr_ohm, layers_ohm[-1] - layers_ohm[0]


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nps", "nyzc"])
def test_fifty_units_tell_the_true_growth_within_what_they_state(cell: str, tmp_path: Path) -> None:
    """`pytest -n 2 -s -m long tests/acquisition/commission/test_growth.py -k fifty` says each of them."""
    told = units_told(states_of(cell, tmp_path), UNITS)
    for unit, one in zip(UNITS, told, strict=True):
        print(f"{cell} unit {unit}: {one}")
    inside = sum(abs(one.sigmas) < 1.96 for one in told)
    wider = float(
        np.median([one.stderr_ohm for one in told]) / np.median([one.knowing_stderr_ohm for one in told])
    )
    half_ohm = 1.96 * float(np.median([one.stderr_ohm for one in told]))
    print(
        f"{cell}: {inside} of {len(told)} inside, half-width {half_ohm:.3g} ohm, {wider:.2f} times that of who knows"
    )
    assert inside >= INSIDE_95 * len(told) // 50
    assert max(abs(one.sigmas) for one in told) < BEYOND_SIGMA
    assert wider <= 2.0


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nps", "nyzc"])
def test_whole_runs_on_units_tell_it_too(cell: str, tmp_path: Path) -> None:
    found = [growth_and_truth(cell, unit, tmp_path) for unit in UNITS[:3]]
    off = [abs(told - true) / stderr for told, stderr, true in found]
    print(cell, found)
    assert max(off) < 3.0
