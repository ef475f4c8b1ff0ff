"""Starting the engine of a run as a process of its own session, which outlives this program and its terminal."""

import subprocess
import time
from contextlib import suppress
from pathlib import Path

from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.itself import command_line
from solbench.acquisition.host.platform import own_session, remove
from solbench.acquisition.queue.standing import ending
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import journal_path, read_last

STARTED_WITHIN_S = 60.0
ENDED_WITHIN_S = 20.0


class EndedAlready(Fault):
    """The run began and ended before it could be spoken to: `code` is its exit code, the text says how."""

    def __init__(self, run: Path, code: int) -> None:
        super().__init__(f"{run} has ended already: {ending(run).text}")
        self.code = code


def start_detached(arguments: list[str], run: Path, folder: str = "") -> Entry:
    """Start `solbench run` or `resume` detached and wait until it can be spoken to; `folder` is where it runs.

    Raises Fault with its message where it did not begin, EndedAlready where it was over at once.
    What the engine says goes to RUN.log, behind what an earlier one said.
    """
    log, ended_before = run.with_suffix(".log"), last_end(run)
    with log.open("ab") as output:
        begins = output.tell()
        process = subprocess.Popen(
            command_line(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder or None,
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
    too_slow = process.poll() is None
    if too_slow:  # a run that began after this would go unnoticed
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDED_WITHIN_S)
    said = log.read_bytes()[begins:].decode(errors="replace").strip()
    code = process.poll()
    if code == 2 and begins == 0:
        remove(log)
    if code not in (None, 2) and last_end(run) != ended_before:
        raise EndedAlready(run, code)
    if too_slow:
        raise Fault(
            f"the engine did not begin within {STARTED_WITHIN_S:g} s and was ended; {log} has its messages"
        )
    raise Fault(said.removeprefix("solbench: ") or "the engine did not start")


def last_end(run: Path) -> int | None:
    """Return the number of the record that ends a run's journal, None where it has no end."""
    last = read_last(journal_path(run))
    return last.seq if last is not None and isinstance(last.body, RunEnd) else None
