"""The folder for Windows PCs, started under Wine as a user starts it: same digits, a kill, the window, the Start menu.

Needs the folder that `.ci/make-windows-python` made, named by SOLBENCH_WINDOWS, and root (docs/windows.md).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from solbench.simulators.server.client import Control
from tests.end_to_end.programs import solbench
from tests.modules import ROOT

WINDOWS = Path(os.environ.get("SOLBENCH_WINDOWS", "/nowhere"))
NAME = "Portable of a lab"  # a path with spaces, as people have them

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (WINDOWS / "python").exists(), reason="SOLBENCH_WINDOWS names no Windows Python"),
]


@pytest.fixture(scope="module")
def work() -> Iterator[Path]:
    """The folder of a user with the unpacked program in it; Wine sees it as Z:\\Portable of a lab."""
    root = WINDOWS / "root"
    work = root / NAME
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    subprocess.run([WINDOWS / "python", "-c", ""], check=True, capture_output=True)  # mounts what Wine needs
    made = {**os.environ, "PYTHON": sys.executable}
    subprocess.run([ROOT / ".ci/make-portable-windows", work / "Solbench"], env=made, check=True)
    inside = [f"{NAME}/Solbench/packages", f"{NAME}/Solbench/python"]
    subprocess.run([sys.executable, ROOT / ".ci/windows-parts", "fill", root, *inside], check=True)
    yield work
    subprocess.run(in_wine("wineserver", "-k"), check=False)
    for place in ("proc", "dev"):
        subprocess.run(["mount", "--make-rslave", root / place], check=False)  # else this PC's own go, too
        subprocess.run(["umount", "-R", "-l", root / place], check=False)


def in_wine(*command: str, display: str = "") -> list[str]:
    variables = ["HOME=/root", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin:/usr/lib/wine", "WINEARCH=win64"]
    variables += ["WINEDEBUG=-all", *([f"DISPLAY={display}"] if display else [])]
    enter = ["chroot", str(WINDOWS / "root"), "env", "-i", *variables]
    return [*enter, "sh", "-c", f'cd "/{NAME}" && exec "$@"', "sh", *command]


def cmd(file: str, *arguments: str) -> list[str]:
    return in_wine("wine", "cmd", "/c", rf"Z:\{NAME}\Solbench\{file}", *arguments)


def started(line: str) -> subprocess.Popen[str]:
    command = cmd("solbench.cmd", *line.split())
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def said(command: list[str]) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_main_job_has_the_digits_of_this_system(work: Path, tmp_path: Path) -> None:
    job = ["run", "half-cell", "--cell", "nbh", "--json", "-o"]
    there = json.loads(said(cmd("solbench.cmd", *job, "first.h5")).splitlines()[-1])
    here = solbench(tmp_path, *job, "first.h5")
    assert here.code == 0, here.err
    assert there["completed"] is True
    mine = here.summary
    assert there["samples"] == mine["samples"] > 50_000
    digits = [
        (step["name"], step["duration_s"], round(step["areal_capacity_mAh_cm2"], 9)) for step in mine["steps"]
    ]
    assert digits == [
        (step["name"], step["duration_s"], round(step["areal_capacity_mAh_cm2"], 9))
        for step in there["steps"]
    ]


def _engine(name: str) -> psutil.Process | None:
    """The process of Windows that carries out `run`, as Linux sees it."""
    for one in psutil.process_iter(["cmdline"]):
        line = one.info["cmdline"] or []
        if "python.exe" in " ".join(line[:2]) and "run" in line and name in line:
            return one
    return None


def test_a_killed_engine_leaves_the_cell_off(work: Path) -> None:
    """The guardian, a second process of the same python.exe, switches off at a bench outside the program."""
    with (
        started("simulate --cell nbh --speed 60 --listen 127.0.0.1:0 --bench-out b.yaml") as bench,
        ExitStack() as stack,
    ):
        assert bench.stdout is not None
        ready = json.loads(bench.stdout.readline())
        run = stack.enter_context(started("run half-cell --cell nbh --bench b.yaml -o killed.h5"))
        control = stack.enter_context(Control(ready["control"]))
        deadline = time.monotonic() + 200
        while not control.truth()["polarized"]:
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.2)
        engine = _engine("killed.h5")
        assert engine is not None
        engine.send_signal(signal.SIGKILL)
        while control.truth()["polarized"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        control.order({"ask": "stop"})
    assert (work / "killed.journal").stat().st_size > 1000
    assert "not completed" in said(cmd("solbench.cmd", "recover", "killed.h5"))


def test_the_entries_of_the_start_menu_come_and_go(work: Path) -> None:
    said(cmd("Add to Start menu.cmd", "/quiet"))
    menu = next((WINDOWS / "root/root/.wine").rglob("Start Menu/Programs/Solbench"))
    assert sorted(entry.name for entry in menu.iterdir()) == ["Solbench command line.lnk", "Solbench.lnk"]
    assert "pythonw.exe".encode("utf-16-le") in (menu / "Solbench.lnk").read_bytes()
    said(cmd("Remove from Start menu.cmd", "/quiet"))
    assert not menu.exists()


@pytest.mark.skipif(
    not shutil.which("Xvfb") or not shutil.which("xwininfo"), reason="no display to be seen on"
)
def test_the_window_opens(work: Path) -> None:
    seen, write = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24"], pass_fds=[write]
    )
    os.close(write)
    with os.fdopen(seen) as number:
        display = f":{number.readline().strip()}"
    sockets = WINDOWS / "root/tmp/.X11-unix"
    sockets.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", "/tmp/.X11-unix", sockets], check=True)
    subprocess.run(in_wine("wineserver", "-k", "-w"), check=False)  # the one so far has no display
    window = subprocess.Popen(
        in_wine("wine", "cmd", "/c", rf"Z:\{NAME}\Solbench\Solbench window.cmd", display=display),
        stdin=subprocess.DEVNULL,
    )
    tree = ["xwininfo", "-root", "-tree", "-display", display]
    of_ours = re.compile(r'\("pythonw\.exe" .*\) +(\d{3,})x(\d{3,})\+')
    try:
        deadline = time.monotonic() + 120
        while not of_ours.search(subprocess.check_output(tree, text=True)):
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        subprocess.run(in_wine("wineserver", "-k"), check=False)
        window.wait(30)
        screen.terminate()
        screen.wait(30)
        subprocess.run(["umount", sockets], check=True)
