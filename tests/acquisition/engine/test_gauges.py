"""When a gauge is read, and what is written of one that does not answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from solbench.acquisition.engine.gauges import GaugeWatch
from solbench.acquisition.record.events import GaugeRead
from solbench.drivers.errors import NoReply
from solbench.drivers.roles import GaugeReading


@dataclass
class Scale:
    """A gauge that is at the time `now_s` of the clock, or silent."""

    name: str
    every_s: float
    unit: str = "kg"
    now_s: float = 0.0
    silent: bool = False

    def read(self) -> GaugeReading:
        if self.silent:
            raise NoReply(self.name, "WEIGHT?", 1.0)
        return GaugeReading(self.now_s, 2.0 * self.now_s)


@dataclass
class Written:
    """A recorder that keeps what it is given."""

    found: list[tuple[float, GaugeRead]] = field(default_factory=list)

    def emit(self, time_s: float, body: GaugeRead) -> None:
        self.found.append((time_s, body))


def looked(scales: list[Scale], until_s: int, offset_s: float = 0.0) -> Written:
    written = Written()
    watch = GaugeWatch(scales, written, offset_s)
    for now_s in range(until_s):
        for scale in scales:
            scale.now_s = now_s + offset_s
        watch.look(float(now_s))
    return written


def test_each_is_read_at_once_and_then_at_its_own_pace():
    found = looked([Scale("slow", 10.0), Scale("fast", 3.0)], 12).found
    assert [time_s for time_s, read in found if read.name == "slow"] == [0.0, 10.0]
    assert [time_s for time_s, read in found if read.name == "fast"] == [0.0, 3.0, 6.0, 9.0]


def test_times_are_the_runs_and_values_the_gauges():
    (found,) = looked([Scale("one", 60.0)], 5, offset_s=1000.0).found
    assert found == (0.0, GaugeRead(name="one", value=2000.0, unit="kg"))


def test_a_silent_one_is_written_down_once_and_tried_again():
    scale, written = Scale("one", 2.0, silent=True), Written()
    watch = GaugeWatch([scale], written, 0.0)
    for now_s in range(10):
        scale.silent, scale.now_s = now_s < 5, float(now_s)
        watch.look(float(now_s))
    assert [(time_s, read.value) for time_s, read in written.found] == [(0.0, None), (6.0, 12.0), (8.0, 16.0)]
    assert "one did not react" in written.found[0][1].problem
