"""Progress is a fold: every prefix of a journal is a state from which the run goes on to the same end."""

import random
import shutil
from pathlib import Path

import pytest

from solbench.acquisition.engine.switch import close_gap
from solbench.acquisition.record.events import IN_DOUBT, Edge, Event, SwitchAction, SwitchIntent
from solbench.acquisition.record.journal import Journal, read_journal
from solbench.acquisition.record.progress import close_dangling_segment, fold
from solbench.acquisition.record.recorder import Recorder
from solbench.acquisition.run.start import world_path
from solbench.simulators.bench import read_world
from tests.acquisition.runs import (
    CURRENT_A,
    SHORT,
    SHORT_C,
    TINY,
    request,
    resume_it,
    run_it,
    seen_run,
    watched_benches,
)
from tests.records import body


def test_every_prefix_folds_and_no_later_event_takes_anything_back(tiny):
    events = tiny.events
    before = fold([])
    for count in range(1, len(events) + 1):
        state = fold(events[:count])
        assert state.finished >= before.finished
        assert state.samples >= before.samples
        assert state.last_s >= before.last_s
        assert state.ledger.time_s >= before.ledger.time_s
        before = state
    assert before.end == events[-1].body
    assert before.spectra == 2
    assert before.sessions == 1


def test_the_engines_own_state_is_the_fold_at_every_event(tmp_path):
    """Between two events the engine counts readings that are not stored; at each event both agree again."""
    seen, live = [], []

    with watched_benches(live.append), pytest.MonkeyPatch.context() as patched:
        real = Recorder.emit

        def emit(self, time_s, body):
            event = real(self, time_s, body)
            seen.append(event)
            if body.kind != "point":
                folded = fold(seen)
                assert folded.finished == self.progress.finished
                assert folded.attempts == self.progress.attempts
                assert folded.zeros == self.progress.zeros
                assert folded.ledger.connected is self.progress.ledger.connected
                assert folded.ledger.charge_C == pytest.approx(
                    self.progress.ledger.charge_C, abs=2 * CURRENT_A
                )
            return event

        patched.setattr(Recorder, "emit", emit)
        assert run_it(request(tmp_path / "a.h5", SHORT)).completed
    assert fold(seen) == fold(read_journal(tmp_path / "a.journal"))


class Copies:
    """The bench as it was at each event, as a killed program would leave it."""

    def __init__(self, run: Path, folder: Path) -> None:
        self._world = world_path(run)
        self._folder = folder
        self.count = 0

    def __call__(self, event) -> None:
        shutil.copyfile(self._world, self._folder / f"{event.seq}.world")
        self.count += 1


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> tuple[Path, int]:
    folder = tmp_path_factory.mktemp("worlds")
    copies = Copies(folder / "a.h5", folder)
    assert run_it(request(folder / "a.h5", SHORT), copies).completed
    return folder, copies.count


def require_same_end(folder: Path, count: int, place: Path) -> None:
    """Cut the journal to `count` records, put the bench of that moment beside it, and go on."""
    lines = (folder / "a.journal").read_bytes().splitlines(keepends=True)[:count]
    place.mkdir()
    (place / "a.journal").write_bytes(b"".join(lines))
    shutil.copyfile(folder / f"{count - 1}.world", place / "a.world")
    result = resume_it(place / "a.h5")
    assert result.completed, (count, result)
    state = fold(read_journal(place / "a.journal"))
    assert state.spectra == 1
    assert state.ordinal is None
    whole = fold(read_journal(folder / "a.journal"))
    assert (state.finished, state.step_index) == (whole.finished, whole.step_index)
    world = read_world(place / "a.world")
    assert not world.polarized
    assert abs(world.charge_C) == pytest.approx(SHORT_C, abs=CURRENT_A * 20e-3)
    assert state.ledger.charge_C == pytest.approx(world.charge_C, abs=CURRENT_A * 20e-3)


def test_a_run_cut_at_any_event_goes_on_to_the_same_end(recorded, tmp_path):
    folder, count = recorded
    for prefix in sorted(random.Random(15).sample(range(1, count), 3)):
        require_same_end(folder, prefix, tmp_path / str(prefix))


@pytest.mark.long
def test_every_prefix_of_a_short_run_goes_on_to_the_same_end(recorded, tmp_path):
    folder, count = recorded
    assert count > 50
    for prefix in range(1, count):
        require_same_end(folder, prefix, tmp_path / str(prefix))


def test_a_completed_run_is_not_begun_again(tmp_path):
    run = tmp_path / "a.h5"
    assert run_it(request(run, SHORT)).completed
    before = (tmp_path / "a.journal").read_bytes()
    world = read_world(tmp_path / "a.world")
    assert resume_it(run).completed
    assert (tmp_path / "a.journal").read_bytes() == before
    assert read_world(tmp_path / "a.world") == world


def recorder(path: Path) -> Recorder:
    journal = Journal.create(path)
    return Recorder(journal, fold([]))


def edge(action: SwitchAction, expected_A: float) -> Edge:
    return Edge(action=action, connected=True, expected_A=expected_A, charge_C=0.0)


