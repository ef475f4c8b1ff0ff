"""The contract of the command line, with real processes: summary, repeatability, pace, live file."""

import json
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from tests.end_to_end.programs import begin, finish, inputs, solbench

KEYS = {
    *("run", "simulated", "completed", "end_reason", "protocol", "cell", "build", "samples", "simulated_s"),
    *("wall_s", "steps", "coulombic_efficiency", "spectra"),
    *("running", "coulombic_efficiency_stderr", "uncertainty_source"),
    *("r_interface_growth_ohm", "r_interface_growth_stderr_ohm"),
    *("ionic_conductivity_S_cm", "ionic_conductivity_stderr_S_cm"),
    *("electronic_conductivity_S_cm", "electronic_conductivity_stderr_S_cm"),
    *("electronic_conductivity_is_bound", "steady_state", "gauges"),
    *("comparisons", "withheld", "wrong_spectra", "capacity_retention", "capacity_retention_stderr"),
    *("unit", "commissioning", "replays"),
    *("temperature_K", "temperature_stderr_K", "temperature_source"),
    *("r_interface_growth_temperature_stderr_ohm", "ionic_conductivity_temperature_stderr_S_cm"),
    *("relative_permittivity", "irreversible_areal_capacity_mAh_cm2"),
    *("irreversible_areal_capacity_stderr_mAh_cm2", "corrections", "polarizations"),
    *("electronic_conductivity_verdict", "experiments", "relative_density", "changes"),
    *("stack_pressure_Pa", "stack_pressure_stderr_Pa", "stack_pressure_drift_Pa", "stack_pressure_source"),
    *("stack_pressure_notes", "begun_areal_capacity_mAh_cm2", "cell_kind", "damage", "tags"),
}
STEP_KEYS = {
    *("index", "name", "kind", "cycle", "end_reason", "duration_s", "areal_capacity_mAh_cm2"),
    *("overshoot_ppm", "worst_gap_s", "missed_readings", "areal_capacity_stderr_mAh_cm2"),
    *("interruptions", "unwatched_s", "unwatched_areal_capacity_mAh_cm2"),
    *("doubtful_s", "doubtful_areal_capacity_mAh_cm2", "values"),
}
SPECTRUM_KEYS = {
    *("index", "areal_capacity_mAh_cm2", "points", "dc_voltage_V", "r_sse_ohm", "r_interface_ohm"),
    *("r_interface_stderr_ohm", "kk_residual", "fit_over_kk", "verdict", "asked"),
    *("temperature_K", "temperature_stderr_K", "temperature_drift_K", "temperature_source"),
    *("r_sse_stderr_ohm", "r_arcs_ohm", "r_arcs_stderr_ohm", "alone", "arcs", "r_dc_ohm"),
    *("stack_pressure_Pa", "stack_pressure_stderr_Pa", "stack_pressure_source", "points_left_out"),
    *("behind_short_circuit", "remarks"),
}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A finished run: its folder and what was printed."""
    folder = tmp_path_factory.mktemp("first")
    done = finish(begin(folder, *inputs(folder), "--seed", "5", "--events", "--json"))
    assert done.code == 0, done.err
    return folder, done


def test_the_last_line_is_the_summary_with_the_contracts_keys(first):
    folder, done = first
    summary = done.summary
    assert set(summary) == KEYS
    assert all(set(step) == STEP_KEYS for step in summary["steps"])
    assert all(set(spectrum) == SPECTRUM_KEYS for spectrum in summary["spectra"])
    assert (summary["completed"], summary["simulated"]) == (True, True)
    assert (summary["protocol"], summary["cell"], summary["build"]) == ("tiny", "nbh", "half")
    assert summary["run"] == str(folder / "a.h5")
    assert summary["steps"][0]["areal_capacity_mAh_cm2"] == pytest.approx(0.002, rel=1e-3)
    assert summary["steps"][0]["end_reason"] == "charge reached 0.002 mAh/cm2"
    assert summary["steps"][1]["overshoot_ppm"] is None
    assert len(summary["coulombic_efficiency"]) == 1
    assert summary["electronic_conductivity_S_cm"] is None
    assert 0.0 < summary["wall_s"] < 60.0


def test_every_event_is_a_line_with_seq_kind_and_time(first):
    _, done = first
    events = [json.loads(line) for line in done.out[:-1]]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert events[0]["kind"] == "header"
    assert events[-1]["kind"] == "end"
    assert all(isinstance(event["time_s"], float) for event in events)


def test_it_says_first_that_it_is_simulated(first):
    assert first[1].err.startswith("SIMULATION")


def test_summary_tells_the_same_again(first):
    folder, done = first
    again = solbench(folder, "summary", "a.h5", "--json")
    assert again.code == 0
    assert again.summary | {"wall_s": None} == done.summary | {"wall_s": None}


def test_the_same_seed_gives_the_same_samples_at_any_pace(first, tmp_path):
    folder, _ = first
    done = solbench(tmp_path, *inputs(tmp_path), "--seed", "5", "--speed", "200", "--json")
    assert done.code == 0
    assert done.summary["wall_s"] > done.summary["simulated_s"] / 200.0 * 0.9
    one, two = open_run(folder / "a.h5"), open_run(tmp_path / "a.h5")
    assert np.array_equal(one.samples, two.samples)
    assert np.array_equal(one.points, two.points)


def test_another_seed_gives_others(first, tmp_path):
    solbench(tmp_path, *inputs(tmp_path), "--seed", "6")
    one, two = open_run(first[0] / "a.h5").samples, open_run(tmp_path / "a.h5").samples
    assert not np.array_equal(one["voltage_V"][:50], two["voltage_V"][:50])


def test_a_second_process_reads_the_live_file_while_the_run_is_on(tmp_path):
    process = begin(tmp_path, *inputs(tmp_path), "--speed", "40", "--events")
    assert process.stdout is not None
    for _ in range(30):
        process.stdout.readline()
    look = """
