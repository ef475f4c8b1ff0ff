"""Fits and tests of spectra and transients as functions of arrays; no file is known here."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.fitting.circuit import Circuit, CircuitError
    from solbench.fitting.circuit_fit import FitResult, fit
    from solbench.fitting.dc_polarization import (
        Baseline,
        DcResult,
        DcRules,
        Transient,
        electronic_conductivity,
        measure_zero,
    )
    from solbench.fitting.drt.distribution import Distribution, distribution
    from solbench.fitting.drt.peaks import Peak
    from solbench.fitting.geometry import Geometry, conductivity
    from solbench.fitting.joint_fit import Growth, StateFit, StateRules, StatesResult, fit_states
    from solbench.fitting.linear_kk import Drift, KramersKronig, correct_drift, drift, kramers_kronig
    from solbench.fitting.spectra.automatic import fit_automatic
    from solbench.fitting.spectra.judgement import Judgement, judge
    from solbench.fitting.spectra.sweep_test import Defect, defects
    from solbench.fitting.transients import Decay, fit_exponential, fit_power_law
    from solbench.fitting.verdicts import VERDICT_WORDS, Verdict
    from solbench.fitting.voltage_curves import (
        DifferentialCapacity,
        Interruption,
        differential_capacity,
        interruptions,
        mean_voltage,
    )
else:
    __getattr__ = lazily(__name__)

__all__ = [
    "VERDICT_WORDS",
    "Baseline",
    "Circuit",
    "CircuitError",
    "DcResult",
    "DcRules",
    "Decay",
    "Defect",
    "DifferentialCapacity",
    "Distribution",
    "Drift",
    "FitResult",
    "Geometry",
    "Growth",
    "Interruption",
    "Judgement",
    "KramersKronig",
    "Peak",
    "StateFit",
    "StateRules",
    "StatesResult",
    "Transient",
    "Verdict",
    "conductivity",
    "correct_drift",
    "defects",
    "differential_capacity",
    "distribution",
    "drift",
    "electronic_conductivity",
    "fit",
    "fit_automatic",
    "fit_exponential",
    "fit_power_law",
    "fit_states",
    "interruptions",
    "judge",
    "kramers_kronig",
    "mean_voltage",
    "measure_zero",
]
