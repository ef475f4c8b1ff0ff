"""The guardian: a small process that makes the cell safe when the engine dies, hangs or is stopped.

    python -P -m solbench.acquisition.bench.guardian

It has a session of its own, owns the bench lock, and reads one line of JSON (`Assignment`) and then short lines
from the engine's end of a pipe: `beat T` (the next one comes before host time T), `bye` (the cell was made safe
in an orderly way) and `act` (the engine could not, and has let go of the port). Pipe closed without a bye: it
acts at once. A beat that does not come: it ends the engine first, because a hung engine holds the port. It says
on its own output what it does, one JSON line each, and answers each beat there, so that an engine learns when it was
stopped itself.
"""

import json
import os
import selectors
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.connect import Description, open_instruments, warm_up
from solbench.acquisition.bench.models import MODELS
from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.host.platform import FileLock, host_s, is_alive, kill, state_folder, write_private
from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import DriverError

PORT_WITHIN_S = 10.0  # how long it tries to get hold of a port that the engine held
RETRY_S = 0.02
ACK = b"heard\n"  # the answer to a beat
BY_REQUEST = "the engine could not verify that the cell is off"


@dataclass(frozen=True)
class Assignment:
    """What a guardian is told: the bench, its lock, whom it watches, and where it writes what it did."""

    description: dict[str, Any]
    bench_key: str
    engine_pid: int
    guard_file: str
    owner: dict[str, Any]
    first_beat_s: float = 30.0


@dataclass(frozen=True)
class SafetyAction:
    """What a guardian did: why, at which host time the cell was off, whether that was verified, in words."""

    why: str
    off_host_s: float | None
    verified: bool
    text: str


def guard_path(run: Path) -> Path:
    """Return where the guardian of the run file `run` writes what it did."""
    return run.with_suffix(".guard")


def lock_path(bench_key: str) -> Path:
    """Return the lock file of a bench."""
    folder = state_folder() / "locks"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / f"{bench_key}.lock"


def owner_of(bench_key: str) -> dict[str, Any]:
    """Return who holds a bench, as far as is written."""
    try:
        return dict(json.loads(lock_path(bench_key).with_suffix(".owner").read_text()))
    except (OSError, ValueError):
        return {}


def main() -> int:
    """Guard one engine process."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    assignment = Assignment(**json.loads(_first_line()))
    lock = FileLock(lock_path(assignment.bench_key))
    if not lock.acquire():
        _say({"locked": False, "owner": owner_of(assignment.bench_key)})
        return 1
    write_private(lock_path(assignment.bench_key).with_suffix(".owner"), json.dumps(assignment.owner))
    _say({"locked": True, "pid": os.getpid()})
    try:
        warm_up(Description(**assignment.description))
        why = watch(assignment)
        if why is None:
            return 0
        if why != BY_REQUEST:
            _end_engine(assignment.engine_pid)
        return _act(assignment, why)
    finally:
        lock_path(assignment.bench_key).with_suffix(".owner").unlink(missing_ok=True)
        lock.release()


def _first_line() -> bytes:
    """Read one line byte by byte, so that nothing behind it is swallowed by a buffer."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return line
        line += byte
    return line


def watch(assignment: Assignment) -> str | None:
    """Wait for the end of the engine; return why to act, None after a bye."""
    deadline_s = host_s() + assignment.first_beat_s
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        while True:
            # What waits in the pipe counts, even behind the deadline: it may be this process that was stopped.
            remaining_s = deadline_s - host_s()
            if not selector.select(min(max(remaining_s, 0.0), 1.0)):
                if remaining_s <= 0.0:
                    return "the program did not answer any more (hung or stopped), and was ended"
                continue
            data = os.read(0, 65536)
            if not data:
                return UNEXPECTED_EXIT
            *lines, text = (text + data).split(b"\n")
            for line in lines:
                if line == b"bye":
                    return None
                if line == b"act":
                    return BY_REQUEST
                if line.startswith(b"beat "):
                    deadline_s = float(line[5:])
                    _answer_beat()


def _act(assignment: Assignment, why: str) -> int:
    deed = make_safe(assignment.description, why)
    write_private(Path(assignment.guard_file), json.dumps(asdict(deed)))
    _say(asdict(deed))
    return 0 if deed.verified else 3


def _end_engine(pid: int) -> None:
    """Kill a hung engine and wait until its port is free; a dead one is dead."""
    kill(pid)
    until = time.monotonic() + 2.0
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.005)


def make_safe(description: dict[str, Any], why: str) -> SafetyAction:
    """Open the bench, switch the cell off, verify. The port may be taken for a moment: try until it is free."""
    until = time.monotonic() + PORT_WITHIN_S
    problem = ""
    while True:
        try:
            return _make_safe_once(description, why)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the cell may still be on: try again
            problem = str(error) or type(error).__name__
        if time.monotonic() > until:
            by_hand = MODELS[Description(**description).model].by_hand
            text = f"the cell could not be switched off ({problem}). {by_hand}."
            return SafetyAction(why, off_host_s=None, verified=False, text=text)
        time.sleep(RETRY_S)


def _make_safe_once(description: dict[str, Any], why: str) -> SafetyAction:
    opened = open_instruments(Description(**description), SystemClock())
    try:
        forced = opened.equipment.dc.force_off()
        off_s = forced.at_s or host_s()  # the system's clock is the host's time
        try:
            opened.equipment.dc.make_safe()
        except DriverError as error:
            if forced.problem:  # not even the command went out: try again
                raise
            return SafetyAction(why, off_s, verified=False, text=str(error))
    finally:
        opened.close()
    return SafetyAction(why, off_s, verified=True, text="the cell was switched off and verified")


def _answer_beat() -> None:
    with suppress(OSError):  # the engine that would read it is gone
        os.write(1, ACK)


def _say(message: dict[str, Any]) -> None:
    try:
        os.write(1, json.dumps(message).encode() + b"\n")
    except OSError:  # the engine that would read it is gone
        return


if __name__ == "__main__":
    sys.exit(main())
