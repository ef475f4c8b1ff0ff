"""What a check says of a protocol is what happens: random protocols of all kinds of step, against the truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.record.events import Alarm, Event, SegmentEnd
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from solbench.protocols import Protocol, check, estimate, load_cell, parse_protocol, plan
from solbench.protocols.check import measures_alone
from solbench.protocols.kinds import kind_of_segment
from solbench.protocols.quantities.quantity import Quantity
from solbench.protocols.segments import Prompt, Record, Segment, Sweep
from tests.acquisition.runs import Seen, quiet_bench, request, seen_run
from tests.drawn_protocols import drawn
from tests.tiers import few

SAMPLES = 30  # all kinds of step are among them; every run has the first piece
ALL = 500
PIECE = 10
SHORT_S, LONG_S = 450.0, 48 * 3600.0  # of experiment time
LATE_S = 1.5  # between the last stored reading of a segment and its end: a reading in full resolution, and switching
OF_THE_CELL = (
    "charge_beyond_electrodes",
    "charge_returned",
    "sodium_plated",
)  # what a voltage makes of it: rightly
ENDED = ("segment", "step", "cut_short", "done")


def watched_seldom() -> BenchFile:
    """A bench whose cell is read every 30 s only, so that hours take little."""
    return quiet_bench().model_copy(update={"max_unwatched": Quantity("30 s", 30.0, "time")})


def broken(seed: int, folder: Path, bench: BenchFile, most_s: float) -> list[str]:
    """What of the promises about the protocol of a seed is broken; raises what the program raises."""
    protocol, record = drawn(seed, most_s)
    expected = estimate(protocol, record.build(protocol.build))
    seen = seen_run(request(folder / f"{seed}.h5", protocol, record, bench, seed=seed))
    assert seen.result is not None
    run = open_run(seen.result.run)
    as_text(summarise(run))
    found = list(_faults(seen, protocol))
    found += _ends(seen, run, list(plan(protocol, record.build(protocol.build))))
    if seen.result.outcome == "completed":
        whole = sum(spectrum.whole for spectrum in run.spectra)
        missed = [finding.code for finding in check(protocol, record) if ".spectra_" in finding.code]
        if whole != expected.spectra and not missed:
            found.append(f"{whole} of {expected.spectra} spectra")
        took_s = seen.events[-1].time_s
        if not expected.at_least_s <= took_s <= expected.at_most_s:
            found.append(f"took {took_s:.1f} s, not {expected.at_least_s:.1f} to {expected.at_most_s:.1f} s")
        is_known = expected.at_most_s < 2.0 * expected.at_least_s + 100.0  # else they depend on the cell
        if is_known and not 0.4 * len(run.samples) - 20 <= expected.samples <= 2.5 * len(run.samples) + 20:
            found.append(f"{len(run.samples)} samples, not {expected.samples}")
    return [f"seed {seed}, {record.name} {protocol.build}: {text}" for text in found]


def _faults(seen: Seen, protocol: Protocol) -> Iterator[str]:
    assert seen.result is not None
    alarms = [event.body for event in seen.events if isinstance(event.body, Alarm)]
    # how much flows at the voltage of a spectrum is the cell's as well, and whether that is less than its limit
    expected = [
        alarm for alarm in alarms if alarm.code in (*OF_THE_CELL, "prompt") or "limit_A" in alarm.parameters
    ]
    unexpected = [alarm for alarm in alarms if alarm not in expected]
    yield from (f"alarm {alarm.code}: {alarm.text}" for alarm in unexpected)
    if seen.result.outcome not in ("completed", "cut_short", "limit") and not alarms:
        yield f"{seen.result.outcome}: {seen.result.reason}"
    if seen.truth.polarized and not measures_alone(protocol):  # the 1260 alone is on the cell for good
        yield "the cell is on"
    generator = seen.bench.truth._analyzer.generator
    if generator.amplitude_V or generator.bias_V:
        yield "the generator is on"


def _ends(seen: Seen, run: Run, segments: list[Segment]) -> Iterator[str]:
    """Hold the end of each segment against what is stored and against the cell's own charge."""
    begun: dict[int, float] = {}
    step_start_C: dict[int, float] = {}
    for event, charge_C, _ in seen.truths:
        if event.kind == "segment":
            begun[event.body.ordinal] = charge_C
            step_start_C.setdefault(event.body.step.index, charge_C)
        elif isinstance(event.body, SegmentEnd) and event.body.outcome in ENDED:
            segment = segments[event.body.ordinal]
            yield from _end(event, event.body, run, segment, charge_C - step_start_C[event.body.step])


