"""A dialogue replayed gives the same events, bit for bit; where the program does something else, it is said."""

from __future__ import annotations

import dataclasses
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import solbench.acquisition.run.start
from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.bench.dialogue.lines import Transferred
from solbench.acquisition.control.messages import ChangeRequest, SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event, SessionStart
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.dialogue import dialogue_path
from solbench.acquisition.run.replay import Replayed, replay
from solbench.acquisition.run.start import Result, resume, start
from solbench.protocols.errors import BadInput
from tests.acquisition.asked import sessions
from tests.acquisition.runs import SHORT, TINY, quiet_bench, request, run_it, watched_benches
from tests.acquisition.test_modbus_run import GAUGES
from tests.acquisition.test_resume import die_with_the_cell_on
from tests.tiers import few

EARLIER = Path(__file__).parents[2] / "fixtures" / "earlier.dialogue"
HOST_TIMES = ("header", "session", "wall")  # they hold the time of day
Act = Callable[[int, Any, RunControl], None]


def recorded(
    run: Path, protocol: str = SHORT, act: Act = lambda _place, _bench, _control: None, **bench: Any
) -> tuple[Result, list[Event]]:
    """Carry out and record a run; `act` is told the place of each event, with the bench."""
    events: list[Event] = []
    control = RunControl()
    opened: list[Any] = []

    def look(event: Event) -> None:
        events.append(event)
        act(len(events), opened[0], control)

    file = quiet_bench().model_copy(update=bench)
    wanted = dataclasses.replace(request(run, protocol, bench=file), dialogue=True)
    with watched_benches(opened.append):
        return run_it(wanted, look, run_control=control), events


def replayed(dialogue: Path) -> tuple[Replayed, list[Event]]:
    events: list[Event] = []
    found = replay(dialogue, dialogue.with_name("again.h5"), RunControl(), [events.append])
    return found, events


def told(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind not in HOST_TIMES]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, list[Event]]:
    run = tmp_path_factory.mktemp("replay") / "a.h5"
    return dialogue_path(run), *recorded(run, TINY)


@pytest.mark.long
def test_a_half_cell_gives_the_same_events(tiny: tuple[Path, Result, list[Event]]) -> None:
    dialogue, result, events = tiny
    found, again = replayed(dialogue)
    assert result.completed
    assert (found.is_same, found.over) == (True, "")
    assert found.result.outcome == "completed"
    assert told(again) == told(events)
    assert len(told(events)) > 200
    header = open_run(found.result.run).header
    assert (header.replays, header.simulated) == ("a.dialogue", True)
    with pytest.raises(BadInput, match="no dialogue"):
        DialogueText(found.result.run)


def test_one_of_an_earlier_version_which_did_not_look_before_its_questions_gives_the_same_run(
    tmp_path: Path,
) -> None:
    shutil.copy(EARLIER, tmp_path)
    found, again = replayed(tmp_path / EARLIER.name)
    assert (found.is_same, found.over) == (True, "")
    assert found.result.outcome == "completed"
    assert sum(event.kind == "sample" for event in again) > 5


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nbh", "nyzc"])
def test_a_whole_half_cell_gives_the_same_events(tmp_path: Path, cell: str) -> None:
    events: list[Event] = []
    wanted = dataclasses.replace(request(tmp_path / "a.h5", "half-cell", cell), dialogue=True)
    run_it(wanted, events.append)
    found, again = replayed(tmp_path / "a.dialogue")
    assert found.is_same
    assert told(again) == told(events)


@pytest.mark.long
def test_recording_changes_nothing_of_a_run(tmp_path: Path) -> None:
    _, heard = recorded(tmp_path / "a.h5")
    alone: list[Event] = []
    run_it(request(tmp_path / "b.h5", SHORT), alone.append)
    assert told(heard) == told(alone)


FAULTS: dict[str, Act] = {
    "an answer is lost": lambda place, bench, _: (
        bench.truth.faults.drop_replies("1287", 1) if place == 12 else None
    ),
    "a line is torn": lambda place, bench, _: (
        bench.truth.faults.tear_replies("1287", 2) if place == 12 else None
    ),
    "it is stopped": lambda place, _, control: control.request("the user") if place == 14 else None,
    "a step is skipped": lambda place, _, control: (
        control.ask(Verb.SKIP, "too long") and None if place == 12 else None
    ),
    "the 1287 dies": lambda place, bench, _: bench.truth.faults.dead.add("1287") if place == 14 else None,
}


@few("fault", FAULTS, 1)
def test_what_went_wrong_goes_wrong_again(tmp_path: Path, fault: str) -> None:
    result, events = recorded(tmp_path / "a.h5", SHORT, FAULTS[fault])
    found, again = replayed(tmp_path / "a.dialogue")
    assert (found.is_same, found.over) == (True, "")
    assert found.result.outcome == result.outcome
    assert told(again) == told(events)


