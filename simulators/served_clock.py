"""Experiment time of a bench that is a process of its own: host time at a rate, and it never jumps."""

import time

HOST_SLICE_S = 0.05  # the longest host time that a caller who sleeps in slices is kept waiting
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)


def host_s() -> float:
    """Get the host's time in seconds: since boot, suspension included, where the system counts that."""
    return time.perf_counter() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


class ServedClock:
    """Experiment time = start + (host time - host start) x speed, in seconds.

    All processes of a host that know these three numbers have the same time without asking each other.
    Raises ValueError for a speed that is not above 0.
    """

    __slots__ = ("_host_start_s", "_speed", "_start_s")

    def __init__(self, speed: float = 1.0, start_s: float = 0.0, host_start_s: float | None = None) -> None:
        if not speed > 0.0:
            raise ValueError(f"speed is {speed}; it must be above 0")
        self._speed = speed
        self._start_s = start_s
        self._host_start_s = host_s() if host_start_s is None else host_start_s

    @property
    def speed(self) -> float:
        """Get how many experiment seconds pass in a host second."""
        return self._speed

    @property
    def slice_s(self) -> float:
        """Get the longest experiment time of one sleep that returns within 50 ms of host time, in s."""
        return self._speed * HOST_SLICE_S

    def now(self) -> float:
        """Get the experiment time in seconds."""
        return self.at_host(host_s())

    def at_host(self, host_time_s: float) -> float:
        """Get the experiment time of a host time, both in seconds."""
        return self._start_s + (host_time_s - self._host_start_s) * self._speed

    def host_at(self, time_s: float) -> float:
        """Get the host time of an experiment time, both in seconds."""
        return self._host_start_s + (time_s - self._start_s) / self._speed

    def sleep_until(self, time_s: float) -> None:
        """Return when `now()` has reached `time_s` (seconds); at once if it has."""
        while (early_s := self.host_at(time_s) - host_s()) > 0.0:
            time.sleep(early_s)

    def advance_to(self, time_s: float) -> float:
        """Wait for `time_s` (seconds): this clock moves by itself."""
        self.sleep_until(time_s)
        return self.now()
