"""Scenario files: what is wrong with one is said, and what is right is what the bench gets, in SI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import SIMULATED
from solbench.acquisition.bench.scenario import dump_scenario, load_scenario, parse_scenario
from solbench.acquisition.bench.truth import true_cell, truly
from solbench.protocols import BadInput, load_cell
from solbench.simulators.scenario.changes import Mark, SeriesResistance, Temperature

EVERY_CHANGE = """
name: all at once
cell: {record: nps, area: 50 mm2, thickness: 450 um, tin_mass: 0.9 mg, ionic_conductivity: 0.2 mS/cm}
used_before: {sodiated: 50 %, cycles: 2, rested: 3 h}
changes:
  - {kind: series_resistance, resistance: 200 ohm, inductance: 3 uH, from: 0.3 mAh/cm2, until: 5 h, over: 10 min}
  - {kind: loose_contact, resistance: 100 ohm, interval: 7 s}
  - {kind: shunt, resistance: 1 kohm}
  - {kind: leak, current: -2 uA}
  - {kind: emf, voltage: -20 mV, from: 0.4 mAh}
  - {kind: hum, voltage: 5 mV, frequency: 60 Hz}
  - {kind: noise, voltage: 1 mV, current: 1 uA}
  - {kind: zero_drift, voltage: 1 mV, over: 4 h}
  - {kind: gain_error, current: 4 %}
  - {kind: warm_up, voltage: 1 %, time_constant: 2 h}
  - {kind: temperature, warmer: -5 K, amplitude: 1 K, period: 12 h}
  - {kind: lead_off, lead: generator, from: 1 min}
  - {kind: leads_exchanged, leads: references}
  - {kind: front_panel, command: PW0, from: 2 h}
