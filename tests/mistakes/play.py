"""Plays a mistake on the simulated bench, and judges by codes alone when the program caught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.bench.scenario import Scenario, parse_scenario
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Alarm, Event, SegmentStart
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.session import Result
from solbench.acquisition.run.start import Request, start
from solbench.analysis.experiments.registry import EXPERIMENTS
from solbench.analysis.summary import Summary, summarise
from solbench.protocols import (
    BadInput,
    CellRecord,
    Protocol,
    check,
    dump_cell,
    load_cell,
    parse_cell,
    raise_errors,
    with_settings,
)
from solbench.protocols.files import dump_text, parse_text
from solbench.protocols.segments import Prompt
from solbench.simulators.electronics.circuit import Circuit
from tests.acquisition.runs import watched_benches
from tests.mistakes.plans import plan_of

Stage = Literal["before", "during", "after", "never"]
STAGES: tuple[Stage, ...] = ("before", "during", "after", "never")
WATCHED_EVERY, NEAR_LIMIT = (
    "20 s",
    "1 s",
)  # these benches are looked at less often, or the tests would take an hour


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: a plan on the cell `record`, and what is other than it should be.

    `said`: fields of the build in the record as it is typed (`electrolyte.` before those of the electrolyte; `record`
    names another record). `typed`: values of the protocol that are wrong. `truth`: the rest of a scenario file.
    `bench`: wrong settings of the instruments, as a hand at the front panel leaves them. `caught`: when it has to be
    caught at the latest; `why`: the reason, where it never is. `obeys`: whether a person sets the temperature that
    a run asks for, before it is confirmed.
    """

    words: str
    plan: str
    record: str = "nps"
    said: dict[str, str] = field(default_factory=dict)
    typed: tuple[str, ...] = ()
    truth: str = ""
    bench: dict[str, Any] = field(default_factory=dict)
    caught: Stage = "never"
    why: str = ""
    obeys: bool = True

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Played:
    """What came of a run: codes of findings, of what stopped it on its way, and of doubts about what it says.

    `happened`: whether all that changes in the truth had begun when the run ended, or nothing was driven before that.
    """

    findings: frozenset[str] = frozenset()
    stops: tuple[str, ...] = ()
    drove: bool = False
    doubts: tuple[str, ...] = ()
    outcome: str = ""
    happened: bool = True

    def caught(self, sound: Played) -> tuple[Stage, str]:
        """Return when the mistake was caught and by which code, beside the run `sound` without it."""
        if new := sorted(self.findings - sound.findings):
            return "before", new[0]
        if self.stops:
            return ("during" if self.drove else "before"), self.stops[0]
        if new := [doubt for doubt in self.doubts if doubt not in sound.doubts]:
            return "after", new[0]
        return "never", ""


def record_of(mistake: Mistake) -> CellRecord:
    """Return the record as it is typed."""
    said = dict(mistake.said)
    record = load_cell(said.pop("record", mistake.record))
    data = parse_text(dump_cell(record), "typed.yaml")
    build = plan_of(mistake.plan).build if "build" not in said else said.pop("build")
    for name, value in said.items():
        place: Any = data["builds"][build] if "." not in name else data["electrolyte"]  # type: ignore[index,call-overload]
        place[name.rpartition(".")[2]] = value
    return parse_cell(dump_text(data), "typed.yaml")


def scenario_of(mistake: Mistake) -> Scenario:
    """Return what is truly there: the record as it should be typed, and what else is said of the truth."""
    scenario = parse_scenario(mistake.truth or "name: truth", "truth.yaml")
    if scenario.cell.record is not None:
        return scenario
    mounted = {"record": mistake.record, "build": scenario.cell.build or plan_of(mistake.plan).build}
    given = scenario.cell.model_copy(update=mounted)
    return scenario.model_copy(update={"cell": given})


def protocol_of(mistake: Mistake) -> Protocol:
    """Return the protocol as it is typed; raises BadInput."""
    return with_settings(plan_of(mistake.plan), mistake.typed) if mistake.typed else plan_of(mistake.plan)


@cache
def sound(plan: str, record: str) -> Played:
    """Return the run without a mistake."""
    return play(Mistake("none", plan, record))


def sound_beside(mistake: Mistake) -> Played:
    """Return the run without a mistake of what is said, beside which a mistake is judged."""
    return sound(mistake.plan, mistake.said.get("record", mistake.record))


