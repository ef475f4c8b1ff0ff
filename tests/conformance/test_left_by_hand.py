"""Whatever hands and other programs left on a 2400, a run counts what flows, and nothing loads the cell at rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file

BRIEF = """
name: brief
build: metal
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 5 s}
steps:
  - {name: there, kind: constant_current, current: 50 uA, until: {time: 60 s}}
  - {name: held, kind: constant_voltage, voltage: 1 mV, current_limit: 90 uA, until: {time: 30 s}}
  - {name: rest, kind: rest, time: 60 s}
"""


@pytest.mark.parametrize("of_each_source", [False, True])
@pytest.mark.parametrize(
    "left",
    [
        (),
        (":ARM:SOUR BUS",),
        (":TRIG:COUN 3", ":SENS:AVER 1"),
        (':SENS:FUNC "RES"', ":SENS:FUNC:CONC 0"),
        (
            ":SOUR:FUNC VOLT",
            ":SENS:CURR:PROT 1",
            ":SENS:CURR:RANG 1",
            ":SOUR:CURR 1e-3",
            ":SOUR:CURR:MODE SWE",
        ),
    ],
)
def test_what_was_left_on_a_2400_changes_no_charge(
    tmp_path: Path, left: tuple[str, ...], of_each_source: bool
) -> None:
    benches: list[Any] = []
    truths: list[float] = []

    def look(event: Any) -> None:
        if event.kind in ("segment", "segment_end"):
            truths.append(float(benches[-1].truth.truth.charge_C))

    bench = simulated_file("keithley2400", None)
    keithley = {"front_panel": list(left), "off_state_of_each_source": of_each_source}
    found = bench.model_copy(update={"simulation": {**bench.simulation, "keithley": keithley}})
    with watched_benches(benches.append):
        result = run_it(request(tmp_path / "a.h5", BRIEF, drawn("metal"), found), look)
    assert result.completed, result.reason
    there = open_run(tmp_path / "a.h5").steps[0]
    assert there.charge_C == pytest.approx(truths[1] - truths[0], rel=1e-4)
    assert truths[5] - truths[4] == pytest.approx(0.0, abs=1e-9)  # 0.5 uA for a minute would be 3e-5 C
