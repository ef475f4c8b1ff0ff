"""Notices of a run from its own engine: at the end, at alarms, where a person is to confirm something.

Each is sent by a process of its own, so that nothing of it (a mail server that does not answer, the picture) can touch
the run. The addresses are those of the window's settings.
"""

import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from solbench.acquisition.control.notices import ADDRESSES, FROM_RUNS
from solbench.acquisition.host.itself import command_line
from solbench.acquisition.host.platform import as_typed, host_s, own_session
from solbench.acquisition.record.events import Alarm, Event, RunEnd, Sample
from solbench.gui.models.common.settings import Settings, settings_path
from solbench.protocols.errors import BadInput

AGAIN_S = 600.0  # so long the same alarm is not sent again
MOST = 30  # notices of one run: what alarms every few minutes for a night has been told by then
Spawn = Callable[[Sequence[str]], object]


def spawned(arguments: Sequence[str]) -> object:
    """Start a command of this program by itself; it outlives this process."""
    with suppress(OSError):
        return subprocess.Popen(
            command_line(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **own_session(),
        )
    return None


def wanted(asked: bool) -> bool:
    """Say whether a run is to send notices: because it is `asked` to, or by the settings; raises BadInput."""
    settings = Settings(settings_path())
    addresses = settings.texts(ADDRESSES)
    if asked and not addresses:
        raise BadInput(
            "nobody is known to whom a notice could be sent",
            "Write an address as apprise does: solbench notify 'mailto://user:password@example.org'",
            field="--notify",
        )
    return bool(addresses) and (asked or settings.get(FROM_RUNS, False))


def noticing(run: Path, asked: bool) -> list["Noticing"]:
    """Return who sends notices of a run, nobody where that is not wanted; raises BadInput."""
    return [Noticing(run)] if wanted(asked) else []


class Noticing:
    """Listens to the run `run` (its file) and has notices of it sent by `spawn`, which starts this program again."""

    def __init__(self, run: Path, spawn: Spawn = spawned) -> None:
        self._run, self._spawn = run, spawn
        self._newest: Sample | None = None
        self._sent: dict[str, float] = {}
        self._count = 0

    def __call__(self, event: Event) -> None:
        """Take an event."""
        body = event.body
        if isinstance(body, Sample):
            self._newest = body
        elif isinstance(body, Alarm):
            waits = body.code == "prompt"
            title, verb = ("confirmation wanted", "confirm") if waits else ("alarm", "resume")
            self._send(body.code or body.text, title, body.text, verb)
        elif isinstance(body, RunEnd):
            title = "completed" if body.completed else "ended uncompleted"
            verb = "summary" if body.is_final else "resume"
            self._send("end", title, body.reason, verb, urgent=not body.completed)

    def _send(self, what: str, title: str, text: str, verb: str, *, urgent: bool = True) -> None:
        """Have a notice sent, unless the same was a moment ago; `verb`: the command that answers it."""
        now_s = host_s()
        if now_s - self._sent.get(what, -AGAIN_S) < AGAIN_S or (self._count >= MOST and what != "end"):
            return
        self._sent[what] = now_s
        self._count += 1
        read = self._newest
        reading = "" if read is None else f"V = {read.voltage_V:.4f} V, I = {read.current_A:.4g} A"
        command = as_typed("solbench", verb, str(self._run))
        lines = filter(None, (text, reading, f"{command}"))
        about = ("notify", "--about", str(self._run), "--title", title, "--text", "\n".join(lines))
        self._spawn([*about, "--urgent"] if urgent else about)
