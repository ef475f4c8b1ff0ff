"""Who may make a bench safe: the lock, the order to hand over, a guardian that was stopped, a run that goes on."""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from solbench.acquisition.bench import making_safe
from solbench.acquisition.bench.bench import describe, required_addresses
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.bench_lock import BenchLock, BenchTaken, lock_path, places_of, this_holder
from solbench.acquisition.bench.connect import Description
from solbench.acquisition.bench.guarded import read_guard_file
from solbench.acquisition.bench.making_safe import (
    LockLost,
    SafetyAction,
    keep_trying,
    make_safe,
    settle,
    take_lock,
)
from solbench.acquisition.control.bench_history import BenchHistory
from solbench.acquisition.control.duties import Duty, Process, read_duty, taken_up, write_duty
from solbench.acquisition.host.platform import boot_id, host_s
from solbench.drivers.errors import NoReply, NotSafe
from solbench.drivers.links.usb_identity import UsbIdentity
from solbench.drivers.roles import ForcedOff
from tests.end_to_end.served import served_bench

KEY = "0123"
ME = Process.of(os.getpid())
REFUSED_TWICE_S = 6.0 if sys.platform == "win32" else 0.2  # Windows tries for two seconds before it says so
GONE = replace(ME, boot="another boot")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))
    monkeypatch.setenv("SOLBENCH_LOCKS", str(tmp_path / "locks"))


@pytest.fixture
def unreachable() -> Iterator[dict[str, Any]]:
    """An adapter whose port takes no connection."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"socket://127.0.0.1:{bound.getsockname()[1]}"
        described = Description("prologix", {"1260": "12", "1287": "4"}, adapter=address)
        yield json.loads(json.dumps(asdict(described)))


def a_duty(description, tmp_path, **changes) -> Duty:
    run, journal = str(tmp_path / "run.h5"), str(tmp_path / "run.journal")
    duty = Duty(KEY, "bench", run, journal, "user", description, "Press STANDBY", engine=GONE, guardian=ME)
    return replace(taken_up(duty, os.getpid(), "killed"), **changes)


def lock_of(description) -> BenchLock:
    places = places_of(Description(**description))
    return BenchLock(places, this_holder(KEY, "bench", "run", "run.h5", "user"))


def held(description) -> BenchLock:
    lock = lock_of(description)
    assert lock.acquire()
    return lock


def take(description, within_s: float) -> BenchLock:
    return take_lock(Description(**description), this_holder(KEY, "bench", "run"), within_s)


def test_a_cell_that_cannot_be_reached_stays_a_duty_with_its_problem(unreachable, tmp_path):
    duty, deed = keep_trying(a_duty(unreachable, tmp_path), held(unreachable), within_s=REFUSED_TWICE_S)
    assert deed is None
    assert duty.tries > 1
    assert "cannot be opened" in duty.problem
    assert read_duty(KEY) == duty


def test_without_a_duty_the_word_is_that_it_is_not_verified_off(unreachable):
    deed = make_safe(unreachable, "requested", 0.0)
    assert not deed.verified
    assert deed.off_host_s is None
    assert deed.text.startswith(
        "Press STANDBY on the 1287; its CELL light goes out. The cell is not verified off"
    )


class StuckRelay:
    """An instrument that takes every command to open the cell, and shows that it is closed still."""

    def force_off(self) -> ForcedOff:
        return ForcedOff(host_s())

    def make_safe(self) -> None:
        raise NotSafe("the relay is closed still", "Press STANDBY")


def test_what_was_switched_off_and_is_not_seen_off_is_not_verified(unreachable, tmp_path, monkeypatch):
    opened = SimpleNamespace(equipment=SimpleNamespace(dc=StuckRelay()), close=lambda: None)
    monkeypatch.setattr(making_safe, "open_instruments", lambda *_: opened)
    deed = make_safe(unreachable, "requested", 0.0)
    assert not deed.verified
    assert "the relay is closed still" in deed.text
    duty, deed = keep_trying(a_duty(unreachable, tmp_path), held(unreachable), within_s=0.0)
    assert deed is None
    assert duty.problem == "the relay is closed still"
    assert read_guard_file(tmp_path / "run.h5") is None


@pytest.mark.parametrize("set_by_s", [0.0, -7200.0, 400.0])
@pytest.mark.parametrize(
    ("boot", "off_host_s"),
    [(boot_id(), -500.25), ("another boot", -500.25), ("", -500.25), (boot_id(), None)],
)
def test_when_a_cell_was_off_is_read_in_the_time_of_this_boot(
    tmp_path, monkeypatch, boot, off_host_s, set_by_s
):
    """By the host's own time within a boot, by the time of day (here 5000 s ago, before it was set) across boots."""
    real, run = time.time, tmp_path / "run.h5"
    assert read_guard_file(run) is None
    off_unix_s = None if off_host_s is None else real() - 5000.0
    settle(a_duty({}, tmp_path), SafetyAction("lost", off_host_s, True, "", off_unix_s=off_unix_s, boot=boot))
    assert BenchHistory(KEY).events()[-1].off_host_s == off_host_s
    monkeypatch.setattr(time, "time", lambda: real() + set_by_s)
    read_s = read_guard_file(run)
    if off_host_s is None or boot == boot_id():
        assert read_s == off_host_s
    else:
        assert read_s == pytest.approx(host_s() - 5000.0 - set_by_s, abs=100.0)


