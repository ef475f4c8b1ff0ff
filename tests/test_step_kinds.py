"""Every registered kind of step goes through the whole program: a kind that something does not know fails here.

Most of it runs on the simulated bench, from the kind's own example.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import solbench.protocols.kinds
from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer, Verb
from solbench.acquisition.engine.techniques.table import TECHNIQUES
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.analysis.exports.expressions import EXPRESSIONS
from solbench.analysis.exports.formats import FORMATS, export_run
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece
from solbench.analysis.exports.pybamm import to_pybamm
from solbench.analysis.exports.unicycler import to_unicycler
from solbench.analysis.report.make import write_report
from solbench.analysis.report.words import steps_in_words
from solbench.analysis.summary import summarise
from solbench.gui.models.protocol.form import fields_of, problem
from solbench.gui.models.protocol.protocol_editor import ProtocolEditor
from solbench.gui.models.protocol.wording import step_words
from solbench.gui.models.run.log import segment_word
from solbench.protocols import BadInput, Build, Protocol, check, estimate, load_cell, plan, with_settings
from solbench.protocols.files import Fields
from solbench.protocols.kinds import SEGMENT_KINDS, STEP_KINDS, kind_of_segment
from solbench.protocols.kinds.loop import KIND as LOOP
from solbench.protocols.kinds.prompt import PROMPT
from solbench.protocols.kinds.record import AnyStepKind
from solbench.protocols.kinds.registry import complete, new_step
from solbench.protocols.plan import step_segments
from solbench.protocols.protocol import dump_protocol, from_data, parse_protocol, to_data
from solbench.protocols.segments import Prompt, Record, Rest, Segment, StepRef, Sweep
from tests.acquisition.asked import asking, sessions
from tests.acquisition.runs import Seen, request, resume_it, seen_run
from tests.tiers import few

CELL = load_cell("nbh")
MEASURED_KINDS = [kind for kind in STEP_KINDS if kind != LOOP.name]
EVERY = pytest.mark.parametrize("walked", STEP_KINDS, indirect=True)
MEASURED = pytest.mark.parametrize("walked", MEASURED_KINDS, indirect=True)


def all_but(kinds: Iterable[str], *dear: str) -> pytest.MarkDecorator:
    """Return the mark for a test of these kinds, some of which are left to the long tests: they are walked anyway."""
    kinds = list(kinds)
    return few("walked", kinds, [kinds.index(kind) for kind in kinds if kind not in dear], indirect=True)


@dataclass(frozen=True)
class Walked:
    """A kind with a protocol that holds one step of it, as its example has it."""

    kind: AnyStepKind
    protocol: Protocol
    folder: Path

    @property
    def step(self) -> Fields:
        return to_data(self.protocol)["steps"][0]

    @property
    def build(self) -> Build:
        return CELL.build(self.protocol.build)

    @cached_property
    def planned(self) -> list[Segment]:
        return list(plan(self.protocol, self.build))

    @cached_property
    def run(self) -> Path:
        return self.folder / f"{self.kind.name}.h5"

    @cached_property
    def seen(self) -> Seen:
        """The whole run, carried out once."""
        return seen_run(request(self.run, self.protocol, CELL))


SHORTER: dict[str, Fields] = {
    "dc_polarization": {"baseline": "1 min", "at_most": "20 min"},  # of hours, a reading a second
    "constant_voltage": {"until": {"time": "2 min"}},
    "impedance": {"to": "100 Hz"},
}


def with_example(kind: AnyStepKind, build: str) -> Protocol:
    head: Fields = {
        "name": f"one {kind.name}",
        "build": build,
        "conditions": {"temperature": "25 degC", "stack_pressure": "unknown"},
        "record": {"every": "10 s"},
    }
    return from_data(
        {**head, "steps": [{"name": "walked", **new_step(kind), **SHORTER.get(kind.name, {})}]}, kind.name
    )


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Walked]:
    return {}


@pytest.fixture
def walked(
    request: pytest.FixtureRequest, walks: dict[str, Walked], tmp_path_factory: pytest.TempPathFactory
) -> Walked:
    """The kind on the first build on which its example can run."""
    kind = STEP_KINDS[request.param]
    if kind.name not in walks:
        protocols = [with_example(kind, build) for build in CELL.builds]
        fit = [each for each in protocols if not check(each, CELL)]
        assert fit, [str(finding) for finding in check(protocols[0], CELL)]
        walks[kind.name] = Walked(kind, fit[0], tmp_path_factory.mktemp(kind.name))
    return walks[kind.name]


def test_every_file_of_the_room_that_defines_a_kind_is_registered() -> None:
    room = solbench.protocols.kinds
    modules = [
        importlib.import_module(f"{room.__name__}.{found.name}")
        for found in pkgutil.iter_modules(room.__path__)
    ]
    defined = [module.KIND for module in modules if hasattr(module, "KIND")]
    assert sorted(kind.name for kind in defined) == sorted(STEP_KINDS)
    assert all(kind.name == kind.model.model_fields["kind"].default for kind in defined)


def test_the_tables_of_the_other_rooms_are_complete_and_hold_nothing_else() -> None:
    registered = {kind.segment for kind in SEGMENT_KINDS.values()}
    assert set(TECHNIQUES) == set(EXPRESSIONS) == registered


def test_a_table_that_lacks_a_kind_is_refused_by_name() -> None:
    short = {kind.segment: 0 for kind in SEGMENT_KINDS.values() if kind.name != "Sweep"}
    with pytest.raises(TypeError, match="words of a test: there is nothing for Sweep"):
        complete(short, "words of a test")


def test_a_segment_of_no_registered_kind_is_refused_by_everything_that_looks_it_up() -> None:
    class Stray(Segment):
        """Like a kind that was not registered."""

    with pytest.raises(KeyError):
        kind_of_segment(Stray(StepRef(0, "a", "stray", "steps.a")))


@pytest.mark.parametrize(
    ("holds", "sets"), [("current", None), ("voltage", {"current_A": lambda _segment: 1e-4})]
)
def test_a_kind_of_segment_says_which_current_it_holds_if_it_holds_one(holds: Any, sets: Any) -> None:
    like = kind_of_segment(Rest(StepRef(0, "a", "rest", "steps.a"), 1.0, 1.0))
    with pytest.raises(TypeError, match="Rest: `current_A`"):
        replace(like, holds=holds, **(sets or {}))


@EVERY
def test_its_example_reads_back_as_it_is_written(walked: Walked) -> None:
    text = dump_protocol(walked.protocol)
    assert parse_protocol(text, "again") == walked.protocol
    assert f"kind: {walked.kind.name}" in text


@EVERY
def test_set_changes_each_of_its_fields_and_names_one_that_there_is_not(walked: Walked) -> None:
    quantities = [field for field in fields_of(walked.kind.model) if field.kind == "quantity"]
    assert quantities or walked.kind is LOOP
    for name in {field.name for field in quantities} & walked.step.keys():
        path = f"steps.walked.{name}"
        assert with_settings(walked.protocol, [f"{path}={walked.step[name]}"]) == walked.protocol
        with pytest.raises(BadInput) as refused:
            with_settings(walked.protocol, [f"{path}=3 furlongs"])
        assert refused.value.field == path
    with pytest.raises(BadInput, match="there is no field 'colour'"):
        with_settings(walked.protocol, ["steps.walked.colour=red"])


@EVERY
def test_it_plans_what_its_record_says_and_costs_time(walked: Walked) -> None:
    made = {kind_of_segment(segment) for segment in walked.planned}
    assert made
    assert made <= set(walked.kind.segments) or walked.kind is LOOP
    expected = estimate(walked.protocol, walked.build)
    assert expected.duration_s > 0
    assert expected.samples > 0
    assert {segment.step.path for segment in walked.planned} == {step.path for step in expected.steps}


@MEASURED
def test_its_readings_are_stored_as_the_protocol_says_and_what_drives_the_cell_needs_its_leads(
    walked: Walked,
) -> None:
    rule = walked.protocol.record
    assert rule is not None
    for segment in walked.planned:
        if not isinstance(segment, Sweep):  # all of its readings are
            record: Record = getattr(segment, "record", Record(every_s=0.0))
            assert record.every_s == rule.every.value
    if any(kind_of_segment(segment).holds for segment in walked.planned):
        assert walked.kind.leads(walked.protocol.steps[0]) == "pair"


def absurd(walked: Walked) -> list[str]:
    """The step's own currents and voltages, each set to a value that no bench has."""
    return [
        f"steps.walked.{field.name}={text}"
        for field in fields_of(walked.kind.model)
        for kind, text in (("current", "900 A"), ("voltage", "900 V"))
        if field.accepts is not None and kind in field.accepts.kinds
    ]


