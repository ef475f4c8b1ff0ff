"""The 1287's own sweeps: ramps (SW1) and staircases (SW2) of the polarization, which outlive the PC's program.

Levels A to D, or 1 to 4, make a cycle of four segments that is repeated: A to B, B to C, C to D, D to A
(1287 manual p. 55).
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from math import copysign, inf
from typing import TypedDict

from solbench.simulators.clock import Alarm
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.ramp import Ramp
from solbench.simulators.electronics.settings import Settings1287
from solbench.simulators.instruments.language import OUT_OF_RANGE, Refused

RAMP, STAIRCASE = 1, 2
"""Sweeps SW (A)."""
_LEVELS = {(RAMP, 0): "V", (RAMP, 1): "J", (STAIRCASE, 0): "S", (STAIRCASE, 1): "K"}
"""First letter of the levels of a sweep, by SW and PO (1287 manual p. 55, A)."""
_LETTERS = "ABCD"
_STANDBY = 0
"""OF after which a sweep ends in standby; otherwise it freezes its level (A)."""
_NEARLY = 1e-9  # of a step
_SHORTEST_S = 1e-3
"""A shorter segment of a sweep is a jump, a shorter step is refused, s (D)."""


class Phase(IntEnum):
    """Where a sweep is."""

    IDLE = 0
    DELAY = 1
    SETTING_UP = 2
    RUNNING = 3
    FROZEN = 4


class SweepSnapshot(TypedDict):
    """A sweep in a stored world; `next_s` is None where none is under way."""

    phase: int
    next_s: float | None
    kind: int
    names: str
    segment: int
    ramp: Sequence[float] | None


class Sweep:
    """A sweep from `start` to its end; `alarm` says when `on_event` is to be called.

    `runs` is called with the times at which a stretch of it begins and ends: all of a ramp, each step of a
    staircase.
    """

    def __init__(
        self, settings: Settings1287, stage: PowerStage, runs: Callable[[float, float], None], alarm: Alarm
    ) -> None:
        self._settings = settings
        self._stage = stage
        self._runs = runs
        self.alarm = alarm
        self.phase = Phase.IDLE
        self.kind = 0
        self._names = ""
        self._segment = 0

    @property
    def busy(self) -> bool:
        """Say whether a sweep is under way."""
        return self.alarm.due_s < inf

    def start(self, kind: int, time_s: float) -> None:
        """Begin a sweep with its delay; raises Refused with the cell off, or with steps that lead nowhere."""
        values = self._stage.values
        self._names = _LEVELS[kind, int(values["PO"])]
        if not self._stage.closed or (
            kind == STAIRCASE and not (values["TE"] >= _SHORTEST_S and self._step())
        ):
            raise Refused(OUT_OF_RANGE)
        self.release()
        self.kind, self._segment = kind, 0
        self.phase = Phase.DELAY
        self.alarm.set(time_s + values["DL"])
        if self._settings.delay_at_first_level:
            self._hold(self._level(0))

    def release(self) -> None:
        """Forget a sweep or a frozen level: what PV and PC say holds again."""
        self.phase = Phase.IDLE
        self.alarm.set(inf)
        if self._stage.ramp is not None:
            self._stage.catch_up()
            self._stage.ramp = None
            self._stage.update()

    def stop(self) -> None:
        """End a sweep before its time, in the state that OF chooses."""
        if self.busy:
            self._finish(self._stage.time_s)

    def on_event(self) -> None:
        """Go on to the next phase, segment or step."""
        time_s = self.alarm.due_s
        if not self._stage.closed:  # the cut-out or PW0 came first
            self.release()
        elif self.phase == Phase.DELAY and self.kind == RAMP:
            self.phase = Phase.SETTING_UP
            self.alarm.set(time_s + self._settings.ramp_setup_s)
        elif self.kind == RAMP:
            self._next_segment(time_s)
        else:
            self._next_step(time_s)

    # levels

    def _level(self, segment: int) -> float:
        return self._stage.values[f"{self._names}{_LETTERS[segment % 4]}"]

    def _step(self) -> float:
        return abs(self._stage.values["IS" if self._stage.values["PO"] else "VS"])

    def _hold(self, level: float) -> None:
        self._drive(Ramp(self._stage.time_s, level, level, 0.0))

    def _drive(self, ramp: Ramp) -> None:
        self._stage.catch_up()
        self._stage.ramp = ramp
        self._stage.update()

    def _next_segment(self, time_s: float) -> None:
        values = self._stage.values
        first = self.phase != Phase.RUNNING
        self._segment += not first
        while self._segment < values["SM"] and not self._segment_s():
            self._segment += 1
        if self._segment >= values["SM"]:
            self._hold(self._level(self._segment))
            self._finish(time_s)
            return
        self.phase = Phase.RUNNING
        self.alarm.set(time_s + self._segment_s())
        self._drive(
            Ramp(time_s, self._level(self._segment), self._level(self._segment + 1), self._segment_s())
        )
        if first:
            self._runs(time_s, inf)

    def _segment_s(self) -> float:
        seconds = self._stage.values[f"T{_LETTERS[self._segment % 4]}"]
        return seconds if seconds >= _SHORTEST_S else 0.0

    def _next_step(self, time_s: float) -> None:
        values = self._stage.values
        level: float | None
        if self.phase == Phase.RUNNING:
            assert self._stage.ramp is not None
            level = self._level_after(self._stage.ramp.last)
        else:
            self.phase, level = Phase.RUNNING, self._level(0)
        if level is None:
            self._finish(time_s)
            return
        self._hold(level)
        self.alarm.set(time_s + values["TE"])
        self._runs(time_s, self.alarm.due_s)

    def _level_after(self, level: float) -> float | None:
        """Get the level of the next step, the target of the segment at last; None at the end of the sweep."""
        step, segments = self._step(), self._stage.values["SM"]
        while self._segment < segments:
            target = self._level(self._segment + 1)
            left = target - level
            if abs(left) > _NEARLY * step:
                return level + copysign(step, left) if abs(left) > (1.0 + _NEARLY) * step else target
            self._segment += 1
        return None

    def _finish(self, time_s: float) -> None:
        """Go to standby, or freeze the level that was reached (OF)."""
        self.alarm.set(inf)
        if self._stage.values["OF"] == _STANDBY:
            self.phase = Phase.IDLE
            self._stage.catch_up()
            self._stage.ramp = None
            self._stage.open()
            return
        self.phase = Phase.FROZEN
        if self._stage.ramp is not None:
            self._hold(self._stage.ramp.at(time_s))

    # a stored world

    def snapshot(self) -> SweepSnapshot:
        """Get what a stored world needs to continue."""
        return {
            "phase": int(self.phase),
            "next_s": self.alarm.due_s if self.busy else None,
            "kind": self.kind,
            "names": self._names,
            "segment": self._segment,
            "ramp": self._stage.ramp,
        }

    def restore(self, stored: SweepSnapshot) -> None:
        """Take over what `snapshot` gave; the stage is updated by the caller."""
        self.phase = Phase(stored["phase"])
        self.alarm.set(inf if stored["next_s"] is None else stored["next_s"])
        self.kind, self._names, self._segment = stored["kind"], stored["names"], stored["segment"]
        self._stage.ramp = None if stored["ramp"] is None else Ramp(*stored["ramp"])
