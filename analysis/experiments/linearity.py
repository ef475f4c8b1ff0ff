"""Linearity: spectra of one state with several amplitudes, and up to which the cell answers in proportion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.experiments.experiment import Experiment, Found, Shown, number
from solbench.analysis.report.style import SERIES
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.states_of_run import Linearity, linearity
from solbench.fitting.elements import Array, Complex
from solbench.fitting.linear_kk import LEAST_POINTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST_AMPLITUDES = 3
_SAME = 1.05  # amplitudes whose ratio is less are one


def analyse(spectra: RunSpectra) -> Found[tuple[Linearity, ...]] | None:
    """Find it in a run with spectra of three amplitudes or more, without a charge between them."""
    found = _compared(spectra)
    if len(found) < LEAST_AMPLITUDES - 1:
        return None
    numbers = []
    for one in found:
        mV = 1e3 * one.amplitudes_V[1]
        title = f"|Z| at {mV:.3g} mV against {1e3 * one.amplitudes_V[0]:.3g} mV"
        numbers.append(
            number(f"change_at_{mV:.3g}_mV_percent", title, 100 * one.difference, 100 * one.stderr, "%")
        )
    largest_V = found[0].amplitudes_V[0]
    for one in found:
        if not one.is_linear:
            break
        largest_V = one.amplitudes_V[1]
    last = found[-1].amplitudes_V[1]
    verdict = f"linear up to {1e3 * largest_V:.3g} mV"
    notes = (
        ()
        if largest_V == last
        else (f"beyond {1e3 * largest_V:.3g} mV the cell does not answer in proportion",)
    )
    return Found(tuple(numbers), notes, found, verdict)


def _compared(spectra: RunSpectra) -> tuple[Linearity, ...]:
    """Compare each amplitude with the smallest, in the order of their size."""
    series: list[tuple[float, Array, Complex]] = []
    for record in _of_one_state(spectra):
        hertz, ohm = spectra.spectrum(record)
        amplitude_V = record.start.amplitude_V
        if len(hertz) >= LEAST_POINTS and amplitude_V:
            series.append((amplitude_V, hertz, ohm))
    series.sort(key=lambda one: one[0])
    if not series:
        return ()
    smallest_V, hertz, ohm = series[0]
    different: list[Linearity] = []
    before_V = smallest_V
    for amplitude_V, own_Hz, own_ohm in series[1:]:
        if amplitude_V < _SAME * before_V or len(own_Hz) != len(hertz) or np.any(own_Hz != hertz):
            continue
        before_V = amplitude_V
        different.append(linearity(hertz, ohm, own_ohm, (smallest_V, amplitude_V)))
    return tuple(different)


def _of_one_state(spectra: RunSpectra) -> list[SpectrumRecord]:
    """Return the longest series of spectra between which no charge flowed and nobody set anything."""
    ends = [step.end_s for step in spectra.run.steps if step.holds and step.charge_C]
    groups: dict[tuple[int, tuple[int, int]], list[SpectrumRecord]] = {}
    for record in spectra.run.spectra:
        before = sum(1 for end_s in ends if end_s <= record.time_s)
        groups.setdefault((before, record.conditions.times_set), []).append(record)
    return max(groups.values(), key=len, default=[])


def paint(figure: Figure, shown: Sequence[Shown[tuple[Linearity, ...]]]) -> None:
    """Draw the change of |Z| against the amplitude."""
    axes = figure.add_axes((0.15, 0.14, 0.81, 0.75))
    for place, one in enumerate(shown):
        colour, marker, _ = SERIES[place % len(SERIES)]
        mV = [1e3 * each.amplitudes_V[1] for each in one.found.data]
        change = [100.0 * each.difference for each in one.found.data]
        bars = [300.0 * each.stderr for each in one.found.data]
        axes.errorbar(mV, change, bars, fmt=marker, color=colour, label=f"{one.label}: {one.found.verdict}")
    axes.axhline(0.0, color="black", lw=0.6)
    axes.set_xlabel("amplitude / mV (rms)")
    axes.set_ylabel("change of |Z| / %")
    axes.legend(loc="best")


EXPERIMENT = Experiment(
    name="linearity",
    title="Linearity of the response",
    protocols=("linearity",),
    analyse=analyse,
    caption=(
        "Mean change of |Z| against the spectrum with the smallest amplitude, with three standard errors: what the "
        "noise of both spectra would explain."
    ),
    size_in=(5.4, 3.6),
    paint=paint,
)
