"""The stack pressure as a run follows it: what the gauge at the cell shows, and what becomes of it.

Nothing of it stops a run. It is told once when the pressure is not the one that was asked for, and when it has fallen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from solbench.acquisition.bench.gauges.watched import Nature, WatchedGauge
from solbench.acquisition.record.events import Event, GaugeRead, Note, SegmentEnd, SegmentStart
from solbench.acquisition.record.recorder import Recorder
from solbench.drivers.sensors.register_map import PASCAL
from solbench.protocols.segments import Prompt

PART = 0.1  # of it: by less a stack that creeps loses is usual
SURE = 3.0  # standard uncertainties of the gauge
PACES = 3.0
_MPA = 1e6


class PressureWatch:
    """Follows the surest pressure gauge at the cell, in Pa; hears of it through `recorder`.

    `typed_Pa`: what the protocol says, None where that is not known.
    """

    def __init__(
        self, gauges: Sequence[WatchedGauge], recorder: Recorder, typed_Pa: float | None = None
    ) -> None:
        self._recorder = recorder
        natures = [gauge.nature for gauge in gauges if gauge.nature.unit in PASCAL]
        at_cell = [nature for nature in natures if nature.place == "cell"]
        self._nature: Nature | None = min(at_cell, key=_stderr_Pa, default=None)
        self._asked_Pa = typed_Pa
        self._prompt: Prompt | None = None
        self._reference_Pa: float | None = None  # what it was when it was looked at first
        self._readings: deque[tuple[float, float]] = deque()
        self._keeps_s = 0.0
        self._untold: list[tuple[float, Note]] = []
        if self._nature is not None:
            recorder.listen(self._hear, GaugeRead, SegmentStart, SegmentEnd)

    @property
    def is_there(self) -> bool:
        """Get whether a pressure gauge is at the cell."""
        return self._nature is not None

    @property
    def late_s(self) -> float:
        """Get by when (s) what is so has surely been read."""
        return 0.0 if self._nature is None else PACES * self._nature.every_s

    def is_within(self, asked_Pa: float, within_Pa: float, over_s: float, now_s: float) -> bool:
        """Say whether it has shown a pressure (Pa), within so much (Pa), for `over_s` until the run's time `now_s`."""
        if self._nature is None or not self._readings:
            return False
        since_s, pace_s = now_s - over_s, self._nature.every_s
        recent = [pascal for time_s, pascal in self._readings if time_s >= since_s]
        begun = self._readings[0][0] <= since_s + 2.0 * pace_s
        return begun and bool(recent) and all(abs(pascal - asked_Pa) <= within_Pa for pascal in recent)

    def tell(self) -> None:
        """Write down what has been found since the last time; raises JournalFull."""
        untold, self._untold = self._untold, []
        for time_s, note in untold:
            self._recorder.emit(time_s, note)

    def shown(self) -> str:
        """Return what it shows, for a text."""
        return f"{self._readings[-1][1] / _MPA:.4g} MPa" if self._readings else "nothing"

    def _hear(self, event: Event) -> None:
        body, nature = event.body, self._nature
        assert nature is not None
        if isinstance(body, SegmentStart):
            asks = body.segment if isinstance(body.segment, Prompt) else None
            self._prompt = asks if asks is not None and asks.stack_pressure_Pa is not None else None
            self._keeps_s = self._prompt.pressure_steady_s if self._prompt is not None else 0.0
        elif isinstance(body, SegmentEnd):
            if self._prompt is not None and body.outcome == "done":  # from now on it is to be so
                self._asked_Pa, self._reference_Pa = self._prompt.stack_pressure_Pa, None
            self._prompt = None
        elif isinstance(body, GaugeRead) and body.name == nature.name:
            if body.value is None:
                self._readings.clear()
                return
            pascal = PASCAL[nature.unit] * body.value
            self._readings.append((event.time_s, pascal))
            while len(self._readings) > 1 and self._readings[1][0] < event.time_s - self._keeps_s:
                self._readings.popleft()
            if self._prompt is None:  # in which somebody is at the press
                self._compare(event.time_s, pascal)

    def _compare(self, now_s: float, pascal: float) -> None:
        """Tell, once each, that it is not what was asked for, and that it has fallen from what it was."""
        assert self._nature is not None
        sure_Pa = SURE * _stderr_Pa(self._nature)
        asked_Pa = self._asked_Pa
        if self._reference_Pa is None:
            self._reference_Pa = pascal
            if asked_Pa is not None and abs(pascal - asked_Pa) > max(sure_Pa, PART * asked_Pa):
                self._tell(now_s, f"{asked_Pa / _MPA:.4g} MPa are typed, and {self._shows(pascal)}")
        elif self._reference_Pa - pascal > max(sure_Pa, PART * self._reference_Pa):
            self._tell(
                now_s,
                f"it has fallen from {self._reference_Pa / _MPA:.4g} MPa: {self._shows(pascal)}. Contacts may be worse "
                "from here on",
            )
            self._reference_Pa = pascal

    def _shows(self, pascal: float) -> str:
        assert self._nature is not None
        stderr = _stderr_Pa(self._nature) / _MPA
        return f"'{self._nature.name}' shows {pascal / _MPA:.4g} +- {stderr:.2g} MPa"

    def _tell(self, now_s: float, what: str) -> None:
        self._untold.append((now_s, Note(text=f"Stack pressure: {what}.", code="pressure")))


def _stderr_Pa(nature: Nature) -> float:
    return PASCAL[nature.unit] * (nature.stderr or 0.0)
