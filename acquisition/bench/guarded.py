"""Opening a bench together with its guardian: the lock first, then the port."""

import getpass
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solbench.acquisition.bench.bench import Bench, Guarding, describe, open_bench, required_addresses
from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.bench_lock import Deed, places_of
from solbench.acquisition.bench.devices import devices_of, followed
from solbench.acquisition.bench.dialogue.dialogue import Dialogue
from solbench.acquisition.bench.guardian import Assignment
from solbench.acquisition.bench.guardian_client import GuardLink
from solbench.acquisition.bench.making_safe import guard_path
from solbench.acquisition.bench.served_cell import require_cell
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.host.platform import host_time, read_private, remove
from solbench.acquisition.record.journal import journal_path
from solbench.protocols.errors import BadInput

if TYPE_CHECKING:  # few runs have one
    from solbench.acquisition.bench.scenario import Scenario


def open_guarded(
    bench: BenchFile,
    cell: dict[str, Any],
    run_control: RunControl,
    run: Path,
    *,
    seed: int = 0,
    speed: float | None = None,
    world: Path | None = None,
    deed: Deed = "run",
    scenario: "Scenario | None" = None,
    dialogue: Dialogue | None = None,
) -> Bench:
    """Open a bench; one outside this process only after its guardian lives and holds the lock, for `deed`.

    `dialogue` hears every transfer. Raises BadInput when another program has the bench or a served one simulates
    another cell, and what `open_bench` raises.
    """
    if bench.kind == "simulated":
        return open_bench(
            bench,
            cell,
            run_control.poll,
            seed=seed,
            speed=speed,
            world=world,
            scenario=scenario,
            dialogue=dialogue,
        )
    if bench.served is not None:
        require_cell(bench.served.control, cell)
    key = bench_key(bench)
    devices = devices_of(bench)

    def new_guard() -> GuardLink:
        now = followed(bench, devices)
        description = asdict(describe(now, required_addresses(now)))
        journal, user = str(journal_path(run)), getpass.getuser()
        assignment = Assignment(description, key, bench.name, os.getpid(), str(run), journal, user, deed=deed)
        return GuardLink(assignment, bench.lease.value)

    guard = new_guard()
    try:
        guarding = Guarding(key, guard, new_guard)
        return open_bench(
            bench,
            cell,
            run_control.poll,
            seed=seed,
            speed=speed,
            world=world,
            guarding=guarding,
            devices=devices,
            dialogue=dialogue,
        )
    except BaseException:
        guard.nothing_was_on()
        raise


def bench_key(bench: BenchFile) -> str:
    """Return what identifies the instruments of a bench, whatever the file is called."""
    described = describe(bench, required_addresses(bench))
    numbers = (
        described.addresses if described.kind == "prologix" else {}
    )  # behind the adapter, which is the place
    text = json.dumps([places_of(described), numbers], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def key_if_any(bench: BenchFile) -> str:
    """Return what identifies the instruments of a bench.

    "" of one that is simulated in the run's own process, and of one whose file lacks an address: nobody can open it.
    """
    if bench.kind != "simulated":
        with suppress(BadInput):
            return bench_key(bench)
    return ""


def read_guard_file(run: Path) -> float | None:
    """Return the host time (s) at which the cell of `run` was switched off from outside; None if it was not.

    In the time of this boot, also where it was before it.
    """
    try:
        deed = json.loads(read_private(guard_path(run)))
    except (OSError, ValueError):
        return None
    off_s, unix_s = deed.get("off_host_s"), deed.get("off_unix_s")
    if off_s is None or unix_s is None:
        return None if off_s is None else float(off_s)
    return host_time(float(unix_s), float(off_s), str(deed.get("boot")))


def forget_guard_file(run: Path) -> None:
    """Forget when the cell of `run` was switched off from outside: the run's journal knows it."""
    with suppress(OSError):
        remove(guard_path(run))
