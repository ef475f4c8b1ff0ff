"""Records of gauges become one trace each."""

from solbench.acquisition.record.events import GaugeRead
from solbench.acquisition.record.gauges import traces_of


def read(name: str, value: float | None) -> GaugeRead:
    return GaugeRead(name=name, value=value, unit="K", problem="" if value is not None else "gone")


def test_each_gauge_has_its_values_with_their_times_and_a_count_of_silences():
    oven, room = traces_of(
        [
            (1.0, read("oven", 300.0)),
            (2.0, read("room", 290.0)),
            (3.0, read("oven", None)),
            (4.0, read("oven", 301.0)),
        ]
    )
    assert (oven.name, oven.times_s, oven.values, oven.lost) == ("oven", [1.0, 4.0], [300.0, 301.0], 1)
    assert (room.name, room.unit, room.times_s, room.values, room.lost) == ("room", "K", [2.0], [290.0], 0)


def test_without_records_there_are_none():
    assert traces_of([]) == []
