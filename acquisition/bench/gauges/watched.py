"""The gauges of an open bench as the engine sees them: what was read since it last looked, never a wait for more.

A gauge on a line of its own is read by a thread of that line, in its time-outs and at its pace. The thread only reads
and remembers: it writes nothing, and knows no run.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from solbench.acquisition.bench.gauges.entry import (
    DEFAULT_PRESSURE_PA,
    TEMPERATURE_UNITS,
    GaugeEntry,
    Place,
)
from solbench.drivers.clock import HOST_SLICE_S, Clock
from solbench.drivers.errors import BusError, DriverError, NoReply
from solbench.drivers.roles import Gauge, GaugeReading
from solbench.drivers.sensors.register_map import kelvin_a_step
from solbench.drivers.sensors.tc08 import RESOLUTION_K
from solbench.protocols.quantities.quantity import Quantity

MOST_KEPT = 20_000  # readings of a gauge that nobody fetched: two days at the usual pace
LATE_PACES, LATE_S = 3.0, 30.0  # what has not come back by then hangs
LONGEST_SILENCE_S = 600.0  # a silent gauge on the bus of the instruments is asked again after at most this


@dataclass(frozen=True, slots=True)
class Silence:
    """A gauge did not answer at `time_s` of the experiment."""

    time_s: float
    error: DriverError


Found = GaugeReading | Silence


@dataclass(frozen=True, slots=True)
class Nature:
    """What is known of a gauge. Its values are in `unit`, all other numbers as well.

    `excess` is taken off what it shows. `resolution`: the step of its answers, 0 where that is not known.
    `stuck_after_s`: for so long the same answer is believed, None: by the step of its answers.
    `stderr`: of the cell's temperature or stack pressure by it, made of `accuracy` (of the sensor) and `gradient`
    (between both), each one standard uncertainty; None for what is neither. `compared`: with what, and when, ""
    where it was not.
    """

    name: str
    unit: str
    place: Place
    every_s: float
    resolution: float
    jump: float
    stuck_after_s: float | None
    excess: float = 0.0
    accuracy: float | None = None
    gradient: float | None = None
    compared: str = ""

    @property
    def stderr(self) -> float | None:
        """Get the standard uncertainty of what it stands for."""
        if self.accuracy is None or self.gradient is None:
            return None
        return math.hypot(self.accuracy, self.gradient, self.resolution / math.sqrt(12.0))


class WatchedGauge(Protocol):
    """A gauge of an open bench."""

    @property
    def nature(self) -> Nature:
        """Get what is known of it."""
        ...

    def collect(self, *, between_readings: bool) -> Sequence[Found]:
        """Return what was found since the last time, in order; `between_readings` of the cell it may use the bus."""
        ...


def nature_of(entry: GaugeEntry, unit: str, resolution: float | None = None) -> Nature:
    """Return what a bench file says of a gauge that answers in `unit`; `resolution` in the same, None: not known."""
    where, comparison, pascal = entry.where, entry.comparison, entry.pascal
    if resolution is None:
        resolution = RESOLUTION_K if entry.tc08 is not None else 0.001
        if where is not None:
            resolution = where.resolution * kelvin_a_step(where.unit)
    if pascal is not None:
        return _of_pressure(entry, unit, resolution, pascal)
    is_temperature = unit in TEMPERATURE_UNITS
    stuck_s = None if is_temperature else math.inf
    accuracy = comparison.uncertainty.value if comparison else entry.accuracy.value / math.sqrt(3.0)
    return Nature(
        name=entry.name,
        unit=unit,
        place=entry.place,
        every_s=entry.every.value,
        resolution=resolution,
        jump=entry.jump.value if is_temperature else math.inf,
        stuck_after_s=entry.stuck_after.value if entry.stuck_after is not None else stuck_s,
        excess=comparison.excess_K if comparison and is_temperature else 0.0,
        accuracy=accuracy if is_temperature else None,
        gradient=entry.gradient.value / math.sqrt(3.0) if is_temperature else None,
        compared=f"{comparison.against}, {comparison.day.isoformat()}" if comparison else "",
    )


def _of_pressure(entry: GaugeEntry, unit: str, resolution: float, pascal: float) -> Nature:
    """Return what is known of a pressure gauge; one that stands still is usual, and so is a jump."""

    def in_unit(name: Literal["accuracy", "gradient", "jump"], otherwise_Pa: float) -> float:
        written: Quantity = getattr(entry, name)
        return (written.value if name in entry.model_fields_set else otherwise_Pa) / pascal

    return Nature(
        name=entry.name,
        unit=unit,
        place=entry.place,
        every_s=entry.every.value,
        resolution=resolution,
        jump=in_unit("jump", math.inf),
        stuck_after_s=entry.stuck_after.value if entry.stuck_after is not None else math.inf,
        accuracy=in_unit("accuracy", DEFAULT_PRESSURE_PA) / math.sqrt(3.0),
        gradient=in_unit("gradient", 0.0) / math.sqrt(3.0),
    )


class OnTheSpot:
    """A gauge that is read where the engine stands, at its pace.

    With `on_bus` it shares the bus of the instruments: it is read between two readings of the cell alone, and the
    longer it is silent, the more seldom it is waited for.
    """

    def __init__(self, gauge: Gauge, nature: Nature, clock: Clock, *, on_bus: bool) -> None:
        self.nature = nature
        self._gauge = gauge
        self._clock = clock
        self._on_bus = on_bus
        self._due_s = -math.inf
        self._silent = 0

    def collect(self, *, between_readings: bool) -> Sequence[Found]:
        """Read it if it is due; raises Interrupted."""
        now_s = self._clock.now()
        if now_s < self._due_s or (self._on_bus and not between_readings):
            return ()
        try:
            found: Found = self._gauge.read()
            self._silent = 0
        except DriverError as error:
            found = Silence(now_s, error)
            self._silent += 1
        every_s = self.nature.every_s
        longer = min(2.0**self._silent, max(LONGEST_SILENCE_S / every_s, 1.0)) if self._on_bus else 1.0
        self._due_s = now_s + every_s * longer
        return (found,)


class OfThread:
    """A gauge that a thread reads."""

    def __init__(self, gauge: Gauge, nature: Nature, clock: Clock, begin: Callable[[], None]) -> None:
        self.gauge = gauge
        self.nature = nature
        self.found: deque[Found] = deque(maxlen=MOST_KEPT)
        self._clock = clock
        self._begin = begin
        self._heard_s: float | None = None

    def collect(self, *, between_readings: bool) -> Sequence[Found]:
        """Return what the thread has found since the last time, or that it has not come back; never waits."""
        self._begin()
        found, now_s = list(self._taken()), self._clock.now()
        if found or self._heard_s is None:
            self._heard_s = now_s
            return found
        if now_s - self._heard_s < max(LATE_PACES * self.nature.every_s, LATE_S):
            return ()
        late = NoReply(self.nature.name, "reading it", now_s - self._heard_s, "Its line hangs: unplug it")
        self._heard_s = now_s
        return (Silence(now_s, late),)

    def _taken(self) -> Iterator[Found]:
        while True:
            try:
                yield self.found.popleft()
            except IndexError:
                return


class GaugeThread:
    """The gauges of one line, read in turn by a thread that begins when they are first looked at.

    `clock` tells the experiment's time and may be asked by any thread. `let_go` closes the line.
    """

    def __init__(
        self, gauges: Sequence[tuple[Gauge, Nature]], clock: Clock, let_go: Callable[[], None]
    ) -> None:
        self.gauges = tuple(OfThread(gauge, nature, clock, self.begin) for gauge, nature in gauges)
        self._clock = clock
        self._let_go = let_go
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Start the thread, once."""
        if self._thread is None and not self._ended.is_set():
            # a daemon: a device that hangs must not keep the program from ending
            self._thread = threading.Thread(target=self._read_all, name="gauges", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """End it after what it is doing; waits for that for one slice at most."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(HOST_SLICE_S)

    def _read_all(self) -> None:
        due_s = [-math.inf] * len(self.gauges)
        try:
            while not self._ended.is_set():
                now_s = self._clock.now()
                for place, one in enumerate(self.gauges):
                    if now_s >= due_s[place] and not self._ended.is_set():
                        due_s[place] = now_s + one.nature.every_s
                        one.found.append(self._read(one.gauge))
                self._wait(min(due_s))
        finally:
            self._let_go()

    def _read(self, gauge: Gauge) -> Found:
        try:
            return gauge.read()
        except DriverError as error:
            return Silence(self._clock.now(), error)
        except Exception as error:  # noqa: BLE001 - of a library, or of an adapter that is pulled (termios.error)
            self._let_go()
            return Silence(self._clock.now(), BusError(gauge.name, "reading it", error))

    def _wait(self, until_s: float) -> None:
        speed = self._clock.slice_s / HOST_SLICE_S  # of experiment time against the host's
        left_s = (until_s - self._clock.now()) / speed
        self._ended.wait(min(max(left_s, 0.001), 1.0))  # the clock may stand still for a while, or leap
