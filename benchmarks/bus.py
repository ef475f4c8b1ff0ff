"""Lines of the table about instruments: a query over an adapter, where a charge stops, how long a sweep takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.figures import OWN, Figure, environment, number
from benchmarks.prologix_query import ours, server

from solbench.acquisition.record.events import SegmentEnd, SegmentStart
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.drivers.solartron.settings import Settings1260
from solbench.drivers.solartron.solartron1260 import measuring_s
from solbench.protocols import load_cell
from solbench.protocols.segments import Sweep
from solbench.simulators.world import read_world

GPIB_1260, QUERIES, QUERIES_OF_PEERS = 4, 500, 50
LATENCIES_S = (0.0, 1e-3, 10e-3, 50e-3)  # of each transfer: a GPIB card, a network, a bad one
CHARGE_MAH_CM2, CURRENT_MA_CM2 = 0.01, 0.16
PROTOCOL = f"""
name: stop
build: half
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 1 s}}
steps:
  - name: sodiation
    kind: constant_current
    current: -{CURRENT_MA_CM2} mA/cm2
    until: {{capacity: {CHARGE_MAH_CM2} mAh/cm2}}
    cut_short: {{voltage: -4.5 V}}
"""
WITH_SPECTRUM = f"""{PROTOCOL}    spectra_at: [100 %]
    rest: {{time: 5 s}}
    spectrum: {{from: 1 MHz, to: 1 Hz, points_per_decade: 10, amplitude: 30 mV, integration: 0.2 s}}
"""
BENCH = """
name: simulated bench
kind: simulated
positive_terminal: we_re2
simulation: {{unit: ideal, errors: none, latency_s: {latency_s}}}
"""


def asking(repeats: int) -> Iterator[Figure]:
    """A query of the 1260 over a Prologix adapter: the wall time of all, adapter and simulated instrument too."""
    figure = Figure("query over a Prologix adapter (wall)", "ms")
    for _ in range(repeats):
        with server() as address:
            host, _, port = address.removeprefix("socket://").rpartition(":")
            figure.add(OWN, 1e3 * median(ours(address, GPIB_1260, QUERIES)))
            figure.add("pyvisa-py", number("pyvisa-py", "query.py", host, port, GPIB_1260, QUERIES_OF_PEERS))
    yield figure


def stopping(repeats: int) -> Iterator[Figure]:
    """How much charge truly went beyond where it was to stop, and how long a spectrum took."""
    figures = []
    for latency_s in LATENCIES_S:
        name = f"bus of {1e3 * latency_s:g} ms"
        past = Figure(f"charge beyond its end, {name}, as ms of the current", "")
        sweep = Figure(f"sweep of 61 points, {name}, times the least of the instruments", "")
        for repeat in range(repeats):
            past.add(OWN, _beyond_ms(latency_s, repeat))
            sweep.add(OWN, _times_the_least(latency_s, repeat))
        figures += [past, sweep]
    yield from sorted(figures, key=lambda one: one.what.split(",")[0])


def _beyond_ms(latency_s: float, seed: int) -> float:
    """Return for how long (ms) the current flowed on beyond its charge, by the truth of the simulated bench."""
    with _ran(PROTOCOL, latency_s, seed) as run:
        area_cm2 = 1e4 * load_cell("nbh").build("half").area_m2
        wanted_C, current_A = 3.6 * CHARGE_MAH_CM2 * area_cm2, 1e-3 * CURRENT_MA_CM2 * area_cm2
        return 1e3 * (read_world(run.with_suffix(".world")).discharged_C - wanted_C) / current_A


@contextmanager
def _ran(protocol: str, latency_s: float, seed: int) -> Iterator[Path]:
    """Carry a protocol out over a bus of this latency; yields its run file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "protocol.yaml").write_text(protocol)
        (folder / "bench.yaml").write_text(BENCH.format(latency_s=latency_s))
        run = folder / "run.h5"
        order = [sys.executable, "-m", "solbench", "run", str(folder / "protocol.yaml"), "--cell", "nbh"]
        order += ["--bench", str(folder / "bench.yaml"), "--seed", str(seed), "-o", str(run), "--json"]
        subprocess.run(order, check=True, capture_output=True, env=environment(OWN))
        yield run


def _times_the_least(latency_s: float, seed: int) -> float:
    """Return how long the sweep took, over what its points take of the 1260 by its own times."""
    with _ran(WITH_SPECTRUM, latency_s, seed) as run:
        events = list(read_journal(journal_path(run)))
    begun_s, sweep = next(
        (event.time_s, event.body.segment)
        for event in events
        if isinstance(event.body, SegmentStart) and isinstance(event.body.segment, Sweep)
    )
    ended_s = next(e.time_s for e in events if isinstance(e.body, SegmentEnd) and e.body.segment == "Sweep")
    settings = Settings1260()
    least_s = sum(measuring_s(f, sweep.integration_s, settings) for f in sweep.frequencies_Hz)
    return (ended_s - begun_s) / least_s
