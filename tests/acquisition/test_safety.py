"""Every way out leaves the cell off: looked at behind the wire, not asked of the program."""

import random

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.engine.techniques import table
from solbench.acquisition.record import journal as journal_module
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from solbench.protocols import load_cell
from solbench.protocols.cells import dump_cell, parse_cell
from solbench.protocols.segments import ConstantCurrent, Sweep
from solbench.simulators.bench import read_world
from tests.acquisition.runs import CURRENT_A, SHORT, SHORT_C, Seen, quiet_bench, request, resume_it, seen_run
from tests.tiers import few

BRIEF = SHORT.replace("record:", "interruptions: {wait_for_user: 1 min}\nrecord:")  # where nobody comes


class CancelAt(RunControl):
    """Asks for the stop, or raises, at the n-th look of the clock."""

    def __init__(self, n: int, error: type[BaseException] | None = None) -> None:
        super().__init__()
        self.looks = 0
        self._n = n
        self._error = error

    def poll(self) -> None:
        self.looks += 1
        if self.looks >= self._n and self._error is not None and not self.shielded:
            error, self._error = self._error, None
            raise error
        if self.looks == self._n and self._error is None:
            self.request("stopped by a test")
        super().poll()


class ReadingEverything(RunControl):
    """Counts the looks of a run that nobody stops."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def poll(self) -> None:
        self.looks += 1
        super().poll()


@pytest.fixture(scope="module")
def looks(tmp_path_factory) -> int:
    """How often the clock of a short run looks."""
    counting = ReadingEverything()
    seen = seen_run(request(tmp_path_factory.mktemp("n") / "a.h5", SHORT), run_control=counting)
    assert seen.result.completed
    return counting.looks


def require_resumable(seen: Seen) -> None:
    """The run goes on to its end, with the charge as if nothing had happened."""
    result = resume_it(seen.result.run)
    assert result.completed, result
    world = read_world(seen.result.run.with_suffix(".world"))
    assert not world.polarized
    sessions = sum(event.kind == "session" for event in read_journal(seen.result.run.with_suffix(".journal")))
    assert abs(world.charge_C) == pytest.approx(SHORT_C, abs=20e-3 * CURRENT_A * max(sessions - 1, 1))


def stopped_at(folder, n: int) -> Seen:
    seen = seen_run(request(folder / f"{n}.h5", SHORT), run_control=CancelAt(n))
    assert seen.is_safe
    assert seen.result.outcome in ("interrupted", "completed")
    run = open_run(seen.result.run)
    assert run.completed is seen.result.completed
    assert [event.seq for event in read_journal(run.path.with_suffix(".journal"))][-1] == seen.events[-1].seq
    return seen


def test_stopped_at_any_look_of_the_clock_the_cell_is_off(tmp_path, looks):
    assert looks > 200
    draw = random.Random(1)
    for number, n in enumerate(sorted(draw.sample(range(1, looks + 1), 4))):
        seen = stopped_at(tmp_path, n)
        if number % 3 == 0 and not seen.result.completed:
            require_resumable(seen)


@pytest.mark.long
def test_stopped_at_every_look_of_the_clock_the_cell_is_off_and_the_run_goes_on(tmp_path, looks):
    stopped = 0
    for n in range(1, looks + 1):
        seen = stopped_at(tmp_path, n)
        if not seen.result.completed:
            stopped += 1
            require_resumable(seen)
    assert stopped > 0.8 * looks


@few(
    "error", [KeyboardInterrupt, ZeroDivisionError, pytest.param(MemoryError, marks=pytest.mark.long)], (0, 1)
)
def test_an_error_out_of_nowhere_leaves_the_cell_off_and_the_file_finished(tmp_path, looks, error):
    draw = random.Random(error.__name__)
    for n in draw.sample(range(1, looks - 20), 2):
        run_control = CancelAt(n, error)
        run = tmp_path / f"{n}.h5"
        benches = []
        with pytest.raises(error):
            seen_run(request(run, SHORT), benches.append, run_control=run_control)
        world = read_world(run.with_suffix(".world"))
        assert not world.polarized
        assert not open_run(run).completed
        assert open_run(run).end.outcome == "fault"


def test_an_error_of_the_system_ends_the_run_as_a_fault(tmp_path, looks):
    run_control = CancelAt(looks // 2, OSError)
    result = seen_run(request(tmp_path / "a.h5", SHORT), run_control=run_control).result
    assert result.outcome == "fault"
    assert not read_world(tmp_path / "a.world").polarized
    assert resume_it(tmp_path / "a.h5").completed


@pytest.mark.parametrize("kind", [ConstantCurrent, Sweep])
def test_a_technique_that_breaks_leaves_the_cell_off(tmp_path, monkeypatch, kind):
    real = table.TECHNIQUES[kind]

    def breaking(station, segment):
        for number, action in enumerate(real(station, segment)):
            yield action
            if number == 6:
                raise ArithmeticError("a mistake in the program")

    monkeypatch.setitem(table.TECHNIQUES, kind, breaking)
    with pytest.raises(ArithmeticError):
        seen_run(request(tmp_path / "a.h5", SHORT))
    assert not read_world(tmp_path / "a.world").polarized
    monkeypatch.undo()
    assert resume_it(tmp_path / "a.h5").completed


def on_event(kind: str, number: int, act):
    """A listener that acts at the n-th event of a kind."""
    found = []

    def listen(event) -> None:
        if event.kind == kind:
            found.append(event)
            if len(found) == number:
                act()

    return listen


def with_fault(tmp_path, fault, kind: str = "sample", number: int = 8, protocol: str = BRIEF) -> Seen:
    """A run in which a fault begins at the n-th event of a kind."""
    from tests.acquisition.runs import Event, run_it, watched_benches

    seen = Seen()

    def listen(event: Event) -> None:
        seen.events.append(event)

    def opened(bench) -> None:
        seen.bench = bench

    act = on_event(kind, number, lambda: fault(seen.bench.truth.faults))
    with watched_benches(opened):
        seen.result = run_it(request(tmp_path / "a.h5", protocol), listen, act)
    return seen


@few(
    ("number", "fault"),
    [
        pytest.param(4, lambda faults: faults.set_leads(loose_reference=True), id="RE1 fell off early"),
        pytest.param(13, lambda faults: faults.set_leads(loose_reference=True), id="RE1 fell off late"),
        pytest.param(8, lambda faults: faults.set_leads(loose_counter=True), id="CE fell off"),
        pytest.param(4, lambda faults: faults.refuse("1287", "PC", 4), id="current refused"),
        pytest.param(13, lambda faults: faults.overload("1287", 1), id="overload"),
    ],
    (1, 2, 3, 4),
)
def test_a_fault_of_the_bench_ends_the_run_with_the_cell_off(tmp_path, fault, number):
    seen = with_fault(tmp_path, fault, number=number)
    assert not seen.result.completed
    assert seen.result.outcome in ("fault", "limit")
    assert len(seen.result.reason) > 20
    assert seen.is_safe
    assert not open_run(seen.result.run).completed


@pytest.mark.parametrize("number", [2, 12])
def test_a_dead_1260_does_not_keep_the_1287_from_opening_the_cell(tmp_path, number):
    seen = with_fault(tmp_path, lambda faults: faults.kill("1260"), number=number)
    assert seen.result.outcome == "fault"
    assert not seen.truth.polarized


def test_a_dead_1287_is_said_loudly_and_the_next_session_opens_the_cell(tmp_path):
    seen = with_fault(tmp_path, lambda faults: faults.kill("1287"), kind="edge", number=2)
    assert seen.result.outcome == "fault"
    assert "NOT VERIFIED SAFE" in seen.result.reason
    assert "Press STANDBY on the 1287" in seen.result.reason
    assert read_world(tmp_path / "a.world").polarized  # nobody can help that from the PC
    result = resume_it(tmp_path / "a.h5")
    assert result.completed
    assert not read_world(tmp_path / "a.world").polarized


def test_a_safety_limit_switches_off_first_and_writes_second(tmp_path):
    seen = with_fault(tmp_path, lambda faults: faults.overload("1287", 1), number=8)
    assert seen.result.outcome == "limit"
    deciding = [event for event in seen.events if getattr(event.body, "deciding", False)][-1]
    off = [event for event in seen.events if event.kind == "edge" and event.body.action == "off"][-1]
    assert off.seq < deciding.seq
    assert "overload" in deciding.body.overload
    end = seen.events[-1].body
    assert (end.completed, end.outcome) == (False, "limit")


def test_a_voltage_limit_trips_at_its_value(tmp_path):
    text = dump_cell(load_cell("nbh")).replace("- -5.0 V", "- 0.4 V", 1)
    protocol = SHORT.replace("0.0005 mAh/cm2", "0.5 mAh/cm2").replace("[50 %]", "[100 %]")
    seen = seen_run(request(tmp_path / "a.h5", protocol, parse_cell(text, "cell.yaml")))
    assert seen.result.outcome == "limit"
    end = seen.events[-1].body
    assert end.limit == pytest.approx(0.4)
    assert 0.39 < end.value <= 0.4
    assert "safety limit" in seen.result.reason
    assert seen.is_safe
    resumed = resume_it(seen.result.run)  # a limit is an end: nothing is switched on again
    assert resumed.outcome == "limit"
    assert seen.events[-1] == list(read_journal(tmp_path / "a.journal"))[-1]


def test_swapped_voltage_leads_are_found_by_the_direction_of_the_voltage(tmp_path):
    """The start window is opened wide here, or the start check would find them first."""
    record = dump_cell(load_cell("nbh")).replace("- -0.2 V", "- -2.5 V", 1)
    protocol = BRIEF.replace("0.0005 mAh/cm2", "0.5 mAh/cm2").replace("[50 %]", "[100 %]")
    protocol = protocol.replace("stack_pressure: unknown", "stack_pressure: unknown, cell_state: used")
    wanted = request(tmp_path / "a.h5", protocol, parse_cell(record, "c"), quiet_bench(dre_sign=-1.0))
    seen = seen_run(wanted)
    assert seen.result.outcome == "fault"
    assert "does not fall as the current says it must" in seen.result.reason
    assert "RE1/RE2" in seen.result.reason
    assert seen.is_safe
    assert abs(seen.truth.charge_C) < 15 * CURRENT_A


def test_a_cell_outside_its_start_window_is_refused_and_nothing_is_switched_on(tmp_path):
    seen = seen_run(request(tmp_path / "a.h5", SHORT, bench=quiet_bench(dre_sign=-1.0)))
    assert seen.result.outcome == "fault"
    assert "-0.9" in seen.result.reason
    assert "switched on" in seen.result.reason
    assert not [event for event in seen.events if event.kind in ("edge", "switch")]
    assert (seen.truth.charged_C, seen.truth.discharged_C) == (0.0, 0.0)


def test_a_full_disk_ends_in_a_whole_journal_with_the_cell_off(tmp_path, monkeypatch):
    """Space for so many bytes, and the reserve; the run pauses, and is stopped there by the test."""
    from tests.acquisition.record.test_journal import FullDisk

    monkeypatch.setattr(journal_module, "RESERVE_BYTES", 4096)
    for space in (6_000, 9_000, 15_000):
        folder = tmp_path / str(space)
        folder.mkdir()
        run_control = RunControl()

        def stop(event, run_control=run_control) -> None:
            if event.kind == "paused":
                run_control.ask(Verb.STOP, "stopped by a test")

        with monkeypatch.context() as patched:
            FullDisk(patched, folder / "a.journal", space, given_back=4096)
            seen = seen_run(request(folder / "a.h5", SHORT), stop, run_control=run_control)
        assert not seen.result.completed
        assert seen.is_safe
        kept = [event.json() for event in read_journal(folder / "a.journal")]
        assert kept == [event.json() for event in seen.events]
        assert resume_it(folder / "a.h5").completed
        assert not read_world(folder / "a.world").polarized


def test_a_1287_that_a_device_clear_resets_is_verified_off():
    """It is deaf then for a moment, and ends its lines with CR alone afterwards."""
    reset = {"device_clear": "resets", "output_terminator_after_reset": 2}
    bench = open_bench(
        quiet_bench(interface=reset), {"kind": "dummy", "simulation": {"dummy": "1 kohm"}}, lambda: None
    )
    dc = bench.equipment.dc
    dc.initialise()
    dc.prepare_current(1e-3)
    dc.on()
    assert not dc.make_safe().problems
    assert bench.truth is not None
    assert not bench.truth.truth.polarized
    bench.close()
