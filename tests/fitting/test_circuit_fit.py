import math

import numpy as np
import pytest

from solbench.fitting.circuit import CircuitError, parse
from solbench.fitting.circuit_fit import fit, solve
from solbench.fitting.least_squares import Squares, minimise
from tests.analysis.cells import FREQUENCY_HZ, SCENARIOS, noisy, spectrum, truth
from tests.tiers import few

CIRCUIT = "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3"


def ceiling(result, true):
    """The least sum of squares from a start at the truth."""
    return solve(result.solution.problem, np.log(true)[None, :]).cost


@pytest.mark.parametrize("name", SCENARIOS)
@few("noise", [0.002, 0.01], (1,))
def test_the_global_minimum_is_found_without_a_guess(name, noise):
    for seed in range(5):
        result = fit(FREQUENCY_HZ, noisy(spectrum(name), noise, seed), CIRCUIT)
        assert result.solution.converged
        assert result.solution.cost < 1.0001 * ceiling(result, truth(name))


@pytest.mark.parametrize("name", SCENARIOS)
def test_without_noise_the_truth_comes_back_with_the_fast_arc_first(name):
    result = fit(FREQUENCY_HZ, spectrum(name), CIRCUIT)
    np.testing.assert_allclose(list(result.values.values()), truth(name), rtol=1e-3)


@few("name", SCENARIOS, (2,))
def test_chi_squared_is_the_noise_and_f_is_one(name):
    results = [fit(FREQUENCY_HZ, noisy(spectrum(name), 0.003, k), CIRCUIT) for k in range(8)]
    assert math.sqrt(np.mean([r.chi2_nu for r in results])) == pytest.approx(0.003, rel=0.1)
    assert max(r.fit_over_kk for r in results) < 1.38


def test_residuals_and_model_belong_together():
    z = noisy(spectrum("nyzc"), 0.003, 0)
    result = fit(FREQUENCY_HZ, z, CIRCUIT)
    np.testing.assert_allclose(result.residuals, (z - result.model(FREQUENCY_HZ)) / np.abs(z), atol=1e-12)
    assert result.chi2_nu == pytest.approx(np.sum(np.abs(result.residuals) ** 2) / (122 - 9))


def test_a_wrong_circuit_shows_in_f():
    z = noisy(spectrum("separated"), 0.003, 0)
    assert fit(FREQUENCY_HZ, z, "R0-p(R1,CPE1)-CPE3").fit_over_kk > 3


def test_one_or_two_arcs_by_aicc():
    f, two, one = FREQUENCY_HZ, "R0-p(R1,CPE1)-p(R2,CPE2)", "R0-p(R1,CPE1)"
    z = noisy(parse(one).impedance(f, [30.0, 100.0, 1e-6, 0.9]), 0.003, 1)
    assert fit(f, z, one).aicc < fit(f, z, two).aicc
    z = noisy(spectrum("separated"), 0.003, 1)
    assert fit(f, z, CIRCUIT).aicc < fit(f, z, "R0-p(R1,CPE1)-CPE3").aicc - 6


def test_a_dummy_cell_with_its_leads():
    f = np.geomspace(5e4, 1, 48)
    z = parse("L0-R0-p(R1,C1)").impedance(f, [3e-6, 29.13, 46.65, 10.43e-6])
    result = fit(f, noisy(z, 0.0005, 3), "L0-R0-p(R1,C1)")
    for name, value in {"R0": 29.13, "R1": 46.65, "C1": 10.43e-6}.items():
        assert result.values[name] == pytest.approx(value, rel=0.003)
        assert abs(result.values[name] - value) < 4 * result.stderr[name]
    assert result.values["L0"] == pytest.approx(3e-6, rel=0.1)


@pytest.mark.parametrize(
    ("circuit", "values"),
    [
        ("R0-p(R1-Wo1,CPE1)", [20.0, 100.0, 80.0, 0.3, 2e-6, 0.9]),
        ("R0-p(R1,C1)-Ws1", [20.0, 100.0, 1e-6, 60.0, 0.05]),
        ("R0-p(C1,R1-p(C2,R2))", [5.0, 1e-6, 50.0, 1e-4, 200.0]),
        ("R0-p(R1,C1)-W2", [5.0, 50.0, 1e-6, 30.0]),
        ("La0-R0-G1", [1e-5, 0.9, 10.0, 40.0, 1e-2]),
    ],
)
def test_other_circuits_come_back(circuit, values):
    z = parse(circuit).impedance(FREQUENCY_HZ, values)
    result = fit(FREQUENCY_HZ, noisy(z, 0.0005, 0), circuit)
    assert result.chi2_nu < 1.5 * 0.0005**2


