"""The control channel of an engine process: loopback TCP, JSON lines, one thread for all clients, one for changes.

No client can delay the engine or another client: everything is non-blocking, outboxes are bounded, status is
conflated to at most ten a second, and who says something that is not a message of this protocol is dropped.
"""

import contextlib
import json
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

from pydantic import ValidationError

from solbench.acquisition.control.messages import (
    LONGEST_LINE,
    Ask,
    ChangeRequest,
    EventNews,
    Hello,
    ManualRequest,
    Reply,
    SpectrumRequest,
    Status,
)
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb

STATUS_EVERY_S = 0.1
HELLO_WITHIN_S = 5.0
OUTBOX_BYTES = 1 << 20
CLIENTS = 32
LOOK_S = 0.005  # at a change that is being made
LINES_A_TURN = 100  # of one client; then the others have their turn
Note = Callable[[str], Answer | None]
Spectrum = Callable[[SpectrumRequest, str], Answer]
Manual = Callable[[ManualRequest, str], Answer]
Change = Callable[[ChangeRequest, str], Answer]


def no_spectrum(_wish: SpectrumRequest, _who: str) -> Answer:
    """Refuse a spectrum where none can be measured."""
    return Answer(accepted=False, text="no spectrum can be requested here")


def no_manual(_wish: ManualRequest, _who: str) -> Answer:
    """Refuse what is set by hand where nothing can be."""
    return Answer(accepted=False, text="nothing can be set by hand here")


def no_change(_wish: ChangeRequest, _who: str) -> Answer:
    """Refuse a change where nothing can be changed."""
    return Answer(accepted=False, text="nothing can be changed here")


class _Client:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.inbox = b""
        self.lines: deque[bytes] = deque()
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


_Asked = tuple[_Client, Ask, Future[Answer]]  # for a change, and what becomes of it


