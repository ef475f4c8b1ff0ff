"""The spectra of a half cell at several states of charge, fitted jointly: how much has the interphase grown?

Fitted one by one, the arcs of electrolyte, interphase and charge transfer trade resistance with one another. In the
joint fit only that is one parameter for all states which must be equal: the leads, and the electrolyte as far as its
temperature is. The growth is identified with its own standard error, in which the temperature is. AICc decides whether
there is an interphase, and a second electrode arc; a richer circuit must be better by six.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter

import numpy as np

from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.circuit_fit import result_of, solve
from solbench.fitting.elements import Array, Complex
from solbench.fitting.growth import IDEAL, SYMMETRIC, Resistances, Skew, resistances
from solbench.fitting.joint_problem import joint_start
from solbench.fitting.linear_kk import (
    LEAST_POINTS,
    KramersKronig,
    checked_spectrum,
    kramers_kronig,
    weighted,
)
from solbench.fitting.problem import Problem
from solbench.fitting.solution import Solution
from solbench.fitting.spectra.apart import solve_apart
from solbench.fitting.spectra.hidden import apart_ohm, counter_ohm
from solbench.fitting.spectra.hidden import in_words as hidden_in_words
from solbench.fitting.spectra.judgement import Doubt
from solbench.fitting.spectra.judgement import in_words as doubt_in_words
from solbench.fitting.spectra.skewed import along_profile
from solbench.fitting.spectra.slow_end import (
    FLANK_IN_WORDS,
    MOST_OF_BARE_METAL,
    CUSTOMARY_Hz,
    Measured,
    SLOWEST_Hz,
    is_slow_transfer,
    without_slow_end,
)
from solbench.fitting.spectra.slow_end import in_words as slow_end_in_words
from solbench.fitting.state_fit import (
    BOLTZMANN_eV_K,
    StateFit,
    StateRules,
    effective_capacitance_F,
    is_interphase,
    why_not,
)
from solbench.fitting.structure import (
    Electrolyte,
    StateData,
    Structure,
    counter_starts,
    generic_joint_starts,
    set_up,
    spread_start,
    warm_start,
)
from solbench.fitting.verdicts import Verdict
from solbench.fitting.withheld import Withheld

ROOM_K = 298.15
_SEEN = 0.1  # relative error below which the resistance of an electrode that seems to block is seen
_DIFFERENT = 2.0  # standard errors
_CERTAIN = 0.1  # relative error below which a fit without the arc is not tried: ten standard errors
_TOLD = 0.3  # relative error of the last interphase above which none of the earlier ones is denied
# An arc in each state could by chance replace what the charge transfers differ by.
_ARC_SUPPORT = 12.0
_BLOCKS = 0.2  # of -Z'' over |Z| at the lowest frequency, at which an electrode blocks
# Ohm of bare metal times the most capacitance of an interphase of that area: 50 kohm cm2. With as much no electrode
# works, for 0.1 mA/cm2 takes 5 V.
_LEAST_OF_BARE_METAL_s = 0.01
_BLOCKS_Hz = 10.0  # above, a charge transfer that is not slow at all looks alike
_FLANK = 2.5  # ohm of an arc over those in series with its capacitance at the end of a spectrum, which shows a third
_STANDS_OUT = 2.0  # times the median residual: the residuals of equal noise scatter by less than a tenth
_MANY = 8  # states, of which so many are enough to find where the minimum lies
_ENOUGH = 2  # likewise, to tell whether a counter electrode shows
# Of a sum of arcs, the error that no number of points makes less: what is slower is not quite a constant phase element.
# That of 615 sums of drawn cells is this beyond their noise.
_NOT_IDEAL = 2e-4
_MOST_OTHERWISE = 0.1  # of a sum: what differs by more from that of all spectra together is none
_TOLERANCE = 2e-7  # of the sum of squares: with some hundred data far below the change by one standard error
_END_TOLERANCE = (
    2e-9  # of the description that was chosen: along a valley steps may gain little before its end
)
_SEARCH_TOLERANCE = 1e-5  # while descriptions are compared: with a thousand data a hundredth in AICc
_ALIKE = 3.0  # in AICc, below which two descriptions are as good as one another
_APART = 3.0  # standard errors of the growth, beyond which equally good descriptions contradict one another
_SUPPORT = 6.0  # in AICc: the customary "much less support" for the worse of two models
_MOST_BY_CHANCE = 6.0  # F: what is beyond is wrong, however few the points are
_ORDER: tuple[Verdict, ...] = ("good", "look", "wrong")


@dataclass(frozen=True)
class Growth:
    """Growth of the interfacial resistance with its standard error, in ohm."""

    value_ohm: float
    stderr_ohm: float


@dataclass(frozen=True)
class StatesResult:
    """All states of a half cell.

    `growth` counts from the first spectrum, `growth_from_sodiated` from the first sodiated state (None if there are too
    few). Both include what is not certain about the temperature; `growth_corrected` is `growth` where the temperature
    of every spectrum is known. `growth_temperature_stderr_ohm` is the part of the standard error that would go with a
    certain one. All of these, and the resistances of the interface, are not told (None, or not a number) where
    `withheld` says why. The charge transfer is that of the last state. `aicc` and
    `aicc_without` are the criteria of this description and of the best one without an interphase, of eight states
    where there are more; `structure` lists the parts of the
    circuits; `growths` what each state has grown by, told or not.
    """

    states: tuple[StateFit, ...]
    growth: Growth | None
    growth_from_sodiated: Growth | None
    growth_corrected: Growth | None
    growth_temperature_stderr_ohm: float
    r_charge_transfer_ohm: float
    r_charge_transfer_stderr_ohm: float
    aicc: float
    aicc_without: float
    structure: Structure
    solution: Solution = field(repr=False)
    data: tuple[StateData, ...] = field(repr=False)
    growths: tuple[tuple[float, float], ...] = field(repr=False)
    verdict: Verdict = "good"
    reason: str = ""
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True)
class _Best:
    structure: Structure
    solution: Solution
    data: tuple[StateData, ...]
    skew: Skew = SYMMETRIC

    @property
    def aicc(self) -> float:
        return self.solution.aicc_with(IDEAL)

    @cached_property
    def resistances(self) -> Resistances:
        return resistances(self.structure, self.solution, self.skew)


def fit_states(
    spectra: Sequence[tuple[object, object]],
    *,
    temperatures_K: Sequence[float | None] | None = None,
    temperature_stderrs_K: Sequence[float] | None = None,
    fresh: bool | None = None,
    rules: StateRules | None = None,
    chains: Sequence[MeasuringChain | None] | None = None,
    slowest_Hz: float = SLOWEST_Hz,
) -> StatesResult:
    """Fit the spectra of one half cell's states jointly, in the order of measurement.

    Each spectrum is a pair (frequencies in Hz, impedances in ohm); `temperatures_K` one per spectrum, None
    where unknown, and `temperature_stderrs_K` what is not certain in each by itself, so not what all have in common
    (without: that of a temperature that somebody typed). `fresh` tells whether the first one was measured on tin
    without sodium (None: decided by whether it blocks). `chains`: what is uncertain about the way in which each was
    measured; the errors of the results include it. `slowest_Hz`: what is slower is fitted only where it shows a charge
    transfer (0: it is fitted as far as it is described). Raises ValueError if there is no spectrum or an invalid one.

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
    for given in (temperatures_K, temperature_stderrs_K):
        if given is not None and len(given) != len(spectra):
            raise ValueError(f"{len(given)} temperatures do not go with {len(spectra)} spectra")
    electrolytes = _electrolytes(temperatures_K, temperature_stderrs_K, len(spectra), rules)
    is_known = temperatures_K is not None and all(t is not None for t in temperatures_K)
    return _as_far_as_described(
        _measured(spectra, chains),
        lambda measured: _fit_states(measured, electrolytes, rules, fresh, is_known=is_known),
        rules,
        slowest_Hz,
    )


