"""What of a gauge's answers can be believed: one that is lost, stuck or jumping leaves a gap, and is told once."""

from dataclasses import dataclass, replace

from solbench.acquisition.bench.gauges.watched import Found, Nature, Silence
from solbench.acquisition.record.events import GaugeCode, GaugeRead
from solbench.drivers.roles import GaugeReading
from solbench.drivers.sensors.no_value import NoValue

CONFIRMED_BY = 2  # further readings that show a jump as well
STILL_S_PER_K = 864_000.0  # so long no temperature stays within one step: a day for a step of 0.1 K
LEAST_STUCK = 30  # readings that are exactly the same
USUAL_STEP_K = 0.1  # of answers that have not changed yet


@dataclass
class _Same:
    """Answers that are exactly the same: the answer, since when (s), and how many."""

    answer: object
    since_s: float
    count: int = 1


class GaugeJudge:
    """Judges the answers of one gauge in order."""

    def __init__(self, nature: Nature) -> None:
        self._nature = nature
        self._gap: GaugeCode = ""  # in which it is
        self._same: _Same | None = None
        self._step: float | None = None  # the smallest change of its answers so far
        self._last: GaugeReading | None = None  # that was believed
        self._jumped: list[GaugeReading] = []  # not confirmed yet

    def take(self, found: Found, offset_s: float) -> list[tuple[float, GaugeRead]]:
        """Return the records for an answer, with their times in the run (s): `offset_s` is taken off the clock's."""
        if isinstance(found, Silence):
            self._jumped.clear()
            code: GaugeCode = "no_value" if isinstance(found.error, NoValue) else "lost"
            return self._begin_gap(code, str(found.error), found.time_s - offset_s)
        reading = replace(found, time_s=found.time_s - offset_s)
        stuck = self._stuck(reading)
        if stuck is not None:
            return stuck
        believed = self._believed(reading)
        if not believed:
            text = f"{self._nature.name} jumped to {self._shown(reading)}"
            return self._begin_gap("jumped", text, reading.time_s)
        self._gap = ""
        self._last = believed[-1]
        return [(one.time_s, self._read(one)) for one in believed]

    def _begin_gap(
        self, code: GaugeCode, problem: str, time_s: float, since_s: float | None = None
    ) -> list[tuple[float, GaugeRead]]:
        if self._gap == code:
            return []
        self._gap = code
        nature = self._nature
        read = GaugeRead(
            name=nature.name, value=None, unit=nature.unit, problem=problem, code=code, since_s=since_s
        )
        return [(time_s, read)]

    def _stuck(self, reading: GaugeReading) -> list[tuple[float, GaugeRead]] | None:
        """Return the records for an answer that has been the same for too long, None where it has not."""
        answer = reading.raw or reading.value
        same = self._same
        if same is None or same.answer != answer:
            self._learn_step(reading)
            self._same = _Same(answer, reading.time_s)
            return None
        same.count += 1
        lasted_s = reading.time_s - same.since_s
        longest_s = self._nature.stuck_after_s
        if longest_s is None:
            longest_s = STILL_S_PER_K * (self._nature.resolution or self._step or USUAL_STEP_K)
        if lasted_s < longest_s or same.count < LEAST_STUCK:
            return None
        self._jumped.clear()
        text = f"{self._nature.name} has shown exactly {answer} for {lasted_s / 3600.0:.2g} h: it is stuck"
        return self._begin_gap("stuck", text, reading.time_s, same.since_s)

    def _learn_step(self, reading: GaugeReading) -> None:
        """Learn how fine its answers are: a number in 32 bits may still have been rounded to tenths."""
        if self._last is not None and (step := abs(reading.value - self._last.value)):
            self._step = step if self._step is None else min(step, self._step)

    def _believed(self, reading: GaugeReading) -> list[GaugeReading]:
        """Return what can be believed now: nothing for a jump that is not confirmed yet, then all that showed it."""
        last = self._last
        if last is None or self._is_near(reading, last):
            self._jumped.clear()
            return [reading]
        if self._jumped and not self._is_near(reading, self._jumped[-1]):
            self._jumped.clear()
        self._jumped.append(reading)
        if len(self._jumped) <= CONFIRMED_BY:
            return []
        confirmed, self._jumped = self._jumped, []
        return confirmed

    def _is_near(self, one: GaugeReading, other: GaugeReading) -> bool:
        return abs(one.value - other.value) <= self._nature.jump

    def _read(self, reading: GaugeReading) -> GaugeRead:
        value = reading.value - self._nature.excess
        return GaugeRead(name=self._nature.name, value=value, unit=self._nature.unit)

    def _shown(self, reading: GaugeReading) -> str:
        return f"{reading.value:.6g} {self._nature.unit}"
