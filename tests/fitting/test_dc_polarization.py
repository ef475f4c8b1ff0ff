import math

import numpy as np
import pytest

from solbench.fitting.dc_polarization import (
    Baseline,
    DcRules,
    Leakage,
    Transient,
    analyse_transient,
    electronic_conductivity,
    measure_zero,
)
from solbench.fitting.geometry import Geometry

PELLET = Geometry.disc(10e-3, 500e-6, 0.05e-3, 10e-6)
TIME_S = np.arange(1.0, 7200.0)
SIGMA = 1e-7  # S/m: 1e-9 S/cm
ELECTRONIC_A = SIGMA * 0.05 / PELLET.cell_constant_per_m


def modes(tau_s):
    k = np.arange(60)[:, None]
    return 8 / np.pi**2 * np.sum(np.exp(-((2 * k + 1) ** 2) * TIME_S / tau_s) / (2 * k + 1) ** 2, axis=0)


def polarization(shape, noise=1e-3, seed=0, volts=0.05, offset_A=0.0):
    draw = np.random.default_rng(seed)
    ideal = ELECTRONIC_A * volts / 0.05 * (1 + 1.5 * shape)
    return Transient(volts, TIME_S, ideal + offset_A + noise * ELECTRONIC_A * draw.normal(size=len(TIME_S)))


