"""The lock of a bench, for all users and programs of this PC: a file for every place at which it is reached.

Two bench files that name the same adapter or the same instrument take the same lock, whatever else they say. What a
lock file says of its holder is for words alone, and is believed only while that process lives: the operating system
knows who has the lock.
"""

from __future__ import annotations

import getpass
import hashlib
import ipaddress
import json
import os
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from solbench.acquisition.bench.connect import Description, ports_of
from solbench.acquisition.control.duties import Process
from solbench.acquisition.host.platform import FileLock
from solbench.acquisition.host.shared_folder import shared_folder

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Deed = Literal["run", "look", "make_safe"]
LONGEST_BYTES = 65536  # of a lock file, which any user of this PC may have written
DOING: dict[Deed, str] = {
    "run": "with the run {run}",
    "look": "to look at it",
    "make_safe": "to make it safe",
}


@dataclass(frozen=True)
class Holder:
    """Who has a bench, and what for; `since` is ISO 8601, UTC. `places`: where it is reached, see `places_of`.

    `process` holds the lock: a guardian, or a command; `engine_pid` is the program of the run, or the same command.
    """

    bench_key: str
    bench: str
    run: str
    user: str
    host: str
    deed: Deed
    since: str
    process: Process
    engine_pid: int
    places: tuple[str, ...] = ()

    def as_words(self) -> str:
        """Return who it is, as part of a sentence."""
        doing = DOING[self.deed].format(run=self.run or "of unknown name")
        return f"{self.user} {doing} since {self.since} (process {self.engine_pid} on {self.host})"


def this_holder(
    bench_key: str, bench: str, deed: Deed, run: str = "", user: str = "", engine_pid: int | None = None
) -> Holder:
    """Return this process as the holder of a bench, from now on."""
    now, pid = datetime.now(UTC).isoformat(timespec="seconds"), os.getpid()
    user = user or getpass.getuser()
    return Holder(
        bench_key, bench, run, user, socket.gethostname(), deed, now, Process.of(pid), engine_pid or pid
    )


class BenchTaken(Exception):
    """Another program has the bench; `holder` says who, None where that cannot be known."""

    def __init__(self, holder: Holder | None) -> None:
        who = holder.as_words() if holder is not None else "a program that does not say who it is"
        super().__init__(f"the bench is in use by {who}")
        self.holder = holder


def places_of(description: Description) -> tuple[str, ...]:
    """Return where the instruments of a bench are reached, in one spelling each; nobody else may be there.

    Behind an adapter it is the adapter: it serves one program.
    """
    ports = ports_of(description)
    found = map(port_place, ports) if ports else map(visa_place, description.addresses.values())
    return tuple(sorted(set(found)))


def port_place(address: str) -> str:
    """Return the one spelling of a port: `socket://host:port`, COM3, or a device, whatever link leads to it."""
    if "://" in address:
        scheme, _, rest = address.partition("://")
        host, colon, port = rest.rpartition(":")
        return f"{scheme.lower()}://{_host(host)}{colon}{port}"
    if address.startswith("/"):
        return os.path.realpath(address)
    return address.removeprefix("\\\\.\\").upper()


def visa_place(address: str) -> str:
    """Return the one spelling of a VISA address: `GPIB0::4::INSTR`."""
    from pyvisa import rname

    if serial := re.fullmatch(r"ASRL(.+?)(?:::INSTR)?", address, re.IGNORECASE):
        return port_place(f"COM{serial[1]}" if serial[1].isdecimal() else serial[1])
    try:
        return str(rname.to_canonical_name(address.upper())).upper()
    except (rname.InvalidResourceName, ValueError):
        return address.upper()


def board_of(place: str) -> str:
    """Return the GPIB board or interface that a VISA address is at."""
    return place.partition("::")[0]


def _host(name: str) -> str:
    try:
        return str(ipaddress.ip_address("127.0.0.1" if name.lower() == "localhost" else name))
    except ValueError:
        return name.lower()


class BenchLock:
    """The lock of the places of a bench, all or none, for `holder`."""

    def __init__(self, places: Sequence[str], holder: Holder) -> None:
        self._paths = [lock_path(place) for place in sorted(places)]
        self._locks = [FileLock(path, shared=True) for path in self._paths]
        self._text = json.dumps(asdict(replace(holder, places=tuple(sorted(places)))))

    def acquire(self) -> bool:
        """Take it; False if another program has one of the places. Raises OSError where no lock can be had."""
        return self._take(lambda lock: lock.acquire())

    def seize(self) -> bool:
        """Take it from a process that is stopped; see `FileLock.seize`."""
        return self._take(lambda lock: lock.acquire() or lock.seize())

    def _take(self, how: Callable[[FileLock], bool]) -> bool:
        is_mine = False
        try:
            is_mine = all(how(lock) for lock in self._locks)
        finally:
            if not is_mine:  # what cannot be had as a whole is not held in part
                self.release()
        if is_mine:
            for lock in self._locks:
                lock.write(self._text)
        return is_mine

    def is_mine(self) -> bool:
        """Get whether this process still has it; see `FileLock.is_mine`."""
        return all(lock.is_mine() for lock in self._locks)

    def release(self) -> None:
        """Give it back."""
        for lock in self._locks:
            lock.release()

    def holder(self) -> Holder | None:
        """Return who else has one of the places, None where nobody is known to."""
        return next((found for path in self._paths if (found := _read(path)) is not None), None)


def lock_path(place: str) -> Path:
    """Return the lock file of a place; raises OSError where there is no folder for it."""
    return shared_folder() / f"solbench-{hashlib.sha256(place.encode()).hexdigest()[:16]}.lock"


def holder_at(places: Iterable[str]) -> Holder | None:
    """Return a program that has one of these places, None where nobody is known to."""
    return next((found for place in places if (found := _read(lock_path(place))) is not None), None)


def holders() -> list[Holder]:
    """Return all programs on this PC that have a bench, each once."""
    found = (_read(path) for path in sorted(shared_folder().glob("solbench-*.lock")))
    return list(dict.fromkeys(one for one in found if one is not None))


def _read(path: Path) -> Holder | None:
    """Return the process that a lock file names, as long as it lives."""
    try:
        with path.open("rb") as file:
            holder = _text().validate_json(file.read(LONGEST_BYTES))
        can_be_named = re.fullmatch(r"\w*", holder.bench_key)  # it becomes the name of a file
        return holder if can_be_named and holder.process.alive else None
    except (OSError, ValueError, OverflowError):  # the last one of a number that no process has
        return None


@cache
def _text() -> TypeAdapter[Holder]:
    """Return what reads a holder: any user of this PC may have written any text, so every field is looked at.

    The library is loaded here: a guardian that finds its bench free starts without it, in two thirds of the time.
    """
    from pydantic import TypeAdapter

    return TypeAdapter(Holder)
