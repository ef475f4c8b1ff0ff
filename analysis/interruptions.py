"""Where the current of a step was switched off: what the voltage did, and the resistance to direct current in that."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.events import Gap
from solbench.acquisition.record.folds import HELD, SpectrumRecord, StepRecord
from solbench.acquisition.record.reader import Run
from solbench.fitting.voltage_curves import Interruption, interruptions
from solbench.protocols.segments import Rest

SOON_S = 120.0  # after the end of the rest a spectrum begins


_KNOWN: WeakKeyDictionary[Run, dict[int, list[Interruption]]] = WeakKeyDictionary()  # by step: many ask


def flowing_segments(run: Run) -> dict[int, tuple[int, ...]]:
    """Return the segments of each step in which a current or a voltage was held."""
    found = {
        step: tuple(sorted({start.ordinal for start in starts if start.name in HELD}))
        for step, starts in run.segments_of_steps.items()
    }
    return {step: ordinals for step, ordinals in found.items() if ordinals}


def interruptions_of(run: Run, step: StepRecord) -> list[Interruption]:
    """Return where the current of a step was switched off for a rest, and what the voltage did."""
    known = _KNOWN.setdefault(run, {})
    if step.index not in known:
        known[step.index] = _interruptions_of(run, step)
    return known[step.index]


def _interruptions_of(run: Run, step: StepRecord) -> list[Interruption]:
    starts = run.segments_of_steps.get(step.index, [])
    wanted = [start.ordinal for start in starts if start.name in HELD or isinstance(start.segment, Rest)]
    samples = run.samples_of(step.index)
    kept = np.isin(samples["segment"], wanted) & ((samples["flags"] & PAUSED) == 0)
    time_s, voltage_V, current_A, charge_C = (
        samples[name][kept] for name in ("time_s", "voltage_V", "current_A", "charge_C")
    )
    found = interruptions(time_s, voltage_V, current_A, charge_C)
    return [one for one in found if not any(_lies_in(one.time_s, gap) for gap in step.gaps)]


def _lies_in(time_s: float, gap: Gap) -> bool:
    """Say whether an interruption is that of a gap, which nobody has read."""
    return gap.since_s - 1.0 <= time_s <= gap.since_s + gap.unwatched_s + 1.0


def dc_resistance_ohm(run: Run, record: SpectrumRecord) -> float | None:
    """Return what the overpotential before a spectrum is by the current (ohm), which then rested; None without one.

    It holds the arcs, and what is slower than the lowest frequency.
    """
    step = next((one for one in run.steps if one.index == record.step), None)
    if step is None or not step.current_A:
        return None
    before = [one for one in interruptions_of(run, step) if one.time_s < record.time_s]
    if not before or before[-1].time_s + before[-1].rest_s < record.time_s - SOON_S:
        return None
    return before[-1].overpotential_V / before[-1].current_A