TABLE = {
    "exponential, 400 s": (np.exp(-TIME_S / 400), 1.000, 1.000, True),
    "diffusion, 400 s": (modes(400), 1.000, 1.000, True),
    "exponential, 3000 s": (np.exp(-TIME_S / 3000), 1.154, 1.000, False),
    "diffusion, 3000 s": (modes(3000), 1.125, 1.018, False),
    "power law": ((TIME_S / 20) ** -0.5, 1.081, 1.089, True),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_known_transients_give_the_known_values(name):
    shape, mean, fitted, steady = TABLE[name]
    result = analyse_transient(polarization(shape))
    assert result.tail_mean_A / ELECTRONIC_A == pytest.approx(mean, abs=0.002)
    assert result.limit_A / ELECTRONIC_A == pytest.approx(fitted, abs=0.002)
    assert result.steady is steady


@pytest.mark.parametrize("noise", [1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize("name", TABLE)
def test_only_the_power_law_is_refused(name, noise):
    result = electronic_conductivity([polarization(TABLE[name][0], noise)], PELLET)
    assert result.is_bound is (name == "power law")
    if not result.is_bound:
        assert abs(result.sigma_S_m - SIGMA) < 2 * result.sigma_stderr_S_m


def test_the_power_law_is_refused_at_the_moment_its_slope_rule_is_met_too():
    whole = polarization((TIME_S / 20) ** -0.5)
    result = electronic_conductivity([Transient(0.05, TIME_S[:3800], whole.current_A[:3800])], PELLET)
    assert result.steady
    assert result.is_bound
    assert result.sigma_S_m > SIGMA
    assert "power of time" in result.verdict


def test_a_slow_transient_says_not_steady_and_carries_half_the_difference():
    result = electronic_conductivity([polarization(np.exp(-TIME_S / 3000))], PELLET)
    assert not result.steady
    assert "not steady" in result.verdict
    assert result.current_stderr_A / ELECTRONIC_A == pytest.approx(0.077, abs=0.003)


def test_geometry_enters_the_uncertainty():
    result = electronic_conductivity([polarization(np.exp(-TIME_S / 400))], PELLET)
    assert result.sigma_stderr_S_m / result.sigma_S_m == pytest.approx(0.0225, abs=0.0005)
    assert result.verdict == "steady state"


def test_nothing_above_the_zero_is_a_bound_at_three_times_its_scatter():
    draw = np.random.default_rng(4)
    baseline = 2e-10 + 1e-11 * draw.normal(size=600)
    step = Transient(0.05, TIME_S, 2e-10 + 1e-12 + 1e-11 * draw.normal(size=len(TIME_S)))
    result = electronic_conductivity([step], PELLET, baseline)
    assert result.is_bound
    assert result.floor_A == pytest.approx(3e-11, rel=0.1)
    assert result.current_A == pytest.approx(result.floor_A, rel=0.1)
    assert math.isnan(result.sigma_stderr_S_m)


def test_the_baseline_takes_the_offset_away():
    draw = np.random.default_rng(5)
    baseline = 2e-10 + 2e-12 * draw.normal(size=600)
    result = electronic_conductivity([polarization(np.exp(-TIME_S / 400), offset_A=2e-10)], PELLET, baseline)
    assert result.sigma_S_m == pytest.approx(SIGMA, rel=0.004)


def test_opposite_signs_cancel_an_offset_and_own_up_to_it():
    shape = np.exp(-TIME_S / 400)
    both = [polarization(shape, volts=v, offset_A=5e-11) for v in (0.05, -0.05)]
    result = electronic_conductivity(both, PELLET)
    assert result.sigma_S_m == pytest.approx(SIGMA, rel=0.002)
    assert result.zero.scatter_A == pytest.approx(5e-11, rel=0.05)
    assert result.current_stderr_A > 4e-11


def test_steps_that_are_not_ohmic_are_told():
    low = polarization(np.exp(-TIME_S / 400))
    high = Transient(0.2, TIME_S, low.current_A * 4 * 1.6)
    assert "not proportional" not in electronic_conductivity([low], PELLET).verdict
    assert "not proportional" in electronic_conductivity([low, high, high], PELLET).verdict


def test_marked_readings_are_left_out():
    shape = np.exp(-TIME_S / 400)
    step = polarization(shape)
    use = np.ones(len(TIME_S), bool)
    use[2000:2010] = use[100] = False
    spoiled = step.current_A.copy()
    spoiled[2000:2010] = 1e-6
    spoiled[100] = np.nan
    good = electronic_conductivity([Transient(0.05, TIME_S, spoiled, use)], PELLET)
    assert good.sigma_S_m == pytest.approx(SIGMA, rel=0.002)


def test_the_true_value_lies_within_two_standard_errors():
    inside = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        baseline = 1e-10 + 5e-12 * draw.normal(size=600)
        step = polarization(np.exp(-TIME_S / 400), noise=5e-3, seed=seed, offset_A=1e-10)
        result = electronic_conductivity(
            [step], Geometry.disc(10e-3, 500e-6), baseline, rules=DcRules(gain_relative=0)
        )
        inside += abs(result.sigma_S_m - SIGMA) < 2 * result.sigma_stderr_S_m
    assert inside >= 54


@pytest.mark.parametrize(
    ("transients", "message"),
    [
        ([], "one transient"),
        ([Transient(0.05, TIME_S[:5], TIME_S[:5])], "20 readings"),
        ([Transient(0.0, TIME_S, TIME_S)], "baseline"),
        ([Transient(0.05, TIME_S, TIME_S[1:])], "equal length"),
    ],
)
def test_what_cannot_be_analysed_is_said(transients, message):
    with pytest.raises(ValueError, match=message):
        electronic_conductivity(transients, PELLET)


def test_a_short_transient_is_not_steady():
    result = electronic_conductivity([Transient(0.05, TIME_S[:120], np.full(120, 1e-9))], PELLET)
    assert not result.steady


def test_no_baseline_is_a_zero_of_zero():
    assert measure_zero(None).offset_A == 0.0
    assert measure_zero(np.array([])).scatter_A == 0.0


def with_leak(leak_S, stderr_S, shape=None):
    """A cell beside leads that let `leak_S` flow."""
    both = [polarization(np.exp(-TIME_S / 400) if shape is None else shape, volts=v) for v in (0.05, -0.05)]
    leaky = [Transient(one.voltage_V, one.time_s, one.current_A + leak_S * one.voltage_V) for one in both]
    return electronic_conductivity(leaky, PELLET, leakage=Leakage(leak_S, stderr_S))


@pytest.mark.parametrize("share", [0.03, 0.5, 3.0])
def test_what_the_leads_let_flow_is_taken_off_with_its_uncertainty(share):
    cell_S = ELECTRONIC_A / 0.05
    found = with_leak(share * cell_S, 0.1 * cell_S)
    assert not found.is_bound
    assert found.sigma_S_m == pytest.approx(SIGMA, rel=0.02)
    assert found.sigma_stderr_S_m > 0.1 * SIGMA
    assert found.current_A == pytest.approx(ELECTRONIC_A, rel=0.02)


def test_what_does_not_stand_above_the_leads_is_a_bound_that_holds():
    cell_S = ELECTRONIC_A / 0.05
    found = with_leak(30.0 * cell_S, 2.0 * cell_S)
    assert found.is_bound
    assert "open leads" in found.verdict
    assert found.sigma_S_m > SIGMA


class Cell:
    """Electrons between blocking electrodes: a profile that relaxes in modes, whatever was held before."""

    def __init__(self, siemens, tau_s, excess, modes, noise_A, offset_A, seed):
        self.siemens, self.excess = siemens, excess
        self.squares = (2.0 * np.arange(modes) + 1.0)[:, None] ** 2
        self.tau_s = tau_s / self.squares
        self.weights = 8 / np.pi**2 / self.squares if modes > 1 else np.ones((1, 1))
        self.left_V = np.zeros((modes, 1))
        self.noise_A, self.offset_A, self.draw = noise_A, offset_A, np.random.default_rng(seed)

    def hold(self, voltage_V, duration_s):
        time_s = np.arange(4.0, duration_s, 4.0)
        decays = self.weights * (voltage_V - self.left_V) * np.exp(-time_s / self.tau_s)
        current_A = self.siemens * (voltage_V + self.excess * decays.sum(axis=0))
        self.left_V = voltage_V + (self.left_V - voltage_V) * np.exp(-duration_s / self.tau_s)
        return time_s, current_A + self.offset_A + self.noise_A * self.draw.normal(size=len(time_s))


def measured(cell, volts, baseline_s, at_most_s):
    baselines, steps = [], []
    for voltage_V in volts:
        baselines.append(Baseline(*cell.hold(0.0, baseline_s)))
        steps.append(Transient(voltage_V, *cell.hold(voltage_V, at_most_s)))
    return electronic_conductivity(steps, PELLET, baselines, offset_scatter_A=cell.noise_A / 6.0)


SERIES = ((0.05,), (0.05, 0.1, 0.2, 0.4), (0.05, -0.05), (0.4, 0.1), (0.1, 0.2, -0.2, -0.1), (0.2, 0.2))


def drawn(seed):
    draw = np.random.default_rng(seed)
    siemens, tau_s = 10 ** draw.uniform(-9, -7), 10 ** draw.uniform(math.log10(600), math.log10(30000))
    noise_A, offset_A = 10 ** draw.uniform(-13, -11.3), 2e-11 * draw.normal()
    cell = Cell(siemens, tau_s, draw.uniform(0.3, 2.5), draw.choice([1, 6]), noise_A, offset_A, seed)
    volts, baseline_s = SERIES[draw.integers(len(SERIES))], draw.choice([300, 600, 1800])
    result = measured(cell, volts, baseline_s, draw.choice([3600, 7200, 14400]))
    return result, siemens * PELLET.cell_constant_per_m, tau_s


def count(seeds):
    numbers = beyond = 0
    for seed in seeds:
        result, sigma, tau_s = drawn(seed)
        if result.is_bound:
            assert result.sigma_S_m > sigma, (seed, tau_s)
        else:
            numbers += 1
            beyond += abs(result.sigma_S_m - sigma) > 2 * result.sigma_stderr_S_m
    return numbers, beyond


@pytest.mark.long
def test_cells_of_any_time_constant_give_the_truth_or_a_bound_above_it():
    numbers, beyond = count(range(25))
    assert numbers >= 8
    assert beyond <= 1


@pytest.mark.long
def test_a_thousand_cells():
    numbers, beyond = count(range(1000))
    assert numbers > 400
    assert beyond <= 0.05 * numbers


def after_another_temperature(seed):
    """A cell that was polarized while it conducted up to thirty times more, and then rested, longer or shorter."""
    draw = np.random.default_rng(seed)
    siemens, tau_s = 10 ** draw.uniform(-9, -7.3), 10 ** draw.uniform(1.5, 3.6)
    noise_A, offset_A = 10 ** draw.uniform(-13, -11.3), 2e-11 * draw.normal()
    warmer = siemens * 10 ** draw.uniform(0, 1.5)
    cell = Cell(warmer, tau_s, draw.uniform(0.3, 4), draw.choice([1, 6]), noise_A, offset_A, seed)
    cell.hold(0.05, 7200.0)
    cell.hold(0.0, draw.choice([60.0, 2700.0]))
    cell.siemens = siemens
    result = measured(cell, (0.05,), draw.choice([300, 600, 1800]), draw.choice([3600, 7200, 14400]))
    return result, siemens * PELLET.cell_constant_per_m


@pytest.mark.parametrize("seeds", [range(25), pytest.param(range(400), marks=pytest.mark.long)])
def test_what_a_warmer_polarization_left_is_no_zero_either(seeds):
    found = [after_another_temperature(seed) for seed in seeds]
    assert all(one.sigma_S_m > sigma for one, sigma in found if one.is_bound)
    told = [(one.sigma_S_m - sigma) / one.sigma_stderr_S_m for one, sigma in found if not one.is_bound]
    assert len(told) > 0.8 * len(found)
    assert np.mean(np.abs(told) > 2.0) <= 0.05


def test_what_an_earlier_polarization_left_is_no_zero():
    cell = Cell(1.57e-8, 400.0, 1.5, 6, 2e-12, 1e-11, seed=1)
    result = measured(cell, (0.05, 0.1, 0.2, 0.4), 600, 3600)
    assert result.zero.offset_A == pytest.approx(1e-11, abs=2e-12)
    each = [one.limit_A / one.voltage_V for one in result.transients]
    assert each == pytest.approx([1.57e-8] * 4, rel=0.01)


def test_an_extrapolation_over_the_length_of_the_record_is_a_bound():
    result = measured(Cell(1.57e-8, 30000.0, 1.5, 6, 2e-12, 0.0, seed=2), (0.05,), 600, 7200)
    assert result.is_bound
    assert "extrapolation" in result.verdict
    assert result.sigma_S_m > 1.57e-8 * PELLET.cell_constant_per_m


def test_what_the_step_said_of_itself_is_said_again():
    shape = np.exp(-TIME_S / 3000)
    for steady in (True, False):
        step = polarization(shape)
        told = Transient(step.voltage_V, step.time_s, step.current_A, steady=steady)
        assert electronic_conductivity([told], PELLET).steady is steady