def _measured(
    spectra: Sequence[tuple[object, object]], chains: Sequence[MeasuringChain | None] | None
) -> list[Measured]:
    return [
        Measured(*checked_spectrum(f, z), chain)
        for (f, z), chain in zip(spectra, chains or [None] * len(spectra), strict=True)
    ]


def _fit_states(
    spectra: Sequence[Measured],
    electrolytes: Sequence[Electrolyte],
    rules: StateRules,
    fresh: bool | None,
    *,
    is_known: bool,
) -> StatesResult:
    """Fit the states' spectra over all their frequencies; `is_known`: the temperature of each is."""
    data = _weighed(spectra, electrolytes)
    is_fresh = _seems_fresh(data) if fresh is None else fresh
    result = _holding_hidden(_described(data, is_fresh=is_fresh, rules=rules, is_known=is_known))
    if fresh is not None or not is_fresh:
        return result
    if len(data) == 1:  # later states that do not block show that this was the beginning
        result = _without_blocking_arc(result)
    first = result.states[0]
    is_slow = _has_double_layer(first, rules.interphase_F)
    may_be_sodiated = _may_be_sodiated(first, "4", rules.interphase_F)
    if not is_slow and not may_be_sodiated and first.verdict != "wrong":
        return result
    other = _holding_hidden(_described(data, is_fresh=False, rules=rules, is_known=is_known))
    is_slow |= may_be_sodiated and other.aicc < result.aicc + _SUPPORT
    return other if _doubts(other) < _doubts(result) + is_slow else result


def _without_blocking_arc(result: StatesResult) -> StatesResult:
    """Tell no arcs of tin that seems to have no sodium: what blocks may be a charge transfer that is slow.

    Only a record of the cell's beginning tells the two apart.
    """
    first, *others = result.states
    return replace(result, states=(replace(first, r_arcs_ohm=math.nan, r_arcs_stderr_ohm=math.nan), *others))


def _has_double_layer(state: StateFit, interphase_F: float) -> bool:
    """Tell whether the arc of a state that blocks at a hertz is seen, and has more capacitance than bare metal."""
    capacitance_F = _seen_F(state, "4")
    return capacitance_F is not None and capacitance_F > MOST_OF_BARE_METAL * interphase_F


def _may_be_sodiated(state: StateFit, arc: str, interphase_F: float) -> bool:
    """Tell whether an arc that is seen has the capacitance of bare metal, but less resistance than that."""
    capacitance_F = _seen_F(state, arc)
    return (
        capacitance_F is not None
        and capacitance_F <= MOST_OF_BARE_METAL * interphase_F
        and state.fit.values[f"R{arc}"] * interphase_F < _LEAST_OF_BARE_METAL_s
    )


def _seen_F(state: StateFit, arc: str) -> float | None:
    """Get the capacitance (F) of an arc that is seen, None where it is not."""
    r_ohm = state.fit.values.get(f"R{arc}", 0.0)
    if not state.fit.stderr.get(f"R{arc}", math.inf) < _SEEN * r_ohm:
        return None
    return effective_capacitance_F(r_ohm, *(state.fit.values[f"CPE{arc}_{part}"] for part in (0, 1)))


