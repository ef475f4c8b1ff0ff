"""Plays a dialogue in place of the instruments: what they said, and what the clock said, is said again.

Everything above the wires is real. Where the program does something else than was recorded, playing ends with a
paragraph that says so: what the instruments would have answered is not known.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from solbench.acquisition.bench.connect import NeverUsed
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.bench.dialogue.lines import (
    NO_VALUE,
    Asked,
    Before,
    Closed,
    Gauged,
    Line,
    Looked,
    Transferred,
    in_words,
)
from solbench.acquisition.bench.gauges.watched import Found, Nature, Silence, WatchedGauge
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State, Verb
from solbench.acquisition.record.events import AlarmCode
from solbench.drivers.clock import Clock, Interrupted, SystemClock
from solbench.drivers.errors import CannotOpen, DriverError
from solbench.drivers.links.ear import Transfer
from solbench.drivers.links.ports import TimedOut
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue

T = TypeVar("T")


class DialogueOver(Interrupted):
    """The dialogue has no more to say to what the program does; `reason` says why."""


class Player:
    """Plays the dialogue `text` to a run that `run_control` controls.

    `speed`: experiment seconds in a host second, None for as fast as it can be. `over`: why playing ended before the
    run did, "" while it did not; `is_same`: whether nothing else was done than was recorded. `line_number`: of the last
    line that was played. `offset_s`: the bench's clock (s) at the run's time 0, None where no line says it.
    """

    def __init__(self, text: DialogueText, run_control: RunControl, speed: float | None = None) -> None:
        self.text = text
        self.about = text.about
        self.over = ""
        self.is_same = True
        self.line_number = 1
        self.offset_s: float | None = None
        self._lines = text.lines()
        self._next: tuple[int, Line] | None = next(self._lines, None)
        self._run_control = run_control
        self._speed = speed
        self._time_s = self.about.clock_start_s
        self._looks = self._sleeps = 0
        self._vain: dict[str, int] = {}  # looks at each gauge that gave nothing
        self._thread = threading.get_ident()
        self._under: Clock = SystemClock()
        self._host_start_s = self._under.now()

    # as a `Dialogue`

    def clock(self, clock: Clock) -> Clock:
        """Return the clock of the dialogue; of `clock`, that of the host, only its interruptions count."""
        self._under = clock
        self._host_start_s = clock.now()
        return PlayedClock(self)

    def ear(self, name: str) -> PlayedWire:
        """Return what answers on the wire `name`."""
        return PlayedWire(name, self)

    def gauge(self, gauge: WatchedGauge) -> WatchedGauge:
        """Return a gauge that gives what it gave; of `gauge` only its nature counts."""
        return PlayedGauge(gauge.nature, self)

    def begin(self, time_base: str, addresses: Mapping[str, str], unit: str) -> None:
        """Do nothing: what it is of is known."""

    def before(self, offset_s: float, off_s: float | None, cut_bytes: int) -> Before:
        """Return what the session found of the one before it; a dialogue of an earlier version does not say it."""
        line = self._next[1] if self._next is not None else None
        if not isinstance(line, Before):
            return Before(self._time_s, 0, offset_s, off_s, cut_bytes)
        self._take()
        self._looks = self._sleeps = 0
        self.offset_s = line.offset_s
        return line

    def take_words(self) -> str:
        """Return nothing: a user is told at the end."""
        return ""

    def close(self) -> None:
        """See whether there is more in the dialogue than the program did."""
        if self.over:
            return
        number, line = self._upcoming() or (self.line_number, None)
        if isinstance(line, Transferred):
            self.is_same = False
            self.over = (
                f"{self.text.path.name}, line {number}: {line.words} at {line.start_s or line.end_s:.6g} s of the "
                "bench's clock, and this program has ended its run before"
            )

    def resource(self, name: str) -> PlayedResource:
        """Return what stands for the instrument `name`."""
        return PlayedResource((self.about.wires or {}).get(name, {}))

    @property
    def next_s(self) -> float:
        """Get the bench's clock (s) at the line that is to be played next, the time where there is none."""
        if self._next is None:
            return self._time_s
        line = self._next[1]
        return line.end_s if isinstance(line, Transferred) else line.time_s

    # called by wires and clock

    def transfer(self, name: str, kind: Transfer, sent: bytes) -> Any:
        """Return or raise what the same transfer did when it was recorded; raises DialogueOver."""
        if self.over:
            if kind == "local":
                return None
            raise DialogueOver(self.over)
        number, line = self._upcoming() or (self.line_number + 1, None)
        if not isinstance(line, Transferred):
            raise self._ended(number, line)
        data = sent.decode("latin-1")
        if kind == "poll" and (line.name, line.kind) == (name, "write"):
            return 0  # looked for before a question, as an earlier version did not: its answers say that nothing waited
        if (line.name, line.kind) != (name, kind) or (kind == "write" and line.data != data):
            raise self._differs(number, line, in_words(kind, name, data))
        self._take()
        self._time_s = line.end_s
        self._looks = self._sleeps = 0
        self._pace()
        return self._result(line, kind)

    def collect(self, name: str) -> Sequence[Found]:
        """Return what a gauge gave at this place."""
        line = self._next[1] if self._next is not None else None
        if isinstance(line, Gauged) and (line.name, line.skipped) == (name, self._vain.get(name, 0)):
            self._take()
            self._vain[name] = 0
            return [_found(*one) for one in line.found]
        self._vain[name] = self._vain.get(name, 0) + 1
        return ()

    def look(self) -> float:
        """Return the time, in s."""
        if threading.get_ident() == self._thread:
            line = self._next[1] if self._next is not None else None
            if isinstance(line, Looked) and line.skipped == self._looks:
                self._take()
                self._time_s, self._looks = line.time_s, 0
            else:
                self._looks += 1
        return self._time_s

    def sleep_until(self, time_s: float) -> None:
        """Let time pass as it did; raises Interrupted where that was so, or where this run is stopped."""
        self._check()
        line = self._next[1] if self._next is not None else None
        if isinstance(line, Asked) and line.verb != Verb.RESUME and line.skipped == self._sleeps:
            self._take()
            self._ask(line)
            self._looks = self._sleeps = 0
            self._check()
            return
        self._sleeps += 1
        if time_s > self._time_s:
            self._time_s = time_s
            self._pace()
        if isinstance(line, Asked) and line.verb == Verb.RESUME and line.skipped == self._sleeps:
            self._take()
            self._ask(line)
            self._looks = self._sleeps = 0

    @property
    def slice_s(self) -> float:
        """Get the longest sleep, in s.

        On a clock that only jumps, whoever waits for a user to end a pause asks for it: how long that took, and what
        was done meanwhile, was the host's affair. Raises DialogueOver then.
        """
        if math.isinf(self.about.slice_s) and self._run_control.state is State.PAUSED:
            self.over = (
                self.over or "how a user's pause ended is not in a dialogue of a clock that only jumps"
            )
            raise DialogueOver(self.over)
        return self.about.slice_s

    def _check(self) -> None:
        self._under.sleep_until(-math.inf)

    def _pace(self) -> None:
        if self._speed is not None:
            passed_s = (self._time_s - self.about.clock_start_s) / self._speed
            self._under.sleep_until(self._host_start_s + passed_s)

    def _take(self) -> None:
        if self._next is not None:
            self.line_number = self._next[0]
        self._next = next(self._lines, None)

    def _upcoming(self) -> tuple[int, Line] | None:
        """Return the next transfer, or the end; what the clock said before it has no one to hear it."""
        while self._next is not None and isinstance(self._next[1], (Looked, Asked, Gauged)):
            if isinstance(line := self._next[1], Asked):
                self._ask(line)
            self._take()
        return self._next

    def _ask(self, line: Asked) -> None:
        """Have the run interrupted, or resumed, as it was."""
        control = self._run_control
        if not line.verb:  # nothing that can be asked of a run
            raise Interrupted(line.reason)
        if line.by == "program":
            control.interrupt(Verb(line.verb), line.reason, cast(AlarmCode, line.code))
        else:
            control.ask(Verb(line.verb), line.reason)

    def _result(self, line: Transferred, kind: Transfer) -> Any:
        if line.outcome == "timeout":
            raise TimedOut(f"nothing over the wire to {line.name}")
        if line.outcome == "refused":
            raise CannotOpen(*line.error.split("\n", 2))
        if line.outcome == "error":
            raise ConnectionError(line.error)
        if line.outcome == "interrupted":
            self._check()
            raise Interrupted("the connection was being opened anew")
        if kind == "read":
            return line.data.encode("latin-1")
        return int(line.data) if kind == "poll" else None

    def _ended(self, number: int, line: Line | None) -> DialogueOver:
        file = self.text.path.name
        if isinstance(line, Closed) and line.kind == "closed":
            self.is_same = False
            self.over = (
                f"{file}, line {number}: the dialogue ends here with its run, and this program goes on"
            )
        elif isinstance(line, Closed):
            self.over = f"{file}, line {number}: the dialogue was as large as it may be and ends here"
        else:
            self.over = (
                f"{file}, line {number}: the dialogue breaks off here: its program ended, or the file is torn"
            )
        return DialogueOver(self.over)

    def _differs(self, number: int, line: Transferred, now: str) -> DialogueOver:
        self.is_same = False
        began_s = line.end_s if line.start_s is None else line.start_s
        self.over = (
            f"{self.text.path.name}, line {number}: at {began_s:.6g} s of the bench's clock {line.words} in the "
            f"dialogue, and {now} by this program (solbench {self.about.version} recorded it). What the instruments "
            "would answer to that is not known; up to there the runs are the same"
        )
        return DialogueOver(self.over)


