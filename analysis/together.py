"""Several spectra fitted together: some parameters are one for all, the others each spectrum's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.circuit import Circuit
from analysis.elements import Array, Complex, Grid
from analysis.fit import customary_bounds
from analysis.problem import Problem, Term


@dataclass(frozen=True)
class Member:
    """One spectrum of a joint fit: frequencies (Hz), impedances (ohm), its own circuit.

    `factors` multiply parameters of this member by known values: a resistance known to change with
    temperature stays one parameter.
    """

    frequency_Hz: Array
    impedance_ohm: Complex
    circuit: Circuit
    factors: Mapping[str, float] = field(default_factory=dict)


Naming = Callable[[int, str], str]


def joint_problem(
    members: Sequence[Member],
    naming: Naming,
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> Problem:
    """Set up the fit of all members at once, with modulus weights.

    `naming(member, parameter)` gives the name of a parameter in the joint fit: equal names are one parameter.
    `bounds` replace the customary ones, by the parameter's own name.
    """
    place: dict[str, int] = {}
    lower: list[float] = []
    upper: list[float] = []
    terms = []
    for k, member in enumerate(members):
        low, high = customary_bounds(member.circuit, member.impedance_ohm)
        columns = np.zeros(len(member.circuit.names), np.intp)
        for local, name in enumerate(member.circuit.names):
            at = place.setdefault(naming(k, name), len(place))
            columns[local] = at
            if name in (bounds or {}):
                low[local], high[local] = np.log((bounds or {})[name])
            if at == len(lower):
                lower.append(low[local])
                upper.append(high[local])
            lower[at], upper[at] = min(lower[at], low[local]), max(upper[at], high[local])
        known = np.log([member.factors.get(name, 1.0) for name in member.circuit.names])
        weight = 1 / np.abs(member.impedance_ohm)
        grid = Grid(member.frequency_Hz)
        terms.append(Term(member.circuit, grid, member.impedance_ohm, weight, columns, known))
    return Problem(terms, list(place), np.array(lower), np.array(upper))


def joint_start(problem: Problem, locals_log: Sequence[Array]) -> Array:
    """Make starts of a joint fit from starts of its members: the median where members share a parameter.

    `locals_log` holds for each member ln p of its circuit, one start a row; returns (starts, parameters).
    """
    count = len(locals_log[0])
    gathered = np.full((len(problem.terms), count, len(problem.names)), np.nan)
    for term, own, layer in zip(problem.terms, locals_log, gathered, strict=True):
        layer[:, term.columns] = own
    return np.asarray(np.nanmedian(gathered, axis=0))
