"""A cell that could not be switched off: its guardian stays until it is, and whoever comes next takes over from it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.host.platform import host_s, is_alive, kill, read_private
from solbench.acquisition.record.events import RunEnd, SessionStart
from tests.end_to_end.programs import suspend, wake
from tests.end_to_end.served import (
    CURRENT_A,
    THREE_MINUTES,
    ServedBench,
    again_if_busy,
    journal,
    read_until,
    served_bench,
    wait_until_off,
)

SPEED = 20.0
SHORT = THREE_MINUTES.replace("180 s", "120 s")


@pytest.fixture
def bench(tmp_path: Path):
    with served_bench(tmp_path, "--speed", str(SPEED)) as bench:
        bench.bench.write_text(bench.bench.read_text() + "reconnect_for: 0.5 s\n")
        yield bench


def the_duty(bench: ServedBench) -> dict[str, Any]:
    (path,) = (bench.folder / "state" / "duties").glob("*.json")
    return dict(json.loads(read_private(path)))


def wait_for(condition, timeout_s: float = 60.0) -> None:
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def close(engine) -> str:
    """Wait for the end of an engine; return what it said."""
    said = engine.communicate(timeout=60.0)[1]
    return said.decode()


def engine_without_adapter(bench: ServedBench, run: Path, killed: bool) -> None:
    """Take the adapter away under a run, whose program is killed then, or ends by itself."""
    engine = bench.start(run, SHORT)
    read_until(engine, 14)
    assert bench.control.truth()["polarized"]
    bench.control.set_fault("refuse_connections", for_s=3600.0)
    bench.control.set_fault("drop_connection")
    if killed:
        engine.kill()
    close(engine)
    wait_for(lambda: the_duty(bench)["tries"] > 1)


def adapter_is_back(bench: ServedBench) -> float:
    """Bring it back; return when (host time, s)."""
    bench.control.set_fault("refuse_connections", for_s=0.0)
    return host_s()


def counted_C(run: Path) -> float:
    return float([event for event in journal(run) if event.kind == "edge"][-1].body.charge_C)


def require_completed(bench: ServedBench, run: Path, elsewhere_C: float | None = None) -> None:
    """Resume to the end: what was counted agrees with the truth, by the moment at which somebody switched off.

    ``elsewhere_C`` is what another run has counted in between: which cell is mounted has to be said after one.
    """
    if elsewhere_C is not None:
        assert bench.call("resume", str(run)).returncode == 2
    mounted = () if elsewhere_C is None else ("--mounted", "nbh")
    before = bench.control.truth()
    done = bench.call("resume", str(run), *mounted, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["completed"]
    all_C = counted_C(run) + (elsewhere_C or 0.0)
    bench.require_charge(all_C, 0.1, before, bench.control.truth(), speed=SPEED)
    starts = [event.body for event in journal(run) if isinstance(event.body, SessionStart)]
    assert starts[-1].by_guardian


@pytest.mark.parametrize("killed", [True, pytest.param(False, marks=pytest.mark.long)])
@again_if_busy
def test_the_guardian_switches_off_when_the_adapter_is_back_although_the_program_has_ended(
    bench: ServedBench, tmp_path: Path, killed: bool
):
    run = tmp_path / "run.h5"
    engine_without_adapter(bench, run, killed=killed)
    (shown,) = json.loads(bench.call("runs", "--json").stdout)["guardians"]
    assert shown["run"] == str(run)
    assert shown["guardian_alive"]
    assert shown["text"].startswith("Press STANDBY on the 1287; its CELL light goes out.")
    if killed:
        refused = bench.call("resume", str(run))
        assert refused.returncode == 1
        assert "Press STANDBY" in refused.stderr
        assert the_duty(bench)["tries"] > shown["tries"]  # the program is refused, and a guardian goes on
    assert bench.control.truth()["polarized"]
    back_s = adapter_is_back(bench)
    truth = wait_until_off(bench)
    assert truth["opened_host_s"] - back_s < 5.0
    wait_for(run.with_suffix(".guard").exists)
    deed = json.loads(run.with_suffix(".guard").read_text())
    assert deed["verified"]
    assert deed["tries"] > 1
    wait_for(lambda: not list((bench.folder / "state" / "duties").glob("*.json")))
    assert json.loads(bench.call("runs", "--json").stdout)["guardians"] == []
    require_completed(bench, run)


@pytest.mark.long
def test_what_the_guardian_verified_is_verified_in_the_end_of_the_run(bench: ServedBench, tmp_path: Path):
    run = tmp_path / "run.h5"
    engine = bench.start(run, SHORT)
    read_until(engine, 14)
    bench.control.set_fault("drop_replies", instrument="1287", count=9)  # more than the program waits for
    said = close(engine)
    assert engine.returncode == 1
    assert "The guardian switched the cell off and verified it" in said
    assert "STANDBY" not in said
    truth = bench.control.truth()
    assert not truth["polarized"]
    end = journal(run)[-1].body
    assert isinstance(end, RunEnd)
    assert (end.outcome, end.verified_safe) == ("fault", True)
    assert abs(counted_C(run) - truth["charge_C"]) < CURRENT_A * SPEED * 0.1


@pytest.mark.long
def test_a_person_presses_standby_and_the_reading_confirms_it_later(bench: ServedBench, tmp_path: Path):
    run = tmp_path / "run.h5"
    engine_without_adapter(bench, run, killed=True)
    pressed = bench.call("make-safe", str(run), "--pressed", "--json")
    assert pressed.returncode == 1
    deed = json.loads(pressed.stdout)
    assert not deed["verified"]
    assert "A person said that it was switched off by hand; no reading confirms it." in deed["text"]
    guardian = the_duty(bench)["guardian"]["pid"]
    assert is_alive(guardian)
    adapter_is_back(bench)
    assert not wait_until_off(bench)["polarized"]
    wait_for(run.with_suffix(".guard").exists)
    deed = json.loads(run.with_suffix(".guard").read_text())
    assert deed["verified"]
    assert deed["pressed"]


@pytest.mark.long
@again_if_busy
def test_a_stopped_guardian_gives_way_to_the_next_program_and_sends_nothing_more(
    bench: ServedBench, tmp_path: Path
):
    run = tmp_path / "run.h5"
    engine_without_adapter(bench, run, killed=True)
    guardian = the_duty(bench)["guardian"]["pid"]
    suspend(guardian)
    adapter_is_back(bench)
    assert bench.control.truth()["polarized"]
    made = bench.call("make-safe", "--json")  # without a name: there is one cell that is on
    assert made.returncode == 0, made.stdout + made.stderr
    assert not bench.control.truth()["polarized"]
    later = tmp_path / "later.h5"
    engine = bench.start(later, SHORT)
    read_until(engine, 12)
    assert bench.control.truth()["polarized"]
    wake(guardian)
    wait_for(lambda: not is_alive(guardian))
    assert bench.control.truth()["polarized"]  # the later run is not the stopped guardian's
    assert bench.call("stop", str(later)).returncode == 0
    close(engine)
    require_completed(bench, run, counted_C(later))


@pytest.mark.parametrize(
    "by", ["make-safe", *(pytest.param(by, marks=pytest.mark.long) for by in ("another run", "resume"))]
)
@again_if_busy
def test_program_and_guardian_are_killed_and_the_charge_is_counted_to_when_somebody_switched_off(
    bench: ServedBench, tmp_path: Path, by: str
):
    run = tmp_path / "run.h5"
    engine = bench.start(run, SHORT)
    read_until(engine, 14)
    guardian = the_duty(bench)["guardian"]["pid"]
    kill(guardian)
    engine.kill()  # at once, or it would switch off
    close(engine)
    wait_for(lambda: not is_alive(guardian))  # a busy machine ends it later
    assert bench.control.truth()["polarized"]
    assert "No program is trying" in bench.call("runs").stdout
    if by == "make-safe":
        assert bench.call("make-safe", "--unfinished").returncode == 0
        assert not bench.control.truth()["polarized"]
        time.sleep(0.5)  # it must not be counted as current: ten seconds of the cell
    elif by == "another run":
        other = bench.start(tmp_path / "other.h5", SHORT.replace("120 s", "2 s"))
        close(other)
        assert other.returncode == 0
        require_completed(bench, run, counted_C(tmp_path / "other.h5"))
        return
    require_completed(bench, run)
