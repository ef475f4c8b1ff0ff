"""Stepwise cyclic voltammetry (Dewald et al., Chem. Mater. 31 (2019) 8328): what each sweep decomposes for good.

Each sweep goes from one voltage to a turn and back, and the turns go further from sweep to sweep. The double layer
gives back what it took, so that the net charge of a sweep is that of reactions. The onset is that of the first way out
that comes to it, as in a linear sweep.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import GAIN_RELATIVE
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.experiments.window import (
    LEAST,
    Composite,
    Sweep,
    composite_of,
    notes_of,
    onset_number,
    readings,
    swept,
)
from solbench.analysis.report.cycles import charges_of
from solbench.analysis.report.style import BLACK, SERIES, grid
from solbench.analysis.run_spectra import RunSpectra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_SWEEPS = 3
DECOMPOSES = 10.0  # times the charge of the first sweep, and so many standard errors
_MAH_CM2 = 36000.0


@dataclass(frozen=True)
class Turned:
    """One sweep: the voltage (V) at which it turned, the net charge (C/m2) with its uncertainty, and its way out."""

    turn_V: float
    net_C_m2: float
    stderr_C_m2: float
    out: Sweep


def analyse(spectra: RunSpectra) -> Found[tuple[Turned, ...]] | None:
    """Find it in a run on a composite with three sweeps or more that turn further from one to the next."""
    run = spectra.run
    composite = composite_of(run) if run.header.cell.kind == "composite" else None
    if composite is None:
        return None
    sweeps = tuple(_sweeps(run, composite))
    ways = {np.sign(later.turn_V - sooner.turn_V) for sooner, later in pairwise(sweeps)}
    if len(sweeps) < LEAST_SWEEPS or len(ways) != 1 or 0.0 in ways:
        return None
    return Found(tuple(_numbers(sweeps)), tuple(_notes(sweeps, composite)), sweeps, _verdict(sweeps))


def _sweeps(run: Run, composite: Composite) -> Iterator[Turned]:
    charges = charges_of(run)
    for step in run.steps:
        if step.kind != "voltammetry" or not step.in_one_piece:
            continue
        own = readings(run, step)
        if len(own) < LEAST or step.index not in charges:
            continue
        volts = own["voltage_V"]
        place = int(np.argmax(np.abs(volts - volts[0])))
        if not 0 < place < len(own) - 1 or abs(volts[-1] - volts[0]) > 0.1 * abs(volts[place] - volts[0]):
            continue  # one way only
        charge_C = float(step.charge_C)
        passed_C = float(np.trapezoid(np.abs(own["current_A"]), own["time_s"]))
        zero_C = charges[step.index].zero_stderr_A * (step.end_s - step.start_s)
        error_C = math.hypot(GAIN_RELATIVE * passed_C, zero_C)
        way = math.copysign(1.0, volts[place] - volts[0])
        net_C_m2 = way * charge_C / composite.area_m2
        stderr_C_m2 = math.hypot(error_C / composite.area_m2, composite.area_relative * net_C_m2)
        yield Turned(float(volts[place]), net_C_m2, stderr_C_m2, swept(own[: place + 1], composite))


def _first(sweeps: Sequence[Turned]) -> Turned | None:
    """Return the first sweep whose net charge says that something has decomposed."""
    least_C_m2 = DECOMPOSES * max(abs(sweeps[0].net_C_m2), sweeps[0].stderr_C_m2)
    return next((one for one in sweeps[1:] if one.net_C_m2 > least_C_m2), None)


def _numbers(sweeps: Sequence[Turned]) -> Iterator[Number]:
    onset = next((one.out for one in sweeps if one.out.onset_V is not None), None)
    if onset is not None:
        yield onset_number(onset)
    total = sum(one.net_C_m2 for one in sweeps) / _MAH_CM2
    stderr = sum(one.stderr_C_m2 for one in sweeps) / _MAH_CM2  # one ammeter, one area: the same in all
    yield number("irreversible_charge_mAh_cm2", "irreversible charge of all sweeps", total, stderr, "mAh/cm2")


def _verdict(sweeps: Sequence[Turned]) -> str:
    which, first = sweeps[0].out.which, _first(sweeps)
    if first is None:
        return f"no irreversible {which} up to {sweeps[-1].turn_V:.3g} V"
    before = sweeps[sweeps.index(first) - 1]
    return f"irreversible {which} sets in between {before.turn_V:.3g} and {first.turn_V:.3g} V"


def _notes(sweeps: Sequence[Turned], composite: Composite) -> Iterator[str]:
    onset = next((one.out for one in sweeps if one.out.onset_V is not None), None)
    if onset is not None:
        yield from notes_of(onset, composite)
    else:
        yield f"no sweep comes to 10 uA/cm2 on its way to {sweeps[-1].turn_V:.3g} V"


def paint(fig: Figure, shown: Sequence[Shown[tuple[Turned, ...]]]) -> None:
    """Draw the ways out, and below them the net charge of each sweep against its turn."""
    [[above], [below]] = grid(fig, 1, (1.0, 0.8))
    for (colour, marker, line), one in zip(SERIES, shown, strict=False):
        sweeps = one.found.data
        for place, each in enumerate(sweeps):
            way = 1.0 if each.out.which == "oxidation" else -1.0
            label = one.label if place == len(sweeps) - 1 else None
            shade = 0.25 + 0.75 * (place + 1) / len(sweeps)
            current = 100.0 * way * each.out.current_A_m2
            above.plot(each.out.voltage_V, current, color=colour, ls=line, lw=0.9, alpha=shade, label=label)
        net = [1e3 * each.net_C_m2 / _MAH_CM2 for each in sweeps]
        bars = [1e3 * each.stderr_C_m2 / _MAH_CM2 for each in sweeps]
        turns = [each.turn_V for each in sweeps]
        below.errorbar(turns, net, bars, fmt=marker, ls=":", color=colour, ms=4, lw=0.8)
    below.axhline(0.0, color=BLACK, lw=0.6)
    above.set_xlabel("voltage, corrected / V")
    above.set_ylabel("current density / µA cm⁻²")
    above.legend(loc="best")
    below.set_xlabel("voltage of the turn / V")
    below.set_ylabel("net charge / µAh cm⁻²")


EXPERIMENT = Experiment(
    name="stepwise_cv",
    title="Stepwise cyclic voltammetry: irreversible charge",
    protocols=("stepwise-cv",),
    analyse=analyse,
    caption=(
        "Above: current density on the way to each turn, without the background of its beginning. Below: the net "
        "charge of each sweep, out and back, which the double layer does not give back."
    ),
    size_in=(5.4, 5.4),
    paint=paint,
)
