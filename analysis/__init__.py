"""Results of runs: summaries, fits of many spectra, cycles, reports, files for and from other programs."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.analysis.batch import Job, find_files, fit_job, fit_jobs, read_job
    from solbench.analysis.cycling import (
        Charge,
        Efficiency,
        Uncertain,
        areal_capacity_mAh_cm2,
        coulombic_efficiency,
        irreversible_charge,
        retention,
    )
    from solbench.analysis.exports.formats import export_run
    from solbench.analysis.fit_settings import FitSettings
    from solbench.analysis.fitted import FittedSpectrum, FittedState, JobResult, JointResult
    from solbench.analysis.imports.files import read_spectra
    from solbench.analysis.imports.spectrum import Spectrum
    from solbench.analysis.polarization import run_conductivity, run_transients
    from solbench.analysis.report.cycles import Cycle, cycles_of
    from solbench.analysis.report.make import write_report
    from solbench.analysis.run_spectra import RunSpectra
    from solbench.analysis.summary import SpectrumSummary, StepSummary, Summary, summarise
    from solbench.analysis.summary_text import as_text
else:
    __getattr__ = lazily(__name__)

__all__ = [
    "Charge",
    "Cycle",
    "Efficiency",
    "FitSettings",
    "FittedSpectrum",
    "FittedState",
    "Job",
    "JobResult",
    "JointResult",
    "RunSpectra",
    "Spectrum",
    "SpectrumSummary",
    "StepSummary",
    "Summary",
    "Uncertain",
    "areal_capacity_mAh_cm2",
    "as_text",
    "coulombic_efficiency",
    "cycles_of",
    "export_run",
    "find_files",
    "fit_job",
    "fit_jobs",
    "irreversible_charge",
    "read_job",
    "read_spectra",
    "retention",
    "run_conductivity",
    "run_transients",
    "summarise",
    "write_report",
]
