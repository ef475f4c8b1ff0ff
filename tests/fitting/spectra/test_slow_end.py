"""Sound cells measured to lower frequencies than usual: none is called wrong, and no resistance becomes another one."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import numpy as np
import pytest

from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import fit_alone, fit_pellets, fit_states
from solbench.fitting.spectra.slow_end import FLANK_IN_WORDS
from solbench.protocols import load_cell
from solbench.simulators.cell import build_cell
from tests.analysis.cells import noisy
from tests.fitting.drawn_counters import shipped
from tests.tiers import few

Spectrum = tuple[Array, Complex]
TEMPERATURE_K = 298.15
SODIATION_A, STEP_s, REST_s = -0.16e-3 * 0.785, 8000.0, 3600.0


def _down_to(lowest_Hz: float, per_decade: int = 10, highest_Hz: float = 1e6) -> Array:
    points = round(np.log10(highest_Hz / lowest_Hz) * per_decade) + 1
    return np.geomspace(highest_Hz, lowest_Hz, points)


@cache
def _states(
    name: str, lowest_Hz: float, per_decade: int = 10
) -> tuple[tuple[Complex, ...], float, tuple[float, ...]]:
    """Return spectra of a half cell that is sodiated in steps, the electrolyte's resistance, and its interphases'."""
    cell = build_cell(load_cell(name).build("half").simulated_cell(TEMPERATURE_K))
    found, layers = list[Complex](), list[float]()
    for k in range(5):
        if k:
            cell.advance_current(STEP_s, SODIATION_A)
            cell.advance_current(REST_s, 0.0)
        found.append(np.array([cell.impedance(float(hertz)) for hertz in _down_to(lowest_Hz, per_decade)]))
        layers.append(cell.interfacial_resistance_ohm)
    return tuple(found), cell.electrolyte_resistance_ohm, tuple(layers)


def _long(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.long)


@few("lowest_Hz", [0.1, _long(0.01), _long(1e-3), 1e-4], (3,))
@few("per_decade", [5, _long(10), 20], 1)
@few("name", ["nps", "nyzc", "nbh"], 1)
def test_tin_without_sodium_is_described(name: str, per_decade: int, lowest_Hz: float) -> None:
    """Below its arc the mixed potential follows the charge: at a millihertz that is a sixth of the impedance."""
    f = _down_to(lowest_Hz, per_decade)
    (z, *_), sse_ohm, _ = _states(name, lowest_Hz, per_decade)
    [state] = fit_states([(f, noisy(z, 0.001, 3))], temperatures_K=[TEMPERATURE_K]).states
    assert state.verdict == "good"
    assert state.fresh
    assert state.r_sse_ohm == pytest.approx(sse_ohm, rel=0.005)
    assert len(state.fit.frequency_Hz) == len(state.fit.residuals) == len(f)
    assert ("fitted from 0.1 Hz on" in state.reason) == (lowest_Hz < 0.1)


@pytest.mark.long
@pytest.mark.parametrize("lowest_Hz", [1e-3, 1e-4])
@pytest.mark.parametrize("name", ["nps", "nbh"])
def test_slow_relaxations_do_not_take_the_arcs_of_what_is_faster(name: str, lowest_Hz: float) -> None:
    """They were described by arcs of interphase and electrodes: R_SSE was 8 standard errors off, with an F of 1.5."""
    spectra, sse_ohm, layers_ohm = _states(name, lowest_Hz)
    f = _down_to(lowest_Hz)
    result = fit_states(
        [(f, noisy(z, 0.001, 10 + k)) for k, z in enumerate(spectra)],
        temperatures_K=[TEMPERATURE_K] * 5,
        temperature_stderrs_K=[0.1] * 5,  # a kelvin of a typed one is a twentieth of R_SSE, like a thin layer
    )
    assert result.structure.fresh
    assert [state.verdict for state in result.states] == ["good"] * 5
    for state in result.states:
        assert abs(state.r_sse_ohm - sse_ohm) < 4.0 * state.r_sse_stderr_ohm < 0.2 * sse_ohm
    assert result.growth is not None
    grown_ohm = layers_ohm[-1] - layers_ohm[0]
    assert abs(result.growth.value_ohm - grown_ohm) < 4.0 * result.growth.stderr_ohm


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 8, 12, 21])
def test_few_points_a_decade_are_no_doubt(seed: int) -> None:
    """Kramers-Kronig describes the noise of 22 points, too: F was 2.0 by chance, and the slow end cut off for it."""
    spectra, _, _ = _states("nps", 1e-4, 3)
    f = _down_to(1e-4, 3)
    noise = 10 ** np.random.default_rng(seed).uniform(-3.5, -2.5)
    result = fit_states(
        [(f, noisy(z, noise, 10 * seed + k)) for k, z in enumerate(spectra)],
        temperatures_K=[TEMPERATURE_K] * 5,
    )
    assert [state.verdict for state in result.states] == ["good"] * 5


@few("lowest_Hz", [0.01, 1e-4], (1,))
@few("name", ["nps", "nyzc", "nbh"], (1,))
def test_a_pellet_through_which_electrons_leak_is_fitted_without_its_slow_end(
    name: str, lowest_Hz: float
) -> None:
    cell = build_cell(load_cell(name).build("pellet").simulated_cell(TEMPERATURE_K))
    f = _down_to(lowest_Hz)
    z = np.array([cell.impedance(float(hertz)) for hertz in f])
    result = fit_pellets([(f, noisy(z, 0.001, 5))])
    [state] = result.states
    assert state.verdict == result.verdict == "look"
    assert state.reason.startswith("below 0.1 Hz the circuit does not describe it")
    assert "spectrum 1: below 0.1 Hz" in result.reason
    assert state.r_sse_ohm == pytest.approx(cell.electrolyte_resistance_ohm, rel=0.01)
    assert len(state.fit.frequency_Hz) == len(f)


def test_no_point_above_a_hertz_is_left_out() -> None:
    """What is wrong there is wrong with the spectrum."""
    f = _down_to(0.01)
    (z, *_), _, _ = _states("nps", 0.01)
    spectrum: Spectrum = (f, np.where(f < 1e4, 1.05 * z, z))
    [state] = fit_states([spectrum], temperatures_K=[TEMPERATURE_K]).states
    assert state.verdict != "good"
    assert "fitted without" not in state.reason


def _arc(f: Array, ohm: float, farad: float, n: float) -> Complex:
    return ohm / (1 + (2j * np.pi * f * ohm * farad) ** n)


def _slow(f: Array, ohm: float, farad: float, interphase_ohm: float = 0.0) -> Complex:
    """Return a cell whose charge transfer has its apex below a hertz."""
    layer = _arc(f, interphase_ohm, 2e-8, 0.85) if interphase_ohm else 0.0
    storage = 1 / (2j * np.pi * f * 30) ** 0.9
    return 250 + _arc(f, 300, 1e-9, 0.95) + layer + _arc(f, ohm, farad, 0.9) + storage


SLOW = [(20e3, 3e-4), (5e3, 3e-4), (2e3, 1e-3), (50e3, 3e-5)]


@few("lowest_Hz", [0.01, 1e-3], (1,))
@few(("ohm", "farad"), SLOW, 1)
def test_a_charge_transfer_below_a_tenth_of_a_hertz_is_told(
    ohm: float, farad: float, lowest_Hz: float
) -> None:
    """It was told to block: 0 ± 0 ohm, "good"."""
    f = _down_to(lowest_Hz)
    [state] = fit_states([(f, noisy(_slow(f, ohm, farad), 0.001, 7))], temperatures_K=[TEMPERATURE_K]).states
    assert state.verdict == "good"
    assert not state.fresh
    assert abs(state.r_arcs_ohm - ohm) < 4.0 * state.r_arcs_stderr_ohm < 0.02 * ohm
    assert abs(state.r_sse_ohm - 550.0) < 4.0 * state.r_sse_stderr_ohm < 20.0
    assert "fitted" not in state.reason


@pytest.mark.long
@pytest.mark.parametrize(("ohm", "farad"), [SLOW[0], *(_long(*one) for one in SLOW[1:3])])
def test_states_with_a_slow_charge_transfer_are_described(ohm: float, farad: float) -> None:
    """They were WRONG, and no growth was told."""
    f = _down_to(1e-3)
    layers_ohm = (0.0, 20.0, 40.0, 60.0)
    spectra = [_slow(f, ohm * (1.0 + 0.05 * k), farad, layer) for k, layer in enumerate(layers_ohm)]
    result = fit_states(
        [(f, noisy(z, 0.001, 20 + k)) for k, z in enumerate(spectra)], temperatures_K=[TEMPERATURE_K] * 4
    )
    assert result.verdict == "good"
    assert result.growth is not None
    assert abs(result.growth.value_ohm - 60.0) < 4.0 * result.growth.stderr_ohm < 12.0
    for k, state in enumerate(result.states):
        assert state.r_arcs_ohm == pytest.approx(ohm * (1.0 + 0.05 * k) + layers_ohm[k], rel=0.005)


@pytest.mark.long
def test_a_first_state_that_is_slow_is_not_one_without_sodium() -> None:
    f = _down_to(1e-3)
    result = fit_states(
        [(f, noisy(_slow(f, ohm, 3e-4), 0.001, int(ohm))) for ohm in (20e3, 300.0, 250.0, 200.0)],
        temperatures_K=[TEMPERATURE_K] * 4,
    )
    assert not result.structure.fresh
    assert result.states[0].r_arcs_ohm == pytest.approx(20e3, rel=0.005)


@few("lowest_Hz", [0.1, 0.01, 2e-3], (2,))
@few("fresh", [None, False], (1,))
def test_two_slow_electrodes(fresh: bool | None, lowest_Hz: float) -> None:
    """A record that says of a symmetric cell what it is makes it as sure as what is measured does."""
    whole = copy.deepcopy(load_cell("nps").build("symmetric").simulated_cell(TEMPERATURE_K))
    tin = whole["simulation"]["tin"]
    tin["charge_transfer_resistance"], tin["charge_transfer_capacitance"] = 1e4, 6.0
    cell = build_cell(whole)
    f = _down_to(lowest_Hz)
    z = np.array([cell.impedance(float(hertz)) for hertz in f])
    [state] = fit_states([(f, noisy(z, 0.001, 3))], temperatures_K=[TEMPERATURE_K], fresh=fresh).states
    assert state.verdict == "good"
    assert abs(state.r_arcs_ohm - 2e4) < 4.0 * state.r_arcs_stderr_ohm < 0.2 * 2e4


@pytest.mark.long
def test_a_spectrum_of_few_points_leaves_the_others_their_cut() -> None:
    """Of one that was aborted after eleven points nothing is left out; with it, R_SSE of all was five errors off."""
    spectra, sse_ohm, _ = _states("nps", 1e-4)
    f = _down_to(1e-4)
    measured = [(f, noisy(z, 0.001, 900 + k)) for k, z in enumerate(spectra)]
    measured[2] = (measured[2][0][:11], measured[2][1][:11])
    result = fit_states(measured, temperatures_K=[TEMPERATURE_K] * 5)
    for k, state in enumerate(result.states):
        assert ("fitted from 0.1 Hz on, by 71 of 101 points" in state.reason) == (k != 2)
        assert abs(state.r_sse_ohm - sse_ohm) < 3.0 * state.r_sse_stderr_ohm


@pytest.mark.parametrize("flaw", ["step", _long("noise")])
def test_a_fault_in_what_is_left_out_is_seen(flaw: str) -> None:
    """It was "good", for the test of Kramers and Kronig had only the points that are fitted."""
    spectra, _, _ = _states("nps", 1e-4)
    f = _down_to(1e-4)
    measured = [(f, noisy(spectra[k], 0.001, 900 + k)) for k in (0, 4)]
    z = measured[1][1]
    measured[1] = (f, np.where(f < 0.05, z * 1.25 if flaw == "step" else noisy(z, 0.05, 1), z))
    result = fit_states(measured, temperatures_K=[TEMPERATURE_K] * 2)
    assert [state.verdict for state in result.states] == ["good", "look"]
    assert result.verdict == "look"
    assert result.states[1].kk_residual > 0.01
    assert "spectrum 2: Kramers-Kronig residual" in result.reason


def test_who_says_from_where_on_to_fit_is_obeyed() -> None:
    spectra, _, _ = _states("nps", 1e-3)
    f = _down_to(1e-3)
    [state] = fit_states(
        [(f, noisy(spectra[0], 0.001, 3))], temperatures_K=[TEMPERATURE_K], slowest_Hz=2e-3
    ).states
    assert state.verdict == "good"
    assert "fitted" not in state.reason


@few(
    ("ohm", "farad", "lowest_Hz"),
    [(20e3, 4e-6, 1.0), (5e3, 1e-5, 1.0), (20e3, 4e-6, 0.1), (5e3, 1e-5, 0.1)],
    1,
)
def test_a_slow_charge_transfer_with_little_capacitance_is_not_tin_without_sodium(
    ohm: float, farad: float, lowest_Hz: float
) -> None:
    """It was told to be 0 ± 0 ohm, and R_SSE, with an interphase of 20 ohm in it, 570 ± 0.1."""
    f = _down_to(lowest_Hz)
    [state] = fit_states(
        [(f, noisy(_slow(f, ohm, farad, 20.0), 0.001, 7))], temperatures_K=[TEMPERATURE_K]
    ).states
    assert not state.fresh
    assert abs(state.r_arcs_ohm - ohm - 20.0) < 3.0 * state.r_arcs_stderr_ohm < 0.1 * ohm
    assert abs(state.r_sse_ohm - 550.0) < 3.0 * state.r_sse_stderr_ohm < 300.0


def test_a_charge_transfer_that_the_window_cuts_off_does_not_block() -> None:
    f = _down_to(100.0)
    [state] = fit_states(
        [(f, noisy(_slow(f, 2e3, 2e-6, 20.0), 0.001, 7))], temperatures_K=[TEMPERATURE_K]
    ).states
    assert not state.fresh
    assert abs(state.r_arcs_ohm - 2020.0) < 3.0 * state.r_arcs_stderr_ohm
    assert abs(state.r_sse_ohm - 550.0) < 3.0 * state.r_sse_stderr_ohm


@few("lowest_Hz", [10.0, 30.0], 1)
@few(("name", "seed"), [(name, seed) for seed in range(4) for name in ("nbh", "nps", "nyzc")], (0, 1))
def test_of_an_arc_that_has_hardly_begun_where_the_spectrum_ends_no_ohms_are_told(
    name: str, seed: int, lowest_Hz: float
) -> None:
    """Fresh tin of 100 kohm has neither an interphase nor arcs: 14.4 +- 2.2 kohm were told, or 7.7 +- 0.2 ohm of
    interphase, which was the charge transfer of the counter electrode.
    """
    rng = np.random.default_rng([61, seed])
    whole = shipped(name)
    counter = whole["simulation"]["counter"]
    counter["charge_transfer_resistance"] = float(np.exp(rng.uniform(0.0, np.log(15.0))))
    counter["charge_transfer_capacitance"] = float(np.exp(rng.uniform(np.log(0.02), np.log(0.15))))
    cell = build_cell(whole)
    cell.advance_current(REST_s, 0.0)
    f = _down_to(lowest_Hz)
    spectrum = noisy(np.array([cell.impedance(float(hertz)) for hertz in f]), 1e-3, seed)
    result = fit_states([(f, spectrum)], temperatures_K=[TEMPERATURE_K])
    [state], [alone] = result.states, fit_alone(result)
    assert np.isnan([state.r_arcs_ohm, state.r_interface_ohm, alone.r_arcs_ohm, alone.r_total_ohm]).all()
    assert np.isnan(result.r_charge_transfer_ohm)
    assert FLANK_IN_WORDS in state.remarks
    assert not any("all arcs together" in remark for remark in state.remarks)
    assert abs(state.r_sse_ohm - cell.electrolyte_resistance_ohm) < 3.0 * state.r_sse_stderr_ohm


def test_of_what_seems_to_block_no_arc_is_told() -> None:
    f = _down_to(1.0)
    (z, *_), _, _ = _states("nps", 1.0)
    result = fit_states([(f, noisy(z, 0.001, 3))], temperatures_K=[TEMPERATURE_K])
    [state], [alone] = result.states, fit_alone(result)
    assert state.fresh
    assert np.isnan([state.r_arcs_ohm, alone.r_arcs_ohm, alone.r_total_ohm, alone.r_total_stderr_ohm]).all()
    assert alone.r_sse_ohm == pytest.approx(state.r_sse_ohm, rel=0.02)
    [state] = fit_states([(f, noisy(z, 0.001, 3))], temperatures_K=[TEMPERATURE_K], fresh=True).states
    assert 0.0 <= state.r_arcs_ohm < 5.0 * state.r_arcs_stderr_ohm + 5.0


def test_a_cell_is_not_taken_for_a_sodiated_one_that_describes_it_worse() -> None:
    """29678 ± 25 ohm of arcs were told, 30008 true: with too few arcs, and beside a description that fitted."""
    f = _down_to(0.1)
    arcs = ((300.0, 1e-9, 0.95), (30e3, 3e-6, 0.9), (8.0, 4e-6, 0.85))
    z = 250 + sum(_arc(f, *arc) for arc in arcs) + 2j * np.pi * f * 8e-7
    [state] = fit_states([(f, noisy(z, 0.001, 11))], temperatures_K=[TEMPERATURE_K]).states
    assert np.isnan(state.r_arcs_ohm) or abs(state.r_arcs_ohm - 30008.0) < 3.0 * state.r_arcs_stderr_ohm
    assert abs(state.r_sse_ohm - 550.0) < 3.0 * state.r_sse_stderr_ohm
