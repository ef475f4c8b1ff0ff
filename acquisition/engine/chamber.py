"""The chamber around the cell as a run orders and watches it: by what its gauges show, as far as that is believed.

Whatever is wrong with it, its output is taken to zero and the run pauses with the cell off. A user lets it go on; then
the chamber is brought back to where it was to be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from solbench.acquisition.bench.gauges.chamber import LEAST_K, Chamber
from solbench.acquisition.bench.gauges.watched import Nature, WatchedGauge
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.record.events import Alarm, AlarmCode, Event, GaugeRead
from solbench.acquisition.record.recorder import Recorder
from solbench.protocols.errors import sentence
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import Condition

LOST_S, PACES = 60.0, 3.0  # so long, and so many paces, the controller or its own sensor may show nothing
HOT_K = 10.0  # beyond this it is not a chamber that overshoots
LEFT_K = 5.0  # from the temperature that it held
FOLLOWS_K, STANDS_K = 15.0, 2.0  # where a ramp has gone so far, and its sensor not even so far
ICE_K = 273.15


@dataclass
class _Shown:
    """What a gauge has shown of late: times (s) and values (K), as it shows them; since when it shows nothing."""

    nature: Nature
    readings: deque[tuple[float, float]] = field(default_factory=deque)
    problem: str = ""
    problem_s: float | None = None

    @property
    def newest_K(self) -> float | None:
        return self.readings[-1][1] if self.readings and self.problem_s is None else None

    @property
    def longest_s(self) -> float:
        return max(LOST_S, PACES * self.nature.every_s)

    def silent_s(self, now_s: float) -> float:
        """Return for how long it is known to show nothing: a PC that wakes up hears of its gauges a moment later."""
        return 0.0 if self.problem_s is None else now_s - self.problem_s

    def within(self, since_s: float) -> list[float]:
        return [kelvin for time_s, kelvin in self.readings if time_s >= since_s]


@dataclass
class _Going:
    """What the chamber was last ordered: since when (s), what sensors showed then (K), whether it has come to it."""

    condition: Condition
    began_s: float
    began_K: Mapping[str, float]
    was_there: bool
    has_come: bool = False

    @property
    def target_K(self) -> float:
        assert self.condition.temperature_K is not None
        return self.condition.temperature_K


class ChamberWatch:
    """Orders the chamber of a bench, and holds what its gauges show against what was ordered.

    It hears of the gauges through `recorder`; all times are the run's, in s, and temperatures in K.
    """

    def __init__(self, chamber: Chamber, gauges: Sequence[WatchedGauge], recorder: Recorder) -> None:
        self._chamber = chamber
        natures = {gauge.nature.name: gauge.nature for gauge in gauges}
        self._shown = {name: _Shown(nature) for name, nature in natures.items()}
        self._own, self._set_point = self._shown[chamber.sensor], self._shown[chamber.name]
        self._at_cell = [
            shown
            for name, shown in self._shown.items()
            if shown.nature.place == "cell" and shown.nature.unit == "K" and name != chamber.sensor
        ]
        self._going: _Going | None = None
        recorder.listen(self._hear, GaugeRead)

    def is_ordered(self, condition: Condition) -> bool:
        """Say whether the chamber has been told to hold what a condition asks for, and nothing was wrong since."""
        return self._going is not None and self._going.target_K == condition.temperature_K

    def is_known(self) -> bool:
        """Say whether its sensor and its set point have been read."""
        return self._own.newest_K is not None and self._set_point.newest_K is not None

    def go_to(self, condition: Condition, now_s: float) -> float:
        """Order what a condition asks for; returns how far it is, in K. Its gauges must have been read."""
        own_K, set_K = self._own.newest_K, self._set_point.newest_K
        target_K = condition.temperature_K
        assert own_K is not None
        assert set_K is not None
        assert target_K is not None
        order = self._chamber.order
        was_off = order is not None and order.target_K is None
        is_there = abs(own_K - target_K) <= condition.within_K and abs(set_K - target_K) <= LEAST_K
        self._chamber.go_to(target_K, condition.ramp_K_s)
        at_cell = {one.nature.name: one.newest_K for one in self._at_cell}
        began_K = {name: kelvin for name, kelvin in at_cell.items() if kelvin is not None}
        began_K[self._chamber.sensor] = own_K
        self._going = _Going(condition, now_s, began_K, is_there and not was_off)
        return abs(own_K - target_K)

    def is_steady(self, now_s: float) -> bool:
        """Say whether the chamber has come to what was ordered, and neither it nor a sensor at the cell moves."""
        going = self._going
        if going is None or not self._has_set_point(going):
            return False
        condition = going.condition
        if going.was_there:
            going.has_come = True
            return True
        since_s = now_s - condition.steady_s
        pace_s = self._own.nature.every_s
        own = self._own.within(since_s)
        if going.began_s > since_s or self._own.readings[0][0] > since_s + 2.0 * pace_s or len(own) < 2:
            return False
        if any(abs(kelvin - going.target_K) > condition.within_K for kelvin in own):
            return False
        going.has_come = True
        for shown in self._at_cell:
            values = shown.within(since_s)
            if shown.newest_K is not None and max(values) - min(values) > condition.within_K:
                return False
        return True

    def shown(self) -> str:
        """Return what it shows, for a text."""
        own_K = self._own.newest_K
        return "nothing" if own_K is None else f"{own_K - ICE_K:.1f} degC"

    def require_known(self, waited_s: float) -> None:
        """Raise AttentionNeeded where its gauges have been waited for in vain."""
        for shown, code, what in self._watched():
            if shown.newest_K is None and waited_s > shown.longest_s:
                self._stop(code, f"{what}: {_why(shown)}")

    def not_steady(self, waited_s: float) -> AttentionNeeded:
        """Return what to raise where the chamber does not become steady in time; it goes on holding its set point."""
        going = self._going
        target_K = going.target_K if going is not None else ICE_K
        text = (
            f"Look at the chamber: after {format_duration(waited_s)} it is not steady at {target_K - ICE_K:.1f} degC, "
            f"and shows {self.shown()}. It holds its set point; with resume it is waited for once more."
        )
        self._going = None
        return AttentionNeeded(Alarm(text=text, code="chamber_not_steady"))

    def check(self, now_s: float) -> None:
        """Hold what the gauges show against what was ordered; raises AttentionNeeded, and has it switched off then."""
        going, chamber = self._going, self._chamber
        if going is None:
            return
        if chamber.refusal:
            self._going = None
            text = (
                f"The chamber is not set to {going.target_K - ICE_K:.1f} degC: {chamber.refusal}. Correct it."
            )
            raise AttentionNeeded(Alarm(text=text, code="chamber_refused"))
        if chamber.mismatch is not None:
            sent_K, shown_K = chamber.mismatch
            self._stop(
                "chamber_set_point",
                f"its set point is read back as {shown_K - ICE_K:.1f} degC, and {sent_K - ICE_K:.1f} degC was set: has "
                "somebody changed it, or does the controller take none?",
            )
        for shown, code, what in self._watched():
            if shown.silent_s(now_s) > shown.longest_s:
                self._stop(code, f"{what}: {_why(shown)}")
        self._check_temperatures(going, now_s)

    def _watched(self) -> Sequence[tuple[_Shown, AlarmCode, str]]:
        """Return what must show something: a controller that does not answer shows no sensor either."""
        return (
            (self._set_point, "chamber_silent", "its controller does not answer"),
            (self._own, "chamber_sensor_lost", "its own sensor shows nothing"),
        )

    def _check_temperatures(self, going: _Going, now_s: float) -> None:
        condition, own_K = going.condition, self._own.newest_K
        from_K = going.began_K[self._chamber.sensor]
        for shown in (self._own, *self._at_cell):
            kelvin = shown.newest_K
            hottest_K = max(going.target_K, going.began_K.get(shown.nature.name, from_K)) + HOT_K
            if shown is self._own and going.has_come:  # what is at the cell follows later
                hottest_K = going.target_K + LEFT_K
            if kelvin is not None and kelvin > hottest_K + 4.0 * condition.within_K:
                self._stop(
                    "chamber_too_hot",
                    f"{shown.nature.name} shows {kelvin - ICE_K:.1f} degC, and it was set to "
                    f"{going.target_K - ICE_K:.1f} degC: does its heater stay on, or a sensor stand still?",
                )
        if own_K is None:
            return
        if going.has_come and going.target_K - own_K > LEFT_K + 4.0 * condition.within_K:
            self._stop(
                "chamber_left",
                f"it held {going.target_K - ICE_K:.1f} degC and shows {own_K - ICE_K:.1f} degC: is its door open, its "
                "heater broken, or its limiter tripped?",
            )
        gone_K = min(condition.ramp_K_s * (now_s - going.began_s), abs(going.target_K - from_K))
        if gone_K >= FOLLOWS_K and not going.has_come and abs(own_K - from_K) < STANDS_K:
            self._stop(
                "chamber_left",
                f"it was to have gone {gone_K:.0f} K towards {going.target_K - ICE_K:.1f} degC and shows "
                f"{own_K - ICE_K:.1f} degC as before: is it switched on, its sensor in place, its limiter tripped?",
            )

    def _stop(self, code: AlarmCode, why: str) -> None:
        """Have its output taken to zero, as soon as it answers, and raise AttentionNeeded."""
        self._going = None
        self._chamber.switch_off()
        text = (
            f"Look at the chamber: {sentence(why)} Its output is taken to zero as soon as it answers; with resume it "
            "is brought to its temperature again."
        )
        raise AttentionNeeded(Alarm(text=text, code=code))

    def _has_set_point(self, going: _Going) -> bool:
        """Say whether its set point has been read since it was ordered, and is the one that was."""
        readings = self._set_point.readings
        if self._set_point.newest_K is None or readings[-1][0] < going.began_s:
            return False
        return abs(readings[-1][1] - going.target_K) <= max(LEAST_K, 0.51 * self._set_point.nature.resolution)

    def _hear(self, event: Event) -> None:
        body = event.body
        assert isinstance(body, GaugeRead)
        shown = self._shown.get(body.name)
        if shown is None:
            return
        if body.value is None:
            shown.problem = body.problem
            shown.problem_s = event.time_s if shown.problem_s is None else shown.problem_s
            return
        shown.problem, shown.problem_s = "", None
        shown.readings.append((event.time_s, body.value + shown.nature.excess))
        longest_s = 0.0 if self._going is None else self._going.condition.steady_s
        while len(shown.readings) > 2 and shown.readings[1][0] < event.time_s - longest_s:
            shown.readings.popleft()


def _why(shown: _Shown) -> str:
    return shown.problem.rstrip(".") or "it has not answered"
