"""The engine's side of its guardian: start it, renew the lease, say goodbye."""

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.connect import Description
from solbench.acquisition.bench.guardian import ACK, Assignment, guard_path
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import host_s, own_session
from solbench.protocols.errors import BadInput

BEAT_EVERY_S = 0.25
ANSWER_WITHIN_S = 15.0
# So many beats without an answer, four seconds: it was stopped. Counted in beats, as this process may stop, too.
SILENT_BEATS = 16
FIRST_BEATS = 120  # it loads its libraries before it answers for the first time
KILLED_WITHIN_S = 0.5  # the cell is on meanwhile
DEED_WITHIN_S = 60.0  # it tries for ten seconds to get the port, and speaks to instruments that may be silent


class GuardianGone(Exception):
    """The guardian does not live any more, or was stopped and is ended; the text says which."""

    def __init__(self, text: str = "the guardian process is gone") -> None:
        super().__init__(text)


class GuardLink:
    """A living guardian. `lease_s`: longest silence of the engine that it takes for life."""

    def __init__(
        self, description: Description, bench_key: str, run: Path, owner: dict[str, Any], lease_s: float
    ) -> None:
        """Start it and wait for the bench lock; raises BadInput naming the owner when the bench is taken, Fault."""
        self.lease_s = lease_s
        self._next_beat_s = 0.0
        self._unanswered = 0
        self._patience = FIRST_BEATS
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        command = [sys.executable, "-P", "-m", "solbench.acquisition.bench.guardian"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            **own_session(),
        )
        self._listener = threading.Thread(target=self._listen, name="guardian", daemon=True)
        self._listener.start()
        assignment = Assignment(asdict(description), bench_key, os.getpid(), str(guard_path(run)), owner)
        self._write(json.dumps(asdict(assignment)).encode() + b"\n")
        answer = self._answer(ANSWER_WITHIN_S)
        if not answer.get("locked"):
            self._process.wait(timeout=5.0)
            raise BadInput(
                _taken(answer.get("owner", {})), "Wait for it, or stop it with solbench stop", field="--bench"
            )
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
        try:
            self._write(b"bye\n")
        except GuardianGone:
            return
        self._close()

    def act(self) -> str:
        """Let the guardian try what this process could not; the port must be free. Return what it says."""
        try:
            self._write(b"act\n")
            said = str(self._answer(DEED_WITHIN_S).get("text", ""))
        except (GuardianGone, Fault):
            said = "the guardian does not answer"
        self._close()
        return said

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


def _taken(owner: dict[str, Any]) -> str:
    who = f"{owner.get('user', 'somebody')} with the run {owner.get('path', 'of unknown name')}"
    return f"the bench is in use by {who} (process {owner.get('pid', '?')})"
