"""Runs on the simulated bench within the test process, with the truth behind the wire at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import acquisition.run
from acquisition.bench_file import BenchFile, dump_bench
from acquisition.cancel import Cancel
from acquisition.journal import Event
from acquisition.run import Request, Result, resume, start
from protocols import CellRecord, Protocol, load_cell, load_protocol, parse_protocol, with_settings

TINY = """
name: tiny
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {capacity: 0.002 mAh/cm2}
    spectra_at: [0 %, 100 %]
    rest: {time: 5 s}
    spectrum: {from: 1 MHz, to: 100 Hz, points_per_decade: 2, amplitude: 30 mV, integration: 0.2 s}
  - name: pause
    kind: rest
    time: 10 s
  - name: desodiation
    kind: constant_current
    current: 0.16 mA/cm2
    until: {voltage: 2.0 V}
"""


def quiet_bench(**simulation: Any) -> BenchFile:
    """Return the simulated bench without gain and offset errors."""
    return BenchFile(
        name="test bench",
        kind="simulated",
        positive_terminal="we_re2",
        simulation={"errors": "none", **simulation},
    )


def request(
    run: Path,
    protocol: str | Protocol = TINY,
    cell: str | CellRecord = "nbh",
    bench: BenchFile | None = None,
    settings: tuple[str, ...] = (),
    seed: int = 0,
) -> Request:
    """Make a request out of texts and names."""
    if isinstance(protocol, str):
        protocol = parse_protocol(protocol, "test") if "\n" in protocol else load_protocol(protocol)
    if settings:
        protocol = with_settings(protocol, settings)
    record = load_cell(cell) if isinstance(cell, str) else cell
    bench = bench or quiet_bench()
    return Request(protocol, record, bench, dump_bench(bench), run, seed)


@contextmanager
def watched_benches(on_open: Callable[[Any], None]) -> Iterator[None]:
    """Call `on_open` with every bench that a run opens."""
    real = acquisition.run.open_bench

    def opened(*arguments: Any, **options: Any) -> Any:
        bench = real(*arguments, **options)
        on_open(bench)
        return bench

    with mock.patch.object(acquisition.run, "open_bench", opened):
        yield


def run_it(wanted: Request, *listeners: Callable[[Event], None], cancel: Cancel | None = None) -> Result:
    """Carry out a request."""
    return start(wanted, cancel or Cancel(), listeners)


def resume_it(run: Path, *listeners: Callable[[Event], None]) -> Result:
    """Resume a run."""
    return resume(run, Cancel(), listeners)
