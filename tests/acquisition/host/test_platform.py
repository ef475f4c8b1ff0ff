"""Processes as the operating system knows them, by two ways that must agree."""

import errno
import os
import subprocess
import sys
import threading
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
    until = time.monotonic() + 60.0
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
    assert child.wait(60.0) != 0
    assert not platform.is_alive(child.pid)


def test_a_boot_has_one_name_in_every_process_whatever_the_clock_shows(monkeypatch) -> None:
    text = (
        "from solbench.acquisition.host import platform as here; print(here.boot_id(), here.boot_by_psutil())"
    )
    said = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout
    platform.boot_id.cache_clear()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    boot, begun = said.split()
    assert boot == platform.boot_id() != ""
    assert begun  # the way of other systems than Linux; there it is the time of day, which may be corrected


class Busy:
    """A file that another program has open for some attempts."""

    def __init__(self, attempts: int) -> None:
        self.left = attempts

    def read(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise PermissionError(13, "Sharing violation")
        return "read"


def test_what_another_program_has_open_is_asked_for_again_on_windows_alone(monkeypatch) -> None:
    monkeypatch.setattr(platform, "WINDOWS", True)
    assert platform.patiently(Busy(3).read) == "read"
    monkeypatch.setattr(platform, "BUSY_S", 0.0)
    with pytest.raises(PermissionError):
        platform.patiently(Busy(1000).read)
    monkeypatch.setattr(platform, "WINDOWS", False)
    once = Busy(1)
    with pytest.raises(PermissionError):
        platform.patiently(once.read)
    assert once.left == 0


def test_a_small_file_is_read_whole_however_often_it_is_replaced(tmp_path) -> None:
    path = tmp_path / "a.json"
    texts = ["a" * 3000, "b" * 3000]
    platform.write_private(path, texts[0])
    writer = threading.Thread(target=lambda: [platform.write_private(path, texts[n % 2]) for n in range(200)])
    writer.start()
    seen = set()
    while writer.is_alive():
        began_s = time.monotonic()
        seen.add(platform.read_private(path))
        # whoever looks without a pause keeps a writer on Windows out
        time.sleep(2e-3 + 2.0 * (time.monotonic() - began_s))
    writer.join()
    assert seen <= set(texts)


def test_a_text_that_the_disk_does_not_take_leaves_the_one_before_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    platform.write_whole(path, "before \N{OHM SIGN}")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(platform.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        platform.write_whole(path, "after")
    assert path.read_text(encoding="utf-8") == "before \N{OHM SIGN}"
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    platform.write_whole(path, "after")
    assert path.read_text(encoding="utf-8") == "after"


def test_of_a_path_that_is_too_long_windows_alone_says_that_it_is_not_there(monkeypatch) -> None:
    path = "C:\\" + "deep\\" * 60 + "run.h5"
    monkeypatch.setattr(platform, "WINDOWS", False)
    assert platform.if_too_long(path) == ""
    monkeypatch.setattr(platform, "WINDOWS", True)
    assert "260 characters" in platform.if_too_long(path)
    assert platform.if_too_long("C:\\run.h5") == ""
