"""Spectra that are fitted at once come out as each by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solbench.fitting.circuit_fit import solve
from solbench.fitting.problem import Problem
from solbench.fitting.spectra.apart import solve_apart
from solbench.fitting.structure import StateData, Structure, generic_joint_starts, set_up
from tests.analysis.halfcells import CELLS

FRESH, FILLED = Structure(1, fresh=True, first_arc=1), Structure(1, fresh=False, first_arc=0)


def problems_and_starts() -> tuple[list[Problem], list[np.ndarray]]:
    """Of two circuits in turn, one spectrum with fewer points, each with a noise and a weight of its own."""
    spectra = CELLS["nps"].spectra(0.001, 3)
    data = [StateData(f, z, noise=1e-6 * (1 + k), trust=1 / (1 + k)) for k, (f, z) in enumerate(spectra)]
    data[3] = replace(data[3], frequency_Hz=data[3].frequency_Hz[5:], impedance_ohm=data[3].impedance_ohm[5:])
    structures = [FRESH, FILLED, FILLED, FILLED, FILLED]
    problems = [set_up(structure, [one]) for structure, one in zip(structures, data, strict=True)]
    starts = [
        generic_joint_starts(structure, p)[0] for structure, p in zip(structures, problems, strict=True)
    ]
    return problems, starts


@pytest.mark.long
def test_each_ends_where_it_would_have_ended_by_itself() -> None:
    problems, starts = problems_and_starts()
    for problem, start, found in zip(problems, starts, solve_apart(problems, starts, 1e-10), strict=True):
        single = solve(problem, start[None, :], kept=1, tolerance=1e-10)
        assert found.problem is problem
        assert found.cost == pytest.approx(single.cost, rel=1e-3)
        assert problem(found.theta[None, :]).cost[0] == pytest.approx(found.cost)


def test_none_are_none() -> None:
    assert solve_apart([], [], 1e-6) == ()
