"""Sound cells measured to lower frequencies than usual: none is called wrong, and no resistance becomes another one."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import fit_pellets, fit_states
from solbench.protocols import load_cell
from solbench.simulators.cell import build_cell
from tests.analysis.cells import noisy

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


@pytest.mark.parametrize("lowest_Hz", [0.1, 0.01, 1e-3, 1e-4])
@pytest.mark.parametrize("per_decade", [5, 10, 20])
@pytest.mark.parametrize("name", ["nps", "nyzc", "nbh"])
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


@pytest.mark.parametrize("lowest_Hz", [1e-3, 1e-4])
@pytest.mark.parametrize("name", ["nps", "nbh"])
def test_slow_relaxations_do_not_take_the_arcs_of_what_is_faster(name: str, lowest_Hz: float) -> None:
    """They were described by arcs of interphase and electrodes: R_SSE was 8 standard errors off, with an F of 1.5."""
    spectra, sse_ohm, layers_ohm = _states(name, lowest_Hz)
    f = _down_to(lowest_Hz)
    result = fit_states(
        [(f, noisy(z, 0.001, 10 + k)) for k, z in enumerate(spectra)], temperatures_K=[TEMPERATURE_K] * 5
    )
    assert result.structure.fresh
    assert [state.verdict for state in result.states] == ["good"] * 5
    for state in result.states:
        assert abs(state.r_sse_ohm - sse_ohm) < 4.0 * state.r_sse_stderr_ohm < 0.2 * sse_ohm
    assert result.growth is not None
    grown_ohm = layers_ohm[-1] - layers_ohm[0]
    assert abs(result.growth.value_ohm - grown_ohm) < 4.0 * result.growth.stderr_ohm


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


@pytest.mark.parametrize("lowest_Hz", [0.01, 1e-4])
@pytest.mark.parametrize("name", ["nps", "nyzc", "nbh"])
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
