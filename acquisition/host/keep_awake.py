"""Keeping the PC from going to sleep during a run: a sleeping PC watches no cell.

Where nothing can, the run is carried out all the same and the reason is reported as text. What keeps the PC awake
ends with the process that requested it, however that dies.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from solbench.acquisition.host.platform import WINDOWS, own_session

WHO = "solbench"
LID, SHUTDOWN = "a closed lid still sends it to sleep", "a shutdown is not delayed"
# What is asked for, until something is granted, and what is then not: not everything is everybody's to ask for.
KINDS = (
    ("shutdown:sleep:idle:handle-lid-switch", ()),
    ("shutdown:sleep:idle", (LID,)),
    ("sleep:idle:handle-lid-switch", (SHUTDOWN,)),
    ("sleep:idle", (LID, SHUTDOWN)),
)
ASKING_S = 2.0  # a system bus that hangs must not keep a run from starting
NO_ANSWER = f"systemd-inhibit did not answer within {ASKING_S:g} s"
ES_CONTINUOUS, ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


@dataclass(frozen=True)
class Way:
    """How this PC can be kept awake: by a child process, by a call (no command), or not at all.

    `text` says how, or what to do where nothing can.
    """

    works: bool
    text: str
    command: tuple[str, ...] = ()


def find_way(why: str = "a run is in progress") -> Way:
    """Look at what this PC offers; it is tried, for what is installed may still be refused."""
    if WINDOWS:
        return Way(
            works=True,
            text="Windows does not sleep by itself during the run; a closed lid still sends it to sleep",
        )
    if sys.platform == "darwin":
        return _caffeinate()
    return _systemd(why)


@contextmanager
def kept_awake(why: str) -> Iterator[Way]:
    """Keep the PC awake inside; yields the way, which may be none."""
    way = find_way(why)
    if way.works and WINDOWS:
        with _execution_state():
            yield way
    elif way.works:
        with _child(way.command):
            yield way
    else:
        yield way


def _systemd(why: str) -> Way:
    program = shutil.which("systemd-inhibit")
    if program is None:
        return Way(
            works=False,
            text="nothing on this PC can keep it awake (there is no systemd-inhibit): make sure that it does not "
            "go to sleep",
        )
    refusal = ""
    for what, not_granted in KINDS:
        asked = (program, f"--what={what}", f"--who={WHO}", f"--why={why}", "--mode=block")
        refusal = _refusal((*asked, "true"))
        if refusal == NO_ANSWER:
            break
        if not refusal:
            text = "; ".join(("the PC stays awake during the run", *not_granted))
            return Way(works=True, text=text, command=(*asked, "cat"))
    cure = "turn sleep off in its settings; solbench doctor says how"
    return Way(works=False, text=f"the PC cannot be kept awake from here ({refusal}): {cure}")


def _caffeinate() -> Way:
    program = shutil.which("caffeinate")
    if program is None:
        return Way(
            works=False,
            text="nothing on this PC can keep it awake (there is no caffeinate): switch sleep off",
        )
    command = (program, "-i", "-w", str(os.getpid()))
    return Way(
        works=True,
        text="the PC stays awake during the run; a closed lid still sends it to sleep",
        command=command,
    )


def _refusal(command: tuple[str, ...]) -> str:
    """Return why a command failed, "" if it did not."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASKING_S, check=False
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1].rstrip(".")


@contextmanager
def _child(command: tuple[str, ...]) -> Iterator[None]:
    """Hold a process that ends when its stdin does: also when this program is killed."""
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **own_session(),  # the first Ctrl-C stops the run, and that takes a while
        )
    except OSError:  # it was there a moment ago; the run is worth more
        yield
        return
    try:
        yield
    finally:
        assert child.stdin is not None
        child.stdin.close()
        child.terminate()
        try:
            child.wait(ASKING_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _execution_state() -> Iterator[None]:
    """Tell Windows that the system is needed; it holds for this thread, until the thread ends."""
    import ctypes

    set_state = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined]
    set_state(ES_CONTINUOUS | ES_SYSTEM_REQUIRED)
    try:
        yield
    finally:
        set_state(ES_CONTINUOUS)