"""


def said(name: str = "nbh", build: str = "half") -> dict[str, Any]:
    return load_cell(name).build(build).simulated_cell()


def test_every_change_comes_to_the_bench_in_si() -> None:
    scenario = parse_scenario(EVERY_CHANGE, "s.yaml")
    cell = true_cell(scenario, said())
    assert cell["geometry"] == {"area_m2": 5e-5, "thickness_m": 4.5e-4, "tin_mass_kg": 0.9e-6}
    assert cell["electrolyte"]["ionic_conductivity_S_m"] == pytest.approx(0.02)
    assert cell["simulation"] == said("nps")["simulation"]
    true = truly(scenario, cell)
    assert true is not None
    assert len({type(change) for change in true.changes}) == 12  # three of the meters' errors are one
    first = true.changes[0]
    assert isinstance(first, SeriesResistance)
    assert (first.ohm, first.inductance_H) == pytest.approx((200.0, 3e-6))
    assert first.when.begins.charge_C == pytest.approx(0.3 * 3.6 * 0.5)
    assert (first.when.ends, first.when.over_s) == (Mark(time_s=18000.0), 600.0)
    assert true.changes[4].when.begins == Mark(charge_C=pytest.approx(1.44))
    temperature = true.changes[10]
    assert isinstance(temperature, Temperature)
    assert (temperature.warmer_K, temperature.amplitude_K) == (-5.0, 1.0)


def test_what_was_before_is_a_charge_of_the_tin_that_is_there() -> None:
    text = "used_before: {sodiated: 50 %, cycles: 1, rested: 30 min}"
    whole_C = 1.366e-6 * 847.0 * 3600.0
    true = truly(parse_scenario(text, "s.yaml"), said())
    assert true is not None
    assert true.before.charges_C == pytest.approx((-whole_C, 0.8 * whole_C, -0.3 * whole_C))
    assert true.before.rested_s == 1800.0
    full = truly(parse_scenario("used_before: {sodiated: 50 %}", "s.yaml"), said(build="full"))
    assert full is not None
    assert full.before.charges_C == pytest.approx((0.5 * 4.71e-6 * 250.5 * 3600.0 * 0.4255,))  # the cathode's


@pytest.mark.parametrize(
    ("build", "whole_C"),
    [("half_antimony", 1.5e-6 * 660.0 * 3600.0), ("half_hard_carbon", 2.5e-6 * 300.0 * 3600.0)],
)
def test_other_electrodes_than_tin_were_sodiated_by_their_own_capacity(build: str, whole_C: float) -> None:
    true = truly(parse_scenario("used_before: {sodiated: 50 %}", "s.yaml"), said("nps", build))
    assert true is not None
    assert true.before.charges_C == pytest.approx((-0.5 * whole_C,))


def test_what_was_put_together_sodiated_is_brought_to_what_it_was_left_at() -> None:
    there = said("nps", "half_sodiated")
    true = truly(parse_scenario("used_before: {sodiated: 25 %}", "s.yaml"), there)
    assert true is not None
    (passed_C,) = true.before.charges_C
    assert passed_C == pytest.approx(
        (there["state_of_charge"] - 0.25) * there["geometry"]["tin_mass_kg"] * 847.0 * 3600.0
    )


def test_no_scenario_is_what_is_said() -> None:
    assert true_cell(None, said()) == said()
    assert truly(None, said()) is None
    assert true_cell(parse_scenario("name: nothing", "s.yaml"), said()) == said()


@pytest.mark.parametrize("build", ["half", "full", "symmetric", "pellet", "dc_reduced"])
def test_another_record_has_a_build_of_the_same_kind(build: str) -> None:
    there = true_cell(parse_scenario("cell: {record: nyzc}", "s.yaml"), said("nps", build))
    assert there == said("nyzc", build)


def test_a_record_that_is_a_file_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    own = Path(__file__).parents[3] / "protocols" / "shipped" / "cells" / "nyzc.yaml"
    (tmp_path / "cells" / "own.yaml").write_text(own.read_text().replace("500 um", "321 um"))
    file = tmp_path / "s.yaml"
    file.write_text(
        "cell: {record: cells/own.yaml, build: full}\nchanges: [{kind: shunt, resistance: 9 ohm}]\n"
    )
    scenario = load_scenario(file)
    kept = tmp_path / "elsewhere.yaml"
    kept.write_text(dump_scenario(scenario))
    (tmp_path / "cells" / "own.yaml").unlink()
    for one in (scenario, load_scenario(kept)):
        there = true_cell(one, said())
        assert (there["kind"], there["geometry"]["thickness_m"]) == ("full", 321e-6)
    assert load_scenario(kept) == scenario


def test_a_scenario_is_written_as_it_was_read() -> None:
    scenario = parse_scenario(EVERY_CHANGE, "s.yaml")
    assert parse_scenario(dump_scenario(scenario), "t.yaml") == scenario


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("changes: [{kind: shunt}]", "changes[1].resistance", "missing"),
        ("changes: [{kind: short, resistance: 1 ohm}]", "changes[1]", "there is no kind 'short'"),
        ("changes: [{kind: shunt, resistance: 5 mV}]", "changes[1].resistance", "is a voltage"),
        ("changes: [{kind: shunt, resistance: 5 ohm, form: 1 h}]", "changes[1].form", "Did you mean 'from'"),
        ("changes: [{kind: temperature, warmer: 35 degC}]", "changes[1].warmer", "Write it as in 5 K"),
        ("changes: [{kind: front_panel, command: PW0, until: 1 h}]", "changes[1]", "sets something once"),
        ("changes: [{kind: lead_off, lead: re3}]", "changes[1].lead", "re3"),
        (
            "changes: [{kind: shunt, resistance: 5 ohm, from: 2 h, until: 90 min}]",
            "changes[1].until",
            "not after",
        ),
        (
            "changes: [{kind: loose_contact, resistance: 5 ohm, interval: 1 ms}]",
            "changes[1].interval",
            "0.1 s or more",
        ),
        ("cell: {area: 5 mm}", "cell.area", "is a length"),
        ("truth: {}", "truth", "there is no field"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, field: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_scenario(text, "s.yaml")
    assert refused.value.field == field
    assert words in str(refused.value)
    assert "s.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "build", "field", "words"),
    [
        ("cell: {build: full}", "half", "cell.record", "no record"),
        ("cell: {record: nbh}", "dc_reduced", "cell.build", "no build of the kind dc"),
        ("cell: {record: nbh, build: ful}", "half", "cell.build", "Did you mean 'full'"),
        ("used_before: {sodiated: 10 %}", "pellet", "used_before", "no electrode"),
        ("changes: [{kind: front_panel, command: HELLO}]", "half", "changes", "no setting 'HELLO'"),
    ],
)
def test_what_does_not_fit_the_cell_is_said_of_the_scenario(
    text: str, build: str, field: str, words: str
) -> None:
    scenario = parse_scenario(text, "s.yaml")
    with pytest.raises(BadInput, match=words) as refused:
        open_bench(SIMULATED, said("nps", build), lambda: None, scenario=scenario)
    assert str(refused.value).startswith(f"the scenario, field {field}: ")


@pytest.mark.parametrize(
    ("cell", "simulation", "place"),
    [
        ({"kind": "heap"}, {}, "field --cell: "),
        ({}, {"wiring": "nonsense"}, "mine, field simulation: "),
    ],
)
def test_what_cannot_be_simulated_is_said_of_the_file_that_holds_it(
    cell: dict[str, Any], simulation: dict[str, Any], place: str
) -> None:
    bench = SIMULATED.model_copy(update={"name": "mine", "simulation": simulation})
    with pytest.raises(BadInput) as refused:
        open_bench(bench, {**said(), **cell}, lambda: None)
    assert str(refused.value).startswith(place)


def test_a_world_of_another_cell_is_named(tmp_path: Path) -> None:
    world = tmp_path / "a.world"
    open_bench(SIMULATED, said("nps"), lambda: None, world=world).close()
    with pytest.raises(BadInput, match="another cell") as refused:
        open_bench(SIMULATED, said("nbh"), lambda: None, world=world)
    assert str(refused.value).startswith(str(world))
