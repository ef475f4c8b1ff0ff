"""The plateaus of a temperature series: which spectra or steps belong to one, and whether it had become steady."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

import numpy as np

from solbench.acquisition.record.beside.temperature import CellTemperature
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
from solbench.analysis.polarization import run_geometry
from solbench.analysis.run_spectra import CONTACT_OHM, RunSpectra
from solbench.analysis.temperature import MEASURED_CHANGE_K
from solbench.fitting.laws.arrhenius import Shared

TYPED_OWN_K = 0.5  # what is not shared by temperatures that somebody sets on one chamber
GRADIENT = 0.01  # of sample and sensor, over their difference to the room
STEADY_K = 0.1

R = TypeVar("R", SpectrumRecord, StepRecord)


def plateaus(records: Sequence[R]) -> list[list[R]]:
    """Return the records of each temperature that was asked for; before any, each stands by itself."""
    found: list[list[R]] = []
    for asked, group in groupby(records, key=lambda record: record.conditions.times_set[0]):
        together = list(group)
        found += [together] if asked else [[one] for one in together]
    return found


def own_stderr_K(at: CellTemperature) -> float:
    """Return what is not certain about the temperature of one plateau by itself."""
    return TYPED_OWN_K if at.source == "typed" else max(at.own_stderr_K, MEASURED_CHANGE_K / math.sqrt(2.0))


def shared_of(spectra: RunSpectra, at: Sequence[CellTemperature], *, contact: bool) -> Shared:
    """Return what is wrong in the same way in all plateaus of a run."""
    offset_K = max(
        one.stderr_K if one.source == "typed" else math.sqrt(max(one.stderr_K**2 - one.own_stderr_K**2, 0.0))
        for one in at
    )
    geometry = run_geometry(spectra.run).relative_stderr
    return Shared(offset_K, GRADIENT, CONTACT_OHM if contact else 0.0, geometry)


def unsettled_K(resistances_ohm: Sequence[float], stderr_ohm: float, relative_per_K: float) -> float:
    """Return how far (K) the last of several resistances of one plateau is from where an exponential takes them.

    0 where nothing moves beyond three standard errors, and for a single one.
    """
    if len(resistances_ohm) < 2:
        return 0.0
    last = float(resistances_ohm[-1])
    step = last - float(resistances_ohm[-2])
    if abs(step) <= 3.0 * math.sqrt(2.0) * stderr_ohm:
        return 0.0
    left = abs(step)  # of an exponential that falls by half at least from one to the next
    if len(resistances_ohm) >= 3:
        before = float(resistances_ohm[-2] - resistances_ohm[-3])
        ratio = step / before if before else math.inf
        left = abs(step) * min(ratio / (1.0 - ratio), 20.0) if 0.0 < ratio < 1.0 else abs(step)
    return left / (last * relative_per_K)


def goes_down(kelvin: Sequence[float]) -> list[bool]:
    """Say of each of several temperatures in order whether it was come to after the highest one."""
    top = int(np.argmax(kelvin)) if len(kelvin) else 0
    return [place > top for place in range(len(kelvin))]