def _described(
    data: tuple[StateData, ...], *, is_fresh: bool, rules: StateRules, is_known: bool
) -> StatesResult:
    found = _search(Structure(len(data), is_fresh, interphase_F=rules.interphase_F), data)
    result = _result(found.best, data, found, rules, is_known=is_known)
    if not result.structure.has_arcs or (
        is_interphase(result.states, result.growths, rules)
        and not any(why.code in ("no_capacitance", "time_constant_changed") for why in result.withheld)
    ):
        return _widened(result, found)
    # That is no interphase. Where the spectra are described without one, it was an arc of the electrodes.
    if len(data) == 1:
        result = _withholding(result, result.withheld)
    if not _is_of_electrodes(found.without):
        return _widened(result, found)
    plain = _result(found.without, data, found, rules, is_known=is_known)
    # At the end of the valley in which it was found its arcs may be others.
    is_plain = _is_of_electrodes(_Best(plain.structure, plain.solution, plain.data))
    is_described = all(state.verdict != "wrong" for state in plain.states)
    return plain if is_plain and is_described else _widened(result, found)


def _as_far_as_described(
    spectra: Sequence[Measured],
    fitted: Callable[[Sequence[Measured]], StatesResult],
    rules: StateRules,
    slowest_Hz: float = 0.0,
) -> StatesResult:
    """Fit spectra from a frequency (Hz) on, or with less of their slow end where that describes more of them.

    The whole of them where that shows a charge transfer which is as slow, or where nothing else describes them. What is
    left out is said of each, and doubted where it was left out because it is not described, or contradicts itself.
    """
    whole = (0.0, list(spectra))
    choices = [whole, *without_slow_end(spectra)]
    while choices[0][0] < slowest_Hz and len(choices) > 1 and choices[1][0] <= slowest_Hz:
        choices.pop(0)
    uncut = fitted(spectra)
    from_Hz = choices[0][0]
    best = first = fitted(choices[0][1]) if from_Hz else uncut
    if from_Hz and _shows_slow_transfer(uncut, rules):
        return _holding(uncut, first)
    for least_Hz, cut in choices[1:]:
        if not (doubts := _doubts(best)):
            break
        found = fitted(cut)
        if _doubts(found) < doubts:
            best, from_Hz = found, least_Hz
    if from_Hz == 0.0 or _doubts(uncut) < _doubts(best):
        return uncut
    described = [
        best is first or "good" in (state.verdict, one.verdict)
        for state, one in zip(first.states, uncut.states, strict=True)
    ]
    return _saying_from(best, spectra, from_Hz, described, rules)


def _holding(result: StatesResult, other: StatesResult) -> StatesResult:
    """Let the errors hold what a fit without the slow end says of R_SSE, where that differs beyond both errors."""

    def wider(state: StateFit, without: StateFit) -> StateFit:
        apart = abs(state.r_sse_ohm - without.r_sse_ohm)
        if without.verdict == "wrong" or not apart > _DIFFERENT * math.hypot(
            state.r_sse_stderr_ohm, without.r_sse_stderr_ohm
        ):
            return state
        return replace(
            state,
            r_sse_stderr_ohm=math.hypot(state.r_sse_stderr_ohm, apart),
            r_arcs_stderr_ohm=math.hypot(state.r_arcs_stderr_ohm, apart),
        )

    return replace(result, states=tuple(map(wider, result.states, other.states)))


def _shows_slow_transfer(result: StatesResult, rules: StateRules) -> bool:
    """Tell whether spectra are described, and show the arc of an electrode that is slower than a hertz."""
    return all(state.verdict != "wrong" for state in result.states) and any(
        is_slow_transfer(state.fit.values, state.fit.stderr, rules.interphase_F) for state in result.states
    )


def _doubts(result: StatesResult) -> int:
    return sum(_ORDER.index(state.verdict) for state in result.states)


def _saying_from(
    result: StatesResult,
    spectra: Sequence[Measured],
    least_Hz: float,
    described: Sequence[bool],
    rules: StateRules,
) -> StatesResult:
    """Show a fit of the points from a frequency (Hz) on beside all that were measured, and say what it leaves out.

    `described`: whether each was described without leaving out more than is usual.
    """
    whole = _weighed(spectra, [one.electrolyte for one in result.data])
    terms = set_up(result.structure, whole).terms
    states, said = list[StateFit](), list[str]()
    for k, (state, used, term) in enumerate(zip(result.states, result.data, terms, strict=True)):
        fit = replace(result_of(term, result.solution), chi2_nu=state.fit.chi2_nu)
        if len(used.frequency_Hz) < len(fit.frequency_Hz):
            kk = _tested(whole[k])
            words = slow_end_in_words(
                least_Hz, len(used.frequency_Hz), len(fit.frequency_Hz), described=described[k]
            )
            doubts = [] if described[k] else [words]
            if kk.residual > rules.largest_kk_residual and state.kk_residual <= rules.largest_kk_residual:
                doubts = [_unsteady(kk), words]
            state = replace(
                state,
                reason=f"{state.reason}; {words}",
                fit=fit,
                kk_residual=kk.residual,
                remarks=state.remarks if doubts else (*state.remarks, words),
            )
            if doubts and state.verdict == "good":
                state = replace(state, verdict="look", reason="; ".join(doubts))
            said += [f"spectrum {k + 1}: {'; '.join(doubts)}"] if doubts else []
        states.append(state)
    return replace(
        result,
        states=tuple(states),
        verdict="look" if said and result.verdict == "good" else result.verdict,
        reason="; ".join(filter(None, [result.reason, *said])),
    )


