"""What the run on show says of the cell and of alarms, event by event."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.columns import SAMPLE
from solbench.acquisition.record.events import decode
from solbench.gui.models.run.alarms import Alarms, Severity
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.sources.source import Batch, Kind, Link
from tests.records import record

LOST = "the connection to 1260 broke. Trying to find it again for 60 s."


class Told:
    """A source that says what it is given."""

    path = Path("a.h5")
    kind: Kind = "engine"

    def __init__(self) -> None:
        self.batch = Batch()

    def take(self) -> Batch:
        batch, self.batch = self.batch, Batch()
        return batch

    def tell(self, *events: tuple[str, dict[str, Any]], over: bool = False) -> None:
        found = [record(kind, 1.0, **data) for kind, data in events]
        self.batch = Batch(events=found, link=Link(over=over))

    def want(self, blocks: Any) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def alarms() -> Alarms:
    return Alarms()


@pytest.fixture
def run(told: Told, alarms: Alarms) -> RunModel:
    return RunModel(told, alarms)


ON = ("edge", {"connected": True, "charge_C": 0.0})
OFF = ("edge", {"connected": False, "charge_C": 0.0})


def test_nobody_says_that_the_cell_is_off_when_the_engine_died_with_it_on(told: Told, run: RunModel) -> None:
    told.tell(ON)
    run.update()
    assert run.cell_word == "cell ON"
    told.tell(over=True)
    run.update()
    assert run.cell_word == "cell unknown"


def test_an_engine_that_died_with_the_cell_off_left_it_off(told: Told, run: RunModel) -> None:
    told.tell(ON, OFF, over=True)
    run.update()
    assert run.cell_word == "cell off"


def test_nothing_is_said_of_the_cell_before_anything_is_known(told: Told, run: RunModel) -> None:
    assert run.cell_word == "cell unknown"
    told.tell(over=True)
    run.update()
    assert run.cell_word == "cell unknown"


def test_an_engine_that_died_as_it_switched_on_leaves_the_cell_unknown(told: Told, run: RunModel) -> None:
    told.tell(OFF, ("switch", {"action": "on", "connected": True}), over=True)
    run.update()
    assert run.cell_word == "cell unknown"


def status(seq: int, connected: bool) -> Status:
    return Status(
        run="r", path="a.h5", state="running", simulated=True, seq=seq, flushed_seq=seq, samples=0, time_s=1.0,
        connected=connected,
    )  # fmt: skip


@pytest.mark.parametrize("last_heard", [3, 7])
@pytest.mark.parametrize("connected", [True, False])
def test_the_newer_of_status_and_record_tells_of_the_cell(
    told: Told, run: RunModel, last_heard: int, connected: bool
) -> None:
    """The engine died: its last status stays as it was, and the file may have what came after it, or lack it."""
    edge = record("edge", 1.0, seq=5, connected=connected)
    told.batch = Batch(status=status(last_heard, not connected))
    run.update()
    told.batch = Batch(events=[edge], link=Link(over=True))
    run.update()
    on = connected if last_heard < edge.seq else not connected
    assert run.cell_word == ("cell unknown" if on else "cell off")


@pytest.mark.parametrize(
    ("reason", "safe", "word"),
    [
        ("stopped by the desktop", True, "cell off"),
        ("a fault. NOT VERIFIED SAFE: no answer", False, "cell unknown"),
        ("The bench could not be verified safe: no answer", False, "cell unknown"),
        ("a note of the user says NOT VERIFIED SAFE", True, "cell off"),
        ("", False, "cell unknown"),
    ],
)
def test_an_end_says_whether_the_cell_was_seen_off(
    told: Told, run: RunModel, reason: str, safe: bool, word: str
) -> None:
    """It is told by the record's field, whatever the words of its reason are."""
    end = {"completed": False, "outcome": "fault", "reason": reason, "verified_safe": safe}
    told.tell(ON, OFF, ("end", end), over=True)
    run.update()
    assert run.cell_word == word


@pytest.mark.parametrize(
    ("reason", "word"),
    [("stopped by the desktop", "cell off"), ("a fault. NOT VERIFIED SAFE: no answer", "cell unknown")],
)
def test_an_end_of_version_0_1_0_is_understood(told: Told, run: RunModel, reason: str, word: str) -> None:
    fields = (
        f'"completed":false,"outcome":"fault","reason":"{reason}","quantity":"","limit":null,"value":null'
    )
    told.batch = Batch(events=[decode(f'{{"seq":9,"kind":"end","time_s":1.0,{fields}}}')])
    run.update()
    assert run.cell_word == word


@pytest.mark.parametrize("reason", ["paused by the desktop", "F3 was pressed", "the disk is nearly full"])
@pytest.mark.parametrize(("by", "count"), [("user", 0), ("program", 1)])
def test_only_a_pause_of_the_program_is_an_alarm(
    told: Told, run: RunModel, alarms: Alarms, reason: str, by: str, count: int
) -> None:
    told.tell(("paused", {"reason": reason, "by": by}))
    run.update()
    assert (run.nearest_end, len(alarms.open)) == (reason, count)


def test_what_answers_again_takes_its_alarm_away_and_no_other(
    told: Told, run: RunModel, alarms: Alarms
) -> None:
    told.tell(
        ("alarm", {"text": "no answer from the 1260", "code": "connection_lost"}),
        ("alarm", {"text": "some settings had changed", "code": "settings_lost"}),
        ("reconnected", {}),
    )
    run.update()
    assert [alarm.text for alarm in alarms.open] == ["some settings had changed"]


