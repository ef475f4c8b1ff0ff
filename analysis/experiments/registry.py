"""The experiments, in the order of the report; a new one is one line here."""

from dataclasses import dataclass

from solbench.analysis.experiments import (
    bruce_vincent,
    conductivity_against_temperature,
    critical_current,
    cycle_life,
    electronic_against_temperature,
    growth_at_rest,
    hebb_wagner,
    linearity,
    pressure_series,
    rate_capability,
    stepwise_cv,
    window,
)
from solbench.analysis.experiments.experiment import AnyExperiment, Number
from solbench.analysis.experiments.titrations import gitt, pitt
from solbench.analysis.run_spectra import RunSpectra

EXPERIMENTS: tuple[AnyExperiment, ...] = (
    conductivity_against_temperature.EXPERIMENT,
    electronic_against_temperature.EXPERIMENT,
    pressure_series.EXPERIMENT,
    growth_at_rest.EXPERIMENT,
    rate_capability.EXPERIMENT,
    cycle_life.EXPERIMENT,
    linearity.EXPERIMENT,
    critical_current.EXPERIMENT,
    gitt.EXPERIMENT,
    pitt.EXPERIMENT,
    hebb_wagner.EXPERIMENT,
    bruce_vincent.EXPERIMENT,
    window.EXPERIMENT,
    stepwise_cv.EXPERIMENT,
)


@dataclass(frozen=True)
class ExperimentSummary:
    """What a run tells of one experiment; `name` is the experiment's, the rest as in `Found`."""

    name: str
    title: str
    verdict: str
    numbers: tuple[Number, ...]
    notes: tuple[str, ...]


def experiments_of(spectra: RunSpectra) -> tuple[ExperimentSummary, ...]:
    """Return what a run tells of each experiment that is in it."""
    found = ((one, one.analyse(spectra)) for one in EXPERIMENTS)
    return tuple(
        ExperimentSummary(one.name, one.title, result.verdict, result.numbers, result.notes)
        for one, result in found
        if result is not None
    )
