"""A run whose truth is another one than its record: played here, resumed, and on a served bench."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.scenario import Scenario, parse_scenario
from solbench.acquisition.bench.truth import true_cell, truly
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import truth_path
from solbench.cli.commands.simulate import bench_text
from solbench.protocols import BadInput, load_cell
from solbench.simulators.server.server import BenchServer, served_bench
from tests.acquisition.runs import SHORT, quiet_bench, request, resume_it, run_it, seen_run

WIDER = "cell: {area: 1.57 cm2}"
SPECTRUM = """
name: spectrum
build: pellet
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
steps:
  - name: spectrum
    kind: impedance
    from: 1 MHz
    to: 100 kHz
    points_per_decade: 4
    amplitude: 30 mV
    integration: 0.1 s
"""


def lenient(protocol: str) -> str:
    """A protocol that lets the cell be quite another one."""
    return protocol.replace("steps:", "tolerances: {resistance_stop: [1 %, 10000 %]}\nsteps:", 1)


def scenario(text: str) -> Scenario:
    return parse_scenario(text, "s.yaml")


def test_the_truth_is_the_scenarios_and_the_run_says_what_was_said(tmp_path: Path) -> None:
    wanted = replace(request(tmp_path / "a.h5", SPECTRUM, "nps"), scenario=scenario(WIDER))
    seen = seen_run(wanted)
    assert seen.result is not None
    assert seen.result.completed
    run = open_run(tmp_path / "a.h5")
    assert run.header.cell.required("area_m2") == pytest.approx(0.785e-4)
    last = seen.of("point")[-1].body
    said, true = (load_cell("nps").build("pellet").resistance_ohm / part for part in (1.0, 2.0))
    assert abs(last.real_ohm - true) < abs(last.real_ohm - said)
    kept = truth_path(tmp_path / "a.h5").read_text()
    assert "1.57 cm2" in kept
    assert "1.57" not in (tmp_path / "a.journal").read_text()


def test_a_resumed_run_goes_on_in_its_scenario(tmp_path: Path) -> None:
    shunted = scenario(
        "cell: {record: nps}\nchanges: [{kind: series_resistance, resistance: 77 ohm, from: 2 s}]"
    )
    wanted = replace(request(tmp_path / "a.h5", lenient(SHORT), "nbh"), scenario=shunted)
    control, points = RunControl(), list[Event]()

    def stop_at_the_spectrum(event: Event) -> None:
        if event.kind == "point":
            control.ask(Verb.STOP, "a user")

    assert not run_it(wanted, stop_at_the_spectrum, run_control=control).completed
    assert resume_it(tmp_path / "a.h5", points.append).completed
    nps = load_cell("nps").build("half").resistance_ohm
    lowest = [event.body for event in points if event.kind == "point"][-1]
    assert lowest.real_ohm > nps + 77.0


def test_nothing_is_left_of_a_scenario_that_cannot_be_played(tmp_path: Path) -> None:
    wrong = scenario("changes: [{kind: front_panel, command: PWX}]")
    with pytest.raises(BadInput, match="no setting 'PWX'"):
        run_it(replace(request(tmp_path / "a.h5", SHORT), scenario=wrong))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_served_bench_with_a_scenario_keeps_its_cell_to_itself(tmp_path: Path) -> None:
    text = scenario(WIDER)
    there = true_cell(text, load_cell("nps").build("pellet").simulated_cell())
    bench = served_bench(there, speed=600.0, truly=truly(text, there))
    with BenchServer(bench, cell_name="nbh, build pellet", shows_cell=False) as server:
        served = parse_bench(
            bench_text(quiet_bench(), server.adapter, server.control, server.addresses), "served.yaml"
        )
        with pytest.raises(BadInput, match="solbench simulate --scenario"):
            run_it(replace(request(tmp_path / "a.h5", SPECTRUM, "nbh", served), scenario=text))
        result = run_it(request(tmp_path / "a.h5", lenient(SPECTRUM), "nbh", served))
    assert result.completed, result.reason
