"""From a request to a finished run file: files first, then the bench, then the plan, and always the way out."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from acquisition.bench import Bench, open_bench
from acquisition.bench_file import BenchFile, parse_bench
from acquisition.cancel import Cancel
from acquisition.engine import Engine
from acquisition.errors import AcquisitionError, Fault, JournalFull, OutputExists
from acquisition.final_file import build_final
from acquisition.journal import Event, Journal, journal_path, read_header, read_journal, reserve_path
from acquisition.limits import Ending, SafetyWatch
from acquisition.progress import Progress, fold
from acquisition.recorder import Listener, Recorder
from acquisition.station import Station
from acquisition.storage import Storage
from acquisition.switch import close_gap
from drivers.clock import Interrupted
from drivers.errors import DriverError
from protocols import Build, CellRecord, Protocol, dump_protocol, limits_for, parse_cell, parse_protocol, plan
from protocols.cells import dump_cell


START_CHECK_A = 1e-4  # range of the reading before a run; the cell is off


@dataclass(frozen=True)
class Request:
    """What to run, on which bench, and where it is kept."""

    protocol: Protocol
    record: CellRecord
    bench: BenchFile
    bench_text: str
    run: Path
    seed: int = 0
    speed: float | None = None
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """How a run ended: `outcome` is completed, cut_short, limit, interrupted or fault."""

    run: Path
    outcome: str
    reason: str
    alarms: tuple[str, ...] = ()

    @property
    def completed(self) -> bool:
        """Get whether the run ended by its own end conditions."""
        return self.outcome == "completed"


def world_path(run: Path) -> Path:
    """Return where a simulated bench keeps its world beside the run file `run`."""
    return run.with_suffix(".world")


def require_free(run: Path) -> None:
    """Raise OutputExists, or OSError when the folder cannot be written; nothing is left behind."""
    for path in (run, journal_path(run), reserve_path(run), world_path(run)):
        if path.exists():
            raise OutputExists(str(path))
    if not os.access(run.parent, os.W_OK):
        raise PermissionError(13, os.strerror(13), str(run.parent))


def start(request: Request, cancel: Cancel, listeners: Sequence[Listener] = ()) -> Result:
    """Carry out a new run; returns how it ended. Raises OutputExists, BadInput and Fault before anything is on."""
    require_free(request.run)
    build = request.record.build(request.protocol.build)
    cell = build.simulated_cell(request.protocol.conditions.temperature_K)
    with ExitStack() as undo:
        journal = Journal.create(journal_path(request.run))  # first: it fails where another program was faster
        undo.callback(_discard, journal, request.run)
        bench = open_bench(
            request.bench,
            cell,
            cancel.check,
            seed=request.seed,
            speed=request.speed,
            world=world_path(request.run),
        )
        undo.callback(bench.close)
        header = _header(request, build, bench)
        session = _Session(request.run, journal, Progress(), bench, cancel, listeners, header)
        session.recorder.emit("header", 0.0, header)
        undo.pop_all()
    return session.carry_out(request.protocol, build, first=True)


def _discard(journal: Journal, run: Path) -> None:
    """Take back the files of a run that never began."""
    with suppress(OSError):
        journal.close()
    for path in (journal.path, world_path(run)):
        path.unlink(missing_ok=True)


def resume(
    run: Path, cancel: Cancel, listeners: Sequence[Listener] = (), speed: float | None = None
) -> Result:
    """Go on with a run that was interrupted, from its journal alone.

    A run that has ended by its own conditions or by a limit only gets its final file (again).
    """
    path = journal_path(run)
    header = read_header(path).data
    progress = fold(read_journal(path))
    if progress.end is not None and progress.end.data["outcome"] in ("completed", "cut_short", "limit"):
        build_final(run)
        return Result(run, progress.end.data["outcome"], progress.end.data["reason"])
    protocol = parse_protocol(header["protocol"]["text"], f"protocol in {path.name}")
    record = parse_cell(header["cell"]["text"], f"cell in {path.name}")
    bench_file = parse_bench(header["bench"]["text"], f"bench in {path.name}")
    build = record.build(protocol.build)
    cell = build.simulated_cell(protocol.conditions.temperature_K)
    with ExitStack() as undo:
        journal, cut = Journal.reopen(path)
        undo.callback(journal.close, keep_reserve=True)
        bench = open_bench(
            bench_file, cell, cancel.check, seed=header["seed"], speed=speed, world=world_path(run)
        )
        undo.callback(bench.close)
        session = _Session(run, journal, progress, bench, cancel, listeners, header)
        undo.pop_all()
    return session.carry_out(protocol, build, first=False, cut_bytes=cut)


@dataclass
class _Session:
    """One program's part of a run: bench made ready, plan carried out, bench made safe, file finished."""

    run: Path
    journal: Journal
    progress: Progress
    bench: Bench
    cancel: Cancel
    listeners: Sequence[Listener]
    header: dict[str, Any]
    alarms: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage: Storage | None = None
        self.recorder = Recorder(self.journal, self.progress, (*self.listeners, self._to_storage))
        self.station = Station(
            pair=self.bench.pair,
            clock=self.bench.clock,
            progress=self.progress,
            watch=self.bench.watch,
            offset_s=_offset_s(self.bench, self.header),
            settle_s=self.bench.settle_s,
            direction_check_s=self.bench.direction_check_s,
        )

    def carry_out(self, protocol: Protocol, build: Build, first: bool, cut_bytes: int = 0) -> Result:
        """Run the plan; whatever happens, the bench is made safe and the file is finished."""
        self.storage = Storage(self.run, self.journal)
        ending = Ending("fault", "the program failed")
        try:
            ending = self._work(protocol, build, first, cut_bytes)
        except Interrupted as interruption:
            ending = Ending("interrupted", interruption.reason)
        except (DriverError, Fault) as error:
            ending = Ending("fault", str(error))
        except JournalFull as error:
            ending = Ending("fault", str(error))
            self.alarms.append(str(error))
        finally:
            with self.cancel.shield():
                ending = self._way_out(ending)
        return Result(self.run, ending.outcome, ending.text, tuple(self.alarms))

    def _work(self, protocol: Protocol, build: Build, first: bool, cut_bytes: int) -> Ending:
        with self.cancel.shield():
            self._make_ready(cut_bytes)
        if first:
            self._start_check(build)
        limits = limits_for(protocol.safety, build)
        self.station.voltage_limits_V = (limits.voltage_min_V, limits.voltage_max_V)
        engine = Engine(self.station, self.recorder, SafetyWatch(limits), self.cancel)
        return engine.run(plan(protocol, build))

    def _make_ready(self, cut_bytes: int) -> None:
        """Switch off first of all, close the gap that a dead program left, then set the instruments up."""
        pair = self.bench.pair
        pair.off()
        gap_C = close_gap(self.recorder, self.station.now_s())
        pair.initialise()
        self._end_interrupted_segment()
        data = {
            "session": self.progress.sessions + 1,
            "wall": datetime.now().astimezone().isoformat(),
            "instruments": self._instruments(),
            "gap_charge_C": gap_C,
            "bytes_cut": cut_bytes,
            "command_line": sys.argv[1:],
        }
        self.recorder.emit("session", self.station.now_s(), data)

    def _instruments(self) -> dict[str, dict[str, Any]]:
        settings = self.bench.pair.settings_as_read_back()
        return {
            which: {
                "model": f"Solartron {which}",
                "identity": identity,
                "address": self.bench.addresses[which],
                "settings": {key[5:]: value for key, value in settings.items() if key.startswith(which)},
            }
            for which, identity in self.bench.pair.identities().items()
        }

    def _end_interrupted_segment(self) -> None:
        """Write the end of a segment that a dead program did not write."""
        progress = self.progress
        if progress.ordinal is None:
            return
        events = [event for event in read_journal(self.journal.path) if event.kind == "segment"]
        data = {
            "ordinal": progress.ordinal,
            "attempt": progress.attempts[progress.ordinal],
            "segment": events[-1].data["segment"],
            "step": progress.step_index,
            "outcome": "interrupted",
            "text": "the program ended without a word",
            "quantity": "",
            "limit": None,
            "value": None,
            "duration_s": progress.last_s - progress.segment_start_s,
            "step_charge_C": progress.ledger.charge_C - progress.step_start_C,
            "worst_gap_s": 0.0,
            "missed_readings": 0,
        }
        self.recorder.emit("segment_end", progress.last_s, data)

    def _start_check(self, build: Build) -> None:
        """Compare the open-circuit voltage with what a healthy cell of this build may show."""
        self.bench.pair.prepare_current(START_CHECK_A)
        reading = self.station.measure()
        low, high = build.start_window_V
        self.recorder.emit(
            "start_check", self.station.now_s(), {"voltage_V": reading.voltage_V, "window_V": [low, high]}
        )
        if not low <= reading.voltage_V <= high:
            raise Fault(
                f"the cell shows {reading.voltage_V:.4f} V at open circuit; a fresh {build.name} cell shows {low:g} to "
                f"{high:g} V. Nothing was switched on: look for swapped leads, an open lead or a dead cell"
            )

    def _way_out(self, ending: Ending) -> Ending:
        """Make the bench safe, write the end, finish the file."""
        try:
            self.bench.pair.make_safe(self.bench.clock)
            if self.progress.ledger.connected or self.progress.pending_switch is not None:
                close_gap(self.recorder, self.station.now_s())
        except DriverError as error:
            ending = Ending("fault", f"{ending.text}. NOT VERIFIED SAFE: {error}")
        except JournalFull as error:
            self.alarms.append(str(error))
        self._write_end(ending)
        if self.storage is not None:
            self.storage.close()
        resumable = ending.outcome in ("interrupted", "fault")
        with suppress(OSError):
            self.journal.close(keep_reserve=resumable)
        self.bench.close()
        self._finish_file()
        return ending

    def _write_end(self, ending: Ending) -> None:
        data = {
            "completed": ending.outcome == "completed",
            "outcome": ending.outcome,
            "reason": ending.text,
            "quantity": ending.quantity,
            "limit": ending.limit,
            "value": ending.value,
        }
        try:
            self.recorder.emit("end", self.station.now_s(), data)
        except JournalFull as error:
            self.alarms.append(str(error))

    def _finish_file(self) -> None:
        try:
            build_final(self.run)
        except (AcquisitionError, OSError, RuntimeError) as error:
            self.alarms.append(
                f"the run file could not be finished ({error}); the journal is whole: solbench recover {self.run.name}"
            )

    def _to_storage(self, event: Event) -> None:
        if self.storage is not None:
            self.storage.take(event)


