"""How much of R_SSE may be an interphase, where every spectrum is of a cell that may have one.

The spectrum of a fresh electrode shows the electrolyte alone. Without one, nothing but its capacitance tells an
interphase from the electrolyte, and a thin one has the time constant of grain boundaries: a fit without an arc for it
gives R_SSE all of it, with the small error of the sum. So the spectrum is fitted again with interphases of every
resistance and capacitance that they may have, and the error of R_SSE holds what all of these say that describe it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from solbench.fitting.elements import Array
from solbench.fitting.growth import IDEAL
from solbench.fitting.joint_problem import joint_start
from solbench.fitting.least_squares import minimise
from solbench.fitting.problem import Problem
from solbench.fitting.structure import StateData, Structure, set_up

LEAST_F = 1e-9
"""Capacitance (F) of an interphase that has grown thick: surface layers have 1e-9 to 1e-7 F (Irvine 1990)."""
_EXPONENT = 0.8
# Of all that electrolyte and interphase have together; nobody knows the scale of an interphase.
_SHARES = np.geomspace(0.01, 0.9, 9)
_CAPACITANCES = 4
_ALIKE = 6.0  # of -2 ln likelihood: what is worse by less describes the spectrum as well
_ITERATIONS, _TOLERANCE = 60, 1e-5


def apart_ohm(structure: Structure, data: StateData, values: Mapping[str, float], told_ohm: float) -> float:
    """Return by how much (ohm, rms) R_SSE of one state differs from what is told, with all interphases it may have.

    `structure`: the parts of its circuit, `values`: its parameters by name, with or without an interphase.
    """
    alone = replace(structure, states=1, fresh=False, first_arc=0, counter_layer=False)
    problem = set_up(alone, (data,))
    names = problem.names
    r, tau, exponent, sse = (names.index(name) for name in ("R2[0]", "tau2", "CPE2_1", "R0"))
    start = _start(problem, values)
    layer_ohm = math.exp(start[r]) if "R2" in values else 0.0
    electrolyte_ohm = float(_electrolyte_ohm(problem, start[None, :])[0])
    both_ohm = electrolyte_ohm + layer_ohm
    farads = np.geomspace(LEAST_F, structure.interphase_F, _CAPACITANCES)
    shares, capacitances_F = (one.ravel() for one in np.meshgrid(_SHARES, farads))
    ohm = shares * both_ohm
    theta = np.repeat(start[None, :], len(shares) + 1, axis=0)
    tried = theta[1:]
    tried[:, r] = np.log(ohm)
    tried[:, sse] += np.log((both_ohm - ohm) / electrolyte_ohm)
    tried[:, tau] = _EXPONENT * np.log(ohm * capacitances_F)
    tried[:, exponent] = math.log(_EXPONENT)
    lower, upper = (np.repeat(bound[None, :], len(theta), axis=0) for bound in (problem.lower, problem.upper))
    for held in (r, tau, exponent):
        lower[1:, held] = upper[1:, held] = theta[1:, held]
    if not layer_ohm:
        upper[0, r] = lower[0, r]
    found = minimise(problem, theta, lower, upper, _ITERATIONS, _TOLERANCE)
    variance = max(float(np.min(found.cost)) / (problem.data_count - len(names)), IDEAL**2)
    rise = (found.cost - np.min(found.cost)) / variance
    weight = np.exp(-0.5 * np.maximum(rise - _ALIKE, 0.0))
    apart = _electrolyte_ohm(problem, found.theta) - told_ohm
    return math.sqrt(float(weight @ apart**2 / np.sum(weight)))


def in_words(total_ohm: float | None = None) -> str:
    """Return what is said of an R_SSE that may contain an interphase; `total_ohm`: it and all arcs, of one state alone.

    >>> in_words()
    'electrolyte and interphase cannot be told apart here: the error of R_SSE allows for an interphase'
    >>> in_words(385.94).split("; ")[1]
    'R_SSE and all arcs together are 385.9 ohm'
    """
    words = (
        "electrolyte and interphase cannot be told apart here: the error of R_SSE allows for an interphase"
    )
    return words if total_ohm is None else f"{words}; R_SSE and all arcs together are {total_ohm:.4g} ohm"


def _start(problem: Problem, values: Mapping[str, float]) -> Array:
    """Return the unknowns of one state's problem from the parameters of its circuit; none is an interphase of 0."""
    [term] = problem.terms
    usual = {"R2": 1e-30, "CPE2_0": 1e24, "CPE2_1": _EXPONENT}  # tau^n of a fast one
    log_p = np.zeros(len(term.columns))
    for own, name in enumerate(term.circuit.names):
        if name in values or name in usual:
            log_p[own] = math.log(values.get(name, usual.get(name, 1.0)))
    return np.asarray(joint_start(problem, [log_p[None, :]])[0])


def _electrolyte_ohm(problem: Problem, theta: Array) -> Array:
    """Return R_SSE (ohm) of each row of theta."""
    [term] = problem.terms
    values = np.exp(term.local(theta))
    names = term.circuit.names
    return np.asarray(values[:, names.index("R0")] + values[:, names.index("R1")])
