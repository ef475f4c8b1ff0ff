"""A run file as a source: the whole at once, or again at any speed, through the same screens as a live run."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from pathlib import Path

import numpy as np

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.events import Edge, Event, SegmentStart, SwitchIntent
from solbench.acquisition.record.reader import Run
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.number_format import speed_words
from solbench.gui.models.common.words import tr
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.detail import DetailReader
from solbench.gui.models.sources.recording import Ahead, Recording
from solbench.gui.models.sources.source import Batch, Kind, Link

FASTEST = float("inf")
SPEEDS = (1.0, 10.0, 60.0, 600.0, 3600.0, FASTEST)


class Replay:
    """Gives the rows of a run as if it ran now, `speed` times as fast; infinite speed gives all at once.

    `bar`: whether it is to be steered; a file that is only opened is not.
    """

    def __init__(
        self,
        run: Run | Recording,
        speed: float = FASTEST,
        clock: Callable[[], float] = time.monotonic,
        at_s: float = 0.0,
    ) -> None:
        self._recording = run if isinstance(run, Recording) else Recording(run)
        self._run = self._recording.run
        self.path: Path = self._run.path
        self.bar = speed != FASTEST
        self._clock = clock
        self._speed = speed
        self._at_s = at_s
        self._since = clock()
        self._paused = False
        self._told_paused = False
        self._ahead = Ahead(self._recording)
        self._detail = DetailReader(self._recording.slices)
        self._events, self._points, self._samples = 0, 0, 0
        self._newest: np.void | None = None
        self._edge_C, self._connected, self._step_start_C = 0.0, False, 0.0
        self._segment: SegmentStart | None = None

    @property
    def kind(self) -> Kind:
        """Get whether it is steered as a replay, or only shows what the file holds."""
        return "replay" if self.bar else "file"

    @property
    def speed(self) -> float:
        """Get how many experiment seconds pass in a second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Get whether it halts."""
        return self._paused

    @property
    def length_s(self) -> float:
        """Get the length of the run in s."""
        return self._run.events[-1].time_s

    @property
    def at_s(self) -> float:
        """Get the present moment of the replay in s of the run."""
        return min(self._now_s(), self._ahead.reach_s, self.length_s)

    @cached_property
    def steps(self) -> list[tuple[float, str]]:
        """Get when each step began, and its name with its cycle."""
        found: dict[int, tuple[float, str]] = {}
        for event in self._run.events:
            if isinstance(event.body, SegmentStart):
                step = event.body.step
                name = (
                    tr("{step}, cycle {cycle}", step=step.name, cycle=step.cycle) if step.cycle else step.name
                )
                found.setdefault(step.index, (event.time_s, name))
        return list(found.values())

    def step_at(self, time_s: float) -> int:
        """Return the place in `steps` of the step in progress at a moment, -1 before the first."""
        return bisect_right(self.steps, time_s, key=itemgetter(0)) - 1

    @property
    def over(self) -> bool:
        """Get whether everything was given."""
        return self._events == len(self._run.events) and self._ahead.empty

    @property
    def problem(self) -> str:
        """Get why the samples could not be read, empty while they could."""
        return self._ahead.problem

    def wait(self, timeout_s: float = 10.0) -> bool:
        """Wait until a good part of the file was read; say whether it was."""
        return self._ahead.wait(timeout_s)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._at_s, self._since = self.at_s, self._clock()
        self._speed = speed

    def set_paused(self, paused: bool) -> None:
        """Halt, or continue."""
        self._at_s, self._since = self.at_s, self._clock()
        self._paused = paused

    def jump(self, time_s: float) -> bool:
        """Continue from a later moment; say False, and change nothing, for an earlier one: that is for `again`."""
        if time_s < self._now_s():
            return False
        self._at_s, self._since = time_s, self._clock()
        return True

    def again(self, time_s: float) -> Replay:
        """Return a replay of the same run from a moment on; what was before it is given at once.

        One that had come to the end at the greatest speed continues sixty times as fast.
        """
        speed = SPEEDS[2] if self._speed == FASTEST else self._speed
        replay = Replay(self._recording, speed, self._clock, time_s)
        replay._paused = self._paused
        return replay

    def take(self) -> Batch:
        """Return the rows up to the present moment of the replay, as far as they have been read."""
        now_s = self._held_back()
        batch = Batch(detail=self._detail.take())
        batch.events = self._new_events(now_s)
        batch.samples = self._ahead.upto(now_s)
        batch.points = self._new_points(now_s)
        for rows in batch.samples:
            self._samples, self._newest = self._samples + len(rows), rows[-1].copy()
        if not batch.empty or self._paused is not self._told_paused:
            batch.status = self._status(now_s)
            self._told_paused = self._paused
        text = (
            tr("run file")
            if self._speed == FASTEST
            else tr("replay, {speed}", speed=speed_words(self._speed))
        )
        damage = self._run.damage.told if self._run.damage is not None else ""
        batch.link = Link(0.0, self.problem or text, over=self.over, damage=damage)
        return batch

    def want(self, blocks: Array) -> None:
        """Ask for the samples of some blocks of the trace."""
        self._detail.want(blocks)

    def close(self) -> None:
        """Let go of the file."""
        self._ahead.close()
        self._detail.close()

    def _now_s(self) -> float:
        if self._paused:
            return self._at_s
        if self._speed == FASTEST:
            return FASTEST
        return self._at_s + (self._clock() - self._since) * self._speed

    def _held_back(self) -> float:
        """Return the present moment; it waits for a file that is read more slowly than it is replayed."""
        now_s, reach_s = self._now_s(), self._ahead.reach_s
        if now_s > reach_s and self._speed != FASTEST and not self._paused:
            self._at_s, self._since = max(reach_s, self._at_s), self._clock()
        return min(now_s, reach_s)

    def _new_events(self, now_s: float) -> list[Event]:
        """Return the events up to a moment; they are in the order of their numbers, not strictly of their times."""
        start = end = self._events
        events = self._run.events
        while end < len(events) and events[end].time_s <= now_s:
            self._see(events[end])
            end += 1
        self._events = end
        return list(events[start:end])

    def _new_points(self, now_s: float) -> list[Array]:
        points = self._run.points
        start, self._points = self._points, int(points["time_s"].searchsorted(now_s, "right"))
        return [points[start : self._points]] if self._points > start else []

    def _see(self, event: Event) -> None:
        match event.body:
            case Edge(charge_C=charge_C, connected=connected):
                self._edge_C, self._connected = charge_C, connected
            case SwitchIntent(connected=connected):  # a record that ends here leaves open whether it happened
                self._connected = connected
            case SegmentStart() as start:
                before, self._segment = self._segment, start
                if before is None or before.step.index != start.step.index:
                    self._step_start_C = self._edge_C  # the cell is off here: the last edge has the charge
            case _:
                pass

    def _status(self, now_s: float) -> Status:
        newest, segment = self._newest, self._segment
        step = segment.step if segment is not None else None
        going = State.PAUSED if self._paused else State.RUNNING
        ended = self.over and self._run.end is not None
        seq = self._run.events[max(self._events - 1, 0)].seq
        return Status(
            run=self._run.header.run,
            path=str(self.path),
            state=State.ENDED if ended else going,
            simulated=self._run.simulated,
            seq=seq,
            flushed_seq=seq + 1,
            samples=self._samples,
            time_s=min(now_s, self.length_s),
            step=step.name if step is not None else "",
            step_index=step.index if step is not None else -1,
            segment=segment.name if segment is not None else "",
            cycle=step.cycle if step is not None else None,
            voltage_V=float(newest["voltage_V"]) if newest is not None else None,
            current_A=float(newest["current_A"]) if newest is not None else None,
            step_charge_C=float(newest["charge_C"]) - self._step_start_C if newest is not None else 0.0,
            connected=self._connected,
        )


def whole_run(path: Path) -> RunModel:
    """Return everything that a run file or a journal holds, ready to be drawn and to be closed; takes its time.

    Raises RunFileError, FileNotFoundError.
    """
    replay = Replay(Recording.open(path))
    model = RunModel(replay, Alarms())
    model.update()
    while not model.link.over:
        replay.wait()
        model.update()
    if replay.problem:
        model.close()
        raise RunFileError(
            tr("{path}: its samples cannot be read: {problem}", path=path, problem=replay.problem)
        )
    return model
