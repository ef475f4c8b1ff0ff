"""The spectra of a half cell at several states of charge, fitted jointly: how much has the interphase grown?

Fitted one by one, the arcs of electrolyte, interphase and charge transfer trade resistance with one another.
In the joint fit, a property that cannot have changed is one parameter for all states, and the growth is
identified with its own standard error. AICc decides which parts the circuits have; a richer one must be
better by six.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.circuit_fit import result_of, solve
from solbench.fitting.elements import Array, Complex
from solbench.fitting.growth import Resistances, resistances
from solbench.fitting.linear_kk import KramersKronig, checked_spectrum, kramers_kronig, weighted
from solbench.fitting.solution import Solution
from solbench.fitting.state_fit import StateFit, StateRules, why_not
from solbench.fitting.structure import (
    StateData,
    Structure,
    generic_joint_starts,
    reassigned_starts,
    set_up,
    spread_start,
    warm_start,
)
from solbench.fitting.verdicts import Verdict
from solbench.fitting.withheld import Withheld

BOLTZMANN_eV_K = 8.617333262e-5
_CERTAIN = 0.1  # relative error below which a fit without the part is not tried: ten standard errors
_NO_CHANGE = 1e-4  # relative change of R_SSE with temperature that leaves the structure as it is
# An arc in each state is nine parameters, and could by chance replace the shared charge transfer.
_ARC_SUPPORT = 12.0
_STANDS_OUT = 2.0  # times the median residual: the residuals of equal noise scatter by less than a tenth
_MANY = 12  # states, of which so many are enough to find where the minimum lies
_SUPPORT = 6.0  # in AICc: the customary "much less support" for the worse of two models


@dataclass(frozen=True)
class Growth:
    """Growth of the interfacial resistance with its standard error, in ohm."""

    value_ohm: float
    stderr_ohm: float


@dataclass(frozen=True)
class StatesResult:
    """All states of a half cell.

    `growth` counts from the first spectrum, `growth_from_sodiated` from the first sodiated state (None if
    there are too few, or if it is not distinguishable from a changing R_SSE); `growth_corrected` is `growth`
    with R_SSE scaled to the temperature of each spectrum (None if it is unknown). All of these, and the
    resistances of the interface, are not told (None, or not a number) where `withheld` says why. `aicc_shared` and
    `aicc_free` compare one R_SSE for all states with one for each; `structure` lists the parts of the
    circuits.
    """

    states: tuple[StateFit, ...]
    growth: Growth | None
    growth_from_sodiated: Growth | None
    growth_corrected: Growth | None
    r_charge_transfer_ohm: float
    r_charge_transfer_stderr_ohm: float
    aicc_shared: float
    aicc_free: float
    structure: Structure
    solution: Solution = field(repr=False)
    verdict: Verdict = "good"
    reason: str = ""
    withheld: tuple[Withheld, ...] = ()

    @property
    def r_sse_shared(self) -> bool:
        """Whether one R_SSE describes all states."""
        return not self.structure.own_sse


@dataclass(frozen=True)
class _Best:
    structure: Structure
    solution: Solution
    data: tuple[StateData, ...]

    @property
    def aicc(self) -> float:
        return self.solution.aicc

    @cached_property
    def resistances(self) -> Resistances:
        return resistances(self.structure, self.solution)


def fit_states(
    spectra: Sequence[tuple[object, object]],
    *,
    temperatures_K: Sequence[float | None] | None = None,
    fresh: bool | None = None,
    rules: StateRules | None = None,
    chains: Sequence[MeasuringChain | None] | None = None,
) -> StatesResult:
    """Fit the spectra of one half cell's states jointly, in the order of measurement.

    Each spectrum is a pair (frequencies in Hz, impedances in ohm); `temperatures_K` one per spectrum, None
    where unknown; `fresh` tells whether the first one was measured on tin without sodium (None: decided by
    whether it blocks). `chains`: what is uncertain about the way in which each was measured; the errors of the results
    include it. Raises ValueError if there is no spectrum or an invalid one.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> def state(ohm):
    ...     arcs = [(100, 3e-7, 0.92), (ohm, 1e-5, 0.8), (25, 1e-3, 0.85)]
    ...     rc = sum(r / (1 + (2j * np.pi * f * tau) ** n) for r, tau, n in arcs)
    ...     return f, 250 + rc + 0.1 / (2j * np.pi * f)
    >>> result = fit_states([state(ohm) for ohm in (1e-9, 20, 40, 60)])
    >>> [round(s.r_interface_ohm) for s in result.states], round(result.growth.value_ohm)
    ([0, 20, 40, 60], 60)
    """
    rules = rules or StateRules()
    if not spectra:
        raise ValueError("there is no spectrum to fit")
    data = _weighed([checked_spectrum(f, z) for f, z in spectra], chains or [None] * len(spectra))
    if temperatures_K is not None and len(temperatures_K) != len(data):
        raise ValueError(f"{len(temperatures_K)} temperatures do not go with {len(data)} spectra")
    structure = Structure(len(data), _seems_fresh(data) if fresh is None else fresh)
    shared = _search(structure, data)
    free = _with_own_sse(shared)
    # Without arcs, changes of R_SSE and of the interphase are indistinguishable: the shared fit measures
    # both.
    changed = free.structure.has_arcs and free.aicc < shared.aicc - _SUPPORT
    best = free if changed else shared
    factors = _sse_factors(temperatures_K, len(data), rules)
    return _result(best, shared, free, _corrected(shared, factors), factors, rules)


def _weighed(
    spectra: Sequence[tuple[Array, Complex]], chains: Sequence[MeasuringChain | None]
) -> tuple[StateData, ...]:
    """Reduce the weight of a spectrum with a large Kramers-Kronig residual: it affects all shared values."""
    plain = [StateData(f, z, chain=chain) for (f, z), chain in zip(spectra, chains, strict=True)]
    tests = [_tested(one) for one in plain]
    residuals = np.array([test.residual for test in tests])
    excess = residuals / max(float(np.median(residuals)), 1e-12)
    trust = np.where(excess > _STANDS_OUT, 1 / np.maximum(excess, 1.0), 1.0)
    return tuple(
        replace(one, trust=float(t), noise=test.chi2_nu)
        for one, t, test in zip(plain, trust, tests, strict=True)
    )


def _tested(state: StateData) -> KramersKronig:
    """Return the Kramers-Kronig test of a spectrum, each point counted by its expected noise."""
    return weighted(kramers_kronig(state.frequency_Hz, state.impedance_ohm), state.weight)


def _seems_fresh(data: Sequence[StateData]) -> bool:
    """Tell whether the first state blocks and the others do not, by -Z'' at the lowest frequency."""
    blocking = [_blocking(d) for d in data]
    return blocking[0] > 0.2 and all(b < 0.25 * blocking[0] for b in blocking[1:])


def _blocking(state: StateData) -> float:
    z = state.impedance_ohm[int(np.argmin(state.frequency_Hz))]
    return float(-z.imag / abs(z))


def _with_own_sse(shared: _Best) -> _Best:
    """Free R_SSE: from the shared solution, and also from scratch if that is already the better one."""
    free = _neighbour(replace(shared.structure, own_sse=True), shared)
    if free.aicc > shared.aicc - _SUPPORT:
        return free
    again = _search(Structure(free.structure.states, free.structure.fresh, own_sse=True), shared.data)
    return min(free, again, key=lambda best: best.aicc)


def _search(rich: Structure, data: tuple[StateData, ...]) -> _Best:
    """Find the structure with the best AICc: with and without arcs from generic starts, then step by step."""
    best = _generic(replace(rich, first_arc=len(data)), data)
    if len(data) > 1:
        best = _better(best, _reassigned(_generic(rich, data)), _ARC_SUPPORT)
    best = _simplified(best)
    if best.structure.has_arcs:
        bare = replace(best.structure, first_arc=len(data), transfer=True)
        best = _better(best, _neighbour(bare, best), _ARC_SUPPORT)
    for structure in best.structure.richer():
        # That the first state has no interphase is a strong claim: there any improvement is enough.
        support = 0.0 if structure.first_arc == 0 else _SUPPORT
        best = _better(best, _neighbour(structure, best), support)
    return best


def _simplified(best: _Best) -> _Best:
    """Leave out parts that the data do not support, the least certain first."""
    while True:
        errors = dict(zip(best.solution.names, best.solution.stderr_log, strict=True))
        doubtful = {p: s for p, s in best.structure.without().items() if not errors.get(p, 0.0) < _CERTAIN}
        for parameter in sorted(doubtful, key=lambda p: -np.nan_to_num(errors[p], nan=np.inf)):
            simpler = _better(best, _neighbour(doubtful[parameter], best))
            if simpler is not best:
                best = simpler
                break
        else:
            return best


def _generic(structure: Structure, data: tuple[StateData, ...]) -> _Best:
    problem = set_up(structure, data)
    starts = generic_joint_starts(structure, problem)
    if len(data) <= _MANY:
        return _Best(structure, solve(problem, starts, kept=5), data)
    # The minimum is searched for with some states, evenly spread: it is the same for all, at a fraction of the cost.
    part, used = problem.part(np.unique(np.linspace(0, len(data) - 1, _MANY).astype(int)).tolist())
    found = solve(part, starts[:, used], kept=5)
    return _Best(structure, solve(problem, spread_start(problem, starts[0], used, found.theta), kept=1), data)


def _reassigned(best: _Best) -> _Best:
    problem = best.solution.problem
    return replace(best, solution=solve(problem, reassigned_starts(problem, best.solution), kept=3))


def _neighbour(structure: Structure, best: _Best, data: tuple[StateData, ...] | None = None) -> _Best:
    """Solve a structure, or the same one for other data, from the solution of its neighbour."""
    data = data or best.data
    problem = set_up(structure, data)
    start = warm_start(structure, problem, best.solution)
    return _Best(structure, solve(problem, start), data)


def _better(one: _Best, other: _Best, support: float = _SUPPORT) -> _Best:
    """Choose by AICc; of two that differ by less than `support` the one with fewer parameters."""
    gain = one.aicc - other.aicc
    richer = len(other.solution.theta) > len(one.solution.theta)
    return other if gain > (support if richer else -support) else one


def _sse_factors(
    temperatures_K: Sequence[float | None] | None, states: int, rules: StateRules
) -> list[float] | None:
    """Get the ratios of R_SSE to that at the first temperature; None if a temperature is unknown."""
    known = [t for t in temperatures_K or () if t is not None]
    if len(known) < states:
        return None
    per_kelvin = rules.activation_energy_eV / BOLTZMANN_eV_K
    return [math.exp(per_kelvin * (1 / t - 1 / known[0])) for t in known]


def _corrected(shared: _Best, factors: Sequence[float] | None) -> _Best | None:
    """Fit once more with R_SSE scaled to each spectrum's temperature; None if one is unknown."""
    if factors is None:
        return None
    data = tuple(replace(d, sse_factor=f) for d, f in zip(shared.data, factors, strict=True))
    if max(factors) - min(factors) < _NO_CHANGE:
        return _neighbour(shared.structure, shared, data)
    return _search(Structure(shared.structure.states, shared.structure.fresh), data)


