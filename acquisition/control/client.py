"""The other end of a control channel, for the command line and the desktop."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from solbench.acquisition.control.messages import (
    Ask,
    ChangeRequest,
    EventNews,
    Hello,
    ManualRequest,
    Outcome,
    Reply,
    SpectrumRequest,
    Status,
)
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import AcquisitionError

_NEWS: TypeAdapter[Status | EventNews] = TypeAdapter(
    Annotated[Status | EventNews, Field(discriminator="kind")]
)

TIMEOUT_S = 5.0
CHANGE_WITHIN_S = 120.0  # a run of many thousand segments is planned anew before it answers
LOOK_S = 0.05


class NoEngine(AcquisitionError):
    """The engine of a run does not answer."""


class Client:
    """A connection to the engine of a run. All methods raise NoEngine when it does not answer in time."""

    def __init__(self, entry: Entry, timeout_s: float = TIMEOUT_S) -> None:
        self._entry = entry
        self._timeout_s = timeout_s
        self._next_id = 0
        self._inbox = b""
        try:
            self._socket = socket.create_connection(("127.0.0.1", entry.port), timeout=timeout_s)
        except OSError as error:
            raise NoEngine(
                f"the engine of {entry.path} (process {entry.pid}) does not answer: {error}"
            ) from error
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._send(Hello(token=entry.token, version=entry.version).model_dump_json())
            self.version: str = self._line()["version"]
        except (OSError, KeyError, ValueError) as error:
            self._socket.close()
            raise NoEngine(
                f"the engine of {entry.path} (process {entry.pid}) does not answer: {error}"
            ) from error

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, which also ends `news` in another thread; the run continues."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def verb(self, verb: Verb, who: str = "the command line") -> Reply:
        """Say a verb and return the answer."""
        return self._ask(verb, who)

    def spectrum(self, wish: SpectrumRequest, who: str = "the command line") -> Reply:
        """Ask for a spectrum now and return the answer; it is measured after that."""
        return self._ask(Verb.SPECTRUM, who, wish)

    def manual(self, wish: ManualRequest, who: str = "the command line") -> Reply:
        """Set something by hand in a manual step, switch the cell off, or finish the step; return the answer."""
        return self._ask(Verb.MANUAL, who, manual=wish)

    def change(self, wish: ChangeRequest, who: str = "the command line") -> Reply:
        """Change values of a step, and return the answer; they count from the next reading on.

        The answer is waited for up to 120 s: who gave up before would not know that the run is changed.
        """
        return self._ask(Verb.CHANGE, who, change=wish, within_s=CHANGE_WITHIN_S)

    def note(self, text: str) -> Reply:
        """Write a note into the run file."""
        return self._ask("note", text)

    def status(self) -> Status:
        """Return the run's present status."""
        self._ask("status", "")
        while True:
            message = self._receive()
            if message.get("kind") == "status":
                return Status.model_validate(message)

    def outcome(self, reply: Reply, within_s: float) -> Outcome | None:
        """Wait for what becomes of an accepted request; None when it is not done `within_s` (host time, s).

        Where nothing was to follow, the answer is the outcome. Raises NoEngine also when the run ends meanwhile.
        """
        if not reply.accepted or not reply.request:
            return Outcome(request=0, done=reply.accepted, text=reply.text)
        until = time.monotonic() + within_s
        while True:
            told = next((one for one in self.status().outcomes if one.request == reply.request), None)
            if told is not None or time.monotonic() > until:
                return told
            time.sleep(LOOK_S)

    def news(self) -> Iterator[Status | EventNews]:
        """Yield status and events until the run or the connection ends."""
        self._ask("subscribe", "")
        self._socket.settimeout(None)
        while True:
            try:
                yield _NEWS.validate_python(self._line())
            except (OSError, ValueError):
                return

    def _ask(
        self,
        ask: Any,
        text: str,
        wish: SpectrumRequest | None = None,
        manual: ManualRequest | None = None,
        change: ChangeRequest | None = None,
        within_s: float | None = None,
    ) -> Reply:
        self._next_id += 1
        question = Ask(id=self._next_id, ask=ask, text=text, wish=wish, manual=manual, change=change)
        try:
            self._socket.settimeout(within_s or self._timeout_s)
            self._send(question.model_dump_json(exclude_none=True))
        except OSError as error:
            raise NoEngine(f"the engine of {self._entry.path} does not answer: {error}") from error
        while True:
            message = self._receive()
            if message.get("id") == self._next_id:
                return Reply.model_validate(message)

    def _receive(self) -> dict[str, Any]:
        try:
            return self._line()
        except (OSError, ValueError) as error:
            raise NoEngine(f"the engine of {self._entry.path} does not answer: {error}") from error

    def _send(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\n")

    def _line(self) -> dict[str, Any]:
        while b"\n" not in self._inbox:
            data = self._socket.recv(65536)
            if not data:
                raise OSError("the connection was closed")
            self._inbox += data
        line, _, self._inbox = self._inbox.partition(b"\n")
        return dict(json.loads(line))


def wait_until_gone(entry: Entry, timeout_s: float) -> bool:
    """Wait for an engine process to end; say whether it did."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if not entry.alive:
            return True
        time.sleep(0.05)
    return not entry.alive
