"""What a figure of the table is, and how the programs are started that give one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environments import python_with

PEER_SCRIPTS = Path(__file__).parent / "peers"
OWN = "solbench"
LONGEST_S = 3600.0  # for one figure


@dataclass
class Figure:
    """One line of the table: what is measured, in which unit, and what each program came to."""

    what: str
    unit: str
    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, program: str, value: float | None) -> None:
        """Take one value; None where the program did not come to one."""
        values = self.found.setdefault(program, [])
        if value is not None:
            values.append(value)


def told(program: str, script: str, *arguments: object) -> str:
    """Run a script with the Python of a program; return the last line that it prints, "" where it cannot run."""
    python = python_with(program)
    if python is None:
        return ""
    place = [str(PEER_SCRIPTS / script)] if script.endswith(".py") else ["-m", script]
    done = subprocess.run(
        [python, *place, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(program),
        timeout=LONGEST_S,
    )
    if done.returncode:
        print(f"{program}: {script} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return ""
    return done.stdout.strip().splitlines()[-1]


def number(program: str, script: str, *arguments: object) -> float | None:
    """Return the number that a script prints, None where it cannot run."""
    text = told(program, script, *arguments)
    return float(text) if text else None


def seconds(program: str, arguments: list[str]) -> float | None:
    """Return the processor time (s) of a process."""
    python = python_with(program)
    if python is None:
        return None
    before = os.times()
    done = subprocess.run([python, *arguments], capture_output=True, check=False, env=environment(program))
    after = os.times()
    if done.returncode:
        return None
    return after.children_user - before.children_user + after.children_system - before.children_system


def environment(program: str) -> dict[str, str]:
    """Return the environment of a process: one thread of linear algebra, and Solbench's sources for itself alone."""
    found = {
        **os.environ,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "QT_QPA_PLATFORM": "offscreen",
    }
    if program != OWN:
        found.pop("PYTHONPATH", None)
    return found