@MEASURED
def test_a_current_or_voltage_that_no_bench_has_is_found(walked: Walked) -> None:
    for setting in absurd(walked):
        assert is_refused(walked, setting), setting


def is_refused(walked: Walked, setting: str) -> bool:
    try:
        found = check(with_settings(walked.protocol, [setting]), CELL)
    except BadInput:  # a current where a voltage is set, or the reverse
        return True
    return any(finding.grade == "error" for finding in found)


@EVERY
def test_it_is_described_to_people(walked: Walked) -> None:
    words = step_words(walked.step)
    assert words
    assert "?" not in words
    assert step_words({"kind": walked.kind.name}), "nothing is typed yet"
    assert len(walked.kind.model.__doc__ or "") > 10


@EVERY
def test_the_window_makes_a_new_one_with_a_form_and_nothing_is_wrong_with_it(walked: Walked) -> None:
    editor = ProtocolEditor("half-cell")
    editor.new()
    editor.set("walked", "name")
    editor.set(walked.protocol.build, "build")
    editor.set_cell(CELL)
    editor.add(walked.kind.name)
    assert editor.judgement.runnable, [str(finding) for finding in editor.judgement.findings]
    assert {"name", "notes"} < {field.name for field in editor.form}
    for field in editor.form:
        if isinstance(typed := editor.value(field.name), str):
            assert problem(field, typed) == ""
    assert editor.about


