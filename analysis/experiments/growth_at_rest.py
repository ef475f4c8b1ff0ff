"""Growth of the interphase at rest: the resistance of the interfaces against time, and the law that it follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.experiments.experiment import Experiment, Found, Number, Shown, number
from solbench.analysis.report.style import SERIES
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.temperature import MEASURED_CHANGE_K, are_measured, relative_per_K
from solbench.analysis.withheld import words
from solbench.fitting.elements import Array
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.laws.growth import LEAST_POINTS, Growth, growth_law

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HOUR_S = 3600.0
_LONGEST_BEFORE_S = 30 * 86400.0  # of a contact of which nobody has said when it began
_LEAST_SPAN_S = 600.0
_LOWEST, _LEAST_NOISE = 5, 1e-6  # points at the lowest frequencies; a fit without any noise has no weights
_BEYOND = 4.0  # standard uncertainties of the electrolyte: less growth has no law
_MOST_ODDS = 13.8  # a million to one, as a logarithm: what errors of measurement leave of a likelihood
_OF_THE_CIRCUIT = ("no_double_layer",)  # what the arcs share out among themselves; Z' has all of it
TYPED_CHANGE_K, ROOM_K = 1.0, 298.15


@dataclass(frozen=True)
class AtRest:
    """Resistances (ohm) at times (s) since the contact began, at the latest; and the law, None where it is withheld."""

    time_s: Array
    resistance_ohm: Array
    stderr_ohm: Array
    begins_s: float
    growth: Growth | None


def analyse(spectra: RunSpectra) -> Found[AtRest] | None:
    """Find it in a run on a cell with an interphase, with six spectra or more without a charge between them."""
    if not spectra.has_interphase or spectra.fit is None:
        return None
    charged_s, records = _at_rest(spectra)
    if len(records) < LEAST_POINTS or records[-1].time_s - records[0].time_s < _LEAST_SPAN_S:
        return None
    at = np.array([record.time_s for record in records])
    ohm, stderr = _totals(spectra, records)
    sound = np.isfinite(ohm) & np.isfinite(stderr) & (stderr > 0.0)
    sound &= np.array([state.verdict != "wrong" for state in _states(spectra, records)])
    contact_s = _contact(spectra, charged_s)
    data = AtRest(at[sound] - contact_s[1], ohm[sound], stderr[sound], contact_s[1], None)
    if reasons := [words(one) for one in spectra.withheld if one.code not in _OF_THE_CIRCUIT]:
        return Found((), tuple(reasons), data, "withheld")
    if int(sound.sum()) < LEAST_POINTS:
        why = f"{int(sound.sum())} of {len(records)} spectra tell an interphase; a law needs {LEAST_POINTS}"
        return Found((), (why,), data, "cannot be told")
    growth = growth_law(at[sound], ohm[sound], stderr[sound], contact_s)
    return _found(data, growth, _electrolyte_stderr_ohm(spectra, records), contact_s)


def _states(spectra: RunSpectra, records: Sequence[SpectrumRecord]) -> list[StateFit]:
    assert spectra.fit is not None
    return [spectra.fit.states[spectra.records.index(record)] for record in records]


def _totals(spectra: RunSpectra, records: Sequence[SpectrumRecord]) -> tuple[Array, Array]:
    """Return Z' of each spectrum at its lowest frequencies with its standard error (ohm); at one measured temperature.

    At rest only the interphase grows. There all arcs are through, so that what Z' gains is what they have grown by, and
    nothing has to be told apart: no circuit has a part in it.
    """
    at = dict(zip((record.spectrum for record in spectra.records), spectra.temperatures, strict=True))
    found, stderrs = [], []
    first = at[records[0].spectrum]
    measured = are_measured([at[record.spectrum] for record in records])
    for record, state in zip(records, _states(spectra, records), strict=True):
        there = at[record.spectrum]
        ohm = spectra.spectrum(record)[1][-_LOWEST:]
        warmer = 0.0
        if measured and there is not None and first is not None:
            warmer = state.r_sse_ohm * relative_per_K(first.value_K) * (there.value_K - first.value_K)
        found.append(float(np.mean(ohm.real)) + warmer)
        noise = max(state.kk_residual, _LEAST_NOISE) * float(np.mean(np.abs(ohm)))
        stderrs.append(noise / len(ohm) ** 0.5)
    return np.array(found), np.array(stderrs)


def _electrolyte_stderr_ohm(spectra: RunSpectra, records: Sequence[SpectrumRecord]) -> float:
    """Return by how much (ohm) the electrolyte may have changed from the first to the last: by temperature, or as seen.

    Seen: what a straight line through its own resistance in the joint fit leaves open; or all that this has moved by,
    where its states show that it has: a contact that wears out, or pressure that is lost, adds to Z' as well.
    """
    states = _states(spectra, records)
    moved, moved_stderr = _moved(np.array([state.r_sse_ohm for state in states]))
    least = abs(moved) if abs(moved) > _BEYOND * moved_stderr else 0.0
    at = [spectra.temperatures[spectra.records.index(record)] for record in records]
    change_K = MEASURED_CHANGE_K if are_measured(at) else TYPED_CHANGE_K
    kelvin = next((one.value_K for one in at if one is not None), ROOM_K)
    by_temperature = states[0].r_sse_ohm * relative_per_K(kelvin) * change_K
    usual = float(np.median([state.r_sse_own_stderr_ohm for state in states]))
    seen = usual * (12.0 / len(states)) ** 0.5
    return max(least, min(by_temperature, seen) if np.isfinite(seen) else by_temperature)


def _moved(r_sse_ohm: Array) -> tuple[float, float]:
    """Return by how much (ohm) a straight line through the states rises over all of them, and its standard error."""
    place = np.linspace(-0.5, 0.5, len(r_sse_ohm))
    slope, middle = np.polyfit(place, r_sse_ohm, 1)
    residuals = r_sse_ohm - middle - slope * place
    scatter = float(np.sum(residuals**2)) / (len(place) - 2)
    return float(slope), (scatter / float(np.sum(place**2))) ** 0.5


def _found(
    data: AtRest, growth: Growth, electrolyte_ohm: float, contact_s: tuple[float, float]
) -> Found[AtRest]:
    law, notes = growth.law, []
    grown_stderr = (growth.grown_stderr_ohm**2 + electrolyte_ohm**2) ** 0.5
    is_hidden = law != "no growth" and abs(growth.grown_ohm) < _BEYOND * electrolyte_ohm
    if is_hidden:
        law = "cannot be told"
        notes.append(
            f"the electrolyte and its contacts alone may have changed by {electrolyte_ohm:.2g} ohm; measure the "
            "temperature at the cell, keep it and the pressure steady, or wait longer"
        )
    told = {"parabolic": growth.parabolic, "linear": growth.linear}.get(law)
    share = electrolyte_ohm / abs(growth.grown_ohm) if growth.grown_ohm else 0.0
    unit = "ohm/h^0.5" if law == "parabolic" else "ohm/h"
    stderr = None if told is None else (told.stderr**2 + (told.k * share) ** 2) ** 0.5
    numbers = (
        number("growth_ohm", "growth at rest, first to last spectrum", growth.grown_ohm, grown_stderr, "ohm"),
        number("rate", "rate", told.k if told else None, stderr, unit if told else ""),
        Number(
            "exponent",
            "exponent of time (0: a logarithm)",
            *_exponent(growth, is_hidden or law == "no growth"),
            "",
        ),
    )
    if law == "cannot be told" and not is_hidden:
        one, other = growth.parabolic, growth.linear
        notes.append(
            f"if the growth is parabolic, its rate is {one.k:.3g} +- {one.stderr:.2g} ohm/h^0.5, "
            f"if linear, {other.k:.3g} +- {other.stderr:.2g} ohm/h; {_likelier(growth.straighter)}"
        )
    if law == "neither":
        notes.append("neither a parabola nor a straight line describes the growth")
    if contact_s[1] - contact_s[0] > HOUR_S:
        hours = (contact_s[1] - contact_s[0]) / HOUR_S
        notes.append(f"the contact began at a time that is known to {hours:.3g} h; the rate includes that")
    verdict = {"cannot be told": "the law cannot be told", "no growth": "no growth beyond its uncertainty"}
    shown = AtRest(data.time_s, data.resistance_ohm, data.stderr_ohm, data.begins_s, growth)
    return Found(numbers, tuple(notes), shown, verdict.get(law, law))


def _likelier(straighter: float) -> str:
    """Say which of the two laws describes the points better; `straighter` is chi2 of the line less the parabola's."""
    better, other = ("parabola", "straight line") if straighter > 0.0 else ("straight line", "parabola")
    odds = math.exp(min(0.5 * abs(straighter), _MOST_ODDS))
    return f"the {better} is {odds:.3g} times as likely as the {other}, and other exponents are likely too"


