"""The bus of a bench whose time runs by itself, for the threads of one program.

Time-outs are host time, as on metal; whatever an instrument takes is experiment time.
"""

import threading
from collections.abc import Callable
from math import inf

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.bus.gpib import BusTimeout, NoListener
from solbench.simulators.served_clock import ServedClock, host_s

_LOOK_S = 0.5  # host time after which a waiting thread looks at the bench again at the latest


class HostBus:
    """A bench on a ServedClock as a VISA library wants it.

    One transfer at a time, as on a real bus; a thread that waits for a result lets the others in.
    """

    def __init__(self, bench: SimulatedBench, clock: ServedClock) -> None:
        self._bench = bench
        self._clock = clock
        self._changed = threading.Condition()

    def write(self, address: int, data: bytes, ends: bool, timeout_s: float) -> None:
        """Send bytes to an instrument; raises NoListener, BusTimeout.

        Waits `timeout_s` of host time for one that holds the bus.
        """
        deadline_s = host_s() + timeout_s
        with self._changed:
            self._wait(address, lambda: self._takes(address), deadline_s)
            self._bench.bus.write(address, data, ends, inf)
            self._changed.notify_all()

    def read(self, address: int, count: int, stop: bytes | None, timeout_s: float) -> tuple[bytes, bool]:
        """Get up to `count` bytes, to the byte `stop` at most, and whether EOI came with the last.

        Waits `timeout_s` of host time; raises BusTimeout.
        """
        deadline_s = host_s() + timeout_s
        with self._changed:
            self._wait(address, lambda: self._talks(address), deadline_s)
            return self._bench.bus.read(address, count, stop, self._left_s(deadline_s))

    def serial_poll(self, address: int, timeout_s: float) -> int:
        """Get an instrument's status byte; raises BusTimeout."""
        with self._changed:
            return self._bench.bus.serial_poll(address, timeout_s * self._clock.speed)

    def device_clear(self, address: int) -> None:
        """Empty an instrument's input and output; raises NoListener."""
        with self._changed:
            self._bench.bus.device_clear(address)

    def trigger(self, address: int) -> None:
        """Send an instrument the group execute trigger; raises NoListener."""
        with self._changed:
            self._bench.bus.trigger(address)
            self._changed.notify_all()

    def wait_for_request(self, address: int, timeout_s: float) -> None:
        """Return when an instrument requests service; raises BusTimeout, NoListener."""
        device = self._bench.bus.instruments.get(address)
        if device is None:
            raise NoListener
        with self._changed:
            self._wait(address, lambda: device.requests_service, host_s() + timeout_s)

    def close(self) -> None:
        """Leave the bench as it is at this moment."""
        with self._changed:
            self._bench.close()

    def _takes(self, address: int) -> bool:
        device = self._bench.bus.instruments.get(address)
        return device is None or device.held_until_s <= self._clock.now()

    def _talks(self, address: int) -> bool:
        talker = self._bench.bus.talker(address)
        return talker is not None and bool(talker.output) and talker.name not in self._bench.faults.dead

    def _wait(self, address: int, ready: Callable[[], bool], deadline_s: float) -> None:
        """Wait with the lock given away; raises BusTimeout."""
        while True:
            self._bench.bus.settle()
            if ready():
                return
            wait_s = min(deadline_s - host_s(), self._next_event_s(address), _LOOK_S)
            if deadline_s <= host_s():
                raise BusTimeout
            self._changed.wait(max(wait_s, 0.0))

    def _next_event_s(self, address: int) -> float:
        """Get in how much host time the instrument has something to do."""
        talker = self._bench.bus.talker(address)
        if talker is None or talker.next_event_s == inf:
            return inf
        return self._clock.host_at(talker.next_event_s) - host_s()

    def _left_s(self, deadline_s: float) -> float:
        """Get the experiment time until a host time; what talks already is not kept from it."""
        return max(deadline_s - host_s(), _LOOK_S) * self._clock.speed
