"""The control channel with real sockets: verbs, news, and clients that misbehave."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from solbench.acquisition.control.client import Client, NoEngine
from solbench.acquisition.control.messages import LONGEST_LINE, ChangeRequest, SpectrumRequest, Status
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.server import CLIENTS, ControlServer
from solbench.acquisition.control.verbs import Answer, State, Verb
from tests.pace import Stopwatch


class Served:
    """A control server with a made-up run."""

    def __init__(self) -> None:
        self.run_control = RunControl()
        self.run_control.state = State.RUNNING
        self.notes: list[str] = []
        self.steps: list[str] = []
        self.changing, self.changed = Event(), Event()
        self.server = ControlServer(
            "secret", "1.0", self.run_control, self.status, self.notes.append, change=self.change
        )
        self.server.start()

    def change(self, wish: ChangeRequest, who: str) -> Answer:
        """Take a change that is made once `changed` is set."""
        self.changing.set()
        self.steps.append(wish.step)
        assert self.changed.wait(60.0)
        return Answer(accepted=True, text=f"{wish.step} changed by {who}")

    def status(self) -> Status:
        return Status(
            run="r",
            path="p",
            state=self.run_control.state,
            simulated=True,
            seq=7,
            flushed_seq=5,
            samples=3,
            time_s=1.5,
        )

    def entry(self, token: str = "secret") -> Entry:
        return Entry("r", "p", 1, "", self.server.port, token, "b", "k", "proto", "cell", "now", "1.0")

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=5.0)


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.changed.set()
    served.server.close()
    assert not served.server._thread.is_alive()


def closed_by_peer(connection: socket.socket) -> bool:
    connection.settimeout(8.0)
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return True
    return True


def test_a_verb_reaches_the_run_and_is_answered(served: Served):
    with Client(served.entry()) as client:
        assert client.version == "1.0"
        reply = client.verb(Verb.STOP, "a test")
    assert reply.accepted
    assert reply.state is State.STOPPING
    assert served.run_control.requested == "stopped by a test"


def test_a_stop_does_not_wait_for_a_change_that_takes_long(served: Served):
    with (
        Client(served.entry()) as one,
        Client(served.entry()) as other,
        served.raw() as gone,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(one.change, ChangeRequest(step="charge"), "a test")
        try:
            assert served.changing.wait(60.0)
            change = {"id": 1, "ask": "change", "change": {"step": "rest"}}
            gone.sendall(
                json.dumps({"token": "secret", "version": "1.0"}).encode()
                + b"\n"
                + json.dumps(change).encode()
                + b"\n"
            )
            gone.close()  # whoever does not wait for the answer spoils nothing
            assert other.verb(Verb.STOP, "a test").state is State.STOPPING
            assert other.status().samples == 3
            assert not asked.done()
        finally:
            served.changed.set()
        assert asked.result(60.0).text == "charge changed by a test"
        assert other.status().samples == 3


def changes(many: int) -> bytes:
    """Return a greeting and requests for changes, as lines."""
    asks = b"".join(b'{"id": %d, "ask": "change", "change": {"step": "s%d"}}\n' % (n, n) for n in range(many))
    return b'{"token": "secret", "version": "1.0"}\n' + asks


def lines_of(connection: socket.socket, many: int = 1 << 30) -> list[dict[str, Any]]:
    """Return what arrives: so many lines, or all until the other end closes."""
    heard = b""
    while heard.count(b"\n") < many and (data := connection.recv(1 << 16)):
        heard += data
    return [json.loads(line) for line in heard.splitlines()]


def test_of_many_changes_only_so_many_wait_and_the_others_are_refused_at_once(served: Served):
    with served.raw() as connection:
        connection.sendall(changes(CLIENTS + 3))
        refused = lines_of(connection, 4)[1:]
        assert [answer["id"] for answer in refused] == [CLIENTS, CLIENTS + 1, CLIENTS + 2]
        assert not any(answer["accepted"] for answer in refused)
        assert all("too many" in answer["text"] for answer in refused)
        served.changed.set()
        made = lines_of(connection, CLIENTS)
        assert [(answer["id"], answer["accepted"]) for answer in made] == [(n, True) for n in range(CLIENTS)]


@pytest.mark.parametrize("many", [1, 3])
def test_a_run_that_ends_waits_for_no_change_and_each_is_answered(served: Served, many: int):
    with served.raw() as connection:
        connection.sendall(changes(many))
        assert served.changing.wait(60.0)
        served.server.close()
        told = [(answer["accepted"], answer["text"]) for answer in lines_of(connection)[1:]]
        assert told == [(False, "not changed: the run ended before")] * many
    changer = served.server._changer
    assert changer.daemon
    served.changed.set()
    changer.join(60.0)
    assert not changer.is_alive()
    assert served.steps == ["s0"]


def test_who_asks_for_a_change_waits_longer_for_it_than_for_anything_else(served: Served):
    with Client(served.entry()) as client, ThreadPoolExecutor(1) as pool:
        client._timeout_s = 0.05
        asked = pool.submit(client.change, ChangeRequest(step="charge"), "a test")
        assert served.changing.wait(60.0)
        time.sleep(0.2)
        served.changed.set()
        assert asked.result(60.0).accepted


def test_status_and_notes(served: Served):
    with Client(served.entry()) as client:
        assert client.status().flushed_seq == 5
        assert client.note("looks good").accepted
    assert served.notes == ["looks good"]


def test_a_wrong_token_gets_nothing(served: Served):
    with pytest.raises(NoEngine):
        Client(served.entry("guess"))
    assert served.run_control.requested is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\xff" * 200 + b"\n",
        b"x" * (2 * LONGEST_LINE),
        b'{"id": 1, "ask": "explode"}\n',
        b'{"token": "secret", "version": "1.0"}\n{"id": 1, "ask": "stop", "extra": 1}\n',
    ],
)
def test_who_sends_no_message_of_ours_is_dropped_and_stop_still_works(served: Served, garbage: bytes):
    with served.raw() as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(garbage)
        assert closed_by_peer(connection)
    assert served.run_control.requested is None
    with Client(served.entry()) as client:
        assert client.verb(Verb.STOP).accepted


def test_who_connects_without_a_word_blocks_nobody_and_is_dropped(served: Served):
    with served.raw() as silent:
        with Stopwatch() as watch, Client(served.entry()) as client:
            assert client.verb(Verb.PAUSE).accepted
        assert watch.elapsed_s < 1.0
        assert closed_by_peer(silent)


def test_a_subscriber_that_never_reads_blocks_nobody_and_learns_that_it_missed_news(served: Served):
    with served.raw() as stuck:
        stuck.sendall(b'{"token": "secret", "version": "1.0"}\n{"id": 1, "ask": "subscribe"}\n')
        time.sleep(0.3)
        big = json.dumps({"seq": 1, "kind": "note", "time_s": 0.0, "text": "x" * 20_000})
        for _ in range(400):
            served.server.publish(big)
        with Stopwatch() as watch, Client(served.entry()) as client:
            assert client.verb(Verb.STOP).accepted
        assert watch.elapsed_s < 1.0
        served.server.publish(json.dumps({"seq": 2, "kind": "note", "time_s": 0.0, "text": "late"}))
        stuck.settimeout(5.0)
        heard = b""
        while b'"missed":true' not in heard:
            data = stuck.recv(1 << 20)
            assert data
            heard = heard[-100:] + data
            served.server.publish(json.dumps({"seq": 3, "kind": "note", "time_s": 0.0, "text": "more"}))


def test_events_arrive_in_order_between_conflated_status(served: Served):
    with Client(served.entry()) as client:
        news = client.news()
        first = next(news)
        assert first.kind == "status"
        for seq in range(50):
            served.server.publish(json.dumps({"seq": seq, "kind": "segment", "time_s": float(seq)}))
        heard = []
        while len(heard) < 50:
            message = next(news)
            if message.kind == "event":
                heard.append(message.event["seq"])
        assert heard == list(range(50))


def test_more_lines_at_once_than_a_turn_takes_are_all_answered(served: Served):
    with served.raw() as connection:
        asks = b"".join(b'{"id": %d, "ask": "note", "text": "n%d"}\n' % (n, n) for n in range(250))
        connection.sendall(b'{"token": "secret", "version": "1.0"}\n' + asks)
        heard = b""
        while heard.count(b"\n") < 251:
            data = connection.recv(1 << 16)
            assert data
            heard += data
    assert served.notes == [f"n{number}" for number in range(250)]


def test_a_status_that_cannot_be_told_leaves_the_other_verbs(served: Served):
    served.server._status = lambda: 1 / 0
    with Client(served.entry()) as client:
        assert not client._ask("status", "").accepted
        assert client.verb(Verb.STOP).accepted


def test_a_wish_for_a_spectrum_reaches_the_run_with_its_words(served: Served):
    heard: list[tuple[SpectrumRequest, str]] = []

    def take(wish: SpectrumRequest, who: str) -> Answer:
        heard.append((wish, who))
        return Answer(True, "soon")

    served.server._spectrum = take
    with Client(served.entry()) as client:
        reply = client.spectrum(SpectrumRequest(stop="10 Hz"), "a test")
    assert (reply.accepted, reply.text) == (True, "soon")
    assert heard == [(SpectrumRequest(stop="10 Hz"), "a test")]
