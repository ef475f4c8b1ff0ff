"""One bench has one master on a PC: by its places, whatever the bench file calls them and whoever asks."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from solbench.acquisition.bench.bench_lock import (
    BenchLock,
    holder_at,
    holders,
    lock_path,
    places_of,
    this_holder,
)
from solbench.acquisition.bench.connect import Description
from solbench.acquisition.host import shared_folder as folder_module
from solbench.acquisition.host.shared_folder import shared_folder

NOBODY = 65534
NUMBERS = {"1260": "12", "1287": "4"}


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like /run/lock: everybody may make a file in it, and nobody may take another one's away."""
    folder = tmp_path / "locks"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setenv("SOLBENCH_LOCKS", str(folder))
    return folder


def lock_of(*places: str, key: str = "k", run: str = "a.h5") -> BenchLock:
    return BenchLock(places, this_holder(key, "bench", "run", run, "anna"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("socket://localhost:1234", "socket://127.0.0.1:1234"),
        ("socket://Adapter.Lab:1234", "socket://adapter.lab:1234"),
        ("COM3", "com3"),
        ("\\\\.\\COM12", "COM12"),
    ],
)
def test_an_adapter_is_one_place_however_it_is_spelled(one: str, other: str) -> None:
    assert places_of(Description("prologix", NUMBERS, adapter=one)) == places_of(
        Description("prologix", {"1260": "8", "1287": "9"}, adapter=other)
    )


@pytest.mark.skipif(sys.platform == "win32", reason="ports are files elsewhere only")
def test_a_link_to_a_port_is_the_port(tmp_path: Path) -> None:
    port, link = tmp_path / "ttyUSB0", tmp_path / "by-id"
    port.touch()
    link.symlink_to(port)
    assert places_of(Description("serial", {"1287": str(link)})) == (os.path.realpath(port),)


@pytest.mark.parametrize("spelled", ["GPIB0::4::INSTR", "gpib::4", "GPIB0::4", "gpib0::4::instr"])
def test_an_instrument_is_one_place_by_any_library(spelled: str) -> None:
    assert places_of(Description("visa", {"1287": spelled}, visa_library="@py")) == ("GPIB0::4::INSTR",)


def test_a_serial_port_is_one_place_with_and_without_visa(tmp_path: Path) -> None:
    port = tmp_path / "ttyS0"
    port.touch()
    plain = places_of(Description("serial", {"1287": str(port)}))
    assert places_of(Description("visa", {"1287": f"ASRL{port}::INSTR"})) == plain
    assert places_of(Description("visa", {"1287": "asrl3::INSTR"})) == ("COM3",)


def test_two_benches_that_share_an_instrument_exclude_each_other_and_others_do_not() -> None:
    left, right = lock_of("GPIB0::4", "GPIB0::12"), lock_of("GPIB0::4", "GPIB0::6", key="other")
    assert left.acquire()
    assert not right.acquire()
    elsewhere = lock_of("GPIB0::5", "GPIB0::6")
    assert elsewhere.acquire()  # what was not had as a whole is not held in part
    left.release()
    assert not right.acquire()
    elsewhere.release()
    assert right.acquire()
    right.release()


def test_who_has_a_bench_is_told_as_long_as_it_is_had() -> None:
    lock = lock_of("COM3", run="night.h5")
    assert holder_at(["COM3"]) is None
    assert lock.acquire()
    holder = holder_at(["COM4", "COM3"])
    assert holder is not None
    assert f"anna with the run night.h5 since {holder.since}" in holder.as_words()
    assert holders() == [holder]
    lock.release()
    assert holders() == []


