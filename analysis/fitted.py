"""What the fits of a batch found, as plain values; None where a value could not be told.

The names of the fields, and their order, are the keys of `solbench fit --json`.
"""

import math
import re
from dataclasses import dataclass, field

import numpy as np

from solbench.analysis.views.distributions import PlainDistribution
from solbench.analysis.withheld import WithheldConclusion
from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.linear_kk import LEAST_POINTS, kramers_kronig
from solbench.fitting.spectra.judgement import Doubt, judge
from solbench.fitting.spectra.rivals import total_apart_ohm
from solbench.fitting.verdicts import Verdict
from solbench.protocols.corrections.mask import written

_MOST_NAMED = 6  # frequencies; of more the first and the last
_BLOCK = r"[A-Za-z]+\d*|p\(R\d+,(C|CPE)\d+\)"
_IN_SERIES = re.compile(rf"({_BLOCK})(-({_BLOCK}))*")


@dataclass(frozen=True)
class FittedSpectrum:
    """A circuit fitted to one spectrum: values in SI by parameter, those that were held without a standard error.

    `r_total_ohm` is the sum of the resistances of a circuit of resistances and arcs in series, with the standard error
    that follows from their covariance; None where there is none, or it is not known. `verdict` with its `doubts`, and
    these in words, as in `solbench.fitting.spectra.judgement`; of a joint fit, which has its own rules, without doubts.
    `drt`: the distribution of relaxation times where it was asked for. `left_out_Hz`: the frequencies that a mask, or
    a correction of the run, left out.
    """

    index: int
    circuit: str
    points: int
    from_Hz: float
    to_Hz: float
    values: dict[str, float]
    fixed: list[str]
    stderr: dict[str, float | None]
    chi2_nu: float
    kk_residual: float | None
    fit_over_kk: float | None
    flags: list[str]
    r_total_ohm: float | None = field(default=None, kw_only=True)
    r_total_stderr_ohm: float | None = field(default=None, kw_only=True)
    verdict: Verdict = field(default="good", kw_only=True)
    reason: str = field(default="", kw_only=True)
    doubts: tuple[Doubt, ...] = field(default=(), kw_only=True)
    drt: PlainDistribution | None = field(default=None, kw_only=True)
    left_out_Hz: tuple[float, ...] = field(default=(), kw_only=True)

    @property
    def left_out_words(self) -> str:
        """Get how many points were left out, and where, "" for none."""
        count = len(self.left_out_Hz)
        if not count:
            return ""
        shown = [written(value, 4) for value in sorted(self.left_out_Hz)]
        named = ", ".join(shown) if count <= _MOST_NAMED else f"{shown[0]} to {shown[-1]}"
        return f"{count} point{'s' * (count > 1)} left out: {named}"


@dataclass(frozen=True)
class FittedState(FittedSpectrum):
    """One state of a joint fit; resistances in ohm, the rest as in `solbench.fitting.joint_fit`."""

    r_sse_ohm: float
    r_sse_stderr_ohm: float | None
    r_interface_ohm: float | None
    r_interface_stderr_ohm: float | None
    remarks: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class JobResult:
    """What became of one job; where there is no fit, `error` says why and there are no spectra.

    `notes`: points that the reader of the file left out, rows that are missing. `unit`: which specimen a simulated
    bench was, "" where nothing says so.
    """

    source: str
    simulated: bool
    joint: bool
    error: str | None
    spectra: tuple[FittedSpectrum, ...]
    notes: tuple[str, ...] = field(default=(), kw_only=True)
    unit: str = field(default="", kw_only=True)

    @property
    def mark(self) -> str:
        """Get the words that mark what is shown of simulated spectra, "" of others."""
        if not self.simulated:
            return ""
        return f"SIMULATED, unit {self.unit}" if self.unit else "SIMULATED"


@dataclass(frozen=True)
class JointResult(JobResult):
    """A joint fit with the growth of the interfacial resistance (ohm), None where there is none to be told."""

    spectra: tuple[FittedState, ...]
    r_interface_growth_ohm: float | None
    r_interface_growth_stderr_ohm: float | None
    verdict: Verdict
    reason: str
    withheld: tuple[WithheldConclusion, ...]


@dataclass(frozen=True)
class Fits:
    """The results of all jobs, and why some files could not be read."""

    results: tuple[JobResult, ...]
    unread: tuple[str, ...]


def fitted_spectrum(
    index: int, result: FitResult, frequency_Hz: Array, impedance_ohm: Complex
) -> FittedSpectrum:
    """Return a fit of a spectrum (Hz, ohm) as plain values, with the spectrum's own Kramers-Kronig residual."""
    f = frequency_Hz
    quality = kramers_kronig(f, impedance_ohm) if len(f) >= LEAST_POINTS else None
    judgement = judge(result, quality)
    total_ohm, total_stderr_ohm = _total(result)
    return FittedSpectrum(
        index=index,
        circuit=result.circuit.text,
        points=len(f),
        from_Hz=float(np.min(f)),
        to_Hz=float(np.max(f)),
        values=result.values,
        fixed=[name for name in result.values if name not in result.stderr],
        stderr={name: known(value) for name, value in result.stderr.items()},
        chi2_nu=result.chi2_nu,
        kk_residual=quality.residual if quality else None,
        fit_over_kk=known(result.chi2_nu / quality.chi2_nu) if quality and quality.chi2_nu else None,
        flags=list(result.flags),
        verdict=judgement.verdict,
        reason=judgement.reason,
        doubts=judgement.doubts,
        r_total_ohm=total_ohm,
        r_total_stderr_ohm=total_stderr_ohm,
    )


def _total(result: FitResult) -> tuple[float | None, float | None]:
    """Return the sum of the resistances in series, and its standard error from the covariance of their logarithms."""
    names = [
        name for name, unit in zip(result.circuit.names, result.circuit.units, strict=True) if unit == "ohm"
    ]
    if not names or not _IN_SERIES.fullmatch(result.circuit.text.replace(" ", "")):
        return None, None
    total = sum(result.values[name] for name in names)
    free = [name for name in names if name in result.stderr]
    places = [result.solution.names.index(name) for name in free if name in result.solution.names]
    if len(places) < len(free):  # a joint fit, in which names are those of states
        return None, None
    values = np.array([result.values[name] for name in free])
    variance = float(values @ result.solution.covariance[np.ix_(places, places)] @ values)
    own = math.sqrt(variance) if variance >= 0 else math.nan
    return total, known(math.hypot(own, total_apart_ohm(result)))


def fitted_state(fitted: FittedSpectrum, state: StateFit, interphase: bool) -> FittedState:
    """Return one state of a joint fit as plain values; without an `interphase` its resistance is not told."""
    return FittedState(
        **{
            **vars(fitted),
            "fit_over_kk": known(state.fit_over_kk),
            "verdict": state.verdict,
            "reason": state.reason,
            "doubts": (),
        },
        r_sse_ohm=state.r_sse_ohm,
        r_sse_stderr_ohm=known(state.r_sse_stderr_ohm),
        r_interface_ohm=known(state.r_interface_ohm) if interphase else None,
        r_interface_stderr_ohm=known(state.r_interface_stderr_ohm) if interphase else None,
        remarks=state.remarks,
    )


def known(value: float | None) -> float | None:
    """Return a value, None where it is not distinguishable from something else."""
    return float(value) if value is not None and math.isfinite(value) else None
