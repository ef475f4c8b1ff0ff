"""Starting the engine of a run as a process of its own session, which outlives this program and its terminal."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from acquisition.errors import Fault
from acquisition.host import own_session
from acquisition.registry import Entry, entries

STARTED_WITHIN_S = 60.0


def start_detached(arguments: list[str], run: Path) -> Entry:
    """Start `solbench run` detached and wait until it can be spoken to; raises Fault with what it said instead.

    What the engine says goes to RUN.log.
    """
    log = run.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cli.main", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **own_session(),
        )
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        for entry in entries():
            if entry.path == str(run) and entry.pid == process.pid:
                return entry
        if process.poll() is not None:
            break
        time.sleep(0.05)
    said = log.read_text(errors="replace").strip()
    if process.poll() == 2:
        log.unlink()
    raise Fault(said.removeprefix("solbench: ") or "the engine did not start")
