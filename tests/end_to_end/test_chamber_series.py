"""Days of a temperature series in which a sensor fails, a controller hangs and the program is killed."""

from __future__ import annotations

import json

import pytest

from solbench.acquisition.record.events import Alarm, SegmentStart
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from solbench.protocols.segments import Condition
from solbench.simulators.bench import read_world
from tests.acquisition.engine.test_chamber import CHAMBER
from tests.end_to_end.programs import killed_after, solbench
from tests.end_to_end.served import journal, kill_after, served_bench

SERIES = """
name: days
build: pellet
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 60 s}
tolerances: {resistance_stop: [5 %, 1000 %]}
steps:
  - name: temperatures
    kind: loop
    over: {temperature: [TEMPERATURES]}
    steps:
      - {name: chamber, kind: condition, temperature: $temperature}
      - {name: soak, kind: rest, time: SOAK}
      - {name: spectrum, kind: impedance, from: 100 kHz, to: 10 Hz, points_per_decade: 3, amplitude: 30 mV,
         integration: 0.1 s}
"""
FAULTS = """
name: days
changes:
  - {kind: sensor, sensor: chamber, fault: open, from: SENSOR, until: MENDED}
  - {kind: chamber, fault: silent, from: SILENT, until: HEARD}
"""
DAYS = (25, 5, 45, 60, 35, 70, 50, 15, 30, 55, 65, 40, 20, 10, 25)


def air_K(folder) -> float:
    """The temperature of the chamber's air in the world that the programs share."""
    target_K, _, _, air, *_ = read_world(folder / "a.world").cell_state[-9:]
    assert target_K > 200.0
    return air


def carry_out(folder, degC, soak, faults, kill_at) -> tuple[int, list[int]]:
    """Run until it is completed; the program is killed once; returns how often it was begun, and what was printed."""
    text = SERIES.replace("TEMPERATURES", ", ".join(f"{one} degC" for one in degC)).replace("SOAK", soak)
    (folder / "days.yaml").write_text(text, encoding="utf-8")
    (folder / "bench.yaml").write_text(
        CHAMBER.replace("max_unwatched: 20 s", "max_unwatched: 60 s"), encoding="utf-8"
    )
    (folder / "faults.yaml").write_text(faults, encoding="utf-8")
    run = [
        "run",
        "days.yaml",
        "--cell",
        "nps",
        "--bench",
        "bench.yaml",
        "--scenario",
        "faults.yaml",
        "-o",
        "a.h5",
    ]
    printed = killed_after(folder, kill_at, run)
    for begun in range(2, 8):
        done = solbench(folder, "resume", "a.h5", "--json")
        assert air_K(folder) < 273.15 + 110.0
        if done.code == 0:
            assert json.loads(done.out[-1])["completed"]
            return begun, printed
        assert "chamber" in done.err
    pytest.fail("it was not completed")


def require_whole(folder, degC, printed) -> None:
    run = open_run(folder / "a.h5")
    kept = {event.seq for event in read_journal(folder / "a.journal")}
    assert set(printed) <= kept
    last = {record.step: record for record in run.spectra}
    found = [run.temperature_of(record).value_K - 273.15 for record in run.spectra]
    assert len(last) == len(degC)
    assert found == pytest.approx([one - 0.01 * (one - 25.0) for one in degC], abs=0.7)
    assert not read_world(folder / "a.world").polarized
    assert air_K(folder) == pytest.approx(273.15 + degC[-1], abs=0.5)


@pytest.mark.long
@pytest.mark.parametrize("kill_at", [150, 4000, 9000])
def test_five_days_with_all_of_it(tmp_path, kill_at):
    faults = FAULTS
    for word, hours in (("SENSOR", 20), ("MENDED", 27), ("SILENT", 60), ("HEARD", 66)):
        faults = faults.replace(word, f"{hours} h")
    begun, printed = carry_out(tmp_path, DAYS, "6 h", faults, kill_at)
    assert begun == 4
    require_whole(tmp_path, DAYS, printed)
    assert read_world(tmp_path / "a.world").time_s > 120.0 * 3600.0


def test_a_killed_series_is_resumed_where_its_chamber_is(tmp_path):
    nothing = "name: nothing\nchanges: []\n"
    begun, printed = carry_out(tmp_path, (28, 25), "2 min", nothing, 40)
    assert begun == 2
    require_whole(tmp_path, (28, 25), printed)
    asked = [
        event.body.segment.temperature_K
        for event in read_journal(tmp_path / "a.journal")
        if isinstance(event.body, SegmentStart) and isinstance(event.body.segment, Condition)
    ]
    assert asked[0] == pytest.approx(301.15)


WAITS = "interruptions: {wait_for_user: 15 min}\n"
HOURS = (25, 45, 60, 35, 10, 25)


@pytest.mark.long
def test_five_minutes_of_it_over_real_tcp(tmp_path):
    """An adapter, a Modbus server, a run and a guardian as processes; 120 s of the experiment in each second.

    The run is killed, its chamber's sensor is open for half an hour, and its controller silent for another.
    """
    text = SERIES.replace("steps:\n  - name: temp", WAITS + "steps:\n  - name: temp")
    text = text.replace("TEMPERATURES", ", ".join(f"{one} degC" for one in HOURS)).replace("SOAK", "45 min")
    faults = FAULTS
    for word, hours in (("SENSOR", 2.5), ("MENDED", 3.0), ("SILENT", 6.0), ("HEARD", 6.5)):
        faults = faults.replace(word, f"{hours} h")
    (tmp_path / "served").mkdir()
    (tmp_path / "chamber.yaml").write_text(CHAMBER.replace("max_unwatched: 20 s", "max_unwatched: 60 s"))
    (tmp_path / "faults.yaml").write_text(faults)
    options = {"bench": "chamber.yaml", "scenario": "faults.yaml", "world": "served.world"}
    given = [one for name, file in options.items() for one in (f"--{name}", str(tmp_path / file))]
    run = tmp_path / "a.h5"
    with served_bench(tmp_path / "served", "--build", "pellet", "--speed", "120", *given) as bench:
        killed = kill_after(bench, bench.start(run, text), 150)
        assert not killed.truth["polarized"]
        for _ in range(6):
            done = bench.call("resume", str(run), "--json")
            assert not bench.control.truth()["polarized"]
            if done.returncode == 0:
                break
            assert "chamber" in done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["completed"]
    found = open_run(run)
    assert {event["seq"] for event in killed.events} <= {event.seq for event in journal(run)}
    codes = {event.body.code for event in journal(run) if isinstance(event.body, Alarm)}
    assert {"chamber_sensor_lost", "chamber_silent"} <= codes
    last = {record.step: found.temperature_of(record).value_K - 273.15 for record in found.spectra}
    assert list(last.values()) == pytest.approx([one - 0.01 * (one - 25.0) for one in HOURS], abs=0.7)
    chamber = next(gauge for gauge in found.gauges if gauge.name == "chamber")
    assert max(chamber.values) < 273.15 + 65.0
