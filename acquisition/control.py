"""The control channel of an engine process: loopback TCP, JSON lines, one thread for all clients.

No client can delay the engine or another client: everything is non-blocking, outboxes are bounded, status is
conflated to at most ten a second, and who says something that is no message of ours is dropped.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

from pydantic import ValidationError

from acquisition.cancel import Cancel
from acquisition.messages import LONGEST_LINE, Ask, Hello, News, Reply, Status
from acquisition.states import Verb

STATUS_EVERY_S = 0.1
HELLO_WITHIN_S = 5.0
OUTBOX_BYTES = 1 << 20
CLIENTS = 32
Note = Callable[[str], None]


class _Client:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.inbox = b""
        self.outbox: deque[bytes] = deque()
        self.waiting = 0
        self.greeted = False
        self.subscribed = False
        self.missed = False
        self.since = time.monotonic()

    def send(self, line: str, droppable: bool = False) -> None:
        """Queue a line; news that does not fit any more is dropped, and the client will be told."""
        data = line.encode() + b"\n"
        if self.waiting + len(data) > OUTBOX_BYTES:
            self.missed = self.missed or droppable
            return
        self.outbox.append(data)
        self.waiting += len(data)


class ControlServer:
    """Serves one run. `status` is called in the server's thread and must not block; `note` takes a user's note."""

    def __init__(
        self, token: str, version: str, cancel: Cancel, status: Callable[[], Status], note: Note
    ) -> None:
        self._token = token
        self._version = version
        self._cancel = cancel
        self._status = status
        self._note = note
        self._events: deque[str] = deque(maxlen=10_000)
        self._clients: dict[socket.socket, _Client] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def publish(self, event_json: str) -> None:
        """Take an event from the engine's thread; never blocks."""
        self._events.append(event_json)

    def close(self) -> None:
        """Send what is left, for a moment, and close everything."""
        self._stopping = True
        self._thread.join(timeout=2.0)

    def _serve(self) -> None:
        next_status = 0.0
        until = float("inf")
        while time.monotonic() < until:
            for key, mask in self._selector.select(STATUS_EVERY_S):
                self._ready(key.fileobj, mask)
            now = time.monotonic()
            if now >= next_status:
                next_status = now + STATUS_EVERY_S
                self._tell_news()
                self._drop_silent(now)
            if self._stopping and until == float("inf"):
                self._tell_news()
                until = now + 0.3
            if self._stopping and not any(client.outbox for client in self._clients.values()):
                break
        self._close_all()

    def _ready(self, source: object, mask: int) -> None:
        if source is self._listener:
            self._accept()
            return
        client = self._clients.get(source)  # type: ignore[call-overload]
        if client is None:
            return
        try:
            if mask & selectors.EVENT_READ:
                self._read(client)
            if mask & selectors.EVENT_WRITE:
                self._write(client)
        except (OSError, ValueError):
            self._drop(client)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            if len(self._clients) >= CLIENTS:
                connection.close()
                return
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients[connection] = _Client(connection)
            self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, client: _Client) -> None:
        data = client.connection.recv(LONGEST_LINE)
        if not data:
            self._drop(client)
            return
        client.inbox += data
        *lines, client.inbox = client.inbox.split(b"\n")
        if len(client.inbox) > LONGEST_LINE:
            raise ValueError("no message of ours")
        for line in lines[:100]:
            self._message(client, line)
        self._want(client)

    def _message(self, client: _Client, line: bytes) -> None:
        """Act on one line; a line that is no message raises ValueError, which drops the client."""
        if not client.greeted:
            hello = Hello.model_validate_json(line)
            if hello.token != self._token:
                raise ValueError("wrong token")
            client.greeted = True
            client.send(json.dumps({"kind": "hello", "version": self._version}))
            return
        try:
            ask = Ask.model_validate_json(line)
        except ValidationError as error:
            raise ValueError("no message of ours") from error
        self._answer(client, ask)

    def _answer(self, client: _Client, ask: Ask) -> None:
        accepted, text = True, ""
        if isinstance(ask.ask, Verb):
            answer = self._cancel.ask(ask.ask, f"{_PAST[ask.ask]} by {ask.text or 'a client'}")
            accepted, text = answer.accepted, answer.text
        elif ask.ask == "subscribe":
            client.subscribed = True
        elif ask.ask == "note":
            self._note(ask.text)
        reply = Reply(id=ask.id, accepted=accepted, text=text, state=self._cancel.state)
        client.send(reply.model_dump_json())
        if ask.ask in ("status", "subscribe"):
            client.send(self._status().model_dump_json())

    def _tell_news(self) -> None:
        subscribed = [client for client in self._clients.values() if client.subscribed]
        events = [self._events.popleft() for _ in range(len(self._events))]
        if not subscribed:
            return
        status = self._status().model_dump_json()
        for client in subscribed:
            for event in events:
                news = News(event=json.loads(event), missed=client.missed)
                client.missed = False
                client.send(news.model_dump_json(), droppable=True)
            if not client.outbox or self._stopping:  # conflated: who has not taken the last one gets the next
                client.send(status)
            self._want(client)

    def _write(self, client: _Client) -> None:
        while client.outbox:
            line = client.outbox[0]
            sent = client.connection.send(line)
            client.waiting -= sent
            if sent < len(line):
                client.outbox[0] = line[sent:]
                return
            client.outbox.popleft()
        self._want(client)

    def _want(self, client: _Client) -> None:
        if client.connection in self._clients:
            mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.outbox else 0)
            self._selector.modify(client.connection, mask)

    def _drop_silent(self, now: float) -> None:
        for client in list(self._clients.values()):
            if not client.greeted and now - client.since > HELLO_WITHIN_S:
                self._drop(client)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.connection, None) is not None:
            self._selector.unregister(client.connection)
            client.connection.close()

    def _close_all(self) -> None:
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._selector.close()


_PAST = {Verb.PAUSE: "paused", Verb.RESUME: "resumed", Verb.SKIP: "step skipped", Verb.STOP: "stopped"}