def fit_pellets(
    spectra: Sequence[tuple[object, object]],
    *,
    rules: StateRules | None = None,
    chains: Sequence[MeasuringChain | None] | None = None,
) -> StatesResult:
    """Fit spectra of a pellet between blocking electrodes, each by itself: R_SSE is every arc before the tail.

    The arguments are those of `fit_states`. There is no interphase, and no growth. Raises ValueError likewise.

    >>> f = np.geomspace(1e6, 1, 61)
    >>> arcs = 4e4 / (1 + 2j * np.pi * f * 1e-6) + 2.4e4 / (1 + (2j * np.pi * f * 1e-4) ** 0.9)
    >>> [state] = fit_pellets([(f, arcs + 1 / (2j * np.pi * f * 1e-5) ** 0.9)]).states
    >>> round(state.r_sse_ohm / 1e3, 1)
    64.0
    """
    rules = rules or StateRules()
    if not spectra:
        raise ValueError("there is no spectrum to fit")
    structure = Structure(1, fresh=False, interphase_F=rules.interphase_F, blocking=True)

    def fitted(pellet: Sequence[Measured]) -> StatesResult:
        data = _weighed(pellet, [Electrolyte()])
        own = _search(structure, data)
        return _result(own.best, data, own, rules, is_known=True)

    found = [_as_far_as_described([pellet], fitted, rules) for pellet in _measured(spectra, chains)]
    return replace(
        found[-1],
        states=tuple(state for one in found for state in one.states),
        data=tuple(one.data[0] for one in found),
        verdict=max((one.verdict for one in found), key=_ORDER.index),
        reason="; ".join(
            one.reason.replace("spectrum 1:", f"spectrum {k}:")
            for k, one in enumerate(found, 1)
            if one.reason
        ),
    )


@dataclass(frozen=True)
class AloneFit:
    """One state fitted by itself: R_SSE, the sum of its other arcs, and all of it (ohm) with their standard errors.

    Not a number where the state by itself does not tell it.
    """

    r_sse_ohm: float
    r_sse_stderr_ohm: float
    r_arcs_ohm: float
    r_arcs_stderr_ohm: float
    r_total_ohm: float
    r_total_stderr_ohm: float


def fit_alone(result: StatesResult) -> tuple[AloneFit, ...]:
    """Fit each state of a joint fit by itself with the same circuit, so that nothing comes from the other states."""
    alone = [_alone(result, k) for k in range(len(result.states))]
    problems = [problem for _, problem, _ in alone]
    solved = solve_apart(problems, [start for _, _, start in alone], _TOLERANCE)
    found = [
        resistances(structure, solution) for (structure, _, _), solution in zip(alone, solved, strict=True)
    ]
    return tuple(_alone_fit(one, state) for one, state in zip(found, result.states, strict=True))


def _alone_fit(found: Resistances, state: StateFit) -> AloneFit:
    """Tell of a state by itself what is told of it jointly: a total without an arc that may block is none, either.

    By itself it may divide the sum wrongly, and nothing in it says so: the errors of the parts are no less than
    together, and hold what they differ by from R_SSE together. A sum that differs from that together is none.
    """
    apart_ohm = found.electrolyte(0)[0] - state.r_sse_ohm

    def part(own: tuple[float, float], together_ohm: float) -> tuple[float, float]:
        return own[0], max(math.hypot(own[1], apart_ohm), together_ohm)

    electrolyte = part(found.electrolyte(0), state.r_sse_stderr_ohm)
    total_ohm, own_ohm = found.total(0)
    otherwise_ohm = total_ohm - state.r_sse_ohm - state.r_arcs_ohm
    if math.isnan(state.r_arcs_ohm) or abs(otherwise_ohm) > _MOST_OTHERWISE * total_ohm:
        return AloneFit(*electrolyte, math.nan, math.nan, math.nan, math.nan)
    arcs = part(found.arcs(0), state.r_arcs_stderr_ohm)
    return AloneFit(*electrolyte, *arcs, total_ohm, math.hypot(own_ohm, _NOT_IDEAL * total_ohm))


def _alone(result: StatesResult, k: int) -> tuple[Structure, Problem, Array]:
    """Return the structure of one state by itself, its problem, and a start."""
    structure = result.structure
    if not structure.blocking:
        structure = replace(
            structure,
            states=1,
            fresh=structure.fresh and k == 0,
            first_arc=0 if k >= structure.first_arc else 1,
        )
    data = (replace(result.data[k], electrolyte=Electrolyte()),)
    problem = set_up(structure, data)
    values = result.states[k].fit.values
    term = problem.terms[0]
    log_p = np.zeros(len(term.columns))
    log_p[: len(values)] = np.log([values[name] for name in term.circuit.names[: len(values)]])
    return structure, problem, joint_start(problem, [log_p[None, :]])[0]


def _electrolytes(
    temperatures_K: Sequence[float | None] | None,
    stderrs_K: Sequence[float] | None,
    states: int,
    rules: StateRules,
) -> list[Electrolyte]:
    """Say for each state by how much its R_SSE is expected to differ, as far as its temperature is known."""
    known = [t for t in temperatures_K or () if t is not None]
    told = known if len(known) == states else [ROOM_K] * states
    kelvins = stderrs_K if stderrs_K is not None and len(known) == states else [rules.typed_stderr_K] * states
    found = []
    for kelvin, stderr_K in zip(told, kelvins, strict=True):
        expected = rules.activation_energy_eV / BOLTZMANN_eV_K * (1 / kelvin - 1 / told[0])
        by_energy = expected * rules.activation_energy_stderr_eV / rules.activation_energy_eV
        found.append(Electrolyte(expected, by_energy, rules.relative_per_K(kelvin) * stderr_K))
    return found