def _result(
    best: _Best,
    shared: _Best,
    free: _Best,
    corrected: _Best | None,
    factors: Sequence[float] | None,
    rules: StateRules,
) -> StatesResult:
    states = tuple(_state(best, k, rules) for k in range(len(best.data)))
    growths = [best.resistances.growth(0, k) for k in range(len(states))]
    withheld = why_not(states, factors or [1.0] * len(states), growths, rules)
    if withheld:
        states = tuple(replace(s, r_interface_ohm=math.nan, r_interface_stderr_ohm=math.nan) for s in states)
    first = 1 if best.structure.fresh else 0
    transfer, transfer_stderr = best.resistances.charge_transfer
    verdict, reason = _overall(best, states, corrected is not None)
    return StatesResult(
        states=states,
        growth=None if withheld else _growth(best, 0),
        growth_from_sodiated=None if withheld else _growth(best, first),
        growth_corrected=_growth(corrected, 0) if corrected and not withheld else None,
        r_charge_transfer_ohm=transfer,
        r_charge_transfer_stderr_ohm=transfer_stderr,
        aicc_shared=shared.aicc,
        aicc_free=free.aicc,
        structure=best.structure,
        solution=best.solution,
        verdict=verdict,
        reason=reason,
        withheld=withheld,
    )


