"""What the gauges beside the cell showed, put together from a run's records."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from solbench.acquisition.record.events import GaugeCode, GaugeKnown, GaugePlace, GaugeRead
from solbench.drivers.sensors.register_map import PASCAL


@dataclass(frozen=True, slots=True)
class GaugeGap:
    """A time (s since the start of the run) in which a gauge showed nothing that can be believed.

    `until_s` is None where it did not end; `code` says why, "" in a run of version 0.1.0.
    """

    since_s: float
    until_s: float | None
    code: GaugeCode
    problem: str = ""


@dataclass
class GaugeTrace:
    """The values of one gauge with their times (s since the start of the run).

    `lost` counts its gaps. `stderr` is the standard uncertainty of what it stands for, in its unit, None where that is
    not known; `every_s` how often it was to be read.
    """

    name: str
    unit: str
    times_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    gaps: list[GaugeGap] = field(default_factory=list)
    place: GaugePlace = "elsewhere"
    stderr: float | None = None
    every_s: float | None = None
    resolution: float = 0.0
    compared: str = ""

    @property
    def lost(self) -> int:
        """Get how often it showed nothing that can be believed."""
        return len(self.gaps)

    @property
    def is_temperature(self) -> bool:
        """Get whether it is a thermometer."""
        return self.unit == "K"

    @property
    def pascal(self) -> float | None:
        """Get how many pascal one unit of its values is, None for what is no pressure."""
        return PASCAL.get(self.unit)

    def pieces(self) -> list[tuple[list[float], list[float]]]:
        """Return times and values between the gaps, for drawing; none is empty."""
        edges = [gap.since_s for gap in self.gaps]
        found: list[tuple[list[float], list[float]]] = []
        passed = 0
        for time_s, value in zip(self.times_s, self.values, strict=True):
            behind = passed
            while passed < len(edges) and edges[passed] < time_s:
                passed += 1
            if not found or passed != behind:
                found.append(([], []))
            found[-1][0].append(time_s)
            found[-1][1].append(value)
        return found


class GaugeFold:
    """Puts the traces together record by record; `traces` has those so far, in the order of their first records."""

    def __init__(self) -> None:
        self._traces: dict[str, GaugeTrace] = {}
        self.version = 0

    @property
    def traces(self) -> list[GaugeTrace]:
        """Get one trace a gauge."""
        return list(self._traces.values())

    def add(self, time_s: float, body: GaugeKnown | GaugeRead) -> None:
        """Take a record with its time (s)."""
        self.version += 1
        trace = self._traces.setdefault(body.name, GaugeTrace(body.name, body.unit))
        if isinstance(body, GaugeKnown):
            trace.place, trace.stderr, trace.every_s = body.place, body.stderr, body.every_s
            trace.resolution, trace.compared = body.resolution, body.compared
        elif body.value is None:
            _lose(trace, time_s, body)
        else:
            _end_gap(trace, time_s)
            trace.times_s.append(time_s)
            trace.values.append(body.value)


def traces_of(reads: Iterable[tuple[float, GaugeKnown | GaugeRead]]) -> list[GaugeTrace]:
    """Return one trace a gauge, in the order in which they were first heard of, from records with their times (s)."""
    fold = GaugeFold()
    for time_s, body in reads:
        fold.add(time_s, body)
    return fold.traces


def _lose(trace: GaugeTrace, time_s: float, lost: GaugeRead) -> None:
    """Begin a gap; readings that turn out to be of no worth are taken out again."""
    if trace.gaps and trace.gaps[-1].until_s is None:
        return  # one gap, of whatever causes
    since_s = time_s if lost.since_s is None else lost.since_s
    while trace.times_s and trace.times_s[-1] > since_s:
        trace.times_s.pop()
        trace.values.pop()
    trace.gaps.append(GaugeGap(since_s, None, lost.code, lost.problem))


def _end_gap(trace: GaugeTrace, time_s: float) -> None:
    if trace.gaps and trace.gaps[-1].until_s is None:
        gap = trace.gaps[-1]
        trace.gaps[-1] = GaugeGap(gap.since_s, time_s, gap.code, gap.problem)