def _offset_s(bench: Bench, header: dict[str, Any]) -> float:
    """Return what to subtract from the bench's clock to get the run's time."""
    if bench.time_base == header["time_base"]:
        return float(header["clock_start_s"])
    return bench.clock.now() - (time.time() - header["unix_s"])  # another boot: only the wall clock went on


def _header(request: Request, build: Build, bench: Bench) -> dict[str, Any]:
    protocol_text = dump_protocol(request.protocol)
    now = datetime.now().astimezone()
    return {
        "format": "solbench journal 1",
        "run": str(uuid.uuid4()),
        "started": now.isoformat(),
        "unix_s": now.timestamp(),
        "simulated": bench.simulated,
        "clock_start_s": bench.clock.now(),
        "time_base": bench.time_base,
        "seed": request.seed,
        "program": _program(),
        "protocol": {
            "name": request.protocol.name,
            "text": protocol_text,
            "sha256": hashlib.sha256(protocol_text.encode()).hexdigest(),
            "settings": list(request.settings),
        },
        "cell": {
            "name": request.record.name,
            "build": build.name,
            "text": dump_cell(request.record),
            "quantities": _quantities(build),
        },
        "conditions": request.protocol.conditions.model_dump(mode="json"),
        "bench": {"name": request.bench.name, "text": request.bench_text},
    }


def _quantities(build: Build) -> dict[str, tuple[float, str]]:
    units = {"_m2": "m**2", "_m": "m", "_kg": "kg", "_C": "C", "_V": "V", "_A": "A", "_S_m": "S/m"}
    found: dict[str, tuple[float, str]] = {}
    for name in (*vars(build), "theoretical_capacity_C"):
        value = getattr(build, name)
        unit = next(
            (
                unit
                for suffix, unit in sorted(units.items(), key=lambda u: -len(u[0]))
                if name.endswith(suffix)
            ),
            None,
        )
        if unit is not None and isinstance(value, (int, float, tuple)):
            found[name] = (value, unit)  # type: ignore[assignment]
    return found


def _program() -> dict[str, Any]:
    libraries = ("pyvisa", "numpy", "h5py", "pydantic")
    return {
        "name": "solbench",
        "version": _version("solbench"),
        "python": sys.version.split()[0],
        "libraries": {name: _version(name) for name in libraries},
    }


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
