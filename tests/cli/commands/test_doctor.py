"""What `solbench doctor` says of a PC with something wrong: each of its looks can fail."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from serial.tools import list_ports

from solbench.acquisition.record.journal import Journal
from solbench.cli.commands.doctor import _adapters, _clock, _locks, _place, _visa


def test_a_socket_of_the_board_is_no_adapter(monkeypatch: pytest.MonkeyPatch):
    board = SimpleNamespace(device="/dev/ttyS0", vid=None, description="n/a")
    monkeypatch.setattr(list_ports, "comports", lambda: [board])
    assert _adapters().text.startswith("none there")


def test_a_plugged_in_adapter_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path):
    device = tmp_path / "ttyUSB0"
    device.touch()
    adapter = SimpleNamespace(device=str(device), vid=0x0403, description="Prologix GPIB-USB")
    monkeypatch.setattr(list_ports, "comports", lambda: [adapter])
    assert "Prologix GPIB-USB" in _adapters().text


def no_locks(_descriptor: int, _how: int) -> None:
    raise OSError(errno.ENOLCK, "No locks available")


def test_a_file_system_without_locks_is_told_and_no_run_begins_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    assert _locks(tmp_path).good
    monkeypatch.setattr(fcntl, "flock", no_locks)
    found = _locks(tmp_path)
    assert (found.good, found.needed) == (False, True)
    assert "keeps no locks" in found.text
    with pytest.raises(OSError, match="keeps no locks"):
        Journal.create(tmp_path / "a.journal")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "good"),
    [
        ("/mnt/lab/runs", False),
        ("/home/anyone/runs", True),
        ("/home/anyone/OneDrive - Institute/runs", False),
        ("/home/anyone/Nextcloud", False),
        ("//server/share/runs", False),
        ("/mnt/laboratory", True),
    ],
)
def test_a_share_and_a_folder_of_a_cloud_are_told(monkeypatch: pytest.MonkeyPatch, folder, good):
    disks = [
        SimpleNamespace(mountpoint=place, fstype=kind)
        for place, kind in (("/", "ext4"), ("/mnt/lab", "nfs4"))
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: disks)
    assert _place(Path(folder)).good == good


def test_a_clock_before_the_program_was_made_is_wrong():
    assert _clock(0.0).text.startswith("it says 1970-01-01")
    assert not _clock(0.0).good
    assert _clock(4e9).good


def test_a_library_that_a_bench_needs_and_that_is_not_there_is_a_failure(tmp_path):
    found = _visa(str(tmp_path / "libvisa.so"))
    assert (found.good, found.needed) == (False, True)
    assert "install NI-VISA" in found.text
    assert not _visa(None).needed
