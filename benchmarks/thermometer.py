"""A day at rest in a room that changes, with a thermometer that is unplugged twice: the file beside the truth.

    python -m benchmarks.thermometer [PICTURE.png]

Virtual time, one run with and one without the thermometer. Prints how far the recorded temperature is from that of the
cell, the gaps, and whether the run is the same in both.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.acquisition.runs import request, run_it, watched_benches

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.reader import open_run

REST = """
name: day
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 60 s}
steps:
  - {name: night, kind: rest, time: 12 h}
  - name: spectrum
    kind: impedance
    from: 100 kHz
    to: 1 Hz
    points_per_decade: 5
    amplitude: 10 mV
    integration: 1 s
  - {name: day, kind: rest, time: 12 h}
"""
ROOM = """
name: a day
changes:
  - {kind: temperature, amplitude: 1 K, period: 24 h}
  - {kind: temperature, amplitude: 0.2 K, period: 20 min, shape: saw}
  - {kind: temperature, warmer: 1.2 K, over: 24 h}
  - {kind: temperature, warmer: 3 K, from: 15 h, over: 10 min}
"""
UNPLUGGED = """
  - {kind: sensor, sensor: cell, fault: "off", from: 5 h, until: 7 h}
  - {kind: sensor, sensor: cell, fault: "off", from: 17 h, until: 17.5 h}
"""
BENCH = """
name: bench
kind: simulated
positive_terminal: we_re2
gauges:
  - name: cell
    every: 30 s
    gradient: 0.3 K
    comparison: {date: 2026-11-29, against: ice water, shown: 0.3 degC, reference: 0 degC, uncertainty: 0.06 K}
    modbus: {connection: COM9, register: 1, scale: 0.1}
simulation: {sensors: {cell: {offset_K: 0.35 K, noise_K: 0.03 K, lag_s: 60 s, gradient_K: 0.15 K}}}
"""
NOT_OF_THE_RUN = ("gauge", "gauge_known", "header", "session", "wall")


def carried_out(folder: Path, *, with_sensor: bool) -> tuple[list[Event], list[tuple[float, float]], Path]:
    """Run the day; return its events, the true temperature (time in s, K), and where the file is."""
    bench = parse_bench(BENCH, "bench")
    text = ROOM + UNPLUGGED if with_sensor else ROOM
    if not with_sensor:
        bench = bench.model_copy(update={"gauges": (), "simulation": {}})
    path = folder / ("with.h5" if with_sensor else "without.h5")
    benches, events, truth = [], [], []

    def look(event: Event) -> None:
        events.append(event)
        if event.kind == "gauge":
            truth.append((event.time_s, benches[0].truth.cell.temperature_K))

    with watched_benches(benches.append):
        result = run_it(
            replace(request(path, REST, "nps", bench), scenario=parse_scenario(text, "room")), look
        )
    assert result.completed, result.reason
    return events, truth, path


def compared() -> dict[str, object]:
    """Return the figures, and what is drawn of them."""
    with tempfile.TemporaryDirectory() as name:
        began_s = time.process_time()
        events, truth, path = carried_out(Path(name), with_sensor=True)
        cpu_s = time.process_time() - began_s
        bare, _, _ = carried_out(Path(name), with_sensor=False)
        run = open_run(path)
        (trace,) = run.gauges
        spectrum = run.temperature_of(run.spectra[0])
    true_K = dict(truth)
    wrong_K = np.array(
        [value - true_K[at] for at, value in zip(trace.times_s, trace.values, strict=True) if at in true_K]
    )
    left, right = (
        [(event.time_s, str(event.body)) for event in these if event.kind not in NOT_OF_THE_RUN]
        for these in (events, bare)
    )
    return {
        "trace": trace,
        "truth": truth,
        "wrong_K": wrong_K,
        "spectrum": spectrum,
        "same": left == right,
        "records": len(left),
        "cpu_s": cpu_s,
    }


def main() -> None:
    """Print the figures, and draw them where a file is named."""
    found = compared()
    trace, wrong_K = found["trace"], found["wrong_K"]
    inside = float(np.mean(np.abs(wrong_K) < 2.0 * trace.stderr))
    print(f"{len(trace.values)} readings in 24 h, standard uncertainty {trace.stderr:.2f} K")
    print(
        f"recorded - true: {wrong_K.mean():+.3f} K, rms {np.sqrt(np.mean(wrong_K**2)):.3f}, "
        f"largest {np.abs(wrong_K).max():.2f} K; {100 * inside:.1f} % within twice the uncertainty"
    )
    for gap in trace.gaps:
        print(f"gap ({gap.code}) from {gap.since_s / 3600:.3f} h to {(gap.until_s or np.nan) / 3600:.3f} h")
    print(f"spectrum: {found['spectrum']}")
    print(
        f"the run is {'the same' if found['same'] else 'ANOTHER'} without it ({found['records']} records); "
        f"{found['cpu_s']:.1f} s of processor time"
    )
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]), found)


def draw(path: Path, found: dict[str, object]) -> None:
    """Draw the file beside the truth."""
    from matplotlib import pyplot

    trace, truth = found["trace"], np.array(found["truth"])
    figure, axes = pyplot.subplots(figsize=(9, 4))
    axes.plot(truth[:, 0] / 3600, truth[:, 1] - 273.15, color="0.6", lw=3, label="truth, when it was read")
    for number, (times_s, values) in enumerate(trace.pieces()):
        shown = np.array(values) - 273.15
        hours = np.array(times_s) / 3600
        axes.fill_between(hours, shown - 2 * trace.stderr, shown + 2 * trace.stderr, alpha=0.2, color="C0")
        axes.plot(hours, shown, color="C0", lw=0.8, label="file" if number == 0 else None)
    axes.set(xlabel="time / h", ylabel="temperature / °C")
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")


if __name__ == "__main__":
    main()