def _weighed(spectra: Sequence[Measured], electrolytes: Sequence[Electrolyte]) -> tuple[StateData, ...]:
    """Reduce the weight of a spectrum with a large Kramers-Kronig residual: it affects all shared values."""
    plain = [StateData(one.frequency_Hz, one.impedance_ohm, chain=one.chain) for one in spectra]
    tests = [_tested(one) for one in plain]
    residuals = np.array([test.residual for test in tests])
    excess = residuals / max(float(np.median(residuals)), 1e-12)
    trust = np.where(excess > _STANDS_OUT, 1 / np.maximum(excess, 1.0), 1.0)
    return tuple(
        replace(one, electrolyte=electrolyte, trust=float(t), noise=max(test.chi2_nu, IDEAL**2))
        for one, t, test, electrolyte in zip(plain, trust, tests, electrolytes, strict=True)
    )


def _tested(state: StateData) -> KramersKronig:
    """Return the Kramers-Kronig test of a spectrum, each point counted by its expected noise."""
    return weighted(kramers_kronig(state.frequency_Hz, state.impedance_ohm), state.weight)


def _seems_fresh(data: Sequence[StateData]) -> bool:
    """Tell whether the first state blocks and the others do not, by -Z'' at the lowest frequency down to a hertz.

    Below, the potential of any electrode follows the charge in the end. A slow charge transfer blocks at a hertz, too.
    """
    first, *others = (_blocking(d) for d in data)
    if not others:
        return _blocks(data[0])
    return first > _BLOCKS and all(other < 0.25 * first for other in others)


def _blocks(state: StateData) -> bool:
    """Tell whether a spectrum by itself shows an electrode that blocks: a charge transfer does, above its apex."""
    return float(np.min(state.frequency_Hz)) < _BLOCKS_Hz and _blocking(state) > _BLOCKS


def _blocking(state: StateData) -> float:
    lowest_Hz = max(float(np.min(state.frequency_Hz)), CUSTOMARY_Hz)
    z = state.impedance_ohm[int(np.argmin(np.abs(np.log(state.frequency_Hz / lowest_Hz))))]
    return float(-z.imag / abs(z))


@dataclass(frozen=True)
class _Searched:
    """The best description without an interphase, and the best of all, of the states with which they were searched.

    `others`: other descriptions that are as good as the best, each with its weight beside that.
    """

    without: _Best
    best: _Best
    others: tuple[tuple[float, _Best], ...] = ()

    def apart_ohm(self, resistance: Callable[[Resistances, int], float], states: int) -> Array:
        """Get by how much the descriptions that are as good as one another differ in a resistance of each state."""
        used = range(self.best.structure.states)
        own = np.array([resistance(self.best.resistances, k) for k in used])
        squares, weights = np.zeros(len(own)), 1.0
        for weight, one in self.others:
            squares += weight * (np.array([resistance(one.resistances, k) for k in used]) - own) ** 2
            weights += weight
        return np.interp(range(states), _few(states), np.sqrt(np.nan_to_num(squares) / weights))


def _search(rich: Structure, data: tuple[StateData, ...]) -> _Searched:
    few = _few(len(data))
    used = tuple(data[k] for k in few)
    bare = replace(rich, states=len(used), first_arc=len(used))
    first = _generic(bare, used)
    if rich.fresh and float(np.min(used[0].frequency_Hz)) < CUSTOMARY_Hz:
        first = _better(first, _generic(replace(bare, fresh_tail=True), used))
        bare = first.structure
    without = _with_counter(first)
    best = without
    others: tuple[tuple[float, _Best], ...] = ()
    if len(used) == 1 and not rich.fresh and not rich.blocking:
        best = _better(without, _generic(replace(bare, first_arc=0), used), _ARC_SUPPORT)
    if len(used) > 1:
        grown = _generic(replace(bare, first_arc=1), used)
        tried = [grown]
        arcs = _first_arc(grown, tried)
        if without.structure.counter or grown.aicc < without.aicc:
            # An arc more in all states may stand for an interphase that was there from the beginning: both are tried.
            richer = _with_counter(grown)
            if richer is not grown:
                tried.append(richer)
                arcs = _better(arcs, _first_arc(richer, tried))
        # What an arc improves by much is not described without one, whatever the arcs of that look like.
        has_arcs = not _is_of_electrodes(without) or _better(without, arcs, _ARC_SUPPORT) is arcs
        if has_arcs and not rich.fresh:
            # A thick interphase in all states is none that the others lead to.
            tried.append(_generic(replace(bare, first_arc=0), used))
            arcs = _better(arcs, tried[-1])
        best = arcs if has_arcs else without
        if best is arcs:
            best = _least_sure(arcs, tried)
            others = tuple((math.exp((best.aicc - one.aicc) / 2), one) for one in _others(best, tried))
    return _Searched(without, best, others)


def _is_of_electrodes(without: _Best) -> bool:
    """Say whether what a description without an interphase has in its last state are arcs of electrodes.

    One with less capacitance than a double layer is an interphase under another name.
    """
    found = result_of(without.solution.problem.terms[-1], without.solution)
    values, stderr = found.values, found.stderr
    return all(
        effective_capacitance_F(values[f"R{k}"], values[f"CPE{k}_0"], values[f"CPE{k}_1"])
        > without.structure.interphase_F
        for k in ("3", "6")
        if f"R{k}" in values and stderr[f"R{k}"] < _TOLD * values[f"R{k}"]
    )


