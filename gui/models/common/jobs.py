"""Work beside the window: commands of `solbench` as processes of their own, and calls in threads.

Results are handed over by `deliver`, which the window calls from its own thread ten times a second; so no
model and no view is ever touched by another thread.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from solbench.acquisition.host.itself import command_line

if TYPE_CHECKING:
    from pydantic import BaseModel, JsonValue

    from solbench.gui.models.common.answers import Answer

NOISE = "Matplotlib is building the font cache"  # at its first start; nothing that a user can act upon
T = TypeVar("T")
A = TypeVar("A", bound="Answer")


class Conversation:
    """A command that is spoken to while it runs, in lines; `send` may be called from the window's thread."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def send(self, message: BaseModel) -> None:
        """Say a message; one that comes too late is heard by nobody, and the end of the command tells why."""
        with suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(f"{message.model_dump_json()}\n")
            self._process.stdin.flush()

    def end(self) -> None:
        """Say that nobody listens any more: the command ends in its own safe way."""
        with suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.close()


@dataclass(frozen=True)
class Finished:
    """How a command ended: exit code, its last line of stdout as an object (None if it is none), its messages."""

    code: int
    result: Mapping[str, JsonValue] | None
    said: str

    def read(self, kind: type[A]) -> A | None:
        """Return the object as the answer of a command, None where there is none, or one of another kind."""
        from pydantic import ValidationError

        try:
            return None if self.result is None else kind.model_validate(self.result)
        except ValidationError:
            return None

    @property
    def ok(self) -> bool:
        """Get whether the exit code was 0."""
        return self.code == 0


class Jobs:
    """Runs work in daemon threads, one each, and keeps the results until `deliver`."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._talks: set[threading.Thread] = (
            set()
        )  # which last as long as somebody listens: nothing waits for them
        self._processes: set[subprocess.Popen[str]] = set()
        self._closed = False

    def call(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
    ) -> None:
        """Do `work` in a thread; `done` gets its result, or `failed` what it raised, at the next `deliver`."""

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - handed over to the caller
                self._done.put(lambda error=error: failed(error))  # type: ignore[misc]
            else:
                self._done.put(lambda: done(result))
            self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="job", daemon=True)
        self._threads.add(thread)
        thread.start()

    def command(
        self,
        arguments: Sequence[str],
        done: Callable[[Finished], None],
        folder: Path | None = None,
        timeout_s: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run `solbench ARGUMENTS` as a process; `done` gets how it ended. A time-out ends it with code -1.

        `environment` is added to this program's own.
        """

        def failed(error: Exception) -> None:
            done(Finished(-1, None, str(error)))

        self.call(lambda: self._run(arguments, folder, timeout_s, environment), done, failed)

    def converse(
        self, arguments: Sequence[str], heard: Callable[[str], None], done: Callable[[Finished], None]
    ) -> Conversation:
        """Run `solbench ARGUMENTS` as a process that is spoken to: `heard` gets each line of stdout, `done` the end.

        Raises OSError where it cannot be started.
        """
        process = _started(arguments, stdin=subprocess.PIPE)
        self._processes.add(process)
        talk, said = Conversation(process), list[str]()
        assert process.stdout is not None
        assert process.stderr is not None
        stdout, stderr = process.stdout, process.stderr

        def listen() -> None:
            with stdout:
                for line in stdout:
                    self._done.put(partial(heard, line))

        def run() -> None:
            listener = threading.Thread(target=listen, name="conversation", daemon=True)
            listener.start()
            with stderr:
                said.extend(stderr)  # both are read at once: a full pipe would stop the command
            listener.join()
            code = process.wait()
            talk.end()
            self._processes.discard(process)
            self._done.put(partial(done, Finished(code, None, _words("".join(said)))))
            self._talks.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="job", daemon=True)
        self._talks.add(thread)
        thread.start()
        return talk

    def deliver(self) -> None:
        """Hand over what has finished; called by the window's thread."""
        for _ in range(self._done.qsize()):
            try:
                hand_over = self._done.get_nowait()
            except (
                queue.Empty
            ):  # what is handed over may wait for a person: the window goes on, and comes here
                return
            hand_over()

    @property
    def busy(self) -> bool:
        """Get whether something is under way or not delivered yet."""
        return bool(self._threads) or not self._done.empty()

    def close(self, timeout_s: float = 2.0) -> None:
        """End the commands that are under way (not the engines that they left to themselves) and their threads."""
        self._closed = True
        for process in tuple(self._processes):
            process.terminate()
        for thread in (*self._threads, *self._talks):
            thread.join(timeout_s)

    def _run(
        self,
        arguments: Sequence[str],
        folder: Path | None,
        timeout_s: float | None,
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        process = _started(arguments, subprocess.DEVNULL, folder, environment)
        self._processes.add(process)
        try:
            if self._closed:
                process.terminate()
            out, said = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Finished(-1, None, f"solbench {arguments[0]} did not end within {timeout_s:g} s")
        finally:
            self._processes.discard(process)
        return Finished(process.returncode, _last_object(out), _words(said))


def _started(
    arguments: Sequence[str],
    stdin: int,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_line(*arguments),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=folder,
        env={**os.environ, **environment} if environment else None,
    )


def _words(said: str) -> str:
    lines = (line for line in said.strip().splitlines() if not line.startswith(NOISE))
    return "\n".join(lines).removeprefix("solbench: ")


def _last_object(out: str) -> dict[str, JsonValue] | None:
    lines = out.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
