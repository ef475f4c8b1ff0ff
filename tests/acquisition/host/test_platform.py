"""Processes as the operating system knows them, by two ways that must agree."""

import os
import subprocess
import sys
import time

import pytest

from solbench.acquisition.host import platform

WAYS = [platform.started_by_psutil] + ([platform.started_by_proc] if sys.platform == "linux" else [])


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("way", WAYS)
def test_a_process_is_known_from_its_start_to_its_end_and_not_as_a_zombie(way, child) -> None:
    began = way(child.pid)
    assert began
    assert began == way(child.pid)
    assert way(os.getpid()) not in (None, began)
    child.kill()
    until = time.monotonic() + 10.0
    while way(child.pid) is not None and time.monotonic() < until:  # nobody has waited for it yet
        time.sleep(0.005)
    assert way(child.pid) is None
    child.wait()
    assert way(child.pid) is None


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a process that may not be asked"
)
def test_a_process_of_another_user_is_alive() -> None:
    assert platform.is_alive(1)


def test_a_number_that_no_process_has_is_no_process() -> None:
    unused = next(pid for pid in range(4_000_000, 4_100_000) if not platform.is_alive(pid))
    assert platform.started_at(unused) == ""
    platform.kill(unused)


def test_killing_ends_a_process(child) -> None:
    platform.kill(child.pid)
    assert child.wait(10.0) != 0
    assert not platform.is_alive(child.pid)
