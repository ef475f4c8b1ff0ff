"""A run file as a source: the whole at once, or again at any speed, through the same screens as a live run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from acquisition.messages import Status
from acquisition.reader import Run
from acquisition.states import State
from gui.models.source import Array, Batch, Link


class Replay:
    """Gives the rows of a run as if it went on now, `speed` times as fast; infinite speed gives all at once."""

    def __init__(
        self, run: Run, speed: float = float("inf"), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.path: Path = run.path
        self._run = run
        self._clock = clock
        self._speed = speed
        self._at_s = 0.0
        self._since = clock()
        self._paused = False
        self._told_paused = False
        self._done = {"samples": 0, "points": 0, "events": 0}
        self._step_start_C = 0.0
        self._segment: dict[str, object] = {}

    @property
    def speed(self) -> float:
        """Get how many experiment seconds pass in a second."""
        return self._speed

    @property
    def length_s(self) -> float:
        """Get the length of the run in s."""
        return self._run.events[-1].time_s

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._at_s, self._since = self._now_s(), self._clock()
        self._speed = speed

    def set_paused(self, paused: bool) -> None:
        """Halt, or go on."""
        self._at_s, self._since = self._now_s(), self._clock()
        self._paused = paused

    @property
    def over(self) -> bool:
        """Get whether everything was given."""
        return self._done["events"] == len(self._run.events)

    def take(self) -> Batch:
        """Return the rows up to the present moment of the replay."""
        now_s = self._now_s()
        batch = Batch()
        batch.events = self._run.events[self._advance("events", _upto_events(self._run, now_s))]
        for name, place, table in (
            ("samples", batch.samples, self._run.samples),
            ("points", batch.points, self._run.points),
        ):
            rows = table[self._advance(name, int(np.searchsorted(table["time_s"], now_s, "right")))]
            if len(rows):
                place.append(rows)
        self._follow_step(batch)
        if not batch.empty or self._paused is not self._told_paused:
            batch.status = self._status(now_s)
            self._told_paused = self._paused
        text = "run file" if self._speed == float("inf") else f"replay, {self._speed:g} times as fast"
        batch.link = Link(0.0, text, over=self.over)
        return batch

    def close(self) -> None:
        """Nothing is open."""

    def _now_s(self) -> float:
        if self._paused:
            return self._at_s
        if self._speed == float("inf"):
            return float("inf")
        return self._at_s + (self._clock() - self._since) * self._speed

    def _advance(self, name: str, upto: int) -> slice:
        start = self._done[name]
        self._done[name] = max(start, upto)
        return slice(start, self._done[name])

    def _follow_step(self, batch: Batch) -> None:
        for event in batch.events:
            if event.kind == "segment":
                before = self._segment.get("step")
                self._segment = event.data
                if before is None or before["index"] != event.data["step"]["index"]:  # type: ignore[index]
                    self._step_start_C = self._charge_at(event.time_s)

    def _charge_at(self, time_s: float) -> float:
        place = int(np.searchsorted(self._run.samples["time_s"], time_s, "right"))
        return float(self._run.samples["charge_C"][place - 1]) if place else 0.0

    def _status(self, now_s: float) -> Status:
        done = self._done["samples"]
        newest: Array | None = self._run.samples[done - 1] if done else None
        step = self._segment.get("step") or {}
        going = State.PAUSED if self._paused else State.RUNNING
        ended = self.over and self._run.end is not None
        return Status(
            run=str(self._run.header["run"]),
            path=str(self.path),
            state=State.ENDED if ended else going,
            simulated=self._run.simulated,
            seq=self._run.events[self._done["events"] - 1].seq,
            flushed_seq=self._run.events[self._done["events"] - 1].seq + 1,
            samples=done,
            time_s=min(now_s, self.length_s),
            step=step.get("name", ""),  # type: ignore[attr-defined]
            step_index=step.get("index", -1),  # type: ignore[attr-defined]
            segment=str(self._segment.get("segment", "")),
            cycle=step.get("cycle"),  # type: ignore[attr-defined]
            voltage_V=float(newest["voltage_V"]) if newest is not None else None,
            current_A=float(newest["current_A"]) if newest is not None else None,
            step_charge_C=float(newest["charge_C"]) - self._step_start_C if newest is not None else 0.0,
            connected=self._connected(),
        )

    def _connected(self) -> bool:
        for event in reversed(self._run.events[: self._done["events"]]):
            if event.kind == "edge":
                return bool(event.data["connected"])
        return False


def _upto_events(run: Run, now_s: float) -> int:
    """Return how many events have happened; they are in the order of their numbers, not strictly of their times."""
    for place, event in enumerate(run.events):
        if event.time_s > now_s:
            return place
    return len(run.events)