import sys, time, h5py
seen = []
for _ in range(100):
    with h5py.File(sys.argv[1], "r", libver="latest", swmr=True, locking=False) as file:
        seen.append((len(file["samples"]), len(file["events"])))
        rows = file["samples"]["seq"][:]
        assert (rows[1:] > rows[:-1]).all()
    if seen[-1][0] > 20:
        break
    time.sleep(0.05)
print(*seen[-1])
"""
    other = subprocess.run(
        [sys.executable, "-c", look, str(tmp_path / "a.h5")], capture_output=True, text=True, timeout=60
    )
    running = process.poll() is None
    process.terminate()
    finish(process)
    assert other.returncode == 0, other.stderr
    assert running
    samples, events = map(int, other.stdout.split())
    assert samples > 20
    assert events > 5


@pytest.mark.skipif(shutil.which("h5dump") is None, reason="h5dump is not installed")
def test_h5dump_reads_it(first):
    done = subprocess.run(["h5dump", "-H", str(first[0] / "a.h5")], capture_output=True, text=True)
    assert done.returncode == 0
    assert "voltage_volt" in done.stdout


def test_the_file_opens_in_h5py(first):
    with h5py.File(first[0] / "a.h5") as file:
        assert file.attrs["simulated"]
        assert file["entry"].attrs["complete"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("cell", "low", "high"), [("nbh", 0.80, 0.84), ("nps", 0.64, 0.68), ("nyzc", 0.0, 0.03)]
)
def test_the_half_cell_of_the_three_electrolytes(tmp_path, cell, low, high):
    done = solbench(tmp_path, "run", "half-cell", "--cell", cell, "-o", "a.h5", "--json")
    assert done.code == 0, done.err
    summary = done.summary
    assert [spectrum["points"] for spectrum in summary["spectra"]] == [61] * 5
    assert summary["steps"][0]["areal_capacity_mAh_cm2"] == pytest.approx(1.400, abs=0.001)
    assert low <= summary["coulombic_efficiency"][0] <= high


@pytest.mark.long
def test_a_cell_that_reaches_its_lowest_voltage_is_cut_short(tmp_path):
    from solbench.protocols import load_cell
    from solbench.protocols.cells import dump_cell

    record = dump_cell(load_cell("nyzc"))
    assert "layer_resistance: 9000 ohm" in record
    (tmp_path / "worse.yaml").write_text(
        record.replace("layer_resistance: 9000 ohm", "layer_resistance: 36000 ohm")
    )
    done = solbench(tmp_path, "run", "half-cell", "--cell", "worse.yaml", "-o", "a.h5", "--json")
    assert done.code == 1
    summary = done.summary
    assert summary["completed"] is False
    assert "-4.5 V" in summary["end_reason"]
    assert summary["coulombic_efficiency"] == [None]
    capacities = [spectrum["areal_capacity_mAh_cm2"] for spectrum in summary["spectra"]]
    assert 2 <= len(capacities) < 5
    assert capacities == pytest.approx([0.35 * k for k in range(len(capacities))], abs=1e-3)
    assert solbench(tmp_path, "resume", "a.h5", "--json").code == 1
