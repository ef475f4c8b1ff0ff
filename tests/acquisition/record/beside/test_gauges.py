"""Records of gauges become one trace each, and what they did not show a gap."""

from __future__ import annotations

from solbench.acquisition.record.beside.gauges import GaugeGap, traces_of
from solbench.acquisition.record.events import GaugeKnown, GaugeRead


def read(name: str, value: float | None, code: str = "", since_s: float | None = None) -> GaugeRead:
    problem = "" if value is not None else "gone"
    return GaugeRead(name=name, value=value, unit="K", problem=problem, code=code, since_s=since_s)


def test_each_gauge_has_its_values_with_their_times_and_its_gaps():
    records = [
        (0.0, read("cell", 298.0)),
        (1.0, read("oven", 350.0)),
        (10.0, read("cell", None, "lost")),
        (12.0, read("cell", None, "no_value")),
        (20.0, read("cell", 299.0)),
        (30.0, read("cell", None, "stuck")),
    ]
    cell, oven = traces_of(records)
    assert (cell.name, cell.unit, cell.times_s, cell.values) == ("cell", "K", [0.0, 20.0], [298.0, 299.0])
    assert cell.gaps == [GaugeGap(10.0, 20.0, "lost", "gone"), GaugeGap(30.0, None, "stuck", "gone")]
    assert (cell.lost, oven.lost) == (2, 0)
    assert cell.pieces() == [([0.0], [298.0]), ([20.0], [299.0])]
    assert oven.values == [350.0]


def test_what_was_read_of_a_stuck_sensor_is_taken_out_again():
    records = [(float(s), read("cell", 298.0)) for s in range(10)]
    (trace,) = traces_of(
        [*records, (10.0, read("cell", None, "stuck", since_s=3.0)), (20.0, read("cell", 299.0))]
    )
    assert trace.times_s == [0.0, 1.0, 2.0, 3.0, 20.0]
    assert (trace.gaps[0].since_s, trace.gaps[0].until_s) == (3.0, 20.0)


def test_what_is_known_of_it_comes_along():
    known = GaugeKnown(
        name="cell",
        unit="K",
        place="cell",
        every_s=10.0,
        resolution=0.1,
        excess=0.2,
        accuracy=0.1,
        gradient=0.2,
        stderr=0.23,
    )
    (trace,) = traces_of([(0.0, known)])
    assert (trace.place, trace.stderr, trace.every_s, trace.values) == ("cell", 0.23, 10.0, [])
