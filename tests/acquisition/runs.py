"""Runs on the simulated bench within the test process, with the truth behind the wire at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import solbench.acquisition.bench.bench
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.events import Event, SegmentEnd, SegmentStart
from solbench.acquisition.run.start import Request, Result, resume, start
from solbench.protocols import CellRecord, Protocol, load_cell, load_protocol, parse_protocol, with_settings
from solbench.protocols.quantities.quantity import Quantity
from tests import texts
from tests.texts import CURRENT_A as CURRENT_A

RUNS_0_1 = Path(__file__).parents[1] / "fixtures" / "runs_0_1"  # written by version 0.1.0
TINY = texts.TINY.replace(
    "  - name: desodiation\n", "  - name: pause\n    kind: rest\n    time: 10 s\n  - name: desodiation\n"
)
SHORT = """
name: short
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - name: sodiation
    kind: constant_current
    current: -0.16 mA/cm2
    until: {capacity: 0.0005 mAh/cm2}
    spectra_at: [50 %]
    rest: {time: 2 s}
    spectrum: {from: 1 MHz, to: 10 kHz, points_per_decade: 1, amplitude: 30 mV, integration: 0.1 s}
"""
SHORT_C = 0.0005e-3 * 3600 * 0.785


def quiet_bench(**simulation: Any) -> BenchFile:
    """Return the simulated bench without gain and offset errors."""
    return BenchFile(
        name="test bench",
        kind="simulated",
        positive_terminal="we_re2",
        reconnect_for=Quantity("0.1 s", 0.1, "time"),  # host time
        max_unwatched=Quantity("10 s", 10.0, "time"),
        simulation={"unit": "ideal", "errors": "none", **simulation},
    )


def closely_watched() -> BenchFile:
    """Return the same bench, read every 2 s as benches usually are; the others are read more seldom, to be fast."""
    return quiet_bench().model_copy(update={"max_unwatched": Quantity("2 s", 2.0, "time")})


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
    real = solbench.acquisition.bench.bench.open_at

    def opened(*arguments: Any) -> Any:
        bench = real(*arguments)
        on_open(bench)
        return bench

    with mock.patch.object(solbench.acquisition.bench.bench, "open_at", opened):
        yield


def run_it(
    wanted: Request, *listeners: Callable[[Event], None], run_control: RunControl | None = None
) -> Result:
    """Carry out a request."""
    return start(wanted, run_control or RunControl(), listeners)


def resume_it(run: Path, *listeners: Callable[[Event], None]) -> Result:
    """Resume a run."""
    return resume(run, RunControl(), listeners)


@dataclass
class Seen:
    """What was really there when events of a run were written."""

    result: Result | None = None
    bench: Any = None
    events: list[Event] = field(default_factory=list)
    truths: list[tuple[Event, float, bool]] = field(default_factory=list)

    @property
    def truth(self) -> Any:
        """The truth behind the wire."""
        return self.bench.truth.truth

    def of(self, kind: str) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if event.kind == kind]

    @property
    def is_safe(self) -> bool:
        """Whether nothing drives the cell: relay open, generator at zero."""
        generator = self.bench.truth._analyzer.generator
        return not self.truth.polarized and generator.amplitude_V == 0.0 and generator.bias_V == 0.0

    def true_charge_C(self, kind: str, ordinal: int) -> float:
        """The cell's charge when segment `ordinal` began (`segment`) or ended (`segment_end`)."""
        found = [
            charge
            for event, charge, _ in self.truths
            if event.kind == kind
            and isinstance(event.body, SegmentStart | SegmentEnd)
            and event.body.ordinal == ordinal
        ]
        return found[-1]


def seen_run(
    wanted: Request, *listeners: Callable[[Event], None], run_control: RunControl | None = None
) -> Seen:
    """Carry out a request and look behind the wire at each segment's beginning and end."""
    seen = Seen()

    def look(event: Event) -> None:
        seen.events.append(event)
        if event.kind in ("segment", "segment_end", "end"):
            seen.truths.append((event, seen.truth.charge_C, seen.truth.polarized))

    def opened(bench: Any) -> None:
        seen.bench = bench

    with watched_benches(opened):
        seen.result = run_it(wanted, look, *listeners, run_control=run_control)
    return seen
