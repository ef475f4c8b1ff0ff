"""Kill the program after any event line: nothing that was printed is lost, and the run continues to the same end."""

import os
import random
import signal
import sys

import pytest

from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from solbench.simulators.bench import read_world
from tests.end_to_end.programs import CURRENT_A, environment, inputs, killed_after, solbench
from tests.tiers import few

posix = pytest.mark.skipif(sys.platform == "win32", reason="no signals and no terminals of this kind")

PACED = ("--speed", "60")  # else the run may have ended by itself before it can be disturbed


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, float]:
    """The true charges of a run that was not killed, and how many events it has."""
    folder = tmp_path_factory.mktemp("whole")
    done = solbench(folder, *inputs(folder), "--json")
    assert done.code == 0, done.err
    world = read_world(folder / "a.world")
    events = len(list(read_journal(folder / "a.journal")))
    return {"discharged_C": world.discharged_C, "events": events}


def require_survived(folder, n: int, undisturbed: dict[str, float], kills: int = 1) -> None:
    paced = PACED if kills > 1 else ()
    printed = killed_after(folder, n, [*inputs(folder), *paced])
    for _ in range(kills - 1):
        printed += killed_after(folder, 25, ["resume", "a.h5", *paced])
    done = solbench(folder, "resume", "a.h5", "--json")
    assert done.code == 0, done.err
    summary = done.summary
    assert summary["completed"] is True
    assert [step["name"] for step in summary["steps"]] == ["sodiation", "desodiation"]
    assert len(summary["spectra"]) == 2
    assert all(spectrum["points"] == 9 for spectrum in summary["spectra"])
    kept = {event.seq for event in read_journal(folder / "a.journal")}
    run = open_run(folder / "a.h5")
    in_file = {*(event.seq for event in run.events), *run.samples["seq"], *run.points["seq"]}
    assert set(printed) <= kept
    assert set(printed) <= in_file
    world = read_world(folder / "a.world")
    assert not world.polarized
    assert world.discharged_C == pytest.approx(undisturbed["discharged_C"], abs=CURRENT_A * 20e-3 * kills)
    sodiation = abs(run.steps[0].charge_C)
    assert sodiation == pytest.approx(0.002e-3 * 3600 * 0.785, abs=CURRENT_A * 20e-3 * kills)


@few("part", [0.25, 0.02, 0.8, 0.1, 0.5], 1)
def test_a_killed_run_goes_on_to_the_same_end(tmp_path, undisturbed, part):
    require_survived(tmp_path, max(1, int(part * undisturbed["events"])), undisturbed)


def test_a_run_that_is_killed_again_and_again_ends_too(tmp_path, undisturbed):
    require_survived(tmp_path, 70, undisturbed, kills=3)


@pytest.mark.long
def test_fifty_kills(tmp_path, undisturbed):
    draw = random.Random(50)
    for n in draw.sample(range(1, undisturbed["events"]), 50):
        folder = tmp_path / str(n)
        folder.mkdir()
        require_survived(folder, n, undisturbed)


def test_a_killed_run_is_seen_and_recovered_without_going_on(tmp_path):
    killed_after(tmp_path, 60, [*inputs(tmp_path), *PACED])
    done = solbench(tmp_path, "recover", "a.h5")
    assert done.code == 0
    assert "not completed" in done.out[0]
    run = open_run(tmp_path / "a.h5")
    assert not run.completed
    assert len(run.events) + len(run.samples) + len(run.points) == len(
        list(read_journal(tmp_path / "a.journal"))
    )


@posix
@few("number", ["SIGINT", "SIGTERM", "SIGHUP"], 2)  # a terminal that is closed has a test of its own
def test_a_signal_stops_safely_and_the_run_can_be_resumed(tmp_path, undisturbed, number):
    from tests.end_to_end.programs import begin, finish

    process = begin(tmp_path, *inputs(tmp_path), *PACED, "--events", "--json")
    assert process.stdout is not None
    for _, _line in zip(range(70), process.stdout, strict=False):
        pass
    for _ in range(2):
        process.send_signal(getattr(signal, number))
    done = finish(process)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert done.err.rstrip().splitlines()[-1].endswith("to continue where it ended: solbench resume a.h5")
    summary = done.summary
    assert summary["completed"] is False
    assert "stopped by" in summary["end_reason"]
    assert not read_world(tmp_path / "a.world").polarized
    run = open_run(tmp_path / "a.h5")
    assert not run.completed
    import h5py

    with h5py.File(tmp_path / "a.h5") as file:
        assert not file["entry"].attrs["complete"]
    resumed = solbench(tmp_path, "resume", "a.h5", "--json")
    assert resumed.code == 0, resumed.err
    world = read_world(tmp_path / "a.world")
    assert world.discharged_C == pytest.approx(undisturbed["discharged_C"], abs=CURRENT_A * 20e-3)


@posix
def test_a_terminal_that_is_closed_stops_the_run_safely_although_nothing_can_be_said_any_more(tmp_path):
    import pty  # not on every system

    pid, terminal = pty.fork()
    if pid == 0:
        command = [sys.executable, "-P", "-m", "solbench.cli.main", *inputs(tmp_path), *PACED]
        os.chdir(tmp_path)
        os.execvpe(command[0], command, environment(tmp_path))
    said = b""
    while b"constant current" not in said:
        said += os.read(terminal, 65536)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    assert not read_world(tmp_path / "a.world").polarized
    end = open_run(tmp_path / "a.h5").end
    assert end is not None
    assert (end.outcome, end.reason) == ("interrupted", "stopped by the end of its terminal")


def test_a_reader_of_events_that_goes_away_does_not_stop_the_run(tmp_path):
    from tests.end_to_end.programs import begin

    process = begin(tmp_path, *inputs(tmp_path), "--events")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) in (0, 1)
    assert "Traceback" not in err
    assert open_run(tmp_path / "a.h5").completed
    assert not read_world(tmp_path / "a.world").polarized
