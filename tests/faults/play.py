"""Plays one cell of the table: a fault, in a segment of a kind, in a phase of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

from solbench.acquisition.bench.bench_file import BenchFile, InstrumentEntry, parse_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.run.session import Result
from tests.acquisition.engine.test_chamber import CHAMBER, LAKESHORE
from tests.acquisition.runs import quiet_bench, request, run_it, watched_benches
from tests.faults.phases import PHASES
from tests.faults.plans import CELL, SEGMENTS, protocol_of
from tests.faults.registry import FAULTS
from tests.faults.stage import Looked, Stage, stage

PAUSE_S = 20.0  # a user's pause lasts so long
COMES_AFTER_S = 60.0  # a user who is called comes, mends what can be mended, and resumes; once
RECONNECT_FOR = "12 min"


@dataclass(frozen=True)
class Cell:
    """One cell of the table; `seed` draws the moment and the details, `unit` is the specimen of the instruments.

    `model`: of the bench, and behind a plus the family of its analyzer where that is no 1260.
    """

    fault: str
    segment: str
    phase: str
    seed: int = 0
    unit: int | str = "ideal"
    model: str = "solartron"

    def __str__(self) -> str:
        unit = "" if self.unit == "ideal" else f", unit {self.unit}"
        model = "" if self.model == "solartron" else f", {self.model}"
        return f"{self.fault}, {self.segment}, {self.phase}, {self.seed}{unit}{model}"


@dataclass
class Played:
    """What came of a cell: the run's events, how it ended, the truth; `begun_s` is when the fault began (s)."""

    result: Result
    events: list[Event]
    looked: list[Looked]
    truth: Looked
    generator_V: float
    opened_s: float | None
    closed_s: float | None
    begun_s: float | None
    transfers: int
    pauses_of_user: int = 0
    safe_at_pauses: list[bool] = field(default_factory=list)
    first_off_s: float | None = None  # when the cell was switched off for the program's first pause (s)

    def of(self, kind: str) -> list[Event]:
        """Return the events of one kind."""
        return [event for event in self.events if event.kind == kind]

    @property
    def off_after_s(self) -> float | None:
        """Return how long after the fault the cell was off for good, or for the first pause, in s; None if never."""
        if self.truth.closed or self.begun_s is None:
            return None
        off_s = self.opened_s if self.first_off_s is None else self.first_off_s
        return max(0.0, (off_s or 0.0) - self.begun_s)

    @property
    def is_verified(self) -> bool:
        """Say whether the run says that the cell is verified off; on a full disk only its result may say it."""
        ends = self.of("end")
        return ends[-1].body.verified_safe if ends else "NOT VERIFIED SAFE" not in self.result.reason

    @property
    def is_safe(self) -> bool:
        """Say whether nothing drives the cell: relay open, generator at zero."""
        return not self.truth.closed and self.generator_V == 0.0


def cells(seed: int = 0) -> list[Cell]:
    """Return every cell of the table."""
    return [Cell(fault, segment, phase, seed) for fault in FAULTS for segment in SEGMENTS for phase in PHASES]


@cache
def without(segment: str, paused: bool, unit: int | str = "ideal", model: str = "solartron") -> Played:
    """Return the run without a fault, in which a user pauses or not."""
    pause_at_s = _half(segment, unit, model) if paused else inf
    return _play(segment, pause_at_s, random.Random(0), None, 0.0, bench_of(segment, unit, model))


def bench_of(segment: str, unit: int | str, model: str) -> BenchFile:
    """Return the bench on which a segment is played."""
    model, _, family = model.partition("+")
    made = quiet_bench(unit=unit).model_copy(update={"model": model})
    if family:
        made = made.model_copy(
            update={
                "analyzer_1260": InstrumentEntry(settings={"family": family}),
                "simulation": {**made.simulation, "analyzer": {"family": family}},
            }
        )
    if not made.known_model.signs_of:
        made = made.model_copy(update={"positive_terminal": None})
    return with_chamber(made, lakeshore=str(unit).isdecimal()) if segment == "Condition" else made


