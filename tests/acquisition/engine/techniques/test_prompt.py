"""A run that waits for a person: confirmed, not confirmed in time, stopped while it waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event
from solbench.acquisition.run.disk_space import DiskWatch
from tests.acquisition.runs import Seen, request, resume_it, seen_run
from tests.tiers import few

ASKS = """
name: asks
build: half
conditions: {{temperature: 25 degC, stack_pressure: unknown}}
steps:
  - {{name: before, kind: rest, time: 5 s}}
  - {{name: press, kind: prompt, text: Bring the cell to 75 MPa.{fields}}}
  - {{name: after, kind: rest, time: 5 s}}
"""


def asked(path: Path, fields: str, verb: Verb | None = None) -> Seen:
    """A run with a prompt, to which this is said once it waits."""
    run_control = RunControl()

    def answer(event: Event) -> None:
        if verb is not None and event.kind == "paused":
            run_control.ask(verb, "a test")

    return seen_run(request(path, ASKS.format(fields=fields)), answer, run_control=run_control)


def ends(seen: Seen) -> dict[str, str]:
    """How each step ended, by its name."""
    names = {event.body.step.index: event.body.step.name for event in seen.of("segment")}
    return {names[event.body.step]: event.body.text for event in seen.of("segment_end")}


@pytest.mark.parametrize("fields", ["", ", time_out: 1 h"])
def test_a_run_waits_with_the_cell_off_until_a_person_confirms(tmp_path: Path, fields: str) -> None:
    seen = asked(tmp_path / "r.h5", fields, Verb.RESUME)
    assert seen.result is not None
    assert seen.result.completed
    assert ends(seen)["press"].startswith("confirmed after")
    (alarm,) = [event.body for event in seen.of("alarm")]
    assert alarm.code == "prompt"
    assert alarm.text.startswith("Bring the cell to 75 MPa. The run waits at 'press'")
    assert len(seen.of("segment")) == 3, "it is not asked twice"
    assert not seen.of("edge")


def test_where_nobody_confirms_the_run_goes_on_if_it_says_so(tmp_path: Path) -> None:
    seen = asked(tmp_path / "r.h5", ", time_out: 10 min, otherwise: go on")
    assert seen.result is not None
    assert seen.result.completed
    assert ends(seen)["press"] == "nobody confirmed within 10 min; the run goes on"
    waited = [event.time_s for event in seen.events if event.kind in ("paused", "resumed")]
    assert waited[1] - waited[0] == pytest.approx(600.0, abs=15.0)


def test_room_on_a_full_disk_confirms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskWatch, "is_low", lambda _watch: False)
    looks = 0

    def has_room(_watch: DiskWatch) -> bool:
        nonlocal looks
        looks += 1
        return looks > 3

    monkeypatch.setattr(DiskWatch, "has_room", has_room)
    seen = asked(tmp_path / "r.h5", ", time_out: 10 min, otherwise: go on")
    assert len(seen.of("paused")) == 1
    assert ends(seen)["press"] == "nobody confirmed within 10 min; the run goes on"


@few("verb", [None, Verb.STOP], 1)
def test_a_run_that_ended_while_it_waited_asks_again_when_it_is_resumed(
    tmp_path: Path, verb: Verb | None
) -> None:
    path = tmp_path / "r.h5"
    seen = asked(path, ", time_out: 10 min", verb)
    assert seen.result is not None
    assert not seen.result.completed
    assert "after" not in ends(seen)
    later: list[Event] = []
    again = resume_it(path, later.append)
    assert not again.completed, "nobody confirms again"
    assert next(event.body.code for event in later if event.kind == "alarm") == "prompt"
