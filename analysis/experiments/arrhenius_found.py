"""The numbers, remarks and figure that conductivities against temperature have in common, of ions and of electrons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from solbench.analysis.experiments.experiment import Found, Number, Shown, number
from solbench.analysis.report.style import SERIES
from solbench.fitting.elements import Array
from solbench.fitting.laws.arrhenius import (
    AT_K,
    Arrhenius,
    Change,
    Plateau,
    Shared,
    arrhenius,
    temperatures_are_enough,
)
from solbench.fitting.state_fit import BOLTZMANN_eV_K

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ZERO_DEGC_K = 273.15
_SCATTERED = 3.0
S_CM = 0.01  # S/m in S/cm
CAPTION = (
    "ln(σT) against 1000/T, σ in S/cm; the upper axis is in °C. Filled: heating, open: cooling. The line is that "
    "of the fit, in whose uncertainty the difference of sensor and sample, the contacts and the dimensions are."
)


@dataclass(frozen=True)
class Against:
    """Conductivities against temperature: the plateaus, and their law, None where they are too few for one."""

    plateaus: tuple[Plateau, ...]
    law: Arrhenius | None


def against_temperature(points: Sequence[Plateau], shared: Shared, notes: Sequence[str]) -> Found[Against]:
    """Return what conductivities at several temperatures tell, with remarks about the plateaus in front."""
    kelvin = [point.temperature_K for point in points]
    if not temperatures_are_enough(kelvin):
        why = "no activation energy: it needs three temperatures that differ, over 20 K"
        return Found((), (*notes, why), Against(tuple(points), None), "too few temperatures")
    law = arrhenius(points, shared)
    return Found(_numbers(law), (*notes, *_notes(law)), Against(tuple(points), law), _verdict(law))


def _numbers(law: Arrhenius) -> tuple[Number, ...]:
    straight, plain = (None, None) if law.is_curved else (law.of_sigma_T, law.of_sigma)
    stderr = law.sigma_stderr_S_m
    return (
        number(
            "activation_energy_eV",
            "activation energy, from ln(sigma T)",
            straight.energy_eV if straight else None,
            straight.energy_stderr_eV if straight else None,
            "eV",
        ),
        number(
            "activation_energy_of_sigma_eV",
            "activation energy, from ln(sigma)",
            plain.energy_eV if plain else None,
            plain.energy_stderr_eV if plain else None,
            "eV",
        ),
        number(
            "conductivity_at_25_degC_S_cm",
            "conductivity at 25 degC",
            None if law.sigma_S_m is None else law.sigma_S_m * S_CM,
            None if stderr is None else stderr * S_CM,
            "S/cm",
        ),
        _change("cooling_over_heating", "cooling over heating", law.way_back),
        _change("after_over_before", "at 25 degC, after over before", law.before_after),
    )


def _change(name: str, title: str, change: Change | None) -> Number:
    if change is None:
        return number(name, title, None, None, "")
    return number(name, title, 1.0 + change.relative, change.stderr, "")


def _notes(law: Arrhenius) -> list[str]:
    notes = []
    if law.is_curved and law.local_eV is not None:
        colder, warmer = law.local_eV
        notes.append(
            f"the points are curved ({abs(law.of_sigma_T.curvature):.1f} standard errors): there is no single "
            f"activation energy; about {colder:.3f} eV in the colder half, {warmer:.3f} eV in the warmer one"
        )
    if law.of_sigma_T.scatter > _SCATTERED:
        notes.append(
            f"the points scatter about the line {law.of_sigma_T.scatter:.1f} times as far as their uncertainties say; "
            "look at those that lie off it"
        )
    if law.sigma_S_m is None:
        notes.append(
            "25 degC lies outside the temperatures that were measured: no conductivity is given there"
        )
    for change, words in (
        (law.way_back, "cooling does not repeat heating"),
        (law.before_after, "at 25 degC the sample is not what it was before"),
    ):
        if change is not None and change.is_significant:
            by = f"{100.0 * change.relative:+.1f} +- {100.0 * change.stderr:.1f} %"
            notes.append(f"{words}: the conductivity differs by {by}")
    return notes


def _verdict(law: Arrhenius) -> str:
    if law.is_curved:
        return "curved: no single activation energy"
    changes = [change for change in (law.way_back, law.before_after) if change is not None]
    if any(change.is_significant for change in changes):
        return "the sample has changed"
    return "one activation energy"


def paint(figure: Figure, shown: Sequence[Shown[Against]]) -> None:
    """Draw ln(sigma T) against 1000/T, each run in a colour of its own."""
    axes = figure.add_axes((0.13, 0.12, 0.83, 0.70))
    for place, one in enumerate(shown):
        colour, marker, _ = SERIES[place % len(SERIES)]
        data = one.found.data
        for cooling in (False, True):
            own = [point for point in data.plateaus if point.cooling == cooling]
            kelvin = np.array([point.temperature_K for point in own])
            level = np.log([point.sigma_S_m * S_CM * point.temperature_K for point in own])
            face = "none" if cooling else colour
            label = None if cooling else _label(one)
            axes.plot(1e3 / kelvin, level, marker, color=colour, mfc=face, ms=5.0, label=label)
        if data.law is not None and not data.law.is_curved:
            line = data.law.of_sigma_T
            ends = [point.temperature_K for point in data.plateaus]
            kelvin = np.linspace(min(ends), max(ends), 50)
            x = (1.0 / kelvin - 1.0 / AT_K) / BOLTZMANN_eV_K
            axes.plot(
                1e3 / kelvin,
                np.log(line.sigma_S_m * S_CM * AT_K) - line.energy_eV * x,
                "-",
                color=colour,
                lw=1.0,
            )
    axes.set_xlabel("1000 K / T")
    axes.set_ylabel("ln(σT / S cm⁻¹ K)")
    axes.legend(loc="best")
    above = axes.secondary_xaxis("top", functions=(_degC, _reciprocal))
    above.set_xlabel("temperature / °C")


def _label(one: Shown[Against]) -> str:
    law = one.found.data.law
    if law is None or law.is_curved:
        return f"{one.label}: {one.found.verdict}"
    line = law.of_sigma_T
    return f"{one.label}: E_a {line.energy_eV:.3f} ± {line.energy_stderr_eV:.3f} eV"


def _degC(reciprocal: ArrayLike) -> Array:
    found: Array = 1e3 / np.maximum(np.asarray(reciprocal, float), 1e-3) - ZERO_DEGC_K
    return found


def _reciprocal(degC: ArrayLike) -> Array:
    found: Array = 1e3 / np.maximum(np.asarray(degC, float) + ZERO_DEGC_K, 1e-3)
    return found
