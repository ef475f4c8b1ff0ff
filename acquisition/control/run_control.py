"""What is asked of a run in progress: one pending request, looked at by the clock alone.

Verbs come from other threads and from signal handlers; only the engine's thread acts on them, at the next look
of its clock, and never in the middle of what is shielded (switching off, making safe).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from solbench.acquisition.control.verbs import TABLE, Answer, State, Verb
from solbench.acquisition.record.events import PausedBy
from solbench.drivers.clock import Interrupted


class Pending(NamedTuple):
    """A request that the engine has not acted on yet, why, and whether a user made it or the program itself."""

    verb: Verb
    reason: str
    by: PausedBy


class RunControl:
    """State of a run and at most one pending request. `on_poll` is called at each look, for leases and guards.

    A stop outranks a pause or a skip that is still pending; otherwise the first request counts.
    """

    def __init__(self) -> None:
        self.state = State.STARTING
        self._pending: Pending | None = None
        self._shields = 0
        self._on_poll: Callable[[], None] | None = None

    def ask(self, verb: Verb, reason: str) -> Answer:
        """Say a verb; the answer tells what follows. Safe to call from any thread and from a signal handler."""
        answer = TABLE[self.state, verb]
        if answer.interrupt and (self._pending is None or verb is Verb.STOP):
            self._pending = Pending(verb, reason, "user")
        if answer.becomes is not None:
            self.state = answer.becomes
        return answer

    def request(self, reason: str) -> None:
        """Ask for a stop; `reason` is a few words for the journal."""
        self.ask(Verb.STOP, reason)

    def interrupt(self, verb: Verb, reason: str) -> None:
        """Interrupt the engine for a reason of the program's own (guardian gone, disk full); table or not."""
        if self._pending is None:
            self._pending = Pending(verb, reason, "program")

    @property
    def requested(self) -> str | None:
        """Get the reason of the pending request."""
        return self._pending.reason if self._pending is not None else None

    @property
    def shielded(self) -> bool:
        """Get whether something is carried through now that nothing may interrupt."""
        return self._shields > 0

    def pop(self) -> Pending | None:
        """Return the pending request and forget it."""
        pending, self._pending = self._pending, None
        return pending

    def on_poll(self, look: Callable[[], None] | None) -> None:
        """Have `look` called at every look of the clock."""
        self._on_poll = look

    def poll(self) -> None:
        """Look: raise Interrupted if a request is pending and nothing is shielded."""
        if self._on_poll is not None:
            self._on_poll()
        if self._pending is not None and self._shields == 0:
            raise Interrupted(self._pending.reason)

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Let nothing interrupt what must be carried through, such as switching off."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
