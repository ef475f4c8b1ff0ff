"""When the growth of an interphase is not told: what must hold for the arcs of a joint fit to be one.

A series resistance that comes between two spectra (a contact that loosens, pressure that is lost) has no capacitance,
and a joint fit gives it to whatever arc is fast enough. Its statistical error is then small and says nothing. So a
growth is told only if the reference is a spectrum of a steady cell, the electrolyte is the same in all states, and the
arc that grows looks like an interphase: with a capacitance, and one process with one time constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from solbench.fitting.state_fit import StateFit, StateRules

WithheldCode = Literal[
    "not_described",
    "not_steady",
    "resistance_changed",
    "no_capacitance",
    "time_constant_changed",
    "not_the_record",
]

CAPACITANCE_F = (1e-10, 1e-5)
"""Between these lies an interphase of a solid electrolyte; below is a contact or a wire, above a double layer."""
SAME_PROCESS = 5.0
"""The ratio of time constants up to which two arcs are one process: an interphase that grows keeps its own."""
_SIGNIFICANT = 3.0  # standard errors: a weaker arc has no capacitance worth looking at


@dataclass(frozen=True)
class Withheld:
    """Why a conclusion is not told: the first state that shows it (from 0), what was seen, and the limit.

    `seen` and `limit`: chi2_nu over that of Kramers-Kronig (not_described), Kramers-Kronig residual (not_steady), R_SSE
    over that of the first state (resistance_changed), capacitance in F (no_capacitance), or the ratio of time constants
    (time_constant_changed). Both None where the record contradicts (not_the_record).
    """

    code: WithheldCode
    state: int
    seen: float | None = None
    limit: float | None = None


def in_words(why: Withheld, number: int) -> str:
    """Return why a conclusion is withheld, for people; `number` is that of the spectrum that shows it.

    >>> in_words(Withheld("resistance_changed", 4, 1.18, 1.03), 5)
    'R_SSE of spectrum 5 is 1.18 times that of the first: contact, pressure or temperature has changed'
    """
    match why.code:
        case "not_described":
            return f"the circuit does not describe spectrum {number} (F = {why.seen:.1f})"
        case "not_steady":
            return (
                f"spectrum {number}, from or to which it counts, has a Kramers-Kronig residual of {why.seen:.2%}: "
                "noise, drift or a loose contact"
            )
        case "resistance_changed":
            return (
                f"R_SSE of spectrum {number} is {why.seen:.3g} times that of the first: contact, pressure or "
                "temperature has changed"
            )
        case "no_capacitance":
            return (
                f"what was added in spectrum {number} has a capacitance of {why.seen:.1e} F: no interphase; look for a "
                "loose contact or lost pressure"
            )
        case "time_constant_changed":
            return (
                f"the arcs up to spectrum {number} differ in their time constants by a factor of {why.seen:.2g}: not "
                "one growing interphase; look for a contact that changed"
            )
        case "not_the_record":
            return f"spectrum {number} is not that of the cell in the record"


def why_not(
    states: Sequence[StateFit], sse_factors: Sequence[float], rules: StateRules
) -> tuple[Withheld, ...]:
    """Return why the growth from the first state to the last is not told; empty where it is.

    `sse_factors`: by which the temperature explains that R_SSE (ohm) differs from that of the first state.
    """
    found: list[Withheld] = []
    for k, state in enumerate(states):
        if state.verdict == "wrong":
            found.append(Withheld("not_described", k, state.fit_over_kk, rules.wrong_f))
    if len(states) < 2:
        return tuple(found)
    for k in (0, len(states) - 1):
        if states[k].kk_residual > rules.largest_kk_residual:
            found.append(Withheld("not_steady", k, states[k].kk_residual, rules.largest_kk_residual))
    for k, state in enumerate(states):
        ratio = state.r_sse_ohm / states[0].r_sse_ohm / sse_factors[k] * sse_factors[0]
        if abs(ratio - 1.0) > rules.same_sse:
            found.append(Withheld("resistance_changed", k, ratio, 1.0 + rules.same_sse))
    found += _arcs(states)
    first: dict[WithheldCode, Withheld] = {}
    for why in found:
        first.setdefault(why.code, why)
    return tuple(first.values())


def _arcs(states: Sequence[StateFit]) -> list[Withheld]:
    """Look at the arcs of the interphase: capacitances, and time constants beside that of the last state."""
    found: list[Withheld] = []
    taus_s: list[float] = []
    for k, state in enumerate(states):
        arc = _arc(state)
        if arc is None:
            continue
        resistance_ohm, capacitance_F = arc
        if not CAPACITANCE_F[0] <= capacitance_F <= CAPACITANCE_F[1]:
            limit = CAPACITANCE_F[0] if capacitance_F < CAPACITANCE_F[0] else CAPACITANCE_F[1]
            found.append(Withheld("no_capacitance", k, capacitance_F, limit))
            continue
        taus_s.append(resistance_ohm * capacitance_F)
        ratio = max(taus_s) / min(taus_s)
        if ratio > SAME_PROCESS:
            found.append(Withheld("time_constant_changed", k, ratio, SAME_PROCESS))
    return found


def _arc(state: StateFit) -> tuple[float, float] | None:
    """Get resistance (ohm) and effective capacitance (F) of a state's interphase arc; None where it shows none.

    C = (R^(1 - n) Q)^(1 / n): that of the pure capacitor with the same apex (Hsu and Mansfeld 2001).
    """
    values = state.fit.values
    if "R2" not in values or not state.r_interface_ohm > _SIGNIFICANT * state.r_interface_stderr_ohm:
        return None
    r, q, n = values["R2"], values["CPE2_0"], values["CPE2_1"]
    return r, float((r ** (1.0 - n) * q) ** (1.0 / n))
