"""The circuit that a spectrum calls for, found without being told anything about the cell.

Arcs are added one at a time, with and without a tail, from starts at the peaks of a rough distribution of relaxation
times, at even distances, and from the solution with one arc less. What the spectrum does not support is then left out
part by part: a pellet that shows no inductance loses L0 and keeps its arcs. AICc decides; a richer circuit must be
better by six. What it does not decide between are rivals (`solbench.fitting.spectra.rivals`).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import Circuit, parse
from solbench.fitting.circuit_fit import FitResult, Rival, circuit_problem, in_order, result_of, solve
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import EXACT, LEAST_POINTS, checked_spectrum, kramers_kronig
from solbench.fitting.problem import Term
from solbench.fitting.solution import Solution
from solbench.fitting.spectra.layout import Layout, Tail
from solbench.fitting.spectra.peaks import peaks
from solbench.fitting.spectra.rivals import MORE_PARAMETERS, WORSE, with_rivals
from solbench.fitting.starts import starts_at, time_constants

_SUPPORT = 6.0  # in AICc: the customary "much less support" for the worse of two models
_CUSTOMARY_ARCS = 3
_PLAIN_TAILS: tuple[Tail, ...] = ("", "CPE")
_DESCRIBED = 1.3  # chi2_nu over that of Kramers-Kronig up to which a fourth arc is not looked for
_FINALISTS = 3
_KEPT = 4
_ITERATIONS = 80  # of circuits that are only compared; what is chosen is finished
_DIFFUSIONS = (
    Layout(tail="Wo"),
    Layout(tail="Ws"),
    Layout(tail="W", nested=True),
    Layout(tail="Wo", nested=True),
    Layout(tail="Ws", nested=True),
)
_FREE = 1.0  # in AICc: nearly all that a parameter less can gain
_ADDED = 8  # places at which a further arc is tried


@dataclass(frozen=True)
class _Tried:
    layout: Layout
    term: Term
    solution: Solution

    @property
    def score(self) -> float:
        """Get AICc, with the sum of squares of an exact description as its least."""
        problem = self.solution.problem
        n, k = problem.data_count, len(problem.names) + 1
        cost = max(self.solution.cost, n * EXACT**2)
        return n * math.log(cost / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)

    @property
    def size(self) -> int:
        return len(self.solution.theta)


def fit_automatic(frequency_Hz: object, impedance_ohm: object) -> FitResult:
    """Fit the best circuit of inductance, resistance, up to four arcs and a tail (CPE or Warburg) to a spectrum.

    Frequencies in Hz, impedances in ohm (complex). Raises ValueError for an invalid spectrum.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> z = 4e4 / (1 + 2j * np.pi * f * 1e-6) + 2e4 / (1 + (2j * np.pi * f * 1e-3) ** 0.8)
    >>> fit_automatic(f, z).circuit.text
    'p(R1,C1)-p(R2,CPE2)'
    """
    f, z = checked_spectrum(frequency_Hz, impedance_ohm)
    search = _Search(f, z)
    best = search.best()
    solution = solve(best.solution.problem, best.solution.theta[None, :], 1)
    result = result_of(best.term, in_order(parse(best.layout.text), solution))
    return with_rivals(result, search.rivals(best))


class _Search:
    """The circuits tried on one spectrum."""

    def __init__(self, f: Array, z: Complex) -> None:
        self._f, self._z = f, z
        self._peaks = peaks(f, z)
        self._tried: dict[Layout, _Tried] = {}
        self._noise = kramers_kronig(f, z).chi2_nu if len(f) >= LEAST_POINTS else math.inf

    def best(self) -> _Tried:
        """Find the best circuit; raises ValueError where there are too few points for any."""
        for tail in _PLAIN_TAILS:
            self._grow(tail)
        if not self._tried:
            raise ValueError(f"{len(self._f)} points are too few for any circuit")
        self._diffuse()
        self._add_a_fourth_arc()
        for tried in sorted(self._tried.values(), key=lambda tried: tried.score)[:_FINALISTS]:
            self._simplify(tried)
        least = min(tried.score for tried in self._tried.values())
        near = [tried for tried in self._tried.values() if tried.score < least + _SUPPORT]
        return min(near, key=lambda tried: (tried.size, tried.score))

    def rivals(self, best: _Tried) -> tuple[Rival, ...]:
        """Return the circuits that are about as good as the chosen one, as far as their resistances compare."""
        return tuple(
            Rival(parse(tried.layout.text), result_of(tried.term, tried.solution).values)
            for tried in self._tried.values()
            if tried is not best
            and tried.score < best.score + WORSE
            and tried.size <= best.size + MORE_PARAMETERS
        )

    def _grow(self, tail: Tail) -> None:
        """Add arcs until a further one is not supported."""
        best: _Tried | None = None
        fewer: _Tried | None = None
        for count in range(_CUSTOMARY_ARCS + 1):
            layout = Layout(tail=tail).with_arcs(count)
            found = self._from_scratch(layout, fewer)
            if found is None:
                return
            supported = best is None or found.score < best.score - _SUPPORT
            if count >= 2 and not supported:
                return
            best, fewer = found if supported else best, found

    def _diffuse(self) -> None:
        """Try Warburg impedances, also within the slowest arc, beside as many arcs as the best has and one less."""
        best = min(self._tried.values(), key=lambda tried: tried.score)
        if best.solution.cost < best.solution.problem.data_count * EXACT**2:
            return
        most = len(best.layout.arcs)
        for count in range(max(0, most - 1), most + 1):
            for layout in _DIFFUSIONS:
                if count or not layout.nested:
                    self._from_scratch(layout.with_arcs(count), None)

    def _add_a_fourth_arc(self) -> None:
        """Try four arcs where nothing simpler describes the spectrum."""
        if min(tried.solution.chi2_nu for tried in self._tried.values()) < _DESCRIBED * self._noise:
            return
        for tail in _PLAIN_TAILS:
            three = self._tried.get(Layout(tail=tail).with_arcs(_CUSTOMARY_ARCS))
            self._from_scratch(Layout(tail=tail).with_arcs(_CUSTOMARY_ARCS + 1), three)

    def _simplify(self, tried: _Tried) -> None:
        """Leave out what the spectrum does not support: at once what costs nothing, else that which costs least."""
        following: _Tried | None = tried
        while following is not None:
            tried, following = following, None
            for layout, values in tried.layout.simpler(np.exp(tried.solution.theta).tolist()):
                found = self._from_values(layout, values)
                least = (following or tried).score + (0.0 if following else _SUPPORT)
                following = found if found.score < least else following
                if found.score < tried.score - _FREE:
                    break

    def _from_scratch(self, layout: Layout, fewer: _Tried | None) -> _Tried | None:
        """Solve from generic starts, and from a solution with an arc less; None where the points are too few."""
        circuit = parse(layout.text)
        term, problem = circuit_problem(circuit, self._f, self._z)
        if problem.data_count <= len(problem.names) + 2:
            return None
        starts = starts_at(circuit, term.grid, self._z, term.weight, self._time_constants(circuit))
        if fewer is not None:
            starts = np.vstack([starts, self._with_one_more(fewer)])
        found = _Tried(layout, term, in_order(circuit, solve(problem, starts, _KEPT, _ITERATIONS)))
        self._tried[layout] = found
        return found

    def _from_values(self, layout: Layout, values: list[float]) -> _Tried:
        if layout not in self._tried:
            circuit = parse(layout.text)
            term, problem = circuit_problem(circuit, self._f, self._z)
            start = np.log(np.array(values))[None, :]
            solution = in_order(
                circuit, solve(problem, np.clip(start, problem.lower, problem.upper), 1, _ITERATIONS)
            )
            self._tried[layout] = _Tried(layout, term, solution)
        return self._tried[layout]

    def _time_constants(self, circuit: Circuit) -> list[tuple[float, ...]]:
        """Choose time constants (s) of starts: the peaks, and evenly spread ones."""
        count = sum(time_constants(block) for block in circuit.blocks)
        if not count:
            return [()]
        omega = 2 * np.pi * self._f
        even = np.geomspace(0.5 / omega.max(), 2 / omega.min(), max(count + 3, 5)).tolist()
        places = (*itertools.combinations(self._peaks, count), *itertools.combinations(even, count))
        return list(dict.fromkeys(places))

    def _with_one_more(self, fewer: _Tried) -> Array:
        """Add an arc to a solution, at several places over the window."""
        omega = 2 * np.pi * self._f
        theta = fewer.solution.theta
        block_end = parse(fewer.layout.text).blocks
        size = len(theta) - (block_end[-1].end - block_end[-1].first if fewer.layout.tail else 0)
        rows = []
        for tau in np.geomspace(0.3 / omega.max(), 3 / omega.min(), _ADDED):
            near = float(np.abs(self._z[np.argmin(np.abs(np.log(omega * tau)))]))
            r, n = 0.1 * near, 0.85
            arc = np.log([r, tau**n / r, n])
            rows.append(np.concatenate([theta[:size], arc, theta[size:]]))
        return np.array(rows)
