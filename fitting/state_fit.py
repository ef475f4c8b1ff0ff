"""One state's part of a joint fit, the limits by which it is judged, and whether the states tell a growth.

A series resistance that comes between two spectra (a contact that loosens, pressure that is lost) has no capacitance,
and a joint fit gives it to whatever arc is fast enough. Its statistical error is then small and says nothing. So a
growth is told only if the reference is a spectrum of a steady cell, the electrolyte is the same in all states, and the
arc that grows looks like an interphase: with a capacitance, and one process with one time constant.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.elements import Array
from solbench.fitting.structure import Electrolyte
from solbench.fitting.verdicts import Verdict, is_reference
from solbench.fitting.withheld import Withheld, WithheldCode

BOLTZMANN_eV_K = 8.617333262e-5
CAPACITANCE_F = (1e-10, 1e-6)
"""Between these lies an interphase of a solid electrolyte; below is a contact or a wire, above a double layer."""
SAME_PROCESS = 5.0
"""The ratio of time constants up to which two arcs are one process: an interphase that grows keeps its own."""
_SEVERAL, _ODD = 4, 3.0  # states; times what the others differ by
_LIKELY = 2.0  # standard uncertainties of what a temperature may explain
_UNEXPLAINED = 2.5  # standard errors of a resistance without a capacitance: temperature, noise
_SIGNIFICANT = 3.0  # standard errors: a weaker arc has no capacitance worth looking at
_CERTAIN = 5.0  # standard errors of one that has not changed; the best of many circuits has three by chance
_SEEN = 0.3  # relative standard error below which an arc is seen
_MANY_STEPS, _TOGETHER = 6, 0.9  # changes; correlation with the number of the state
_GROWS_OVER = 2  # changes from state to state
_FURTHEST = 10.0  # of an arc's apex over the highest frequency; beyond, no part of an arc is seen


@dataclass(frozen=True)
class StateRules:
    """Limits of the verdicts, and the activation energy for the temperature correction.

    `good_f` and `wrong_f` judge chi2_nu of the fit against that of the spectrum's own Kramers-Kronig
    description: for 61 points and nine parameters 1.9 is the 0.1 % limit, for a run has many spectra, and one in
    twenty sound ones that is doubted would make a doubt worthless. Of few points either F may be beyond by chance:
    then only more than that is doubted, or wrong, and nothing beyond `wrong_f` is good. `largest_kk_residual` is the
    relative noise above which overlapping arcs are not distinguishable; with `same_sse`, the relative change of R_SSE
    that the same electrolyte may show beyond what the temperature explains, it decides whether a growth is told.
    `typed_stderr_K`: what is not certain about a typed temperature in one state by itself, so that the difference of
    two is known to 1 K. 0.3 to 0.5 eV are usual for sodium solid electrolytes: a change of some 5 % a kelvin at room
    temperature. `interphase_F`: an interphase has less capacitance (0.2 uF/cm2 of a cell of 0.785 cm2).
    """

    good_f: float = 1.9
    wrong_f: float = 3.0
    largest_kk_residual: float = 0.005
    same_sse: float = 0.03
    activation_energy_eV: float = 0.38
    activation_energy_stderr_eV: float = 0.06
    typed_stderr_K: float = 2.0**-0.5
    interphase_F: float = 1.6e-7

    def relative_per_K(self, temperature_K: float) -> float:
        """Return by what fraction R_SSE changes a kelvin."""
        return self.activation_energy_eV / (BOLTZMANN_eV_K * temperature_K**2)


@dataclass(frozen=True)
class StateFit:
    """One state's part of the joint fit; resistances and standard errors in ohm.

    `r_arcs_ohm` is the sum of the arcs of both electrodes and the interphase, without one that blocks: not a number
    where only the spectrum says that it does, and where it ends far above the apex of such an arc.
    `r_interface_ohm` is the interphase arc: if `identified` is false no arc was found, and the value is a
    linear estimate that may be below zero, or 0 by definition in the reference. `fresh`: the electrode
    contains no sodium and is nearly blocking. Parts of the errors of R_SSE and the arcs, as the spectra
    do not tell them from the electrolyte: `hidden_ohm`, an interphase; `counter_ohm`, the charge transfer of the
    counter electrode. `largest_f`: of a fit that is wrong, the F beyond which it is. `remarks`: what must be
    known of a fit however good it is.
    """

    r_sse_ohm: float
    r_sse_stderr_ohm: float
    r_interface_ohm: float
    r_interface_stderr_ohm: float
    r_arcs_ohm: float
    r_arcs_stderr_ohm: float
    identified: bool
    fresh: bool
    kk_residual: float
    fit_over_kk: float
    verdict: Verdict
    reason: str
    fit: FitResult = field(repr=False)
    hidden_ohm: float = 0.0
    counter_ohm: float = 0.0
    largest_f: float = StateRules.wrong_f
    remarks: tuple[str, ...] = ()

    @property
    def r_sse_own_stderr_ohm(self) -> float:
        """Get the error of R_SSE (ohm) without what the arcs, or the other states, have in common with it."""
        return self._own(self.r_sse_stderr_ohm)

    @property
    def r_arcs_own_stderr_ohm(self) -> float:
        """Get the error of the arcs (ohm) likewise."""
        return self._own(self.r_arcs_stderr_ohm)

    def _own(self, stderr_ohm: float) -> float:
        return math.sqrt(max(stderr_ohm**2 - self.hidden_ohm**2 - self.counter_ohm**2, 0.0))

    @property
    def is_reference(self) -> bool:
        """Get whether growth counts from this state, whose interface is 0 by definition."""
        return is_reference(self.r_interface_ohm, self.r_interface_stderr_ohm)


def why_not(
    states: Sequence[StateFit],
    electrolytes: Sequence[Electrolyte],
    growths: Sequence[tuple[float, float]],
    rules: StateRules,
) -> tuple[Withheld, ...]:
    """Return why the growth from the first state to the last is not told; empty where it is.

    Of each kind the first reason. `electrolytes`: what the temperature explains of R_SSE (ohm). `growths`: what each
    interphase has grown by since the first state, with its standard error (ohm).
    """
    found = undescribed(states)
    if len(states) >= 2:
        found += _unlike(states, electrolytes, rules) + _arcs(states, growths, rules)
        found += _transfers(states, rules)
    first: dict[WithheldCode, Withheld] = {}
    for why in found:
        first.setdefault(why.code, why)
    return tuple(first.values())


def undescribed(states: Sequence[StateFit]) -> list[Withheld]:
    """Return every state that the circuit does not describe."""
    return [
        Withheld("not_described", k, state.fit_over_kk, state.largest_f)
        for k, state in enumerate(states)
        if state.verdict == "wrong"
    ]


def _unlike(
    states: Sequence[StateFit], electrolytes: Sequence[Electrolyte], rules: StateRules
) -> list[Withheld]:
    """Look at the states between which it has grown, and at an electrolyte that is not the same in all."""
    found = [
        Withheld("not_steady", k, states[k].kk_residual, rules.largest_kk_residual)
        for k in (0, len(states) - 1)
        if states[k].kk_residual > rules.largest_kk_residual
    ]
    ratios: list[float] = []
    for k, (state, own) in enumerate(zip(states, electrolytes, strict=True)):
        ratio = state.r_sse_ohm / states[0].r_sse_ohm * math.exp(electrolytes[0].expected - own.expected)
        ratios.append(ratio)
        unsure = math.hypot(own.stderr, electrolytes[0].stderr, own.by_energy)
        if abs(math.log(ratio)) > math.log1p(rules.same_sse) + _LIKELY * unsure:
            found.append(Withheld("resistance_changed", k, ratio, 1.0 + rules.same_sse))
    # What is not certain about the electrolyte in all states alike is not by what they differ.
    shares = [state.r_sse_stderr_ohm / state.r_sse_ohm for state in states]
    unsure = math.sqrt(max(shares) ** 2 - min(shares) ** 2)
    least = max(0.5 * math.log1p(rules.same_sse), _ODD * (0.0 if math.isnan(unsure) else unsure))
    if (odd := _odd_end(np.log(ratios), least)) is not None:
        found.append(Withheld("resistance_changed", odd, ratios[odd], 1.0 + rules.same_sse))
    return found


def _odd_end(logs: Array, least: float) -> int | None:
    """Find whether the first or the last state, between which it has grown, has another electrolyte than all others.

    A temperature drifts, or differs everywhere; what is the same in all states but one is a contact. `logs`: ln of
    R_SSE over that of the first state. Returns the state that shows it beside the first, None where there is none.
    """
    if len(logs) < _SEVERAL:
        return None
    for end, others, shows in ((0, logs[1:], 1), (len(logs) - 1, logs[:-1], len(logs) - 1)):
        middle = float(np.median(others))
        apart = abs(float(logs[end]) - middle)
        if apart > max(least, _ODD * float(np.max(np.abs(others - middle)))):
            return shows
    return None


def _arcs(
    states: Sequence[StateFit], growths: Sequence[tuple[float, float]], rules: StateRules
) -> list[Withheld]:
    """Look at the arcs of the interphase: capacitances, and time constants beside that of the last state."""
    found: list[Withheld] = []
    taus: list[tuple[float, float]] = []  # logarithm, and its standard error
    largest_ohm = max((state.fit.values.get("R2", 0.0) for state in states), default=0.0)
    for k, (state, (growth_ohm, stderr_ohm)) in enumerate(zip(states, growths, strict=True)):
        if "R2" not in state.fit.values:
            if abs(growth_ohm) > _UNEXPLAINED * stderr_ohm > 0.0:
                found.append(Withheld("series_resistance", k, growth_ohm, _UNEXPLAINED * stderr_ohm))
            continue
        # Arcs in all states trade resistance with the electrolyte: none is certain, and what one has grown by may be.
        has_changed = _exceeds(growth_ohm, stderr_ohm, _SIGNIFICANT)
        if not has_changed and not _exceeds(state.r_interface_ohm, state.r_interface_stderr_ohm, _CERTAIN):
            continue
        resistance_ohm, capacitance_F = _arc(state)
        least_F = max(CAPACITANCE_F[0], _least_shown_F(state, resistance_ohm))
        # A layer that is still thin has more capacitance, and tells less.
        most_F = _most_F(growths, rules) if resistance_ohm > 0.5 * largest_ohm else math.inf
        if not least_F <= capacitance_F <= most_F:
            limit = least_F if capacitance_F < least_F else most_F
            found.append(Withheld("no_capacitance", k, capacitance_F, limit))
            continue
        taus.append((math.log(resistance_ohm * capacitance_F), _arc_unsure(state)))
        ratio = _farthest(taus)
        if ratio > SAME_PROCESS:
            found.append(Withheld("time_constant_changed", k, ratio, SAME_PROCESS))
    return found


def _transfers(states: Sequence[StateFit], rules: StateRules) -> list[Withheld]:
    """Look at the arcs of charge transfer: with an interphase's capacitance one has taken what is not its own."""
    found = []
    for k, state in enumerate(states):
        values, r_stderr_ohm = state.fit.values, state.fit.stderr.get("R3", math.nan)
        if "R3" in values and r_stderr_ohm < _SEEN * values["R3"]:
            capacitance_F = effective_capacitance_F(values["R3"], values["CPE3_0"], values["CPE3_1"])
            if capacitance_F < rules.interphase_F:
                found.append(Withheld("no_double_layer", k, capacitance_F, rules.interphase_F))
    return found