def _exponent(growth: Growth, has_none: bool) -> tuple[float | None, None, float | None, float | None]:
    """Return the exponent of time with its 95 % interval, None where nothing has grown that could have one."""
    if has_none or abs(growth.grown_ohm) < _BEYOND * growth.grown_stderr_ohm:
        return None, None, None, None
    value, low, high = growth.exponent
    return value, None, low, high


def _at_rest(spectra: RunSpectra) -> tuple[float | None, list[SpectrumRecord]]:
    """Return when the last charge before the longest series of spectra at rest had flowed (s), and that series."""
    ends = [step.end_s for step in spectra.run.steps if step.holds and step.charge_C]
    groups: dict[float | None, list[SpectrumRecord]] = {}
    for record in spectra.records:
        before = [end_s for end_s in ends if end_s <= record.time_s]
        inside = any(step.index == record.step and step.holds and step.charge_C for step in spectra.run.steps)
        if not inside:
            groups.setdefault(before[-1] if before else None, []).append(record)
    return max(groups.items(), key=lambda pair: len(pair[1]), default=(None, []))


def _contact(spectra: RunSpectra, charged_s: float | None) -> tuple[float, float]:
    """Return between which times (s) the contact with sodium began.

    When a person confirmed that the cell was pressed; else in the step that brought the sodium; else before the run.
    """
    run = spectra.run
    pressed = [step.end_s for step in run.steps if step.kind == "prompt" and step.name == "press"]
    if charged_s is not None:
        first = next(step for step in run.steps if step.holds and step.charge_C)
        return first.start_s, charged_s
    if pressed:
        return pressed[-1], pressed[-1]
    return -_LONGEST_BEFORE_S, 0.0


