"""A number makes a unit, always the same one; what is given beside it wins."""

from __future__ import annotations

import pytest

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import BenchSettings, SettingError
from solbench.simulators.units.unit import DEFAULT_UNIT, called, drawn, specimen, unit_name
from solbench.simulators.world import WorldError
from tests.simulators.cells import SourceAndResistor


def test_a_number_makes_the_same_unit_in_every_program():
    seven = specimen({"unit": 7})
    assert seven == specimen({"unit": "7"}) != specimen({"unit": 8})
    # as drawn on the day this was written: a unit is quoted by its number for years
    assert seven.interface.lag_s[2] == pytest.approx(16.61587773248354e-9, rel=1e-12)
    assert seven.interface.lag_shape == "pole"
    assert seven.leads.inductance_H == pytest.approx(1.9454453896765255e-6, rel=1e-12)


def test_the_seed_of_the_noise_changes_no_unit():
    errors = {
        SimulatedBench({}, settings={"unit": 7}, seed=seed, build=SourceAndResistor).truth.unit.errors
        for seed in (1, 2)
    }
    assert len(errors) == 1


def test_the_ideal_unit_is_made_of_the_defaults():
    assert specimen({"unit": "ideal"}) == BenchSettings()
    assert specimen({}) == specimen({"unit": DEFAULT_UNIT})
    assert drawn("ideal") == {}


def test_what_is_given_beside_the_unit_wins_and_the_rest_stays():
    lags = [1e-9] * 8
    given = specimen({"unit": 7, "interface": {"lag_s": lags}, "leads": {"inductance_H": 0.0}})
    seven = specimen({"unit": 7})
    assert given.interface.lag_s == tuple(lags)
    assert given.leads.inductance_H == 0.0
    assert given.leads.capacitance_F == seven.leads.capacitance_F > 0.0
    assert given.interface.resistor_pole_Hz == seven.interface.resistor_pole_Hz
    assert given.analyzer == seven.analyzer


@pytest.mark.parametrize("wrong", ["perfect", "-1", -1, 1.5, True, None, "", "1e3"])
def test_a_unit_that_is_none_is_refused_in_words(wrong):
    with pytest.raises(SettingError, match="ideal, typical, or a whole number"):
        unit_name(wrong)


def test_an_unknown_setting_beside_a_unit_is_refused_by_name():
    with pytest.raises(SettingError, match=r"leads\.inductance is no setting"):
        specimen({"unit": 7, "leads": {"inductance": 1e-6}})


def test_a_stored_world_goes_on_with_its_own_unit_only(tmp_path):
    path = tmp_path / "bench.world"
    SimulatedBench({}, settings={"unit": 7}, world=path, build=SourceAndResistor).close()
    SimulatedBench({}, settings={"unit": 7}, world=path, build=SourceAndResistor).close()
    with pytest.raises(WorldError, match="holds the unit 7, not ideal"):
        SimulatedBench({}, settings={"unit": "ideal"}, world=path, build=SourceAndResistor)


def test_the_truth_names_the_unit_and_no_instrument_does():
    bench = SimulatedBench({}, settings={"unit": 7}, build=SourceAndResistor)
    assert bench.truth.unit.name == "7"
    assert bench.truth.unit.settings.interface.lag_s == specimen({"unit": 7}).interface.lag_s
    assert bench.truth.unit.errors.resistor_error == bench.settings.calibration.resistor_error


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"unit": "ideal"}, "ideal"),
        ({"unit": "ideal", "errors": "none", "latency_s": 0.0}, "ideal"),
        ({"unit": 7}, "7"),
        ({"unit": 7, "interface": {"v_out_polarity": -1.0}}, "7, changed"),
        ({"unit": "ideal", "interface": {"resistor_pole_Hz": [1e6] * 8}}, "ideal, changed"),
        ({"unit": "ideal", "leads": {"inductance_H": 1e-6}}, "ideal, changed"),
    ],
)
def test_a_unit_of_which_spectra_show_something_else_is_called_changed(given, name):
    assert called(specimen(given)) == name
