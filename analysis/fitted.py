"""What the fits of a batch found, as plain values; None where a value could not be told.

The names of the fields, and their order, are the keys of `solbench fit --json`.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from solbench.analysis.withheld import WithheldConclusion
from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.linear_kk import LEAST_POINTS, kramers_kronig
from solbench.fitting.verdicts import Verdict


@dataclass(frozen=True)
class FittedSpectrum:
    """A circuit fitted to one spectrum: values in SI by parameter, those that were held without a standard error."""

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


@dataclass(frozen=True)
class FittedState(FittedSpectrum):
    """One state of a joint fit; resistances in ohm, `verdict` and `reason` as in `solbench.fitting.joint_fit`."""

    r_sse_ohm: float
    r_sse_stderr_ohm: float | None
    r_interface_ohm: float | None
    r_interface_stderr_ohm: float | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class JobResult:
    """What became of one job; where there is no fit, `error` says why and there are no spectra.

    `notes`: points that the reader of the file left out, rows that are missing.
    """

    source: str
    simulated: bool
    joint: bool
    error: str | None
    spectra: tuple[FittedSpectrum, ...]
    notes: tuple[str, ...] = field(default=(), kw_only=True)


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
    )


def fitted_state(fitted: FittedSpectrum, state: StateFit, interphase: bool) -> FittedState:
    """Return one state of a joint fit as plain values; without an `interphase` its resistance is not told."""
    return FittedState(
        **{**vars(fitted), "fit_over_kk": known(state.fit_over_kk)},
        r_sse_ohm=state.r_sse_ohm,
        r_sse_stderr_ohm=known(state.r_sse_stderr_ohm),
        r_interface_ohm=known(state.r_interface_ohm) if interphase else None,
        r_interface_stderr_ohm=known(state.r_interface_stderr_ohm) if interphase else None,
        verdict=state.verdict,
        reason=state.reason,
    )


def known(value: float | None) -> float | None:
    """Return a value, None where it is not distinguishable from something else."""
    return float(value) if value is not None and math.isfinite(value) else None
