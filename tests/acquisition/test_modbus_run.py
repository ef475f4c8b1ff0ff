"""Runs with Modbus sensors: over TCP with a thread of their own, and within the process in virtual time."""

from __future__ import annotations

import time
from dataclasses import replace

import h5py
import numpy as np
import pytest
from benchmarks.thermometer import compared

from solbench.acquisition.bench.bench_file import BenchFile, dump_bench, parse_bench
from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.record.events import GaugeKnown, GaugeRead, Sample
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import from_journal, open_run
from solbench.analysis.report.words import conditions_in_words
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from solbench.cli.commands.simulate import bench_text, make_bench
from solbench.protocols import BadInput, load_cell
from solbench.simulators.server.server import BenchServer
from tests.acquisition.runs import SHORT, TINY, quiet_bench, request, run_it, seen_run

CELL, ROOM = "cell", "room"
GAUGES = """
name: bench
kind: simulated
positive_terminal: we_re2
gauges:
  - name: cell
    place: cell
    every: 2 s
    accuracy: 0.6 K
    gradient: 0.3 K
    modbus: {connection: "tcp://192.168.1.20", register: 1, scale: 0.1}
  - name: room
    place: room
    every: 5 s
    modbus: {connection: "tcp://192.168.1.20", register: 256, function: input, type: float32, swapped: true, unit_id: 2}
simulation:
  errors: none
  sensors:
    cell: {offset_K: 0.2 K, noise_K: 0.02 K}
    room: {gradient_K: 2 K, lag_s: 100 s, noise_K: 0.001 K}
"""


def sensed(**gauge) -> BenchFile:
    bench = parse_bench(GAUGES, "bench.yaml")
    return bench.model_copy(update={"reconnect_for": quiet_bench().reconnect_for, **gauge})


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    path = tmp_path_factory.mktemp("warm") / "warm.h5"
    return seen_run(request(path, SHORT, bench=sensed())), path


def test_the_bench_file_can_be_written_and_read_again():
    bench = parse_bench(GAUGES, "bench.yaml")
    assert parse_bench(dump_bench(bench), "again.yaml") == bench


def test_in_virtual_time_it_is_read_at_its_pace_within_its_uncertainty(warm):
    seen, path = warm
    assert seen.result.completed
    true_K = seen.bench.truth.cell.temperature_K
    cell, room = open_run(path).gauges
    assert (cell.name, cell.place, room.name, room.place) == ("cell", "cell", "room", "room")
    assert abs(np.mean(cell.values) - true_K) < 2.0 * cell.stderr
    assert np.mean(room.values) == pytest.approx(true_K - 2.0, abs=0.01)
    assert min(np.diff(cell.times_s)) > 1.99
    assert 0.3 * len(cell.values) < len(room.values) < 0.6 * len(cell.values)


def test_every_spectrum_has_its_temperature(warm):
    _, path = warm
    run = open_run(path)
    for spectrum in run.spectra:
        found = run.temperature_of(spectrum)
        assert (found.source, found.sensor) == ("measured", "cell")
        assert abs(found.value_K - 298.35) < 0.1
        assert 0.38 < found.stderr_K < 0.5
        with h5py.File(path) as file:
            attributes = dict(file["entry/spectra"][f"{spectrum.spectrum:04d}"].attrs)
        assert attributes["temperature_K"] == found.value_K
        assert attributes["temperature_drift_K"] == found.drift_K
        assert attributes["temperature_source"] == "measured"


def test_journal_and_file_say_the_same(warm):
    _, path = warm
    assert open_run(path).gauges == from_journal(journal_path(path)).gauges


def test_the_run_is_the_same_as_without_sensors(warm, tmp_path):
    seen, _ = warm
    bare = seen_run(request(tmp_path / "a.h5", SHORT, bench=sensed(gauges=(), simulation={"errors": "none"})))

    def others(events):
        return [
            (event.time_s, event.body)
            for event in events
            if event.kind not in ("gauge", "gauge_known", "header", "session", "wall")
        ]

    left, right = others(seen.events), others(bare.events)
    assert len(left) > 50
    assert [str(one) for one in left] == [str(one) for one in right]


def test_over_tcp_a_device_that_hangs_and_is_unplugged_delays_no_reading(tmp_path):
    bench = parse_bench(
        GAUGES.replace("scale: 0.1}", "scale: 0.1, timeout: 5 s}").replace(
            ", unit_id: 2}", ", unit_id: 2, timeout: 5 s}"
        ),
        "b.yaml",
    )
    made = make_bench(bench, load_cell("nbh").build("half").simulated_cell(), 60.0, 0, None, None)
    with BenchServer(made, cell_name="nbh, build half") as server:
        text = bench_text(bench, server.adapter, server.control, server.addresses, server.lines)
        (line,) = server._lines.values()
        samples = []

        def look(event) -> None:
            if isinstance(event.body, Sample):
                samples.append(time.perf_counter())
            if len(samples) == 20:
                line.hangs_s = 10.0

        result = run_it(request(tmp_path / "a.h5", TINY, bench=parse_bench(text, "served.yaml")), look)
    assert result.completed, result.reason
    run = open_run(tmp_path / "a.h5")
    cell, _ = run.gauges
    assert len(cell.values) > 3
    assert abs(np.mean(cell.values) - made.cell.temperature_K) < 2.0 * cell.stderr
    worst_s = max(step.worst_gap_s for step in run.steps)
    assert worst_s < 0.5 * 5.0 * 60.0  # of experiment time: half of what the line waits for an answer


