"""`solbench make-safe`: the cell off, with, without and against the engine."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from solbench.acquisition.bench.bench import describe, required_addresses
from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.guarded import bench_key
from solbench.acquisition.bench.guardian import lock_path, make_safe
from solbench.acquisition.control.client import Client, NoEngine, wait_until_gone
from solbench.acquisition.control.registry import Entry, entries
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.host.platform import FileLock, kill
from solbench.cli import inputs
from solbench.cli.output import COMPLETED, ENDED_OTHERWISE, errors_in_words, print_json, say

GUARDIAN_WITHIN_S = 15.0


def command(
    bench: inputs.BenchOption = None,
    json: inputs.JsonOption = False,
    patience_s: Annotated[
        float, typer.Option("--patience", help="Seconds an engine is given to stop before it is killed.")
    ] = 5.0,
) -> None:
    """Switch the cell of a bench off and verify it. A running engine is stopped first, by force if it must be."""
    with errors_in_words():
        bench_file, _ = load_bench(bench)
        if bench_file.kind == "simulated":
            for entry in entries():
                if entry.bench == bench_file.name and entry.alive:
                    _end_engine(entry, patience_s)
            say("the simulated bench lives in its engine's process; no cell is on without one")
            raise typer.Exit(COMPLETED)
        key = bench_key(bench_file)
        for entry in entries():
            if entry.bench_key == key and entry.alive:
                _end_engine(entry, patience_s)
        with _lock_if_free(key):
            description = describe(bench_file, required_addresses(bench_file))
            deed = make_safe(asdict(description), "make-safe was requested")
        if json:
            print_json(deed)
        else:
            print(deed.text)
        raise typer.Exit(COMPLETED if deed.verified else ENDED_OTHERWISE)


@contextlib.contextmanager
def _lock_if_free(key: str) -> Iterator[None]:
    """Wait for a guardian that is making the same bench safe, for two cannot talk over one adapter; not for ever."""
    lock = FileLock(lock_path(key))
    until = time.monotonic() + GUARDIAN_WITHIN_S
    while not lock.acquire() and time.monotonic() < until:
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()


def _end_engine(entry: Entry, patience_s: float) -> None:
    say(f"stopping the engine of {entry.path} (process {entry.pid})")
    with contextlib.suppress(NoEngine), Client(entry, timeout_s=2.0) as client:
        client.verb(Verb.STOP, "make-safe")
    if not wait_until_gone(entry, patience_s):
        say("it does not stop: killing it; its guardian switches the cell off, too")
        kill(entry.pid)
        wait_until_gone(entry, 2.0)