def _least_sure(best: _Best, tried: Sequence[_Best]) -> _Best:
    """Of other descriptions that are as good as the best one, choose that whose growth is least certain.

    An interphase from the beginning and an arc of the second electrode look alike; the growth may differ by more than
    either of them says.
    """
    last = best.structure.states - 1

    def unsure(one: _Best) -> float:
        stderr_ohm = one.resistances.growth(0, last)[1]
        return stderr_ohm if math.isfinite(stderr_ohm) else 0.0

    return max([best, *_others(best, tried)], key=unsure)


def _others(best: _Best, tried: Sequence[_Best]) -> list[_Best]:
    """Find other descriptions that are as good as the best one; one that only has more parts is no other."""
    own = best.structure
    return [
        one
        for one in tried
        if one.aicc < best.aicc + _ALIKE
        and not (one.structure.counter >= own.counter and one.structure.first_arc <= own.first_arc)
    ]


def _few(states: int, most: int = _MANY) -> list[int]:
    """Choose the states with which the minimum is searched for, evenly spread: it is the same for all."""
    return sorted({round(k) for k in np.linspace(0, states - 1, min(states, most))})


def _generic(structure: Structure, data: tuple[StateData, ...]) -> _Best:
    problem = set_up(structure, data)
    return _Best(
        structure,
        solve(problem, generic_joint_starts(structure, problem), kept=5, tolerance=_SEARCH_TOLERANCE),
        data,
    )


def _with_counter(best: _Best) -> _Best:
    """Add a second electrode arc where the spectra support it."""
    structure = replace(best.structure, counter=True)
    problem = set_up(structure, best.data)
    found = solve(problem, counter_starts(problem, best.solution), kept=2, tolerance=_SEARCH_TOLERANCE)
    return _better(best, _Best(structure, found, best.data))


def _arrived(best: _Best) -> _Best:
    """Go on to the minimum of the description that was chosen.

    Where the tin has an interphase, the counter electrode is given one: no criterion asks for it, but it is there.
    """
    structure = best.structure
    return _neighbour(replace(structure, counter_layer=structure.has_arcs), best, _END_TOLERANCE)


def _first_arc(best: _Best, tried: list[_Best]) -> _Best:
    """Find the first state with an interphase; what is tried is added to `tried`."""
    while best.structure.first_arc + 1 < best.structure.states:
        first = best.structure.first_arc
        errors = dict(zip(best.solution.names, best.solution.stderr_log, strict=True))
        last = f"R2[{best.structure.states - 1}]"
        if errors.get(f"R2[{first}]", math.inf) < _CERTAIN or errors.get(last, math.inf) > _TOLD:
            break  # an interphase that is hardly known where it is largest may be anywhere
        tried.append(_neighbour(replace(best.structure, first_arc=first + 1), best))
        later = _better(best, tried[-1])
        if later is best:
            break
        best = later
    if best.structure.first_arc == 1:
        # That the first state has no interphase is a strong claim: there any improvement is enough.
        tried.append(_neighbour(replace(best.structure, first_arc=0), best))
        best = _better(best, tried[-1], 0.0)
    return best


def _for_all(best: _Best, data: tuple[StateData, ...]) -> _Best:
    """Return the same description for all states."""
    few = _few(len(data))
    if len(few) == len(data):
        return best
    first = best.structure.first_arc
    # One that is first seen in a state may have been there since the one before.
    earliest = 0 if first == 0 else few[first - 1] + 1 if first < len(few) else len(data)
    structure = replace(best.structure, states=len(data), first_arc=earliest)
    problem = set_up(structure, data)
    names = {
        f"{stem}[{k}]": f"{stem}[{few[k]}]"
        for k in range(len(few))
        for stem in {name.partition("[")[0] for name in best.solution.names}
    }
    place = {name: at for at, name in enumerate(problem.names)}
    pairs = [
        (place[new], value)
        for name, value in zip(best.solution.names, best.solution.theta.tolist(), strict=True)
        if (new := names.get(name, name)) in place
    ]
    used, found = (np.array(part) for part in zip(*pairs, strict=True))
    start = spread_start(problem, np.zeros(len(problem.names)), used, found)
    return _Best(structure, solve(problem, start, kept=1, tolerance=_TOLERANCE), data)


def _neighbour(structure: Structure, best: _Best, tolerance: float = _SEARCH_TOLERANCE) -> _Best:
    """Solve a structure from the solution of its neighbour."""
    problem = set_up(structure, best.data)
    return _Best(
        structure, solve(problem, warm_start(problem, best.solution), kept=1, tolerance=tolerance), best.data
    )


def _better(one: _Best, other: _Best, support: float = _SUPPORT) -> _Best:
    """Choose by AICc; of two that differ by less than `support` the one with fewer parameters."""
    gain = one.aicc - other.aicc
    richer = len(other.solution.theta) > len(one.solution.theta)
    return other if gain > (support if richer else -support) else one


