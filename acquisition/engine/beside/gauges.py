"""What the gauges beside the cell show, written down as far as it can be believed; they never end a run."""

from collections.abc import Sequence

from solbench.acquisition.bench.gauges.watched import Nature, WatchedGauge
from solbench.acquisition.engine.beside.gauge_judge import GaugeJudge
from solbench.acquisition.record.events import GaugeKnown
from solbench.acquisition.record.recorder import Recorder


class GaugeWatch:
    """Writes down what the gauges found since it last looked, and at first what they are.

    `offset_s` turns the clock's time into the run's.
    """

    def __init__(self, gauges: Sequence[WatchedGauge], recorder: Recorder, offset_s: float) -> None:
        self._gauges = tuple((gauge, GaugeJudge(gauge.nature)) for gauge in gauges)
        self._recorder = recorder
        self._offset_s = offset_s
        self._has_begun = False

    def look(self, now_s: float, *, between_readings: bool = True) -> None:
        """Take what there is at the run's time `now_s` (s); raises JournalFull, Interrupted.

        `between_readings`: a gauge may be read on the bus of the instruments now.
        """
        if not self._has_begun:
            self._has_begun = True
            for gauge, _ in self._gauges:
                self._recorder.emit(now_s, _known(gauge.nature))
        for gauge, judge in self._gauges:
            for found in gauge.collect(between_readings=between_readings):
                for at_s, read in judge.take(found, self._offset_s):
                    self._recorder.emit(at_s, read)


def _known(nature: Nature) -> GaugeKnown:
    return GaugeKnown(
        name=nature.name,
        unit=nature.unit,
        place=nature.place,
        every_s=nature.every_s,
        resolution=nature.resolution,
        excess=nature.excess,
        accuracy=nature.accuracy,
        gradient=nature.gradient,
        stderr=nature.stderr,
        compared=nature.compared,
    )
