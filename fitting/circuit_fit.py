"""Complex non-linear least squares: fits a circuit to a spectrum, without a guess by the user.

It finds the global minimum thanks to logarithmic parameters (values span twelve decades), the analytic
Jacobian, weights 1/|Z| of the measured impedance, and some tens of generic starts, the best of which are
continued.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from solbench.fitting.circuit import Circuit, CircuitError, Parallel, own_circuit, parse
from solbench.fitting.elements import Array, Complex, Grid
from solbench.fitting.least_squares import minimise
from solbench.fitting.linear_kk import checked_spectrum, kramers_kronig
from solbench.fitting.problem import Problem, Term
from solbench.fitting.solution import Solution, profile_interval
from solbench.fitting.starts import generic_starts, signature

Weight = Literal["modulus", "unit"] | Array

_SCREEN_ITERATIONS = 10
_KEPT_STARTS = 8
_TOLERANCE = 1e-8  # of the sum of squares: a hundred-thousandth of the change by one standard error


@dataclass(frozen=True)
class Rival:
    """Another circuit that describes the same spectrum about as well, with its values in SI units by parameter."""

    circuit: Circuit
    values: dict[str, float]


@dataclass(frozen=True)
class FitResult:
    """A circuit fitted to one spectrum.

    `values` and `stderr` by parameter name in SI units (fixed parameters have no entry in `stderr`; a
    parameter at its bound has not a number there); `residuals` are (Z - Z_fit)/|Z|, complex; `chi2_nu` is sum
    |dZ|^2/|Z|^2 / (2N - p) for modulus weights; `flags` list doubts about the result as text. `rivals` are circuits
    between which and this one the spectrum does not decide, where circuits were tried: `stderr` then includes how far
    apart their resistances are.
    """

    circuit: Circuit
    frequency_Hz: Array
    impedance_ohm: Complex
    values: dict[str, float]
    stderr: dict[str, float]
    chi2_nu: float
    aicc: float
    residuals: Complex
    flags: tuple[str, ...]
    solution: Solution = field(repr=False)
    rivals: tuple[Rival, ...] = ()

    @cached_property
    def fit_over_kk(self) -> float:
        """Get F, chi2_nu divided by that of the spectrum's own Kramers-Kronig description."""
        return self.chi2_nu / kramers_kronig(self.frequency_Hz, self.impedance_ohm).chi2_nu

    @property
    def correlation(self) -> Array:
        """Get the correlation matrix of the free parameters, in the order of `solution.names`."""
        return self.solution.correlation

    def model(self, frequency_Hz: object) -> Complex:
        """Compute the fitted impedance (ohm) at frequencies in Hz."""
        return self.circuit.impedance(frequency_Hz, self.values)

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Compute the profile interval of one parameter, see `profile_interval`."""
        return profile_interval(self.solution, name, level)


def fit(
    frequency_Hz: object,
    impedance_ohm: object,
    circuit: str | Circuit,
    *,
    guess: Mapping[str, float] | None = None,
    fixed: Mapping[str, float] | None = None,
    equal: Mapping[str, str] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    weight: Weight = "modulus",
) -> FitResult:
    """Fit a circuit to a spectrum.

    Frequencies in Hz, impedances in ohm (complex). `guess` gives parameters, not necessarily all, for
    additional starts: the lowest minimum is returned wherever it was found. `fixed` fixes parameters, `equal`
    ties one to another ({"R2": "R1"}), `bounds` replaces customary bounds. An array as `weight` multiplies
    the deviations. Raises CircuitError for an invalid circuit or parameter name, and ValueError for an
    invalid spectrum.

    >>> f = np.geomspace(1e5, 1, 41)
    >>> z = parse("R0-p(R1,C1)").impedance(f, [29.0, 47.0, 1e-5])
    >>> result = fit(f, z, "R0-p(R1,C1)")
    >>> {name: float(f"{value:.6g}") for name, value in result.values.items()}
    {'R0': 29.0, 'R1': 47.0, 'C1': 1e-05}
    """
    circuit = parse(circuit) if isinstance(circuit, str) else circuit
    f, z = checked_spectrum(frequency_Hz, impedance_ohm)
    term, problem = _set_up(circuit, f, z, _weights(z, weight), fixed or {}, equal or {}, bounds or {})
    starts = generic_starts(circuit, term.grid, z, term.weight)
    if guess:
        starts = np.vstack([starts, _guessed(circuit, starts, guess)])
    solution = solve(problem, to_free(term, problem, starts))
    if not (fixed or equal or bounds):
        solution = in_order(circuit, solution)
    return result_of(term, solution)


def propose(circuit: Circuit | str, frequency_Hz: Array, impedance_ohm: Complex) -> dict[str, float]:
    """Return values (SI) from which a circuit could be fitted by hand: the generic start nearest to the spectrum."""
    circuit = parse(circuit) if isinstance(circuit, str) else circuit
    f, z = checked_spectrum(frequency_Hz, impedance_ohm)
    grid, weight = Grid(f), 1 / np.abs(z)
    starts = np.exp(generic_starts(circuit, grid, z, weight))
    misses = np.sum(np.abs((circuit.impedances(grid, starts) - z) * weight) ** 2, axis=1)
    best = starts[int(np.nanargmin(misses))]
    return dict(zip(circuit.names, best.tolist(), strict=True))


def _guessed(circuit: Circuit, starts: Array, guess: Mapping[str, float]) -> Array:
    """Put the guessed values into all starts; if all are guessed, one start is left."""
    if any(not value > 0 for value in guess.values()):
        raise CircuitError("start values must be above zero")
    guessed = starts.copy()
    for name, value in guess.items():
        guessed[:, circuit.index(name)] = np.log(value)
    return np.unique(guessed, axis=0)


def solve(
    problem: Problem,
    starts: Array,
    kept: int = _KEPT_STARTS,
    iterations: int = 300,
    tolerance: float = _TOLERANCE,
) -> Solution:
    """Screen starts (ln p, one per row) with few iterations, finish the best ones, return the lowest.

    `tolerance`: the relative change of the sum of squares in a step by which a start counts as ended. Raises
    ValueError where the points are too few.
    """
    if problem.data_count <= len(problem.names) + 2:
        raise ValueError(f"{problem.data_count // 2} points are too few for {len(problem.names)} parameters")
    screened = minimise(problem, starts, problem.lower, problem.upper, _SCREEN_ITERATIONS, searching=True)
    order = np.argsort(screened.cost)[:kept]
    ended = minimise(problem, screened.theta[order], problem.lower, problem.upper, iterations, tolerance)
    best = int(np.argmin(ended.cost))
    return Solution(problem, ended.theta[best], float(ended.cost[best]), bool(ended.converged[best]))


def to_free(term: Term, problem: Problem, log_p: Array) -> Array:
    """Extract the free parameters from a circuit's own (ln p, one start per row)."""
    theta = np.zeros((len(log_p), len(problem.names)))
    free = term.columns >= 0
    theta[:, term.columns[free]] = log_p[:, free]
    return theta