def is_interphase(
    states: Sequence[StateFit], growths: Sequence[tuple[float, float]], rules: StateRules
) -> bool:
    """Say whether the arc of the last state has the capacitance of an interphase, however small its resistance is."""
    if "R2" not in states[-1].fit.values:
        return False
    capacitance_F = _arc(states[-1])[1]
    return CAPACITANCE_F[0] <= capacitance_F <= _most_F(growths, rules)


def _most_F(growths: Sequence[tuple[float, float]], rules: StateRules) -> float:
    """Return the largest capacitance (F) of an interphase: more where it grows from state to state."""
    return CAPACITANCE_F[1] if _grows([growth_ohm for growth_ohm, _ in growths]) else rules.interphase_F


def _grows(growths_ohm: Sequence[float]) -> bool:
    """Say whether an arc grows from state to state: then it is an interphase, with the capacitance of a double layer
    too.

    Of few states each must be larger than the one before; of many it is enough that they rise together.
    """
    steps = np.diff(growths_ohm)
    if len(steps) < _GROWS_OVER or not growths_ohm[-1] > 0.0:
        return False
    if len(steps) < _MANY_STEPS:
        return bool(np.all(steps > 0.0))
    return float(np.corrcoef(np.arange(len(growths_ohm)), growths_ohm)[0, 1]) > _TOGETHER


