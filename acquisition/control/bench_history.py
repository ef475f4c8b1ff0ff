"""Who drove a bench and how that ended: one small file a bench, a line for each beginning, end and making safe.

Which cell was mounted last follows from it, whoever drove the bench: the queue, a run by hand, a resume. A line is
written before anything is switched on; a line that cannot be read counts as something that nobody knows.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from solbench.acquisition.control.duties import Process
from solbench.acquisition.errors import Fault
from solbench.acquisition.host.platform import boot_id, host_s, host_time, open_binary, state_folder

READ_BYTES = 1 << 16  # of the file's end: more than a hundred runs
LONGEST_TEXT = 300  # characters of a reason

Kind = Literal["began", "ended", "made_safe", "unreadable"]


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One line: a program began to drive the bench, ended, or the bench was made safe from outside.

    `run`: id of the run; `path`: its file; `cell_id`, `cell_name`: what it drives; `completed`: ended by its own
    conditions; `how`: in words; `off_unix_s`: since when the cell is known to be off (time of day, s), and `off_host_s`
    the same in the host's time of the boot `boot`. `place` is where the line begins in the file, in bytes.
    """

    kind: Kind
    at: str = ""
    run: str = ""
    path: str = ""
    cell_id: str = ""
    cell_name: str = ""
    process: Process | None = None
    completed: bool = False
    how: str = ""
    off_unix_s: float | None = None
    off_host_s: float | None = None
    boot: str = ""
    place: int = 0


@dataclass(frozen=True)
class Mounted:
    """The run that drove a bench last, so that its cell is the one that was mounted last.

    `running`: its program drives it now. `completed`: it ended by its own conditions, and nothing has happened to the
    bench since. `how` says in words how it ended.
    """

    run: str
    path: str
    cell_id: str
    cell_name: str
    running: bool
    completed: bool
    how: str

    def is_cell(self, cell_id: str) -> bool:
        """Say whether it is that cell by its id; one without an id is like no other."""
        return bool(cell_id) and self.cell_id == cell_id

    def as_words(self) -> str:
        """Return "B2 was mounted last (hand.h5: completed)"."""
        cell = self.cell_id or f"a {self.cell_name} without conditions.cell_id"
        return f"{cell} was mounted last ({Path(self.path).name}: {self.how})"


def history_key(bench_key: str, bench_name: str) -> str:
    """Return what the file of a bench is called by: its key, or its name where it lives in the run's own process."""
    return bench_key or f"in-process-{hashlib.sha256(bench_name.encode()).hexdigest()[:16]}"


class BenchHistory:
    """The file of one bench."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def path(self) -> Path:
        """Get the file; its folder is made if necessary."""
        folder = state_folder() / "benches"
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder / f"{self._key}.jsonl"

    def began(self, run: str, path: Path, cell_id: str, cell_name: str) -> None:
        """Write that this program is about to drive the bench; raises Fault where that cannot be kept."""
        process = Process.of(os.getpid())
        event = Happened(
            kind="began",
            run=run,
            path=str(path),
            cell_id=cell_id,
            cell_name=cell_name,
            process=process,
            at=_now(),
            off_host_s=host_s(),  # the cell of the run before
            boot=process.boot,
        )
        try:
            self._append(event)
        except OSError as error:
            raise Fault(
                f"{self.path}: it cannot be noted which cell is driven ({error.strerror or error}), and the next run "
                "would not know it. Make room or let the file be written; nothing was switched on"
            ) from error

    def ended(self, run: str, *, completed: bool, how: str) -> None:
        """Write how this program's part of a run ended; without the line it counts as broken off."""
        with suppress(OSError):
            self._append(
                Happened(kind="ended", run=run, completed=completed, how=how[:LONGEST_TEXT], at=_now())
            )

    def made_safe(
        self, path: str, off_unix_s: float | None, how: str, off_host_s: float | None = None
    ) -> None:
        """Write that the cell (of the run file `path`, "": not known) was switched off from outside, and since when."""
        event = Happened(
            kind="made_safe",
            path=path,
            off_unix_s=off_unix_s,
            off_host_s=off_host_s,
            boot=boot_id(),
            how=how[:LONGEST_TEXT],
            at=_now(),
        )
        with suppress(OSError):
            self._append(event)

    def events(self) -> list[Happened]:
        """Return what is known, oldest first: the end of the file, some hundred lines."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                begin = max(0, size - READ_BYTES)
                file.seek(begin)
                data = file.read()
        except FileNotFoundError:
            return []
        if begin:  # most likely in the middle of a line
            cut = data.find(b"\n") + 1
            begin, data = begin + cut, data[cut:]
        found = []
        for line in data.splitlines(keepends=True):
            if line.strip():  # nothing stands in the line of somebody who saw another's line half written
                found.append(_parsed(line, begin))
            begin += len(line)
        return found

    def end(self) -> int:
        """Return the place behind the last line, in bytes."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def _append(self, event: Happened) -> None:
        fields = asdict(event)
        del fields["place"]
        line = json.dumps(fields, separators=(",", ":")).encode() + b"\n"
        descriptor = open_binary(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            os.lseek(descriptor, max(0, size - 1), os.SEEK_SET)
            torn = size > 0 and os.read(descriptor, 1) != b"\n"
            line = b"\n" + line if torn else line
            if os.write(descriptor, line) != len(line):
                raise OSError(28, os.strerror(28))
        finally:
            os.close(descriptor)


def mounted_last(events: Sequence[Happened]) -> Mounted | None:
    """Return whose cell was mounted last; None where that is not known."""
    place = next((n for n in reversed(range(len(events))) if events[n].kind in ("began", "unreadable")), None)
    if place is None or events[place].kind == "unreadable":
        return None
    began, since = events[place], events[place + 1 :]
    end = next((event for event in since if event.kind == "ended" and event.run == began.run), None)
    running = end is None and began.process is not None and began.process.alive
    how = "running" if running else "broke off" if end is None else end.how
    others = [event for event in since if event is not end]
    if others:
        how = f"{how}; then {others[-1].how}"
    return Mounted(
        run=began.run,
        path=began.path,
        cell_id=began.cell_id,
        cell_name=began.cell_name,
        running=running,
        completed=end is not None and end.completed and not others,
        how=how,
    )


def known_off_s(events: Sequence[Happened], run: str) -> float | None:
    """Return since when the cell of a run whose program died is known to be off (host time, s), None if it is not.

    Whoever makes a bench safe switches off, and so does another run before it begins.
    """
    place = max(
        (n for n, event in enumerate(events) if (event.kind, event.run) == ("began", run)), default=None
    )
    if place is None:
        return None
    for event in events[place + 1 :]:
        if event.kind == "made_safe" and event.off_unix_s is not None:
            return host_time(event.off_unix_s, event.off_host_s, event.boot)
        if event.kind == "began" and event.run != run:
            return host_time(datetime.fromisoformat(event.at).timestamp(), event.off_host_s, event.boot)
    return None


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")


def _parsed(line: bytes, place: int) -> Happened:
    try:
        fields = json.loads(line)
        process = Process(**fields["process"]) if fields["process"] is not None else None
        return Happened(**{**fields, "process": process, "place": place})
    except (ValueError, LookupError, TypeError):
        return Happened(kind="unreadable", how="something that cannot be read happened", place=place)