def test_fixed_parameters_stay_and_have_no_error():
    z = noisy(spectrum("separated"), 0.003, 0)
    result = fit(FREQUENCY_HZ, z, CIRCUIT, fixed={"R0": 50.0, "CPE3_1": 0.6})
    assert result.values["R0"] == pytest.approx(50.0)
    assert result.values["CPE3_1"] == pytest.approx(0.6)
    assert set(result.stderr) == set(result.values) - {"R0", "CPE3_1"}
    free = fit(FREQUENCY_HZ, z, CIRCUIT)
    assert result.stderr["R2"] < free.stderr["R2"]


def test_equal_parameters_move_together():
    z = noisy(parse("R0-p(R1,C1)-p(R2,C2)").impedance(FREQUENCY_HZ, [10, 50, 1e-8, 50, 1e-5]), 0.001, 0)
    result = fit(FREQUENCY_HZ, z, "R0-p(R1,C1)-p(R2,C2)", equal={"R2": "R1"})
    assert result.values["R1"] == result.values["R2"] == pytest.approx(50, rel=0.005)
    assert result.stderr["R1"] == result.stderr["R2"]


def test_bounds_are_kept_and_an_end_at_one_is_said():
    z = noisy(spectrum("separated"), 0.003, 0)
    result = fit(FREQUENCY_HZ, z, CIRCUIT, bounds={"R0": (10.0, 40.0)})
    assert result.values["R0"] == pytest.approx(40.0)
    assert math.isnan(result.stderr["R0"])
    assert "R0 ended at a bound" in result.flags


def test_flags_name_what_the_data_do_not_show():
    f = np.geomspace(1e6, 1e3, 31)  # the window ends above the second arc
    result = fit(f, noisy(spectrum("separated", f), 0.003, 0), CIRCUIT)
    assert any("R2" in flag for flag in result.flags)
    assert any("correlated" in flag for flag in result.flags)


def test_a_guess_is_one_more_start():
    z = noisy(spectrum("nps"), 0.003, 0)
    names = parse(CIRCUIT).names
    guess = dict(zip(names, truth("nps"), strict=True))
    assert fit(FREQUENCY_HZ, z, CIRCUIT, guess=guess).chi2_nu == pytest.approx(
        fit(FREQUENCY_HZ, z, CIRCUIT).chi2_nu, rel=1e-6
    )


def test_a_guess_of_some_parameters_does_no_harm_however_bad_it_is():
    z = noisy(spectrum("nps"), 0.003, 0)
    free = fit(FREQUENCY_HZ, z, CIRCUIT)
    assert fit(FREQUENCY_HZ, z, CIRCUIT, guess={"R1": 1e7, "CPE3_1": 0.31}).chi2_nu == pytest.approx(
        free.chi2_nu, rel=1e-6
    )


def test_unit_weights_serve_the_large_impedances():
    z = noisy(spectrum("nyzc"), 0.003, 0)
    modulus, unit = fit(FREQUENCY_HZ, z, CIRCUIT), fit(FREQUENCY_HZ, z, CIRCUIT, weight="unit")
    assert unit.chi2_nu > modulus.chi2_nu
    weights = fit(FREQUENCY_HZ, z, CIRCUIT, weight=1 / np.abs(z))
    assert weights.values["R2"] == pytest.approx(modulus.values["R2"], rel=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fixed": {"R9": 1.0}}, "no parameter 'R9'"),
        ({"fixed": {"R0": -1.0}}, "above zero"),
        ({"equal": {"R1": "R9"}}, "no parameter 'R9'"),
        ({"equal": {"R1": "R2"}, "fixed": {"R2": 1.0}}, "one that is free"),
        ({"bounds": {"R0": (5.0, 1.0)}}, "in order"),
        ({"guess": {"R9": 1.0}}, "no parameter 'R9'"),
        ({"guess": {"R0": 0.0}}, "above zero"),
        ({"fixed": dict.fromkeys(parse(CIRCUIT).names, 1.0)}, "nothing is left"),
    ],
)
def test_names_that_do_not_fit_are_refused(options, message):
    with pytest.raises(CircuitError, match=message):
        fit(FREQUENCY_HZ, spectrum("nps"), CIRCUIT, **options)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="too few"):
        fit(FREQUENCY_HZ[:6], spectrum("nps")[:6], "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3-W4-L5")
    with pytest.raises(ValueError, match="as many as points"):
        fit(FREQUENCY_HZ, spectrum("nps"), CIRCUIT, weight=np.ones(3))


@pytest.mark.parametrize("name", ["R0", "R1", "R2"])
def test_profile_intervals_agree_with_standard_errors_where_these_hold(name):
    result = fit(FREQUENCY_HZ, noisy(spectrum("separated"), 0.001, 0), CIRCUIT)
    low, high = result.interval(name)
    assert low < result.values[name] < high
    assert high - low == pytest.approx(2 * 1.98 * result.stderr[name], rel=0.1)


