"""Spectra of cells that may have an interphase, none of the fresh cell: R_SSE is within its error of the truth."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import StatesResult, fit_alone, fit_states
from solbench.protocols import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.cell.half import HalfCell
from tests.analysis.cells import noisy
from tests.analysis.halfcells import CELLS
from tests.fitting.drawn_counters import drawn
from tests.fitting.drawn_windows import in_window
from tests.tiers import few

TEMPERATURE_K = 298.15
SODIATION_A, STEP_s, REST_s = -0.16e-3 * 0.785, 8000.0, 3600.0
CUSTOMARY_Hz, WIDE_Hz = (1e6, 1.0), (1e7, 0.1)


@cache
def _cell(name: str, window_Hz: tuple[float, float]) -> tuple[Array, list[Complex], float, list[float]]:
    """Frequencies, spectra of a half cell sodiated in four steps, its electrolyte and its interphases (ohm)."""
    cell = build_cell(load_cell(name).build("half").simulated_cell(TEMPERATURE_K))
    highest_Hz, lowest_Hz = window_Hz
    f = np.geomspace(highest_Hz, lowest_Hz, round(10 * np.log10(highest_Hz / lowest_Hz)) + 1)
    found, layers_ohm = list[Complex](), list[float]()
    for k in range(5):
        if k:
            cell.advance_current(STEP_s, SODIATION_A)
            cell.advance_current(REST_s, 0.0)
        found.append(np.array([cell.impedance(float(hertz)) for hertz in f]))
        layers_ohm.append(cell.interfacial_resistance_ohm)
    return f, found, cell.electrolyte_resistance_ohm, layers_ohm


def _fitted(
    name: str, states: tuple[int, ...], window_Hz: tuple[float, float], seed: int, noise: float = 0.001
) -> StatesResult:
    f, spectra, _, _ = _cell(name, window_Hz)
    measured = [(f, noisy(spectra[k], noise, 100 * seed + 10 * i + k)) for i, k in enumerate(states)]
    return fit_states(measured, temperatures_K=[TEMPERATURE_K] * len(states))


LONG = [
    pytest.param(name, states, window_Hz, seed, marks=pytest.mark.long)
    for name in ("nps", "nyzc", "nbh")
    for states in ((1,), (2,), (4,), (1, 1), (1, 2), (3, 4), (2, 3, 4), (4, 4, 4))
    for window_Hz in (CUSTOMARY_Hz, WIDE_Hz)
    for seed in (4, 5, 6)
]


@few(
    ("name", "states", "window_Hz", "seed"),
    [
        ("nps", (2,), CUSTOMARY_Hz, 1),
        ("nps", (4,), WIDE_Hz, 2),
        ("nps", (1, 1), CUSTOMARY_Hz, 1),
        ("nyzc", (1,), CUSTOMARY_Hz, 1),
        ("nyzc", (3, 4), CUSTOMARY_Hz, 2),
        ("nyzc", (4,), WIDE_Hz, 2),
        ("nbh", (2,), CUSTOMARY_Hz, 1),
        *LONG,
    ],
    (6,),
)
def test_the_error_holds_an_interphase_that_is_in_all_spectra(
    name: str, states: tuple[int, ...], window_Hz: tuple[float, float], seed: int
) -> None:
    """With 24 ohm of interphase R_SSE was 369.1 +- 0.3 ohm, 344 true; with a thick one up to ten times too large."""
    result = _fitted(name, states, window_Hz, seed)
    _, _, sse_ohm, _ = _cell(name, window_Hz)
    for state in result.states:
        assert abs(state.r_sse_ohm - sse_ohm) < 3.0 * state.r_sse_stderr_ohm < 0.6 * sse_ohm
        assert state.verdict == "good"


@few("window_Hz", [CUSTOMARY_Hz, WIDE_Hz], 1)
def test_an_interphase_with_an_arc_of_its_own_is_told_from_the_electrolyte(
    window_Hz: tuple[float, float],
) -> None:
    result = _fitted("nyzc", (1,), window_Hz, 3)
    [state] = result.states
    _, _, sse_ohm, layers_ohm = _cell("nyzc", window_Hz)
    assert state.r_sse_ohm == pytest.approx(sse_ohm, rel=0.03)
    assert state.r_sse_stderr_ohm < 0.03 * sse_ohm
    assert abs(state.r_interface_ohm - layers_ohm[1]) < 3.0 * state.r_interface_stderr_ohm
    assert not any("told apart" in remark for remark in state.remarks)


def test_where_they_are_not_told_apart_it_is_said_with_what_they_are_together() -> None:
    result = _fitted("nps", (2,), CUSTOMARY_Hz, 1)
    [state], [alone] = result.states, fit_alone(result)
    [remark] = state.remarks
    assert remark.startswith("electrolyte and interphase cannot be told apart here")
    assert f"R_SSE and all arcs together are {alone.r_total_ohm:.4g} ohm" in remark
    assert alone.r_total_stderr_ohm < 0.001 * alone.r_total_ohm
    assert alone.r_sse_stderr_ohm > 0.9 * state.hidden_ohm
    assert state.r_arcs_stderr_ohm > state.hidden_ohm > 10.0 * state.r_sse_own_stderr_ohm
    assert state.r_arcs_own_stderr_ohm < 1.0


@few(
    ("states", "seed"),
    [((2, 3, 4), 8), *((states, s) for states in ((2, 3, 4), (2, 4)) for s in (6, 9, 13))],
    1,
)
def test_thick_interphases_in_all_spectra_are_not_shared_out_among_other_arcs(
    states: tuple[int, ...], seed: int
) -> None:
    """Arcs like those of electrodes did not describe them, and were believed: 3731 +- 495 ohm were told of 1016."""
    _, _, sse_ohm, _ = _cell("nyzc", CUSTOMARY_Hz)
    for state in _fitted("nyzc", states, CUSTOMARY_Hz, seed).states:
        assert state.verdict == "good"
        assert abs(state.r_sse_ohm - sse_ohm) < 3.0 * state.r_sse_stderr_ohm
        assert state.r_sse_own_stderr_ohm < 0.02 * sse_ohm


AMMETERS_Hz = (1e5, 1.0)  # without a commissioning record


@pytest.mark.parametrize(
    ("name", "last", "window_Hz", "seed"),
    [
        ("nps", 4, AMMETERS_Hz, 1),
        *(
            pytest.param(name, last, window_Hz, seed, marks=pytest.mark.long)
            for name in ("nps", "nyzc", "nbh")
            for last in (1, 2, 3, 4)
            for window_Hz in (AMMETERS_Hz, (1e5, 0.1), CUSTOMARY_Hz)
            for seed in (2, 3, 4)
        ),
    ],
)
def test_a_state_by_itself_is_no_surer_of_its_parts_than_all_together_make_it(
    name: str, last: int, window_Hz: tuple[float, float], seed: int
) -> None:
    """Of one beside a fresh one, 377.5 +- 3.7 ohm were told where 344.3 are true, and in a run 366.7 +- 0.2."""
    result = _fitted(name, (0, last), window_Hz, seed, 4e-4)
    _, _, sse_ohm, _ = _cell(name, window_Hz)
    for state, alone in zip(result.states, fit_alone(result), strict=True):
        assert abs(alone.r_sse_ohm - sse_ohm) < 3.0 * alone.r_sse_stderr_ohm
        assert alone.r_sse_stderr_ohm >= state.r_sse_stderr_ohm
    assert alone.r_total_stderr_ohm < 0.001 * alone.r_total_ohm


@few(
    ("name", "seed"),
    [("nbh", 4), ("nyzc", 2), *((n, s) for n in ("nbh", "nps", "nyzc") for s in range(6, 10))],
    2,
)
def test_the_sum_that_a_state_tells_by_itself_is_within_its_error(name: str, seed: int) -> None:
    """In one of twenty it was more than three off: 54.67 +- 0.005 ohm were told of 54.65, and 4899 +- 589 of 1021."""
    whole, f = drawn(name, seed), np.geomspace(1e6, 0.1, 71)
    cell = build_cell(whole)
    assert isinstance(cell, HalfCell)
    spectra, total_ohm = [], []
    for k in range(3):
        if k:
            cell.advance_current(STEP_s, SODIATION_A)
        cell.advance_current(REST_s, 0.0)
        z = np.array([cell.impedance(float(hertz)) for hertz in f])
        spectra.append((f, noisy(z, 4e-4, 100 * seed + k)))
        transfer_ohm = 0.0 if cell.fresh else cell.charge_transfer_resistance_ohm
        layers_ohm = (
            cell.interfacial_resistance_ohm + whole["simulation"]["counter"]["charge_transfer_resistance"]
        )
        total_ohm.append(cell.electrolyte_resistance_ohm + transfer_ohm + layers_ohm)
    for alone, ohm in zip(
        fit_alone(fit_states(spectra, temperatures_K=[TEMPERATURE_K] * 3)), total_ohm, strict=True
    ):
        assert (
            math.isnan(alone.r_total_ohm)
            or abs(alone.r_total_ohm - ohm) < 4.0 * alone.r_total_stderr_ohm < 0.1 * ohm
        )


@few("states", [(0,), (0, 2, 4)], 1)
def test_a_fresh_electrode_shows_the_electrolyte_alone(states: tuple[int, ...]) -> None:
    for state in _fitted("nps", states, CUSTOMARY_Hz, 1).states:
        assert (state.hidden_ohm, state.remarks) == (0.0, ())
        assert state.r_sse_stderr_ohm < 0.02 * state.r_sse_ohm


@pytest.mark.long
def test_electrodes_that_all_block_show_the_electrolyte_alone() -> None:
    """Which of them is the fresh one is not known then, and nobody needs it."""
    f, (z, *_), _, _ = _cell("nbh", CUSTOMARY_Hz)
    result = fit_states([(f, noisy(z, 0.001, seed)) for seed in (1, 2)])
    assert [state.hidden_ohm for state in result.states] == [0.0, 0.0]


@pytest.mark.long
def test_what_has_grown_since_the_first_state_is_as_sure_as_without() -> None:
    """The electrolyte hides the interphase of the first state, not what comes after."""
    cell = CELLS["nps"].with_initial(15.0)
    spectra = cell.spectra(0.001, 3, states=(1, 2, 3, 4))
    result = fit_states(spectra, temperatures_K=[TEMPERATURE_K] * 4, temperature_stderrs_K=[0.1] * 4)
    assert result.growth is not None
    grown_ohm = cell.interphase[4] - cell.interphase[1]
    assert abs(result.growth.value_ohm - grown_ohm) < 3.0 * result.growth.stderr_ohm
    assert result.growth.stderr_ohm < 0.25 * result.states[0].hidden_ohm


def _errors_off(seed: int) -> float:
    """By how many of its errors the worst R_SSE of a drawn cell is off; 0 of one that is not described."""
    drawn = in_window(seed)
    states = fit_states(
        drawn.spectra,
        temperatures_K=[TEMPERATURE_K] * len(drawn.spectra),
        temperature_stderrs_K=[0.05] * len(drawn.spectra),
    ).states
    return max(
        abs(state.r_sse_ohm - drawn.sse_ohm) / state.r_sse_stderr_ohm if state.verdict != "wrong" else 0.0
        for state in states
    )


@pytest.mark.parametrize("seed", [2])
def test_the_error_holds_a_counter_electrode_that_does_not_show(seed: int) -> None:
    """35.85 +- 0.02 ohm were told, 35.39 true: half an ohm of charge transfer under the arc of the tin."""
    assert _errors_off(seed) < 3.0


@pytest.mark.parametrize(("name", "most_ohm"), [("nyzc", 3.5), ("nbh", 0.03)])
def test_what_the_customary_window_makes_unlikely_makes_no_error_wider(name: str, most_ohm: float) -> None:
    """Counter electrodes of every size were allowed for alike: 7.5 ohm of nyzc, 0.4 of an nbh whose error is 0.03."""
    _, _, sse_ohm, _ = _cell(name, CUSTOMARY_Hz)
    first, *_ = _fitted(name, (0, 1, 2, 3, 4), CUSTOMARY_Hz, 8, 4e-4).states
    assert first.fresh
    assert 0.0 <= first.r_arcs_ohm < 20.0
    assert abs(first.r_sse_ohm - sse_ohm) < 3.0 * first.r_sse_stderr_ohm < 3.0 * most_ohm


@pytest.mark.long
def test_the_error_holds_the_truth_whatever_the_window_shows() -> None:
    """All kinds of cells and windows; beyond three errors were a fifth."""
    off = np.array([_errors_off(seed) for seed in range(1000, 1200)])
    assert np.mean(off > 3.0) < 0.02
