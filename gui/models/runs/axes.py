"""What of a run can be drawn against what: quantities of its samples, of its spectra, of its cycles. No Qt.

Two quantities fit together when they are of one kind: a sample, a point of a spectrum, or a cycle has both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from solbench.acquisition.record.columns import SAMPLE
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.number_format import frequency
from solbench.gui.models.common.words import tr

if TYPE_CHECKING:
    from solbench.analysis.cycling import Pair
    from solbench.gui.models.run.run import RunModel

Of = Literal["sample", "point", "cycle"]
Per = Literal["", "cm²", "g"]
MOST_SAMPLES = 100_000  # drawn of a run; of a longer one every second, third...
CHUNK = 500_000
SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Quantity:
    """One quantity: its name and unit as an axis has them, what has it, and how it is taken.

    `size` is 1 where it grows with the cell (a current), -1 where it falls (a resistance), else 0: what "per cm²" does.
    """

    key: str
    name: str
    unit: str
    of: Of
    take: Callable[[Array], Array]
    size: int = 0

    def label(self, per: Per) -> str:
        """Return what stands at the axis."""
        unit = self.unit
        if self.size > 0 and per:
            unit = f"{unit}/{per}"
        elif self.size < 0 and per == "cm²":
            unit = f"{unit} cm²"
        return f"{self.name} ({unit})" if unit else self.name


def _z(points: Array) -> Array:
    return np.asarray(points["real_ohm"] + 1j * points["imaginary_ohm"])


def _capacitance(points: Array) -> Array:
    return np.asarray(1.0 / (2j * math.pi * points["frequency_Hz"] * _z(points)))


CYCLE = np.dtype([("cycle", float), ("first_C", float), ("second_C", float), ("efficiency", float)])
TABLE = np.dtype([*SAMPLE.descr, ("step_C", "<f8")])
QUANTITIES: tuple[Quantity, ...] = (
    Quantity("time", tr("time"), "h", "sample", lambda s: s["time_s"] / SECONDS_AN_HOUR),
    Quantity("voltage", "V", "V", "sample", lambda s: s["voltage_V"]),
    Quantity("current", tr("I, positive: charging"), "mA", "sample", lambda s: 1e3 * s["current_A"], 1),
    Quantity("step", tr("charge of the step"), "mAh", "sample", lambda s: np.abs(s["step_C"]) / 3.6, 1),
    Quantity("charge", tr("net charge"), "mAh", "sample", lambda s: s["charge_C"] / 3.6, 1),
    Quantity("power", tr("power"), "mW", "sample", lambda s: 1e3 * s["voltage_V"] * s["current_A"], 1),
    Quantity("steps", tr("step"), "", "sample", lambda s: s["step"]),
    Quantity("range", tr("current range"), "", "sample", lambda s: s["range"]),
    Quantity("frequency", tr("frequency"), "Hz", "point", lambda p: p["frequency_Hz"]),
    Quantity("real", "Z′", "Ω", "point", lambda p: p["real_ohm"], -1),
    Quantity("imaginary", "−Z″", "Ω", "point", lambda p: -p["imaginary_ohm"], -1),
    Quantity("magnitude", "|Z|", "Ω", "point", lambda p: np.abs(_z(p)), -1),
    Quantity("phase", tr("−phase"), "°", "point", lambda p: -np.degrees(np.angle(_z(p)))),
    Quantity("conductance", "Y′", "S", "point", lambda p: (1.0 / _z(p)).real, 1),
    Quantity("susceptance", "Y″", "S", "point", lambda p: (1.0 / _z(p)).imag, 1),
    Quantity("capacitance", "C′", "F", "point", lambda p: _capacitance(p).real, 1),
    Quantity("loss", "−C″", "F", "point", lambda p: -_capacitance(p).imag, 1),
    Quantity("cycle", tr("cycle"), "", "cycle", lambda c: c["cycle"]),
    Quantity(
        "first", tr("capacity of the first half"), "mAh", "cycle", lambda c: np.abs(c["first_C"]) / 3.6, 1
    ),
    Quantity(
        "second", tr("capacity of the second half"), "mAh", "cycle", lambda c: np.abs(c["second_C"]) / 3.6, 1
    ),
    Quantity("efficiency", tr("Coulombic efficiency"), "%", "cycle", lambda c: 100.0 * c["efficiency"]),
)
"""Impedances in ohm, admittances in S, capacitances 1/(jωZ) in F; charges of a step count from its first sample."""

BY_KEY = {quantity.key: quantity for quantity in QUANTITIES}


def fitting(key: str) -> tuple[Quantity, ...]:
    """Return the quantities that can be drawn against one."""
    of = BY_KEY[key].of
    return tuple(each for each in QUANTITIES if each.of == of)


@dataclass(frozen=True)
class Choice:
    """What is drawn: keys of x, y and, on a second axis at the right, of another ("" for none), and per what."""

    x: str = "step"
    y: str = "voltage"
    right: str = ""
    per: Per = ""


class Samples:
    """Samples of runs, read once each for as long as it is the same run; takes its time, for a thread of its own."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, int], Array] = {}

    def of(self, path: Path, count: int) -> Array:
        """Return the samples (TABLE) of a run that has so many; raises slices.UNREADABLE."""
        if (path, count) not in self._read:
            self._read = {key: table for key, table in self._read.items() if key[0] != path}
            self._read[path, count] = samples_of(path, count)
        return self._read[path, count]