def test_who_listens_hears_the_kinds_of_events_that_were_named_until_nobody_reads_them(tmp_path):
    made = recorder(tmp_path / "a.journal")
    everything: list[str] = []
    edges: list[str] = []

    def broken(event: Event) -> None:
        broken_heard.append(event.kind)
        raise BrokenPipeError

    broken_heard: list[str] = []
    made.listen(lambda event: everything.append(event.kind))
    made.emit(9.0, body("sample"))
    made.listen(broken, Edge)
    made.listen(lambda event: edges.append(event.kind), Edge, SwitchIntent)
    made.emit(10.0, body("sample"))
    made.emit(11.0, edge("on", 0.0))
    made.emit(12.0, edge("current", 1e-6))
    made.emit(13.0, SwitchIntent(action="current", connected=True, expected_A=-126e-6))
    assert everything == ["sample", "sample", "edge", "edge", "switch"]
    assert edges == ["edge", "edge", "switch"]
    assert broken_heard == ["edge"]


def test_the_gap_of_a_dead_program_counts_the_last_current(tmp_path):
    made = recorder(tmp_path / "a.journal")
    made.emit(10.0, edge("current", -126e-6))
    made.emit(12.0, body("sample", voltage_V=0.1, current_A=-125e-6, charge_C=-250e-6, range=5))
    assert close_gap(made, 15.0) == pytest.approx(-125e-6 * 3.0)
    assert not made.progress.ledger.connected
    assert fold(read_journal(tmp_path / "a.journal")) == made.progress


def test_a_switching_that_nobody_saw_finished_counts_from_its_beginning(tmp_path):
    made = recorder(tmp_path / "a.journal")
    made.emit(10.0, edge("on", 0.0))
    made.emit(20.0, SwitchIntent(action="current", connected=True, expected_A=-126e-6))
    assert close_gap(made, 21.0) == pytest.approx(-126e-6)
    assert made.progress.pending_switch is None


def test_with_the_cell_off_there_is_no_gap(tmp_path):
    made = recorder(tmp_path / "a.journal")
    assert close_gap(made, 1e6) == 0.0
    assert list(read_journal(tmp_path / "a.journal")) == []


def test_an_interrupted_sweep_is_kept_and_marked_and_another_one_made(tmp_path):
    from solbench.acquisition.control.run_control import RunControl
    from solbench.acquisition.record.reader import open_run

    run_control = RunControl()
    points = []

    def stop_at_the_fifth(event) -> None:
        if event.kind == "point":
            points.append(event)
            if len(points) == 5:
                run_control.request("stopped by a test")

    seen = seen_run(request(tmp_path / "a.h5", TINY), stop_at_the_fifth, run_control=run_control)
    assert seen.result.outcome == "interrupted"
    assert resume_it(tmp_path / "a.h5").completed
    run = open_run(tmp_path / "a.h5")
    assert [(s.spectrum, s.attempt) for s in run.spectra] == [(1, 2), (2, 1)]
    assert [len(run.points_of(spectrum)) for spectrum in run.spectra] == [9, 9]
    assert len(run.points) == 23


def test_the_reading_that_ended_a_driven_segment_is_none_at_rest(tiny):
    deciding = [event for event in tiny.events if event.kind == "sample" and event.body.deciding]
    assert deciding
    for event in deciding:
        if abs(event.body.current_A) > 1e-6:
            assert fold(tiny.events[: event.seq + 1]).open_V is None


@pytest.mark.parametrize("driven", [False, True])
def test_a_cell_that_stood_connected_without_a_current_of_its_step_adds_no_time_to_it(tmp_path, driven):
    """Killed between switching on and setting the current: nothing of the step was done until somebody came."""
    made = recorder(tmp_path / "a.journal")
    made.emit(0.0, body("segment", ordinal=0, attempt=1))
    made.emit(1.0, edge("on", 0.0))
    if driven:
        made.emit(1.5, edge("current", -1e-4))
    close_gap(made, 61.5)
    ended = close_dangling_segment(made.progress, 0)
    assert ended.duration_s == pytest.approx(61.5 if driven else 1.0)


def test_a_charge_between_two_readings_leaves_the_current_that_was_read(tiny) -> None:
    on = next(
        place for place, event in enumerate(tiny.events) if event.kind == "edge" and event.body.connected
    )
    sample = next(place for place, event in enumerate(tiny.events) if place > on and event.kind == "sample")
    read = fold(tiny.events[: sample + 1])
    assert read.ledger.current_A is not None
    more = Edge(
        action="voltage", connected=True, expected_A=read.ledger.present_A, charge_C=read.ledger.charge_C
    )
    after = fold([*tiny.events[: sample + 1], tiny.events[sample]._replace(body=more)])
    assert (after.ledger.current_A, after.ledger.unread_A) == (read.ledger.current_A, 0.0)


def test_what_is_in_doubt_is_no_interruption(tiny) -> None:
    started = next(event for event in tiny.events if event.kind == "segment")
    begun = tiny.events[: tiny.events.index(started) + 1]

    def with_gaps(*causes: str) -> int:
        gaps = [body("gap", cause=cause, step=0) for cause in causes]
        more = [Event(started.seq + n, started.time_s, gap) for n, gap in enumerate(gaps, start=1)]
        return fold([*begun, *more]).interruptions

    assert with_gaps("connection", "asleep") == 2
    assert with_gaps("connection", *IN_DOUBT) == 1