def _growth(best: _Best, first: int) -> Growth | None:
    last = len(best.data) - 1
    if last <= first:
        return None
    value, stderr = best.resistances.growth(first, last)
    return Growth(value, stderr) if math.isfinite(value) and math.isfinite(stderr) else None


def _state(best: _Best, k: int, rules: StateRules) -> StateFit:
    term, data = best.solution.problem.terms[k], best.data[k]
    kk = _tested(data)
    result = result_of(term, best.solution)
    fit_over_kk = _chi2_nu(best, k) / max(kk.chi2_nu, 1e-18)
    sse, sse_stderr = best.resistances.electrolyte(k)
    interface, interface_stderr = best.resistances.interface(k)
    verdict, reason = _judge(fit_over_kk, kk, rules)
    return StateFit(
        r_sse_ohm=sse,
        r_sse_stderr_ohm=sse_stderr,
        r_interface_ohm=interface,
        r_interface_stderr_ohm=interface_stderr,
        identified=k >= best.structure.first_arc,
        fresh=best.structure.fresh and k == 0,
        kk_residual=kk.residual,
        fit_over_kk=fit_over_kk,
        verdict=verdict,
        reason=reason,
        fit=replace(result, chi2_nu=_chi2_nu(best, k)),
    )


def _chi2_nu(best: _Best, k: int) -> float:
    """Get one state's chi2_nu; a shared parameter counts in proportion to the states that use it."""
    problem = best.solution.problem
    users = np.zeros(len(problem.names))
    for term in problem.terms:
        users[np.unique(term.columns)] += 1
    term = problem.terms[k]
    parameters = float(np.sum(1 / users[np.unique(term.columns)]))
    z = term.circuit.evaluate(term.grid, np.exp(term.local(best.solution.theta[None, :])))[0][0]
    rest: Complex = best.data[k].weight * (term.impedance_ohm - z) / np.abs(term.impedance_ohm)
    return float(np.sum(np.abs(rest) ** 2)) / (2 * len(z) - parameters)


