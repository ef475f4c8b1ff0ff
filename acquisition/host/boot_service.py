"""A service that makes cells safe when the PC starts: after a power cut, or a reboot that nobody asked for.

On Linux a unit of the user's own systemd, which lingering starts at boot, without a log-in; on Windows a scheduled
task. Both run one command once; what it could not switch off it leaves to a guardian, which must outlive it.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from solbench.acquisition.errors import Fault
from solbench.acquisition.host.itself import command_line
from solbench.acquisition.host.platform import WINDOWS

NAME = "solbench-make-safe"
COMMAND = tuple(command_line("make-safe", "--unfinished"))
ASKING_S = 20.0
UNIT = """[Unit]
Description=Switch off the cells that a run of Solbench left on

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={command}
{environment}# exit code 1: a guardian was left, which goes on trying and must outlive this command
SuccessExitStatus=1
KillMode=process

[Install]
WantedBy=default.target
"""
# S4U: without a log-in, and without a password that is kept. The settings are those that schtasks has no options for:
# a task that it makes of options neither starts nor goes on while the PC runs on its battery.
TASK = """<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Switch off the cells that a run of Solbench left on</Description></RegistrationInfo>
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>{user}</UserId><LogonType>S4U</LogonType></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author"><Exec><Command>{program}</Command><Arguments>{arguments}</Arguments></Exec></Actions>
</Task>
"""


@dataclass(frozen=True)
class BootService:
    """Whether the service is there, whether it starts with the PC and not only at a log-in, in words."""

    installed: bool
    at_boot: bool
    text: str


def install() -> BootService:
    """Install the service; it does nothing before the next start of the PC. Raises Fault, OSError."""
    if WINDOWS:
        with tempfile.TemporaryDirectory() as folder:
            task = Path(folder, "task.xml")
            task.write_text(task_text(), encoding="utf-16")
            _require("schtasks", "/Create", "/F", "/TN", NAME, "/XML", str(task))
        return status()
    _require_systemd()
    path = unit_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(unit_text(), encoding="utf-8")
    _require("systemctl", "--user", "daemon-reload")
    _require("systemctl", "--user", "enable", NAME)
    _done("loginctl", "enable-linger")  # what became of it, status says
    return status()


def remove() -> BootService:
    """Take the service away; lingering stays as it is, for other services may need it. Raises Fault, OSError."""
    if WINDOWS:
        if status().installed:
            _require("schtasks", "/Delete", "/F", "/TN", NAME)
        return status()
    if unit_path().exists():
        _done("systemctl", "--user", "disable", NAME)
        unit_path().unlink()
        _done("systemctl", "--user", "daemon-reload")
    return status()


def status() -> BootService:
    """Look whether the service is there."""
    if WINDOWS:
        there = _done("schtasks", "/Query", "/TN", NAME).returncode == 0
        return BootService(there, there, "it starts with the PC" if there else "it is not installed")
    enabled = unit_path().exists() and _done("systemctl", "--user", "is-enabled", NAME).returncode == 0
    if not enabled:
        return BootService(installed=False, at_boot=False, text="it is not installed")
    lingers = _done("loginctl", "show-user", "--property=Linger", "--value").stdout.strip() == "yes"
    text = (
        "it starts with the PC"
        if lingers
        else "it starts only when you log in: have an administrator run loginctl enable-linger for you"
    )
    return BootService(installed=True, at_boot=lingers, text=text)


def unit_path() -> Path:
    """Return where the user's systemd looks for the unit."""
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "systemd" / "user" / f"{NAME}.service"


def unit_text() -> str:
    """Return the unit; the state folder is that of this program, wherever it is."""
    given = {name: os.environ[name] for name in ("SOLBENCH_STATE", "XDG_STATE_HOME") if os.environ.get(name)}
    environment = "".join(f"Environment={shlex.quote(f'{name}={value}')}\n" for name, value in given.items())
    return UNIT.format(command=shlex.join(COMMAND).replace("%", "%%"), environment=environment)


def task_text() -> str:
    """Return the task of Windows as XML, for the user who asks."""
    user = "\\".join(filter(None, map(os.environ.get, ("USERDOMAIN", "USERNAME"))))
    program, *arguments = COMMAND
    return TASK.format(
        user=escape(user), program=escape(program), arguments=escape(subprocess.list2cmdline(arguments))
    )


def _require_systemd() -> None:
    if sys.platform == "linux" and shutil.which("systemctl") is not None:
        return
    raise Fault(
        "there is no service here that starts with the PC (no systemd); have whatever starts programs on this PC run "
        f"{shlex.join(COMMAND)}"
    )


def _require(*command: str) -> None:
    """Carry out a command; raises Fault with what it said."""
    done = _done(*command)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise Fault(f"the service was not set up: {shlex.join(command)} said: {said.rstrip('.')}")


def _done(*command: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ASKING_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, -1, "", f"no answer within {ASKING_S:g} s")
    except OSError as error:
        return subprocess.CompletedProcess(command, -1, "", str(error))
