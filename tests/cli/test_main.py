"""The program itself: its version, its help, and what it says to a command that there is not."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = re.search(r'__version__ = "(.*)"', (ROOT / "src" / "solbench" / "__init__.py").read_text())[1]


def solbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "solbench", *arguments], capture_output=True, text=True, check=False
    )


def test_the_version_is_the_packages():
    done = solbench("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"solbench {VERSION}\n", "")


def test_without_a_command_the_help_is_shown():
    done = solbench()
    assert done.returncode == 2
    assert "make-safe" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "named"), [(("rum",), "rum"), (("run", "--spede", "2"), "--spede"), (("run",), "PROTOCOL")]
)
def test_a_mistake_is_one_paragraph_and_exit_code_2(arguments, named):
    done = solbench(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("solbench: ")
    assert done.stderr.count("\n") == 1
    assert named in done.stderr
