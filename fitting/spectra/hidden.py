"""How much of R_SSE may be a process that the spectra do not show apart: an interphase, or the counter electrode.

A fit without an arc for it gives R_SSE all of its ohms, with the small error of the sum. So the spectra are fitted
again with processes of every resistance and capacitance that it may have, and the error of R_SSE holds what all of
these say, as far as they describe them.

The spectrum of a fresh electrode shows no interphase. Without one, nothing but its capacitance tells an interphase
from the electrolyte, and a thin one has the time constant of grain boundaries. The charge transfer of the counter
electrode is in every spectrum of a cell: one that is small, or beyond the lowest frequency, has the time constant of
the grain boundaries' flank.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
# Of a charge transfer: its resistance beside R_SSE, and what its double layer has over the most of an interphase
# (1 to 20 uF/cm2).
_TRANSFER_SHARES, _TRANSFER_EXPONENT = np.geomspace(1e-3, 1.0, 7), 0.85
_DOUBLE_LAYERS = np.geomspace(5.0, 100.0, 3)
# Iterations, after which one that is worse by more, in -2 ln likelihood, is excluded; and iterations of the others.
_LOOKS, _EXCLUDED, _FURTHER = 5, 60.0, 20


def apart_ohm(structure: Structure, data: StateData, values: Mapping[str, float], told_ohm: float) -> float:
    """Return by how much (ohm, rms) R_SSE of one state differs from what is told, with all interphases it may have.

    `structure`: the parts of its circuit, `values`: its parameters by name, with or without an interphase.
    """
    alone = replace(structure, states=1, fresh=False, first_arc=0, counter_layer=False)
    problem = set_up(alone, (data,))
    start = _start(problem, [values])
    layer_ohm = math.exp(start[problem.names.index("R2[0]")]) if "R2" in values else 0.0
    both_ohm = float(_electrolyte_ohm(problem, start[None, :])[0]) + layer_ohm
    farads = np.geomspace(LEAST_F, structure.interphase_F, _CAPACITANCES)
    shares, capacitances_F = (one.ravel() for one in np.meshgrid(_SHARES, farads))
    ohm = shares * both_ohm
    held = {
        "R2[0]": np.log(ohm),
        "tau2": _EXPONENT * np.log(ohm * capacitances_F),
        "CPE2_1": np.full(len(ohm), math.log(_EXPONENT)),
    }
    theta, lower, upper = _beside(problem, start, held, both_ohm - ohm, is_there=layer_ohm > 0.0)
    found = minimise(problem, theta, lower, upper, _ITERATIONS, _TOLERANCE)
    weight = np.exp(-0.5 * np.maximum(_rise(problem, found.cost) - _ALIKE, 0.0))
    return _rms(_electrolyte_ohm(problem, found.theta) - told_ohm, weight)


def counter_ohm(
    structure: Structure,
    data: Sequence[StateData],
    values: Sequence[Mapping[str, float]],
    told_ohm: float,
) -> float:
    """Return by how much (ohm, rms) R_SSE differs from what is told, with all charge transfers of a counter electrode.

    Each counts by its likelihood, with the exponent that goes best with the spectra. One that is too small to matter is
    as likely beforehand as all of these; what was found counts as that. `structure`: the parts of the states' circuits,
    `values`: the parameters of each by name; `told_ohm` is that of the first.
    """
    problem = set_up(replace(structure, counter=True), data)
    start = _start(problem, values)
    shares, times = (one.ravel() for one in np.meshgrid(_TRANSFER_SHARES, _DOUBLE_LAYERS))
    ohm, n = shares * told_ohm, _TRANSFER_EXPONENT
    held = {
        "R6": np.log(ohm),
        "CPE6_0": n * np.log(times * structure.interphase_F) + (n - 1.0) * np.log(ohm),
    }
    beside_ohm = np.maximum(told_ohm - ohm, 0.5 * told_ohm)
    theta, lower, upper = _beside(problem, start, held, beside_ohm, is_there=structure.counter)
    look = minimise(problem, theta, lower, upper, _LOOKS, _TOLERANCE)
    near = _rise(problem, look.cost) < _EXCLUDED
    near[0] = True
    found = minimise(problem, look.theta[near], lower[near], upper[near], _FURTHER, _TOLERANCE)
    weight = np.exp(-0.5 * _rise(problem, found.cost))
    sse_ohm = _electrolyte_ohm(problem, found.theta)
    weight[0] *= len(ohm)
    return _rms(sse_ohm - sse_ohm[0], weight)


def _rms(apart: Array, weight: Array) -> float:
    return math.sqrt(float(weight @ apart**2 / np.sum(weight)))


def _beside(
    problem: Problem, start: Array, held: Mapping[str, Array], beside_ohm: Array, *, is_there: bool
) -> tuple[Array, Array, Array]:
    """Return starts and bounds of the unknowns, beside what was found and each process.

    `held`: unknowns of each process by name; `beside_ohm`: R_SSE from which to start beside it; `is_there`: one was
    found, whose values are in the `start`.
    """
    theta = np.repeat(start[None, :], len(beside_ohm) + 1, axis=0)
    sse = problem.names.index("R0")
    theta[1:, sse] += np.log(beside_ohm / float(_electrolyte_ohm(problem, start[None, :])[0]))
    lower, upper = (np.repeat(bound[None, :], len(theta), axis=0) for bound in (problem.lower, problem.upper))
    for place, (name, values) in enumerate(held.items()):
        column = problem.names.index(name)
        theta[1:, column] = values
        lower[1:, column] = upper[1:, column] = values
        if not place and not is_there:
            upper[0, column] = lower[0, column]
    return theta, lower, upper


def _rise(problem: Problem, cost: Array) -> Array:
    """Return by how much -2 ln likelihood of each sum of squares is above the least."""
    least = float(np.min(cost))
    return (cost - least) / max(least / (problem.data_count - len(problem.names)), IDEAL**2)


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


def _start(problem: Problem, values: Sequence[Mapping[str, float]]) -> Array:
    """Return the unknowns of a problem from the parameters of its circuits; none is an arc of 0."""
    # Of a fast arc, R and tau^n.
    usual = {"R2": 1e-30, "CPE2_0": 1e24, "CPE2_1": _EXPONENT, "R6": 1e-3, "CPE6_1": _TRANSFER_EXPONENT}
    starts = []
    for term, own_values in zip(problem.terms, values, strict=True):
        log_p = np.zeros(len(term.columns))
        for own, name in enumerate(term.circuit.names):
            log_p[own] = math.log(own_values.get(name, usual.get(name, 1.0)))
        starts.append(log_p[None, :])
    return np.asarray(joint_start(problem, starts)[0])


def _electrolyte_ohm(problem: Problem, theta: Array) -> Array:
    """Return R_SSE (ohm) of the first state for each row of theta."""
    term = problem.terms[0]
    values = np.exp(term.local(theta))
    names = term.circuit.names
    return np.asarray(values[:, names.index("R0")] + values[:, names.index("R1")])
