"""Electronic conductivity from DC polarization: the limit of the current of a blocked cell.

The method is that of Hebb and Wagner: with ion-blocking electrodes, the current remaining after a long time
is electronic, sigma_e = I L/(V A). A number is told only if a transient tends to a constant above the scatter of the
instrument's zero, and if what it has still to fall is little: an extrapolation over the length of the record is none.
All steps of a series count, those of both signs too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.geometry import Geometry
from solbench.fitting.transients import (
    Decay,
    constant,
    fit_diffusion,
    fit_exponential,
    fit_power_law,
    slope,
)

Array = NDArray[np.float64]
LEAST_READINGS = 20  # of a transient, for its fit
_STEADY_ERRORS = 2.0  # standard errors of a slope: less is none
_IONIC_SHARE = 0.1  # of a baseline, in which the double layer discharges
_FURTHER = 0.25  # of a voltage: so much it goes beyond an earlier one, to be bent by that to one side only
OPEN_ZERO_A = (
    2e-11  # by which the zero at 0 V may differ from that of open leads, a standard uncertainty; assumed
)
_SLOWER = 4.0  # times the change over the second half of a baseline that is taken for steady
_MATTERS = 0.002  # of the smallest current: a baseline that changes by less is steady
_MUCH_LESS = 6.0  # in AICc: the customary "much less support" for the worse of two descriptions


@dataclass(frozen=True)
class DcRules:
    """Criteria for steady, settled and measurable.

    Where the step itself does not say whether it became steady, the current may change by `steady_fraction` of |I| in
    `steady_span_s`, including two standard errors of the slope. A transient has settled if the mean of its last part is
    above its limit by at most `settled_fraction` of that, by every description that fits it as well as the best does,
    and if its time constant is at most `settled_times` the time that was fitted. `fit_from_s` excludes the ionic part
    and the double layer from the exponential fit; the plain mean is over the last `tail_fraction` of the time;
    `floor_factor` times the scatter of the zero is the smallest current that counts as measured. `gain_relative` is the
    standard uncertainty of the current range's gain: 0.1-0.2 % is assumed, as no accuracy table of the 1287 was found.
    """

    steady_fraction: float = 0.01
    steady_span_s: float = 600.0
    fit_from_s: float = 300.0
    tail_fraction: float = 0.1
    floor_factor: float = 3.0
    gain_relative: float = 0.002
    settled_fraction: float = 0.3
    settled_times: float = 0.5


@dataclass(frozen=True)
class Transient:
    """Current after one voltage step.

    `voltage_V` as held (either sign); `time_s` since the step and `current_A`, arrays of equal length; `use`
    is False for readings that are not used (the ten seconds after a change of range), None for all. `steady`: whether
    it ended as steady by the rule of its step, None where it has none.
    """

    voltage_V: float
    time_s: Array
    current_A: Array
    use: NDArray[np.bool_] | None = None
    steady: bool | None = None

    @property
    def can_be_fitted(self) -> bool:
        """Get whether a voltage stood, and whether there are enough readings for a fit."""
        return self.voltage_V != 0.0 and bool(self._usable().sum() >= LEAST_READINGS)

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
class Baseline:
    """The readings at 0 V before a step: `time_s` since its beginning, `current_A`, arrays of equal length."""

    time_s: Array
    current_A: Array


@dataclass(frozen=True)
class TransientResult:
    """The limit of one transient; currents have the sign of the voltage and are corrected for the zero.

    `limit_A` from the exponential fit, `tail_mean_A` the mean of the last tenth, `systematic_A` half of their
    difference, `limit_stderr_A` both together. `power_law`: the transient is described better by a power of
    time, so that these data do not show a constant limit. `settled`: the limit is hardly an extrapolation; otherwise
    the current is below `upper_A`.
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
    settled: bool = True
    upper_A: float = math.inf


