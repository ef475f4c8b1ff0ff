"""What the gauges of a bench show now, for people who look at a bench before a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from solbench.acquisition.bench.gauges.watched import Silence, WatchedGauge
from solbench.drivers.clock import Clock, sleep
from solbench.protocols.quantities.units import ZERO_DEGC_K

READ_FOR_S = 3.0  # after the pace of the slowest: time-outs are longer than answers


@dataclass(frozen=True)
class Shown:
    """What a gauge shows, corrected, in its unit; `problem` where it shows nothing."""

    name: str
    value: float | None
    unit: str
    stderr: float | None
    problem: str

    def __str__(self) -> str:
        if self.value is None:
            return self.problem
        if self.unit != "K":
            sure = f" +- {self.stderr:.2g}" if self.stderr is not None else ""
            return f"{self.value:.6g}{sure} {self.unit}"
        return f"{self.value - ZERO_DEGC_K:.3f} degC +- {self.stderr or 0.0:.2g} K"


def read_all(gauges: Sequence[WatchedGauge], clock: Clock, within_s: float | None = None) -> list[Shown]:
    """Wait until each has answered or failed, and return what they show; `within_s`: s, None: as long as it takes."""
    found: dict[str, Shown] = {}
    if within_s is None:
        within_s = max((one.nature.every_s for one in gauges), default=0.0) + READ_FOR_S
    until_s = clock.now() + within_s
    while len(found) < len(gauges) and clock.now() < until_s:
        for one in gauges:
            nature = one.nature
            for read in one.collect(between_readings=True):
                if isinstance(read, Silence):
                    found[nature.name] = Shown(nature.name, None, nature.unit, None, str(read.error))
                else:
                    value = read.value - nature.excess
                    found[nature.name] = Shown(nature.name, value, nature.unit, nature.stderr, "")
        sleep(clock, 0.05)
    late = "it has not answered yet"
    return [
        found.get(one.nature.name, Shown(one.nature.name, None, one.nature.unit, None, late))
        for one in gauges
    ]