def test_a_sensor_that_is_unplugged_is_a_gap_and_found_again(tmp_path):
    text = """
name: unplugged
changes:
  - {kind: sensor, sensor: cell, fault: "off", from: 20 s, until: 60 s}
"""
    wanted = replace(
        request(tmp_path / "a.h5", TINY, bench=sensed()), scenario=parse_scenario(text, "s.yaml")
    )
    seen = seen_run(wanted)
    assert seen.result.completed
    cell, room = open_run(tmp_path / "a.h5").gauges
    (gap,) = cell.gaps
    assert gap.code == "lost"
    assert (gap.since_s, gap.until_s) == (pytest.approx(20.0, abs=4.0), pytest.approx(60.0, abs=4.0))
    assert not [time_s for time_s in cell.times_s if gap.since_s < time_s < gap.until_s]
    assert len(cell.pieces()) == 2
    assert room.gaps == []
    known = [event.body for event in seen.events if isinstance(event.body, GaugeKnown)]
    assert [one.name for one in known] == [CELL, ROOM]
    lost = [
        event.body for event in seen.events if isinstance(event.body, GaugeRead) and event.body.value is None
    ]
    assert len(lost) == 1


@pytest.mark.parametrize(
    ("sensors", "words"),
    [
        ("5", "not a mapping"),
        ("{cell: 3}", "not a mapping"),
        ("{cell: {ofset_K: 1 K}}", "no setting"),
        ("{cell: {lag_s: -1 s}}", "negative"),
        ("{oven: {}}", "no gauge 'oven'"),
    ],
)
def test_settings_of_a_sensor_that_make_no_sense_are_told_in_words(tmp_path, sensors, words):
    text = GAUGES[: GAUGES.index("simulation:")] + f"simulation: {{sensors: {sensors}}}\n"
    with pytest.raises(BadInput, match=words):
        run_it(request(tmp_path / "a.h5", SHORT, bench=parse_bench(text, "bench.yaml")))
    assert list(tmp_path.iterdir()) == []


RAMP = """
name: ramp
changes:
  - {kind: temperature, warmer: 2 K, over: 40 h}
"""


@pytest.mark.long
def test_a_growth_in_a_room_that_gets_warmer_is_true_with_a_thermometer(tmp_path):
    """1 K moves the electrolyte's resistance by 4.6 %: as much as the interphase grows by."""
    bench = parse_bench(GAUGES.replace("every: 2 s", "every: 30 s"), "bench.yaml")
    wanted = replace(
        request(tmp_path / "a.h5", "half-cell", "nps", bench), scenario=parse_scenario(RAMP, "s.yaml")
    )
    assert run_it(wanted).completed
    summary = summarise(open_run(tmp_path / "a.h5"))
    sure = np.hypot(summary.r_interface_growth_stderr_ohm, summary.r_interface_growth_temperature_stderr_ohm)
    assert abs(summary.r_interface_growth_ohm - 35.0) < 2.0 * sure < 2.0
    raw = RunSpectra(open_run(tmp_path / "a.h5")).fit.growth
    assert abs(raw.value_ohm - 35.0) > 5.0


def test_the_summary_says_whether_the_temperature_was_measured_or_typed(warm, tmp_path):
    _, path = warm
    summary = summarise(open_run(path))
    assert summary.temperature_source == "measured"
    assert "degC (measured)" in as_text(summary)
    assert all(one.temperature_source == "measured" for one in summary.spectra)
    (cell, _) = summary.gauges
    assert (cell.place, cell.gaps) == ("cell", ())
    typed = SHORT.replace("temperature: unknown", "temperature: 25 degC")
    assert run_it(request(tmp_path / "a.h5", typed)).completed
    run = open_run(tmp_path / "a.h5")
    summary = summarise(run)
    assert (summary.temperature_source, summary.temperature_stderr_K) == ("typed", 1.0)
    assert "temperature 25 degC (typed)" in as_text(summary)
    assert "temperature: 25 degC (typed)" in conditions_in_words(run)


@pytest.mark.long
def test_a_day_in_a_room_that_changes_is_in_the_file_within_its_uncertainty():
    found = compared()
    trace = found["trace"]
    assert np.mean(np.abs(found["wrong_K"]) < 2.0 * trace.stderr) > 0.99
    assert [round(gap.since_s / 3600.0, 1) for gap in trace.gaps] == [5.0, 17.0]
    assert [round(gap.until_s / 3600.0, 1) for gap in trace.gaps] == [7.0, 17.5]
    assert found["same"]
