"""The bench's bus for many clients at once: no wait of one keeps another from it."""

import threading
import time
from collections.abc import Callable
from math import inf

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.bus.gpib import Device, Talker
from solbench.simulators.served_clock import ServedClock, host_s

_LOOK_S = 0.05  # host time after which a waiting reader looks whether its client is still there


class ServedBus:
    """The instruments by primary address, for threads.

    Instrument time (latency, conversions, bytes of the talker) is experiment time; an adapter's time-outs are
    host time. The lock is held only while the bench is worked out, never while a client waits.
    """

    def __init__(self, bench: SimulatedBench, clock: ServedClock) -> None:
        self.bench = bench
        self.clock = clock
        self.changed = threading.Condition()
        self._latency_s = bench.settings.latency_s

    def write(self, address: int, data: bytes, ends: bool, timeout_s: float) -> None:
        """Send bytes to an instrument; where no device listens they are lost.

        So they are where an instrument holds the bus for more than `timeout_s` of host time.
        """
        self._sleep(self._latency_s)
        deadline_s = host_s() + timeout_s
        with self.changed:
            self.bench.bus.settle()
            while (device := self._listener(address)) is not None and device.held_until_s > self.clock.now():
                if (left_s := deadline_s - host_s()) <= 0.0:
                    return
                self.changed.wait(min(left_s, max(self.clock.host_at(device.held_until_s) - host_s(), 0.0)))
                self.bench.bus.settle()
            if device is not None:
                device.receive(data, ends, self.clock.now())
                self._after_change()

    def talk(
        self,
        address: int,
        give: Callable[[bytes, bool], None],
        *,
        until_end: bool,
        stop: bytes | None,
        timeout_s: float,
        gone: Callable[[], bool],
    ) -> None:
        """Let an instrument talk and `give` its bytes, each time with whether EOI came with the last one.

        Ends after EOI (`until_end`), after the byte `stop`, when nothing has come for `timeout_s` of host time,
        or when `gone` says that no client listens any more.
        """
        self._sleep(self._latency_s)
        deadline_s = host_s() + timeout_s
        while True:
            chunk, ended, rate = self._take(address, stop, deadline_s)
            if chunk:
                self._sleep(len(chunk) / rate)
                give(chunk, ended)
                if (ended and until_end) or (stop is not None and chunk.endswith(stop)):
                    return
                deadline_s = host_s() + timeout_s
            elif host_s() >= deadline_s or gone():
                return

    def _take(self, address: int, stop: bytes | None, deadline_s: float) -> tuple[bytes, bool, float]:
        """Take what an instrument has to say, or wait a while for it."""
        with self.changed:
            self.bench.bus.settle()
            device = self._talker(address)
            if device is None or not device.output:
                self.changed.wait(self._patience_s(device, deadline_s))
                return b"", False, inf
            size = len(device.output) if stop is None else device.output.find(stop) + 1
            chunk = device.take(size or len(device.output))
            ended = not device.output and device.output_ends
            self._after_change()
            return chunk, ended, device.output_bytes_per_s

    def _patience_s(self, device: Talker | None, deadline_s: float) -> float:
        """Get how long to wait for something to say: until the next instant of the instrument at most."""
        wait_s = min(deadline_s - host_s(), _LOOK_S)
        if device is not None and device.next_event_s < inf:
            wait_s = min(wait_s, self.clock.host_at(device.next_event_s) - host_s())
        return max(wait_s, 0.0)

    def serial_poll(self, address: int) -> int | None:
        """Get an instrument's status byte; None where there is no reply."""
        self._sleep(self._latency_s)
        with self.changed:
            self.bench.bus.settle()
            device = self._listener(address)
            if device is None or self.clock.now() < device.deaf_until_s:
                return None
            status = self.bench.faults.status_of(device.name, device.serial_poll())
            self._after_change()
            return status

    def device_clear(self, address: int) -> None:
        """Empty an instrument's input and output."""
        self._sleep(self._latency_s)
        with self.changed:
            self.bench.bus.settle()
            if (device := self._listener(address)) is not None:
                device.device_clear(self.clock.now())
                self._after_change()

    def requests_service(self) -> bool:
        """Say whether any instrument pulls the SRQ line."""
        with self.changed:
            self.bench.bus.settle()
            devices = self.bench.bus.instruments.values()
            return any(device.requests_service for device in devices if not self._is_dead(device))

    def trigger(self, address: int) -> None:
        """Send an instrument the group execute trigger."""
        self._sleep(self._latency_s)
        with self.changed:
            self.bench.bus.settle()
            if (device := self._listener(address)) is not None:
                device.trigger(self.clock.now())
                self._after_change()

    def _listener(self, address: int) -> Device | None:
        device = self.bench.bus.instruments.get(address)
        return None if device is None or self._is_dead(device) else device

    def _talker(self, address: int) -> Talker | None:
        device = self.bench.bus.talker(address)
        silent = self.bench.faults.dead | self.bench.faults.muted
        return None if device is None or device.name in silent else device

    def _is_dead(self, device: Talker) -> bool:
        return device.name in self.bench.faults.dead

    def _after_change(self) -> None:
        self.bench.save()
        self.changed.notify_all()

    def _sleep(self, instrument_s: float) -> None:
        if instrument_s > 0.0:
            time.sleep(instrument_s / self.clock.speed)
