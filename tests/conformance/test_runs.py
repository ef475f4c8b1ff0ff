"""The engine on a bench of another make: rest, constant current and constant voltage, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench import Bench, open_at
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.events import SessionStart
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import Request, Result, start
from solbench.protocols import load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.simulators.clock import VirtualClock
from tests.conformance.benches import SM20_BENCH, sm20_reach
from tests.conformance.smu_simulator import Sm20, TinyCell

CURRENT_A = 0.16e-3 * 0.785
HOLDS = """
name: holds
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: before, kind: rest, time: 20 s}
  - {name: down, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.002 mAh/cm2}}
  - {name: pause, kind: rest, time: 10 s}
  - {name: up, kind: constant_current, current: 0.16 mA/cm2, until: {voltage: 1.03 V}}
  - {name: hold, kind: constant_voltage, voltage: 1.0 V, until: {time: 30 s}, current_limit: 5 mA}
"""
SPECTRUM = "{from: 100 kHz, to: 100 Hz, points_per_decade: 2, amplitude: 10 mV, integration: 0.2 s}"


def run_on(instrument: Sm20, run: Path, protocol: str, *listeners: Any) -> Result:
    """Run on an SM20 as on any other bench."""

    def opener(bench: BenchFile, cell: Any, run_control: RunControl, run: Path, **_how: Any) -> Bench:
        return open_at(bench, sm20_reach(instrument), run_control.poll, None)

    request = Request(
        parse_protocol(protocol, "test"), load_cell("nbh"), SM20_BENCH, dump_bench(SM20_BENCH), run
    )
    return start(request, RunControl(), listeners, opener=opener)


Truths = dict[tuple[str, str], float]
Held = tuple[Sm20, Result, Truths, Path]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    instrument = Sm20(VirtualClock(), TinyCell(emf_V=1.0, ohm=100.0, farad=0.5))
    truths: Truths = {}
    steps: list[str] = []

    def look(event: Any) -> None:
        instrument.settle()
        if event.kind == "segment":
            steps.append(event.body.step.name)
        if event.kind in ("segment", "segment_end"):
            truths[event.kind, steps[-1]] = instrument.cell.charge_C
            assert not instrument.closed

    from solbench.acquisition.bench.models import MODELS
    from tests.conformance.benches import SM20_MODEL

    MODELS["sm20"] = SM20_MODEL
    try:
        run = tmp_path_factory.mktemp("sm20") / "a.h5"
        yield instrument, run_on(instrument, run, HOLDS, look), truths, run
    finally:
        del MODELS["sm20"]


def passed_C(truths: Truths, step: str) -> float:
    return truths["segment_end", step] - truths["segment", step]


def test_rest_current_and_voltage_run_to_their_ends(held: Held) -> None:
    instrument, result, truths, _ = held
    assert result.outcome == "completed", result.reason
    assert not instrument.closed
    assert passed_C(truths, "before") == passed_C(truths, "pause") == 0.0


def test_the_charge_of_a_step_is_the_one_that_went_through_the_cell(held: Held) -> None:
    _, _, truths, run = held
    asked_C = 0.002e-3 * 3600 * 0.785
    assert passed_C(truths, "down") == pytest.approx(-asked_C, rel=2e-4)
    recorded = {step.name: step.charge_C for step in open_run(run).steps}
    for step in ("down", "up", "hold"):
        assert recorded[step] == pytest.approx(passed_C(truths, step), rel=1e-3), step
    assert passed_C(truths, "up") > 0.0 > passed_C(truths, "hold")


def test_a_voltage_ends_the_step_where_the_cell_has_it(held: Held) -> None:
    _, _, truths, _ = held
    rise_V = 1.03 - CURRENT_A * 100.0 - 1.0
    assert truths["segment_end", "up"] / 0.5 == pytest.approx(rise_V, abs=1e-3)


def test_the_run_file_names_the_instrument(held: Held) -> None:
    *_, run = held
    bodies = (event.body for event in open_run(run).events)
    (session,) = (body for body in bodies if isinstance(body, SessionStart))
    (name,) = session.instruments
    assert name == "SM20"
    assert session.instruments[name].model == "Tiny Instruments SM20"
    assert session.instruments[name].settings[":SOUR:FUNC"] == "VOLT"


def test_a_relay_that_sticks_is_not_called_safe(tmp_path: Path) -> None:
    instrument = Sm20(VirtualClock())

    def look(event: Any) -> None:
        instrument.stuck |= event.kind == "sample" and instrument.closed

    result = run_on(instrument, tmp_path / "a.h5", HOLDS, look)
    assert result.outcome == "fault"
    assert "NOT VERIFIED SAFE" in result.reason
    assert "OUTPUT on the SM20" in result.reason


@pytest.mark.parametrize(
    ("steps", "path", "lacks"),
    [
        (f"- {{name: z, kind: impedance, {SPECTRUM[1:-1]}}}", "steps.z", "impedance"),
        (
            "- {name: cc, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.002 mAh/cm2}, "
            f"spectra_at: [50 %], rest: {{time: 2 s}}, spectrum: {SPECTRUM}}}",
            "steps.cc.spectrum",
            "impedance",
        ),
        (
            "- {name: pol, kind: dc_polarization, voltage: 50 mV, baseline: 60 s, at_most: 1 h, "
            "steady_within: 1 %, steady_over: 10 min}",
            "steps.pol",
            "polarization",
        ),
    ],
)
def test_what_the_bench_lacks_is_refused_before_anything_is_sent(
    tmp_path: Path, steps: str, path: str, lacks: str
) -> None:
    instrument = Sm20(VirtualClock())
    head = HOLDS[: HOLDS.index("steps:")]
    if lacks == "polarization":
        head = head.replace("build: half", "build: dc_pristine")
    refused = partial(run_on, instrument, tmp_path / "a.h5", f"{head}steps:\n  {steps}\n")
    with pytest.raises(BadInput, match=lacks) as caught:
        refused()
    assert caught.value.field == path
    assert "sm20" in str(caught.value)
    assert instrument.heard == []
    assert list(tmp_path.iterdir()) == []
