"""The command line as real processes; everything they write lies in a folder of the test."""

import json
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

import psutil

from solbench.acquisition.host.platform import kill
from solbench.cli.main import main
from tests.texts import CURRENT_A as CURRENT_A
from tests.texts import TINY

REPOSITORY = Path(__file__).resolve().parents[2]
PROTOCOL = TINY
BENCH = (
    "name: test bench\nkind: simulated\npositive_terminal: we_re2\nsimulation: {unit: ideal, errors: none}\n"
)
PRELOADED = [
    "solbench.cli.whole",
    "solbench.acquisition.run.start",
    "solbench.acquisition.bench.bench",
    "solbench.analysis.summary",
    "solbench.analysis.summary_text",
    "solbench.simulators.bench",
    "pyvisa",
]


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
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")]),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "SOLBENCH_STATE": str(folder / "state"),
        "SOLBENCH_LOCKS": str(folder / "locks"),
    }


# The exit code of a process that was killed: `TerminateProcess` is given one, and it is that of `platform.kill`.
KILLED = signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL


def suspend(pid: int) -> None:
    """Let a process stand still, as one that hangs does."""
    psutil.Process(pid).suspend()


def wake(pid: int) -> None:
    """Let it go on."""
    psutil.Process(pid).resume()


class Program:
    """A command line as a process of its own, used as one of `subprocess`.

    It is forked from a process that has imported what the commands import: half a second of processor less a start.
    """

    def __init__(
        self, folder: Path, arguments: Sequence[str], variables: dict[str, str], text: bool = True
    ) -> None:
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(PRELOADED)
        out, child_out = server.Pipe(duplex=False)
        err, child_err = server.Pipe(duplex=False)
        self._process = server.Process(
            target=_command, args=(folder, tuple(arguments), variables, child_out, child_err)
        )
        self._process.start()
        for end in (child_out, child_err):
            end.close()
        self.stdout, self.stderr = _opened(out, text), _opened(err, text)
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("solbench", timeout or 0.0)
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """Read what is left of both streams, and wait for the end."""
        with ThreadPoolExecutor(2) as readers:
            said = [readers.submit(_rest, stream) for stream in (self.stdout, self.stderr)]
        self.wait(timeout)
        return said[0].result(), said[1].result()

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = Program | subprocess.Popen[Any]


def _opened(end: Connection, text: bool) -> IO[Any]:
    number = os.dup(end.fileno())
    end.close()
    return os.fdopen(number, encoding="utf-8") if text else os.fdopen(number, "rb", buffering=0)


def _rest(stream: IO[Any]) -> Any:
    if stream.closed:
        return None
    with stream:
        return stream.read()


def _command(
    folder: Path, arguments: tuple[str, ...], variables: dict[str, str], out: Connection, err: Connection
) -> None:
    """Become the command: its folder, its environment, its standard streams."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests were begun with an `&`
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    for end, number in ((out, 1), (err, 2)):
        os.dup2(end.fileno(), number)
        end.close()
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for the whole process
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["solbench", *arguments]
    main()


def started(
    folder: Path, arguments: Sequence[str], variables: dict[str, str], text: bool = True
) -> "Process":
    """Start the command line in a folder with an environment; its streams give text, or bytes unbuffered."""
    if sys.platform != "win32":
        return Program(folder, arguments, variables, text)
    reading, writing = _roomy_pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "solbench.cli.main", *arguments],
        cwd=folder,
        env=variables,
        stdout=writing,
        stderr=subprocess.PIPE,
        bufsize=-1 if text else 0,
        encoding="utf-8" if text else None,
    )
    os.close(writing)
    process.stdout = os.fdopen(reading, encoding="utf-8") if text else os.fdopen(reading, "rb", buffering=0)
    return process


def _roomy_pipe() -> tuple[int, int]:
    """Make a pipe that takes what an engine says while nobody reads; by itself Windows gives one of 4 kB."""
    import _winapi
    import msvcrt

    ends = _winapi.CreatePipe(None, 1 << 20)
    return msvcrt.open_osfhandle(ends[0], os.O_RDONLY), msvcrt.open_osfhandle(ends[1], os.O_WRONLY)


def has_said(stream: IO[bytes], within_s: float) -> bool:
    """Wait for something to read from a process, or for its end; False where neither comes within `within_s` (s)."""
    if sys.platform != "win32":
        return bool(select.select([stream], [], [], within_s)[0])
    import _winapi  # of pipes there is no select there
    import msvcrt

    until_s = time.monotonic() + within_s
    pipe = msvcrt.get_osfhandle(stream.fileno())
    while True:
        try:
            if _winapi.PeekNamedPipe(pipe, 0)[0]:
                return True
        except BrokenPipeError:  # it has ended
            return True
        if time.monotonic() >= until_s:
            return False
        time.sleep(0.01)


def begin(folder: Path, *arguments: str) -> Process:
    """Start the command line in `folder`."""
    (folder / "state").mkdir(exist_ok=True)
    return started(folder, arguments, environment(folder))


def finish(process: Process, timeout_s: float = 120.0) -> Done:
    out, err = process.communicate(timeout=timeout_s)
    return Done(process.returncode, out.splitlines(), err)


def solbench(folder: Path, *arguments: str) -> Done:
    """Run the command line to its end."""
    return finish(begin(folder, *arguments))


def inputs(folder: Path, protocol: str = PROTOCOL) -> list[str]:
    """Write protocol and bench into `folder`; return the arguments of a run."""
    (folder / "tiny.yaml").write_text(protocol, encoding="utf-8")
    (folder / "bench.yaml").write_text(BENCH, encoding="utf-8")
    return ["run", "tiny.yaml", "--cell", "nbh", "--bench", "bench.yaml", "-o", "a.h5"]


def killed_after(folder: Path, n: int, arguments: list[str]) -> list[int]:
    """Start a command with --events, kill it right after the n-th line; return the printed seqs."""
    process = begin(folder, *arguments, "--events")
    printed = []
    for line in process.stdout:
        printed.append(json.loads(line)["seq"])
        if len(printed) == n:
            kill(process.pid)
    process.communicate(timeout=60)
    return printed
