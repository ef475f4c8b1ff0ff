"""A bench on a broker: its address, what is retained, and the last will; the whole of it with a real broker."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.environments import python_with

from solbench.cli.board.mqtt import Broker, broker_at, listen
from solbench.protocols.errors import BadInput

SOLBENCH = [sys.executable, "-m", "solbench"]


@pytest.mark.parametrize(
    ("text", "broker"),
    [
        ("broker.lab", Broker("broker.lab", 1883)),
        ("broker.lab:2000", Broker("broker.lab", 2000)),
        ("mqtt://10.0.0.2/", Broker("10.0.0.2", 1883)),
        ("mqtts://broker.lab", Broker("broker.lab", 8883, tls=True)),
    ],
)
def test_an_address_is_read_as_it_is_written(text: str, broker: Broker) -> None:
    assert broker_at(text) == broker


@pytest.mark.parametrize(
    "text", ["", "http://broker", "broker:", "broker:0", "broker:x", ":1883", "broker:70000"]
)
def test_what_is_no_address_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(BadInput):
        broker_at(text)


@pytest.mark.parametrize("root", ["", "a/+", "#", "$SYS"])
def test_a_topic_that_a_broker_would_read_otherwise_is_refused(root: str) -> None:
    with pytest.raises(BadInput, match="topic"):
        broker_at("broker", root=root)


def test_a_broker_that_does_not_answer_is_told_once() -> None:
    pytest.importorskip("paho")
    with socket.socket() as taken:  # bound, and nobody listens there
        taken.bind(("127.0.0.1", 0))
        said: list[str] = []
        end = listen(Broker("127.0.0.1", taken.getsockname()[1]), lambda topic, state: None, said.append)
        try:
            _until(lambda: bool(said), 30.0)
        finally:
            end()
    assert said == ["the broker does not answer; trying on"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Start a real broker in an environment of its own."""
    python = python_with("amqtt")
    if python is None:
        pytest.skip("no broker can be had from the registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "broker.yaml"
    config.write_text(
        f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
        "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
    )
    amqtt = Path(python).with_name("amqtt")
    with subprocess.Popen([str(amqtt), "-c", str(config)], stderr=subprocess.DEVNULL) as process:
        _until(lambda: _answers(port), 30.0)
        yield Broker("127.0.0.1", port)
        process.kill()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _until(is_so: Callable[[], object], within_s: float) -> float:
    begun_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun_s < within_s
        time.sleep(0.1)
    return time.monotonic() - begun_s


@pytest.mark.long
def test_the_board_is_right_and_a_killed_publisher_leaves_the_cell_unknown(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))  # other runs of this PC are not on this board
    heard: dict[str, dict[str, Any]] = {}
    said: list[str] = []
    end = listen(broker, heard.__setitem__, said.append)
    run = [
        *SOLBENCH,
        "run",
        "half-cell",
        "--cell",
        "nbh",
        "--bench",
        "simulated",
        "--speed",
        "60",
        "-o",
        str(tmp_path / "r.h5"),
    ]
    board = [*SOLBENCH, "board", "publish", f"127.0.0.1:{broker.port}", "--every", "0.5"]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(run, **quiet) as running, subprocess.Popen(board, **quiet) as publisher:
        try:
            _until(lambda: any(state["cell"] == "connected" for state in heard.values()), 60.0)
            [topic] = heard
            assert heard[topic]["protocol"] == "half-cell"
            publisher.kill()
            assert _until(lambda: heard[topic]["cell"] == "unknown", 20.0) < 15.0
            with subprocess.Popen(board, **quiet) as again:  # it takes its topic up again
                _until(lambda: heard[topic]["cell"] == "connected", 30.0)
                page = tmp_path / "board.html"
                with subprocess.Popen(
                    [*SOLBENCH, "board", "page", f"127.0.0.1:{broker.port}", str(page)], **quiet
                ) as writer:
                    _until(lambda: page.exists() and "connected" in page.read_text(), 30.0)
                    writer.kill()
                running.send_signal(signal.SIGINT)
                _until(lambda: heard[topic]["state"] == "ended", 60.0)
                assert heard[topic]["cell"] == "off"
                again.send_signal(signal.SIGINT)
                assert again.wait(60.0) == 0
            assert heard[topic]["cell"] == "off"  # an ended run stays what it was
        finally:
            running.kill()
            publisher.kill()
            end()
