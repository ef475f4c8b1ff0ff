"""Several runs in one plot: their curves from their own beginnings, told apart by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.number_format import frequency
from solbench.gui.models.common.trace import CURRENT, VOLTAGE
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.interface import interface_points

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

PIXELS = 2000


@dataclass(frozen=True)
class Kind:
    """One way of looking at runs: its key, its name on the tab, and what makes the curves of one run."""

    key: str
    name: str
    make: Callable[[RunModel], list[Curve]]
    equal_axes: bool = False


def curves_of(kind: Kind, runs: Sequence[RunModel]) -> list[Curve]:
    """Return the curves of several runs; a run's curves share its place in the scale of colours."""
    if len(runs) == 1:
        return _in_order(kind.make(runs[0]))
    names = names_of(runs)
    found = []
    for place, (run, name) in enumerate(zip(runs, names, strict=True)):
        own = kind.make(run)
        for state, curve in enumerate(own):
            whole = f"{name} {curve.name}".strip()
            told = replace(curve, name=whole, place=place, count=len(runs), label=name)
            found.append(replace(told, state=state, states=len(own)))
    return found


def names_of(runs: Sequence[RunModel]) -> list[str]:
    """Name runs by their files, with the folder where two have the same name."""
    stems = [run.path.stem for run in runs]
    return [
        f"{run.path.parent.name}/{stem}" if stems.count(stem) > 1 else stem
        for run, stem in zip(runs, stems, strict=True)
    ]


def _in_order(curves: list[Curve]) -> list[Curve]:
    """Give each curve of a single run its own place."""
    return [replace(curve, place=place, count=len(curves)) for place, curve in enumerate(curves)]


def _trace(column: int, name: str) -> Callable[[RunModel], list[Curve]]:
    def make(run: RunModel) -> list[Curve]:
        if len(run.trace) == 0:
            return []
        x, y = run.trace.view(column, run.trace.first_s, run.trace.last_s, PIXELS)
        return [Curve("", tr("time (h)"), name, x / 3600.0, np.asarray(y, np.float64))]

    return make


def _capacity(run: RunModel) -> list[Curve]:
    curves = []
    for number, curve in enumerate(run.traces.curves, 1):
        x, y = curve.points
        if len(x):
            curves.append(
                Curve(tr("half cycle {number}", number=number), tr("areal capacity (mAh/cm²)"), "V (V)", x, y)
            )
    return curves


def _nyquist(run: RunModel) -> list[Curve]:
    """Make curves of what fits use: no points for which the bench is not known."""
    curves = []
    for track in run.spectra.shown:
        points = track.points[track.is_known & (track.points["imaginary_ohm"] <= 0.0)]
        if len(points):
            curve = Curve(
                track.label,
                "Z′ (Ω)",
                "−Z″ (Ω)",
                points["real_ohm"],
                -points["imaginary_ohm"],
                points=True,
                at=tuple(frequency(float(value)) for value in points["frequency_Hz"]),
            )
            curves.append(curve)
    return curves


def _interface(run: RunModel) -> list[Curve]:
    points = interface_points(run.spectra.shown)
    if not points:
        return []
    x, y = np.array([(point.capacity_mAh_cm2, point.value_ohm) for point in points]).T
    references = tuple(p.capacity_mAh_cm2 for p in points if p.is_reference)
    names = tr("areal capacity (mAh/cm²)"), tr("R interface (Ω)")
    return [Curve("", *names, x, y, points=True, references=references)]


KINDS = (
    Kind("voltage", tr("V against time"), _trace(VOLTAGE, "V (V)")),
    Kind("current", tr("I against time"), _trace(CURRENT, tr("I (A), positive: charging"))),
    Kind("capacity", tr("V against capacity"), _capacity),
    Kind("nyquist", tr("Nyquist"), _nyquist, equal_axes=True),
    Kind("interface", tr("R interface"), _interface),
)
