"""Whatever hands and other programs left on a 2400, a run counts what flows, and nothing loads the cell at rest."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file
from tests.conformance.test_foreign_answers import FALLING

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


LEFT: dict[str, Callable[[random.Random], str]] = {
    "source delay": lambda draw: f":SOUR:DEL {draw.uniform(0.6, 2.5):.3f}",
    "trigger delay": lambda draw: f":TRIG:DEL {draw.uniform(0.6, 2.5):.3f}",
    "zero": lambda _: ":SYST:AZER OFF",
    "coding": lambda draw: draw.choice([":FORM:DATA REAL,32", ":FORM SREAL"]),
}
DRIFTS = {
    "zero_drift_V_per_s": 1e-6,
    "zero_drift_of_range_per_s": 3e-5,
}  # of a cold one, to be seen in minutes


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


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 6))])
def test_nor_what_delays_its_readings_or_spoils_them(tmp_path: Path, left: str, seed: int) -> None:
    draw = random.Random(f"{left} {seed}")
    panel = [LEFT[left](draw)]
    benches: list[Any] = []
    charges: list[tuple[float, float]] = []  # true, and counted

    def look(event: Any) -> None:
        if event.kind == "segment":
            charges.append((float(benches[-1].truth.truth.charge_C), 0.0))
        elif event.kind == "segment_end":
            charges[-1] = (float(benches[-1].truth.truth.charge_C) - charges[-1][0], event.body.step_charge_C)

    cell = drawn(
        "metal",
        transference_number=draw.uniform(0.3, 0.6),
        concentration_time=f"{draw.uniform(100.0, 200.0):.0f} s",
        charge_transfer_resistance=f"{draw.uniform(20.0, 100.0):.0f} ohm",
    )
    bench = simulated_file("keithley2400", None)
    simulation = {**bench.simulation, "keithley": {"front_panel": panel, **DRIFTS}}
    with watched_benches(benches.append):
        result = run_it(
            request(tmp_path / "a.h5", FALLING, cell, bench.model_copy(update={"simulation": simulation})),
            look,
        )
    assert result.completed, result.reason
    for true_C, counted_C in charges[1:]:
        assert counted_C == pytest.approx(true_C, rel=1e-3), panel