def samples_of(path: Path, count: int) -> Array:
    """Read samples (TABLE); of more than MOST_SAMPLES every n-th. Raises slices.UNREADABLE."""
    from solbench.acquisition.record.reader import is_finished
    from solbench.acquisition.record.slices import FileSlices, slices_of

    every = max(1, math.ceil(count / MOST_SAMPLES))
    source = FileSlices(path, whole=True) if is_finished(path) else slices_of(path)
    parts, starts_C = [], dict[int, float]()
    for first in range(0, count, CHUNK):
        (part,) = source.read([(first, min(first + CHUNK, count))])
        steps, at = np.unique(part["step"], return_index=True)
        for step, place in zip(steps.tolist(), at.tolist(), strict=True):
            starts_C.setdefault(step, float(part["charge_C"][place]))
        kept = part[(-first) % every :: every]
        table = np.empty(len(kept), TABLE)
        for name in kept.dtype.names or ():
            table[name] = kept[name]
        begun_C = np.array([starts_C[step] for step in steps.tolist()])
        table["step_C"] = (
            table["charge_C"] - begun_C[np.searchsorted(steps, kept["step"])] if len(kept) else 0.0
        )
        parts.append(table)
    return np.concatenate(parts) if parts else np.empty(0, TABLE)


def curves_against(choice: Choice, runs: Sequence[RunModel], samples: dict[Path, Array]) -> list[Curve]:
    """Return what is chosen of several runs, `samples` (TABLE) by their paths; nothing of what a run lacks."""
    found: list[Curve] = []
    for place, run in enumerate(runs):
        lead = f"{run.path.stem} " if len(runs) > 1 else ""
        for key, right in ((choice.y, False), (choice.right, True)):
            if key:
                drawn = _of_run(choice, BY_KEY[key], run, samples.get(run.path))
                found += [
                    replace(
                        curve, name=f"{lead}{curve.name}".strip(), place=place, count=len(runs), right=right
                    )
                    for curve in drawn
                ]
    if len(runs) == 1:  # its spectra, or its two quantities, are told apart
        found = [replace(curve, place=place, count=len(found)) for place, curve in enumerate(found)]
    return found


def _of_run(choice: Choice, y: Quantity, run: RunModel, samples: Array | None) -> Iterator[Curve]:
    x = BY_KEY[choice.x]
    factors = [_factor(quantity, choice.per, run) for quantity in (x, y)]
    for name, table, at in _tables(x.of, run, samples):
        across, up = [
            np.asarray(quantity.take(table), np.float64) * factor
            for quantity, factor in zip((x, y), factors, strict=True)
        ]
        label = f"{name} {y.name}".strip() if choice.right else name or y.name
        yield Curve(
            label,
            x.label(choice.per),
            y.label(choice.per),
            across,
            up,
            points=x.of != "sample",
            label=label,
            at=at,
        )


def _tables(of: Of, run: RunModel, samples: Array | None) -> Iterator[tuple[str, Array, tuple[str, ...]]]:
    """Yield name, table and words at each row of what of a run has the quantities."""
    if of == "sample" and samples is not None and len(samples):
        yield "", samples, ()
    if of == "cycle" and run.pairs:
        yield "", _cycles(run.pairs), ()
    if of == "point":
        for track in run.spectra.shown:
            points = track.points[track.is_known]
            if len(points):
                yield track.label, points, tuple(frequency(float(each)) for each in points["frequency_Hz"])


def _cycles(pairs: Sequence[Pair]) -> Array:
    rows = np.full(len(pairs), math.nan, CYCLE)
    for number, pair in enumerate(pairs):
        second_C = pair.second.charge_C if pair.second is not None else math.nan
        efficiency = pair.coulombic_efficiency
        rows[number] = (
            number + 1,
            pair.first.charge_C,
            second_C,
            math.nan if efficiency is None else efficiency,
        )
    return rows


def _factor(quantity: Quantity, per: Per, run: RunModel) -> float:
    """Return by what a value is multiplied; not a number where the record does not say how large the cell is."""
    if not per or not quantity.size or (quantity.size < 0 and per == "g"):
        return 1.0
    if per == "cm²":
        return float((run.area_m2 * 1e4) ** -quantity.size)
    mass_kg = run.plan.build.active_mass_kg if run.plan is not None else None
    return 1.0 / (mass_kg * 1e3) if mass_kg else math.nan