def _result(
    chosen: _Best, data: tuple[StateData, ...], searched: _Searched, rules: StateRules, *, is_known: bool
) -> StatesResult:
    whole = _arrived(chosen)
    solution, skew = along_profile(whole.structure, whole.solution)
    best = replace(_for_all(replace(whole, solution=solution), data), skew=skew)
    states = tuple(_state(best, k, rules) for k in range(len(best.data)))
    growths = [best.resistances.growth(0, k) for k in range(len(states))]
    withheld = why_not(states, [d.electrolyte for d in best.data], growths, rules)
    first = 1 if best.structure.fresh else 0
    last = len(states) - 1
    is_flank = _is_flank(best, last)
    transfer, transfer_stderr = (math.nan, math.nan) if is_flank else best.resistances.charge_transfer(last)
    verdict, reason = _overall(best, states, is_known)
    growth = _growth(best, 0)
    told = StatesResult(
        states=states,
        growth=growth,
        growth_from_sodiated=_growth(best, first),
        growth_corrected=growth if is_known else None,
        growth_temperature_stderr_ohm=best.resistances.growth_temperature_stderr(0, last),
        r_charge_transfer_ohm=transfer,
        r_charge_transfer_stderr_ohm=transfer_stderr,
        aicc=chosen.aicc,
        aicc_without=searched.without.aicc,
        structure=best.structure,
        solution=best.solution,
        data=best.data,
        growths=tuple(growths),
        verdict=verdict,
        reason=reason,
    )
    return _withholding(told, withheld) if withheld else told


def _withholding(result: StatesResult, why: tuple[Withheld, ...]) -> StatesResult:
    """Tell neither the growth nor the resistances of the interface."""
    return replace(
        result,
        states=tuple(
            replace(state, r_interface_ohm=math.nan, r_interface_stderr_ohm=math.nan)
            for state in result.states
        ),
        growth=None,
        growth_from_sodiated=None,
        growth_corrected=None,
        withheld=why,
    )


def _widened(result: StatesResult, found: _Searched) -> StatesResult:
    """Let the errors hold what other descriptions, as good as the one that is told, say.

    Where they say something else of the growth, neither that nor the interphase is told.
    """
    if not found.others:
        return result
    states, last = len(result.states), len(result.states) - 1
    first = 1 if result.structure.fresh else 0
    electrolyte = found.apart_ohm(lambda found, k: found.electrolyte(k)[0], states)
    result = replace(
        result,
        states=tuple(
            replace(state, r_sse_stderr_ohm=math.hypot(state.r_sse_stderr_ohm, more))
            for state, more in zip(result.states, electrolyte.tolist(), strict=True)
        ),
    )
    if result.growth is None:
        return result

    def growth_from(start: int) -> Array:
        return found.apart_ohm(lambda found, k: found.growth(start, k)[0], states)

    def wider(growth: Growth | None, more_ohm: float) -> Growth | None:
        return growth and replace(growth, stderr_ohm=math.hypot(growth.stderr_ohm, more_ohm))

    grown = growth_from(0)
    if grown[last] > _APART * result.growth.stderr_ohm:
        _, other = max(found.others, key=itemgetter(0))
        other_ohm = other.resistances.growth(0, other.structure.states - 1)[0]
        return _withholding(result, (Withheld("ambiguous", last, result.growth.value_ohm, other_ohm),))
    interface = found.apart_ohm(lambda found, k: found.interface(k)[0], states)
    return replace(
        result,
        growth=wider(result.growth, grown[last]),
        growth_corrected=wider(result.growth_corrected, grown[last]),
        growth_from_sodiated=wider(result.growth_from_sodiated, growth_from(first)[last]),
        growths=tuple(
            (ohm, math.hypot(stderr, more)) for (ohm, stderr), more in zip(result.growths, grown, strict=True)
        ),
        states=tuple(
            replace(state, r_interface_stderr_ohm=math.hypot(state.r_interface_stderr_ohm, more))
            for state, more in zip(result.states, interface.tolist(), strict=True)
        ),
    )


def _holding_hidden(result: StatesResult) -> StatesResult:
    """Let the errors hold what the first state may have, and what is not told from the electrolyte.

    Tin without sodium, which blocks, has no interphase; but it has a counter electrode.
    """
    if result.structure.fresh:
        return _holding_counter(result)
    first = result.states[0]
    if _blocks(result.data[0]) and not _may_be_sodiated(first, "3", result.structure.interphase_F):
        return result
    apart = apart_ohm(result.structure, result.data[0], first.fit.values, first.r_sse_ohm)
    total_ohm = resistances(result.structure, result.solution).total(0)[0]
    is_whole = len(result.states) == 1 and not math.isnan(first.r_arcs_ohm)
    words = hidden_in_words(total_ohm if is_whole else None)
    # What has come since the first state is known without it.
    by_interface = 0.0 if first.is_reference else apart
    return replace(
        result,
        states=tuple(
            replace(
                _wider_by(state, apart),
                r_interface_stderr_ohm=math.hypot(state.r_interface_stderr_ohm, by_interface),
                hidden_ohm=apart,
                remarks=(*state.remarks, words),
            )
            if apart > state.r_sse_stderr_ohm
            else state
            for state in result.states
        ),
    )


def _holding_counter(result: StatesResult) -> StatesResult:
    """Let the errors hold a charge transfer of the counter electrode that is not told from the electrolyte."""
    few = _few(len(result.states), _ENOUGH)
    first_arc = sum(k < result.structure.first_arc for k in few)
    apart = counter_ohm(
        replace(result.structure, states=len(few), first_arc=first_arc),
        [result.data[k] for k in few],
        [result.states[k].fit.values for k in few],
        result.states[0].r_sse_ohm,
    )
    return replace(
        result,
        states=tuple(
            replace(_wider_by(state, apart), counter_ohm=apart) if apart > state.r_sse_stderr_ohm else state
            for state in result.states
        ),
    )