def test_a_guardian_that_tries_hands_over_to_the_next_program(unreachable, tmp_path):
    lock, lost = held(unreachable), []

    def guard() -> None:
        try:
            keep_trying(a_duty(unreachable, tmp_path), lock)
        except LockLost as loss:
            lost.append(str(loss))
            lock.release()

    guardian = threading.Thread(target=guard)
    guardian.start()
    while (duty := read_duty(KEY)) is None or duty.tries == 0:
        time.sleep(0.01)
    mine = take(unreachable, within_s=30.0)
    guardian.join(timeout=30.0)
    assert lost == ["another program asks for the bench"]
    assert mine.is_mine()
    left = read_duty(KEY)
    assert left is not None
    assert left.tries > 0  # it is handed over, not done


def test_a_program_that_lives_keeps_its_bench(unreachable, tmp_path):
    lock = held(unreachable)
    write_duty(a_duty(unreachable, tmp_path, state="watching", engine=ME))
    with pytest.raises(BenchTaken, match=f"in use by user with the run run.h5 since .*process {os.getpid()}"):
        take(unreachable, within_s=30.0)
    assert lock.is_mine()


def looking(description, tmp_path) -> BenchLock:
    """A start check, which has a guardian of its own, as a run has."""
    places = places_of(Description(**description))
    lock = BenchLock(places, this_holder(KEY, "bench", "look", "start check", "user"))
    assert lock.acquire()
    write_duty(a_duty(description, tmp_path, state="watching", engine=ME))
    return lock


def test_a_run_waits_for_the_end_of_a_look_and_does_not_wait_for_ever(unreachable, tmp_path):
    lock = looking(unreachable, tmp_path)
    with pytest.raises(BenchTaken, match="user to look at it since"):
        take(unreachable, within_s=0.1)
    assert lock.is_mine()
    soon = threading.Timer(0.2, lock.release)
    soon.start()
    assert take(unreachable, within_s=30.0).is_mine()
    soon.join()


@pytest.mark.skipif(sys.platform == "win32", reason="it is ended there, and this process is it")
def test_a_guardian_that_does_not_answer_loses_the_lock_and_sends_nothing_more(unreachable, tmp_path):
    stopped = held(unreachable)
    duty = a_duty(unreachable, tmp_path)
    write_duty(duty)
    mine = take(unreachable, within_s=0.1)
    assert not stopped.is_mine()
    with pytest.raises(LockLost, match="has taken the bench"):
        keep_trying(duty, stopped)
    stopped.release()
    assert lock_of(unreachable).acquire() is False
    mine.release()
    assert lock_of(unreachable).acquire()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_an_adapter_that_came_back_under_another_name_is_found_by_its_serial_number(tmp_path, monkeypatch):
    with served_bench(tmp_path, "--pty", listens=False) as served:
        bench, _ = load_bench(str(served.bench))
        described = describe(bench, required_addresses(bench))
        now = ListPortInfo(described.adapter)
        now.vid, now.pid, now.serial_number = 0x1D50, 0x6018, "A1"
        monkeypatch.setattr(list_ports, "comports", lambda: [ListPortInfo("/dev/ttyS0"), now])
        before = asdict(replace(described, adapter="/dev/no-such-port"))
        usb = {"/dev/no-such-port": UsbIdentity(0x1D50, 0x6018, "A1")}
        lost = {"/dev/no-such-port": UsbIdentity(0x1D50, 0x6018, "B2")}
        lock = held(before)
        duty, deed = keep_trying(a_duty(before, tmp_path, usb=lost), lock, within_s=0.0)
        assert deed is None
        assert "no-such-port" in duty.problem
        _, deed = keep_trying(replace(duty, usb=usb), lock, within_s=30.0)
        assert deed is not None
        assert deed.verified


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open is not deleted there")
def test_a_lock_whose_file_was_deleted_is_still_mine(unreachable):
    lock = held(unreachable)
    (place,) = places_of(Description(**unreachable))
    lock_path(place).unlink()
    assert lock.is_mine()


def test_a_run_that_another_program_goes_on_with_is_left_to_it(unreachable, tmp_path):
    journal = tmp_path / "run.journal"
    journal.write_text("written by the first program\n")
    lock = held(unreachable)
    duty, deed = keep_trying(a_duty(unreachable, tmp_path), lock, within_s=0.0)
    assert deed is None
    journal.write_text(journal.read_text() + "and by the next\n")
    with pytest.raises(LockLost, match="continues the run"):
        keep_trying(duty, lock)
    assert read_duty(KEY) is None


def test_what_a_person_reads_first_says_each_thing_once():
    """The cure of an instrument that does not answer, and what to press, stand once in the paragraph."""
    silent = NoReply("1287", "?ER", 2.12)
    problem = making_safe._found(
        NotSafe(f"no reading shows the cell disconnected ({silent.what})", "Press STANDBY")
    )
    assert problem == "no reading shows the cell disconnected (1287 did not react to '?ER' within 2.12 s)"
    assert str(silent).startswith(f"{silent.what}. Check its power")
    assert making_safe._found(ValueError()) == "ValueError"
