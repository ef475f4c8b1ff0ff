"""A dialogue replayed gives the same events, bit for bit; where the program does something else, it is said."""

from __future__ import annotations

import dataclasses
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.bench.dialogue.lines import Transferred
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.dialogue import dialogue_path
from solbench.acquisition.run.replay import Replayed, replay
from solbench.acquisition.run.start import Result, start
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import SHORT, TINY, quiet_bench, request, resume_it, run_it, watched_benches
from tests.acquisition.test_modbus_run import GAUGES

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


@pytest.mark.long
@pytest.mark.parametrize("cell", ["nbh", "nyzc"])
def test_a_whole_half_cell_gives_the_same_events(tmp_path: Path, cell: str) -> None:
    events: list[Event] = []
    wanted = dataclasses.replace(request(tmp_path / "a.h5", "half-cell", cell), dialogue=True)
    run_it(wanted, events.append)
    found, again = replayed(tmp_path / "a.dialogue")
    assert found.is_same
    assert told(again) == told(events)


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


@pytest.mark.parametrize("fault", FAULTS)
def test_what_went_wrong_goes_wrong_again(tmp_path: Path, fault: str) -> None:
    result, events = recorded(tmp_path / "a.h5", TINY, FAULTS[fault])
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


@pytest.mark.parametrize("kept", [0.4, 0.8])
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


def test_the_dialogue_of_a_resumed_session_has_a_name_of_its_own(tmp_path: Path) -> None:
    recorded(tmp_path / "a.h5", SHORT, FAULTS["it is stopped"], dialogue=True)
    assert resume_it(tmp_path / "a.h5").completed
    later = DialogueText(tmp_path / "a.2.dialogue").about
    assert (later.session, later.records > 10) == (2, True)
