"""A voltage whose current stays near its limit is reached on every make, or the step says that it was not."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.events import Edge, Phase
from solbench.acquisition.record.reader import open_run
from solbench.protocols import CellRecord
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file
from tests.tiers import few

HELD = """
name: held
build: metal
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 5 s}}
steps:
  - {{name: before, kind: rest, time: 20 s}}
  - {{name: hold, kind: constant_voltage, voltage: {voltage}, current_limit: {limit}, until: {{time: {time}}}}}
"""
MODELS = ("solartron", "ec301", "keithley2400")


@dataclass
class Held:
    """What stood on the cell, and flowed, at the last reading of a hold; its largest current; how its step ended.

    And how often the limit was held as a current, and the cell opened.
    """

    voltage_V: float
    current_A: float
    largest_A: float
    ended: str
    limited: int
    opened: int


def held(run: Path, model: str, cell: CellRecord, **typed: str) -> Held:
    truths: list[tuple[float, float]] = []
    benches: list[Any] = []

    def look(event: Any) -> None:
        if event.kind == "sample" and event.body.step == 1:
            truth = benches[-1].truth.truth
            if truth.polarized:
                truths.append((float(truth.cell_voltage_V), float(truth.cell_current_A)))

    bench = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    with watched_benches(benches.append):
        result = run_it(request(run, HELD.format(**typed), cell, bench), look)
    assert result.completed, result.reason
    record = open_run(run)
    step = record.steps[1]
    assert step.end is not None
    opened = sum(1 for _, edge in record.bodies(Edge) if edge.action == "off")
    largest_A = max(abs(current_A) for _, current_A in truths)
    return Held(*truths[-1], largest_A, step.end.text, step.limited, opened)


def held_near_limit(
    folder: Path, model: str, cell: CellRecord, volts: float, share: float, time: str
) -> tuple[Held, float]:
    """Hold a voltage with a limit of which the current in the end is a share; return also the limit (A)."""
    typed = {"voltage": f"{1e3 * volts:.0f} mV", "time": time}
    free = held(folder / "free.h5", model, cell, limit="2 mA", **typed)
    assert free.voltage_V == pytest.approx(volts, rel=1e-3, abs=3e-5)
    limit_A = abs(free.current_A) / share
    return held(folder / "near.h5", model, cell, limit=f"{1e6 * limit_A:.4f} uA", **typed), limit_A


@pytest.mark.parametrize("model", MODELS)
@few("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 12))], 1)
def test_a_voltage_near_its_current_limit_is_reached_or_said_not_to_be(
    tmp_path: Path, model: str, seed: int
) -> None:
    """The current that the cell takes in the end is first seen without a limit; then one is set beside it."""
    draw = random.Random(f"{model} {seed}")
    cell = drawn(
        "metal",
        transference_number=draw.choice([1.0, draw.uniform(0.3, 0.95)]),
        concentration_time=f"{draw.uniform(20.0, 150.0):.0f} s",
        charge_transfer_resistance=f"{draw.uniform(5.0, 150.0):.1f} ohm",
    )
    volts = 1e-3 * draw.choice([-1, 1]) * draw.choice([10, draw.randint(5, 60)])  # an EC301 takes millivolts
    share = draw.choice([draw.uniform(0.7, 0.9), draw.uniform(0.9, 0.985), draw.uniform(1.02, 1.3)])
    near, limit_A = held_near_limit(tmp_path, model, cell, volts, share, "15 min")
    assert near.largest_A < 1.1 * limit_A
    if share < 1.0:
        assert near.voltage_V == pytest.approx(volts, rel=1e-3, abs=3e-5), share
        assert "not reached" not in near.ended
    else:
        assert "was not reached" in near.ended
        assert abs(near.current_A) == pytest.approx(limit_A, rel=0.01)
        assert abs(near.voltage_V) < 0.999 * abs(volts)
        assert near.limited


@pytest.mark.parametrize("model", MODELS)
@few("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 14))], 1)
def test_a_small_voltage_is_reached_or_said_not_to_be_and_the_cell_stays_connected(
    tmp_path: Path, model: str, seed: int
) -> None:
    """Of a millivolt the noise of one reading is a tenth, a whole step of an EC301 all, and an inrush trips ranges."""
    draw = random.Random(f"small {model} {seed}")
    cell = drawn(
        "metal",
        transference_number=draw.uniform(0.3, 0.9),
        concentration_time=f"{draw.uniform(15.0, 60.0):.0f} s",
        charge_transfer_resistance=f"{draw.uniform(10.0, 120.0):.1f} ohm",
    )
    volts = 1e-3 * draw.choice([-1, 1]) * draw.choice([1, draw.randint(1, 5), draw.randint(5, 12)])
    share = draw.choice([draw.uniform(0.8, 0.95), draw.uniform(0.95, 1.05)])
    near, limit_A = held_near_limit(tmp_path, model, cell, volts, share, "12 min")
    assert near.opened <= 3
    assert abs(near.current_A) < 1.03 * limit_A
    if "not reached" in near.ended:
        assert near.limited
        assert abs(near.voltage_V) < 0.9995 * abs(volts)
        assert share > 0.94
    else:
        assert near.voltage_V == pytest.approx(volts, rel=1e-3, abs=3e-5)
        assert share < 1.04


@few("seed", range(4), 1)
def test_a_1287_whose_small_range_the_first_step_would_trip_holds_what_it_says(
    tmp_path: Path, seed: int
) -> None:
    """A range of 2 uA cuts out at an inrush that is no part of what the cell takes in the end."""
    draw = random.Random(f"trips {seed}")
    cell = drawn(
        "metal",
        transference_number=draw.uniform(0.4, 0.9),
        concentration_time="30 s",
        charge_transfer_resistance=f"{draw.uniform(20.0, 80.0):.1f} ohm",
    )
    millivolts = draw.choice([-1, 1]) * draw.uniform(0.8, 2.9)
    limit = f"{draw.uniform(1.5, 1.8):.2f} uA"
    found = held(
        tmp_path / "a.h5", "solartron", cell, voltage=f"{millivolts:.2f} mV", limit=limit, time="8 min"
    )
    assert abs(found.voltage_V) > 3e-4
    is_there = abs(found.voltage_V - 1e-3 * millivolts) < 3e-5
    assert is_there == ("not reached" not in found.ended)


@few("model", MODELS, [MODELS.index("ec301")])
@few("seed", range(2), 1)
def test_the_run_file_holds_the_voltage_that_stood(tmp_path: Path, model: str, seed: int) -> None:
    """An EC301 sets whole millivolts: what was asked for is in the protocol, and not in what was done."""
    draw = random.Random(f"stood {model} {seed}")
    cell = drawn("metal", transference_number=0.6, concentration_time="20 s")
    volts = 1e-3 * draw.choice([-1, 1]) * draw.uniform(5.0, 40.0)
    found = held(tmp_path / "a.h5", model, cell, voltage=f"{1e3 * volts:.2f} mV", limit="2 mA", time="1 min")
    last = [
        edge.voltage_V for _, edge in open_run(tmp_path / "a.h5").bodies(Edge) if edge.voltage_V is not None
    ][-1]
    assert found.voltage_V == pytest.approx(last, abs=3e-5)
    assert last == pytest.approx(volts, abs=5.1e-4 if model == "ec301" else 1e-5)
    wanted = request(
        tmp_path / "dc.h5",
        "dc-polarization",
        "nps",
        simulated_file(model, None if model.startswith("keithley") else "we_re2"),
        (f"voltage={abs(1e3 * volts):.2f} mV", "build=dc_reduced", "steps.polarization.baseline=2 min"),
    )
    assert run_it(wanted).completed
    phase = [phase for _, phase in open_run(tmp_path / "dc.h5").bodies(Phase)][-1]
    assert phase.voltage_V == pytest.approx(abs(last), abs=1e-5)
