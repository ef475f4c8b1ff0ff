import doctest
import json
import time

import pytest

from solbench.gui.models.common import number_format
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.common.observed import Observed
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.run.alarms import Alarms
from tests.end_to_end.programs import REPOSITORY


def delivered(jobs: Jobs, timeout_s: float = 60.0) -> None:
    until = time.monotonic() + timeout_s
    while jobs.busy and time.monotonic() < until:
        jobs.deliver()
        time.sleep(0.01)
    jobs.deliver()


def test_figures_do_what_their_examples_say():
    failed, tried = doctest.testmod(number_format)
    assert (failed, tried) == (0, 6)


@pytest.mark.long
def test_command_gives_its_object_and_its_refusal(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "src"))
    jobs, done = Jobs(), []
    jobs.command(["runs", "--json"], done.append, tmp_path)
    delivered(jobs)
    jobs.command(["check", "nothing.yaml", "--json"], done.append, tmp_path)
    delivered(jobs)
    listed, refused = done
    assert listed.ok
    assert listed.result == {"runs": [], "guardians": [], "files": []}
    assert refused.code == 2
    assert "nothing.yaml" in refused.said
    jobs.close()


def test_failure_of_a_call_is_handed_over():
    jobs, failed = Jobs(), []
    jobs.call(lambda: 1 / 0, failed.append, failed.append)
    delivered(jobs)
    assert isinstance(failed[0], ZeroDivisionError)


def test_what_is_delivered_may_have_the_rest_delivered_before_it_returns():
    jobs, done = Jobs(), []

    def wait_for_a_person(number):
        done.append(number)
        jobs.deliver()

    for number in range(3):
        jobs.call(lambda number=number: number, wait_for_a_person, done.append)
    delivered(jobs)
    assert sorted(done) == [0, 1, 2]


def test_nothing_is_delivered_before_it_is_asked_for():
    jobs, done = Jobs(), []
    jobs.call(lambda: 7, done.append, done.append)
    time.sleep(0.1)
    assert done == []
    jobs.deliver()
    assert done == [7]


def test_settings_last_and_a_wrong_type_gives_the_default(tmp_path):
    path = tmp_path / "folder" / "desktop.json"
    Settings(path).set("look", "dark")
    again = Settings(path)
    assert again.get("look", "light") == "dark"
    path.write_text(json.dumps({"look": 3}))
    assert Settings(path).get("look", "light") == "light"


@pytest.mark.parametrize("text", ["", "{", "[1]", "\x00\xff"])
def test_broken_settings_hold_no_one_up(tmp_path, text):
    path = tmp_path / "desktop.json"
    path.write_text(text, encoding="latin-1")
    settings = Settings(path)
    assert settings.get("look", "light") == "light"
    assert settings.put_aside == path.with_name("desktop.json.broken")


def test_alarm_stays_until_acknowledged_and_comes_once():
    alarms = Alarms()
    alarms.raise_alarm("first")
    alarms.raise_alarm("second")
    alarms.raise_alarm("first")
    assert [alarm.text for alarm in alarms.open] == ["first", "second"]
    alarms.acknowledge()
    assert [alarm.text for alarm in alarms.open] == ["second"]


def test_an_alarm_that_is_settled_says_so_and_can_come_again():
    alarms = Alarms()
    alarms.settle("gone", "never gone")
    assert alarms.open == []
    for _ in range(2):
        alarms.raise_alarm("the engine has gone", "gone")
        alarms.raise_alarm("the engine has gone", "gone")
        assert [alarm.text for alarm in alarms.open] == ["the engine has gone"]
        alarms.settle("gone", "taken up again")
        assert [alarm.text for alarm in alarms.open] == ["taken up again"]
        alarms.acknowledge()


def test_observed_value_tells_changes_alone():
    value, seen = Observed(1), []
    forget = value.subscribe(seen.append)
    value.set(1)
    value.set(2)
    forget()
    value.set(3)
    assert seen == [2]


def test_who_is_told_of_a_value_is_told_of_the_last_one_last():
    value, seen = Observed(0), []
    value.subscribe(lambda new: value.set(min(new + 1, 3)))
    value.subscribe(seen.append)
    value.set(1)
    assert seen == [3]
