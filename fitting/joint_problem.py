"""Several spectra fitted jointly: each parameter of each spectrum's circuit is a sum of a few common unknowns.

So one unknown can be what all share, what one spectrum has of its own, or by how much a spectrum may differ from the
others: the last is known beforehand to be 0 with a standard uncertainty of 1, and its coefficient says by how much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import FURTHEST, Circuit, SeenCircuit
from solbench.fitting.circuit_fit import customary_bounds
from solbench.fitting.elements import Array, Complex, Grid
from solbench.fitting.problem import Problem, Term


@dataclass(frozen=True)
class Link:
    """ln p of a parameter: `offset` plus the sum of unknowns (by name) times their coefficients."""

    parts: Mapping[str, float]
    offset: float = 0.0


@dataclass(frozen=True)
class Member:
    """One spectrum of a joint fit: frequencies (Hz), impedances (ohm), its circuit, and what its parameters are made
    of.

    `trust` multiplies the weights of all points, or of each, for a member that is noisier than the others.
    """

    frequency_Hz: Array
    impedance_ohm: Complex
    circuit: Circuit
    links: Mapping[str, Link]
    trust: float | Array = 1.0


def joint_problem(
    members: Sequence[Member],
    known: Mapping[str, tuple[float, float]],
    bounds: Mapping[str, tuple[float, float]],
    noise: float = 0.0,
) -> Problem:
    """Set up the fit of all members at once, with modulus weights.

    `known`: unknowns that are 0 with a standard uncertainty of 1, with their bounds; those of the members' measuring
    chains are, too. `bounds` (of the unknown) replace the customary ones of the parameter that an unknown makes up.
    `noise` is the variance of a weighted datum.
    """
    limits: dict[str, tuple[float, float]] = {}
    sure: set[str] = set()
    for member in members:
        low, high = customary_bounds(member.circuit, member.impedance_ohm)
        chain = member.circuit.chain.names if isinstance(member.circuit, SeenCircuit) else ()
        for own, name in enumerate(member.circuit.names):
            link = _link(member, name)
            for unknown in link.parts:
                if unknown in known or name in chain:
                    limits[unknown] = known.get(unknown, (-FURTHEST, FURTHEST))
                    sure.add(unknown)
                elif unknown in bounds:
                    limits[unknown] = bounds[unknown]
                elif next(iter(link.parts)) == unknown:
                    a, b = float(low[own]) - link.offset, float(high[own]) - link.offset
                    lowest, highest = limits.get(unknown, (a, b))
                    limits[unknown] = (min(lowest, a), max(highest, b))
    place = {name: at for at, name in enumerate(limits)}
    terms = [_term(member, place) for member in members]
    lower, upper = np.array(list(limits.values())).T
    return Problem(terms, list(place), lower, upper, sorted(place[name] for name in sure), noise)


def _link(member: Member, name: str) -> Link:
    return member.links.get(name) or Link({name: 1.0})


def _term(member: Member, place: Mapping[str, int]) -> Term:
    links = [_link(member, name) for name in member.circuit.names]
    mixed = tuple(
        (own, place[unknown], coefficient)
        for own, link in enumerate(links)
        for unknown, coefficient in link.parts.items()
    )
    return Term(
        member.circuit,
        Grid(member.frequency_Hz),
        member.impedance_ohm,
        member.trust / np.abs(member.impedance_ohm),
        np.full(len(links), -1),
        np.array([link.offset for link in links]),
        mixed,
    )


def joint_start(problem: Problem, locals_log: Sequence[Array]) -> Array:
    """Make starts of a joint fit from starts of its members: the unknowns that come nearest to them.

    `locals_log` contains ln p of each member's circuit, one start per row; returns (starts, unknowns).
    """
    size = len(problem.names)
    matrix, right = np.diag(np.full(size, 1e-6)), np.zeros((size, len(locals_log[0])))
    matrix[problem.known, problem.known] += 1.0
    for term, own in zip(problem.terms, locals_log, strict=True):
        matrix[np.ix_(term.used, term.used)] += term.spread @ term.spread.T
        right[term.used] += term.spread @ (own - term.fixed_log).T
    found = np.linalg.solve(matrix, right).T
    return np.asarray(np.clip(found, problem.lower, problem.upper), dtype=float)