def _judge(fit_over_kk: float, kk: KramersKronig, rules: StateRules) -> tuple[Verdict, str]:
    if fit_over_kk > rules.wrong_f:
        return "wrong", f"the circuit does not describe this spectrum (F = {fit_over_kk:.1f})"
    if kk.residual > rules.largest_kk_residual:
        return "look", f"Kramers-Kronig residual of {kk.residual:.2%}: noise, drift or a step in the sweep"
    if fit_over_kk > rules.good_f:
        return "look", f"look at the residuals (F = {fit_over_kk:.1f})"
    return "good", f"F = {fit_over_kk:.2f}, Kramers-Kronig residual {kk.residual:.2%}"


def _overall(best: _Best, states: Sequence[StateFit], corrected: bool) -> tuple[Verdict, str]:
    order: tuple[Verdict, ...] = ("good", "look", "wrong")
    verdict = order[max(order.index(s.verdict) for s in states)]
    reasons = [f"spectrum {k + 1}: {s.reason}" for k, s in enumerate(states) if s.verdict != "good"]
    if best.structure.own_sse:
        reasons.append("R_SSE changed between the states: temperature or contact")
    if best.structure.has_arcs and not best.structure.transfer:
        reasons.append(
            "charge transfer not distinguishable from the interphase, whose resistance includes it"
        )
    if not corrected:
        reasons.append("temperature unknown: 1 K moves R_SSE by some 5 %")
    if not best.solution.converged:
        reasons.append("the joint fit did not converge")
    if reasons and verdict != "wrong":
        verdict = "look"
    return verdict, "; ".join(reasons)


__all__ = ["Growth", "StateFit", "StateRules", "StatesResult", "fit_states"]
