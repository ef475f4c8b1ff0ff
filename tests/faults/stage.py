"""Where faults are played: one run in this process, with bench, adapter, PC and disk in the hands of the test."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

import solbench.simulators.bench
from solbench.acquisition.record import final_file, journal
from solbench.acquisition.record.live_file import LiveFile
from solbench.acquisition.run import disk_space, session
from solbench.acquisition.run.guard_keeper import GuardKeeper
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.bus.visa_library import SimulatedVisaLibrary
from tests.faults.timeline import Timeline

TRANSFERS = ("write", "read", "read_stb", "clear")
LEASE_S = 3.0
MOST_TRANSFERS = 300_000  # a run that hangs goes on for ever at its bus


class Hung(AssertionError):
    """The run went on and on."""


@dataclass
class Looked:
    """The truth behind the wire at one moment: time (s), voltage (V), current (A), charge (C), relay closed, AC (V)."""

    time_s: float
    voltage_V: float
    current_A: float
    charge_C: float
    closed: bool
    ac_V: float = 0.0


@dataclass
class Stage:
    """What a fault acts on, and the truth as it was at every reading of the bus.

    `adapter` is the status with which each transfer fails, None where it is there; `sleeps_s` how long the PC stood
    still so far (s); `free_bytes` of the disk, None for those that there are; `locked` whether another program has
    the run's file.
    """

    draw: random.Random
    folder: Path
    bench: SimulatedBench = field(init=False)
    clock: Timeline = field(init=False)
    adapter: StatusCode | None = None
    sleeps_s: float = 0.0
    free_bytes: int | None = None
    locked: bool = False
    transfers: int = 0
    looked: list[Looked] = field(default_factory=list)
    begun_s: float | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The instruments, the analyzer first."""
        return self.bench.faults.instruments

    @property
    def holder(self) -> str:
        """The instrument that holds the cell."""
        return self.names[-1]

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self.clock.at(self.clock.now() + after_s, deed)

    def look(self) -> Looked:
        """Note the truth of this moment."""
        true = self.bench.truth.everything()
        found = Looked(
            true["experiment_s"],
            true["cell_voltage_V"],
            true["cell_current_A"],
            true["charge_C"],
            true["polarized"],
            true["ac_amplitude_V"],
        )
        self.looked.append(found)
        return found

    def sleep(self, for_s: float) -> None:
        """Let the PC stand still: nobody's program runs, the bench goes on."""
        self.sleeps_s += for_s
        self.clock.advance_to(self.clock.now() + for_s)

    def mend(self) -> None:
        """Mend all that a user mends who comes to the bench: leads, adapter, instruments, disk."""
        faults = self.bench.faults
        faults.set_leads()
        faults.stick_pol_gain(None)
        faults.revive()
        faults.keep_on(never_cuts_out=False)
        faults.cuts_out = False
        for name in self.names:
            faults.stick_status(name, None)
        faults.accept_all()
        if self.bench.chamber is not None:
            self.bench.chamber.happen("")
            self.bench.chamber.sensor.fault = ""
        self.adapter = self.free_bytes = None
        self.locked = False


@contextmanager
def stage(draw: random.Random, folder: Path) -> Iterator[Stage]:
    """Let the run in this context, whose files lie in `folder`, be played on a stage."""
    played = Stage(draw, folder)
    with ExitStack() as patches:
        for patch in (*_of_clock(played), *_of_bus(played), *_of_disk(played)):
            patches.enter_context(patch)
        yield played


def _of_clock(played: Stage) -> Iterator[Any]:
    def clock(speed: float | None, start_s: float) -> Timeline:
        played.clock = Timeline(speed, start_s)
        return played.clock

    yield mock.patch.object(solbench.simulators.bench, "VirtualClock", clock)

    def host_s() -> float:
        return played.sleeps_s

    yield mock.patch.object(session, "host_s", host_s)
    yield mock.patch.object(GuardKeeper, "lease_s", LEASE_S)  # as if the bench were outside this process


def _of_bus(played: Stage) -> Iterator[Any]:
    def failing(name: str) -> Any:
        real: Callable[..., Any] = getattr(SimulatedVisaLibrary, name)

        def transfer(library: SimulatedVisaLibrary, *arguments: Any, **named: Any) -> Any:
            played.transfers += 1
            if played.transfers > MOST_TRANSFERS:
                raise Hung(f"{played.transfers} transfers, {played.clock.now():.0f} s")
            if name == "read":
                played.look()
            status = played.adapter  # as it is now: while the transfer fails, it may come back
            if status is not None:
                played.clock.advance_to(played.clock.now() + 1e-3)
                raise VisaIOError(status)
            return real(library, *arguments, **named)

        return mock.patch.object(SimulatedVisaLibrary, name, transfer)

    yield from map(failing, TRANSFERS)
    opened = SimulatedVisaLibrary.open

    def open_it(library: SimulatedVisaLibrary, *arguments: Any, **named: Any) -> Any:
        if played.adapter is StatusCode.error_connection_lost:
            played.clock.advance_to(played.clock.now() + 1e-3)
            raise VisaIOError(StatusCode.error_resource_not_found)
        return opened(library, *arguments, **named)

    yield mock.patch.object(SimulatedVisaLibrary, "open", open_it)


class _FullDisk:
    """`os` for the journal, on a disk with so much room as the stage says."""

    def __init__(self, played: Stage) -> None:
        self._played = played
        self._is_given_back = False  # the reserve, which is a file of the run as well

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, descriptor: int, line: bytes) -> int:
        played = self._played
        if played.free_bytes is None:
            return os.write(descriptor, line)
        if not self._is_given_back and not list(played.folder.glob("*.reserve")):
            self._is_given_back = True
            played.free_bytes += journal.RESERVE_BYTES
        if played.free_bytes < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        played.free_bytes -= len(line)
        return os.write(descriptor, line)


def _of_disk(played: Stage) -> Iterator[Any]:
    real_free = disk_space.free_bytes
    yield mock.patch.object(
        disk_space,
        "free_bytes",
        lambda folder: real_free(folder) if played.free_bytes is None else played.free_bytes,
    )
    yield mock.patch.object(journal, "os", _FullDisk(played))

    def locked(real: Callable[..., Any]) -> Callable[..., Any]:
        def use(*arguments: Any, **named: Any) -> Any:
            if played.locked:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return real(*arguments, **named)

        return use

    yield mock.patch.object(LiveFile, "append", locked(LiveFile.append))
    yield mock.patch.object(final_file, "_replace", locked(final_file._replace))
