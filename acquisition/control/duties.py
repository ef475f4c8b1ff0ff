"""Which cells may be driven: one small file a bench, from before its instruments are opened until the cell is off.

Its guardian alone writes it. It outlives guardian, program and PC: whoever comes next, the next run on the bench,
`solbench make-safe` or the service at boot, finds in it what has to be switched off, and how it is reached.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from solbench.acquisition.host.platform import (
    as_typed,
    boot_id,
    is_alive,
    read_private,
    remove,
    started_at,
    state_folder,
    write_private,
)
from solbench.drivers.links.usb_identity import UsbIdentity

State = Literal["watching", "trying"]


@dataclass(frozen=True)
class Process:
    """A process, told from a later one with the same number, also across boots."""

    pid: int
    started: str
    boot: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """Return the process that has this number now."""
        return cls(pid, started_at(pid), boot_id())

    @property
    def alive(self) -> bool:
        """Get whether it is still there."""
        boots = "", boot_id()  # earlier versions knew none on Windows
        return self.boot in boots and is_alive(self.pid) and started_at(self.pid) == self.started


@dataclass(frozen=True)
class Duty:
    """A cell that is to be switched off and verified, should its program not do it.

    `description` opens the bench (`bench.connect.Description`, plain); `engine` is the program of the run, `guardian`
    who answers for the duty. `state`: an engine's beats are watched, or nobody drives the cell any more and it is
    being switched off, for the reason `why`. `since`: from when on (ISO 8601, UTC); `tries` so many times, in vain,
    the last one for `problem`. `by_hand`: how a person switches off at the instrument; `pressed`: when a person said
    to have done so (Unix time, s). `usb`: which USB devices were at the ports that `description` names.
    `journal_bytes`: length of the run's journal when nobody wrote it any more.
    """

    bench_key: str
    bench: str
    run: str
    journal: str
    user: str
    description: dict[str, Any]
    by_hand: str
    engine: Process
    guardian: Process
    state: State = "watching"
    why: str = ""
    since: str = ""
    tries: int = 0
    problem: str = ""
    pressed: float | None = None
    usb: dict[str, UsbIdentity] = field(default_factory=dict)
    journal_bytes: int | None = None

    @property
    def watched(self) -> bool:
        """Get whether the engine lives: it switches off by itself when it loses its guardian."""
        return self.state == "watching" and self.engine.alive

    def as_words(self) -> str:
        """Return what a person has to know, the worst and what to do first."""
        since = f" since {self.since}" if self.since else ""
        if self.guardian.alive:
            trying = f"The guardian (process {self.guardian.pid}) keeps trying ({self.tries} times)"
        else:
            trying = "No program is trying to switch it off"
        last = f"; the last problem: {self.problem.rstrip('.')}" if self.problem else ""
        said = (
            " A person said that it was switched off by hand; no reading confirms it." if self.pressed else ""
        )
        return (
            f"{self.by_hand}. The cell of {self.run} on {self.bench} is not verified off{since}. {trying}{last}.{said}"
            f" Once it is pressed, solbench make-safe {as_typed(self.run)} --pressed looks at the reading."
        )


def taken_up(duty: Duty, guardian: int, why: str) -> Duty:
    """Return the duty in the hands of the process `guardian`, which switches off because of `why`."""
    since = duty.since or datetime.now(UTC).isoformat(timespec="seconds")
    return replace(duty, guardian=Process.of(guardian), state="trying", since=since, why=duty.why or why)


def folder() -> Path:
    """Return where the duties are kept."""
    path = state_folder() / "duties"
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def write_duty(duty: Duty) -> None:
    """Write a duty down. A disk that is full must not keep a guardian from its work."""
    with suppress(OSError):
        write_private(_path(duty.bench_key), json.dumps(asdict(duty)))


def read_duty(bench_key: str) -> Duty | None:
    """Return the duty at a bench, None if there is none."""
    return _read(_path(bench_key))


def forget_duty(bench_key: str) -> None:
    """Take a duty away: the cell is verified off."""
    with suppress(OSError):
        remove(_path(bench_key))


def duties() -> list[Duty]:
    """Return all duties, by their benches' keys."""
    found = (_read(path) for path in sorted(folder().glob("*.json")))
    return [duty for duty in found if duty is not None]


def left_on() -> list[Duty]:
    """Return the duties at cells that no engine watches and that could not be switched off so far."""
    return [duty for duty in duties() if not duty.watched and (duty.tries or not duty.guardian.alive)]


def give_order(bench_key: str, guardian: int) -> None:
    """Ask the process that is the guardian of a bench to give up lock and port."""
    with suppress(OSError):
        write_private(_order_path(bench_key), json.dumps({"to": guardian}))


def is_ordered(bench_key: str, guardian: int) -> bool:
    """Say whether this guardian of a bench was asked to hand over."""
    try:
        return bool(json.loads(read_private(_order_path(bench_key)))["to"] == guardian)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def withdraw_order(bench_key: str) -> None:
    """Take back what a guardian was asked for: it has done it, or cannot."""
    with suppress(OSError):
        remove(_order_path(bench_key))


def _path(bench_key: str) -> Path:
    return folder() / f"{bench_key}.json"


def _order_path(bench_key: str) -> Path:
    return folder() / f"{bench_key}.order"


def _read(path: Path) -> Duty | None:
    try:
        fields = json.loads(read_private(path))
        processes = {name: Process(**fields[name]) for name in ("engine", "guardian")}
        usb = {port: UsbIdentity(**identity) for port, identity in fields["usb"].items()}
        return Duty(**{**fields, **processes, "usb": usb})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
