"""A resource that is told the whole dialogue in advance, and a clock that only moves when asked to."""

from __future__ import annotations

from collections.abc import Sequence

from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

Step = tuple[str | None, bytes | None]
GREETING = b"OT1"
READY = 128 + 16  # bits of the 1287 and of the 1260 that say that a line waits


class FakeClock:
    """Time that sleeping moves; `sleeps` lists the times slept to."""

    slice_s = float("inf")

    def __init__(self, time_s: float = 100.0) -> None:
        self.time_s = time_s
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time_s

    def sleep_until(self, time_s: float) -> None:
        if time_s > self.time_s:
            self.sleeps.append(time_s)
            self.time_s = time_s


class Dialogue:
    """Plays [(sent, reply), ...]: `sent` None is a reply that comes unasked, `reply` None no reply.

    Fails on a command that is not the next one and on a read where no reply is due; a reply that was not read
    when the next command comes, and what was not used at the end, fails too. `OT1` may be the very first thing sent,
    as drivers greet a unit; it needs not be told.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.timeout = 0.0
        self.unread: list[bytes] = []
        self.clears = 0
        self.silent_reads = 0
        self.greeted = False
        self._next = 0
        self._take_unasked()

    def write_raw(self, message: bytes) -> int:
        if message == GREETING and self._next == 0 and not self.greeted:
            self.greeted = True
            return len(message)
        assert not self.unread, f"{message!r} sent before {self.unread!r} was read"
        assert self._next < len(self.steps), f"unexpected {message!r} after the end of the dialogue"
        sent, reply = self.steps[self._next]
        assert sent is not None
        assert message == sent.encode("ascii"), f"step {self._next}: {message!r} instead of {sent!r}"
        self._next += 1
        if reply is not None:
            self.unread.append(reply)
        self._take_unasked()
        return len(message)

    def read_raw(self) -> bytes:
        if not self.unread:
            self.silent_reads += 1
            raise time_out()
        return self.unread.pop(0)

    def read_stb(self) -> int:
        return READY if self.unread else 0

    def clear(self) -> None:
        self.unread.clear()
        self.clears += 1

    def finish(self) -> None:
        assert not self.unread, f"{self.unread!r} was never read"
        assert self._next == len(self.steps), f"never sent: {self.steps[self._next :]!r}"

    def _take_unasked(self) -> None:
        while self._next < len(self.steps) and self.steps[self._next][0] is None:
            reply = self.steps[self._next][1]
            assert reply is not None
            self.unread.append(reply)
            self._next += 1


def time_out() -> VisaIOError:
    return VisaIOError(StatusCode.error_timeout)


def connection_lost() -> VisaIOError:
    return VisaIOError(StatusCode.error_connection_lost)


def sent(*commands: str) -> list[Step]:
    """Commands without an answer."""
    return [(command, None) for command in commands]
