"""A bench on an MQTT broker: its state retained, and "cell unknown" as last will, which the broker tells by itself.

One connection a bench, for a connection has one last will. No verb comes this way: nothing is subscribed to but states.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from solbench.cli.board.states import NOBODY, BoardState, now_text
from solbench.protocols.errors import BadInput

KEEPALIVE_S = 5  # a broker tells the last will after one and a half of these
RECONNECT_S = 2
PORT, TLS_PORT = 1883, 8883
INSTALL = "pip install 'solbench[mqtt]'"


@dataclass(frozen=True)
class Broker:
    """Where a broker is, and how one is let in; `root` is the first part of the topics."""

    host: str
    port: int = PORT
    user: str = ""
    password: str = ""
    tls: bool = False
    root: str = "solbench"


def broker_at(text: str, user: str = "", password: str = "", root: str = "solbench") -> Broker:
    """Read [mqtt://|mqtts://]HOST[:PORT]; raises BadInput."""
    scheme, separator, rest = text.rpartition("://")
    if separator and scheme not in ("mqtt", "mqtts"):
        raise BadInput(f"'{scheme}://' is no broker", "Write HOST, HOST:PORT, mqtt://HOST or mqtts://HOST")
    tls = scheme == "mqtts"
    host, colon, port = rest.rstrip("/").rpartition(":")
    host, port = (host, port) if colon else (port, str(TLS_PORT if tls else PORT))
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise BadInput(
            f"'{text}' is no address of a broker", "Write HOST or HOST:PORT, as in broker.lab:1883"
        )
    if not root or root.startswith("$") or set(root) & set("+#"):
        raise BadInput(f"'{root}' cannot begin a topic", "Leave out + and #, and do not begin with $")
    return Broker(host, int(port), user, password, tls, root)


class Channel:
    """The states of one bench on a broker; each is told again after the connection was lost."""

    def __init__(self, broker: Broker, first: BoardState, report: Callable[[str], None]) -> None:
        self._topic = f"{broker.root}/{first.topic}/state"
        self._newest = first
        self._sent: Any = None
        self._reported = ""
        self._report = report
        self._client = _client(broker)
        self._client.will_set(self._topic, _text(_unknown(first)), qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = lambda *_: self._report_once("the broker does not answer; trying on")
        self._client.connect_async(broker.host, broker.port, KEEPALIVE_S)
        self._client.loop_start()

    def tell(self, state: BoardState) -> None:
        """Put a state on the broker; while that does not answer, only the newest one waits."""
        self._newest = state
        if self._client.is_connected():
            self._send(state)

    @property
    def is_over(self) -> bool:
        """Get whether the run has ended and the broker knows that, so that nothing follows."""
        return self._newest.state == "ended" and self._sent is not None and self._sent.is_published()

    def close(self) -> None:
        """Say that nobody reports any more, and leave."""
        if self._newest.state != "ended" and self._client.is_connected():
            self._send(_unknown(self._newest))
            self._sent.wait_for_publish(RECONNECT_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self, state: BoardState) -> None:
        self._sent = self._client.publish(self._topic, _text(state), qos=1, retain=True)

    def _report_once(self, text: str) -> None:
        if text != self._reported:
            self._reported = text
            self._report(text)

    def _connected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._report_once(f"the broker does not let this PC in: {reason}")
            return
        self._report_once(f"{self._topic} is on the board")
        self._send(self._newest)


def listen(
    broker: Broker, hear: Callable[[str, dict[str, Any]], None], report: Callable[[str], None]
) -> Callable[[], None]:
    """Hear the state of every bench on a broker, by its topic, in another thread; return what ends that.

    `report` is told why nothing is heard, once a reason.
    """
    client = _client(broker)
    reported = set[str]()

    def report_once(text: str) -> None:
        if text not in reported:
            reported.add(text)
            report(text)

    def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            report_once(f"the broker does not let this PC in: {reason}")
            return
        client.subscribe(f"{broker.root}/+/+/state", qos=1)

    def message(_client: Any, _data: Any, found: Any) -> None:
        try:
            state = json.loads(found.payload)
        except ValueError:
            return
        if isinstance(state, dict):
            hear(found.topic, state)

    client.on_connect, client.on_message = connected, message
    client.on_connect_fail = lambda *_: report_once("the broker does not answer; trying on")
    client.connect_async(broker.host, broker.port, KEEPALIVE_S)
    client.loop_start()

    def end() -> None:
        client.disconnect()
        client.loop_stop()

    return end


def _client(broker: Broker) -> Any:
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise BadInput("an MQTT broker needs the library paho-mqtt", f"Install it: {INSTALL}") from None
    client = Client(CallbackAPIVersion.VERSION2)
    if broker.user:
        client.username_pw_set(broker.user, broker.password)
    if broker.tls:
        client.tls_set()
    client.reconnect_delay_set(1, RECONNECT_S)
    return client


def _unknown(state: BoardState) -> BoardState:
    """Return what is known of a bench about which nobody reports."""
    bare = replace(state, voltage_V=None, current_A=None, alarms=(), time_s=None, samples=None, step="")
    return replace(bare, cell="unknown", why=NOBODY, state="unknown", at=now_text())


def _text(state: BoardState) -> str:
    return json.dumps(asdict(state))
