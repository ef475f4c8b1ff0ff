"""Writes the dialogue of a run down while it is carried out, and changes nothing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from solbench.acquisition.bench.dialogue.file import About, DialogueFile
from solbench.acquisition.bench.dialogue.lines import (
    NO_VALUE,
    Asked,
    Before,
    Closed,
    Gauged,
    Line,
    Looked,
    Outcome,
    Transferred,
    encode,
)
from solbench.acquisition.bench.gauges.watched import Found, WatchedGauge
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State
from solbench.acquisition.host.platform import host_s, remove
from solbench.drivers.clock import Clock, Interrupted
from solbench.drivers.errors import CannotOpen
from solbench.drivers.links.ear import Transfer
from solbench.drivers.links.wire import is_timeout
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue

T = TypeVar("T")


class Recorder:
    """Hears the wires and the clock of one bench, and writes what they say into a new file at `path`.

    `about` as far as it is known before the bench is open. Only the thread that made it is heard: the engine's. Raises
    FileExistsError, OSError.
    """

    def __init__(self, path: Path, most_bytes: int, about: About, run_control: RunControl) -> None:
        self._file = DialogueFile(path, most_bytes)
        self._about = about
        self._run_control = run_control
        self._state = run_control.state
        self._wires: dict[str, dict[str, Any]] = {}
        self._clock: Clock | None = None
        self._known_s = 0.0  # what whoever plays it will take for the time
        self._looks = self._sleeps = 0
        self._vain: dict[str, int] = {}  # looks at each gauge that gave nothing
        self._thread = threading.get_ident()
        self._host_s = host_s()
        self._has_begun = False  # opening a port may look at the clock, and sleep
        self._words = ""

    @property
    def path(self) -> Path:
        """Get the file."""
        return self._file.path

    def take_words(self) -> str:
        """Return what a user must be told, once: that the dialogue is not whole; "" for nothing."""
        words, self._words = self._words or self._file.problem, ""
        return words

    def clock(self, clock: Clock) -> Clock:
        """Return a clock that is heard in place of `clock`."""
        self._clock = clock
        return HeardClock(clock, self)

    def ear(self, name: str) -> WireEar:
        """Return what hears the wire `name`."""
        return WireEar(name, self)

    def gauge(self, gauge: WatchedGauge) -> WatchedGauge:
        """Return a gauge that is heard."""
        return HeardGauge(gauge, self)

    def begin(self, time_base: str, addresses: Mapping[str, str], unit: str) -> None:
        """Write what the dialogue is of: the wires are known."""
        assert self._clock is not None
        self._known_s, self._looks, self._sleeps = self._clock.now(), 0, 0
        self._has_begun = True
        about = replace(
            self._about,
            clock_start_s=self._known_s,
            slice_s=self._clock.slice_s,
            time_base=time_base,
            unit=unit,
            addresses=addresses,
            wires=self._wires,
        )
        self._file.begin(about)

    def before(self, offset_s: float, off_s: float | None, cut_bytes: int) -> Before:
        """Write down what a later session found of the one before it, and return it."""
        found = Before(self._known_s, self._host_ms(), offset_s, off_s, cut_bytes)
        self._put(found, self._known_s)
        return found

    def close(self) -> None:
        """Write the end; of a bench that was never open nothing is left."""
        if not self._has_begun:
            self.drop()
        elif self._file.is_open:
            self._file.close(encode(Closed(self._known_s, self._host_ms(), "closed")))

    def drop(self) -> None:
        """Take the file back: the run never began."""
        self._file.close()
        remove(self.path)

    # called by what hears

    def meets(self, name: str, how: dict[str, Any]) -> None:
        """Hear how a wire is to be used."""
        self._wires[name] = how

    def transfer(self, name: str, kind: Transfer, carry_out: Callable[[], T], sent: bytes) -> T:
        """Carry a transfer out and write it down."""
        clock = self._clock
        assert clock is not None
        self._hear_state()
        start_s = clock.now()
        outcome, data, said = "ok", sent.decode("latin-1"), ""
        try:
            result = carry_out()
            if kind == "read":
                assert isinstance(result, (bytes, bytearray))
                data = result.decode("latin-1")
            elif kind == "poll":
                data = str(result)
            return result
        except Exception as error:
            outcome, said = _outcome(error)
            raise
        finally:
            end_s = clock.now()
            known_s = None if start_s == self._known_s else start_s
            self._put(Transferred(end_s, known_s, self._host_ms(), name, kind, outcome, data, said), end_s)

    def collect(self, gauge: WatchedGauge, between_readings: bool) -> Sequence[Found]:
        """Look at a gauge and write down what it gave; what it asks the clock is its own affair."""
        has_begun, self._has_begun = self._has_begun, False
        try:
            found = gauge.collect(between_readings=between_readings)
        finally:
            self._has_begun = has_begun
        name = gauge.nature.name
        if found:
            skipped, gave = self._vain.pop(name, 0), tuple(map(_plain, found))
            self._put(Gauged(self._known_s, skipped, self._host_ms(), name, gave), self._known_s)
        else:
            self._vain[name] = self._vain.get(name, 0) + 1
        return found

    def looked(self, time_s: float) -> None:
        """Hear what the clock said."""
        if threading.get_ident() != self._thread or not self._has_begun:
            return
        if time_s == self._known_s:
            self._looks += 1
        else:
            self._put(Looked(time_s, self._looks, self._host_ms()), time_s)

    def slept(self, until_s: float) -> None:
        """Hear that a sleep is over."""
        if not self._has_begun:
            return
        self._sleeps += 1
        self._known_s = max(self._known_s, until_s)
        self._hear_state()
        self._file.flush_if_due()

    def interrupted(self, reason: str) -> None:
        """Hear that a sleep was interrupted."""
        if not self._has_begun:
            return
        asked = self._run_control.next_request
        verb, by, code = ("", "", "") if asked is None else (asked.verb, asked.by, asked.code)
        self._ask(verb, reason, by, code)

    def _hear_state(self) -> None:
        """Hear that a pause is over."""
        if self._run_control.state is self._state:
            return
        before, self._state = self._state, self._run_control.state
        if before is State.PAUSED and self._state is State.RUNNING:
            self._ask("resume", "", "user", "")

    def _ask(self, verb: str, reason: str, by: str, code: str) -> None:
        line = Asked(self._known_s, self._sleeps, self._host_ms(), verb, reason, by, code)
        self._put(line, self._known_s)

    def _put(self, line: Line, known_s: float) -> None:
        self._known_s = known_s
        if not isinstance(line, (Looked, Gauged)):
            self._sleeps = 0
        if not isinstance(line, Gauged):
            self._looks = 0
        if not self._file.put(encode(line)) and self._file.is_open:
            self._file.close(encode(Closed(known_s, self._host_ms(), "full")))
            name = self.path.name
            self._words = (
                f"{name} is as large as it may be: what is said from now on is not recorded. The run goes on"
            )

    def _host_ms(self) -> int:
        return round(1000.0 * (host_s() - self._host_s))


def _plain(found: Found) -> tuple[float, float | None, str]:
    """Return what a gauge gave, as a line has it."""
    if isinstance(found, GaugeReading):
        return found.time_s, found.value, found.raw
    if isinstance(found.error, NoValue):
        return found.time_s, None, f"{NO_VALUE}\n{found.error.instrument}\n{found.error.code}"
    return found.time_s, None, f"{found.error}\n{found.error.what}"


def _outcome(error: Exception) -> tuple[Outcome, str]:
    """Return how a transfer ended, and what its error says."""
    if isinstance(error, Interrupted):
        return "interrupted", ""
    if isinstance(error, CannotOpen):
        return "refused", f"{error.address}\n{error.problem}\n{error.cure}"
    return ("timeout", "") if is_timeout(error) else ("error", str(error))


class WireEar:
    """Hears one wire."""

    def __init__(self, name: str, recorder: Recorder) -> None:
        self._name = name
        self._recorder = recorder

    def meets(self, *, can_poll: bool, keeps_parts: bool, patience_s: float) -> None:
        """Hear how the wire's resource is to be used."""
        how = {"can_poll": can_poll, "keeps_parts": keeps_parts, "patience_s": patience_s}
        self._recorder.meets(self._name, how)

    def transfer(self, kind: Transfer, carry_out: Callable[[], T], sent: bytes = b"") -> T:
        """Carry a transfer out; returns and raises what that does."""
        return self._recorder.transfer(self._name, kind, carry_out, sent)


class HeardGauge:
    """A gauge that is heard."""

    def __init__(self, gauge: WatchedGauge, recorder: Recorder) -> None:
        self.nature = gauge.nature
        self._gauge = gauge
        self._recorder = recorder

    def collect(self, *, between_readings: bool) -> Sequence[Found]:
        """Return what was found since the last time; raises what the gauge raises."""
        return self._recorder.collect(self._gauge, between_readings)


class HeardClock:
    """A clock that is heard."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        self._clock = clock
        self._recorder = recorder

    @property
    def slice_s(self) -> float:
        """Get the longest experiment time of one sleep, in seconds."""
        return self._clock.slice_s

    def now(self) -> float:
        """Get the experiment time in seconds."""
        time_s = self._clock.now()
        self._recorder.looked(time_s)
        return time_s

    def sleep_until(self, time_s: float) -> None:
        """Sleep until `time_s` (s); raises Interrupted."""
        try:
            self._clock.sleep_until(time_s)
        except Interrupted as interrupted:
            self._recorder.interrupted(interrupted.reason)
            raise
        self._recorder.slept(time_s)
