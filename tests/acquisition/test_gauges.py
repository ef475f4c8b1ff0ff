"""A thermometer beside the cell, from the wire to the summary; it is never in the way of the run."""

from __future__ import annotations

import json
from itertools import pairwise

import h5py
import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import GaugeEntry, parse_bench
from solbench.acquisition.record.events import GaugeRead, Sample
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import from_journal, open_run
from solbench.analysis.summary import summarise
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, seen_run, watched_benches

TRUE_K = 298.15
NAME = "cell temperature"


def gauged(**simulation):
    return quiet_bench(**simulation).model_copy(update={"gauges": (GaugeEntry(name=NAME),)})


def reads_of(seen: Seen) -> list[tuple[float, GaugeRead]]:
    return [(event.time_s, event.body) for event in seen.events if isinstance(event.body, GaugeRead)]


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    run = tmp_path_factory.mktemp("warm") / "warm.h5"
    return seen_run(request(run, bench=gauged())), run


def test_it_is_read_at_its_own_pace_and_shows_the_cell(warm):
    seen, _ = warm
    assert seen.result.completed
    reads = reads_of(seen)
    true_K = seen.bench.truth.cell.temperature_K
    assert true_K == pytest.approx(TRUE_K, abs=1.0)
    assert {(read.name, read.unit, read.value) for _, read in reads} == {(NAME, "K", round(true_K, 3))}
    apart = [late - early for (early, _), (late, _) in pairwise(reads)]
    samples = [event.time_s for event in seen.events if isinstance(event.body, Sample)]
    assert min(apart) >= 9.9
    assert len(reads) > 0.5 * (samples[-1] - samples[0]) / 10.0


def test_the_file_the_journal_and_the_summary_say_the_same(warm):
    seen, run = warm
    (final,), (journaled,) = open_run(run).gauges, from_journal(journal_path(run)).gauges
    assert (final.times_s, final.values) == (journaled.times_s, journaled.values)
    assert final.times_s == [time_s for time_s, _ in reads_of(seen)]
    (found,) = summarise(open_run(run)).gauges
    assert (found.name, found.unit, found.readings, found.lost) == (NAME, "K", len(final.values), 0)
    assert found.lowest <= found.mean <= found.highest
    with h5py.File(run) as file:
        log = file["entry/gauges"][NAME]
        assert list(log["value"]) == final.values
        assert (log["value"].attrs["units"], log["test_time_second"].attrs["units"]) == ("K", "s")


def test_a_gauge_that_falls_silent_is_written_down_once_and_ends_nothing(tmp_path):
    def look(event) -> None:
        samples.append(isinstance(event.body, Sample))
        if samples[-1] and sum(samples) in (30, 120):
            faults = seen_bench[0].truth.faults
            faults.kill(NAME) if sum(samples) == 30 else faults.revive()

    seen_bench = []
    samples = []
    with watched_benches(seen_bench.append):
        result = run_it(request(tmp_path / "a.h5", bench=gauged()), look)
    assert result.completed
    (trace,) = open_run(tmp_path / "a.h5").gauges
    assert trace.lost == 1
    events = [json.loads(event.json()) for event in open_run(tmp_path / "a.h5").events]
    (lost,) = (event for event in events if event["kind"] == "gauge" and event["value"] is None)
    assert NAME in lost["problem"]
    assert any(time_s > lost["time_s"] for time_s in trace.times_s)  # it is asked again, and answers


@pytest.mark.long
def test_a_run_without_gauges_has_nothing_of_them(tmp_path):
    seen = seen_run(request(tmp_path / "a.h5"))
    assert reads_of(seen) == []
    assert open_run(tmp_path / "a.h5").gauges == []
    with h5py.File(tmp_path / "a.h5") as file:
        assert "gauges" not in file["entry"]


@pytest.mark.long
def test_a_gauge_takes_a_moment_of_the_bus_and_changes_nothing_else(tmp_path):
    def readings(name: str, bench) -> list[Sample]:
        seen = seen_run(request(tmp_path / name, bench=bench, seed=3))
        return [event.body for event in seen.events if isinstance(event.body, Sample)]

    quick = {"latency_s": 0.0}
    first, second = readings("a.h5", quiet_bench(**quick)), readings("b.h5", gauged(**quick))
    assert len(first) == len(second)
    assert [(one.step, one.segment, one.range) for one in first] == [
        (one.step, one.segment, one.range) for one in second
    ]
    moved_V = max(abs(one.voltage_V - other.voltage_V) for one, other in zip(first, second, strict=True))
    assert moved_V < 2e-3


def test_a_gauge_outside_this_process_needs_an_address(tmp_path):
    text = (
        "name: b\nkind: prologix\nadapter: COM99\npositive_terminal: we_re2\n"
        "analyzer_1260: {address: 4}\npotentiostat_1287: {address: 6}\ngauges: [{name: oven}]\n"
    )
    with pytest.raises(BadInput, match="gauge 'oven' is missing") as caught:
        open_bench(parse_bench(text, "b.yaml"), {}, lambda: None)
    assert caught.value.field == "gauges[0].address"
