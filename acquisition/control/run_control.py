"""What is requested of a run while it runs: the pending requests, looked at by the clock alone.

Verbs come from other threads and from signal handlers; only the engine's thread acts on them, at the next look
of its clock, and never in the middle of what is shielded (switching off, making safe).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from solbench.acquisition.control.verbs import BEFORE_PAUSE, TABLE, Answer, State, Verb
from solbench.acquisition.record.events import PausedBy
from solbench.drivers.clock import Interrupted


class Pending(NamedTuple):
    """A request that the engine has not acted on yet, why, and whether a user made it or the program itself."""

    verb: Verb
    reason: str
    by: PausedBy


class RunControl:
    """State of a run and its pending requests. `on_poll` is called at each look, for leases and guards.

    A stop outranks what is still pending; otherwise each is acted on in turn, and none is dropped. What is answered
    while a pause is pending is answered as what will be when it has begun.
    """

    def __init__(self) -> None:
        self.state = State.STARTING
        self._pending: list[Pending] = []
        self._lock = threading.RLock()  # a signal handler may come while it is held
        self._shields = 0
        self._on_poll: Callable[[], None] | None = None

    def ask(self, verb: Verb, reason: str) -> Answer:
        """Say a verb; the answer tells what follows. Safe to call from any thread and from a signal handler."""
        with self._lock:
            pause = self._pending_pause()
            answer = TABLE[self.state, verb] if pause is None else self._before_pause(verb, pause)
            if verb is Verb.STOP and answer.interrupt:
                self._pending = []
            if answer.interrupt:
                self._append(Pending(verb, reason, "user"))
            if answer.becomes is not None:
                self.state = answer.becomes
            return answer

    def request(self, reason: str) -> None:
        """Ask for a stop; `reason` is a few words for the journal."""
        self.ask(Verb.STOP, reason)

    def interrupt(self, verb: Verb, reason: str) -> None:
        """Interrupt the engine for a reason of the program's own (guardian gone, disk full); table or not."""
        with self._lock:
            self._append(Pending(verb, reason, "program"))

    def begin_pause(self) -> None:
        """Pause a running run, for a reason of the program's own."""
        with self._lock:
            if self.state is State.RUNNING:
                self.state = State.PAUSED

    @property
    def requested(self) -> str | None:
        """Get the reason of the request that is acted on next."""
        pending = self._pending
        return pending[0].reason if pending else None

    @property
    def shielded(self) -> bool:
        """Get whether something is carried through now that nothing may interrupt."""
        return self._shields > 0

    def pop(self) -> Pending | None:
        """Return the request that is acted on next and forget it, None if all were taken back; a pause begins."""
        with self._lock:
            pending = self._pending.pop(0) if self._pending else None
            if pending is not None and pending.verb is Verb.PAUSE:
                self.begin_pause()
            return pending

    def on_poll(self, look: Callable[[], None] | None) -> None:
        """Have `look` called at every look of the clock."""
        self._on_poll = look

    def poll(self) -> None:
        """Look: raise Interrupted if a request is pending and nothing is shielded."""
        if self._on_poll is not None:
            self._on_poll()
        reason = self.requested
        if reason is not None and self._shields == 0:
            raise Interrupted(reason)

    def _append(self, request: Pending) -> None:
        if all(other.verb is not request.verb for other in self._pending):
            self._pending.append(request)

    def _pending_pause(self) -> Pending | None:
        if self.state is not State.RUNNING:
            return None
        return next((request for request in self._pending if request.verb is Verb.PAUSE), None)

    def _before_pause(self, verb: Verb, pause: Pending) -> Answer:
        """Answer while `pause` is pending; a user's own is taken back by resume."""
        if verb is Verb.RESUME and pause.by == "program":
            return Answer(accepted=False, text=f"the program is pausing the run: {pause.reason}")
        if verb is Verb.RESUME:
            self._pending.remove(pause)
        return BEFORE_PAUSE[verb]

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Let nothing interrupt what must be carried through, such as switching off."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
