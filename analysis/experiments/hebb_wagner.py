"""Hebb and Wagner: the conductivity of electrons and holes against the voltage, from I(V) of a blocking electrode.

The steady current is A/L times the integral of the conductivity from 0 to V (Wagner, Z. Elektrochem. 60 (1956) 4). So
the difference of two steady currents over that of their voltages is the mean between the two, however it changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from solbench.analysis.cycling import GAIN_RELATIVE
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.polarization import run_conductivity, run_geometry
from solbench.analysis.report.style import SERIES, grid
from solbench.analysis.run_spectra import RunSpectra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_S_CM = 100.0
_LEAST = 2.0  # standard uncertainties: less is not distinguishable from none


@dataclass(frozen=True)
class Steady:
    """A voltage (V) and the current (A) that it ends in, with its standard uncertainty; `settled`: it did."""

    voltage_V: float
    current_A: float
    stderr_A: float
    settled: bool = True


@dataclass(frozen=True)
class Between:
    """The mean conductivity (S/cm) of electrons and holes between two voltages (V)."""

    low_V: float
    high_V: float
    value_S_cm: float
    stderr_S_cm: float


@dataclass(frozen=True)
class Polarizations:
    """I(V), and the conductivities that follow from it."""

    steady: tuple[Steady, ...]
    between: tuple[Between, ...]


def analyse(spectra: RunSpectra) -> Found[Polarizations] | None:
    """Find it in a run on a reversible against a blocking electrode with polarizations at two voltages or more."""
    run = spectra.run
    if run.header.cell.kind != "hebb_wagner":
        return None
    result = run_conductivity(run)
    if result is None or len(result.transients) < 2:
        return None
    steady = tuple(
        Steady(
            one.voltage_V,
            one.limit_A,
            math.hypot(one.limit_stderr_A, result.zero.stderr_A),
            bool(one.settled) and math.isfinite(one.limit_A),
        )
        for one in sorted(result.transients, key=lambda one: one.voltage_V)
    )
    geometry = run_geometry(run)
    relative = math.hypot(geometry.relative_stderr, GAIN_RELATIVE)
    between = tuple(differences(steady, geometry.cell_constant_per_m, relative))
    found = Polarizations(steady, between)
    return Found(tuple(_numbers(between)), tuple(_notes(steady, between)), found, _verdict(between))


def differences(steady: Sequence[Steady], per_m: float, relative: float) -> Iterator[Between]:
    """Yield the mean conductivity between each two voltages that follow each other; at 0 V there is no current.

    `per_m`: L/A (1/m), `relative`: its relative standard uncertainty and that of the gain.

    >>> [one] = differences([Steady(0.5, 1e-8, 1e-11)], 6.37, 0.0)
    >>> f"{one.value_S_cm:.3g}"
    '1.27e-09'
    """
    told = [one for one in steady if one.settled and one.voltage_V > 0.0]
    for below, above in pairwise([Steady(0.0, 0.0, 0.0), *told]):
        if above.voltage_V <= below.voltage_V:
            continue
        span_V = above.voltage_V - below.voltage_V
        value = per_m * (above.current_A - below.current_A) / span_V / _S_CM
        noise = per_m * math.hypot(above.stderr_A, below.stderr_A) / span_V / _S_CM
        yield Between(below.voltage_V, above.voltage_V, value, math.hypot(noise, relative * value))


def _numbers(between: Sequence[Between]) -> Iterator[Number]:
    for one in between:
        low, high = round(1e3 * one.low_V), round(1e3 * one.high_V)
        yield number(
            f"electronic_conductivity_S_cm_{low}_to_{high}_mV",
            f"electronic conductivity, {low} to {high} mV",
            one.value_S_cm,
            one.stderr_S_cm,
            "S/cm",
        )


def _verdict(between: Sequence[Between]) -> str:
    sure = [one for one in between if one.value_S_cm > _LEAST * one.stderr_S_cm]
    if not sure:
        return "no current stands above its uncertainty"
    least = min(sure, key=lambda one: one.value_S_cm)
    return (
        f"smallest from {1e3 * least.low_V:.0f} to {1e3 * least.high_V:.0f} mV: {least.value_S_cm:.3g} S/cm"
    )


def _notes(steady: Sequence[Steady], between: Sequence[Between]) -> Iterator[str]:
    yield "voltages are those of the blocking electrode against the reversible one"
    loose = [one for one in steady if not one.settled]
    if loose:
        shown = ", ".join(f"{1e3 * one.voltage_V:g}" for one in loose)
        yield f"left out, as the current had not settled: {shown} mV"
    if any(one.value_S_cm < -_LEAST * one.stderr_S_cm for one in between):
        yield "a current falls at a higher voltage: the electrolyte has not been steady, or has decomposed"


def paint(fig: Figure, shown: Sequence[Shown[Polarizations]]) -> None:
    """Draw the steady current against the voltage, and below it the conductivity between each two voltages."""
    [[above], [below]] = grid(fig, 1, (1.0, 1.0))
    for (colour, marker, _), one in zip(SERIES, shown, strict=False):
        data = one.found.data
        told = [each for each in data.steady if each.settled and each.current_A > 0.0]
        above.plot(
            [each.voltage_V for each in told],
            [each.current_A for each in told],
            marker,
            color=colour,
            label=one.label,
        )
        sure = [each for each in data.between if each.value_S_cm > _LEAST * each.stderr_S_cm]
        below.errorbar(
            [0.5 * (each.low_V + each.high_V) for each in sure],
            [each.value_S_cm for each in sure],
            [each.stderr_S_cm for each in sure],
            [0.5 * (each.high_V - each.low_V) for each in sure],
            fmt=marker,
            color=colour,
            lw=0.9,
        )
    for axes, words in ((above, "steady current / A"), (below, "conductivity / S cm⁻¹")):
        axes.set_yscale("log")
        axes.set_xlabel("voltage of the blocking electrode / V")
        axes.set_ylabel(words)
    above.legend(loc="best")


EXPERIMENT = Experiment(
    name="hebb_wagner",
    title="Hebb-Wagner: electrons and holes",
    protocols=("hebb-wagner",),
    analyse=analyse,
    caption=(
        "Above: steady current at each voltage of the blocking against the reversible electrode. Below: mean "
        "conductivity of electrons and holes between each two voltages, L/A dI/dV; bars across are the span, bars "
        "upright one standard uncertainty."
    ),
    size_in=(5.4, 5.4),
    paint=paint,
)
