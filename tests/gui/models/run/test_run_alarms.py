"""Alarms of a run by its records and by its engine's status, whichever comes first."""

from pathlib import Path

from solbench.acquisition.control.messages import Status
from solbench.gui.models.run.alarms import Alarms, Severity
from solbench.gui.models.run.run_alarms import RunAlarms
from tests.records import body

LOST = body("alarm", text="no answer", code="connection_lost")


def status(*alarms: str) -> Status:
    return Status(
        run="r", path="a.h5", state="running", simulated=True, seq=1, flushed_seq=1, samples=0, time_s=1.0,
        connected=True, alarms=list(alarms),
    )  # fmt: skip


def test_a_status_that_came_first_makes_an_alarm_no_milder() -> None:
    alarms = Alarms()
    run = RunAlarms(Path("a.h5"), alarms, awaited=False)
    run.take_event(body("header", run="r"), over=False)
    run.take_status(status("no answer"))
    assert [alarm.severity for alarm in alarms.open] == [Severity.NOTICE]
    run.take_event(LOST, over=False)
    assert [alarm.severity for alarm in alarms.open] == [Severity.UNWATCHED]


def test_a_status_that_comes_late_brings_back_no_alarm_that_was_overtaken() -> None:
    alarms = Alarms()
    run = RunAlarms(Path("a.h5"), alarms, awaited=False)
    run.take_event(body("header", run="r"), over=False)
    run.take_event(LOST, over=False)
    run.take_event(body("reconnected"), over=False)
    run.take_status(status("no answer"))
    assert alarms.open == []
    run.take_event(LOST, over=False)
    assert len(alarms.open) == 1


def test_what_is_pressed_is_that_of_the_instrument_which_holds_the_cell() -> None:
    for names, says in ((("1287", "1260"), "STANDBY on the 1287"), (("EC301", "1260"), "CELL ENABLE")):
        alarms = Alarms()
        run = RunAlarms(Path("a.h5"), alarms, awaited=False)
        shown = {name: {"model": "", "identity": "", "address": "1", "settings": {}} for name in names}
        run.take_event(body("session", instruments=shown), over=False)
        run.take_event(body("alarm", text="it is not off", code="not_verified_off"), over=False)
        assert says in alarms.open[0].text