def result_of(term: Term, solution: Solution) -> FitResult:
    """Get the result for one spectrum of a solution, which may include others too."""
    log_p = term.local(solution.theta[None, :])
    z = term.circuit.impedances(term.grid, np.exp(log_p))[0]
    residuals = (term.impedance_ohm - z) / np.abs(term.impedance_ohm)
    circuit = own_circuit(term.circuit)
    values = dict(zip(circuit.names, np.exp(log_p[0]).tolist(), strict=False))  # without those of the chain
    stderr = {
        name: float(values[name] * _stderr_log(term, own, solution))
        for own, name in enumerate(circuit.names)
        if np.any(term.spread[:, own])
    }
    free = len({int(c) for c in term.columns if c >= 0})
    relative = float(np.sum(np.abs(residuals) ** 2)) / max(1, 2 * len(z) - free)
    return FitResult(
        circuit=circuit,
        frequency_Hz=term.grid.frequency_Hz,
        impedance_ohm=term.impedance_ohm,
        values=values,
        stderr=stderr,
        chi2_nu=relative,
        aicc=solution.aicc,
        residuals=residuals,
        flags=solution.usual_flags,
        solution=solution,
    )


def _stderr_log(term: Term, own: int, solution: Solution) -> float:
    """Get the standard error of ln p of one parameter of a circuit."""
    if not term.mixed:
        return float(solution.stderr_log[term.columns[own]])
    by = term.spread[:, own]
    inside = np.flatnonzero(by)
    places = term.used[inside]
    variance = float(by[inside] @ solution.covariance[np.ix_(places, places)] @ by[inside])
    return math.sqrt(max(variance, 0.0)) if variance == variance else math.nan


