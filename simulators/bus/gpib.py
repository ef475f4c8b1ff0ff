"""The GPIB: who listens, who talks, how long it takes, and what moves experiment time meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import NoReturn, Protocol

from solbench.simulators.clock import Agenda, Alarm, BenchClock
from solbench.simulators.electronics.faults import Faults
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.standalone import Standalone
from solbench.simulators.instruments.dump import DumpPort
from solbench.simulators.instruments.instrument import Instrument
from solbench.simulators.instruments.thermometer import Thermometer
from solbench.simulators.makes.line_instrument import LineInstrument

BOARD = 32  # numbers of a bus: so many times the board, and the primary address

Device = Instrument | LineInstrument | Thermometer
Talker = Device | DumpPort


def bus_number(address: str) -> int:
    """Get the number on the bus of a VISA address, GPIB1::8::INSTR."""
    board, primary, _ = address.split("::")
    return BOARD * int(board.removeprefix("GPIB")) + int(primary)


class Timed(Protocol):
    """What has something to do at instants of its own."""

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Get those that its instants are set by."""
        ...


class BusTimeout(Exception):
    """No device took or gave a byte until the time-out."""


class NoListener(Exception):
    """No device is at this address."""


class Bus:
    """Instruments by their number (`bus_number`), each with its dump port at the next one.

    Each write and each read costs `latency_s` before anything acts. `save` stores the bench, `save_changes` only where
    it was set or switched since. `others`: what happens on the bench without being on the bus.

    The bench moves here and nowhere else: each message first brings the cell and all pending measurements to
    its own time, so nothing depends on how the time before it was slept through.
    """

    def __init__(
        self,
        clock: BenchClock,
        stage: PowerStage | Standalone,
        instruments: Mapping[int, Device],
        latency_s: float,
        save: Callable[[], None],
        save_changes: Callable[[], None],
        others: Sequence[Timed] = (),
    ) -> None:
        self.clock = clock
        self.instruments = instruments
        self.stage = stage
        self._faults: Faults = stage.faults
        self._latency_s = latency_s
        self._save = save
        self._save_changes = save_changes
        timed: tuple[Timed, ...] = (*instruments.values(), *others)
        self._agenda = Agenda(alarm for one in timed for alarm in one.alarms)
        self._talkers: dict[int, Talker] = dict(instruments)
        self._talkers.update(
            {
                address + 1: device.dump_port
                for address, device in instruments.items()
                if isinstance(device, Instrument)
            }
        )

    def settle(self) -> None:
        """Bring cell and instruments to the clock's time."""
        self._pass(self.clock.now())

    def write(self, address: int, data: bytes, ends: bool, timeout_s: float = inf) -> None:
        """Send bytes to an instrument; raises NoListener, and BusTimeout where it holds the handshake off too long.

        `timeout_s`: of the whole transfer, in experiment time.
        """
        start_s = self.clock.now()
        now_s = self._pass(start_s + self._latency_s)
        device = self._listener(address)
        held_until_s = device.held_until_s
        if held_until_s > now_s:
            if held_until_s > start_s + timeout_s:
                self._time_out(start_s + timeout_s)
            now_s = self._pass(held_until_s)
        device.receive(data, ends, now_s)
        self._save_changes()

    def read(self, address: int, count: int, stop: bytes | None, timeout_s: float) -> tuple[bytes, bool]:
        """Get up to `count` bytes, and whether EOI came with the last.

        Ends after the byte `stop` if one is given. A line that ends without EOI is followed by the next one. The whole
        transfer may take `timeout_s` of experiment time: then BusTimeout is raised, and what had come is lost.
        """
        clock = self.clock
        start_s = clock.now()
        deadline_s = start_s + timeout_s
        device = self._talkers.get(address)  # a dead one shows only by its silence
        if device is None:
            self._time_out(deadline_s)
        now_s = self._pass(min(start_s + self._latency_s, deadline_s))
        taken = b""
        while True:
            output = device.output
            if not output or (self._faults.active and self._is_silent(device)):
                self._wait_for_output(device, deadline_s)
                now_s, output = clock.now(), device.output
            whole = length = len(output)
            if length > count:
                length = count
            found = -1 if stop is None else output.find(stop, 0, length)
            if found >= 0:
                length = found + 1
            over_s = now_s + length / device.output_bytes_per_s
            if over_s > deadline_s:  # what is on its way then is lost
                device.take(int((deadline_s - now_s) * device.output_bytes_per_s))
                self._time_out(deadline_s)
            ended = length == whole and device.output_ends
            taken += device.take(length)
            count -= length
            now_s = self._pass(over_s)
            if ended or found >= 0 or not count:
                self._save()
                return taken, ended

    def serial_poll(self, address: int, timeout_s: float) -> int:
        """Get an instrument's status byte; raises BusTimeout from one that is starting up or dead."""
        start_s = self.clock.now()
        device = self.instruments.get(address)  # a dead one shows only by its silence
        now_s = self._pass(start_s + self._latency_s)
        is_armed = self._faults.active
        if device is None or now_s < device.deaf_until_s or (is_armed and self._is_dead(device)):
            self._time_out(start_s + timeout_s)
        status = device.serial_poll()
        return self._faults.status_of(device.name, status) if is_armed else status

    def device_clear(self, address: int) -> None:
        """Empty an instrument's input and output; raises NoListener."""
        self._pass(self.clock.now() + self._latency_s)
        self._listener(address).device_clear(self.clock.now())
        self._save()

    def trigger(self, address: int) -> None:
        """Send an instrument the group execute trigger; raises NoListener."""
        self._pass(self.clock.now() + self._latency_s)
        self._listener(address).trigger(self.clock.now())
        self._save()

    def wait_for_request(self, address: int, timeout_s: float) -> None:
        """Return when an instrument requests service; raises BusTimeout, and NoListener where no device is."""
        deadline_s = self.clock.now() + timeout_s
        device = self._listener(address)
        self._pass(self.clock.now())
        while not device.requests_service:
            due_s = device.next_event_s
            if due_s == inf or due_s > deadline_s:
                self._time_out(deadline_s)
            self._pass(max(due_s, self.clock.now()))

    def talker(self, address: int) -> Talker | None:
        """Get who talks at a number of the bus: an instrument, its dump port at the next one, or none."""
        return self._talkers.get(address)

    def _listener(self, address: int) -> Device:
        device = self.instruments.get(address)
        if device is None or (self._faults.active and self._is_dead(device)):
            raise NoListener
        return device

    def _wait_for_output(self, device: Talker, deadline_s: float) -> None:
        if isinstance(device, LineInstrument) and not device.output and device.next_event_s == inf:
            device.has_nothing_to_say()
        while not device.output or self._is_silent(device):
            due_s = device.next_event_s
            if due_s == inf or due_s > deadline_s or self._is_silent(device):
                self._time_out(deadline_s)
            self._pass(max(due_s, self.clock.now()))

    def _time_out(self, deadline_s: float) -> NoReturn:
        if deadline_s < inf:  # without a time-out nothing would ever end this wait
            self._pass(deadline_s)
        self._save()
        raise BusTimeout

    def _is_dead(self, device: Talker) -> bool:
        return device.name in self._faults.dead

    def _is_silent(self, device: Talker) -> bool:
        return self._faults.active and device.name in self._faults.dead | self._faults.muted

    def _pass(self, time_s: float) -> float:
        """Let time pass until `time_s`, through every instant at which something is due; return the time then."""
        now_s = self.clock.advance_to(time_s)
        if self._agenda.soonest_s <= now_s:
            self._ring(now_s)
        self.stage.advance(now_s)
        return now_s

    def _ring(self, now_s: float) -> None:
        """Ring what is due until `now_s`, with the cell at the instant of each."""
        stage, agenda = self.stage, self._agenda
        while agenda.soonest_s <= now_s:
            alarm = agenda.first()
            if (due_s := agenda.soonest_s) > now_s:
                return
            stage.advance(due_s)
            alarm.ring()
