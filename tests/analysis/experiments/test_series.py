"""Pressure, linearity, rates and growth at rest, from the protocol to the figure, against the cell's truth."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from solbench.analysis.experiments import growth_at_rest
from solbench.analysis.experiments.registry import EXPERIMENTS
from solbench.analysis.polarization import conductivities, run_conductivity, run_geometry
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from solbench.protocols import load_cell, load_protocol
from solbench.simulators.cell import build_cell
from tests.acquisition.engine.beside.test_pressure import bench_of
from tests.acquisition.runs import watched_benches
from tests.analysis.experiments.draws import drawn as drawn_cell
from tests.analysis.experiments.person import attended, drawn

COARSE = "spectrum.points_per_decade=3"


def found_in(run, name):
    [experiment] = [one for one in EXPERIMENTS if one.name == name]
    found = experiment.analyse(RunSpectra(run))
    return {number.name: number for number in found.numbers}, found


def test_every_experiment_ships_with_its_protocols():
    assert len({one.name for one in EXPERIMENTS}) == len(EXPERIMENTS)
    for one in EXPERIMENTS:
        assert [load_protocol(name).name for name in one.protocols] == list(one.protocols)


def test_a_pressure_that_brings_a_contact_is_seen(tmp_path):
    """The sample itself does not change; what the pressure takes away is 40 ohm in series."""

    def press(asked, cell):
        cell.plungers = type(cell.plungers)(
            contact_ohm=40.0 if asked.stack_pressure_Pa < 20e6 else 0.0, exponent=cell.plungers.exponent
        )
        return True

    run = attended(
        tmp_path / "a.h5",
        "pressure-series",
        "pressures=[10 MPa, 75 MPa]",
        "steps.pressures.steps.creep.time=10 s",
        f"steps.pressures.steps.{COARSE}",
        does=press,
    )
    numbers, _ = found_in(run, "pressure_series")
    truth = 1.0 + 40.0 / 344.6
    ratio = numbers["highest_over_lowest"]
    assert ratio.value == pytest.approx(truth, abs=4.0 * ratio.stderr)


def test_a_pressure_that_was_measured_counts_in_place_of_the_typed_one(tmp_path):
    """The stack creeps under a load cell that shows 0.2 MPa too much; the contact is 400 ohm MPa over the pressure."""
    benches = []
    truths = []

    def press(asked, cell):
        bench = benches[-1].truth
        truths.append(0.9 * asked.stack_pressure_Pa)
        bench.press.press(truths[-1])  # a person who does not reach it
        bench._player.on_event()
        return True

    with watched_benches(benches.append):
        run = attended(
            tmp_path / "a.h5",
            "pressure-series",
            "pressures=[10 MPa, 75 MPa]",
            "steps.pressures.steps.creep.time=10 s",
            f"steps.pressures.steps.{COARSE}",
            does=press,
            bench=bench_of("0.1 %"),
        )
    numbers, found = found_in(run, "pressure_series")
    for one, true_Pa in zip(found.data, truths, strict=True):
        assert 0.2 < one.pressure_stderr_MPa < 0.4
        assert abs(one.pressure_MPa - true_Pa / 1e6) < 2.0 * one.pressure_stderr_MPa
    ratio = numbers["highest_over_lowest"]
    truth = (344.6 + 400.0 / 9.0) / (344.6 + 400.0 / 67.5)
    assert ratio.value == pytest.approx(truth, abs=6.0 * ratio.stderr)
    told = summarise(run).spectra
    assert [one.stack_pressure_source for one in told] == ["measured", "measured"]


@pytest.mark.long
def test_amplitudes_are_compared_with_the_smallest(tmp_path):
    run = attended(tmp_path / "a.h5", "linearity", f"steps.amplitudes.steps.{COARSE}")
    numbers, found = found_in(run, "linearity")
    assert len(numbers) == 2
    assert all(abs(one.value) < 4.0 * one.stderr for one in numbers.values())
    assert found.verdict == "linear up to 30 mV"


@pytest.mark.long
def test_they_are_drawn(tmp_path):
    run = attended(tmp_path / "a.h5", "pressure-series", "pressures=[10 MPa, 75 MPa]")
    assert "stack pressure / MPa" in drawn(run)


@pytest.mark.long
def test_capacities_at_each_rate_are_what_flowed(tmp_path):
    run = attended(tmp_path / "a.h5", "rate-capability", "cycles=1", cell="nbh")
    numbers, found = found_in(run, "rate_capability")
    flowed = [-step.charge_C / 3.6 / 0.785 for step in run.steps if step.name == "discharge"]
    capacities = [one.value for name, one in numbers.items() if name.startswith("capacity_at")]
    assert capacities == pytest.approx([flowed[3], flowed[1], flowed[2]], rel=1e-6)
    assert numbers["recovered"].value == pytest.approx(flowed[3] / flowed[0])
    assert found.notes == ()


def electrolyte_ohm(r_sse_ohm):
    """What the electrolyte of states at rest may have changed by, as its own resistance in the fit shows."""
    states = [SimpleNamespace(r_sse_ohm=ohm, r_sse_own_stderr_ohm=2.0) for ohm in r_sse_ohm]
    records = list(range(len(states)))
    spectra = SimpleNamespace(
        fit=SimpleNamespace(states=states), records=records, temperatures=[None] * len(states)
    )
    return growth_at_rest._electrolyte_stderr_ohm(spectra, records)


@pytest.mark.parametrize("seed", range(6))
def test_what_a_contact_adds_to_the_electrolyte_is_no_growth(seed):
    """It wears out beside an interphase: what R_SSE has moved by is uncertain; a steady one is as sure as before."""
    random = np.random.default_rng(seed)
    count, moved = int(random.integers(6, 40)), float(random.uniform(12.0, 80.0)) * random.choice([-1.0, 1.0])
    steady = np.full(count, 340.0)
    noise = random.normal(0.0, 0.5, count)
    assert electrolyte_ohm(steady + moved * np.linspace(0.0, 1.0, count) + noise) > 0.9 * abs(moved)
    assert electrolyte_ohm(steady) == pytest.approx(2.0 * (12.0 / count) ** 0.5)
    assert electrolyte_ohm(steady + 1e-9 * np.arange(count)) == pytest.approx(2.0 * (12.0 / count) ** 0.5)


@pytest.mark.long
def test_growth_at_rest_is_the_cells(tmp_path):
    """nyzc grows in proportion to time: 100 ohm a day, and 10 at its counter electrode."""
    run = attended(tmp_path / "a.h5", "growth-at-rest", "temperature=25 degC", cell="nyzc")
    numbers, found = found_in(run, "growth_at_rest")
    assert found.verdict in ("linear", "the law cannot be told")
    hours = np.diff([one.time_s for one in run.spectra][2::23]).sum() / 3600.0
    growth, rate = numbers["growth_ohm"], numbers["rate"]
    assert growth.low < 110.0 * hours / 24.0 < growth.high
    assert rate.value is None or rate.low < 110.0 / 24.0 < rate.high
    assert "linear law" in drawn(run)


@pytest.mark.long
@pytest.mark.parametrize(("exponent", "law"), [(0.5, "parabolic"), (1.0, "linear"), (0.0, "neither")])
def test_growth_after_pressing_has_the_law_of_the_cell(tmp_path, exponent, law):
    """The counter electrode adds a parabola of 1.5 ohm a day."""
    ageing = {
        **load_cell("nps").simulation["interphase"]["ageing"],
        "resistance": "40 ohm",
        "exponent": exponent,
    }
    cell = drawn_cell("interphase", ageing=ageing)
    run = attended(tmp_path / "a.h5", "growth-after-pressing", "temperature=25 degC", cell=cell)
    numbers, found = found_in(run, "growth_at_rest")
    assert found.verdict == law
    assert numbers["exponent"].low - 0.05 < exponent < numbers["exponent"].high + 0.05
    if law != "neither":
        total = 41.5 / 24.0**exponent
        assert numbers["rate"].low < total < numbers["rate"].high


@pytest.mark.long
def test_electrons_have_an_activation_energy_of_their_own(tmp_path):
    run = attended(tmp_path / "a.h5", "electronic-conductivity-against-temperature", "rest=1 min")
    numbers, found = found_in(run, "electronic_conductivity_against_temperature")
    assert found.verdict == "one activation energy"
    cell = build_cell(load_cell("nps").build("dc_pristine").simulated_cell(298.15))
    cold_ohm = cell.electronic_resistance_ohm
    cell.temperature_K = 353.15
    slope = np.log(cold_ohm / cell.electronic_resistance_ohm) / (1 / 298.15 - 1 / 353.15) * 8.617333262e-5
    energy = numbers["activation_energy_of_sigma_eV"]
    assert energy.low < slope < energy.high
    sigma = numbers["conductivity_at_25_degC_S_cm"]
    assert sigma.low < load_cell("nps").build("dc_pristine").electronic_conductivity_S_m / 100.0 < sigma.high
    geometry = run_geometry(run)
    for (_, result), degC in zip(conductivities(run), (25.0, 40.0, 60.0, 80.0), strict=True):
        cell.temperature_K = degC + 273.15  # each begins while the cell still depolarizes from the one before
        true_S_m = geometry.cell_constant_per_m / cell.electronic_resistance_ohm
        assert abs(result.sigma_S_m - true_S_m) < 2.0 * result.sigma_stderr_S_m
    last = conductivities(run)[-1][1]
    assert run_conductivity(run) == last, "the conductivity of the run is that of its last temperature"