def play(cell: Cell) -> Played:
    """Play a cell."""
    draw = random.Random(str(cell))
    phase = PHASES[cell.phase]
    begins_s = draw.uniform(*phase.of(without(cell.segment, phase.paused, cell.unit, cell.model).events))
    bench = bench_of(cell.segment, cell.unit, cell.model)
    pause_at_s = _half(cell.segment, cell.unit, cell.model) if phase.paused else inf
    return _play(cell.segment, pause_at_s, draw, cell.fault, begins_s, bench)


def _play(
    segment: str, pause_at_s: float, draw: random.Random, fault: str | None, begins_s: float, bench: BenchFile
) -> Played:
    with TemporaryDirectory() as folder, stage(draw, Path(folder)) as played:
        return _played(segment, pause_at_s, fault, begins_s, played, bench)


class _User:
    """Pauses the run at half of it where that is wanted, and comes once when the program calls."""

    def __init__(self, played: Stage, control: RunControl, pause_at_s: float) -> None:
        self._stage = played
        self._control = control
        self._pause_at_s = pause_at_s
        self._came = False
        self.pauses = 0
        self.safe: list[bool] = []
        self.first_off_s: float | None = None

    def hear(self, event: Event) -> None:
        if event.kind in ("sample", "point") and event.time_s >= self._pause_at_s:
            self._pause_at_s = inf
            self._control.ask(Verb.PAUSE, "a user")
        if event.kind != "paused":
            return
        self.safe.append(not self._stage.look().closed)
        clock = self._stage.clock
        if event.body.by == "user":
            self.pauses += 1
            clock.advance_to(clock.now() + PAUSE_S)
        elif self._came:
            self._stage.free_bytes = None  # else it waits for room for ever
            return
        else:
            self._came = True
            self.first_off_s = self._stage.bench.truth.opened_s or 0.0
            clock.advance_to(clock.now() + COMES_AFTER_S)
            self._stage.mend()
        self._control.ask(Verb.RESUME, "a user")


def _played(
    segment: str, pause_at_s: float, fault: str | None, begins_s: float, played: Stage, bench: BenchFile
) -> Played:
    control, events = RunControl(), list[Event]()
    user = _User(played, control, pause_at_s)

    def opened(bench: object) -> None:
        played.bench = bench.truth  # type: ignore[attr-defined]
        if fault is not None:
            played.clock.at(begins_s, begin)

    def begin() -> None:
        played.begun_s = played.clock.now()
        FAULTS[fault].begins(played)

    bench = bench.model_validate({**bench.model_dump(exclude_unset=True), "reconnect_for": RECONNECT_FOR})
    with watched_benches(opened):
        wanted = request(played.folder / "a.h5", protocol_of(segment), CELL, bench)
        result = run_it(wanted, events.append, user.hear, run_control=control)
    generator = played.bench._analyzer.generator
    return Played(
        result,
        events,
        played.looked,
        played.look(),
        max(abs(generator.amplitude_V), abs(generator.bias_V)),
        played.bench.truth.opened_s,
        played.bench.truth.closed_s,
        played.begun_s,
        played.transfers,
        user.pauses,
        user.safe,
        user.first_off_s,
    )


def with_chamber(bench: BenchFile, *, lakeshore: bool) -> BenchFile:
    """Return a bench with a chamber around the cell, whose controller is one with Modbus or a Lake Shore."""
    of = parse_bench(LAKESHORE if lakeshore else CHAMBER, "chamber.yaml")
    return bench.model_copy(update={"gauges": of.gauges, "chamber": of.chamber})


def _half(segment: str, unit: int | str, model: str) -> float:
    begins_s, ends_s = PHASES["holding"].of(without(segment, False, unit, model).events)
    return 0.5 * (begins_s + ends_s)
