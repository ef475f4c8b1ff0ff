"""The engine's side of its guardian: start it, renew the lease, say goodbye."""

import json
import os
import queue
import subprocess
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from solbench.acquisition.bench.guardian import ACK, BYE, NOTHING, Assignment
from solbench.acquisition.control.duties import Duty
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.itself import guardian_command
from solbench.acquisition.host.platform import host_s, own_session
from solbench.protocols.errors import BadInput

BEAT_EVERY_S = 0.25
ANSWER_WITHIN_S = 60.0  # it may take the bench over from another guardian, whose cell comes first
# So many beats without an answer, four seconds: it was stopped. Counted in beats, as this process may stop, too.
SILENT_BEATS = 16
FIRST_BEATS = 120  # it loads its libraries before it answers for the first time
KILLED_WITHIN_S = 0.5  # the cell is on meanwhile
DEED_WITHIN_S = 60.0  # it says within seconds how it is, but may be speaking to instruments that are silent
WAIT_FOR_IT = "Wait for it, stop it with solbench stop, or ask its user to"

_LEFT: list[subprocess.Popen[Any]] = []  # they outlive this process, and are not waited for


class GuardianGone(Exception):
    """The guardian does not live any more, or was stopped and is ended; the text says which."""

    def __init__(self, text: str = "the guardian process is gone") -> None:
        super().__init__(text)


@dataclass(frozen=True)
class Report:
    """What a guardian that was asked to act says: when the cell was off (host time, s), None if it is not verified."""

    text: str
    off_host_s: float | None = None


class GuardLink:
    """A living guardian. `lease_s`: longest silence of the engine that it takes for life."""

    def __init__(self, assignment: Assignment, lease_s: float) -> None:
        """Start it and wait for the bench lock.

        Raises BadInput naming the owner when the bench is taken, Fault when a cell on it is not verified off, or when
        the guardian cannot be started.
        """
        self.lease_s = lease_s
        self._next_beat_s = 0.0
        self._unanswered = 0
        self._patience = FIRST_BEATS
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            guardian_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            **own_session(),
        )
        self._listener = threading.Thread(target=self._listen, name="guardian", daemon=True)
        self._listener.start()
        self._write(json.dumps(asdict(assignment)).encode() + b"\n")
        answer = self._answer(ANSWER_WITHIN_S)
        if answer.get("unsafe"):
            self._leave()
            raise Fault(str(answer["text"]))
        if not answer.get("locked"):
            self._process.wait(timeout=5.0)
            raise BadInput(str(answer.get("text", "the bench is in use")), WAIT_FOR_IT, field="--bench")
        if hasattr(os, "set_blocking"):
            os.set_blocking(self._stdin, False)

    @property
    def _stdin(self) -> int:
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    @property
    def pid(self) -> int:
        """Get the guardian's process number."""
        return self._process.pid

    def beat(self) -> None:
        """Renew the lease if it is time; raises GuardianGone."""
        now_s = host_s()
        if now_s < self._next_beat_s:
            return
        self._next_beat_s = now_s + BEAT_EVERY_S
        self._unanswered += 1
        self._write(b"beat %.6f\n" % (now_s + self.lease_s))
        if self._process.poll() is not None:
            self._close()
            raise GuardianGone
        if self._unanswered > self._patience:
            self._process.kill()  # it holds the lock of the bench, and must not act on old beats when it goes on
            self._close(KILLED_WITHIN_S)
            raise GuardianGone("the guardian process does not answer and was ended")

    def _listen(self) -> None:
        """Read what it says, in a thread of its own; an empty line is its end."""
        assert self._process.stdout is not None
        for line in iter(self._process.stdout.readline, b""):
            if line == ACK:
                self._unanswered, self._patience = 0, SILENT_BEATS
            else:
                self._said.put(line)
        self._said.put(b"")

    def bye(self) -> None:
        """Say that the cell is safe, and wait for the guardian to end."""
        self._dismiss(BYE)

    def nothing_was_on(self) -> None:
        """Say that nothing was switched on, nor verified off, and wait for the guardian to end."""
        self._dismiss(NOTHING)

    def _dismiss(self, word: bytes) -> None:
        try:
            self._write(word + b"\n")
        except GuardianGone:
            return
        self._close()

    def act(self) -> Report:
        """Let the guardian try what this process could not; the port must be free. Return what it says.

        It goes on without this process where it has not succeeded by then.
        """
        try:
            self._write(b"act\n")
            answer = self._answer(DEED_WITHIN_S)
        except (GuardianGone, Fault):
            self._close()
            return Report("the guardian does not answer")
        if answer.get("unsafe"):
            self._leave()
            return Report(str(answer["text"]))
        self._close()
        return Report(str(answer["text"]), float(answer["off_host_s"]))

    def _leave(self) -> None:
        """Let it go on without this process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        _LEFT.append(self._process)

    def _close(self, within_s: float = 20.0) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            return
        self._listener.join(timeout=1.0)
        self._process.stdout.close()

    def _write(self, line: bytes) -> None:
        try:
            os.write(self._stdin, line)
        except OSError:
            raise GuardianGone from None

    def _answer(self, within_s: float) -> dict[str, Any]:
        """Return the next line; a guardian that says nothing for `within_s` is ended. Raises Fault."""
        try:
            line = self._said.get(timeout=within_s)
        except queue.Empty:
            self._process.kill()
            line = b""
        if not line:
            raise Fault("the guardian process could not be started; nothing was switched on")
        return dict(json.loads(line))


def leave_guardian(duty: Duty) -> None:
    """Start a guardian that takes up a duty which was left; the lock must be free. It ends when the cell is off."""
    assignment = Assignment(
        duty.description,
        duty.bench_key,
        duty.bench,
        duty.engine.pid,
        duty.run,
        duty.journal,
        duty.user,
        first_tries_s=0.0,
    )
    with suppress(Fault, BadInput):  # it says that it goes on, or somebody else has the bench already
        GuardLink(assignment, lease_s=1.0).bye()