def customary_bounds(circuit: Circuit, impedance_ohm: Complex) -> tuple[Array, Array]:
    """Get bounds of ln p: resistances between 1e-5 and 1e5 times the measured level, the rest by element."""
    size = np.abs(impedance_ohm)
    lower = np.array([p.low for p in circuit.parameters])
    upper = np.array([p.high for p in circuit.parameters])
    ohmic = np.array([p.unit == "ohm" for p in circuit.parameters])
    lower[ohmic], upper[ohmic] = 1e-5 * size.min(), 1e5 * size.max()
    return np.log(lower), np.log(upper)


def _weights(z: Complex, weight: Weight) -> Array:
    if isinstance(weight, str):
        return 1 / np.abs(z) if weight == "modulus" else np.full(len(z), 1 / float(np.mean(np.abs(z))))
    given = np.asarray(weight, float)
    if given.shape != z.shape or np.any(given < 0):
        raise ValueError("weights must be as many as points, and not below zero")
    return given


def _set_up(
    circuit: Circuit,
    f: Array,
    z: Complex,
    weight: Array,
    fixed: Mapping[str, float],
    equal: Mapping[str, str],
    bounds: Mapping[str, tuple[float, float]],
) -> tuple[Term, Problem]:
    for name in (*fixed, *equal, *equal.values(), *bounds):
        circuit.index(name)
    if any(not value > 0 for value in fixed.values()):
        raise CircuitError("fixed parameters must be above zero")
    free = [name for name in circuit.names if name not in fixed and name not in equal]
    if any(source not in free for source in equal.values()):
        raise CircuitError("a parameter can only be made equal to one that is free")
    if not free:
        raise CircuitError("all parameters are fixed: nothing is left to fit")
    place = {name: k for k, name in enumerate(free)}
    columns = np.array([place.get(equal.get(name, name), -1) for name in circuit.names])
    fixed_log = np.log([fixed.get(name, 1.0) for name in circuit.names])  # 0 for free ones
    lower, upper = customary_bounds(circuit, z)
    for name, (low, high) in bounds.items():
        if not 0 < low <= high:
            raise CircuitError(f"bounds of {name} must be above zero and in order, not {low} and {high}")
        lower[circuit.index(name)], upper[circuit.index(name)] = np.log(low), np.log(high)
    chosen = [circuit.index(name) for name in free]
    term = Term(circuit, Grid(f), z, weight, columns, fixed_log)
    return term, Problem([term], free, lower[chosen], upper[chosen])


def circuit_problem(circuit: Circuit, frequency_Hz: Array, impedance_ohm: Complex) -> tuple[Term, Problem]:
    """Set up the fit of a circuit to a spectrum (Hz, ohm), all parameters free, weights 1/|Z|."""
    return _set_up(circuit, frequency_Hz, impedance_ohm, _weights(impedance_ohm, "modulus"), {}, {}, {})


def in_order(circuit: Circuit, solution: Solution) -> Solution:
    """Sort interchangeable arcs by their time constant, the fastest first."""
    theta = solution.theta.copy()
    groups: dict[str, list[Parallel]] = {}
    for block in circuit.blocks:
        if isinstance(block, Parallel) and signature(block) in ("Parallel(R,CPE)", "Parallel(R,C)"):
            groups.setdefault(signature(block), []).append(block)
    for blocks in groups.values():
        parts = [solution.theta[b.first : b.end] for b in blocks]
        order = np.argsort([_log_tau(part) for part in parts])
        for block, k in zip(blocks, order, strict=True):
            theta[block.first : block.end] = parts[k]
    return Solution(solution.problem, theta, solution.cost, solution.converged)


def _log_tau(part: Array) -> float:
    """Get ln of the time constant (R Q)^(1/alpha) of an arc from ln of R, Q and alpha (none for C)."""
    return float((part[0] + part[1]) / np.exp(part[2]) if len(part) == 3 else part[0] + part[1])
