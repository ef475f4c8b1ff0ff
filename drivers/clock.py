"""Experiment time as drivers and techniques see it."""

import time
from collections.abc import Callable
from typing import Protocol

HOST_SLICE_S = 0.05  # longest host time that anything may sleep or block without checking for cancellation


class Interrupted(Exception):
    """Raised by the clock when the run is to end, pause or skip; `reason` gives the request as text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Clock(Protocol):
    """Experiment time in seconds.

    `slice_s` is the longest experiment time for which one `sleep_until` still returns within `HOST_SLICE_S`
    of host time (infinite where time is virtual and not paced).
    """

    @property
    def slice_s(self) -> float:
        """Get the longest experiment time of one sleep, in seconds."""
        ...

    def now(self) -> float:
        """Get the experiment time in seconds."""
        ...

    def sleep_until(self, time_s: float) -> None:
        """Return when `now()` has reached `time_s` (seconds); at once if it has."""
        ...


class SystemClock:
    """Real time. On Linux CLOCK_BOOTTIME, so that suspending the PC does not stop experiment time.

    Elsewhere `time.perf_counter`, which all processes share: `time.monotonic` counts in steps of 15.6 ms on Windows
    before Python 3.13.
    """

    slice_s = HOST_SLICE_S

    def __init__(self) -> None:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        self._now: Callable[[], float] = (
            (lambda: time.clock_gettime(boottime)) if boottime is not None else time.perf_counter
        )

    def now(self) -> float:
        """Get seconds since the PC was started."""
        return self._now()

    def sleep_until(self, time_s: float) -> None:
        """Sleep until `now()` has reached `time_s`."""
        while (remaining := time_s - self._now()) > 0:
            time.sleep(remaining)


class ScaledClock:
    """Time owned by another process: host time x `speed`, through one known pair of times.

    `origin_s` was the experiment time when host time (CLOCK_BOOTTIME, else monotonic) was `host_origin_s`.
    """

    def __init__(self, origin_s: float, host_origin_s: float, speed: float) -> None:
        self._origin_s = origin_s
        self._host_origin_s = host_origin_s
        self._speed = speed
        self._host = SystemClock()

    @property
    def slice_s(self) -> float:
        """Get the experiment time that passes in one slice of host time, in s."""
        return HOST_SLICE_S * self._speed

    def now(self) -> float:
        """Get the experiment time in seconds."""
        return self.at_host(self._host.now())

    def at_host(self, host_s: float) -> float:
        """Return the experiment time (s) at a host time (s)."""
        return self._origin_s + (host_s - self._host_origin_s) * self._speed

    def sleep_until(self, time_s: float) -> None:
        """Sleep until `now()` has reached `time_s`."""
        self._host.sleep_until(self._host_origin_s + (time_s - self._origin_s) / self._speed)


class CancellableClock:
    """A clock that calls `check` at least every slice; `check` raises `Interrupted` when the run is to end.

    It is the only point of cancellation: code that sleeps or polls with this clock can be stopped, and needs
    no other flag. `now()` is the experiment time of `base` in seconds.
    """

    def __init__(self, base: Clock, check: Callable[[], None]) -> None:
        self._base = base
        self._check = check
        self.now = base.now  # asked for at every turn: a function of its own would cost as much again

    @property
    def slice_s(self) -> float:
        """Get the slice of the underlying clock, in seconds."""
        return self._base.slice_s

    def sleep_until(self, time_s: float) -> None:
        """Sleep until `time_s` in slices; raises `Interrupted`."""
        base, check = self._base, self._check
        check()
        while (now_s := base.now()) < time_s:
            slice_end_s = now_s + base.slice_s
            base.sleep_until(slice_end_s if slice_end_s < time_s else time_s)
            check()


def sleep(clock: Clock, seconds: float) -> None:
    """Sleep for `seconds` of experiment time."""
    clock.sleep_until(clock.now() + seconds)
