"""What the gauges beside the cell showed, put together from a run's records."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from solbench.acquisition.record.events import GaugeRead


@dataclass
class GaugeTrace:
    """The values of one gauge with their times (s since the start of the run); `lost` counts its silences."""

    name: str
    unit: str
    times_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lost: int = 0


def traces_of(reads: Iterable[tuple[float, GaugeRead]]) -> list[GaugeTrace]:
    """Return one trace a gauge, in the order in which they were first read, from records with their times (s)."""
    found: dict[str, GaugeTrace] = {}
    for time_s, read in reads:
        trace = found.setdefault(read.name, GaugeTrace(read.name, read.unit))
        if read.value is None:
            trace.lost += 1
        else:
            trace.times_s.append(time_s)
            trace.values.append(read.value)
    return list(found.values())
