"""The guardian: a small process that makes the cell safe when the engine dies, hangs or is stopped.

    python -P -m solbench.acquisition.bench.guardian

It has a session of its own, owns the bench lock, and reads one line of JSON (`Assignment`) and then short lines
from the engine's end of a pipe: `beat T` (the next one comes before host time T), `bye` (the cell was made safe
in an orderly way), `nothing` (nothing was switched on) and `act` (the engine could not make the cell safe, and has let
go of the port). Pipe closed without a bye: it acts at once. A beat that does not come: it ends the engine first,
because a hung engine holds the port. It says on its own output what it does, one JSON line each, and answers each beat
there, so that an engine learns when it was stopped itself.

It does not end before the cell is verified off, however long that takes, unless another program takes the bench over.
A cell that an earlier guardian could not switch off comes first: only then a new program gets the bench.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from solbench.acquisition.bench.bench_lock import BenchLock, BenchTaken, Deed, this_holder
from solbench.acquisition.bench.connect import Description, ports_of, warm_up
from solbench.acquisition.bench.making_safe import LockLost, duties_at, keep_trying, take_lock
from solbench.acquisition.bench.models import MODELS
from solbench.acquisition.control.duties import (
    Duty,
    Process,
    duties,
    forget_duty,
    taken_up,
    write_duty,
)
from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.host.platform import end_last, host_s, is_alive, kill
from solbench.drivers.links.usb_identity import devices_at

FIRST_TRIES_S = 5.0  # then whoever waits for a word is told that it goes on
STOOD_STILL_S = 2.0  # it looks every second
SHORTEST_LEASE_S = 1.0
READING_S = 0.05  # in which what waits in the pipe is read
ACK = b"heard\n"  # the answer to a beat
BYE, NOTHING = b"bye", b"nothing"
BY_REQUEST = "the engine could not verify that the cell is off"
LEFT_ALONE = "program and guardian had both ended"


@dataclass(frozen=True)
class Assignment:
    """What a guardian is told: the bench and its lock, the run, whom it watches.

    `deed`: what the bench is wanted for. `first_beat_s`: until its first sign of life (s); `first_tries_s`: so long it
    tries before it says how it is (s).
    """

    description: dict[str, Any]
    bench_key: str
    bench: str
    engine_pid: int
    run: str
    journal: str
    user: str
    first_beat_s: float = 30.0
    first_tries_s: float = FIRST_TRIES_S
    deed: Deed = "run"


def main() -> int:
    """Guard one engine process."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):  # a log-off asks every process to end; the cell may be on
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    end_last()
    assignment = Assignment(**json.loads(_first_line()))
    me = this_holder(
        assignment.bench_key,
        assignment.bench,
        assignment.deed,
        assignment.run,
        assignment.user,
        assignment.engine_pid,
    )
    try:
        lock = take_lock(Description(**assignment.description), me)
    except (BenchTaken, OSError) as taken:
        _say({"locked": False, "text": str(taken)})
        return 1
    try:
        return _guard(assignment, lock)
    except LockLost:
        return 0
    finally:
        lock.release()


def _guard(assignment: Assignment, lock: BenchLock) -> int:
    description = Description(**assignment.description)
    for left in duties_at(description):
        if left.engine == Process.of(assignment.engine_pid) and left.engine.alive:
            continue  # this engine's own, of a guardian that it has lost: it holds the port, and has switched off
        taken = taken_up(left, os.getpid(), LEFT_ALONE)
        if not _is_made_safe(taken, lock, "locked", assignment.first_tries_s):
            return 0
    duty = _duty(assignment)
    write_duty(duty)
    _say({"locked": True, "pid": os.getpid()})
    duty = replace(duty, usb=devices_at(ports_of(description)))
    write_duty(duty)
    warm_up(description)
    why = watch(assignment)
    if isinstance(why, bytes):
        _relieve(duty, whole_run=why == BYE)
        return 0
    if why != BY_REQUEST:
        _end_engine(assignment.engine_pid)
    duty = taken_up(duty, os.getpid(), why)
    return 0 if _is_made_safe(duty, lock, "verified", assignment.first_tries_s) else 3


def _is_made_safe(duty: Duty, lock: BenchLock, key: str, within_s: float) -> bool:
    """Try until the cell is off; return whether it was within `within_s` (s), else say so with `key` as false."""
    duty, deed = keep_trying(duty, lock, within_s)
    if deed is not None:
        if key == "verified":
            _say(asdict(deed))
        return True
    _say({key: False, "unsafe": True, "text": duty.as_words()})
    keep_trying(duty, lock)
    return False


def _duty(assignment: Assignment) -> Duty:
    return Duty(
        bench_key=assignment.bench_key,
        bench=assignment.bench,
        run=assignment.run,
        journal=assignment.journal,
        user=assignment.user,
        description=assignment.description,
        by_hand=MODELS[Description(**assignment.description).model].by_hand,
        engine=Process.of(assignment.engine_pid),
        guardian=Process.of(os.getpid()),
    )


def _relieve(duty: Duty, whole_run: bool) -> None:
    """End the duty; of a whole run also those that nobody has, of when the instruments had another address."""
    forget_duty(duty.bench_key)
    for other in duties():
        if whole_run and other.run == duty.run and not other.guardian.alive:
            forget_duty(other.bench_key)


def _first_line() -> bytes:
    """Read one line byte by byte, so that nothing behind it is swallowed by a buffer."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return line
        line += byte
    return line


class Inbox:
    """What comes from the engine's end of the pipe, read by a thread: Windows cannot wait for a pipe and a time."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="engine", daemon=True).start()

    def _read(self) -> None:
        data = b"-"
        while data:
            try:
                data = os.read(self._descriptor, 65536)
            except OSError:
                data = b""
            self._pieces.put(data)

    def get(self, within_s: float) -> bytes | None:
        """Return what has come, None if nothing does within this time (s), b"" once the other end is gone."""
        with suppress(queue.Empty):
            return self._pieces.get(timeout=within_s)
        return None


def watch(assignment: Assignment) -> str | bytes:
    """Wait for the end of the engine; return why to act, or the line with which it says that there is no need to."""
    looked_s = host_s()
    lease_s = assignment.first_beat_s
    deadline_s = looked_s + lease_s
    text = b""
    inbox = Inbox()
    while True:
        # What waits in the pipe counts, even behind the deadline: it may be this process that was stopped.
        now_s = host_s()
        if now_s - looked_s > STOOD_STILL_S:  # the PC slept, and with it the engine
            deadline_s = max(deadline_s, now_s + lease_s)
        looked_s = now_s
        remaining_s = deadline_s - now_s
        data = inbox.get(min(max(remaining_s, READING_S), 1.0))
        if data is None:
            if remaining_s <= 0.0:
                return "the program did not answer any more (hung or stopped), and was ended"
            continue
        if not data:
            return UNEXPECTED_EXIT
        *lines, text = (text + data).split(b"\n")
        for line in lines:
            if line in (BYE, NOTHING):
                return line
            if line == b"act":
                return BY_REQUEST
            if line.startswith(b"beat "):
                deadline_s = float(line[5:])
                lease_s = max(deadline_s - host_s(), SHORTEST_LEASE_S)
                _answer_beat()


def _end_engine(pid: int) -> None:
    """Kill a hung engine and wait until its port is free; a dead one is dead."""
    kill(pid)
    until = time.monotonic() + 2.0
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.005)


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
