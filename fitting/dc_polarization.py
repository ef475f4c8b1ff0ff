"""Electronic conductivity from DC polarization: the limit of the current of a blocked cell.

The method is that of Hebb and Wagner: with ion-blocking electrodes, the current remaining after a long time
is electronic, sigma_e = I L/(V A). A steady state is reported only if the slope rule is met, and a number
only if the transient tends to a constant above the scatter of the instrument's zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.geometry import Geometry
from solbench.fitting.transients import Decay, constant, fit_exponential, fit_power_law, slope

Array = NDArray[np.float64]
LEAST_READINGS = 20  # of a transient, for its fit


@dataclass(frozen=True)
class DcRules:
    """Criteria for steady, settled and measurable.

    The current may change by `steady_fraction` of |I| in `steady_span_s`, including two standard errors of
    the slope; `fit_from_s` excludes the ionic part and the double layer from the exponential fit; the plain
    mean is over the last `tail_fraction` of the time; `floor_factor` times the scatter of the zero is the
    smallest current that counts as measured. `gain_relative` is the standard uncertainty of the current
    range's gain: 0.1-0.2 % is assumed, as no accuracy table of the 1287 was found.
    """

    steady_fraction: float = 0.01
    steady_span_s: float = 600.0
    fit_from_s: float = 300.0
    tail_fraction: float = 0.1
    floor_factor: float = 3.0
    gain_relative: float = 0.002


@dataclass(frozen=True)
class Transient:
    """Current after one voltage step.

    `voltage_V` as held (either sign); `time_s` since the step and `current_A`, arrays of equal length; `use`
    is False for readings that are not used (the ten seconds after a change of range), None for all.
    """

    voltage_V: float
    time_s: Array
    current_A: Array
    use: NDArray[np.bool_] | None = None

    @property
    def can_be_fitted(self) -> bool:
        """Get whether there are enough readings for a fit."""
        return bool(self._usable().sum() >= LEAST_READINGS)

    def _usable(self) -> NDArray[np.bool_]:
        finite = np.isfinite(self.time_s) & np.isfinite(self.current_A)
        return finite if self.use is None else finite & np.asarray(self.use, bool)

    def used(self) -> tuple[Array, Array]:
        """Get time and current of the readings used; raises ValueError if nothing can be fitted."""
        time_s, current_A = np.asarray(self.time_s, float), np.asarray(self.current_A, float)
        if time_s.ndim != 1 or time_s.shape != current_A.shape:
            raise ValueError("time and current of a transient must be one-dimensional and of equal length")
        keep = self._usable()
        if keep.sum() < LEAST_READINGS:
            least = f"a transient needs at least {LEAST_READINGS} readings"
            raise ValueError(f"{least}, this one has {int(keep.sum())}")
        if self.voltage_V == 0:
            raise ValueError("a transient at 0 V is a baseline, not a polarization")
        return time_s[keep], current_A[keep]


@dataclass(frozen=True)
class Zero:
    """The instrument's zero: the reading at 0 V, its scatter and the error of its mean (A)."""

    offset_A: float = 0.0
    scatter_A: float = 0.0
    stderr_A: float = 0.0


@dataclass(frozen=True)
class TransientResult:
    """The limit of one transient; currents have the sign of the voltage and are corrected for the zero.

    `limit_A` from the exponential fit, `tail_mean_A` the mean of the last tenth, `systematic_A` half of their
    difference, `limit_stderr_A` both together. `power_law`: the transient is described better by a power of
    time, so that these data do not show a constant limit.
    """

    voltage_V: float
    limit_A: float
    limit_stderr_A: float
    tail_mean_A: float
    tail_stderr_A: float
    systematic_A: float
    tau_s: float
    steady: bool
    slope_A_s: float
    power_law: bool


@dataclass(frozen=True)
class DcResult:
    """Electronic conductivity of a blocked cell.

    `current_A` is the magnitude at the first transient's voltage; if `is_bound` is true, `current_A` and
    `sigma_S_m` are upper bounds, and their standard uncertainties are not a number. `floor_A` is the smallest
    current that counts as measured. `verdict` assesses the result as text.
    """

    steady: bool
    is_bound: bool
    current_A: float
    current_stderr_A: float
    sigma_S_m: float
    sigma_stderr_S_m: float
    floor_A: float
    verdict: str
    zero: Zero = field(default_factory=Zero)
    transients: tuple[TransientResult, ...] = ()


