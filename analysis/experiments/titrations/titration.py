"""What titrations have in common: steps of which each tells a time of diffusion, or why not, and their figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import MAH_CM2_IN_C_M2
from solbench.analysis.experiments.experiment import Found, Number, Shown
from solbench.analysis.report.style import SERIES, grid
from solbench.fitting.laws.arrhenius import INTERVAL
from solbench.protocols.cells import parse_cell
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW_READINGS = "too few readings are stored"
OWN = 0.15  # of a diffusion coefficient: what relaxes elsewhere in the cell acts in a step as well


@dataclass(frozen=True)
class TitrationStep:
    """One pulse, or one step of the voltage: voltage (V) before and after, charge (C) when it began, and what it tells.

    `time_s` is the time of diffusion L^2/D with its standard uncertainty, None where `why` says why not.
    """

    charge_C: float
    before_V: float
    after_V: float
    time_s: float | None = None
    stderr_s: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Titration:
    """All steps of a run; `length_m` is that of the record, None where it has none."""

    steps: tuple[TitrationStep, ...]
    area_m2: float
    length_m: float | None


def titration_of(run: Run, steps: Sequence[TitrationStep]) -> Titration:
    """Return the steps of a run with the area, and the length of diffusion of its record."""
    return Titration(tuple(steps), run.header.cell.required("area_m2"), _length_m(run))


def found_in(titration: Titration, step: str) -> Found[Titration]:
    """Return what a titration tells; `step` is the word for one of its steps."""
    return Found(
        tuple(_numbers(titration)), tuple(_notes(titration, step)), titration, _verdict(titration, step)
    )


def told_by(step: TitrationStep, fits: Sequence[tuple[float, float] | str], not_told: str) -> TitrationStep:
    """Return a step with the time of diffusion (s) of the first fit; each a time with its error, or why there is none.

    Half of what the others are apart from it is in its error; where that is too large, `not_told` says so.
    """
    times: list[tuple[float, float]] = []
    for fit in fits:
        if isinstance(fit, str):
            return replace(step, why=fit)
        times.append(fit)
    (time_s, own_s), *others = times
    away_s = [0.5 * (other - time_s) for other, _ in others]
    stderr_s = math.hypot(own_s, *away_s, OWN * time_s)
    if stderr_s > 0.5 * time_s:
        return replace(step, why=not_told)
    return replace(step, time_s=time_s, stderr_s=stderr_s)


def _length_m(run: Run) -> float | None:
    cell = run.header.cell
    try:
        length = parse_cell(cell.text, cell.name).builds[cell.build].diffusion_length
    except (BadInput, KeyError):  # written by a version that knew other fields
        return None
    return length.value if length is not None else None


def _numbers(titration: Titration) -> Iterator[Number]:
    told = [one for one in titration.steps if one.time_s is not None]
    times = [one.time_s for one in told if one.time_s is not None]
    time_s = stderr_s = None
    if times:
        time_s = median(times)
        off = median(abs(math.log(one / time_s)) for one in times)
        scatter = 1.4826 * 1.2533 * off / math.sqrt(len(times))
        # what a step leaves open, the next leaves open as well: it does not become less with their number
        alike = median(one.stderr_s / one.time_s for one in told if one.time_s and one.stderr_s)
        stderr_s = time_s * math.hypot(scatter, alike)
    if titration.length_m is not None:
        value = titration.length_m**2 / time_s * 1e4 if time_s is not None else None
        stderr = value * stderr_s / time_s if value and time_s and stderr_s else None
        yield _positive("diffusion_coefficient_cm2_s", "diffusion coefficient", value, stderr, "cm2/s")
    yield _positive("diffusion_time_s", "time of diffusion, L2/D", time_s, stderr_s, "s")


def _positive(name: str, title: str, value: float | None, stderr: float | None, unit: str) -> Number:
    """Return a number that is above zero, with an interval that is even in its logarithm."""
    if not value or not stderr:
        return Number(name, title, value, stderr, None, None, unit)
    factor = math.exp(INTERVAL * stderr / value)
    return Number(name, title, value, stderr, value / factor, value * factor, unit)


def _verdict(titration: Titration, step: str) -> str:
    told = sum(one.time_s is not None for one in titration.steps)
    if not told:
        return f"no {step} tells a diffusion coefficient"
    return f"median of {told} of {len(titration.steps)} {step}s"


def _notes(titration: Titration, step: str) -> Iterator[str]:
    if titration.length_m is None:
        yield "the build has no diffusion_length: only the time of diffusion is given"
    whys = [one.why for one in titration.steps if one.why]
    for why in dict.fromkeys(whys):
        count = whys.count(why)
        yield f"{count} {step if count == 1 else f'{step}s'} left out: {why}"


def paint(fig: Figure, shown: Sequence[Shown[Titration]]) -> None:
    """Draw the voltage at rest, and below it the diffusion coefficient, or the time of diffusion, of each one."""
    [[above], [below]] = grid(fig, 1, (1.0, 1.0))
    with_length = all(one.found.data.length_m is not None for one in shown)
    for (colour, marker, _), one in zip(SERIES, shown, strict=False):
        data = one.found.data
        scale = data.area_m2 * MAH_CM2_IN_C_M2
        begin_C = data.steps[0].charge_C
        at = [abs(one.charge_C - begin_C) / scale for one in data.steps]
        above.plot(at, [one.before_V for one in data.steps], marker, color=colour, ms=3, label=one.label)
        told = [
            (x, one.time_s, one.stderr_s / one.time_s)
            for x, one in zip(at, data.steps, strict=True)
            if one.time_s and one.stderr_s
        ]
        length_m = data.length_m if with_length else None
        y = [1e4 * length_m**2 / time_s if length_m else time_s for _, time_s, _ in told]
        bars = [value * relative for value, (_, _, relative) in zip(y, told, strict=True)]
        below.errorbar([x for x, _, _ in told], y, bars, fmt=marker, color=colour, ms=3, lw=0.8)
        for step, x in zip(data.steps, at, strict=True):
            if step.why:
                below.axvline(x, color=colour, lw=0.6, alpha=0.3, ls=":")
    above.set_ylabel("voltage before / V")
    above.legend(loc="best")
    below.set_yscale("log")
    below.set_ylabel("D / cm² s⁻¹" if with_length else "time of diffusion / s")
    for axes in (above, below):
        axes.set_xlabel("charge / mAh cm⁻²")
