"""Whether a circuit describes a spectrum, and what is to be doubted: doubts as data, the verdict, the words for people.

Two references, because each can fail: the spectrum's own Kramers-Kronig description, and the scatter between
neighbouring points, to which a smooth misfit adds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.fitting.circuit import Leaf, Node, Parallel
from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.linear_kk import EXACT, LEAST_POINTS, KramersKronig, kramers_kronig
from solbench.fitting.spectra.rivals import furthest
from solbench.fitting.spectra.sweep_test import defects, is_patterned, scatter
from solbench.fitting.verdicts import Verdict

DoubtCode = Literal[
    "not_described",
    "misses_points",
    "residuals",
    "outlier",
    "step",
    "drift",
    "pattern",
    "z_hit",
    "noisy",
    "too_few_points",
    "not_converged",
    "no_information",
    "beyond_window",
    "other_circuit",
]
_WRONG: tuple[DoubtCode, ...] = ("not_described", "misses_points")
GOOD_F = 1.5
"""chi2_nu over that of Kramers-Kronig, up to which both describe a spectrum equally well."""
_SMOOTH_MISFIT = 1.4  # chi2_nu over the noise, beyond which residuals with a pattern miss the points
LARGEST_KK = 0.02
"""Kramers-Kronig residual beyond which arcs of a spectrum are guesswork."""
LARGEST_STDERR = 1 / 3
"""Relative standard error beyond which a parameter holds no information."""
DEPENDS = 0.05
"""Relative difference of a resistance between two circuits that describe a spectrum alike, beyond which it is said."""
_ACCURATE = 2e-4  # relative rms: no analyser is more accurate, and no misfit below it makes a circuit wrong


@dataclass(frozen=True)
class Doubt:
    """One thing to be doubted, with what was seen, the limit, and where.

    `seen`: F (not_described, residuals), misfit over noise (misses_points), relative size (outlier, step, drift, z_hit,
    noisy), lag-1 autocorrelation (pattern), points (too_few_points), relative standard error (no_information; None at
    a bound), frequency of the apex in Hz (beyond_window), resistance in another `circuit` in ohm (other_circuit). None
    where there is no number.
    """

    code: DoubtCode
    seen: float | None = None
    limit: float | None = None
    at_Hz: float | None = None
    parameter: str = ""
    circuit: str = ""


@dataclass(frozen=True)
class Judgement:
    """A verdict and its reasons; empty where it is good."""

    verdict: Verdict
    doubts: tuple[Doubt, ...]

    @property
    def reason(self) -> str:
        """Get the reasons in words."""
        return "; ".join(in_words(doubt) for doubt in self.doubts)


def judge(result: FitResult, quality: KramersKronig | None = None) -> Judgement:
    """Judge a fit of one spectrum; `quality` is the spectrum's `kramers_kronig` where that is known."""
    found: list[Doubt] = []
    points = len(result.frequency_Hz)
    if points >= LEAST_POINTS:
        quality = quality or kramers_kronig(result.frequency_Hz, result.impedance_ohm)
        found += _misfit(result, quality)
        found += [
            Doubt(one.code, one.size, at_Hz=one.at_Hz)
            for one in defects(result.frequency_Hz, result.impedance_ohm, quality)
        ]
        # A circuit obeys Kramers-Kronig, too, and few points may be too few for a description without one.
        noise = min(quality.residual, math.sqrt(result.chi2_nu))
        if noise > LARGEST_KK:
            found.append(Doubt("noisy", quality.residual, LARGEST_KK))
    else:
        found.append(Doubt("too_few_points", float(points), float(LEAST_POINTS)))
    found += [] if result.solution.converged else [Doubt("not_converged")]
    found += [*_beyond_window(result), *_without_information(result), *_of_another_circuit(result)]
    wrong = any(doubt.code in _WRONG for doubt in found)
    return Judgement("wrong" if wrong else "look" if found else "good", tuple(found))


def _misfit(result: FitResult, quality: KramersKronig) -> list[Doubt]:
    """Compare the misfit with both references."""
    order = np.argsort(-result.frequency_Hz)
    residuals = result.residuals[order]
    limit = max(GOOD_F, quality.f_by_chance(2 * len(residuals) - len(result.stderr)))
    f = result.chi2_nu / max(quality.chi2_nu, EXACT**2)
    if math.sqrt(result.chi2_nu) < _ACCURATE:
        return [Doubt("residuals", f, limit)] if f > limit else []
    if f > limit:
        return [Doubt("not_described", f, limit)]
    noise = max(min(scatter(quality.residuals[order]) ** 2, quality.chi2_nu), EXACT**2)
    if is_patterned(residuals) and result.chi2_nu > _SMOOTH_MISFIT * noise:
        return [Doubt("misses_points", math.sqrt(result.chi2_nu / noise), math.sqrt(_SMOOTH_MISFIT))]
    if f > GOOD_F:
        return [Doubt("residuals", f, GOOD_F)]
    return []