class ControlServer:
    """Serves one run.

    `status`, `note` (a user's), `spectrum` and `manual` (the request, and who made it) are called in the server's
    thread and must not block. `change` has a thread of its own: it plans the run anew, for some seconds where that is
    long, and neither a stop nor the end of the program may wait for it.
    """

    def __init__(
        self,
        token: str,
        version: str,
        run_control: RunControl,
        status: Callable[[], Status],
        note: Note,
        spectrum: Spectrum = no_spectrum,
        manual: Manual = no_manual,
        change: Change = no_change,
    ) -> None:
        self._token = token
        self._version = version
        self._cancel = run_control
        self._status = status
        self._note = note
        self._spectrum = spectrum
        self._manual = manual
        self._change = change
        self._events: deque[str] = deque(maxlen=10_000)
        self._clients: dict[socket.socket, _Client] = {}
        self._changes: list[_Asked] = []
        self._to_change: SimpleQueue[_Asked | None] = SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._listener.setblocking(False)  # noqa: FBT003
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.port: int = self._listener.getsockname()[1]
        self.watched = False  # whether a client is sent all news
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        # Not one of a pool: the interpreter waits for those at its end.
        self._changer = threading.Thread(target=self._make_changes, name="control-changes", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._changer.start()
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
            more = any(client.lines for client in self._clients.values())
            wait_s = LOOK_S if self._changes else STATUS_EVERY_S
            for key, mask in self._selector.select(0.0 if more else wait_s):
                self._ready(key.fileobj, mask)
            self._tell_changed()
            for client in list(self._clients.values()):
                self._turn(client)
            now = time.monotonic()
            if now >= next_status:
                next_status = now + STATUS_EVERY_S
                self._tell_news()
                self._drop_silent(now)
            if self._stopping and until == float("inf"):
                self._tell_news()
                self._refuse_changes()
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

    def _turn(self, client: _Client) -> None:
        """Act on lines of one client, not on so many that the others would wait."""
        try:
            for _ in range(min(len(client.lines), LINES_A_TURN)):
                self._message(client, client.lines.popleft())
        except (OSError, ValueError):
            self._drop(client)
        else:
            self._want(client)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            if len(self._clients) >= CLIENTS:
                connection.close()
                return
            connection.setblocking(False)  # noqa: FBT003
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
            raise ValueError("not a message of this protocol")
        client.lines += lines

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
            raise ValueError("not a message of this protocol") from error
        self._answer(client, ask)

    def _answer(self, client: _Client, ask: Ask) -> None:
        if ask.ask is Verb.CHANGE:
            if self._stopping or len(self._changes) >= CLIENTS:
                text = _TOO_LATE if self._stopping else _TOO_MANY
                self._reply(client, ask, Answer(accepted=False, text=text))
                return
            asked: _Asked = client, ask, Future()
            self._changes.append(asked)
            self._to_change.put(asked)
            return
        status = self._picture() if ask.ask in ("status", "subscribe") else ""
        answer = self._done(client, ask) if status is not None else Answer(accepted=False, text=_NO_STATUS)
        self._reply(client, ask, answer)
        if status:
            client.send(status)

    def _reply(self, client: _Client, ask: Ask, answer: Answer) -> None:
        reply = Reply(
            id=ask.id,
            accepted=answer.accepted,
            text=answer.text,
            state=self._cancel.state,
            request=answer.request,
        )
        client.send(reply.model_dump_json())

    def _make_changes(self) -> None:
        """Make one change after the other, in a thread of its own, until the server closes."""
        while (asked := self._to_change.get()) is not None:
            client, ask, made = asked
            if made.set_running_or_notify_cancel():
                made.set_result(self._done(client, ask))

    def _refuse_changes(self) -> None:
        """Answer those whose change comes too late, also where it is being planned now."""
        for client, ask, made in self._changes:
            made.cancel()
            self._reply(client, ask, Answer(accepted=False, text=_TOO_LATE))
            self._want(client)
        self._changes.clear()
        self._to_change.put(None)

    def _tell_changed(self) -> None:
        """Answer those whose change is made or refused by now."""
        for each in [each for each in self._changes if each[2].done()]:
            self._changes.remove(each)
            client, ask, made = each
            self._reply(client, ask, made.result())
            self._want(client)

    def _done(self, client: _Client, ask: Ask) -> Answer:
        """Do what is asked; whatever goes wrong with it is the answer, and ends neither the thread nor the run."""
        who = ask.text or "a client"
        try:
            if ask.ask is Verb.SPECTRUM:
                return self._spectrum(ask.wish or SpectrumRequest(), who)
            if ask.ask is Verb.MANUAL:
                return self._manual(ask.manual or ManualRequest(do="off"), who)
            if ask.ask is Verb.CHANGE:
                return self._change(ask.change or ChangeRequest(), who)
            if isinstance(ask.ask, Verb):
                return self._cancel.ask(ask.ask, f"{_PAST[ask.ask]} by {who}")
            if ask.ask == "subscribe":
                client.subscribed = True
            elif ask.ask == "note":
                return self._note(ask.text) or Answer(accepted=True, text="")
        except Exception as error:  # noqa: BLE001 - stop must work whatever else fails
            return Answer(
                accepted=False, text=f"this failed in the program of the run: {error or type(error).__name__}"
            )
        return Answer(accepted=True, text="")

    def _picture(self) -> str | None:
        """Return the status as a line; None if it cannot be told, which must not end this thread."""
        try:
            return self._status().model_dump_json()
        except Exception:  # noqa: BLE001 - without this thread no client could stop the run
            return None

    def _tell_news(self) -> None:
        subscribed = [client for client in self._clients.values() if client.subscribed]
        self.watched = bool(subscribed)
        events = [self._events.popleft() for _ in range(len(self._events))]
        if not subscribed:
            return
        status = self._picture()
        for client in subscribed:
            for event in events:
                news = EventNews(event=json.loads(event), missed=client.missed)
                client.missed = False
                client.send(news.model_dump_json(), droppable=True)
            # Conflated: who has not taken the last one gets the next.
            if status is not None and (not client.outbox or self._stopping):
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


_NO_STATUS = "the program of the run cannot report its status; the journal is still written, and stop works"
_TOO_LATE = "not changed: the run ended before"
_TOO_MANY = "too many changes are asked for at once; ask again in a moment"
_PAST = {Verb.PAUSE: "paused", Verb.RESUME: "resumed", Verb.SKIP: "step skipped", Verb.STOP: "stopped"}
