"""Distributions of several spectra: what tells them apart, and processes followed over them."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import numpy as np
import pytest

from solbench.analysis.views.distributions import (
    PlainDistribution,
    State,
    axis_of,
    followed,
    plain_distribution,
)
from solbench.fitting.drt.peaks import Peak
from tests.modules import ROOT


def state(*peaks: tuple[float, float], **where: float) -> State:
    made = tuple(Peak(tau, r, 0.1, tau / r, tau / 3, tau * 3) for tau, r in peaks)
    drt = PlainDistribution((1.0,), (1.0,), (1.0,), (1.0,), (0.1, 10.0), 0.0, 0.0, None, 1.0, 1e-3, made, "")
    return State("a state", drt, **where)


def test_a_process_that_drifts_is_followed_and_another_one_is_not_mixed_in() -> None:
    states = [state((1e-5, 10.0)), state((3e-5, 20.0), (1e-3, 5.0)), state((1e-4, 30.0), (1.1e-3, 5.0))]
    tracks = followed(states)
    assert [[peak.resistance_ohm for _, peak in track] for track in tracks] == [[10, 20, 30], [5, 5]]
    assert [place for place, _ in tracks[1]] == [1, 2]


@pytest.mark.parametrize(
    ("key", "values", "name"),
    [
        ("capacity_mAh_cm2", (0.0, 1.4), "areal capacity / mAh cm⁻²"),
        ("temperature_K", (273.15, 298.15), "temperature / °C"),
        ("time_s", (7200.0, 10800.0), "time / h"),
        ("capacity_mAh_cm2", (0.0, 1e-7), "spectrum"),
    ],
)
def test_states_stand_on_the_axis_that_tells_them_apart(
    key: str, values: tuple[float, float], name: str
) -> None:
    found, x = axis_of([state(**{key: value}) for value in values])
    assert found == name
    assert x[0] < x[1]


def test_plain_values_are_finite_and_a_spectrum_without_a_distribution_says_why() -> None:
    f = np.geomspace(1e5, 1.0, 31)
    drt = plain_distribution(f, 29.0 + 47.0 / (1 + 2j * np.pi * f * 1e-3))
    assert drt.capacitance_F is None or drt.capacitance_F > 0.0
    assert np.all(np.isfinite(drt.gamma_ohm))
    assert [round(peak.resistance_ohm) for peak in drt.named] == [47]
    assert "11 points are too few" in plain_distribution(f[:11], np.ones(11, complex)).reason


def test_no_conclusion_takes_a_number_from_a_distribution() -> None:
    """Fits, growth, conductivities, verdicts and withholding do not import it; what shows it does."""
    graph = grimp.build_graph("solbench", cache_dir=None)
    users = {
        user
        for module in graph.modules
        if module.startswith("solbench.fitting.drt")
        for user in graph.find_modules_that_directly_import(module)
        if not user.startswith(("solbench.fitting.drt", "solbench.gui"))
    }
    assert users == {"solbench.fitting", "solbench.analysis.views.distributions"}
    for name in ("summary", "withheld", "states_of_run", "run_spectra", "temperature", "opened"):
        source = ast.unparse(ast.parse((Path(ROOT) / "analysis" / f"{name}.py").read_text()))
        assert "distribution" not in source, name
