"""A packed program is its own interpreter: what it starts is itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from solbench.acquisition.host.itself import command_line, guardian_command


def test_commands_and_guardians_are_started_by_the_interpreter() -> None:
    assert command_line("runs") == [sys.executable, "-P", "-m", "solbench.cli.main", "runs"]
    assert guardian_command() == [sys.executable, "-P", "-m", "solbench.acquisition.bench.guardian"]


def test_a_packed_program_starts_itself_and_is_then_a_guardian(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command_line("runs") == [sys.executable, "runs"]
    packed, *arguments = guardian_command()
    assert packed == sys.executable
    environment = {
        **os.environ,
        "SOLBENCH_STATE": str(tmp_path / "state"),
        "SOLBENCH_LOCKS": str(tmp_path / "locks"),
    }
    described = {
        "kind": "prologix",
        "addresses": {"1260": "4", "1287": "6"},
        "adapter": "socket://127.0.0.1:1",
    }
    told = {"description": described, "bench_key": "k", "bench": "b", "engine_pid": os.getpid()}
    assignment = json.dumps({**told, "run": "a.h5", "journal": "", "user": "anna"})
    command = [packed, "-P", "-m", "solbench.cli.main", *arguments]  # what a packed program runs as its own
    done = subprocess.run(
        command, input=f"{assignment}\nnothing\n".encode(), capture_output=True, env=environment, timeout=60.0
    )
    assert json.loads(done.stdout)["locked"], done.stderr
    assert done.returncode == 0
