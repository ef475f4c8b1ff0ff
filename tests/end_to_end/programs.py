"""The command line as real processes; everything they write lies in a folder of the test."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from solbench.cli.main import main
from tests.texts import CURRENT_A as CURRENT_A
from tests.texts import TINY

REPOSITORY = Path(__file__).resolve().parents[2]
PROTOCOL = TINY
BENCH = "name: test bench\nkind: simulated\npositive_terminal: we_re2\nsimulation: {errors: none}\n"


@dataclass
class Done:
    """A finished process."""

    code: int
    out: list[str]
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        """The summary: with --json the last line of stdout."""
        found = json.loads(self.out[-1])
        assert isinstance(found, dict)
        return found


def environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SOLBENCH", "XDG"))}
    return kept | {
        "PYTHONPATH": str(REPOSITORY / "src"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "SOLBENCH_STATE": str(folder / "state"),
    }


def begin(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start the command line in `folder`."""
    command = [sys.executable, "-P", "-c", "from solbench.cli.main import main; main()", *arguments]
    (folder / "state").mkdir(exist_ok=True)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def finish(process: "subprocess.Popen[str]", timeout_s: float = 120.0) -> Done:
    out, err = process.communicate(timeout=timeout_s)
    return Done(process.returncode, out.splitlines(), err)


def solbench(folder: Path, *arguments: str) -> Done:
    """Run the command line to its end, in a process solbench from one that has imported it, where that can be.

    Most of the time of a short command goes into importing what all of them import.
    """
    if sys.platform == "win32":
        return finish(begin(folder, *arguments))
    (folder / "state").mkdir(exist_ok=True)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(
        [
            "solbench.cli.main",
            "solbench.acquisition.run.start",
            "solbench.acquisition.bench.bench",
            "solbench.analysis.summary",
        ]
    )
    with TemporaryDirectory() as place:
        out, err = Path(place, "out"), Path(place, "err")
        process = server.Process(target=_command, args=(folder, arguments, environment(folder), out, err))
        process.start()
        process.join(120.0)
        assert process.exitcode is not None, "it did not end"
        return Done(
            process.exitcode,
            out.read_text(encoding="utf-8").splitlines(),
            err.read_text(encoding="utf-8"),
        )


def _command(
    folder: Path, arguments: tuple[str, ...], variables: dict[str, str], out: Path, err: Path
) -> None:
    """Become the command: its folder, its environment, its standard streams."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["solbench", *arguments]
    main()


def inputs(folder: Path, protocol: str = PROTOCOL) -> list[str]:
    """Write protocol and bench into `folder`; return the arguments of a run."""
    (folder / "tiny.yaml").write_text(protocol, encoding="utf-8")
    (folder / "bench.yaml").write_text(BENCH, encoding="utf-8")
    return ["run", "tiny.yaml", "--cell", "nbh", "--bench", "bench.yaml", "-o", "a.h5"]


def killed_after(folder: Path, n: int, arguments: list[str], number: int = signal.SIGKILL) -> list[int]:
    """Start a command with --events, send a signal right after the n-th line; return the printed seqs."""
    process = begin(folder, *arguments, "--events")
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(json.loads(line)["seq"])
        if len(printed) == n:
            process.send_signal(number)
    printed += []
    process.communicate(timeout=60)
    return printed
