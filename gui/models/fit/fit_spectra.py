"""Spectra to be fitted, from run files and from files of other programs, each with what was fitted to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.errors import AcquisitionError
from solbench.acquisition.record.columns import POINT
from solbench.analysis.fit_settings import FitSettings
from solbench.fitting.circuit import parse
from solbench.fitting.linear_kk import LEAST_POINTS, kramers_kronig
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import tr
from solbench.protocols.corrections.mask import Mask

if TYPE_CHECKING:
    from solbench.acquisition.record.reader import Run
    from solbench.gui.models.common.answers import SpectrumResult

RUN_SUFFIXES = (".h5", ".journal")
SUFFIXES = (*RUN_SUFFIXES, ".z", ".mpt", ".dta", ".csv")


@dataclass(eq=False)
class Spectrum:
    """One spectrum with its fit: `found` is the result of `solbench fit`, None before the fit.

    Capacity, cycle, temperature and time are those of its run, None in files that do not hold them; `asked` says when
    it was requested for it, "" for one of the protocol. `unknown`: points of a run (columns.POINT) for which its bench
    is not known, which are no part of the spectrum; nor are those that a correction of the run leaves out, `kept_out`.
    `shorted`: it was taken after a short circuit, and no joint fit includes it.
    """

    source: Path
    number: int
    frequency_Hz: Array
    impedance_ohm: Array
    found: SpectrumResult | None = None
    capacity_mAh_cm2: float | None = None
    cycle: int | None = None
    asked: str = ""
    unknown: Array = field(default_factory=lambda: np.empty(0, POINT))
    kept_out: Array = field(default_factory=lambda: np.empty(0, POINT))
    temperature_K: float | None = None
    time_s: float | None = None
    shorted: bool = False

    @property
    def name(self) -> str:
        """Get a name: the file's and the number, and that it was requested, or taken after a short circuit."""
        about = [self.asked, tr("after a short circuit") if self.shorted else ""]
        marks = ", ".join(filter(None, about))
        return f"{self.source.stem} {self.number}" + (f" ({marks})" if marks else "")

    def fitted(self, frequency_Hz: Array) -> Array | None:
        """Compute the fitted impedance (ohm), None before the fit."""
        if self.found is None or not self.found.circuit:
            return None
        return np.asarray(parse(self.found.circuit).impedance(frequency_Hz, self.found.values))

    @property
    def fitted_range_Hz(self) -> tuple[float, float]:
        """Get the frequencies between which the fit holds; all before the fit."""
        low, high = float(self.frequency_Hz.min()), float(self.frequency_Hz.max())
        if self.found is not None:
            low, high = self.found.from_Hz or low, self.found.to_Hz or high
        return low, high

    @property
    def residuals(self) -> Array | None:
        """Get (Z - Z_fit)/|Z|, complex, not a number where nothing was fitted; None before the fit."""
        model = self.fitted(self.frequency_Hz)
        if model is None:
            return None
        left = (self.impedance_ohm - model) / np.abs(self.impedance_ohm)
        left[~FitSettings(*self.fitted_range_Hz).inside(self.frequency_Hz)] = np.nan
        if self.found is not None:
            left[np.isin(self.frequency_Hz, self.found.left_out_Hz)] = np.nan
        return left

    def kk_residuals(self, settings: FitSettings) -> tuple[Array, Array] | None:
        """Compute frequencies (Hz) in the window and (Z - Z_KK)/|Z| there; None where that says nothing."""
        f, z = settings.within(self.frequency_Hz, self.impedance_ohm)
        if len(f) < LEAST_POINTS:
            return None
        try:
            return f, kramers_kronig(f, z).residuals
        except (ValueError, np.linalg.LinAlgError):
            return None


def read_all(paths: Sequence[Path]) -> tuple[list[Spectrum], list[str], bool]:
    """Read files; return their spectra, why others cannot be read, and whether something is simulated."""
    found, said, simulated = [], [], False
    for path in paths:
        try:
            spectra, marked = _of_run(path) if path.suffix.lower() in RUN_SUFFIXES else _of_file(path)
        except (ValueError, OSError, AcquisitionError) as error:
            said.append(str(error))
            continue
        simulated = simulated or marked
        found += spectra
    return found, said, simulated


def open_mask(run: Path) -> Mask:
    """Return what a correction of a run leaves out of its spectra by now; none where that cannot be read."""
    from solbench.acquisition.record.correcting.corrections import left_out as left_out_of
    from solbench.acquisition.record.reader import outline_of

    try:
        return left_out_of(outline_of(run).corrections)
    except (OSError, AcquisitionError, ValueError):
        return Mask()


def _of_file(path: Path) -> tuple[list[Spectrum], bool]:
    from solbench.analysis.batch import read_job

    job = read_job(path)
    pairs = zip(job.numbers, job.spectra, strict=True)
    return [Spectrum(path, number, *pair) for number, pair in pairs], job.simulated


def _of_run(path: Path) -> tuple[list[Spectrum], bool]:
    from solbench.acquisition.record.reader import open_run
    from solbench.analysis.batch import job_of_run
    from solbench.analysis.states_of_run import behind_short

    run = open_run(path)
    job = job_of_run(run, path, joint=False)  # all of them, though a joint fit may leave some out
    temperatures = job.temperatures_K or (None,) * len(job.numbers)
    spectra = [
        _placed(run, Spectrum(path, number, *pair, temperature_K=at))
        for number, pair, at in zip(job.numbers, job.spectra, temperatures, strict=True)
    ]
    shorted = {record.spectrum for record in behind_short(run)}
    for spectrum in spectra:
        spectrum.shorted = spectrum.number in shorted
    return spectra, run.simulated


def _placed(run: Run, spectrum: Spectrum) -> Spectrum:
    """Note where in the run a spectrum was taken, by its number: they do not come in the order of time."""
    from solbench.analysis.cycling import areal_capacity_mAh_cm2
    from solbench.analysis.on_demand import on_demand_name
    from solbench.analysis.states_of_run import left_out, untrusted

    number = spectrum.number
    record = next(record for record in run.spectra if record.spectrum == number)
    spectrum.unknown = untrusted(run.points_of(record))
    spectrum.kept_out = left_out(run.points_of(record))
    asked = record.start.role == "asked"
    area_m2 = run.header.cell.number("area_m2") or math.nan
    step = next((step for step in run.steps if step.index == record.step), None)
    spectrum.capacity_mAh_cm2 = areal_capacity_mAh_cm2(record.start.step_charge_C, area_m2)
    spectrum.cycle = step.cycle if step is not None else None
    spectrum.time_s = record.time_s
    if asked:
        spectrum.asked = on_demand_name(run.header.started, run.events, record.time_s)
    return spectrum