def _wider_by(state: StateFit, apart_ohm: float) -> StateFit:
    """Let the errors of R_SSE and the arcs hold what may be in either."""
    return replace(
        state,
        r_sse_stderr_ohm=math.hypot(state.r_sse_stderr_ohm, apart_ohm),
        r_arcs_stderr_ohm=math.hypot(state.r_arcs_stderr_ohm, apart_ohm),
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
    is_flank = _is_flank(best, k)
    arcs, arcs_stderr = (math.nan, math.nan) if is_flank else best.resistances.arcs(k)
    interface, interface_stderr = best.resistances.interface(k)
    freedom = _freedom(best, k)
    verdict, reason = _judge(fit_over_kk, kk, freedom, rules, is_ideal=_chi2_nu(best, k) < IDEAL**2)
    return StateFit(
        r_sse_ohm=sse,
        r_sse_stderr_ohm=sse_stderr,
        r_interface_ohm=interface,
        r_interface_stderr_ohm=interface_stderr,
        r_arcs_ohm=arcs,
        r_arcs_stderr_ohm=arcs_stderr,
        identified=k >= best.structure.first_arc,
        fresh=best.structure.fresh and k == 0,
        kk_residual=kk.residual,
        fit_over_kk=fit_over_kk,
        verdict=verdict,
        reason=reason,
        fit=replace(result, chi2_nu=_chi2_nu(best, k)),
        largest_f=_wrong_f(kk, freedom, rules) if verdict == "wrong" else rules.wrong_f,
        remarks=(FLANK_IN_WORDS,) if is_flank else (),
    )


def _is_flank(best: _Best, k: int) -> bool:
    """Tell whether a state blocks at its end, and an arc has its apex far below: its ohms are extrapolated.

    What is fitted to such a flank may differ from the truth by a factor of seven, with an error of a seventh.
    """
    term = best.solution.problem.terms[k]
    local = np.exp(term.local(best.solution.theta[None, :])[0]).tolist()
    values = dict(zip(term.circuit.names, local, strict=True))
    end = int(np.argmin(np.abs(term.grid.jw)))
    z, w = term.impedance_ohm[end], abs(term.grid.jw[end])
    return -z.imag > _BLOCKS * abs(z) and any(
        values[f"R{arc}"] * values[f"CPE{arc}_0"] * w ** values[f"CPE{arc}_1"] > _FLANK
        for arc in ("2", "3", "6")
        if f"R{arc}" in values
    )


def _freedom(best: _Best, k: int) -> float:
    """Get one state's data less its parameters; a shared one counts in proportion to the states that use it."""
    problem = best.solution.problem
    users = np.zeros(len(problem.names))
    for term in problem.terms:
        users[term.used] += 1
    used = problem.terms[k].used
    parameters = float(np.sum(best.solution.determined[used] / users[used]))
    return 2 * len(best.data[k].frequency_Hz) - parameters


def _chi2_nu(best: _Best, k: int) -> float:
    """Get one state's chi2_nu."""
    term = best.solution.problem.terms[k]
    z = term.circuit.impedances(term.grid, np.exp(term.local(best.solution.theta[None, :])))[0]
    rest: Complex = best.data[k].weight * (term.impedance_ohm - z) / np.abs(term.impedance_ohm)
    return float(np.sum(np.abs(rest) ** 2)) / max(_freedom(best, k), 1.0)


def _wrong_f(kk: KramersKronig, freedom: float, rules: StateRules) -> float:
    """Get the F beyond which a fit is wrong: what few points may have by chance is not, up to a limit."""
    return max(rules.wrong_f, min(kk.f_by_chance(freedom), _MOST_BY_CHANCE))


def _judge(
    fit_over_kk: float, kk: KramersKronig, freedom: float, rules: StateRules, *, is_ideal: bool
) -> tuple[Verdict, str]:
    # An F beyond `wrong_f` is not good, whatever few points may have by chance; it is wrong beyond that, too. What they
    # may have is worked out of an F that is not good without it: most are, and scipy.special takes a moment to load.
    if fit_over_kk > rules.wrong_f and not is_ideal and fit_over_kk > _wrong_f(kk, freedom, rules):
        return "wrong", f"the circuit does not describe this spectrum (F = {fit_over_kk:.1f})"
    if kk.residual > rules.largest_kk_residual:
        return "look", _unsteady(kk)
    points = len(kk.residuals)
    if points < LEAST_POINTS or freedom < LEAST_POINTS:
        return "look", doubt_in_words(Doubt("too_few_points", float(points), float(LEAST_POINTS)))
    if (
        fit_over_kk > rules.good_f
        and not is_ideal
        and fit_over_kk > min(kk.f_by_chance(freedom), _MOST_BY_CHANCE, rules.wrong_f)
    ):
        return "look", f"look at the residuals (F = {fit_over_kk:.1f})"
    return "good", f"F = {fit_over_kk:.2f}, Kramers-Kronig residual {kk.residual:.2%}"


def _unsteady(kk: KramersKronig) -> str:
    return f"Kramers-Kronig residual of {kk.residual:.2%}: noise, drift or a step in the sweep"


def _overall(best: _Best, states: Sequence[StateFit], is_known: bool) -> tuple[Verdict, str]:
    verdict = _ORDER[max(_ORDER.index(s.verdict) for s in states)]
    reasons = [f"spectrum {k + 1}: {s.reason}" for k, s in enumerate(states) if s.verdict != "good"]
    if not is_known:
        reasons.append("temperature unknown: 1 K changes R_SSE by about 5 %")
    if not best.solution.converged:
        reasons.append("the joint fit did not converge")
    if reasons and verdict != "wrong":
        verdict = "look"
    return verdict, "; ".join(reasons)


__all__ = [
    "AloneFit",
    "BOLTZMANN_eV_K",
    "Growth",
    "StateFit",
    "StateRules",
    "StatesResult",
    "fit_alone",
    "fit_pellets",
    "fit_states",
]
