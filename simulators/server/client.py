"""The other end of a served bench's control channel.

with Control("127.0.0.1:40123") as control:
    control.set_fault("dead", instruments=["1260"])
    assert not control.truth()["polarized"]
"""

from __future__ import annotations

import json
import socket
from typing import Any

from solbench.simulators.server.control import Clock, TruthNow
from solbench.simulators.unchecked import Block, Value


class ControlError(Exception):
    """The bench refused an order; the text says why."""


class Control:
    """A connection to the control channel; one thread at a time. Raises OSError where none listens."""

    def __init__(self, address: str, timeout_s: float = 10.0) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self._socket.makefile("rb")

    def __enter__(self) -> Control:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._replies.close()
        self._socket.close()

    def order(self, order: Block) -> Any:
        """Send an order and return its reply; raises ControlError, ConnectionError."""
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        line = self._replies.readline()
        if not line:
            raise ConnectionError("the simulated bench hung up")
        reply = json.loads(line)
        if "error" in reply:
            raise ControlError(reply["error"])
        return reply

    def truth(self) -> TruthNow:
        """Get what really is."""
        truth: TruthNow = self.order({"ask": "truth"})
        return truth

    def clock(self) -> Clock:
        """Get experiment_s and host_s of one instant, the speed, and the name of the world."""
        clock: Clock = self.order({"ask": "clock"})
        return clock

    def set_fault(self, fault: str, **details: Value) -> None:
        """Arm or mend a fault: see `solbench.simulators.server.faults`."""
        self.order({"set": "fault", "fault": fault, **details})

    def set_cell(self, cell: Block) -> None:
        """Mount another, fresh cell; the description is in SI, as SimulatedBench takes it."""
        self.order({"set": "cell", "cell": cell})

    def stop(self) -> None:
        """End the bench's process."""
        self.order({"ask": "stop"})
