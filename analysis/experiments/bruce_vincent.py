"""Transference number by a small voltage between two reversible electrodes (Evans, Vincent, Bruce, Polymer 28 (1987)).

A current that ions of both signs carry at first builds up a concentration, until sodium alone carries it. With the
resistance R of the electrolyte and Ri of the interfaces, t = I R / (V - I Ri) of the steady current I: the formula with
the initial current I0, for I0 = V / (R + Ri), which readings behind the step would miss. R and Ri are those of the
spectrum behind it, as interfaces grow meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.engine.set_points import Connected, is_held
from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.events import Edge, SegmentStart
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import GAIN_RELATIVE
from solbench.analysis.experiments.experiment import NOT_TOLD, Experiment, Found, Number, Shown, number
from solbench.analysis.report.style import SERIES, grid
from solbench.analysis.run_spectra import CONTACT_OHM, RunSpectra
from solbench.fitting.dc_polarization import DcRules, Transient, analyse_transient
from solbench.fitting.elements import Array
from solbench.fitting.joint_fit import AloneFit
from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.fitting.state_fit import StateFit
from solbench.protocols.segments import ConstantVoltage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Samples = np.ndarray[Any, Any]

LARGEST_V = 10.5e-3  # more, and the electrodes may not answer in proportion
SMALL_V = 0.1  # a larger step is another experiment
VOLTMETER_V = 20e-6  # of a difference of two readings on one range
PARTED = 0.005  # of a resistance, by which a circuit may divide it otherwise between electrolyte, arcs and diffusion
FITTED_FROM = 0.15  # of the time: before, the concentration settles in more modes than one
SETTLED = 0.02  # of the limit, by which the current may still be above it
HARDLY, STILL = (
    0.003,
    2.0,
)  # of the limit from the third quarter to the last, and how often that may be still to come
BELIEVED = 0.5  # of the time, its end: there the voltage must have come, and the current be free of its limit
_LEAST = 40
_REST_READINGS = 60  # the last ones before the step: their mean is the voltage without current


@dataclass(frozen=True)
class Transference:
    """The current (A) of the step against time (s), V / (R + Ri) of before (A), and its limit, None if not settled."""

    time_s: Array
    current_A: Array
    initial_A: float
    limit_A: float | None


@dataclass(frozen=True)
class _Parts:
    """What the number is made of: the voltage that drives (V), and R and Ri (ohm) behind the step.

    Errors (ohm): `total_stderr_ohm`, of their sum; `parted_ohm`, of how it divides: what one has more, the other has
    less.
    """

    voltage_V: float
    electrolyte_ohm: float
    interfaces_ohm: float
    total_stderr_ohm: float = 0.0
    parted_ohm: float = 0.0


def analyse(spectra: RunSpectra) -> Found[Transference] | None:
    """Find it in a run on sodium against sodium with one small voltage that was held between two spectra."""
    run = spectra.run
    held = [step for step in run.steps if step.kind == "constant_voltage"]
    if run.header.cell.kind != "metal" or len(held) != 1 or spectra.fit is None:
        return None
    [step] = held
    before = [s for s, r in zip(spectra.fit.states, spectra.records, strict=True) if r.time_s < step.start_s]
    behind = [
        (s, r) for s, r in zip(spectra.fit.states, spectra.records, strict=True) if r.time_s > step.end_s
    ]
    own = run.samples_of(step.index)
    own = own[(own["flags"] & PAUSED) == 0]
    own = own[own["time_s"] > step.start_s + 1.0]
    if not before or not behind or len(own) < _LEAST:
        return None
    late = own["time_s"] - step.start_s >= (1.0 - BELIEVED) * (step.end_s - step.start_s)
    held_V = float(np.mean(own["voltage_V"][late])) if late.any() else 0.0
    if not 0.0 < abs(held_V) < SMALL_V:
        return None
    rest_V = _rest_V(run, step)
    after, record = behind[0]
    segment = _segment(run, step)
    free = own["time_s"] > _released_s(run, step)
    parts = _parts(held_V - rest_V, after, spectra.alone[record.spectrum])
    is_free = bool(free[late].all() and np.count_nonzero(free) >= _LEAST)
    why = _why_not(step, (before[-1], after)) or _why_not_reached(
        (rest_V, held_V), segment.voltage_V, is_free=is_free
    )
    return _found(why, own["time_s"] - step.start_s, own["current_A"], free, parts, (before[-1], after))


def _parts(voltage_V: float, state: StateFit, alone: AloneFit) -> _Parts:
    """Divide the resistance of a spectrum; the spectrum tells the sum by itself, and better than how it divides."""
    total_ohm = state.r_sse_ohm + state.r_arcs_ohm
    own_ohm = max(state.r_sse_own_stderr_ohm, state.r_arcs_own_stderr_ohm)
    told_ohm = math.hypot(alone.r_total_stderr_ohm, alone.r_total_ohm - total_ohm)
    return _Parts(
        voltage_V,
        state.r_sse_ohm,
        state.r_arcs_ohm,
        math.hypot(min(own_ohm, told_ohm), CONTACT_OHM, PARTED * total_ohm),  # told: perhaps not a number
        math.hypot(own_ohm, PARTED * total_ohm),
    )


def _segment(run: Run, step: StepRecord) -> ConstantVoltage:
    """Return what a step was to hold, that of its last attempt."""
    bodies = (body for _, body in run.bodies(SegmentStart) if body.step.index == step.index)
    return [body.segment for body in bodies if isinstance(body.segment, ConstantVoltage)][-1]


def _released_s(run: Run, step: StepRecord) -> float:
    """Return until when (s of the run) the current limit kept the voltage from being reached; the start if never.

    That is when the last voltage was set, of those on the way: readings at the limit may be of a voltage that is held.
    """
    if not step.limited:
        return step.start_s
    driven = [
        (at_s, edge.action)
        for at_s, edge in run.bodies(Edge)
        if step.start_s <= at_s <= step.end_s and edge.action in ("current", "voltage")
    ]
    at_s, action = driven[-1] if driven else (math.inf, "current")
    return at_s if action == "voltage" else math.inf


def _rest_V(run: Run, step: StepRecord) -> float:
    """Return the voltage (V) of the rest before a step; 0 where there was none."""
    rests = [one.index for one in run.steps if one.kind == "rest" and one.end_s <= step.start_s]
    if not rests:
        return 0.0
    return float(np.mean(run.samples_of(rests[-1])["voltage_V"][-_REST_READINGS:]))


def _found(
    why_not: str,
    time_s: Array,
    current_A: Array,
    free: NDArray[np.bool_],
    parts: _Parts,
    states: tuple[StateFit, StateFit],
) -> Found[Transference]:
    first = states[0]
    initial_A = parts.voltage_V / (first.r_sse_ohm + first.r_arcs_ohm)
    if why_not:
        return Found((), (why_not,), Transference(time_s, current_A, initial_A, None), NOT_TOLD)
    own_s = time_s[free] - (time_s[~free][-1] if not free.all() else 0.0)  # since the limit let go
    limit = _limit_A(parts.voltage_V, own_s, current_A[free])
    data = Transference(time_s, current_A, initial_A, limit[0] if limit else None)
    if limit is None:
        below = transference(float(np.mean(current_A[-_LEAST // 2 :])), 0.0, parts)[0]
        words = f"the current had not settled: below {below:.2g}; hold the voltage for longer"
        return Found((), (words,), data, NOT_TOLD)
    limit_A, stderr_A = limit
    value, stderr = transference(limit_A, stderr_A, parts)
    if value <= INTERVAL * stderr:
        words = (
            f"the steady current of {limit_A:.2g} A is within its uncertainty none at all: look whether the cell was "
            "connected, or set a higher voltage"
        )
        return Found((), (words,), data, NOT_TOLD)
    notes = list(_notes(parts, states, value, stderr))
    return Found(tuple(_numbers(value, stderr, limit_A, stderr_A, states)), tuple(notes), data, "")


def _limit_A(voltage_V: float, time_s: Array, current_A: Array) -> tuple[float, float] | None:
    """Return the limit of the current (A) with its standard uncertainty; None where it had not settled.

    A current that falls by a power of time, as where interfaces grow, has none; it counts where it hardly falls.
    """
    rules = DcRules(settled_fraction=SETTLED, fit_from_s=FITTED_FROM * float(time_s[-1]))
    found = analyse_transient(Transient(voltage_V, time_s, current_A), rules=rules)
    quarters = [float(np.mean(part)) for part in np.array_split(current_A[time_s > 0.5 * time_s[-1]], 2)]
    change_A = abs(quarters[1] - quarters[0])
    if found.settled:
        own = found.limit_A, found.limit_stderr_A
    elif change_A < HARDLY * abs(quarters[1]):
        own = found.tail_mean_A, STILL * change_A
    else:
        return None
    return own[0], math.hypot(own[1], GAIN_RELATIVE * own[0])


def transference(current_A: float, stderr_A: float, parts: _Parts) -> tuple[float, float]:
    """Return the transference number of a steady current (A), with its standard uncertainty.

    >>> transference(0.01 / (300.0 / 0.4 + 100.0), 0.0, _Parts(0.01, 300.0, 100.0))[0]
    0.4
    """
    ohm = parts.electrolyte_ohm
    left_V = parts.voltage_V - current_A * parts.interfaces_ohm
    value = current_A * ohm / left_V
    relative = math.hypot(
        stderr_A / current_A * parts.voltage_V / left_V,
        max(1.0, abs(value)) * parts.total_stderr_ohm / ohm,  # whichever of both it is an error of
        (1.0 - value) * parts.parted_ohm / ohm,
        VOLTMETER_V / left_V,
    )
    return round(value, 12), abs(value) * relative


def _why_not(step: StepRecord, states: tuple[StateFit, StateFit]) -> str:
    if step.changed:
        return "the step was changed on its way: its current is no transient of one voltage"
    if not step.in_one_piece:
        return "the step was interrupted: its current is no transient from the beginning"
    if any(state.verdict == "wrong" for state in states):
        return "a spectrum is not described by its circuit, so that the interfaces are not known"
    if any(math.isnan(state.r_arcs_ohm) for state in states):
        return "a spectrum does not show enough of the arcs of the interfaces: measure to lower frequencies"
    return ""


def _why_not_reached(went_V: tuple[float, float], set_V: float, *, is_free: bool) -> str:
    """Say why a voltage (V) was not reached, by those without current and with it (V); "" where it was."""
    rest_V, held_V = went_V
    if not is_free:
        return (
            "for more than half of the time the voltage was not reached: the current limit held the current, which is "
            "no transient then; set a higher `current_limit`"
        )
    if not is_held(held_V, set_V, Connected(rest_V, rest_V)):
        return f"the voltage was not reached: {1e3 * held_V:.3g} mV instead of {1e3 * set_V:.3g} mV"
    return ""


def _numbers(
    value: float, stderr: float, limit_A: float, stderr_A: float, states: tuple[StateFit, StateFit]
) -> Iterator[Number]:
    yield number("transference_number", "transference number of sodium", value, stderr, "")
    yield number("steady_current_A", "steady current", limit_A, stderr_A, "A")
    for when, state in zip(("before", "after"), states, strict=True):
        ohm, own = state.r_arcs_ohm, state.r_arcs_own_stderr_ohm
        yield number(f"interfaces_{when}_ohm", f"resistance of both interfaces {when}", ohm, own, "ohm")


def _notes(parts: _Parts, states: tuple[StateFit, StateFit], value: float, stderr: float) -> Iterator[str]:
    if abs(parts.voltage_V) > LARGEST_V:
        millivolt = 1e3 * abs(parts.voltage_V)
        yield f"{millivolt:.3g} mV is more than the 10 mV up to which the cell is taken to answer in proportion"
    if value + INTERVAL * stderr >= 1.0:
        yield (
            "within its uncertainty all of the current is sodium's: in a single-ion conductor the method has nothing "
            "to measure, and a current that falls is due to the interfaces"
        )
    change = states[1].r_arcs_ohm / states[0].r_arcs_ohm - 1.0 if states[0].r_arcs_ohm else 0.0
    if abs(change) > 0.1:
        yield f"the interfaces changed by {100.0 * change:.0f} % meanwhile; those after the step are used"


def paint(fig: Figure, shown: Sequence[Shown[Transference]]) -> None:
    """Draw the current against the time, with where it began and where it ends."""
    [[axes]] = grid(fig, 1)
    for (colour, _, line), one in zip(SERIES, shown, strict=False):
        data = one.found.data
        hours = data.time_s / 3600.0
        axes.plot(hours, 1e6 * data.current_A, color=colour, ls=line, lw=1.0, label=one.label)
        axes.plot([0.0], [1e6 * data.initial_A], "o", color=colour, mfc="none")
        if data.limit_A is not None:
            axes.axhline(1e6 * data.limit_A, color=colour, lw=0.8, ls=":")
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("time / h")
    axes.set_ylabel("current / µA")
    axes.legend(loc="best")


EXPERIMENT = Experiment(
    name="bruce_vincent",
    title="Transference number (Bruce, Vincent)",
    protocols=("bruce-vincent",),
    analyse=analyse,
    caption=(
        "Current at a small voltage between two electrodes of sodium. Circle: the voltage over the resistances of the "
        "spectrum before, dotted: the limit."
    ),
    size_in=(5.4, 3.8),
    paint=paint,
    pools=("transference_number",),
)