def play(mistake: Mistake, seed: int = 0) -> Played:
    """Play a mistake, as far as the program lets it go."""
    try:
        record, protocol = record_of(mistake), protocol_of(mistake)
        findings = check(protocol, record)
        codes = frozenset(f"{found.grade} {found.code}" for found in findings)
        raise_errors(findings, protocol.name, record.name)
    except BadInput as refused:
        return Played(findings=frozenset({f"error {refused.field}"}), outcome="refused")
    with TemporaryDirectory() as folder:
        return _run(mistake, record, protocol, codes, Path(folder) / "a.h5", seed)


def _run(
    mistake: Mistake, record: CellRecord, protocol: Protocol, codes: frozenset[str], run: Path, seed: int
) -> Played:
    bench = BenchFile(
        name="bench",
        kind="simulated",
        positive_terminal="we_re2",
        max_unwatched="2 s" if mistake.plan == "held" else WATCHED_EVERY,
        near_limit="0.2 s" if mistake.plan == "held" else NEAR_LIMIT,
        simulation=mistake.bench,
    )
    events: list[Event] = []
    benches: list[Bench] = []
    control = RunControl()

    def look(event: Event) -> None:
        events.append(event)
        body = event.body
        if isinstance(body, SegmentStart) and isinstance(body.segment, Prompt):
            asked_K = body.segment.temperature_K
            if asked_K is not None and mistake.obeys:
                there = benches[-1].truth
                assert there is not None
                there.cell.temperature_K = asked_K
        elif isinstance(body, Alarm) and body.code == "prompt":
            control.ask(Verb.RESUME, "a person")

    request = Request(
        protocol, record, bench, dump_bench(bench), run, seed, None, mistake.typed, scenario_of(mistake)
    )
    with watched_benches(benches.append):
        result = start(request, control, [look])
    drove, doubts = _drove(events), tuple(_doubts(events, summarise(open_run(run))))
    happened = not drove or _has_happened(benches[-1])
    return Played(codes, tuple(_stops(events, result)), drove, doubts, result.outcome, happened)


def _has_happened(bench: Bench) -> bool:
    assert bench.truth is not None
    circuit = bench.truth.truth.stage.cell
    assert isinstance(circuit, Circuit)
    return all(begun_s >= 0.0 for begun_s in circuit.memory[1::2])


def _of(events: Sequence[Event], kind: str) -> list[Any]:
    return [event.body for event in events if event.kind == kind]


def _drove(events: Sequence[Event]) -> bool:
    return any(edge.connected for edge in _of(events, "edge"))


def _stops(events: Sequence[Event], result: Result) -> list[str]:
    """Return the codes of what kept a run from going on as it was planned."""
    failed = [line.code for check in _of(events, "start_check") for line in check.findings if not line.passed]
    stops = [f"start check {code}" for code in failed]
    stops += [f"alarm {alarm.code}" for alarm in _of(events, "alarm") if alarm.code != "prompt"]
    stops += [f"repeated {end.quantity}" for end in _of(events, "segment_end") if end.outcome == "repeat"]
    if result.outcome != "completed":
        stops.append(f"outcome {result.outcome}")
    return stops


def _doubts(events: Sequence[Event], summary: Summary) -> list[str]:
    """Return the codes of what is said against the numbers of a run."""
    doubts = [f"compared {one.code}" for one in _of(events, "compared")]
    doubts += [f"spectrum {spectrum.verdict}" for spectrum in summary.spectra if spectrum.verdict != "good"]
    conclusions = {
        "growth": summary.r_interface_growth_ohm,
        "ionic conductivity": summary.ionic_conductivity_S_cm,
        "electronic conductivity": summary.electronic_conductivity_S_cm,
        "efficiency": next(iter(summary.coulombic_efficiency), None),
    }
    told = [number for experiment in summary.experiments for number in experiment.numbers]
    conclusions |= {number.name: number.value for number in told}
    doubts += [f"no {name}" for name, value in conclusions.items() if value is None]
    named = {experiment.name for experiment in summary.experiments if experiment.numbers}
    missed = [one.name for one in EXPERIMENTS if summary.protocol in one.protocols and one.name not in named]
    return doubts + [f"no {name}" for name in missed]
