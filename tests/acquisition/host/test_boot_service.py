"""The service at boot, with a systemctl and a loginctl of the test's own that keep what they were asked."""

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from solbench.acquisition.errors import Fault
from solbench.acquisition.host import boot_service
from solbench.acquisition.host.boot_service import COMMAND, install, remove, status, task_text, unit_path
from solbench.acquisition.host.platform import WINDOWS

of_systemd = pytest.mark.skipif(WINDOWS or sys.platform == "darwin", reason="systemd is of Linux")

SYSTEMCTL = """#!/bin/sh
here="$(dirname "$0")"
echo "systemctl $*" >> "$here/asked"
case "$2" in
enable) touch "$here/enabled" ;;
disable) rm -f "$here/enabled" ;;
is-enabled) test -e "$here/enabled" ;;
esac
"""
LOGINCTL = """#!/bin/sh
here="$(dirname "$0")"
echo "loginctl $*" >> "$here/asked"
case "$1" in
enable-linger) touch "$here/lingers" ;;
show-user) if test -e "$here/lingers"; then echo yes; else echo no; fi ;;
esac
"""
FORBIDS = """#!/bin/sh
if test "$1" = enable-linger; then echo "Could not enable linger: Access denied" >&2; exit 1; fi
echo no
"""
NO_BUS = '#!/bin/sh\necho "Failed to connect to bus: No medium found" >&2\nexit 1\n'


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put programs of these texts where systemd's are looked for; returns the file of what they were asked."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config of mine"))
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state of mine"))

    def put(systemctl: str, loginctl: str) -> Path:
        for name, text in (("systemctl", systemctl), ("loginctl", loginctl)):
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o755)
        return tmp_path / "asked"

    return put


@of_systemd
def test_it_is_installed_to_start_at_boot_and_removed_again(programs):
    asked = programs(SYSTEMCTL, LOGINCTL)
    assert not status().installed
    found = install()
    assert (found.installed, found.at_boot) == (True, True)
    assert asked.read_text().splitlines()[:3] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable solbench-make-safe",
        "loginctl enable-linger",
    ]
    found = remove()
    assert (found.installed, found.at_boot) == (False, False)
    assert not unit_path().exists()
    assert not remove().installed


@of_systemd
def test_the_unit_makes_safe_in_the_state_folder_of_this_program_and_spares_the_guardian(programs, tmp_path):
    programs(SYSTEMCTL, LOGINCTL)
    install()
    lines = unit_path().read_text().splitlines()
    assert f"ExecStart={sys.executable} -P -m solbench.cli.main make-safe --unfinished" in lines
    assert f"Environment='SOLBENCH_STATE={tmp_path}/state of mine'" in lines
    assert "KillMode=process" in lines
    assert "SuccessExitStatus=1" in lines


@of_systemd
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_unit(programs):
    programs(SYSTEMCTL, LOGINCTL)
    install()
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", str(unit_path())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert unit_path().name not in checked.stderr, checked.stderr


@of_systemd
def test_without_the_right_to_linger_it_says_that_it_starts_only_at_a_log_in(programs):
    programs(SYSTEMCTL, FORBIDS)
    found = install()
    assert (found.installed, found.at_boot) == (True, False)
    assert "loginctl enable-linger" in found.text


@of_systemd
def test_a_systemd_that_refuses_is_a_fault_with_its_words(programs):
    programs(NO_BUS, LOGINCTL)
    with pytest.raises(Fault, match="Failed to connect to bus: No medium found"):
        install()
    assert not status().installed


@of_systemd
def test_what_it_runs_is_a_command_of_this_program(programs):
    programs(SYSTEMCTL, LOGINCTL)
    done = subprocess.run(COMMAND, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "no cell was left on\n")


@pytest.mark.parametrize("program", ["C:\\Program Files\\R&D <lab>\\python.exe", "C:\\python.exe"])
def test_the_task_of_windows_runs_the_command_at_boot_on_a_battery_too_and_for_as_long_as_it_takes(
    program, monkeypatch
):
    monkeypatch.setenv("USERDOMAIN", "LAB")
    monkeypatch.setenv("USERNAME", "M\u00fcller & Co")
    monkeypatch.setattr(boot_service, "COMMAND", (program, "-m", "solbench.cli.main", "a b"))
    task = ET.fromstring(task_text().encode("utf-16"))
    found = {one.tag.partition("}")[2]: one.text for one in task.iter()}
    assert found["UserId"] == "LAB\\M\u00fcller & Co"
    assert (found["Command"], found["Arguments"]) == (program, '-m solbench.cli.main "a b"')
    assert found["DisallowStartIfOnBatteries"] == found["StopIfGoingOnBatteries"] == "false"
    assert found["ExecutionTimeLimit"] == "PT0S"
    assert "BootTrigger" in found


@pytest.mark.skipif(not WINDOWS, reason="schtasks is of Windows")
def test_windows_takes_the_task_and_forgets_it_again(tmp_path):
    file = tmp_path / "task.xml"
    file.write_text(task_text(), encoding="utf-16")
    for order in (
        ["/Create", "/F", "/TN", "solbench-test", "/XML", str(file)],
        ["/Delete", "/F", "/TN", "solbench-test"],
    ):
        done = subprocess.run(["schtasks", *order], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
