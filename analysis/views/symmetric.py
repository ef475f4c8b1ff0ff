"""What a symmetric cell shows: the polarization and the area resistance of each half-cycle, and sudden drops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import Run
from solbench.fitting.elements import Array

Samples = np.ndarray[Any, Any]

AFTER_REVERSAL_S = 5.0
"""So long a voltage says nothing of a short: the capacitances of the cell are charged anew."""
DROP = 0.7
"""Of the polarization before: below it a drop is told."""
_LEAST_V = 2e-3  # of a polarization whose drop says something
_FLOWS = 0.5  # of the current that was set: a reading under it


@dataclass(frozen=True)
class Drop:
    """A sudden drop of the polarization: from one reading to the next two, or from one half-cycle to the next.

    `after_s` is the time since the half-cycle's start, None for one between half-cycles; voltages in V, unsigned.
    """

    before_V: float
    after_V: float
    after_s: float | None = None


@dataclass(frozen=True)
class HalfCycle:
    """One half-cycle: current (A), polarization (V, along the current) as the mean of its second half and at its end.

    `resistance_ohm` is the change of voltage over that of the current from the half-cycle before, in which an offset of
    the voltage cancels; of the first one, or without a reversal, polarization over current.
    """

    number: int
    current_A: float
    polarization_V: float
    end_V: float
    resistance_ohm: float
    drop: Drop | None = None


def half_cycles_of(run: Run) -> list[HalfCycle]:
    """Return the half-cycles of a run with a constant current, in order; those without readings are left out.

    Of one whose current was changed on its way, what came since.
    """
    found: list[HalfCycle] = []
    for step, current_A, own in driven(run):
        time_s = own["time_s"] - step.set_s
        found.append(half_cycle(len(found) + 1, current_A, time_s, own["voltage_V"]))
    return with_falls(without_offset(found))


def driven(run: Run) -> Iterator[tuple[StepRecord, float, Samples]]:
    """Yield the steps of a constant current, the last one (A) that was set, and the readings under it."""
    for step in run.steps:
        if not step.current_A:
            continue
        own = run.samples_of(step.index)
        under = np.abs(own["current_A"]) > _FLOWS * abs(step.current_A)
        own = own[under & (own["time_s"] >= step.set_s) & ((own["flags"] & PAUSED) == 0)]
        if len(own):
            yield step, step.current_A, own


def half_cycle(number: int, current_A: float, time_s: Array, voltage_V: Array) -> HalfCycle:
    """Make a half-cycle of its readings under current: time since its start (s) and voltage (V).

    The polarization counts with the sign of the current: one of the other sign is below zero.

    >>> found = half_cycle(1, 1e-4, np.arange(100.0), np.where(np.arange(100) < 60, 0.05, 0.02))
    >>> round(found.polarization_V, 4), found.drop
    (0.026, Drop(before_V=0.05, after_V=0.02, after_s=60.0))
    """
    along = np.sign(current_A) * voltage_V
    half = time_s >= 0.5 * (time_s[0] + time_s[-1])
    mean_V = float(np.mean(along[half]))
    return HalfCycle(
        number, current_A, mean_V, float(along[-1]), mean_V / abs(current_A), _sudden(time_s, along)
    )


def _sudden(time_s: Array, along_V: Array) -> Drop | None:
    """Find the first drop that two readings in turn show, and that is not the reversal of the current."""
    late = time_s > AFTER_REVERSAL_S
    t, v = time_s[late], along_V[late]
    if len(v) < 3:
        return None
    after = np.maximum(v[1:-1], v[2:])
    places = np.flatnonzero((v[:-2] > _LEAST_V) & (after < DROP * v[:-2]))
    if not len(places):
        return None
    first = int(places[0])
    return Drop(float(v[first]), float(after[first]), float(t[first + 1]))


def without_offset(found: Sequence[HalfCycle]) -> list[HalfCycle]:
    """Take the resistance of each half-cycle from the reversal of the current at its start."""
    told = list(found[:1])
    for before, one in pairwise(found):
        if before.current_A * one.current_A < 0.0:
            change_V = one.polarization_V + before.polarization_V
            one = replace(one, resistance_ohm=change_V / (abs(one.current_A) + abs(before.current_A)))
        told.append(one)
    return told


def with_falls(found: Sequence[HalfCycle]) -> list[HalfCycle]:
    """Add the drops from one half-cycle to the next one of the same direction and current."""
    last: dict[float, HalfCycle] = {}
    told = []
    for one in found:
        before = last.get(one.current_A)
        last[one.current_A] = one
        if (
            one.drop is None
            and before is not None
            and before.polarization_V > _LEAST_V
            and one.polarization_V < DROP * before.polarization_V
        ):
            drop = Drop(before.polarization_V, one.polarization_V)
            told.append(replace(one, drop=drop))
        else:
            told.append(one)
    return told
