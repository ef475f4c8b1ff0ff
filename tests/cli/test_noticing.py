"""Which notices a run has sent, by whom, and what stands in them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.acquisition.record.events import Alarm, Body, Event, RunEnd, Sample
from solbench.cli import noticing
from solbench.cli.noticing import MOST, Noticing, wanted
from solbench.cli.whole import app
from solbench.protocols.errors import BadInput


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments])


def sample() -> Sample:
    return Sample(step=0, segment=0, voltage_V=0.0432, current_A=-1.25e-4, charge_C=0.0, range=4)


def end(outcome: str = "completed") -> RunEnd:
    return RunEnd(
        completed=outcome == "completed",
        outcome=outcome,
        reason="so it was",
        quantity="",
        limit=None,
        value=None,
        verified_safe=True,
    )


def sent(*bodies: Body) -> list[Sequence[str]]:
    given: list[Sequence[str]] = []
    hears = Noticing(Path("my-run.h5"), given.append)
    for number, body in enumerate(bodies):
        hears(Event(number, 0.0, body))
    return given


@pytest.mark.parametrize(
    ("body", "title", "command", "urgent"),
    [
        (Alarm(text="Press STANDBY", code="not_verified_off"), "alarm", "resume", True),
        (Alarm(text="Turn the cell", code="prompt"), "confirmation wanted", "confirm", True),
        (end(), "completed", "summary", False),
        (end("limit"), "ended uncompleted", "summary", True),
        (end("fault"), "ended uncompleted", "resume", True),
    ],
)
def test_a_notice_has_the_deciding_reading_and_the_command_that_answers_it(body, title, command, urgent):
    (given,) = sent(sample(), body)
    text = given[given.index("--text") + 1]
    assert list(given[:3]) == ["notify", "--about", "my-run.h5"]
    assert given[given.index("--title") + 1] == title
    assert ("--urgent" in given) is urgent
    assert getattr(body, "text", "so it was") in text
    assert "V = 0.0432 V, I = -0.000125 A" in text
    assert text.endswith(f"solbench {command} my-run.h5")


def test_the_same_alarm_is_told_once_and_a_night_of_alarms_not_for_ever():
    alarm = Alarm(text="lost", code="connection_lost")
    assert len(sent(alarm, alarm, end())) == 2
    many = [Alarm(text=f"{number}") for number in range(2 * MOST)]
    assert len(sent(*many, end())) == MOST + 1


def test_who_is_asked_to_send_must_know_to_whom(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not wanted(asked=False)
    with pytest.raises(BadInput, match="nobody is known"):
        wanted(asked=True)
    assert call("notify", "json://localhost/secret").exit_code == 0
    assert wanted(asked=True)
    assert not wanted(asked=False)
    told = call("notify", "--always")
    assert "json://" in told.stdout
    assert "secret" not in told.stdout
    assert wanted(asked=False)
    assert noticing.noticing(Path("r.h5"), asked=False)
    assert call("notify", "--forget").exit_code == 0
    assert not wanted(asked=False)
    assert call("notify", "--test").exit_code == 2