def _without_information(result: FitResult) -> Iterator[Doubt]:
    for name, value in result.stderr.items():
        if not math.isfinite(value):
            yield Doubt("no_information", None, LARGEST_STDERR, parameter=name)
        elif value > LARGEST_STDERR * result.values[name]:
            yield Doubt("no_information", value / result.values[name], LARGEST_STDERR, parameter=name)


def _beyond_window(result: FitResult) -> Iterator[Doubt]:
    """Find arcs of which less than half lies within the window: their resistance is extrapolated."""
    lowest = float(np.min(result.frequency_Hz))
    for block in result.circuit.blocks:
        parts = _arc(block)
        if parts is None:
            continue
        resistor, other = parts
        if resistor.name not in result.stderr:  # it is held, and not told by the spectrum
            continue
        r = result.values[resistor.name]
        if other.element.symbol == "C":
            tau = r * result.values[other.name]
        else:
            tau = (r * result.values[f"{other.name}_0"]) ** (1 / result.values[f"{other.name}_1"])
        apex = 1 / (2 * math.pi * tau)
        if apex < lowest:
            yield Doubt("beyond_window", apex, lowest, parameter=resistor.name)


def _of_another_circuit(result: FitResult) -> Iterator[Doubt]:
    """Find resistances that are others in a circuit which describes the spectrum about as well."""
    for name, error in result.stderr.items():
        other = furthest(result, name)
        # Beyond a third of its value, the wider error has been doubted already.
        if other is not None and math.isfinite(error) and error < LARGEST_STDERR * result.values[name]:
            rival, ohm = other
            if abs(ohm - result.values[name]) > DEPENDS * result.values[name]:
                yield Doubt("other_circuit", ohm, DEPENDS, parameter=name, circuit=rival.circuit.text)


def _arc(block: Node) -> tuple[Leaf, Leaf] | None:
    """Get resistance and capacitance of a simple arc."""
    if not isinstance(block, Parallel) or len(block.parts) != 2:
        return None
    first, second = block.parts
    if not isinstance(first, Leaf) or not isinstance(second, Leaf):
        return None
    pair = (first, second) if first.element.symbol == "R" else (second, first)
    fits = pair[0].element.symbol == "R" and pair[1].element.symbol in ("C", "CPE")
    return pair if fits else None


def in_words(doubt: Doubt) -> str:
    """Return a doubt for people.

    >>> in_words(Doubt("step", 0.02, at_Hz=1000.0))
    'the gain steps by 2.0% at 1 kHz: a range of the instrument, or a contact'
    """
    seen, at, name = doubt.seen or 0.0, _hertz(doubt.at_Hz), doubt.parameter
    match doubt.code:
        case "not_described":
            return f"the circuit does not describe this spectrum (F = {seen:.1f}, limit {doubt.limit:.1f})"
        case "misses_points":
            return (
                "the circuit does not describe this spectrum "
                f"(its residuals are {seen:.1f} times the noise, with a pattern)"
            )
        case "residuals":
            return f"look at the residuals (F = {seen:.1f})"
        case "outlier":
            return f"the point at {at} is off by {abs(seen):.1%}"
        case "step":
            return f"the gain steps by {abs(seen):.1%} at {at}: a range of the instrument, or a contact"
        case "drift":
            return f"the cell drifts by {abs(seen):.1%} in the sweep"
        case "pattern":
            return (
                f"the spectrum contradicts Kramers-Kronig with a pattern (autocorrelation {seen:.2f}): "
                "the cell changes in the sweep"
            )
        case "z_hit":
            return (
                f"modulus and phase contradict each other by {abs(seen):.1%} at {at} (Z-HIT): "
                "the cell changes in the sweep"
            )
        case "noisy":
            return f"Kramers-Kronig residual of {seen:.2%}: noise, or a cell that changes"
        case "too_few_points":
            return f"{seen:.0f} points are too few to tell whether the circuit describes the spectrum"
        case "not_converged":
            return "the fit did not converge"
        case "no_information":
            return f"{name} is not determined by this spectrum" + (
                " (at a bound)"
                if doubt.seen is None
                else f" (standard error {seen:.0%})"
                if seen < 10
                else ""
            )
        case "beyond_window":
            return (
                f"{name} is extrapolated: the apex of its arc, {_hertz(seen)}, lies below the measured window"
            )
        case "other_circuit":
            return f"{name} depends on the circuit: {seen:.4g} ohm in {doubt.circuit}, which describes it about as well"


def _hertz(frequency_Hz: float | None) -> str:
    if frequency_Hz is None:
        return ""
    for factor, unit in ((1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz")):
        if frequency_Hz >= factor:
            return f"{frequency_Hz / factor:.3g} {unit}"
    return f"{frequency_Hz * 1e3:.3g} mHz"