def measure_zero(current_A: Array | None, offset_scatter_A: float = 0.0) -> Zero:
    """Get the zero from the second half of a baseline at 0 V.

    `current_A` are the readings of the baseline in order of time, None if there is none; `offset_scatter_A`
    is the scatter of the open-lead offset if it is known from elsewhere.
    """
    if current_A is None or len(current_A) == 0:
        return Zero(0.0, offset_scatter_A, offset_scatter_A)
    late = np.asarray(current_A, float)[len(current_A) // 2 :]
    scatter = float(np.std(late, ddof=1)) if len(late) > 1 else 0.0
    return Zero(
        float(np.mean(late)),
        max(scatter, offset_scatter_A),
        max(scatter / math.sqrt(len(late)), offset_scatter_A),
    )


def analyse_transient(
    transient: Transient, zero: Zero | None = None, rules: DcRules | None = None
) -> TransientResult:
    """Find the limit of one transient, and whether it is steady.

    >>> t = np.arange(1.0, 7200.0)
    >>> r = analyse_transient(Transient(0.05, t, 1e-9 * (1 + 1.5 * np.exp(-t / 3000))))
    >>> f"{r.limit_A:.3e} {r.tail_mean_A:.3e} {r.steady}"
    '1.000e-09 1.154e-09 False'
    """
    zero, rules = zero or Zero(), rules or DcRules()
    time_s, current_A = transient.used()
    current_A = current_A - zero.offset_A
    late = time_s >= time_s[0] + (1 - rules.tail_fraction) * (time_s[-1] - time_s[0])
    tail_mean, tail_stderr = _mean(current_A[late])
    per_s, per_s_stderr = _final_slope(time_s, current_A, rules)
    decay, power_law = _describe(time_s, current_A, rules)
    limit, stderr = (decay.limit, decay.limit_stderr) if decay else (tail_mean, tail_stderr)
    systematic = abs(limit - tail_mean) / 2
    change = abs(per_s) * rules.steady_span_s + 2 * per_s_stderr * rules.steady_span_s
    return TransientResult(
        voltage_V=transient.voltage_V,
        limit_A=limit,
        limit_stderr_A=math.hypot(stderr, systematic),
        tail_mean_A=tail_mean,
        tail_stderr_A=tail_stderr,
        systematic_A=systematic,
        tau_s=decay.tau_s if decay else math.nan,
        steady=change < rules.steady_fraction * abs(tail_mean),
        slope_A_s=per_s,
        power_law=power_law,
    )


@dataclass(frozen=True)
class Leakage:
    """What the open leads of a bench let flow beside the cell, in S, with its standard uncertainty."""

    conductance_S: float
    stderr_S: float


def electronic_conductivity(
    transients: Sequence[Transient],
    geometry: Geometry,
    baseline_A: Array | None = None,
    offset_scatter_A: float = 0.0,
    rules: DcRules | None = None,
    leakage: Leakage | None = None,
) -> DcResult:
    """Compute sigma_e = I L/(V A) from one or several transients, as a number or as an upper bound.

    Two transients of opposite sign give the offset a second time; its disagreement with the baseline counts
    as scatter of the zero. `baseline_A` and `offset_scatter_A` as in `measure_zero`. What flows through `leakage` is
    taken off a number, and stays in a bound. Raises ValueError if
    there is no transient or nothing to fit.

    >>> t = np.arange(1.0, 7200.0)
    >>> pellet = Geometry.disc(10e-3, 500e-6)
    >>> step = Transient(0.05, t, 0.7854e-9 * (1 + 1.5 * np.exp(-t / 400)))
    >>> f"{electronic_conductivity([step], pellet).sigma_S_m / 100:.2e} S/cm"
    '1.00e-09 S/cm'
    """
    if not transients:
        raise ValueError("a conductivity needs at least one transient")
    rules = rules or DcRules()
    zero = measure_zero(baseline_A, offset_scatter_A)
    results = tuple(analyse_transient(t, zero, rules) for t in transients)
    zero = _widen_by_polarity(zero, results)
    siemens, stderr = _conductance(results, zero, rules)
    volts = abs(transients[0].voltage_V)
    floor_A = rules.floor_factor * zero.scatter_A
    steady = all(r.steady for r in results)
    leaks_S = leakage.conductance_S + 2.0 * leakage.stderr_S if leakage is not None else 0.0
    below = abs(siemens) * volts < floor_A or siemens <= leaks_S
    power_law = any(r.power_law for r in results)
    if below or power_law:
        bound_A = _bound(results, zero, siemens, stderr, volts, floor_A)
        sigma = bound_A / volts * geometry.cell_constant_per_m * (1 + 2 * geometry.relative_stderr)
        text = _bound_text(below, floor_A, leaks_S * volts)
        return DcResult(
            steady=steady,
            is_bound=True,
            current_A=bound_A,
            current_stderr_A=math.nan,
            sigma_S_m=sigma,
            sigma_stderr_S_m=math.nan,
            floor_A=floor_A,
            verdict=text,
            zero=zero,
            transients=results,
        )
    if leakage is not None:
        siemens, stderr = siemens - leakage.conductance_S, math.hypot(stderr, leakage.stderr_S)
    sigma = siemens * geometry.cell_constant_per_m
    sigma_stderr = sigma * math.hypot(geometry.relative_stderr, stderr / siemens)
    text = _number_text(steady, results)
    return DcResult(
        steady=steady,
        is_bound=False,
        current_A=siemens * volts,
        current_stderr_A=stderr * volts,
        sigma_S_m=sigma,
        sigma_stderr_S_m=sigma_stderr,
        floor_A=floor_A,
        verdict=text,
        zero=zero,
        transients=results,
    )


def _mean(values: Array) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values) / math.sqrt(len(values)))


