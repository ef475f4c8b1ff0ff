"""Which sweeps of a run belong to one state of the cell, and what a second one says about the first.

Kramers-Kronig does not see a drift below about ten percent a sweep; a second sweep of the same state does, and
lets both be interpolated to one moment. A sweep with another amplitude says whether the cell answered in
proportion.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.record.columns import BEYOND, LEFT_OUT
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.compared import compared
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import Drift, correct_drift, drift, kramers_kronig
from solbench.fitting.state_fit import StateRules
from solbench.protocols.cells import ELECTRONVOLT_J, BuildRecord, CellRecord, parse_cell
from solbench.protocols.errors import BadInput

OWN_ENERGY_STDERR = 0.05  # of an activation energy that somebody has measured
INTERPHASE_F_m2 = 2e-3  # 0.2 uF/cm2: more is a double layer's
LINEAR_WITHIN = 3.0  # standard errors: a sound cell is beyond two of them in every twentieth spectrum


@dataclass(frozen=True)
class Linearity:
    """How much |Z| differs between two amplitudes: mean relative difference and its standard error.

    `amplitudes_V` (V rms) of the state's own sweep and of the other one.
    """

    difference: float
    stderr: float
    amplitudes_V: tuple[float, float]

    @property
    def is_linear(self) -> bool:
        """Get whether the difference is within three standard errors."""
        return abs(self.difference) <= LINEAR_WITHIN * self.stderr


@dataclass(frozen=True)
class MeasuredState:
    """One state: the record of its spectrum, the spectrum to fit (drift taken off where it could be), and findings."""

    record: SpectrumRecord
    frequency_Hz: Array
    impedance_ohm: Complex
    drift: Drift | None = None
    linearity: Linearity | None = None


def has_interphase(run: Run) -> bool:
    """Say whether a run's cell has electrodes on which an interphase can grow."""
    return run.header.cell.kind not in ("pellet", "dc")


def is_pellet(run: Run) -> bool:
    """Say whether a run's spectra are those of a pellet, which tell its ionic conductivity."""
    return run.header.cell.kind == "pellet"


def may_be_fresh(run: Run) -> bool | None:
    """Say whether the first spectrum may be of an electrode without sodium: None where only the spectrum tells it.

    By its record a symmetric cell has sodium in both electrodes, and so has a half cell with a state of charge.
    """
    build = _build(run)
    held = build.state_of_charge if build is not None else None
    has_sodium = run.header.cell.kind in ("symmetric", "metal") or (held is not None and held.value > 0.0)
    return False if has_sodium else None


def rules_of(run: Run) -> StateRules:
    """Return the limits of a joint fit for the cell of a run.

    What an interphase of its area has at most in farad, and the activation energy that its record states.
    """
    rules = StateRules(interphase_F=INTERPHASE_F_m2 * run.header.cell.required("area_m2"))
    own_J = _activation_energy_J(run)
    if own_J is None:
        return rules
    own_eV = own_J / ELECTRONVOLT_J
    return replace(rules, activation_energy_eV=own_eV, activation_energy_stderr_eV=OWN_ENERGY_STDERR * own_eV)


def _activation_energy_J(run: Run) -> float | None:
    record = _record(run)
    energy = record.electrolyte.activation_energy if record is not None else None
    return None if energy is None else energy.value


def relative_density(run: Run) -> float | None:
    """Return that of the pressed electrolyte as the record of a run's cell states it, None where it does not."""
    build = _build(run)
    return build.relative_density.value if build is not None and build.relative_density is not None else None


def _build(run: Run) -> BuildRecord | None:
    record = _record(run)
    return record.builds.get(run.header.cell.build) if record is not None else None


def _record(run: Run) -> CellRecord | None:
    try:
        return parse_cell(run.header.cell.text, run.header.cell.name)
    except BadInput:  # written by another version
        return None


def contradicted(run: Run) -> tuple[int, ...]:
    """Return the spectra (indices) at which the run stopped, since they are not those of the cell in the record."""
    return tuple(
        body.spectrum for _, body in compared(run) if body.grade == "stop" and body.spectrum is not None
    )


def planned_first(run: Run) -> tuple[list[SpectrumRecord], list[SpectrumRecord]]:
    """Return the spectra that are states of the experiment, and the others, from the first to the last of a run.

    The others were taken on demand, behind a short circuit, or of a half cell whose tin has been emptied again: what
    has grown is told by tin that is being filled.
    """
    shorted_s = _shorted_s(run)
    planned: list[SpectrumRecord] = []
    others: list[SpectrumRecord] = []
    for record in run.spectra:
        is_other = record.start.role == "asked" or record.time_s >= shorted_s or _is_emptied(run, record)
        (others if is_other else planned).append(record)
    return planned, others


def behind_short(run: Run) -> list[SpectrumRecord]:
    """Return the spectra that were taken behind a short circuit: they are those of another cell, and fit no circuit."""
    shorted_s = _shorted_s(run)
    return [record for record in run.spectra if record.time_s >= shorted_s]


def _shorted_s(run: Run) -> float:
    """Return when a short circuit was first seen in a run (s), infinity where none was."""
    ended_s = [step.end_s for step in run.steps if step.end is not None and step.end.quantity == "short"]
    return min(
        [*ended_s, *(time_s for time_s, one in compared(run) if one.code == "short_circuit")],
        default=math.inf,
    )


