"""The adapter as a box on the bench: what stays in it between sessions, and how it can fail."""

import dataclasses
import threading
from collections.abc import Callable

from solbench.simulators.served_clock import host_s
from solbench.simulators.server.adapter import Adapter, AdapterSettings, AdapterState
from solbench.simulators.server.bus import ServedBus


class Box:
    """Opens sessions: each begins with what the last one left in the box, a half-sent line included."""

    def __init__(self, bus: ServedBus, settings: AdapterSettings) -> None:
        self.settings = settings
        self._bus = bus
        self._state = AdapterState.at_power_on(settings)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._hung_until_s = 0.0

    def session(self, send: Callable[[bytes], None], gone: Callable[[], bool]) -> Adapter:
        """Begin a session with a client."""

        def send_unless_hung(data: bytes) -> None:
            self.wait_while_hung()
            send(data)

        with self._lock:
            state = dataclasses.replace(self._state, pending=bytearray())
        return Adapter(self._bus, self.settings, state, send_unless_hung, gone)

    def feed(self, adapter: Adapter, data: bytes) -> None:
        """Hand bytes to a session, behind what a session before it sent by half."""
        if self._state.pending and not adapter.state.pending:
            with self._lock:
                data = bytes(self._state.pending) + data
                self._state.pending.clear()
        adapter.feed(data, self.wait_while_hung)

    def leave(self, adapter: Adapter) -> None:
        """End a session; what it set and what it sent by half stay in the box."""
        with self._lock:
            self._state = adapter.state

    def hang(self, for_s: float) -> None:
        """Do nothing for `for_s` seconds of host time; what is sent meanwhile waits."""
        self._hung_until_s = host_s() + for_s

    def wait_while_hung(self) -> None:
        """Return when the box works."""
        while (left_s := self._hung_until_s - host_s()) > 0.0 and not self._stopped.wait(min(left_s, 0.05)):
            pass

    def close(self) -> None:
        """End all waiting."""
        self._stopped.set()
