"""What went wrong on a line and was put right, or was learnt of an instrument; for whoever keeps the record."""

from collections import deque
from dataclasses import dataclass
from typing import Literal, NamedTuple

KEPT = 1000

IncidentCode = Literal["silent", "torn", "garbled", "late", "other bit", "no bit", "measuring"]


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them, at `time_s` of the clock (s), on the line to `instrument`.

    `code`: `silent`, no answer came in time; `torn`, a line without its end; `garbled`, a line that is no answer to
    the command; `late`, a line that belonged to an earlier question; `other bit` and `no bit`, another bit of the
    serial poll, or none, says that a line waits; `measuring`, the instrument takes nothing until it has measured.
    `command` is what was sent, `raw` what came in place of an answer ("" for nothing), or the bits or seconds (in
    figures), `attempt` counts from 1 how often the question had been asked.
    """

    time_s: float
    instrument: str
    code: IncidentCode
    command: str
    raw: str
    attempt: int = 1


class Astray(NamedTuple):
    """`lines` waited that nobody here asked for: answers from `since_s` to `until_s` (clock's, s) are in doubt."""

    since_s: float
    until_s: float
    lines: int


class Incidents:
    """The newest incidents of one line, until they are taken."""

    def __init__(self) -> None:
        self._waiting: deque[Incident] = deque(maxlen=KEPT)

    def add(self, incident: Incident) -> None:
        """Keep one."""
        self._waiting.append(incident)

    def take(self) -> tuple[Incident, ...]:
        """Return those that nobody has taken yet, the oldest first."""
        if not self._waiting:
            return ()
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return tuple(taken)