def _final_slope(time_s: Array, current_A: Array, rules: DcRules) -> tuple[float, float]:
    """Get the slope over the last span with its standard error; infinite error if the span is not full."""
    if time_s[-1] - time_s[0] < rules.steady_span_s:
        return 0.0, math.inf
    last = time_s >= time_s[-1] - rules.steady_span_s
    return slope(time_s[last], current_A[last])


def _describe(time_s: Array, current_A: Array, rules: DcRules) -> tuple[Decay | None, bool]:
    """Fit the exponential, and tell whether a power of time describes the transient better."""
    settled = time_s >= rules.fit_from_s
    if settled.sum() < 20:
        return None, False
    exponential = fit_exponential(time_s[settled], current_A[settled])
    power = fit_power_law(time_s[settled], current_A[settled])
    if not exponential.significant and not power.significant:
        return constant(current_A[settled]), False
    # 6 in AICc is the customary "much less support" for the worse of two models.
    return exponential, power.aicc < exponential.aicc - 6 and power.significant


def _widen_by_polarity(zero: Zero, results: tuple[TransientResult, ...]) -> Zero:
    plus = [r.limit_A for r in results if r.voltage_V > 0]
    minus = [r.limit_A for r in results if r.voltage_V < 0]
    if not (plus and minus) or not math.isclose(results[0].voltage_V, -results[1].voltage_V, rel_tol=1e-3):
        return zero
    left_over = abs(plus[0] + minus[0]) / 2
    errors = [r.limit_stderr_A for r in results]
    unexplained = max(0.0, left_over - 2 * math.hypot(*errors) / 2)
    return Zero(zero.offset_A, max(zero.scatter_A, unexplained), max(zero.stderr_A, unexplained))


def _conductance(results: tuple[TransientResult, ...], zero: Zero, rules: DcRules) -> tuple[float, float]:
    """Get the weighted mean of I/V and its standard uncertainty, in S."""
    each = np.array([r.limit_A / r.voltage_V for r in results])
    stderr = np.array([math.hypot(r.limit_stderr_A, zero.stderr_A) / abs(r.voltage_V) for r in results])
    stderr = np.maximum(stderr, 1e-12 * np.abs(each) + 1e-300)
    weights = stderr**-2 / np.sum(stderr**-2)
    mean = float(weights @ each)
    # Half differences of several transients have the same cause and do not average out.
    common = float(weights @ stderr)
    spread = float(np.sqrt(weights @ (each - mean) ** 2)) if len(each) > 1 else 0.0
    return mean, math.hypot(math.hypot(common, spread), rules.gain_relative * mean)


def _bound(
    results: tuple[TransientResult, ...],
    zero: Zero,
    siemens: float,
    stderr: float,
    volts: float,
    floor_A: float,
) -> float:
    """Get an upper bound (A) at `volts`: the last tenth's mean for a transient that is still falling."""
    last = max(
        (
            r.tail_mean_A / r.voltage_V + 2 * r.tail_stderr_A / abs(r.voltage_V)
            for r in results
            if r.power_law
        ),
        default=-math.inf,
    )
    return max(floor_A, volts * (siemens + 2 * stderr), volts * last + 2 * zero.stderr_A)


def _bound_text(below: bool, floor_A: float, leaks_A: float) -> str:
    if below and leaks_A > floor_A:
        return f"upper bound: the current does not stand above what the open leads let flow, {leaks_A:.2g} A"
    if below:
        return f"upper bound: the current does not stand above the floor of the zero, {floor_A:.2g} A"
    return "upper bound: the current falls as a power of time and tends to no constant yet"


def _number_text(steady: bool, results: tuple[TransientResult, ...]) -> str:
    text = (
        "steady state" if steady else "not steady: the slope rule was not met; value from the exponential fit"
    )
    each = np.array([r.limit_A / r.voltage_V for r in results])
    stderr = np.array([r.limit_stderr_A / abs(r.voltage_V) for r in results])
    apart = float(np.ptp(each))
    if apart > 4 * float(np.linalg.norm(stderr)) and apart > 0.05 * abs(float(each.mean())):
        text += "; the transients disagree: current not proportional to voltage, or an offset"
    return text
