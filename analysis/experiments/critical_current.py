"""Stripping and plating with ever more current: the critical current density, short circuits, loss of contact.

What is told is an interval: between the last current at which all went well and the first at which it did not. It is
that of the protocol: at constant time and at constant capacity it is not the same, nor at another step of the current.

A short circuit is a current that drops less than 70 % of what it drops in the electrolyte, on two readings in turn, not
within 5 s of a reversal; a soft short a sudden drop that stays above that. A voltage that rises faster and faster is a
loss of contact: relaxation and the growth of a layer become slower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import GAIN_RELATIVE, MAH_CM2_IN_C_M2
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.polarization import run_geometry
from solbench.analysis.report.numbers import duration
from solbench.analysis.report.style import BLACK, SERIES, grid, thinned
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.views.symmetric import AFTER_REVERSAL_S, DROP, Samples, driven, half_cycle
from solbench.fitting.elements import Array
from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.protocols.cells import SYMMETRIC_KINDS, parse_cell
from solbench.protocols.errors import BadInput
from solbench.protocols.segments import SHORTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

State = Literal["good", "short", "soft", "cut"]

MA_CM2_IN_A_M2 = 10.0
_SAME = 1e-3  # two currents that differ by less are one
_CONTACT_RISE = 0.05  # of the voltage, from the middle of a half-cycle to its end
_FASTER = 1.2  # the rise in its last quarter over that in the one before
_CONTACT_READINGS = 24
_MARKERS: tuple[tuple[State, str, str], ...] = (
    ("good", "o", "sound"),
    ("soft", "^", "soft short"),
    ("short", "X", "short circuit"),
    ("cut", "|", "cut"),
)


@dataclass(frozen=True)
class Passage:
    """One half-cycle: current (A), what it dropped at its end (V, along it), and what became of it.

    `lasted_s`, `charge_C`: how long, and how much; `loses_contact`: the voltage rose faster and faster. `seen_ohm` is
    the smallest resistance that two readings in a row have shown. `ends_by`: the quantity by which the step ended.
    """

    current_A: float
    end_V: float
    lasted_s: float
    charge_C: float
    state: State
    loses_contact: bool
    seen_ohm: float
    ends_by: str

    @property
    def resistance_ohm(self) -> float:
        """Get what it dropped at its end over its current (ohm)."""
        return self.end_V / abs(self.current_A)


@dataclass(frozen=True)
class Plating:
    """All half-cycles of a run with the readings under their currents; `electrolyte_ohm` is that of the record."""

    passages: tuple[Passage, ...]
    time_s: Array
    voltage_V: Array
    current_A: Array
    area_m2: float
    electrolyte_ohm: float
    low_A: float | None
    high_A: float | None

    def density(self, current_A: float) -> float:
        """Return a current (A) as the magnitude of its density (mA/cm2)."""
        return abs(current_A) / self.area_m2 / MA_CM2_IN_A_M2


def analyse(spectra: RunSpectra) -> Found[Plating] | None:
    """Find the critical current density in a run between two electrodes of the same kind with two currents or more."""
    run = spectra.run
    if run.header.cell.kind not in SYMMETRIC_KINDS:
        return None
    electrolyte_ohm = _electrolyte_ohm(run)
    if electrolyte_ohm is None:
        return None
    passages: list[Passage] = []
    for step, own in _driven(run):
        passages.append(_passage(step, own, electrolyte_ohm, passages))
    if len(_levels(passages)) < 2:
        return None
    low_A, high_A = bracket(passages)
    fields = ("time_s", "voltage_V", "current_A")  # kept now only: most runs have no two levels
    parts = [[own[field].copy() for field in fields] for _, own in _driven(run)]
    time_s, voltage_V, current_A = (np.concatenate(column) for column in zip(*parts, strict=True))
    plating = Plating(
        tuple(passages),
        time_s,
        voltage_V,
        current_A,
        run.header.cell.required("area_m2"),
        electrolyte_ohm,
        low_A,
        high_A,
    )
    relative = math.hypot(run_geometry(run).area_stderr_m2 / plating.area_m2, GAIN_RELATIVE)
    return Found(
        tuple(_numbers(plating, relative)), tuple(_notes(plating, spectra)), plating, _verdict(plating)
    )


def bracket(passages: Sequence[Passage]) -> tuple[float | None, float | None]:
    """Return the last current (A) that went well and the first with a short circuit; None where there is none.

    What comes after the first short circuit tells nothing: the cell is another one.
    """
    bad = next((place for place, one in enumerate(passages) if one.state in ("short", "soft")), len(passages))
    high_A = abs(passages[bad].current_A) if bad < len(passages) else None
    good = [abs(one.current_A) for one in passages[:bad] if one.state == "good"]
    below = [value for value in good if high_A is None or value < (1.0 - _SAME) * high_A]
    return max(below, default=None), high_A


def _electrolyte_ohm(run: Run) -> float | None:
    cell = run.header.cell
    try:
        return parse_cell(cell.text, cell.name).build(cell.build).resistance_ohm
    except BadInput:  # written by a version that knew other fields
        return None


def _driven(run: Run) -> Iterator[tuple[StepRecord, Samples]]:
    return ((step, own) for step, _, own in driven(run) if len(own) > 1)


def _passage(step: StepRecord, own: Samples, electrolyte_ohm: float, before: Sequence[Passage]) -> Passage:
    current_A = step.current_A or 0.0
    time_s = own["time_s"] - own["time_s"][0]
    along_V = np.sign(current_A) * own["voltage_V"]
    late = time_s > AFTER_REVERSAL_S
    seen_ohm = _lowest_in_turn(along_V[late]) / abs(current_A)
    by_engine = step.end is not None and step.end.quantity == "short"
    last = half_cycle(0, current_A, time_s, own["voltage_V"])
    state: State = "good" if step.finished and not step.changed and not by_engine else "cut"
    if seen_ohm < SHORTED * electrolyte_ohm or by_engine:
        state = "short"
    elif last.drop is not None or _has_fallen(current_A, last.end_V, before):
        state = "soft"
    return Passage(
        current_A,
        float(along_V[-1]),
        _lasted_s(step, float(time_s[-1])),
        abs(step.charge_C),
        state,
        state == "good" and rises_ever_faster(time_s, along_V),
        min(seen_ohm, step.end.value) if by_engine and step.end and step.end.value else seen_ohm,
        (step.end.quantity if step.end is not None else None) or "",
    )


def _lasted_s(step: StepRecord, watched_s: float) -> float:
    """Return how long a current has flowed (s): what its step counted, where time ended it."""
    end = step.end
    return end.value if end is not None and end.quantity == "time" and end.value else watched_s


def _lowest_in_turn(along_V: Array) -> float:
    """Return the lowest voltage (V) that two readings in turn do not exceed."""
    if len(along_V) < 2:
        return math.inf
    return float(np.min(np.maximum(along_V[:-1], along_V[1:])))


def _has_fallen(current_A: float, end_V: float, before: Sequence[Passage]) -> bool:
    """Say whether a voltage is below 70 % of that of the half-cycle just before it, of the same current."""
    if not before or abs(abs(before[-1].current_A) / abs(current_A) - 1.0) > _SAME:
        return False
    return before[-1].state == "good" and end_V < DROP * before[-1].end_V


def rises_ever_faster(time_s: Array, along_V: Array) -> bool:
    """Say whether a voltage rises more from the third quarter of its time to the end than in the quarter before.

    >>> time = np.arange(100.0)
    >>> rises_ever_faster(time, 0.1 + 1e-9 * time**4), rises_ever_faster(time, 0.1 + 0.01 * np.sqrt(time))
    (True, False)
    """
    if len(time_s) < _CONTACT_READINGS:
        return False
    share = (time_s - time_s[0]) / (time_s[-1] - time_s[0])
    means = []
    for middle in (0.45, 0.70, 0.95):
        inside = np.abs(share - middle) <= 0.05
        if not inside.any():
            return False
        means.append(float(np.mean(along_V[inside])))
    first_V, second_V = (later - earlier for earlier, later in pairwise(means))
    return first_V + second_V > _CONTACT_RISE * means[-1] and second_V > _FASTER * max(first_V, 0.0)


def _levels(passages: Sequence[Passage]) -> list[float]:
    """Return the magnitudes of the currents (A), each once, in order."""
    found: list[float] = []
    for value in sorted(abs(one.current_A) for one in passages):
        if not found or value > (1.0 + _SAME) * found[-1]:
            found.append(value)
    return found


def _numbers(plating: Plating, relative: float) -> Iterator[Number]:
    low = plating.density(plating.low_A) if plating.low_A is not None else None
    high = plating.density(plating.high_A) if plating.high_A is not None else None
    value = stderr = None
    if low is not None and high is not None:
        value = 0.5 * (low + high)
        stderr = math.hypot((high - low) / math.sqrt(12.0), relative * value)
    yield Number(
        "critical_current_density_mA_cm2",
        "critical current density",
        value,
        stderr,
        low * (1.0 - INTERVAL * relative) if low is not None else None,
        high * (1.0 + INTERVAL * relative) if high is not None else None,
        "mA/cm2",
    )
    levels = _levels(plating.passages)
    if plating.high_A is not None and plating.low_A is not None:
        step = plating.density(plating.high_A - plating.low_A)
    else:
        step = plating.density(max(later - earlier for earlier, later in pairwise(levels)))
    yield number("current_step_mA_cm2", "step of the current", step, None, "mA/cm2")
    charge = max((one.charge_C for one in plating.passages if one.state == "good"), default=None)
    areal = charge / plating.area_m2 / MAH_CM2_IN_C_M2 if charge is not None else None
    yield number("areal_capacity_mAh_cm2", "largest charge of a half-cycle", areal, None, "mAh/cm2")


def _verdict(plating: Plating) -> str:
    how = _how(plating)
    low = f"{plating.density(plating.low_A):.4g}" if plating.low_A is not None else None
    high = f"{plating.density(plating.high_A):.4g}" if plating.high_A is not None else None
    if low and high:
        return f"between {low} and {high} mA/cm2{how}"
    if high:
        return f"below {high} mA/cm2, the first current{how}"
    return f"above {low} mA/cm2: no short circuit was seen{how}" if low else "not determined"


def _how(plating: Plating) -> str:
    """Say by what the half-cycles ended: the critical current density is one of that."""
    good = [one for one in plating.passages if one.state == "good"]
    if good and all(one.ends_by == "time" for one in good):
        times = [one.lasted_s for one in good]
        same = max(times) - min(times) < 0.02 * max(times) + 2.0
        return f", at constant time ({duration(max(times))} each)".replace("\u00a0", " ") if same else ""
    if good and all(one.ends_by == "charge" for one in good):
        areal = [one.charge_C / plating.area_m2 / MAH_CM2_IN_C_M2 for one in good]
        if max(areal) - min(areal) < 0.02 * max(areal):
            return f", at constant capacity ({max(areal):.3g} mAh/cm2 each)"
    return ""


def _notes(plating: Plating, spectra: RunSpectra) -> Iterator[str]:
    conditions = spectra.run.header.conditions
    yield f"stack pressure {conditions.stack_pressure}, temperature {conditions.temperature}"
    for one in plating.passages:
        where = f"{plating.density(one.current_A):.4g} mA/cm2"
        after = duration(one.lasted_s).replace("\u00a0", " ")
        charge = one.charge_C / plating.area_m2 / MAH_CM2_IN_C_M2
        if one.state == "short":
            yield (
                f"short circuit at {where} after {after} ({charge:.3g} mAh/cm2): {one.seen_ohm:.4g} ohm, and the "
                f"electrolyte of the record has {plating.electrolyte_ohm:.4g} ohm"
            )
        elif one.state == "soft":
            yield f"soft short at {where}: a sudden drop to {one.seen_ohm:.4g} ohm"
        elif one.loses_contact:
            yield f"loss of contact at {where}: the voltage rises faster and faster; this is not a short circuit"
        if one.state in ("short", "soft"):
            yield from _confirmed(plating, spectra.run, one)
            return


def _confirmed(plating: Plating, run: Run, bad: Passage) -> Iterator[str]:
    """Say what a spectrum after a short circuit shows of it, against one from before where there is one."""
    place = next(i for i, one in enumerate(plating.passages) if one is bad)
    when_s = [step.end_s for step, _ in _driven(run)][place]
    after = [one for one in run.spectra if one.time_s >= when_s]
    if not after:
        yield "no spectrum was measured afterwards, which would confirm it"
        return
    before = [one for one in run.spectra if one.time_s < when_s]
    seen_ohm = _real_ohm(run, after[0])
    was_ohm = min([_real_ohm(run, before[-1])] if before else [plating.electrolyte_ohm])
    name = f"spectrum {after[0].spectrum} ({seen_ohm:.4g} ohm at its lowest frequency"
    name += f", {was_ohm:.4g} ohm before)" if before else ")"
    if seen_ohm < SHORTED * min(was_ohm, plating.electrolyte_ohm):
        yield f"confirmed by {name}: it is still there without current"
    else:
        yield f"not confirmed by {name}: it has gone without current, as soft shorts do"


def _real_ohm(run: Run, record: SpectrumRecord) -> float:
    points = run.points_of(record)
    return float(points["real_ohm"][np.argmin(points["frequency_Hz"])])


def paint(fig: Figure, shown: Sequence[Shown[Plating]]) -> None:
    """Draw voltage against time, and below it what each half-cycle dropped over its current."""
    [[above], [below]] = grid(fig, 1, (1.2, 1.0))
    for (colour, _, line), one in zip(SERIES, shown, strict=False):
        plating = one.found.data
        hours, voltage = thinned(plating.time_s / 3600.0, 1e3 * plating.voltage_V)
        above.plot(hours, voltage, color=colour, lw=0.9, ls=line, label=one.label)
        _resistances(below, plating, colour)
    above.set_xlabel("time / h")
    above.set_ylabel("voltage / mV")
    above.legend(loc="upper left")
    for state, marker, name in _MARKERS:
        if any(each.state == state for one in shown for each in one.found.data.passages):
            below.plot([], [], marker, color=BLACK, mfc="none" if state == "good" else BLACK, label=name)
    below.plot([], [], ls=":", color=BLACK, label="electrolyte, by the record")
    low, high = below.get_ylim()
    below.set_ylim(min(low, 0.0), high + 0.4 * (high - min(low, 0.0)))
    below.set_xlabel("current density / mA cm⁻²")
    below.set_ylabel("area resistance / Ω cm²")
    below.legend(loc="upper left", ncols=2, columnspacing=0.8, handletextpad=0.3)


def _resistances(axes: Axes, plating: Plating, colour: str) -> None:
    scale = plating.area_m2 * 1e4
    for state, marker, _ in _MARKERS:
        own = [one for one in plating.passages if one.state == state]
        x = [plating.density(one.current_A) for one in own]
        y = [scale * (one.resistance_ohm if state == "good" else one.seen_ohm) for one in own]
        axes.plot(x, y, marker, color=colour, ms=5, mfc="none" if state == "good" else colour)
    axes.axhline(scale * plating.electrolyte_ohm, color=colour, lw=0.8, ls=":")
    if plating.low_A is not None and plating.high_A is not None:
        span = plating.density(plating.low_A), plating.density(plating.high_A)
        axes.axvspan(*span, color=colour, alpha=0.15, lw=0.0, zorder=0)


EXPERIMENT = Experiment(
    name="critical_current_density",
    title="Stripping and plating: critical current density",
    protocols=("critical-current-density",),
    analyse=analyse,
    caption=(
        "Above: voltage against time. Below: voltage over current at the end of each half-cycle; of a short circuit "
        f"the smallest that two readings in a row showed. A short circuit is less than {100 * SHORTED:.0f} % of the "
        "electrolyte's resistance (dotted). Shaded: between the last current that went well and the first that did "
        "not. The critical current density belongs to this time or capacity of a half-cycle, this step of the current, "
        "temperature and pressure."
    ),
    size_in=(5.4, 5.4),
    paint=paint,
)