@dataclass(frozen=True)
class DcResult:
    """Electronic conductivity of a blocked cell.

    `current_A` is the magnitude at the voltage of the first transient; if `is_bound` is true, `current_A` and
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


def measure_zero(
    baseline: Array | Sequence[Baseline] | None, offset_scatter_A: float = 0.0, matters_A: float = 0.0
) -> Zero:
    """Get the zero from baselines at 0 V: the second half of each that is steady, the limit of one that falls.

    What an earlier polarization left flows back at 0 V, and is no zero. A baseline is steady if it changes by less than
    two standard errors, or by less than `matters_A`, over its second half. One that is not counts only where nothing
    else is known of the zero: by the limit of an exponential that is shorter than the baseline, with half of what it
    has still to change, and what a diffusion profile differs by, as its uncertainty.

    `baseline`: the readings of one in order of time, or several with their times; `offset_scatter_A` is the scatter of
    the open-lead offset if it is known from elsewhere, and has been taken off: then zero itself is one more thing that
    is known of it, to `OPEN_ZERO_A`, and where no baseline tells it all there is.
    """
    if baseline is None:
        baselines: Sequence[Baseline] = ()
    elif isinstance(baseline, np.ndarray):
        baselines = [Baseline(np.arange(len(baseline), dtype=float), baseline)]
    else:
        baselines = baseline
    found = [zero for one in baselines if (zero := _zero_of(one, offset_scatter_A, matters_A)) is not None]
    if offset_scatter_A > 0.0:
        found.append(Zero(0.0, offset_scatter_A, math.hypot(offset_scatter_A, OPEN_ZERO_A)))
    if not found:
        return Zero()
    errors = np.maximum([zero.stderr_A for zero in found], 1e-300)
    weights = errors**-2.0 / np.sum(errors**-2.0)
    offset = float(weights @ [zero.offset_A for zero in found])
    stderr = max(float(np.sqrt(np.sum((weights * errors) ** 2))), offset_scatter_A)
    return Zero(offset, max(offset_scatter_A, *(zero.scatter_A for zero in found)), stderr)


def _zero_of(baseline: Baseline, offset_scatter_A: float, matters_A: float) -> Zero | None:
    """Get the zero that one baseline tells, None where it tells none.

    One that still falls tells none where that of the open leads is known: its limit is an extrapolation, the further
    the warmer the cell was before, or the shorter the part of it that a range could hold.
    """
    time_s, current_A = np.asarray(baseline.time_s, float), np.asarray(baseline.current_A, float)
    if len(current_A) == 0:
        return None
    half = len(current_A) // 2
    late = current_A[half:]
    scatter = float(np.std(late, ddof=1)) if len(late) > 1 else 0.0
    mean, stderr = float(np.mean(late)), scatter / math.sqrt(len(late))
    per_s, per_s_stderr = slope(time_s[half:], late)
    change = per_s * (time_s[-1] - time_s[half])
    if len(late) < LEAST_READINGS or abs(change) <= max(
        _STEADY_ERRORS * per_s_stderr * (time_s[-1] - time_s[half]), matters_A
    ):
        # What falls so slowly that it is not seen to fall may be this far from its limit.
        unseen = _SLOWER * abs(change)
        return Zero(mean, max(scatter, offset_scatter_A), max(math.hypot(stderr, unseen), offset_scatter_A))
    after = time_s >= time_s[0] + _IONIC_SHARE * (time_s[-1] - time_s[0])
    decay = fit_exponential(time_s[after], current_A[after])
    if not decay.significant:  # a slope by chance: one baseline in twenty
        return Zero(
            mean, max(scatter, offset_scatter_A), max(math.hypot(stderr, change / 2.0), offset_scatter_A)
        )
    if offset_scatter_A > 0.0 or decay.tau_s > time_s[-1] - time_s[0]:
        return None
    # One exponential through what decays in several is over too soon, and its limit not far enough.
    limits = [decay.limit, fit_diffusion(time_s[after], current_A[after]).limit]
    left = abs(mean - decay.limit) / 2.0 * _left_over(time_s, decay.tau_s)
    around = float(np.std(late - per_s * (time_s[half:] - time_s[half:].mean()), ddof=1))
    return Zero(
        decay.limit,
        max(around, offset_scatter_A),
        max(math.hypot(decay.limit_stderr, left, abs(limits[1] - limits[0])), offset_scatter_A),
    )


def _left_over(time_s: Array, tau_s: float) -> float:
    """Get which part of what a baseline falls is still to come at its end, as part of the uncertainty of its limit."""
    return math.exp(-(time_s[-1] - time_s[0]) / tau_s)


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
    settled = not power_law and _has_settled(time_s, current_A, decay, tail_mean, rules)
    stderr = math.hypot(stderr, systematic)
    return TransientResult(
        voltage_V=transient.voltage_V,
        limit_A=limit,
        limit_stderr_A=stderr,
        tail_mean_A=tail_mean,
        tail_stderr_A=tail_stderr,
        systematic_A=systematic,
        tau_s=decay.tau_s if decay else math.nan,
        steady=transient.steady
        if transient.steady is not None
        else change < rules.steady_fraction * abs(tail_mean),
        slope_A_s=per_s,
        power_law=power_law,
        settled=settled,
        upper_A=_upper(limit, tail_mean, tail_stderr, transient.voltage_V),
    )


def _without_followers(results: tuple[TransientResult, ...]) -> tuple[TransientResult, ...]:
    """Return the transients with those marked that an earlier one, which has not settled, still bends.

    What that left in the cell decays as slowly as the rest, and may make a current look constant, or rise. It only adds
    to the fall where the voltage goes further, or to the other side.
    """
    found: list[TransientResult] = []
    for result in results:
        sign = math.copysign(1.0, result.voltage_V)
        bent = any(
            not earlier.settled
            and sign * (result.voltage_V - earlier.voltage_V) < _FURTHER * abs(result.voltage_V)
            for earlier in found
        )
        found.append(replace(result, settled=False, upper_A=math.inf) if bent else result)
    return tuple(found)


def _upper(limit_A: float, tail_A: float, tail_stderr_A: float, voltage_V: float) -> float:
    """Get what the current (as a magnitude) is below: what flows last where it falls, more where it rises."""
    sign = math.copysign(1.0, voltage_V)
    limit, tail = sign * limit_A, sign * tail_A
    return max(tail, limit + (limit - tail)) + 2.0 * tail_stderr_A


def _has_settled(
    time_s: Array, current_A: Array, decay: Decay | None, tail_mean_A: float, rules: DcRules
) -> bool:
    """Say whether the limit is hardly an extrapolation, by the exponential and by diffusion where that fits as well."""
    if decay is None:
        return False
    if not decay.significant:
        return True
    fitted = time_s >= rules.fit_from_s
    span_s = time_s[fitted][-1] - time_s[fitted][0]
    diffusion = fit_diffusion(time_s[fitted], current_A[fitted])
    limits = [decay.limit] if not diffusion.aicc < decay.aicc - _MUCH_LESS else []
    if diffusion.aicc < decay.aicc + _MUCH_LESS:
        limits.append(diffusion.limit)
    away = max(
        abs(tail_mean_A - limit) / max(limit * math.copysign(1.0, tail_mean_A), 1e-300) for limit in limits
    )
    return bool(away <= rules.settled_fraction) and decay.tau_s <= rules.settled_times * span_s


@dataclass(frozen=True)
class Leakage:
    """What the open leads of a bench let flow beside the cell, in S, with its standard uncertainty."""

    conductance_S: float
    stderr_S: float


def electronic_conductivity(
    transients: Sequence[Transient],
    geometry: Geometry,
    baseline_A: Array | Sequence[Baseline] | None = None,
    offset_scatter_A: float = 0.0,
    rules: DcRules | None = None,
    leakage: Leakage | None = None,
) -> DcResult:
    """Compute sigma_e = I L/(V A) from one or several transients, as a number or as an upper bound.

    Only transients that have settled make a number; where none has, the lowest of their upper bounds is told. Two
    transients of opposite sign give the offset a second time; its disagreement with the baseline counts
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
    least_A = min((abs(float(np.mean(t.used()[1][-LEAST_READINGS:]))) for t in transients), default=0.0)
    zero = measure_zero(baseline_A, offset_scatter_A, _MATTERS * least_A)
    results = _without_followers(tuple(analyse_transient(t, zero, rules) for t in transients))
    zero = _widen_by_polarity(zero, results)
    settled = tuple(r for r in results if r.settled)
    siemens, stderr = _conductance(settled or results, zero, rules)
    volts = abs(transients[0].voltage_V)
    floor_A = rules.floor_factor * zero.scatter_A
    steady = all(r.steady for r in results)
    leaks_S = leakage.conductance_S + 2.0 * leakage.stderr_S if leakage is not None else 0.0
    largest_V = max(abs(r.voltage_V) for r in settled or results)
    below = abs(siemens) * largest_V < floor_A or siemens <= leaks_S
    if below or not settled:
        bound_A = _bound(results, zero, siemens, stderr, volts, floor_A * volts / largest_V, below=below)
        sigma = bound_A / volts * geometry.cell_constant_per_m * (1 + 2 * geometry.relative_stderr)
        power_law = all(r.power_law for r in results)
        text = _bound_text(below, power_law, floor_A, leaks_S * volts)
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
    fitted = time_s >= rules.fit_from_s
    if fitted.sum() < LEAST_READINGS:
        return None, False
    exponential = fit_exponential(time_s[fitted], current_A[fitted])
    power = fit_power_law(time_s[fitted], current_A[fitted])
    if not exponential.significant and not power.significant:
        return constant(current_A[fitted]), False
    if power.significant and power.aicc < exponential.aicc - _MUCH_LESS:
        diffusion = fit_diffusion(time_s[fitted], current_A[fitted])
        return exponential, not diffusion.aicc < power.aicc
    return exponential, False


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
    *,
    below: bool,
) -> float:
    """Get an upper bound (A) at `volts`: the lowest that a transient sets, but nothing below the floor of the zero."""
    if below:
        return max(floor_A, volts * (siemens + 2 * stderr))
    lowest_S = min((r.upper_A + 2 * zero.stderr_A) / abs(r.voltage_V) for r in results)
    return max(floor_A, volts * lowest_S)


