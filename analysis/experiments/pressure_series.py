"""Conductivity of a pellet against stack pressure: how much the pressure still improves it, and whether that stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from solbench.acquisition.record.beside.pressure import MPA, CellPressure
from solbench.analysis.experiments.experiment import Experiment, Found, Shown, number
from solbench.analysis.polarization import run_geometry
from solbench.analysis.report.style import SERIES
from solbench.analysis.run_spectra import CONTACT_OHM, RunSpectra
from solbench.analysis.states_of_run import contradicted, is_pellet
from solbench.fitting.geometry import conductivity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_PRESSURES = 2
_S_CM = 0.01


@dataclass(frozen=True)
class AtPressure:
    """The last sound spectrum at one pressure: its resistance, and conductivity (S/cm) with what it does not share.

    The pressure is that which a gauge showed during the spectrum, with its standard uncertainty, else the typed one,
    without.
    """

    pressure_MPa: float
    pressure_stderr_MPa: float | None
    resistance_ohm: float
    stderr_ohm: float
    sigma_S_cm: float
    sigma_stderr_S_cm: float


def analyse(spectra: RunSpectra) -> Found[tuple[AtPressure, ...]] | None:
    """Find it in a run on a pellet that a person brought to two pressures or more."""
    if not is_pellet(spectra.run) or spectra.fit is None:
        return None
    asked = [record for record in spectra.records if record.conditions.times_set[1]]
    if len({record.conditions.times_set[1] for record in asked}) < LEAST_PRESSURES:
        return None
    if spectra.run.not_commissioned:
        return Found((), ("withheld: the bench is not commissioned",), (), "withheld")
    states = dict(zip((record.spectrum for record in spectra.records), spectra.fit.states, strict=True))
    wrong = set(contradicted(spectra.run))
    geometry = run_geometry(spectra.run)
    found: list[AtPressure] = []
    notes: list[str] = []
    for _, group in groupby(asked, key=lambda record: record.conditions.times_set[1]):
        records = list(group)
        sound = [
            record
            for record in records
            if states[record.spectrum].verdict != "wrong" and record.spectrum not in wrong
        ]
        pressure = spectra.run.pressure_of(sound[-1]) if sound else None
        if pressure is None:
            why = "nobody confirmed it" if sound else "it has no sound spectrum"
            notes.append(f"a pressure is left out: {why}")
            continue
        state = states[sound[-1].spectrum]
        sigma, _ = conductivity(state.r_sse_ohm, state.r_sse_stderr_ohm, geometry)
        own = sigma * state.r_sse_stderr_ohm / state.r_sse_ohm
        found.append(
            AtPressure(
                pressure.value_Pa / MPA,
                _stderr_MPa(pressure),
                state.r_sse_ohm,
                state.r_sse_stderr_ohm,
                sigma * _S_CM,
                own * _S_CM,
            )
        )
    if len(found) < LEAST_PRESSURES:
        return Found((), tuple(notes), tuple(found), "too few pressures")
    lowest, highest = min(found, key=_pressure), max(found, key=_pressure)
    ratio = highest.sigma_S_cm / lowest.sigma_S_cm
    # The thickness is that of the record at every pressure, and the contact belongs to what the pressure improves.
    stderr = (
        ratio
        * (
            (lowest.stderr_ohm / lowest.resistance_ohm) ** 2
            + (highest.stderr_ohm / highest.resistance_ohm) ** 2
        )
        ** 0.5
    )
    whole = (
        highest.sigma_S_cm
        * (
            geometry.relative_stderr**2
            + ((highest.stderr_ohm**2 + CONTACT_OHM**2) / highest.resistance_ohm**2)
        )
        ** 0.5
    )
    numbers = [
        number(
            "conductivity_at_highest_pressure_S_cm",
            f"conductivity at {_in_words(highest)} MPa",
            highest.sigma_S_cm,
            whole,
            "S/cm",
        ),
        number(
            "highest_over_lowest",
            f"conductivity at {_in_words(highest)} over that at {_in_words(lowest)} MPa",
            ratio,
            stderr,
            "",
        ),
    ]
    typed = sum(one.pressure_stderr_MPa is None for one in found)
    if 0 < typed < len(found):
        notes.append(f"{typed} of the {len(found)} pressures were typed, the others measured")
    notes.append(
        "the thickness in the record is taken at every pressure; a sample that is compressed is thinner"
    )
    return Found(tuple(numbers), tuple(notes), tuple(found))


def _pressure(one: AtPressure) -> float:
    return one.pressure_MPa


def _stderr_MPa(pressure: CellPressure) -> float | None:
    return None if pressure.stderr_Pa is None else pressure.stderr_Pa / MPA


def _in_words(one: AtPressure) -> str:
    sure = "" if one.pressure_stderr_MPa is None else f" +- {one.pressure_stderr_MPa:.2g}"
    return f"{one.pressure_MPa:.4g}{sure}"


def paint(figure: Figure, shown: Sequence[Shown[tuple[AtPressure, ...]]]) -> None:
    """Draw the conductivity against the pressure, in the order in which it was set."""
    axes = figure.add_axes((0.15, 0.14, 0.81, 0.75))
    for place, one in enumerate(shown):
        colour, marker, style = SERIES[place % len(SERIES)]
        MPa = [each.pressure_MPa for each in one.found.data]
        sigma = [1e3 * each.sigma_S_cm for each in one.found.data]
        bars = [1e3 * each.sigma_stderr_S_cm for each in one.found.data]
        across = [each.pressure_stderr_MPa or 0.0 for each in one.found.data]
        axes.errorbar(MPa, sigma, bars, across, fmt=marker, ls=style, lw=0.9, color=colour, label=one.label)
    axes.set_xlabel("stack pressure / MPa")
    axes.set_ylabel("conductivity / mS cm⁻¹")
    axes.legend(loc="best")


EXPERIMENT = Experiment(
    name="pressure_series",
    title="Ionic conductivity against stack pressure",
    protocols=("pressure-series",),
    analyse=analyse,
    caption=(
        "Conductivity against stack pressure, as a gauge showed it during the spectrum, else as it was typed; joined "
        "in the order in which the pressures were set. The bars of the conductivity do not hold what all points share."
    ),
    size_in=(5.4, 3.8),
    paint=paint,
)
