"""Several spectra fitted jointly: some parameters are shared by all, the others belong to one spectrum."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from solbench.fitting.circuit import Circuit, SeenCircuit
from solbench.fitting.circuit_fit import customary_bounds
from solbench.fitting.elements import Array, Complex, Grid
from solbench.fitting.problem import Problem, Term


@dataclass(frozen=True)
class Member:
    """One spectrum of a joint fit: frequencies (Hz), impedances (ohm), its own circuit.

    `factors` multiply parameters of this member by known values, so that a resistance known to change with
    temperature stays one parameter; those named in `scaled` are all multiplied by one more parameter,
    `scale`. `trust` multiplies the weights of all points, or of each, for a member that is noisier than the others.
    """

    frequency_Hz: Array
    impedance_ohm: Complex
    circuit: Circuit
    factors: Mapping[str, float] = field(default_factory=dict)
    scale: str = ""
    scaled: tuple[str, ...] = ()
    trust: float | Array = 1.0


_SCALE_BOUNDS = (-1.5, 1.5)  # in ln: no state has an electrolyte four times as good as another

Naming = Callable[[int, str], str]


def joint_problem(
    members: Sequence[Member],
    naming: Naming,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    noise: float = 0.0,
) -> Problem:
    """Set up the fit of all members at once, with modulus weights.

    `naming(member, parameter)` gives the name of a parameter in the joint fit: equal names are one parameter.
    `bounds` replaces the customary ones, by the parameter's own name. The parameters of a member's measuring chain are
    those of all members; `noise` is the variance of a weighted datum.
    """
    limits: dict[str, tuple[float, float]] = {}
    for k, member in enumerate(members):
        for name, low, high in _named_bounds(member, bounds or {}):
            known = limits.setdefault(naming(k, name), (low, high))
            limits[naming(k, name)] = (min(known[0], low), max(known[1], high))
        if member.scale:
            limits[member.scale] = _SCALE_BOUNDS
    place = {name: at for at, name in enumerate(limits)}
    terms = [
        _term(member, [place[naming(k, n)] for n in member.circuit.names], place)
        for k, member in enumerate(members)
    ]
    lower, upper = np.array(list(limits.values())).T
    chains = [m.circuit.chain for m in members if isinstance(m.circuit, SeenCircuit)]
    of_chains = sorted({place[name] for chain in chains for name in chain.names})
    return Problem(terms, list(place), lower, upper, of_chains, noise)


def _named_bounds(
    member: Member, bounds: Mapping[str, tuple[float, float]]
) -> list[tuple[str, float, float]]:
    low, high = customary_bounds(member.circuit, member.impedance_ohm)
    found = []
    for name, a, b in zip(member.circuit.names, low.tolist(), high.tolist(), strict=True):
        a, b = np.log(bounds[name]).tolist() if name in bounds else (a, b)
        found.append((name, a, b))
    return found


def _term(member: Member, columns: list[int], place: Mapping[str, int]) -> Term:
    names = member.circuit.names
    scales = None
    if member.scale:
        scales = np.array([place[member.scale] if n in member.scaled else -1 for n in names])
    return Term(
        member.circuit,
        Grid(member.frequency_Hz),
        member.impedance_ohm,
        member.trust / np.abs(member.impedance_ohm),
        np.array(columns),
        np.log([member.factors.get(name, 1.0) for name in names]),
        scales,
    )


def joint_start(problem: Problem, locals_log: Sequence[Array]) -> Array:
    """Make starts of a joint fit from starts of its members: the median where members share a parameter.

    `locals_log` contains ln p of each member's circuit, one start per row; returns (starts, parameters).
    """
    count = len(locals_log[0])
    gathered = np.full((len(problem.terms), count, len(problem.names)), np.nan)
    for term, own, layer in zip(problem.terms, locals_log, gathered, strict=True):
        layer[:, term.columns] = own
        if term.scales is not None:
            layer[:, term.scales[term.scales >= 0]] = 0.0
    return np.asarray(np.nanmedian(gathered, axis=0))
