"""Keeping the PC awake, with a systemd-inhibit of the test's own that says in a file what it was asked."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from solbench.acquisition.host.keep_awake import find_way, kept_awake
from solbench.acquisition.host.platform import WINDOWS, is_alive
from solbench.acquisition.run.start_check import sleep_finding
from tests.pace import Stopwatch

pytestmark = pytest.mark.skipif(WINDOWS or sys.platform == "darwin", reason="systemd-inhibit is of Linux")

GRANTS = """#!/bin/sh
for last; do :; done
echo "$$ $*" >> "$(dirname "$0")/asked"
exec "$last"
"""
NO_LID = """#!/bin/sh
case "$*" in *lid*) echo "Failed to inhibit: Access denied." >&2; exit 1;; esac
for last; do :; done
exec "$last"
"""
HANGS = """#!/bin/sh
echo "$$" >> "$(dirname "$0")/asked"
exec sleep 3600
"""
HOLDS_ON = """#!/bin/sh
for last; do :; done
[ "$last" = true ] && exit 0
trap "" TERM
echo "$$" >> "$(dirname "$0")/asked"
while :; do sleep 0.1; done
"""
REFUSES = '#!/bin/sh\necho "Failed to connect to bus: No such file or directory" >&2\nexit 1\n'


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a program of this text where systemd-inhibit is looked for; returns the file of what it was asked."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def put(text: str) -> Path:
        program = tmp_path / "systemd-inhibit"
        program.write_text(text)
        program.chmod(0o755)
        return tmp_path / "asked"

    return put


def gone(pid: int) -> bool:
    until = time.monotonic() + 60.0
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_alive(pid)


def test_it_is_held_inside_and_let_go_of_behind(install) -> None:
    asked = install(GRANTS)
    with kept_awake("the run a.h5 goes on") as way:
        assert way.works
        until = time.monotonic() + 60.0
        while len(asked.read_text().splitlines()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        tried, held = asked.read_text().splitlines()
        assert tried.endswith("--mode=block true")
        assert (
            "--what=shutdown:sleep:idle:handle-lid-switch --who=solbench --why=the run a.h5 goes on" in held
        )
        pid = int(held.split()[0])
        assert is_alive(pid)
    assert gone(pid)


def test_it_ends_with_a_program_that_is_killed(install) -> None:
    asked = install(GRANTS)
    code = (
        "import time\nfrom solbench.acquisition.host.keep_awake import kept_awake\n"
        "with kept_awake('x'):\n    time.sleep(3600)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(Path.cwd() / "src")}
    )
    until = time.monotonic() + 60.0
    while (not asked.exists() or len(asked.read_text().splitlines()) < 2) and time.monotonic() < until:
        time.sleep(0.01)
    pid = int(asked.read_text().splitlines()[1].split()[0])
    assert is_alive(pid)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert gone(pid)


def test_who_may_not_hold_the_lid_is_told_of_the_lid(install) -> None:
    install(NO_LID)
    way = find_way()
    assert way.works
    assert "a closed lid still sends it to sleep" in way.text
    assert "--what=shutdown:sleep:idle" in way.command


def test_who_may_not_hold_up_a_shutdown_is_told_so_and_the_pc_stays_awake(install) -> None:
    install(NO_LID.replace("*lid*", "*shutdown*"))
    way = find_way()
    assert way.works
    assert way.text == "the PC stays awake during the run; a shutdown is not delayed"
    assert "--what=sleep:idle:handle-lid-switch" in way.command


def test_a_refusal_is_a_remark_on_the_start_page_and_hinders_nothing(install) -> None:
    install(REFUSES)
    found = sleep_finding()
    assert found.passed
    assert found.remark
    assert str(found).startswith(
        "note  sleep of the PC: the PC cannot be kept awake from here (Failed to connect"
    )
    with kept_awake("x") as way:
        assert not way.works


def test_a_system_that_does_not_answer_is_asked_once_and_not_for_long(
    install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solbench.acquisition.host.keep_awake.ASKING_S", 0.3)
    asked = install(HANGS)
    with Stopwatch() as watch, kept_awake("x") as way:
        assert not way.works
        assert "did not answer" in way.text
    assert watch.elapsed_s < 3.0
    (pid,) = asked.read_text().split()
    assert gone(int(pid))


def test_one_that_does_not_let_go_keeps_no_program_from_ending(
    install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solbench.acquisition.host.keep_awake.ASKING_S", 0.3)
    asked = install(HOLDS_ON)
    with kept_awake("x") as way:
        assert way.works
        until = time.monotonic() + 60.0
        while not (asked.exists() and asked.read_text()) and time.monotonic() < until:
            time.sleep(0.01)
    assert gone(int(asked.read_text()))


def test_where_nothing_is_installed_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = sleep_finding()
    assert found.remark
    assert "there is no systemd-inhibit" in found.text


def test_windows_is_told_and_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call of Windows, by a stand-in: continuous and system required, and then only continuous."""
    told: list[int] = []
    kernel = SimpleNamespace(SetThreadExecutionState=told.append)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr("solbench.acquisition.host.keep_awake.WINDOWS", True)
    with kept_awake("x") as way:
        assert way.works
        assert told == [0x80000001]
    assert told == [0x80000001, 0x80000000]