def test_the_word_of_a_process_that_has_gone_or_of_a_forger_is_not_believed(locks: Path) -> None:
    lock = lock_of("COM3")
    assert lock.acquire()
    fields = json.loads(lock_path("COM3").read_text())
    for wrong in (
        {**fields, "process": {**fields["process"], "started": "1"}},
        {**fields, "process": {**fields["process"], "pid": 10**30}},
        {**fields, "process": {**fields["process"], "pid": "1"}, "bench": [1]},
        {**fields, "deed": "?"},
        {**fields, "deed": ["run"]},
        {**fields, "places": [3]},
        {**fields, "bench_key": "../../home/b/bench"},
        {},
        [],
    ):
        lock_path("COM3").write_text(json.dumps(wrong))
        assert holder_at(["COM3"]) is None
        assert holders() == []
        assert not lock_of("COM3").acquire()  # the system knows better than the text
    for text in (b"\xff" * 100_000, b"[" * 60_000):
        lock_path("COM3").write_bytes(text)
        assert holders() == []


def test_a_place_that_cannot_be_locked_leaves_no_other_one_taken(locks: Path) -> None:
    first, broken = sorted(("COM3", "COM4"))
    lock_path(broken).mkdir()
    with pytest.raises(OSError, match=r"solbench-.*\.lock"):
        lock_of(first, broken).acquire()
    again = lock_of(first)
    assert again.acquire()
    again.release()


@contextmanager
def held_by_another_user(place: str) -> Iterator[None]:
    """Hold a place in a process of a user without rights, which then dies."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            lock = BenchLock([place], this_holder("theirs", "left", "run", "/home/b/night.h5", "bert"))
            os.write(tell, b"held" if lock.acquire() else b"not")
            signal.pause()
        finally:
            os._exit(1)
    try:
        assert os.read(ready, 4) == b"held"
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(tell)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs the right to be another user"
)
def test_the_lock_of_another_user_is_respected_and_taken_over_when_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o1777)
        monkeypatch.setenv("SOLBENCH_LOCKS", folder)
        mine = lock_of("COM3", run="mine.h5")
        with held_by_another_user("COM3"):
            assert lock_path("COM3").stat().st_uid == NOBODY
            assert not mine.acquire()
            holder = mine.holder()
            assert holder is not None
            assert holder.as_words().startswith("bert with the run /home/b/night.h5")
        assert mine.holder() is None
        assert mine.acquire()
        assert [one.run for one in holders()] == ["mine.h5"]
        mine.release()
        with held_by_another_user("COM3"):  # and the other way round, with a file that is mine
            assert not mine.acquire()
        second = lock_of("COM4")
        assert second.acquire()
        second.release()
        with held_by_another_user("COM4"):
            assert lock_path("COM4").stat().st_uid == 0
            assert not second.acquire()


def test_a_lock_file_that_may_only_be_read_still_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where another user's file is his alone."""
    first = lock_of("COM3")
    assert first.acquire()
    first.release()
    truly_open = os.open

    def refusing(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".lock") and flags & (os.O_RDWR | os.O_CREAT):
            raise PermissionError(13, "Permission denied", str(path))
        return truly_open(path, flags, mode)

    monkeypatch.setattr(os, "open", refusing)
    reading = lock_of("COM3")
    assert reading.acquire()
    assert not lock_of("COM3").acquire()
    reading.release()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has one folder for it")
def test_the_folder_is_the_first_that_is_open_to_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOLBENCH_LOCKS")
    private, open_to_all = tmp_path / "private", tmp_path / "open"
    private.mkdir(mode=0o755)
    open_to_all.mkdir()
    open_to_all.chmod(0o1777)
    places = (str(tmp_path / "none"), str(private), str(open_to_all))
    monkeypatch.setattr(folder_module, "PLACES", places)
    assert shared_folder() == open_to_all
    monkeypatch.setattr(folder_module, "PLACES", places[:2])
    with pytest.raises(OSError, match="SOLBENCH_LOCKS"):
        shared_folder()


def test_a_look_is_said_to_be_one() -> None:
    holder = replace(this_holder("k", "bench", "look"), user="anna")
    assert holder.as_words().startswith("anna to look at it since")


def test_a_guardian_starts_without_what_reads_the_lock_of_another() -> None:
    """Each run starts one, and waits for it: the library is half of what it would load."""
    code = "import sys, solbench.acquisition.bench.guardian; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
