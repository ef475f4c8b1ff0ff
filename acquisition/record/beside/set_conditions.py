"""The conditions that a person has set in the course of a run, at its prompts."""

from dataclasses import dataclass, replace

from solbench.acquisition.record.events import Event, SegmentEnd, SegmentStart
from solbench.protocols.segments import Prompt


@dataclass(frozen=True, slots=True)
class SetConditions:
    """Temperature (K) and stack pressure (Pa) that a person has set; None where nobody has confirmed that they were.

    `times_set`: how often each was asked for so far; what never was is still as it was typed before the run.
    """

    temperature_K: float | None = None
    stack_pressure_Pa: float | None = None
    times_set: tuple[int, int] = (0, 0)

    def typed_temperature_K(self, before_K: float | None) -> float | None:
        """Return the temperature (K) as typed; `before_K`: before the run."""
        return self.temperature_K if self.times_set[0] else before_K

    def typed_stack_pressure_Pa(self, before_Pa: float | None) -> float | None:
        """Return the stack pressure (Pa) as typed; `before_Pa`: before the run."""
        return self.stack_pressure_Pa if self.times_set[1] else before_Pa


AS_TYPED = SetConditions()


class ConditionsFold:
    """Follows the prompts of a run event by event; `now` is what has been set so far."""

    def __init__(self) -> None:
        self.now = AS_TYPED
        self._asked: Prompt | None = None

    def add(self, event: Event) -> None:
        """Take one event: the beginning or the end of a segment."""
        body = event.body
        if isinstance(body, SegmentStart):
            self._asked = body.segment if isinstance(body.segment, Prompt) else None
        elif isinstance(body, SegmentEnd) and self._asked is not None:
            if body.outcome == "done":
                self._set(self._asked, confirmed=body.limit is None or (body.value or 0.0) < body.limit)
            self._asked = None

    def _set(self, asked: Prompt, *, confirmed: bool) -> None:
        now = self.now
        if asked.temperature_K is not None:
            kelvin = asked.temperature_K if confirmed else None
            now = replace(now, temperature_K=kelvin, times_set=(now.times_set[0] + 1, now.times_set[1]))
        if asked.stack_pressure_Pa is not None:
            pascal = asked.stack_pressure_Pa if confirmed else None
            now = replace(now, stack_pressure_Pa=pascal, times_set=(now.times_set[0], now.times_set[1] + 1))
        self.now = now
