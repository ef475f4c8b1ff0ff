"""One state's part of a joint fit, and the limits by which it is judged."""

from dataclasses import dataclass, field

from solbench.fitting.circuit_fit import FitResult
from solbench.fitting.verdicts import Verdict, is_reference


@dataclass(frozen=True)
class StateRules:
    """Limits of the verdicts, and the activation energy for the temperature correction.

    `good_f` and `wrong_f` judge chi2_nu of the fit against that of the spectrum's own Kramers-Kronig
    description: for 61 points and nine parameters 1.38 is the 5 % limit. `largest_kk_residual` is the
    relative noise above which overlapping arcs are not distinguishable; with `same_sse`, the relative change of R_SSE
    that the same electrolyte may show, it decides whether a growth is told. 0.35 eV is an assumed value for
    sodium solid electrolytes: a change of 4.6 % a kelvin at room temperature.
    """

    good_f: float = 1.4
    wrong_f: float = 3.0
    largest_kk_residual: float = 0.005
    same_sse: float = 0.03
    activation_energy_eV: float = 0.35


@dataclass(frozen=True)
class StateFit:
    """One state's part of the joint fit; resistances and standard errors in ohm.

    `r_interface_ohm` is the interphase arc: if `identified` is false no arc was found, and the value is a
    linear estimate that may be below zero, or 0 by definition in the reference. `fresh`: the electrode
    contains no sodium and is nearly blocking.
    """

    r_sse_ohm: float
    r_sse_stderr_ohm: float
    r_interface_ohm: float
    r_interface_stderr_ohm: float
    identified: bool
    fresh: bool
    kk_residual: float
    fit_over_kk: float
    verdict: Verdict
    reason: str
    fit: FitResult = field(repr=False)

    @property
    def is_reference(self) -> bool:
        """Get whether growth counts from this state, whose interface is 0 by definition."""
        return is_reference(self.r_interface_ohm, self.r_interface_stderr_ohm)