@pytest.mark.long
def test_gauges_on_lines_of_their_own_and_a_unit_are_replayed(tmp_path: Path) -> None:
    bench = parse_bench(GAUGES.replace("  errors: none", "  unit: 7"), "bench.yaml")
    events: list[Event] = []
    wanted = request(tmp_path / "a.h5", SHORT, bench=bench.model_copy(update={"dialogue": True}))
    run_it(wanted, events.append)
    found, again = replayed(tmp_path / "a.dialogue")
    assert found.is_same
    assert told(again) == told(events)
    assert len([event for event in again if event.kind == "gauge"]) > 10
    assert [event.body.unit for event in again if event.kind == "session"] == ["7"]  # type: ignore[union-attr]


def altered(dialogue: Path, old: str, new: str) -> Path:
    """Return a dialogue in which something else was said once."""
    text = gzip.decompress(dialogue.read_bytes()).decode()
    assert old in text
    other = dialogue.with_name("other.dialogue")
    other.write_bytes(gzip.compress(text.replace(old, new, 1).encode()))
    return other


def test_another_command_is_told_with_its_line(
    tiny: tuple[Path, Result, list[Event]], tmp_path: Path
) -> None:
    other = altered(tiny[0], '"SI"', '"RE"')
    number, line = next(
        (number, line)
        for number, line in DialogueText(other).lines()
        if isinstance(line, Transferred) and line.data == "RE"
    )
    found = replay(other, tmp_path / "b.h5", RunControl())
    assert not found.is_same
    assert f"other.dialogue, line {number}: at {line.end_s:.3f}"[:-3] in found.over
    assert (
        "'RE' is written to 1260 in the dialogue, and 'SI' is written to 1260 by this program" in found.over
    )


def test_another_answer_leads_to_another_run(tiny: tuple[Path, Result, list[Event]], tmp_path: Path) -> None:
    other = altered(tiny[0], "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE", "ANOTHER MAKER, 9999")
    found = replay(other, tmp_path / "b.h5", RunControl())
    assert not found.is_same
    assert "'*IDN?' is written to 1260 in the dialogue" in found.over  # it is asked again
    assert "NOT VERIFIED" not in found.result.reason  # there is no cell
    assert found.result.reason.count("What the instruments would answer") <= 1


@pytest.mark.long
def test_what_was_asked_of_the_run_and_is_not_repeated_is_named(tmp_path: Path) -> None:
    def act(place: int, _bench: Any, _control: RunControl) -> None:
        if place == 40:
            change = ChangeRequest(step="sodiation", settings=["until.capacity=0.0003 mAh/cm2"])
            assert made[0].ask_change(change, "a test").accepted
        elif place == 60:
            assert made[0].ask_spectrum(SpectrumRequest(rest="1 s"), "a test").accepted

    with sessions() as made:
        result, events = recorded(tmp_path / "a.h5", SHORT, act)
    asked = [event for event in events if event.kind in ("changed", "asked")]
    assert result.completed
    found, _ = replayed(dialogue_path(tmp_path / "a.h5"))
    assert not found.is_same
    assert [event.kind for event in asked] == ["changed", "asked"]
    for event, words in zip(asked, ("steps.sodiation.until.capacity", "a spectrum"), strict=True):
        assert f"{event.time_s:.6g} s {words}" in found.over


@pytest.mark.long
def test_what_was_asked_behind_the_line_at_which_it_parts_is_not_named(tmp_path: Path) -> None:
    def act(place: int, _bench: Any, _control: RunControl) -> None:
        if place == 60:
            assert made[0].ask_spectrum(SpectrumRequest(rest="1 s"), "a test").accepted
        elif place == 110:
            change = ChangeRequest(step="sodiation", settings=["until.capacity=0.003 mAh/cm2"])
            assert made[0].ask_change(change, "a test").accepted

    with sessions() as made:
        _, events = recorded(tmp_path / "a.h5", TINY, act)
    first, later = (event for event in events if event.kind in ("changed", "asked"))
    found, _ = replayed(dialogue_path(tmp_path / "a.h5"))
    assert f"at the run's {first.time_s:.6g} s a spectrum" in found.over
    assert f"{later.time_s:.6g} s" not in found.over


@few("kept", [0.4, 0.8], (1,))
def test_up_to_where_it_breaks_off_it_is_the_same(
    tiny: tuple[Path, Result, list[Event]], tmp_path: Path, kept: float
) -> None:
    whole = tiny[0].read_bytes()
    dialogue = tmp_path / "torn.dialogue"
    dialogue.write_bytes(whole[: int(kept * len(whole))])
    found, again = replayed(dialogue)
    assert found.is_same
    assert "breaks off here" in found.over
    same = told(again)[:-1]  # without its end, and that of a segment, which came later
    same = same[:-1] if same[-1].kind == "segment_end" else same
    assert same == told(tiny[2])[: len(same)]
    assert len(same) > 30