def test_a_connection_that_is_lost_twice_is_an_alarm_twice(told: Told, run: RunModel, alarms: Alarms) -> None:
    for _ in range(2):
        told.tell(("alarm", {"text": "no answer from the 1260", "code": "connection_lost"}))
        run.update()
        assert [alarm.details for alarm in alarms.open] == ["no answer from the 1260"]
        told.tell(("reconnected", {}))
        run.update()
        assert alarms.open == []


def test_a_cell_that_is_not_safe_stands_before_all_that_came_earlier(
    told: Told, run: RunModel, alarms: Alarms
) -> None:
    told.tell(
        ("alarm", {"text": "no answer", "code": "connection_lost"}),
        ("alarm", {"text": "another one", "code": "settings_lost"}),
        ("alarm", {"text": "the live file was given up", "code": "storage"}),
    )
    run.update()
    assert [alarm.severity for alarm in alarms.open] == [
        Severity.UNWATCHED,
        Severity.WAITING,
        Severity.NOTICE,
    ]
    told.tell(
        ("end", {"completed": False, "outcome": "fault", "reason": "a long story", "verified_safe": False})
    )
    run.update()
    worst, *others = alarms.open
    assert worst.severity is Severity.UNSAFE
    assert worst.text.startswith("Switch the cell off at the instrument now")
    assert worst.details == "a long story"
    assert [alarm.text for alarm in others] == ["another one", "the live file was given up"]
    alarms.acknowledge()
    assert alarms.open == others


def test_an_alarm_without_a_code_goes_with_what_answers_again(
    told: Told, run: RunModel, alarms: Alarms
) -> None:
    told.tell(("alarm", {"text": "another one"}), ("alarm", {"text": LOST}))
    run.update()
    told.tell(("reconnected", {}))
    run.update()
    assert [alarm.text for alarm in alarms.open] == ["another one"]


def test_a_pause_that_nobody_asked_for_is_an_alarm_and_its_reason_is_shown(
    told: Told, run: RunModel, alarms: Alarms
) -> None:
    told.tell(("paused", {"reason": "paused by the desktop", "by": "user"}))
    run.update()
    assert (run.nearest_end, alarms.open) == ("paused by the desktop", [])
    told.tell(("resumed", {}), ("paused", {"reason": "the disk is nearly full", "by": "program"}))
    run.update()
    assert run.nearest_end == "the disk is nearly full"
    assert [alarm.text for alarm in alarms.open] == [
        "The run has paused, the cell is off: the disk is nearly full."
    ]
    told.tell(("resumed", {}))
    run.update()
    assert run.nearest_end == ""


def test_a_pause_of_which_an_alarm_tells_already_raises_no_second(
    told: Told, run: RunModel, alarms: Alarms
) -> None:
    told.tell(
        ("alarm", {"text": "the guardian process is gone; nothing watches over the cell"}),
        (
            "paused",
            {
                "reason": "the guardian process is gone; the cell is off until it is resumed",
                "by": "program",
            },
        ),
    )
    run.update()
    assert len(alarms.open) == 1


def test_a_pause_breaks_the_trace_and_its_old_reading_is_not_that_of_now(told: Told, run: RunModel) -> None:
    told.tell(ON)
    told.batch.status = status(9, connected=True)
    run.update()
    assert run.has_reading
    told.tell(OFF, ("paused", {"reason": "paused by the desktop", "by": "user"}))
    run.update()
    assert not run.has_reading
    told.batch = Batch(samples=[samples_at(30.0)])  # a pause that is watched
    run.update()
    assert run.has_reading
    told.tell(("resumed", {}), ("end", {"completed": False, "outcome": "interrupted"}))
    run.update()
    assert not run.has_reading


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("paused", {}),
        ("resumed", {}),
        ("reconnected", {}),
        ("gap", {"since_s": 1.0}),
        ("session", {"session": 2}),
    ],
)
def test_nothing_is_joined_over_what_nobody_read(
    told: Told, run: RunModel, kind: str, given: dict[str, Any]
) -> None:
    told.batch = Batch(samples=[samples_at(0.5)])
    run.update()
    told.tell((kind, given))
    run.update()
    told.batch = Batch(samples=[samples_at(30.0)])
    run.update()
    assert np.isnan(run.trace.view(0, 0.0, 40.0, 100)[1]).sum() == 1


def samples_at(time_s: float) -> Any:
    found = np.zeros(1, SAMPLE)
    found["time_s"] = time_s
    return found


@pytest.mark.parametrize(
    ("outcome", "again"), [("completed", False), ("limit", False), ("interrupted", True), ("fault", True)]
)
def test_what_a_new_engine_can_go_on_with(told: Told, run: RunModel, outcome: str, again: bool) -> None:
    run.plan = SimpleNamespace(area_m2=1e-4)  # type: ignore[assignment]
    told.tell(("end", {"completed": outcome == "completed", "outcome": outcome, "reason": ""}))
    run.update()
    assert not run.needs_engine  # its engine is still there
    told.tell(over=True)
    run.update()
    assert run.needs_engine is again
    told.kind = "replay"
    assert not run.needs_engine