def _is_emptied(run: Run, record: SpectrumRecord) -> bool:
    if run.header.cell.kind != "half":
        return False
    before = [step for step in run.steps if step.start_s < record.time_s and step.charge_C and step.holds]
    if not before or before[-1].index == record.step:
        return False
    return before[-1].charge_C > 0.0 and any(step.charge_C < 0.0 for step in before)


def in_order_of_growth(run: Run) -> list[SpectrumRecord]:
    """Return the spectra of a run with those of its states first and last: growth counts between these.

    As they are where it has fewer than two.
    """
    planned, others = planned_first(run)
    if len(planned) < 2:
        return list(run.spectra)
    return sorted([*planned[:-1], *others], key=lambda r: (r is not planned[0], r.time_s)) + planned[-1:]


def measured_states(run: Run, least_points: int) -> list[MeasuredState]:
    """Return the states of a run in order, each with what further sweeps say about it.

    On-demand spectra are states only where the protocol has none of its own: the figures of
    an experiment do not depend on them. What lies behind a short circuit never is one.
    """
    states: list[MeasuredState] = []
    planned, others = planned_first(run)
    shorted = {record.spectrum for record in behind_short(run)}
    for record in planned or [other for other in others if other.spectrum not in shorted]:
        points = trusted(run.points_of(record))
        if len(points) < least_points:
            continue
        role = record.start.role
        if role in ("spectrum", "asked") or not states:
            states.append(MeasuredState(record, points["frequency_Hz"], _impedance(points)))
        elif role == "again":
            states[-1] = _with_second(run, states[-1], record)
        else:
            states[-1] = _with_other_amplitude(run, states[-1], record)
    return states


def left_out(points: NDArray[Any]) -> NDArray[Any]:
    """Return those points of a spectrum (`columns.POINT`) that a correction leaves out; shown hollow, never fitted."""
    found: NDArray[Any] = points[(points["untrusted"] & LEFT_OUT) != 0]
    return found


def trusted(points: NDArray[Any]) -> NDArray[Any]:
    """Return those points of a spectrum (`columns.POINT`) that fits use.

    The bench is known for them, and no correction leaves them out.
    """
    known: NDArray[Any] = points[points["untrusted"] == 0]
    return known


def untrusted(points: NDArray[Any]) -> NDArray[Any]:
    """Return those points of a spectrum (`columns.POINT`) for which the bench is not known; marked wherever shown.

    Without those that a correction leaves out.
    """
    unknown: NDArray[Any] = points[points["untrusted"] == BEYOND]
    return unknown


def _pair_of(
    run: Run, one: SpectrumRecord, other: SpectrumRecord
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Return the points of two sweeps that are trusted in the first; None unless both have the same frequencies."""
    first, second = run.points_of(one), run.points_of(other)
    if len(first) != len(second) or np.any(first["frequency_Hz"] != second["frequency_Hz"]):
        return None
    known = first["untrusted"] == 0
    return first[known], second[known]


def _impedance(points: NDArray[Any]) -> Complex:
    return np.asarray(points["real_ohm"] + 1j * points["imaginary_ohm"])


def _with_second(run: Run, state: MeasuredState, again: SpectrumRecord) -> MeasuredState:
    """Measure the drift between two sweeps and interpolate both to the middle of the first."""
    both = _pair_of(run, state.record, again)
    if both is None:
        return state
    first, second = both
    times = first["time_s"], second["time_s"]
    z1, z2 = _impedance(first), _impedance(second)
    found = drift(first["frequency_Hz"], z1, times[0], z2, times[1])
    corrected = correct_drift(z1, times[0], z2, times[1], float(np.mean(times[0])))
    return MeasuredState(state.record, state.frequency_Hz, corrected, found, state.linearity)


def _with_other_amplitude(run: Run, state: MeasuredState, other: SpectrumRecord) -> MeasuredState:
    both = _pair_of(run, state.record, other)
    if both is None:
        return state
    first, second = both
    amplitudes = float(first["amplitude_V"][0]), float(second["amplitude_V"][0])
    found = linearity(first["frequency_Hz"], _impedance(first), _impedance(second), amplitudes)
    return MeasuredState(state.record, state.frequency_Hz, state.impedance_ohm, state.drift, found)


def linearity(
    frequency_Hz: Array, first_ohm: Complex, second_ohm: Complex, amplitudes_V: tuple[float, float]
) -> Linearity:
    """Compare two spectra (ohm) of one state, measured with two amplitudes (V rms) over the same frequencies (Hz).

    The standard error comes from the noise that Kramers-Kronig leaves in each of them.

    >>> f = np.geomspace(1e6, 1.0, 61)
    >>> z = 100 + 200 / (1 + 1j * f / 1e3)
    >>> noise = np.random.default_rng(1).normal(size=(2, 61, 2)) @ (1, 1j)
    >>> one, other = z + 1e-3 * abs(z) * noise
    >>> linearity(f, one, other, (0.03, 0.01)).is_linear, linearity(f, one, 1.01 * other, (0.03, 0.01)).is_linear
    (True, False)
    """
    change = (np.abs(second_ohm) - np.abs(first_ohm)) / np.abs(first_ohm)
    noises = [kramers_kronig(frequency_Hz, z).residual for z in (first_ohm, second_ohm)]
    return Linearity(float(np.mean(change)), math.hypot(*noises) / math.sqrt(len(change)), amplitudes_V)