class PlayedWire:
    """Answers on one wire."""

    def __init__(self, name: str, player: Player) -> None:
        self._name = name
        self._player = player

    def meets(self, *, can_poll: bool, keeps_parts: bool, patience_s: float) -> None:
        """Do nothing: it is as when it was recorded."""

    def transfer(self, kind: Transfer, carry_out: Callable[[], T], sent: bytes = b"") -> T:
        """Return or raise what the transfer did when it was recorded; nothing is carried out."""
        return cast(T, self._player.transfer(self._name, kind, sent))


class PlayedGauge:
    """Gives what a gauge gave."""

    def __init__(self, nature: Nature, player: Player) -> None:
        self.nature = nature
        self._player = player

    def collect(self, *, between_readings: bool) -> Sequence[Found]:
        """Return what was found at this place."""
        return self._player.collect(self.nature.name)


def _found(time_s: float, value: float | None, said: str) -> Found:
    if value is not None:
        return GaugeReading(time_s, value, said)
    if said.startswith(f"{NO_VALUE}\n"):
        instrument, code = said.split("\n", 2)[1:]
        return Silence(time_s, NoValue(instrument, code))
    return Silence(time_s, DriverError(*said.split("\n", 1)))


class PlayedClock:
    """The clock of a dialogue."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self.now = player.look
        self.sleep_until = player.sleep_until

    @property
    def slice_s(self) -> float:
        """Get the longest experiment time of one sleep, in seconds."""
        return self._player.slice_s


class PlayedResource(NeverUsed):
    """Stands for an instrument whose transfers are all played."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        self.can_poll = bool(how.get("can_poll", True))
        self.keeps_parts = bool(how.get("keeps_parts", False))
        self.patience_s = float(how.get("patience_s", 0.0))

    def local(self) -> None:
        """Refuse."""
        raise NotImplementedError

    def reconnect(self, clock: Clock, within_s: float) -> None:
        """Refuse."""
        raise NotImplementedError
