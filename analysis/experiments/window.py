"""The electrochemical window by a slow linear sweep: the apparent onset of oxidation or reduction at 10 uA/cm2.

An upper bound of the stability: what reacts more slowly is not seen. The charging of the carbon is subtracted, as the
median of the current in the first part of the sweep, and the axis is corrected for what the current drops.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.analysis.experiments.experiment import Experiment, Found, Shown, number
from solbench.analysis.polarization import run_geometry
from solbench.analysis.report.style import BLACK, SERIES, grid
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.elements import Array
from solbench.protocols.cells import parse_cell
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ONSET_A_m2 = 0.1  # 10 uA/cm2
BACKGROUND = (0.05, 0.25)  # of the way of a sweep: here the carbon is charged and nothing else happens
_LEAST = 40
_VOLTMETER_V = 2e-3
_OHM_SHARE = 0.2  # how well the resistance is known that corrects the axis


@dataclass(frozen=True)
class Sweep:
    """One linear sweep: corrected voltage (V), current density without background (A/m2), its onset (V) or None."""

    voltage_V: Array
    current_A_m2: Array
    onset_V: float | None


def analyse(spectra: RunSpectra) -> Found[Sweep] | None:
    """Find the onset in a run on a composite with one linear sweep."""
    run = spectra.run
    sweeps = [step for step in run.steps if step.kind == "voltammetry" and step.finished]
    if run.header.cell.kind != "composite" or len(sweeps) != 1:
        return None
    cell = run.header.cell
    try:
        ohm = parse_cell(cell.text, cell.name).build(cell.build).resistance_ohm
    except BadInput:  # written by a version that knew other fields
        return None
    own = run.samples[(run.samples["step"] == sweeps[0].index) & ((run.samples["flags"] & PAUSED) == 0)]
    own = own[1:]  # the first is that at open circuit
    if len(own) < _LEAST or len(np.unique(np.sign(np.diff(own["voltage_V"][:: len(own) // 20])))) != 1:
        return None  # there and back is no linear sweep
    way = 1.0 if own["voltage_V"][-1] > own["voltage_V"][0] else -1.0
    area_m2 = cell.required("area_m2")
    share = np.abs(own["voltage_V"] - own["voltage_V"][0]) / abs(own["voltage_V"][-1] - own["voltage_V"][0])
    early = (share >= BACKGROUND[0]) & (share <= BACKGROUND[1])
    background_A = float(np.median(own["current_A"][early]))
    density = way * (own["current_A"] - background_A) / area_m2
    voltage_V = own["voltage_V"] - own["current_A"] * ohm
    over = (density[:-1] > ONSET_A_m2) & (density[1:] > ONSET_A_m2) & (share[1:] > BACKGROUND[1])
    which = "oxidation" if way > 0.0 else "reduction"
    if not over.any():
        sweep = Sweep(voltage_V, density, None)
        words = f"no onset of {which} up to {voltage_V[-1]:.3f} V at 10 uA/cm2"
        return Found((), (), sweep, words)
    place = int(np.argmax(over))
    near = slice(max(0, place - 5), place + 6)
    slope_A_m2_V, at_A_m2 = np.polyfit(voltage_V[near] - voltage_V[place], density[near], 1)
    onset_V = float(voltage_V[place] + (ONSET_A_m2 - at_A_m2) / slope_A_m2_V)
    unsure_A_m2 = 0.5 * abs(background_A) / area_m2 + ONSET_A_m2 * run_geometry(run).area_stderr_m2 / area_m2
    stderr_V = math.hypot(
        unsure_A_m2 / abs(slope_A_m2_V), _VOLTMETER_V, _OHM_SHARE * ONSET_A_m2 * area_m2 * ohm
    )
    told = number(f"{which}_onset_V", f"apparent onset of {which} at 10 uA/cm2", onset_V, stderr_V, "V")
    notes = (
        "an upper bound of stability: what reacts more slowly is not seen",
        f"against the counter electrode; corrected for {ohm:.4g} ohm and a background of "
        f"{1e2 * background_A / area_m2:.3g} uA/cm2",
    )
    return Found((told,), notes, Sweep(voltage_V, density, onset_V), "")


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
