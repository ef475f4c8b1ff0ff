"""Conductivity against temperature, from the prompt to the figure, against the simulated cell's truth."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import SegmentStart
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import resume
from solbench.analysis.experiments.conductivity_against_temperature import EXPERIMENT
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from solbench.protocols import load_cell, load_protocol
from solbench.protocols.segments import Prompt, Sweep
from solbench.simulators.cell import build_cell
from tests.acquisition.engine.test_chamber import CHAMBER
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.person import attended, drawn, warms

SHORT = (
    "temperatures=[25 degC, 0 degC, 50 degC, 80 degC, 25 degC]",
    "rest=1 min",
    "spectra=1",
    "steps.temperatures.steps.spectra.steps.spectrum.points_per_decade=4",
    "steps.temperatures.steps.spectra.steps.spectrum.from=100 kHz",
    "steps.temperatures.steps.spectra.steps.spectrum.integration=0.1 s",
    "steps.temperatures.steps.spectra.steps.wait.time=10 s",
)
NAME = "conductivity-against-temperature"


def numbers_of(run):
    return numbers_in(summarise(run))


def numbers_in(summary):
    [found] = summary.experiments
    assert found.name == EXPERIMENT.name
    return {number.name: number for number in found.numbers}, found


def true_energy_eV():
    """The slope of ln(sigma T) of the simulated cell, whose ln(sigma) is a straight line."""
    cell = build_cell(load_cell("nps").build("pellet").simulated_cell(298.15))
    kelvin = np.array([273.15, 298.15, 323.15, 353.15])
    ohm = []
    for one in kelvin:
        cell.temperature_K = one
        ohm.append(cell.electrolyte_resistance_ohm)
    return np.polyfit(-1.0 / (8.617333262e-5 * kelvin), np.log(kelvin / ohm), 1)[0]


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    path = tmp_path_factory.mktemp("series") / "a.h5"
    return attended(path, NAME, *SHORT)


def test_energy_and_conductivity_are_the_cells(series):
    summary = summarise(series)
    numbers, found = numbers_in(summary)
    text = as_text(summary)
    assert summary.temperature_K is None  # of the run as a whole: there is no one
    energy = numbers["activation_energy_eV"]
    assert energy.low < true_energy_eV() < energy.high
    assert energy.high - energy.low < 0.05
    sigma = numbers["conductivity_at_25_degC_S_cm"]
    assert sigma.low < 1.85e-4 < sigma.high
    assert found.verdict == "one activation energy"
    assert "activation energy, from ln(sigma T) 0.37" in text
    assert "E_a 0.37" in drawn(series)


UP_AND_DOWN = "temperatures=[25 degC, 0 degC, 20 degC, 50 degC, 80 degC, 60 degC, 25 degC]"


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nyzc", "nps", "nbh"])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_chamber_goes_through_the_temperatures_by_itself(tmp_path, cell, seed):
    """On the typical unit; the die takes its temperature in half an hour, so that the resistance is waited for."""
    text = CHAMBER.replace("  unit: ideal\n  errors: none\n", "").replace(
        "cell_lag_s: 5 min", "cell_lag_s: 30 min"
    )
    bench = parse_bench(text, "bench.yaml")
    wanted = request(tmp_path / "a.h5", NAME, cell, bench, (UP_AND_DOWN,), seed)
    result = run_it(wanted)
    assert result.completed, result.reason
    run = open_run(tmp_path / "a.h5")
    numbers, found = numbers_of(run)
    energy, sigma = numbers["activation_energy_eV"], numbers["conductivity_at_25_degC_S_cm"]
    assert energy.low < true_energy_eV() < energy.high
    true_S_cm = (
        0.01 * load_cell(cell).build("pellet").simulated_cell(298.15)["electrolyte"]["ionic_conductivity_S_m"]
    )
    assert sigma.low < true_S_cm < sigma.high
    assert found.verdict == "one activation energy"
    assert not any("from steady" in note for note in found.notes)
    assert len(run.spectra) > 3 * 7  # more where the die lags


def test_each_spectrum_has_the_temperature_that_was_confirmed_before_it(series):
    at = [series.temperature_of(record).value_K for record in series.spectra]
    assert at == pytest.approx([298.15, 273.15, 323.15, 353.15, 298.15])


def test_a_temperature_that_nobody_confirmed_is_not_believed(tmp_path):
    """The chamber is never set; only the first prompt is answered."""
    hot = []

    def lazy(asked, cell):
        hot.append(asked)
        return len(hot) == 1 and warms(asked, cell)

    run = attended(
        tmp_path / "a.h5",
        NAME,
        *SHORT[1:],
        "temperatures=[25 degC, 20 degC, 30 degC, 50 degC]",
        "steps.temperatures.steps.chamber.time_out=10 min",
        "steps.temperatures.steps.chamber.otherwise=go on",
        "tolerances.resistance_stop=[5 %, 1000 %]",
        does=lazy,
    )
    numbers, found = numbers_of(run)
    assert not numbers
    assert found.verdict == "too few temperatures"
    assert any("nobody confirmed" in note for note in found.notes)


def test_other_runs_on_pellets_have_none(tmp_path):
    run = attended(tmp_path / "a.h5", "ionic-conductivity", "steps.spectrum.points_per_decade=3")
    assert summarise(run).experiments == ()
    assert EXPERIMENT.analyse(RunSpectra(run)) is None


def test_its_protocol_ships():
    for name in EXPERIMENT.protocols:
        assert load_protocol(name).name == name


@pytest.mark.long
def test_a_series_that_ended_in_its_middle_is_resumed_at_its_temperature(tmp_path):
    """It was killed while it rested at the second temperature: the chamber still has it, and nobody is asked again."""
    path, few = tmp_path / "a.h5", ("temperatures=[25 degC, 0 degC, 50 degC]", *SHORT[1:])
    benches, asked, control = [], [], RunControl()

    def attend(event):
        if isinstance(event.body, SegmentStart):
            segment = event.body.segment
            if isinstance(segment, Prompt):
                asked.append(segment.temperature_K)
            elif len(asked) == 2 and isinstance(segment, Sweep) and len(benches) == 1:
                control.ask(Verb.STOP, "a test")
        elif event.kind == "paused":
            benches[-1].truth.cell.temperature_K = asked[-1]
            (control if len(benches) == 1 else later).ask(Verb.RESUME, "a test")

    later = RunControl()
    with watched_benches(benches.append):
        assert not run_it(request(path, NAME, "nps", settings=few), attend, run_control=control).completed
        assert resume(path, later, (attend,)).completed
    assert asked == pytest.approx([298.15, 273.15, 323.15])
    run = open_run(path)
    assert [run.temperature_of(one).value_K for one in run.spectra] == pytest.approx(asked)
    numbers, _ = numbers_of(run)
    assert numbers["activation_energy_eV"].low < true_energy_eV() < numbers["activation_energy_eV"].high
