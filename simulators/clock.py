"""Experiment time of the simulated bench: it moves only when a client sleeps or the bus waits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Protocol

HOST_SLICE_S = 0.05  # the longest host time that a caller who sleeps in slices is kept waiting


class BenchClock(Protocol):
    """What moves the simulated bench: `VirtualClock`, or `ServedClock` where time runs by itself."""

    @property
    def speed(self) -> float | None:
        """Get how many experiment seconds may pass in a host second (None: as many as can)."""
        ...

    @property
    def slice_s(self) -> float:
        """Get the longest experiment time of one sleep that returns within 50 ms of host time, in s."""
        ...

    def now(self) -> float:
        """Get the experiment time in seconds."""
        ...

    def sleep_until(self, time_s: float) -> None:
        """Return when it is `time_s` (seconds)."""

    def advance_to(self, time_s: float) -> float:
        """Return the time when it is `time_s` (seconds), or later; a clock that only moves when asked moves there."""
        ...


class Alarm:
    """When something on the bench has something to do next: at `due_s` (experiment time, s) the bus calls `ring`."""

    __slots__ = ("agenda", "place", "ring")

    def __init__(self, ring: Callable[[], None], due_s: float = math.inf) -> None:
        self.ring = ring
        self.agenda, self.place = Agenda(()), 0  # until a bus has one for all
        self.agenda.due_s.append(due_s)

    @property
    def due_s(self) -> float:
        """Get when it is due (experiment time, s; inf: not at all)."""
        return self.agenda.due_s[self.place]

    def set(self, due_s: float, ring: Callable[[], None] | None = None) -> None:
        """Be due at `due_s` (s; inf: not at all) instead of what was set before; `ring`: call this then."""
        if ring is not None:
            self.ring = ring
        agenda = self.agenda
        agenda.due_s[self.place] = due_s
        if due_s < agenda.soonest_s:
            agenda.soonest_s = due_s


class Agenda:
    """The alarms of a bench. None of them is due before `soonest_s` (experiment time, s).

    `due_s`: when each is due, in a list of its own, of which the least is found without asking one after the other.
    """

    __slots__ = ("_alarms", "due_s", "soonest_s")

    def __init__(self, alarms: Iterable[Alarm]) -> None:
        self._alarms = tuple(alarms)
        self.due_s = [alarm.due_s for alarm in self._alarms]
        for place, alarm in enumerate(self._alarms):
            alarm.agenda, alarm.place = self, place
        self.soonest_s = -math.inf

    def first(self) -> Alarm:
        """Return the alarm that is due first, at `soonest_s` then; of several at once, the one that was named first."""
        self.soonest_s = soonest_s = min(self.due_s)
        return self._alarms[self.due_s.index(soonest_s)]


class VirtualClock:
    """Virtual time in seconds, repeatable bit for bit.

    `speed` None jumps; a number N paces: experiment time never runs ahead of host time x N. Pacing sleeps in
    host time only, so no result depends on it.
    """

    __slots__ = ("_host_start_s", "_speed", "_start_s", "_time_s", "slice_s")

    def __init__(self, speed: float | None = None, start_s: float = 0.0) -> None:
        if speed is not None and not speed > 0.0:
            raise ValueError(f"speed is {speed}; it must be above 0, or None for as fast as possible")
        self._speed = speed
        self.slice_s = math.inf if speed is None else speed * HOST_SLICE_S  # as in BenchClock
        self._time_s = self._start_s = start_s
        self._host_start_s = time.perf_counter()

    @property
    def speed(self) -> float | None:
        """Get how many experiment seconds may pass in a host second (None: as many as can)."""
        return self._speed

    def now(self) -> float:
        """Get the experiment time in seconds."""
        return self._time_s

    def sleep_until(self, time_s: float) -> None:
        """Move to `time_s` (seconds); returns at once if it has passed."""
        self.advance_to(time_s)

    def advance_to(self, time_s: float) -> float:
        """Move to `time_s` (seconds), never backwards; waits in host time where the clock is paced."""
        if time_s <= self._time_s:
            return self._time_s
        if self._speed is not None:
            self._wait_for_host(time_s)
        self._time_s = time_s
        return time_s

    def _wait_for_host(self, time_s: float) -> None:
        assert self._speed is not None
        due_s = self._host_start_s + (time_s - self._start_s) / self._speed
        while (early_s := due_s - time.perf_counter()) > 0.0:
            time.sleep(early_s)
