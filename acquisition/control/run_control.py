"""What is requested of a run while it runs: the pending requests, looked at by the clock alone.

Verbs come from other threads and from signal handlers; only the engine's thread acts on them, at the next look
of its clock, and never in the middle of what is shielded (switching off, making safe). An answer says what has been
accepted; what became of it is told by its outcome.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from solbench.acquisition.control.messages import Outcome
from solbench.acquisition.control.verbs import BEFORE_PAUSE, SKIPPED_ALREADY, TABLE, Answer, State, Verb
from solbench.acquisition.record.events import AlarmCode, PausedBy
from solbench.drivers.clock import Interrupted
from solbench.protocols.segments import StepRef

REMEMBERED = 20  # outcomes, of more requests than can wait at a time


class Pending(NamedTuple):
    """A request that the engine has not acted on yet, why, and whether a user made it or the program itself.

    `request` is its number; `step` the one that was carried out when it was made, None before the first;
    `code` says the program's own reason to other programs.
    """

    verb: Verb
    reason: str
    by: PausedBy
    request: int = 0
    step: StepRef | None = None
    code: AlarmCode = ""


class RunControl:
    """State of a run and its pending requests. `on_poll` is called at each look, for leases and guards.

    While it is `shielded` nothing interrupts what is carried through.

    A stop outranks what is still pending; otherwise each is acted on in turn, and none is dropped. What is answered
    while a pause is pending is answered as what will be when it has begun.
    """

    def __init__(self) -> None:
        self.state = State.STARTING
        self.step: StepRef | None = None  # that is carried out; the session's to tell
        self._pending: list[Pending] = []
        self._resuming = self._stopping = 0
        self._requests = 0
        self._outcomes: deque[Outcome] = deque(maxlen=REMEMBERED)
        self._lock = threading.RLock()  # a signal handler may come while it is held
        self.shielded = 0  # by so many shields, one within another
        self._on_poll: Callable[[], None] | None = None

    def ask(self, verb: Verb, reason: str) -> Answer:
        """Say a verb; the answer tells what follows. Safe to call from any thread and from a signal handler."""
        with self._lock:
            pause = self._pending_pause()
            again = self._again(verb)
            if pause is not None:
                answer = self._before_pause(verb, pause)
            elif again is not None:
                return again
            else:
                answer = TABLE[self.state, verb]
            if verb is Verb.STOP and answer.interrupt:
                self._drop_pending("the run was stopped before")
            if answer.interrupt:
                answer = replace(answer, request=self._append(verb, reason, "user"))
            if verb is Verb.STOP and answer.interrupt:
                self._stopping = answer.request
            if answer.becomes is State.RUNNING:
                self._resuming = self.promise()
                answer = replace(answer, request=self._resuming)
            if answer.becomes is not None:
                self.state = answer.becomes
            return answer

    def request(self, reason: str) -> None:
        """Ask for a stop; `reason` is a few words for the journal."""
        self.ask(Verb.STOP, reason)

    def interrupt(self, verb: Verb, reason: str, code: AlarmCode = "") -> None:
        """Interrupt the engine for a reason of the program's own (guardian gone, disk full); table or not."""
        with self._lock:
            self._append(verb, reason, "program", code)

    def begin(self) -> None:
        """Let a run that was starting, or paused for a reason that is gone, run."""
        with self._lock:
            if self.state in (State.STARTING, State.PAUSED):
                self.state = State.RUNNING

    def begin_pause(self) -> None:
        """Pause a run that runs or is about to, for a reason of the program's own."""
        with self._lock:
            if self.state in (State.STARTING, State.RUNNING):
                self.state = State.PAUSED

    def promise(self) -> int:
        """Return the number of a request whose outcome is to be told."""
        with self._lock:
            self._requests += 1
            return self._requests

    def settle(self, request: int, text: str, *, done: bool = True) -> None:
        """Tell what became of a request; the first word counts, and of the number 0 there is nothing to tell."""
        with self._lock:
            if request and all(known.request != request for known in self._outcomes):
                self._outcomes.append(Outcome(request=request, done=done, text=text))

    def settle_resumed(self) -> None:
        """Tell that the pause is over."""
        with self._lock:
            self.settle(self._resuming, "resumed: the run continues")
            self._resuming = 0

    def end(self, how: str, *, verified: bool) -> None:
        """Let the run have ended, as `how` says; what was still to be done will not be.

        A stop was done where it is `verified` that the cell is off.
        """
        with self._lock:
            self.state = State.ENDED
            self.settle(self._stopping, how, done=verified)
            self._drop_pending("the run ended before")
            self.settle(self._resuming, "the run ended before", done=False)

    @property
    def outcomes(self) -> list[Outcome]:
        """Get what became of the last requests."""
        with self._lock:
            return list(self._outcomes)

    @property
    def requested(self) -> str | None:
        """Get the reason of the request that is acted on next."""
        pending = self._pending
        return pending[0].reason if pending else None

    @property
    def next_request(self) -> Pending | None:
        """Get the request that is acted on next."""
        pending = self._pending
        return pending[0] if pending else None

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
        if (look := self._on_poll) is not None:
            look()
        if self._pending and not self.shielded and (reason := self.requested) is not None:
            raise Interrupted(reason)

    def _append(self, verb: Verb, reason: str, by: PausedBy, code: AlarmCode = "") -> int:
        """Keep a request unless one for the same is pending; return the number of the one that is kept.

        Each skip is for the step that was carried out when it was made.
        """
        same = (other for other in self._pending if other.verb is verb)
        kept = next((other for other in same if verb is not Verb.SKIP or other.step == self.step), None)
        if kept is None:
            kept = Pending(verb, reason, by, self.promise(), self.step, code)
            self._pending.append(kept)
        return kept.request

    def _drop_pending(self, why: str) -> None:
        for pending in self._pending:
            self.settle(pending.request, f"not done: {why}", done=False)
        self._pending = []

    def _pending_pause(self) -> Pending | None:
        if self.state is not State.RUNNING:
            return None
        return next((request for request in self._pending if request.verb is Verb.PAUSE), None)

    def _again(self, verb: Verb) -> Answer | None:
        """Answer what was asked already and is not done yet, None for anything else."""
        if self.state is not State.RUNNING:
            return None
        if verb is Verb.RESUME and self._resuming:
            return replace(TABLE[State.PAUSED, verb], interrupt=False, request=self._resuming)
        skips = (one for one in self._pending if verb is one.verb is Verb.SKIP and one.step == self.step)
        skip = next(skips, None)
        return replace(SKIPPED_ALREADY, request=skip.request) if skip is not None else None

    def _before_pause(self, verb: Verb, pause: Pending) -> Answer:
        """Answer while `pause` is pending; a user's own is taken back by resume."""
        if verb is Verb.RESUME and pause.by == "program":
            return Answer(accepted=False, text=f"the program is pausing the run: {pause.reason}")
        if verb is Verb.RESUME:
            self._pending.remove(pause)
            self.settle(pause.request, "not paused: the pause was taken back by a resume", done=False)
        if verb is Verb.PAUSE:
            return replace(BEFORE_PAUSE[verb], request=pause.request)
        return BEFORE_PAUSE[verb]

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Let nothing interrupt what must be carried through, such as switching off."""
        self.shielded += 1
        try:
            yield
        finally:
            self.shielded -= 1
