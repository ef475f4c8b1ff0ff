"""The adapter is unplugged and comes back: the run goes on, and no coulomb is lost."""

from __future__ import annotations

from pathlib import Path

from solbench.acquisition.record.reader import open_run
from tests.end_to_end.served import THREE_MINUTES, journal, kill_after, read_until, served_bench

CURRENT_A = 0.16e-3 * 0.785
SPEED = 20.0


def test_a_lost_adapter_pauses_the_run_until_it_is_back(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        engine = bench.start(run, THREE_MINUTES, "--set", "interruptions.unwatched_charge=50 %")
        read_until(engine, 30)
        bench.control.set_fault("refuse_connections", for_s=1.5)
        bench.control.set_fault("drop_connection")
        read_until(engine, 10_000)
        engine.wait(timeout=60.0)
        said = engine.stderr.read().decode()
        engine.stdout.close()
        engine.stderr.close()
        assert engine.returncode == 0, said
        truth = bench.control.truth()
        assert not truth["polarized"]
        found = open_run(run)
        assert found.completed
        assert [event.kind for event in journal(run) if event.kind in ("alarm", "reconnected")] == [
            "alarm",
            "reconnected",
        ]
        # the current went on while nobody could switch it off: until the first standby command after the return
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        assert abs(recorded_C - truth["charge_C"]) < CURRENT_A * 0.05 * SPEED


def test_an_adapter_that_stays_away_ends_the_run_as_a_fault_in_words(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        bench.bench.write_text(bench.bench.read_text() + "reconnect_for: 2 s\n")
        engine = bench.start(run, THREE_MINUTES)
        read_until(engine, 30)
        bench.control.set_fault("refuse_connections", for_s=60.0)
        bench.control.set_fault("drop_connection")
        read_until(engine, 10_000)
        engine.wait(timeout=90.0)
        said = engine.stderr.read().decode()
        engine.stdout.close()
        engine.stderr.close()
        assert engine.returncode == 1
        assert "Traceback" not in said
        assert "STANDBY" in said
        assert not open_run(run).completed


def test_a_run_is_resumed_on_its_adapter_under_another_address(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        run = tmp_path / "run.h5"
        kill_after(bench, bench.start(run), 60)
        other = tmp_path / "other.yaml"
        text = bench.bench.read_text()
        assert "127.0.0.1" in text.split("served:")[0]
        head, served = text.split("served:")
        other.write_text(f"{head.replace('127.0.0.1', 'localhost')}served:{served}")
        resumed = bench.call("resume", str(run), "--bench", str(other))
        assert resumed.returncode == 0, resumed.stderr
        first, second = (event.body for event in journal(run) if event.kind == "session")
        assert (first.bench, second.bench.text) == (None, other.read_text())
        assert open_run(run).completed
        recorded_C = [event for event in journal(run) if event.kind == "edge"][-1].body.charge_C
        assert abs(recorded_C - bench.control.truth()["charge_C"]) < CURRENT_A * 0.1 * SPEED