def test_a_profile_has_its_threshold_at_its_ends():
    result = fit(FREQUENCY_HZ, noisy(spectrum("nps"), 0.005, 1), CIRCUIT)
    solution = result.solution
    for end in result.interval("R1"):
        held = fit(FREQUENCY_HZ, result.impedance_ohm, CIRCUIT, fixed={"R1": end})
        rise = (held.solution.cost - solution.cost) / solution.chi2_nu
        assert math.sqrt(rise) == pytest.approx(1.98, rel=0.05)


def test_a_profile_of_what_is_not_there_is_open():
    z = noisy(parse("R0-C1").impedance(FREQUENCY_HZ, [100.0, 1e-6]), 0.003, 0)
    result = fit(FREQUENCY_HZ, z, "L0-R0-C1")
    low, high = result.interval("L0")
    assert low == 0.0
    assert 0 < high < 1e-6
    with pytest.raises(ValueError, match="not a free parameter"):
        result.interval("R7")


def coverage(name, noise, seeds):
    wanted = {"R0": 0, "R1": 1, "R2": 4}
    inside = dict.fromkeys(wanted, 0)
    for seed in seeds:
        result = fit(FREQUENCY_HZ, noisy(spectrum(name), noise, seed), CIRCUIT)
        for parameter, k in wanted.items():
            low, high = result.interval(parameter)
            inside[parameter] += bool(low <= truth(name)[k] <= high)
    return inside


@pytest.mark.long
def test_profile_intervals_hold_the_truth_in_a_sample():
    inside = coverage("nps", 0.002, range(12))
    assert all(count >= 10 for count in inside.values())


@pytest.mark.long
@pytest.mark.parametrize(("name", "noise"), [("separated", 0.005), ("nyzc", 0.003), ("nps", 0.002)])
def test_profile_intervals_hold_the_truth_in_95_of_100(name, noise):
    inside = coverage(name, noise, range(500))
    assert all(450 <= count <= 490 for count in inside.values()), inside


class Bowl:
    """Deviations theta - (2, -3), whose derivatives are 1."""

    def __call__(self, theta):
        off = theta - np.array([2.0, -3.0])
        ones = np.repeat(np.eye(2)[None], len(theta), axis=0)
        return Squares(np.sum(off**2, axis=1), off, ones, ())

    def pull(self, jacobian, theta):
        return theta - np.array([2.0, -3.0])


def test_the_minimiser_keeps_its_bounds_and_freezes_what_leans_on_them():
    ended = minimise(Bowl(), np.zeros((3, 2)), np.array([-1.0, -1.0]), np.array([5.0, 5.0]))
    np.testing.assert_allclose(ended.theta, [[2.0, -1.0]] * 3, atol=1e-6)
    assert ended.converged.all()


class Valley:
    """Deviations x - y**2 (times `steep`) and y - 1: a parabola along which the minimum at (1, 1) lies."""

    def __init__(self, steep):
        self.steep = steep

    def _off(self, theta):
        x, y = theta.T
        return np.stack([self.steep * (x - y**2), y - 1.0], axis=1)

    def __call__(self, theta):
        off = self._off(theta)
        jacobian = np.zeros((len(theta), 2, 2))  # parameters, deviations
        jacobian[:, 0, 0] = self.steep
        jacobian[:, 1, 0] = -2.0 * self.steep * theta[:, 1]
        jacobian[:, 1, 1] = 1.0
        normal = np.matmul(jacobian, jacobian.transpose(0, 2, 1))
        return Squares(np.sum(off**2, axis=1), self._along(jacobian, off), normal, (jacobian,))

    def _along(self, jacobian, off):
        return np.matmul(jacobian, off[:, :, None])[:, :, 0]

    def pull(self, jacobian, theta):
        return self._along(jacobian[0], self._off(theta))


@few(("steep", "iterations"), [(10.0, 40), (30.0, 40), (100.0, 150)], 2)
def test_bent_steps_follow_a_bent_valley_to_its_end_and_straight_ones_do_not(steep, iterations):
    # Many starts, and shares of them: which of them needs a step more, the last bit of a processor decides.
    starts = np.random.default_rng(int(steep)).uniform(-3.0, 3.0, (400, 2))
    bounds = np.full(2, 10.0)

    def on_their_way(iterations, searching=False):
        found = minimise(Valley(steep), starts, -bounds, bounds, iterations, 1e-12, searching=searching)
        has_ended = np.abs(found.theta - 1.0).max(axis=1) < 1e-4
        assert not np.any(found.converged & ~has_ended)
        return np.sum(~has_ended)

    assert on_their_way(400) == 0
    assert on_their_way(iterations) <= 20
    if steep >= 30.0:
        assert on_their_way(iterations, searching=True) > 100