@EVERY
def test_it_runs_to_its_own_end_and_every_planned_segment_is_carried_out(walked: Walked) -> None:
    seen = walked.seen
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    assert [event.body.name for event in seen.of("segment")] == [
        type(segment).__name__ for segment in walked.planned
    ]
    assert {event.body.outcome for event in seen.of("segment_end")} <= {"done", "segment", "step"}
    assert seen.of("sample")
    assert seen.is_safe


@EVERY
def test_every_export_holds_it_or_says_that_it_is_lost(walked: Walked, tmp_path: Path) -> None:
    assert walked.seen.result is not None
    has_spectra = bool(walked.seen.of("spectrum"))
    for form in FORMATS:
        if form == "bdf-parquet" or (form == "z" and not has_spectra):
            continue
        assert export_run(walked.run, form, tmp_path / form), form
    for translate in (to_pybamm, to_unicycler):
        whole, losses = translate(walked.protocol, walked.build)
        nodes = whole["method"] if isinstance(whole, dict) else whole
        assert nodes or any(place.startswith("steps.walked") for place, _ in losses.entries)


@MEASURED
def test_each_segment_has_an_expression_or_a_loss_of_its_own(walked: Walked) -> None:
    for segment in step_segments(walked.protocol, walked.build, walked.protocol.steps[0]):
        expression = EXPRESSIONS[type(segment)]
        for write in (expression.pybamm, expression.unicycler):
            losses = Losses()
            assert list(write(Piece("here", segment, None), losses)) or losses.entries


@all_but(STEP_KINDS, "impedance", "dc_polarization")
def test_summary_report_and_log_know_it(walked: Walked, tmp_path: Path) -> None:
    assert walked.seen.result is not None
    run = open_run(walked.run)
    assert {step.kind for step in summarise(run).steps} == {segment.step.kind for segment in walked.planned}
    sentence = steps_in_words(run)[0]
    assert sentence.startswith("walked: ")
    assert walked.kind.name not in sentence or "_" not in walked.kind.name, "words, not the name in files"
    write_report([walked.run], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "walked" in page
    for segment in walked.planned:
        assert segment_word(type(segment).__name__) == kind_of_segment(segment).words


def first_end(seen: Seen) -> Event:
    return seen.of("segment_end")[0]


def halfway(seen: Seen) -> Callable[[Event], bool]:
    """Say yes once, at the first reading or point after half of the first segment."""
    begun_s = seen.of("segment")[0].time_s
    at_s = begun_s + 0.5 * first_end(seen).body.duration_s
    met: list[Event] = []

    def when(event: Event) -> bool:
        if met or event.kind not in ("sample", "point") or event.time_s < at_s:
            return False
        met.append(event)
        return True

    return when


@all_but(MEASURED_KINDS, "voltammetry", "dc_polarization")
def test_an_interrupted_one_is_resumed_as_its_record_says(walked: Walked, tmp_path: Path) -> None:
    whole_s = first_end(walked.seen).body.duration_s
    run_control, when = RunControl(), halfway(walked.seen)

    def stop(event: Event) -> None:
        if when(event):
            run_control.ask(Verb.STOP, "a test")

    path = tmp_path / "r.h5"
    seen = seen_run(request(path, walked.protocol, CELL), stop, run_control=run_control)
    assert seen.result is not None
    assert seen.result.outcome == "interrupted"
    cut_s = first_end(seen).body.duration_s
    later: list[Event] = []
    kind = kind_of_segment(walked.planned[0])
    if kind.resumed == "refused":
        refused = resume_it(path, later.append)
        assert (refused.completed, refused.outcome) == (False, "cut_short")
        assert kind.refuses_resume in refused.reason
        assert not [event for event in later if event.kind == "switch"]
        return
    assert resume_it(path, later.append).completed
    again = next(event for event in later if event.kind == "segment_end")
    assert again.body.ordinal == first_end(seen).body.ordinal
    again_s = again.body.duration_s
    continued = abs(cut_s + again_s - whole_s) < abs(again_s - whole_s)
    assert ("continued" if continued else "repeated") == kind.resumed


@all_but(MEASURED_KINDS, "constant_voltage", "dc_polarization")
def test_a_spectrum_on_demand_is_measured_or_refused_as_its_record_says(
    walked: Walked, tmp_path: Path
) -> None:
    kind, answers, shortest = kind_of_segment(walked.planned[0]), list[Answer](), SpectrumRequest(rest="2 s")
    if walked.build.kind in ("pellet", "dc"):
        shortest = replace(shortest, stop="1 kHz")
    with sessions() as made:
        look = asking(halfway(walked.seen), made, shortest, answers)
        seen = seen_run(request(tmp_path / "r.h5", walked.protocol, CELL), look)
    assert seen.result is not None
    assert seen.result.completed
    assert [answer.accepted for answer in answers] == [not kind.refuses_spectrum]
    is_asked = isinstance(walked.planned[0], Prompt)  # where no chamber does it, a paused run refuses first
    refusals = {kind.refuses_spectrum, *([PROMPT.refuses_spectrum] if is_asked else [])}
    assert answers[0].accepted or answers[0].text in refusals
    assert len(seen.of("asked")) == answers[0].accepted