def _end(event: Event, end: SegmentEnd, run: Run, segment: Segment, true_C: float) -> Iterator[str]:
    samples = run.samples[run.samples["segment"] == end.ordinal]
    name = f"{kind_of_segment(segment).words} {end.ordinal}, {end.text!r}"
    if end.duration_s < 0.1:  # what an earlier segment of the step had reached already
        return
    if not len(samples):
        yield f"{name}: no reading is stored"
        return
    stored_s = [*samples["time_s"][-1:], *run.points["time_s"][run.points["segment"] == end.ordinal][-1:]]
    late_s = event.time_s - max(stored_s)
    point_s = (
        max(segment.integration_s, 1.0 / min(segment.frequencies_Hz)) if isinstance(segment, Sweep) else 0.0
    )
    if late_s > LATE_S + point_s:
        yield f"{name}: the last reading is stored {late_s:.1f} s before the end"
    last, limit = samples[-1], end.limit or 0.0
    if end.quantity == "voltage_above" and last["voltage_V"] < limit - 1e-3:
        yield f"{name}: stored {last['voltage_V']:.4f} V"
    if end.quantity == "voltage_below" and last["voltage_V"] > limit + 1e-3:
        yield f"{name}: stored {last['voltage_V']:.4f} V"
    if end.quantity == "current_below" and abs(last["current_A"]) > limit * 1.01:
        yield f"{name}: stored {last['current_A']:.4g} A"
    if end.quantity == "charge" and not _is_near(abs(true_C), limit, run):
        yield f"{name}: {true_C:.6g} C flowed"
    if end.quantity == "time" and abs(end.duration_s - limit) > 2.0 and "Rest" in end.segment:
        yield f"{name}: rested {end.duration_s:.1f} s"
    rule = getattr(segment, "record", Record())
    if not isinstance(segment, Sweep | Prompt) and rule.voltage_change_V is None and len(samples) > 5:
        yield from _intervals(name, samples["time_s"], rule.every_s)


def _is_near(true_C: float, limit_C: float, run: Run) -> bool:
    """Half a percent, and what the ammeter's resolution is worth."""
    return abs(true_C - limit_C) <= 0.005 * limit_C + 2e-7 * run.events[-1].time_s


def _intervals(name: str, times_s: np.ndarray, every_s: float) -> Iterator[str]:
    """Hold the usual time between stored readings against that which is asked for."""
    usual_s = float(np.median(np.diff(times_s)))
    if not 0.9 * every_s <= usual_s <= 1.25 * every_s + 0.3:
        yield f"{name}: a reading in {usual_s:.3g} s is stored, not in {every_s:.3g} s"


@few("first", range(0, SAMPLES, PIECE), 1)
def test_what_check_says_of_a_random_protocol_is_what_happens(tmp_path: Path, first: int) -> None:
    bench = watched_seldom()
    found = [text for seed in range(first, first + PIECE) for text in broken(seed, tmp_path, bench, SHORT_S)]
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("first", range(SAMPLES, ALL, PIECE))
def test_what_check_says_is_what_happens_500_times(tmp_path: Path, first: int) -> None:
    bench = quiet_bench()
    found = [text for seed in range(first, first + PIECE) for text in broken(seed, tmp_path, bench, LONG_S)]
    assert not found, "\n".join(found)


BY_CHANGE = """
name: by_change
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: 2 h, voltage_change: {change_mV:.3g} mV}}
steps:
  - {{name: driven, kind: constant_current, current: {current_uA:.3g} uA, until: {{time: 90 min}}}}
"""


@pytest.mark.parametrize("build", ["metal", "symmetric", "half"])
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(one, marks=pytest.mark.long) for one in range(2, 16))])
def test_an_interval_longer_than_its_step_is_excused_where_a_change_of_the_voltage_stores_readings(
    tmp_path: Path, build: str, seed: int
) -> None:
    draw = random.Random(f"{build} {seed}")
    cell = "nps" if build == "metal" else draw.choice(["nps", "nbh"])
    words = {"current_uA": -draw.uniform(40.0, 60.0), "change_mV": 10.0 ** draw.uniform(-0.5, 2.3)}
    text = BY_CHANGE.format(build=build, **words)
    told = [one.code for one in check(parse_protocol(text, "drawn.yaml"), load_cell(cell))]
    seen = seen_run(request(tmp_path / "a.h5", text, cell, watched_seldom()))
    stored = len(seen.of("sample"))
    assert stored <= 15 if "record.every_long" in told else stored >= 5