def _exceeds(value_ohm: float, stderr_ohm: float, times: float) -> bool:
    """Say whether a resistance is larger than its error; one at its bound has none, and is nothing."""
    return stderr_ohm > 0.0 and abs(value_ohm) > times * stderr_ohm


def _arc(state: StateFit) -> tuple[float, float]:
    """Get resistance (ohm) and effective capacitance (F) of a state's interphase arc."""
    values = state.fit.values
    return values["R2"], effective_capacitance_F(values["R2"], values["CPE2_0"], values["CPE2_1"])


def _arc_unsure(state: StateFit) -> float:
    """Get the standard error of the logarithm of the time constant of a state's interphase arc; 0 where none is known.

    An arc that is still small has hardly one: what its resistance and its capacitance trade is no change.
    """
    values, stderr = state.fit.values, state.fit.stderr
    shares = [stderr.get(name, math.nan) / values[name] for name in ("R2", "CPE2_0")]
    return math.hypot(*(share for share in shares if math.isfinite(share))) / values["CPE2_1"]


def _farthest(taus: Sequence[tuple[float, float]]) -> float:
    """Return by which factor the last time constant differs at least from any one before, beyond their errors."""
    value, stderr = taus[-1]
    return max(
        (math.exp(abs(value - other) - _LIKELY * math.hypot(stderr, error)) for other, error in taus[:-1]),
        default=1.0,
    )


def effective_capacitance_F(r_ohm: float, q: float, n: float) -> float:
    """Return (R^(1 - n) Q)^(1 / n), the capacitance of the pure capacitor with the same apex (Hsu and Mansfeld 2001).

    `q` (S s^n) and `n` are those of the constant phase element in parallel with the resistance.

    >>> round(effective_capacitance_F(100.0, 1e-5, 1.0), 9)
    1e-05
    """
    return float((r_ohm ** (1.0 - n) * q) ** (1.0 / n))


def _least_shown_F(state: StateFit, resistance_ohm: float) -> float:
    """Get the capacitance (F) below which an arc's apex is so far above the window that it looks like a resistor."""
    highest_Hz = float(np.max(state.fit.frequency_Hz))
    return 1.0 / (2.0 * np.pi * _FURTHEST * highest_Hz * resistance_ohm)