def paint(figure: Figure, shown: Sequence[Shown[AtRest]]) -> None:
    """Draw the resistances against the time at rest, with the two laws."""
    axes = figure.add_axes((0.13, 0.13, 0.83, 0.75))
    for place, one in enumerate(shown):
        colour, marker, _ = SERIES[place % len(SERIES)]
        data = one.found.data
        hours = data.time_s / HOUR_S
        label = f"{one.label}: {one.found.verdict}"
        axes.errorbar(
            hours, data.resistance_ohm, data.stderr_ohm, fmt=marker, color=colour, ms=4, label=label
        )
        if data.growth is None or not len(hours):
            continue
        line = np.linspace(max(float(hours[0]), 0.0), float(hours[-1]), 100)
        for name, rate, style in (
            ("parabolic", data.growth.parabolic, "-"),
            ("linear", data.growth.linear, "--"),
        ):
            if data.growth.law in (name, "cannot be told"):
                passed = line + (data.begins_s - rate.begins_s) / HOUR_S
                level = rate.r0_ohm + rate.k * (np.sqrt(passed) if name == "parabolic" else passed)
                axes.plot(line, level, style, color=colour, lw=1.0, label=f"{name} law")
    axes.set_xlabel("time at rest / h")
    axes.set_ylabel("Z′ at the lowest frequencies / Ω")
    axes.legend(loc="best")


EXPERIMENT = Experiment(
    name="growth_at_rest",
    title="Growth of the interphase at rest",
    protocols=("growth-at-rest", "growth-after-pressing"),
    analyse=analyse,
    caption=(
        "Real part of the impedance at the lowest frequencies, where all arcs are through, against time, "
        "counted from the last charge, with the law that describes "
        "it; both where the points do not tell them apart."
    ),
    size_in=(5.8, 4.0),
    paint=paint,
)
