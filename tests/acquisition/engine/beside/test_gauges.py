"""What is written of the gauges: what they are, what they show, and once why they show nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from solbench.acquisition.bench.gauges.watched import Nature, Silence
from solbench.acquisition.engine.beside.gauges import GaugeWatch
from solbench.acquisition.record.events import GaugeKnown, GaugeRead
from solbench.drivers.errors import NoReply
from solbench.drivers.roles import GaugeReading


def nature(name: str) -> Nature:
    return Nature(name, "kg", "elsewhere", 10.0, 0.1, 1e9, 1e9)


@dataclass
class Scale:
    """A gauge that has found something."""

    name: str
    found: list[GaugeReading | Silence] = field(default_factory=list)
    asked: list[bool] = field(default_factory=list)

    @property
    def nature(self) -> Nature:
        return nature(self.name)

    def collect(self, *, between_readings: bool):
        self.asked.append(between_readings)
        found, self.found = self.found, []
        return found


@dataclass
class Written:
    """A recorder that keeps what it is given."""

    found: list[tuple[float, GaugeKnown | GaugeRead]] = field(default_factory=list)

    def emit(self, time_s: float, body: GaugeKnown | GaugeRead) -> None:
        self.found.append((time_s, body))


def test_what_they_are_is_written_once_and_what_they_show_at_the_runs_time():
    written, one, other = Written(), Scale("one"), Scale("other")
    watch = GaugeWatch([one, other], written, 1000.0)
    one.found = [GaugeReading(1001.0, 3.0), GaugeReading(1002.0, 4.0)]
    watch.look(2.0)
    watch.look(3.0, between_readings=False)
    assert [(time_s, body.kind, body.name) for time_s, body in written.found] == [
        (2.0, "gauge_known", "one"),
        (2.0, "gauge_known", "other"),
        (1.0, "gauge", "one"),
        (2.0, "gauge", "one"),
    ]
    assert other.asked == [True, False]


def test_a_silent_one_is_written_down_once_until_it_answers():
    written, one = Written(), Scale("one")
    watch = GaugeWatch([one], written, 0.0)
    silences = [Silence(float(s), NoReply("one", "WEIGHT?", 1.0)) for s in range(4)]
    one.found = [*silences, GaugeReading(4.0, 7.0), Silence(5.0, NoReply("one", "WEIGHT?", 1.0))]
    watch.look(6.0)
    reads = [(time_s, body.value, body.code) for time_s, body in written.found[1:]]
    assert reads == [(0.0, None, "lost"), (4.0, 7.0, ""), (5.0, None, "lost")]
    assert "one did not react" in written.found[1][1].problem
