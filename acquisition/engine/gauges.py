"""Gauges beside the cell, each read at its own pace between the readings of the cell."""

from collections.abc import Sequence
from math import inf

from solbench.acquisition.record.events import GaugeRead
from solbench.acquisition.record.recorder import Recorder
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import Gauge


class GaugeWatch:
    """Reads what is due and writes it down. A gauge that does not answer is written down once, and tried again.

    `offset_s` turns the clock's time into the run's.
    """

    def __init__(self, gauges: Sequence[Gauge], recorder: Recorder, offset_s: float) -> None:
        self._gauges = tuple(gauges)
        self._recorder = recorder
        self._offset_s = offset_s
        self._due_s = [-inf] * len(self._gauges)
        self._lost = [False] * len(self._gauges)

    def look(self, now_s: float) -> None:
        """Read every gauge that is due at the run's time `now_s` (s); raises JournalFull, Interrupted."""
        for place, gauge in enumerate(self._gauges):
            if now_s >= self._due_s[place]:
                self._due_s[place] = now_s + gauge.every_s
                self._read(place, gauge, now_s)

    def _read(self, place: int, gauge: Gauge, now_s: float) -> None:
        try:
            reading = gauge.read()
        except DriverError as error:
            if not self._lost[place]:
                lost = GaugeRead(name=gauge.name, value=None, unit=gauge.unit, problem=str(error))
                self._recorder.emit(now_s, lost)
            self._lost[place] = True
            return
        self._lost[place] = False
        read = GaugeRead(name=gauge.name, value=reading.value, unit=gauge.unit)
        self._recorder.emit(reading.time_s - self._offset_s, read)
