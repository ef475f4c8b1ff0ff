"""What came back of the charge that went into a cell, from its being empty to its being empty again.

Spectra, pulses of either sign, changes of the current and held voltages may lie between: what counts is the charge at
which the cell was empty before, the largest that was in it since, and where it is empty now. Where any of them is not
known nothing is said.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from solbench.acquisition.record.charge_ledger import Turns
from solbench.protocols.cells import Build

STEP_V = 1e-3  # a voltmeter's last digit, and how far a cell wanders in a second
LIKE = 1.1  # currents up to this ratio are as fast as each other
LEFT = 0.17  # of the usual window: so near its lower end a full cell has given back what it can
EMPTY_V = 0.8  # above where it rests when full: so far up tin, antimony and hard carbon are empty
DEEP = 0.3  # of the capacity: what came back of less tells of kinetics, not of losses
ALIKE = 0.5  # of the capacity: of less, more may come back for the concentrations alone
CYCLES = 1.5  # times what was in it: if more went in on the way, the losses are those of several cycles


class CameBack(NamedTuple):
    """A share that came back; whether too little of it means a loss, and too much that the cell was not empty."""

    share: float
    tells_loss: bool
    tells_excess: bool


@dataclass(frozen=True, slots=True)
class _Out:
    """An end of a current (A) out, at a voltage (V, towards the current), behind a number of turns."""

    current_A: float = 0.0
    ended_V: float = -math.inf
    is_empty: bool = False
    turns: int = 0


@dataclass(slots=True)
class _Cycle:
    """A cycle that began at a net charge (C), behind a number of turns; `brought_C`: by currents in, their mean A C.

    `top_C`: the largest charge in at which a current in has ended; `pieces`: of currents out since then. `next`: the
    cycle that may have begun since.
    """

    since_C: float
    turns: int
    emptied: _Out
    brought_C: float = 0.0
    brought_A_C: float = 0.0
    top_C: float = -math.inf
    pieces: int = 0
    out: _Out | None = None
    next: _Cycle | None = None
    is_told: bool = False

    def is_slow(self, current_A: float) -> bool:
        """Say whether a current (A) out is no faster than those in were."""
        return current_A * self.brought_C <= LIKE * self.brought_A_C


class ChargeBack:
    """Follows the currents of one run. `turns`: of its charge, also of what other steps than currents move.

    `is_fresh`: the cell was never used. What an earlier session of the run has done is not known: nor is then whether
    the cell was empty.
    """

    def __init__(self, build: Build, turns: Turns, *, is_fresh: bool) -> None:
        self._build = build
        self._turns = turns
        self._capacity_C = build.capacity_C or math.inf
        is_empty = is_fresh and turns.highest_C == turns.lowest_C
        emptied = _Out(ended_V=math.inf) if is_empty else _Out()
        self._last_C = turns.extreme_C
        self._cycle = _Cycle(turns.extreme_C, len(turns.points_C), emptied)

    def told(self) -> None:
        """Say nothing more of this cycle."""
        self._cycle.is_told = True

    def ended(
        self, current_A: float, ended_C: float, ended_V: float | None, dropped_V: float
    ) -> CameBack | None:
        """Take the end of a current (A) at a net charge (C), and at a voltage (V) where one has ended it.

        `dropped_V`: what the current drops in the electrolyte (V, a magnitude). None where nothing can be said.
        """
        filling = self._build.filling
        brought_C, self._last_C = filling * (ended_C - self._last_C), ended_C
        if current_A * filling < 0.0:
            return self._out(current_A, ended_C, ended_V, dropped_V)
        if current_A and self._turns.direction == filling:  # less is a pulse on the way out
            self._in(abs(current_A), ended_C, brought_C)
        return None

    def _in(self, current_A: float, ended_C: float, brought_C: float) -> None:
        """Take a current in. Behind a fast one out a cycle begins with a deep filling alone, not with a pulse."""
        turns, cycle, filling = self._turns, self._cycle, self._build.filling
        if cycle.out is not None and cycle.out.is_empty and len(turns.points_C) > cycle.out.turns:
            cycle.next = _Cycle(turns.turned_C, len(turns.points_C), cycle.out)
        new = cycle.next
        if new is not None:
            is_deep = filling * (ended_C - new.since_C) >= DEEP * self._capacity_C
            self._cycle = cycle = new if is_deep or cycle.is_slow(new.emptied.current_A) else cycle
        inside_C = filling * ended_C
        cycle.brought_C += max(brought_C, 0.0)
        cycle.brought_A_C += max(brought_C, 0.0) * current_A
        if inside_C > cycle.top_C:
            cycle.top_C, cycle.pieces = inside_C, 0

    def _out(
        self, current_A: float, ended_C: float, ended_V: float | None, dropped_V: float
    ) -> CameBack | None:
        cycle, came_A = self._cycle, abs(current_A)
        towards_V = -math.inf if ended_V is None else math.copysign(1.0, current_A) * ended_V
        is_empty = ended_V is not None and self._is_empty(ended_V, dropped_V)
        cycle.out = _Out(came_A, towards_V, is_empty, len(self._turns.points_C))
        cycle.pieces += 1
        most_C, through_C = self._went_in(ended_C)
        is_one = cycle.brought_C > 0.0 and most_C >= DEEP * self._capacity_C and through_C <= CYCLES * most_C
        if ended_V is None or cycle.is_told or not is_one:
            return None
        share = 1.0 - self._build.filling * (ended_C - cycle.since_C) / most_C
        is_slow = cycle.is_slow(came_A)
        was_empty = cycle.emptied.current_A <= LIKE * came_A and cycle.emptied.ended_V >= towards_V - STEP_V
        is_alike = cycle.pieces == 1 and most_C >= ALIKE * self._capacity_C
        return CameBack(share, is_empty and is_slow, was_empty and is_alike)

    def _went_in(self, ended_C: float) -> tuple[float, float]:
        """Return the largest charge that was in the cell since the cycle began, and all that went in (C)."""
        cycle, turns = self._cycle, self._turns
        marks_C = [cycle.since_C, *turns.points_C[cycle.turns :], turns.extreme_C, ended_C]
        inside_C = [self._build.filling * (mark_C - cycle.since_C) for mark_C in marks_C]
        rises_C = (max(after_C - before_C, 0.0) for before_C, after_C in pairwise(inside_C))
        return max(inside_C), sum(rises_C)

    def _is_empty(self, voltage_V: float, dropped_V: float) -> bool:
        """Say whether a cell has given back what it can where a current out has ended at a voltage (V)."""
        build = self._build
        if build.kind == "full" and build.usual_window_V is not None:
            low_V, high_V = build.usual_window_V
            return voltage_V + dropped_V <= low_V + LEFT * (high_V - low_V)
        if build.kind == "half" and build.sodiated_window_V is not None:
            return voltage_V - dropped_V >= build.sodiated_window_V[1] + EMPTY_V
        return False