def _bound_text(below: bool, power_law: bool, floor_A: float, leaks_A: float) -> str:
    if below and leaks_A > floor_A:
        return f"upper bound: the current does not stand above what the open leads let flow, {leaks_A:.2g} A"
    if below:
        return f"upper bound: the current does not stand above the floor of the zero, {floor_A:.2g} A"
    if power_law:
        return "upper bound: the current falls as a power of time and tends to no constant yet"
    return (
        "upper bound: the current has not settled, its limit would be an extrapolation; polarize for longer"
    )


def _number_text(steady: bool, results: tuple[TransientResult, ...]) -> str:
    text = (
        "steady state" if steady else "not steady: the slope rule was not met; value from the exponential fit"
    )
    settled = [r for r in results if r.settled]
    if len(settled) < len(results):
        text += (
            f"; {len(results) - len(settled)} of {len(results)} transients have not settled and are left out"
        )
    each = np.array([r.limit_A / r.voltage_V for r in settled])
    stderr = np.array([r.limit_stderr_A / abs(r.voltage_V) for r in settled])
    apart = float(np.ptp(each))
    if apart > 4 * float(np.linalg.norm(stderr)) and apart > 0.05 * abs(float(each.mean())):
        text += "; the transients disagree: current not proportional to voltage, or an offset"
    return text