def test_a_dialogue_that_is_full_says_so_and_the_run_goes_on(tmp_path: Path) -> None:
    result, events = recorded(tmp_path / "a.h5", TINY, dialogue_MB=0.02)
    assert result.completed
    (note,) = [event.body for event in events if event.kind == "note"]
    assert "as large as it may be" in note.text  # type: ignore[union-attr]
    assert (tmp_path / "a.dialogue").stat().st_size <= 20_000
    found, _ = replayed(tmp_path / "a.dialogue")
    assert found.is_same
    assert "as large as it may be" in found.over


def test_a_bench_file_asks_for_it_and_a_run_that_never_began_leaves_none(tmp_path: Path) -> None:
    bench = quiet_bench().model_copy(update={"dialogue": True})
    start(request(tmp_path / "a.h5", SHORT, bench=bench), RunControl())
    assert (tmp_path / "a.dialogue").exists()
    broken = bench.model_copy(update={"simulation": {"nonsense": 1}})
    with pytest.raises(BadInput):
        start(request(tmp_path / "b.h5", SHORT, bench=broken), RunControl())
    assert not list(tmp_path.glob("b.*"))


def stopped_and_resumed(
    run: Path, places: tuple[int, ...], wreck: Act = FAULTS["it is stopped"]
) -> list[Event]:
    """Carry a run out in sessions that end at these places, all but the last; return the last one's events."""
    recorded(run, TINY, wreck, dialogue=True)
    events: list[Event] = []
    for place in (*places, 0):
        events = []
        control = RunControl()

        def look(
            event: Event, seen: list[Event] = events, of: RunControl = control, end: int = place
        ) -> None:
            seen.append(event)
            if len(seen) == end:
                of.request("the user")

        result = resume(run, control, [look])
        assert result.completed == (not place)
    return events


@pytest.mark.long
@pytest.mark.parametrize("places", [(), (40,), (3, 60)])
def test_the_last_of_several_sessions_gives_the_same_events(tmp_path: Path, places: tuple[int, ...]) -> None:
    events = stopped_and_resumed(tmp_path / "a.h5", places)
    original = (tmp_path / "a.journal").read_bytes()
    last = tmp_path / f"a.{len(places) + 2}.dialogue"
    found, again = replayed(last)
    assert (found.is_same, found.over, found.result.outcome) == (True, "", "completed")
    assert told(again) == told(events)
    assert again[0].seq == DialogueText(last).about.records == events[0].seq > 10
    assert (tmp_path / "a.journal").read_bytes() == original
    ours, theirs = open_run(tmp_path / "again.h5"), open_run(tmp_path / "a.h5")
    assert (ours.header.replays, theirs.header.replays) == (last.name, "")
    assert ours.header.run != theirs.header.run


@few("off_s", [None, 30.0], (1,))
def test_a_session_behind_a_killed_one_gives_the_same_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_s: float | None
) -> None:
    run = tmp_path / "a.h5"
    die_with_the_cell_on(run, monkeypatch, 8)
    with journal_path(run).open("ab") as journal:
        journal.write(b"torn")
    events: list[Event] = []
    with patch.object(solbench.acquisition.run.start, "off_from_outside", lambda *_: off_s):
        resume(run, RunControl(), [events.append], dialogue=True)
    found, again = replayed(tmp_path / "a.2.dialogue")
    assert (found.is_same, found.over) == (True, "")
    assert told(again) == told(events)
    begun, theirs = (next(one.body for one in all_ if one.kind == "session") for all_ in (again, events))
    assert isinstance(begun, SessionStart)
    assert isinstance(theirs, SessionStart)
    assert (begun.bytes_cut, begun.by_guardian) == (4, off_s is not None)
    assert begun.gap_charge_C == theirs.gap_charge_C != 0.0


@pytest.mark.long
def test_a_later_session_without_the_journal_of_its_run_is_refused(tmp_path: Path) -> None:
    stopped_and_resumed(tmp_path / "a.h5", ())
    run_it(request(tmp_path / "b.h5", SHORT))
    (tmp_path / "b.2.dialogue").write_bytes((tmp_path / "a.2.dialogue").read_bytes())
    with pytest.raises(
        BadInput, match=r"b\.journal of its run, which cannot be used .it is that of another run"
    ):
        replayed(tmp_path / "b.2.dialogue")
    lines = (tmp_path / "a.journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "a.journal").write_bytes(b"".join(lines[:5]))
    with pytest.raises(BadInput, match=r"it has 5 records, and [0-9]+ lie before this session"):
        replayed(tmp_path / "a.2.dialogue")
    (tmp_path / "a.journal").unlink()
    with pytest.raises(BadInput, match="Put the journal of the run beside it"):
        replayed(tmp_path / "a.2.dialogue")
    assert not list(tmp_path.glob("again.*"))
