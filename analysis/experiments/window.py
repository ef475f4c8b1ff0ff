"""The electrochemical window by a slow linear sweep: the apparent onset of oxidation or reduction at 10 uA/cm2.

An upper bound of the stability: what reacts more slowly is not seen. The charging of the carbon is subtracted, as the
median of the current in the first part of the sweep, and the axis is corrected for what the current drops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.events import SegmentStart
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.polarization import run_geometry
from solbench.analysis.report.style import BLACK, SERIES, grid
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.elements import Array
from solbench.protocols.cells import parse_cell
from solbench.protocols.errors import BadInput
from solbench.protocols.segments import Scan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Samples = np.ndarray[Any, Any]
Which = Literal["oxidation", "reduction"]

ONSET_A_m2 = 0.1  # 10 uA/cm2
BACKGROUND = (0.05, 0.25)  # of the way of a sweep: here the carbon is charged and nothing else happens
LEAST = 40
VOLTMETER_V = 2e-3
NEAR_FOLDS = 1.0  # so near to the onset, in e-folds of the current, is it found by a line
OHM_SHARE = 0.2  # how well the resistance is known that corrects the axis


@dataclass(frozen=True)
class Sweep:
    """One way of a sweep: corrected voltage (V), current density without `background_A_m2` (A/m2).

    `onset_V` with its standard uncertainty, None where the current does not come so far.
    """

    voltage_V: Array
    current_A_m2: Array
    onset_V: float | None
    which: Which
    background_A_m2: float
    stderr_V: float = math.nan


@dataclass(frozen=True)
class Composite:
    """The cell: resistance of the electrolyte before the composite (ohm), area (m2) and its relative uncertainty."""

    ohm: float
    area_m2: float
    area_relative: float


def analyse(spectra: RunSpectra) -> Found[Sweep] | None:
    """Find the onset in a run on a composite with one linear sweep."""
    run = spectra.run
    sweeps = [step for step in run.steps if step.kind == "voltammetry" and step.finished]
    if run.header.cell.kind != "composite" or len(sweeps) != 1:
        return None
    composite = composite_of(run)
    own = readings(run, sweeps[0])
    if composite is None or len(own) < LEAST:
        return None
    if len(np.unique(np.sign(np.diff(own["voltage_V"][:: max(1, len(own) // 20)])))) != 1:
        return None  # there and back is no linear sweep
    sweep = swept(own, composite)
    if sweep.onset_V is None:
        words = f"no onset of {sweep.which} up to {sweep.voltage_V[-1]:.3f} V at 10 uA/cm2"
        return Found((), (), sweep, words)
    return Found((onset_number(sweep),), notes_of(sweep, composite), sweep, "")


def composite_of(run: Run) -> Composite | None:
    """Return what the analysis needs of the record of a run; None where it was written by another version."""
    cell = run.header.cell
    try:
        ohm = parse_cell(cell.text, cell.name).build(cell.build).resistance_ohm
    except BadInput:
        return None
    area_m2 = cell.required("area_m2")
    return Composite(ohm, area_m2, run_geometry(run).area_stderr_m2 / area_m2)


def readings(run: Run, step: StepRecord) -> Samples:
    """Return the samples of a sweep, without that at open circuit; of a staircase those at the end of each stair.

    The first current of a stair charges the double layer, and is no reaction.
    """
    samples = run.samples_of(step.index)
    own: Samples = samples[(samples["flags"] & PAUSED) == 0][1:]
    scans = [start.segment for _, start in run.bodies(SegmentStart) if start.segment.step.index == step.index]
    stair_V = scans[0].step_V if scans and isinstance(scans[0], Scan) else None
    if stair_V is None or len(own) < 2:
        return own
    ends = np.abs(np.diff(own["voltage_V"])) > 0.5 * stair_V
    at_ends: Samples = own[np.append(ends, True)]
    return at_ends


def swept(own: Samples, composite: Composite) -> Sweep:
    """Return one way of a sweep with its onset; `own` are its samples from one end to the other."""
    volts = own["voltage_V"]
    way = 1.0 if volts[-1] > volts[0] else -1.0
    share = np.abs(volts - volts[0]) / abs(volts[-1] - volts[0])
    early = (share >= BACKGROUND[0]) & (share <= BACKGROUND[1])
    background_A = float(np.median(own["current_A"][early])) if early.any() else 0.0
    density = way * (own["current_A"] - background_A) / composite.area_m2
    voltage_V = volts - own["current_A"] * composite.ohm
    which: Which = "oxidation" if way > 0.0 else "reduction"
    background_A_m2 = background_A / composite.area_m2
    over = (density[:-1] > ONSET_A_m2) & (density[1:] > ONSET_A_m2) & (share[1:] > BACKGROUND[1])
    if not over.any():
        return Sweep(voltage_V, density, None, which, background_A_m2)
    place = int(np.argmax(over))
    near = np.arange(max(0, place - 5), min(place + 6, len(density)))
    near = near[np.abs(np.log(np.maximum(density[near], 1e-9) / ONSET_A_m2)) < NEAR_FOLDS]
    near = near if len(near) > 1 else np.array([max(0, place - 1), place])
    # what sets in does so by an exponential of the voltage, which stairs are too coarse to see as a line
    logs = np.log(np.maximum(density[near], 1e-3 * ONSET_A_m2) / ONSET_A_m2)
    folds_V, at_folds = np.polyfit(voltage_V[near] - voltage_V[place], logs, 1)
    onset_V = float(voltage_V[place] - at_folds / folds_V)
    slope_A_m2_V = ONSET_A_m2 * folds_V
    unsure_A_m2 = 0.5 * abs(background_A_m2) + ONSET_A_m2 * composite.area_relative
    stderr_V = math.hypot(
        unsure_A_m2 / abs(slope_A_m2_V),
        VOLTMETER_V,
        OHM_SHARE * ONSET_A_m2 * composite.area_m2 * composite.ohm,
    )
    return Sweep(voltage_V, density, onset_V, which, background_A_m2, stderr_V)


def onset_number(sweep: Sweep) -> Number:
    """Return the onset of a sweep that has one."""
    title = f"apparent onset of {sweep.which} at 10 uA/cm2"
    return number(f"{sweep.which}_onset_V", title, sweep.onset_V, sweep.stderr_V, "V")


def notes_of(sweep: Sweep, composite: Composite) -> tuple[str, ...]:
    """Return what must be said with an onset."""
    notes = (
        "an upper bound of stability: what reacts more slowly is not seen",
        f"against the counter electrode; corrected for {composite.ohm:.4g} ohm and a background of "
        f"{1e2 * sweep.background_A_m2:.3g} uA/cm2",
    )
    if abs(sweep.background_A_m2) <= ONSET_A_m2:
        return notes
    return (*notes, "the background alone exceeds the 10 uA/cm2 of the onset: look for half a short circuit")


def paint(fig: Figure, shown: Sequence[Shown[Sweep]]) -> None:
    """Draw the current density against the corrected voltage."""
    [[axes]] = grid(fig, 1)
    for (colour, _, line), one in zip(SERIES, shown, strict=False):
        sweep = one.found.data
        axes.plot(sweep.voltage_V, 100.0 * sweep.current_A_m2, color=colour, ls=line, label=one.label)
        if sweep.onset_V is not None:
            axes.axvline(sweep.onset_V, color=colour, lw=0.8, ls=":")
    axes.axhline(100.0 * ONSET_A_m2, color=BLACK, lw=0.8, ls="--")
    axes.set_xlabel("voltage, corrected / V")
    axes.set_ylabel("current density / µA cm⁻²")
    axes.legend(loc="upper left")


EXPERIMENT = Experiment(
    name="electrochemical_window",
    title="Electrochemical window: apparent onset",
    protocols=("electrochemical-window",),
    analyse=analyse,
    caption=(
        "Current density along the sweep, without the background of its beginning, against the voltage corrected for "
        "what the current drops in the electrolyte. Dashed: 10 µA/cm², dotted: the apparent onset, an upper bound of "
        "stability."
    ),
    size_in=(5.4, 4.0),
    paint=paint,
)
