"""What is written down of a cell that may be driven, and what guardians are asked for."""

import os
from dataclasses import replace

import pytest

from solbench.acquisition.control.duties import (
    Duty,
    Process,
    duties,
    folder,
    forget_duty,
    give_order,
    is_ordered,
    left_on,
    read_duty,
    taken_up,
    withdraw_order,
    write_duty,
)
from solbench.drivers.links.usb_identity import UsbIdentity

ME = Process.of(os.getpid())
GONE = replace(ME, boot="another boot")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))


def a_duty(**changes) -> Duty:
    duty = Duty(
        bench_key="0123",
        bench="the bench",
        run="/data/run 1.h5",
        journal="/data/run 1.journal",
        user="user",
        description={"kind": "serial", "addresses": {"1287": "COM3"}},
        by_hand="Press STANDBY",
        engine=ME,
        guardian=ME,
    )
    return replace(duty, **changes)


def test_a_duty_is_read_back_as_it_was_written():
    duty = a_duty(
        tries=3, problem="no answer", pressed=12.5, journal_bytes=7, usb={"COM3": UsbIdentity(1, 2, "A1")}
    )
    write_duty(duty)
    assert read_duty("0123") == duty
    assert duties() == [duty]
    forget_duty("0123")
    assert read_duty("0123") is None
    assert duties() == []


@pytest.mark.parametrize(
    ("changes", "alive"),
    [({}, True), ({"boot": ""}, True), ({"boot": "another"}, False), ({"boot": "", "started": "-"}, False)],
)
def test_a_process_of_no_known_boot_may_be_of_this_one(changes, alive):
    """Earlier versions knew none on Windows."""
    assert replace(ME, **changes).alive == alive


def test_a_file_that_is_no_duty_hides_none_of_the_others():
    write_duty(a_duty())
    (folder() / "4567.json").write_text('{"bench_key": "4567"}')
    (folder() / "89.json").write_text('["torn')
    assert [duty.bench_key for duty in duties()] == ["0123"]


@pytest.mark.parametrize(
    ("changes", "cared_for"),
    [
        ({}, True),
        ({"engine": GONE, "guardian": GONE}, False),
        ({"guardian": GONE}, True),
        ({"state": "trying", "tries": 1}, False),
        ({"engine": GONE, "guardian": ME}, True),
    ],
)
def test_a_cell_is_cared_for_by_its_program_or_by_a_guardian_that_has_just_begun(changes, cared_for):
    write_duty(a_duty(**changes))
    assert [duty.bench_key for duty in left_on()] == ([] if cared_for else ["0123"])


def test_a_duty_that_is_taken_up_again_keeps_why_and_since_when():
    first = taken_up(a_duty(engine=GONE, guardian=GONE), os.getpid(), "killed")
    again = taken_up(replace(first, guardian=GONE, tries=4), os.getpid(), "another reason")
    assert (again.why, again.since, again.tries) == ("killed", first.since, 4)
    assert again.guardian == ME
    assert again.state == "trying"


def test_words_say_first_what_to_do_and_at_the_end_how_to_have_it_looked_at():
    words = a_duty(state="trying", tries=2, problem="no answer.").as_words()
    assert words.startswith("Press STANDBY. The cell of /data/run 1.h5 on the bench is not verified off")
    assert f"(process {os.getpid()}) keeps trying (2 times); the last problem: no answer." in words
    assert words.endswith("solbench make-safe '/data/run 1.h5' --pressed looks at the reading.")
    assert "No program is trying" in a_duty(guardian=GONE).as_words()


def test_an_order_reaches_only_the_guardian_that_it_was_given_to():
    give_order("0123", 17)
    assert is_ordered("0123", 17)
    assert not is_ordered("0123", 18)
    assert not is_ordered("4567", 17)
    withdraw_order("0123")
    assert not is_ordered("0123", 17)
