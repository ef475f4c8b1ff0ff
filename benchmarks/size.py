"""Lines of the table about long runs: what a sample costs, and the whole of them, from 1e4 to 1e7.

As a program, `python -m benchmarks.size write|read COUNT FOLDER`: writes the journal of a run with so many samples and
its run file, or reads that; prints what it took as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from benchmarks.figures import OWN, Figure, environment, told
from benchmarks.flat import costs, times_shortest

from solbench.acquisition.record.events import Event, Sample
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import Journal, journal_path, read_journal
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.common.trace import Trace

COUNTS = (10_000, 100_000, 1_000_000, 10_000_000)
ONCE = 10_000_000  # from here on each figure is taken once: it takes minutes
PEERS_TO = 1_000_000
AT_LEAST = 200_000  # samples are timed: of short journals several
PIXELS = 1000
TINY = """
name: tiny
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 20 s}, cut_short: {voltage: -4.5 V}}
"""
PARTS = {
    "append_us": ("a sample kept, mean of {count:.0e}", "us"),
    "file_s": ("run file of {count:.0e} samples, built and checked", "s"),
    "column_ms": ("voltage of {count:.0e} samples, run opened and read", "ms"),
    "draw_ms": ("one picture of {count:.0e} samples, points worked out anew", "ms"),
    "read_MB": ("memory of what reads {count:.0e} samples, at most", "MB"),
}


def growing(repeats: int) -> Iterator[Figure]:
    """What a sample costs in a short run and in a long one, and what all of them cost."""
    figures = [Figure(what.format(count=count), unit) for what, unit in PARTS.values() for count in COUNTS]
    by_what = {figure.what: figure for figure in figures}
    for repeat in range(repeats):  # short and long by turns, since a PC is not as quick at all times
        for count in COUNTS if repeat == 0 else [count for count in COUNTS if count < ONCE]:
            with tempfile.TemporaryDirectory() as folder:
                found = {}
                for order in ("write", "read"):
                    found |= json.loads(told(OWN, "benchmarks.size", order, count, folder))
                for part, (what, _unit) in PARTS.items():
                    by_what[what.format(count=count)].add(OWN, found[part])
                if count <= PEERS_TO:
                    _add_pymeasure(by_what, count, Path(folder, "peer.csv"))
    yield from figures
    with tempfile.TemporaryDirectory() as folder:
        for count, values in times_shortest(costs(ONCE, Path(folder))).items():
            if count > COUNTS[0]:
                what = f"a sample behind {count:.0e} others, times one behind {COUNTS[0]:.0e}, in turn"
                yield Figure(what, "", {OWN: list(values)})


def _add_pymeasure(by_what: dict[str, Figure], count: int, file: Path) -> None:
    for part, order in (("append_us", str(count)), ("column_ms", "column")):
        text = told("pymeasure", "writing.py", "pymeasure_csv", file, order)
        by_what[PARTS[part][0].format(count=count)].add("pymeasure", float(text) if text else None)


def write(count: int, folder: Path) -> dict[str, float]:
    """Write the journal of a run with so many samples more than a short one has, and build its run file."""
    run, short = folder / "run.h5", folder / "short.h5"
    (folder / "tiny.yaml").write_text(TINY)
    order = [
        sys.executable,
        "-m",
        "solbench",
        "run",
        str(folder / "tiny.yaml"),
        "--cell",
        "nbh",
        "--bench",
        "simulated",  # whatever this PC's usual bench is
        "-o",
        str(short),
    ]
    subprocess.run(order, check=True, capture_output=True, env=environment(OWN))
    events = list(read_journal(journal_path(short)))
    times_s = []
    for again in range(max(0, AT_LEAST // count - 1)):
        times_s.append(_written(journal := folder / f"again-{again}.journal", events, count))
        journal.unlink()
    times_s.append(_written(journal_path(run), events, count))
    begun_s = time.process_time()
    build_final(run)
    return {"append_us": 1e6 * fmean(times_s) / count, "file_s": time.process_time() - begun_s}


def _written(path: Path, events: Sequence[Event], count: int) -> float:
    """Write a journal with so many samples more than the events have; return their processor time (s)."""
    journal = Journal.create(path)
    append_s, last_s = 0.0, 0.0
    for event in events:
        if isinstance(event.body, Sample) and event.body.current_A and not append_s:
            begun_s = time.process_time()
            _add_samples(journal, event.time_s, event.body, count)
            append_s = time.process_time() - begun_s
            last_s = float(count)
        journal.append(event.time_s + last_s, event.body)
    journal.close()
    return append_s


def _add_samples(journal: Journal, first_s: float, like: Sample, count: int) -> None:
    synced_s = time.monotonic()
    for n in range(count):
        body = Sample(
            step=like.step,
            segment=like.segment,
            voltage_V=0.9 - 1.3e-8 * n,
            current_A=like.current_A * (1.0 + 1e-9 * n),
            charge_C=like.charge_C - 1.2e-4 * n,
            range=like.range,
        )
        journal.append(first_s + 1.0 * n, body)
        if time.monotonic() - synced_s > 1.0:
            os.fsync(journal.descriptor)
            synced_s = time.monotonic()


def read(folder: Path) -> dict[str, float]:
    """Open a run, read a column of it, and work out the points of a picture."""
    begun_s = time.process_time()
    samples = open_run(folder / "run.h5").samples
    voltage_V = np.array(samples["voltage_V"])
    column_ms = 1e3 * (time.process_time() - begun_s)
    trace = Trace(1)
    trace.append(np.array(samples["time_s"]), voltage_V)
    begun_s = time.process_time()
    for part in range(10):  # other views each time, as where one pans
        trace.view(0, trace.first_s + part, trace.last_s - part, PIXELS)
    draw_ms = 1e2 * (time.process_time() - begun_s)
    return {
        "column_ms": column_ms,
        "draw_ms": draw_ms,
        "read_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


def main() -> None:
    """Carry out one order."""
    order, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    print(json.dumps(write(count, folder) if order == "write" else read(folder)))


if __name__ == "__main__":
    main()
