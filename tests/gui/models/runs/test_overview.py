import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from solbench.acquisition.control.client import Client
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.beside.tags import change_tags
from solbench.acquisition.record.reader import open_run
from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.fit.fitting import Fitting
from solbench.gui.models.live.replay import Replay
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.runs import browser, columns
from solbench.gui.models.runs.browser import LOOK_EVERY_S, MOST, Browser, Key, matches
from solbench.gui.models.runs.columns import NAMES, TAKES_FITS, Fitted, cells_of
from solbench.gui.models.runs.overlay import KINDS, curves_of
from solbench.gui.models.runs.overview import RUNNING, UNREAD, Overview, find_runs, overview
from solbench.gui.models.sources.recording import Recording
from tests.gui.engines import engine
from tests.gui.models.fakes import FakeJobs, LateJobs, until_idle
from tests.texts import TINY


@pytest.fixture
def folder(tmp_path: Path, finished: Path) -> Path:
    """A folder with a finished run, the same run before its end, and something else."""
    made = tmp_path / "runs"
    made.mkdir()
    shutil.copy(finished, made / "whole.h5")
    lines = finished.with_suffix(".journal").read_bytes().splitlines(keepends=True)
    (made / "cut.journal").write_bytes(b"".join(lines[: len(lines) // 2]))
    (made / "letter.h5").write_text("dear colleague")
    return made


def wait(model: Browser, jobs: FakeJobs) -> None:
    until_idle(jobs)
    assert not model.busy


def test_finished_run_is_summed_up_without_its_samples(finished: Path) -> None:
    row, run = overview(finished), open_run(finished)
    assert (row.state, row.protocol, row.cell, row.simulated) == ("✓ completed", "tiny", "nbh", True)
    assert (row.spectra, row.cycles) == (len(run.spectra), 1)
    assert row.length_s == run.events[-1].time_s
    last = run.samples[run.samples["step"] == run.steps[-1].index]
    charge_C = last["charge_C"][-1] - last["charge_C"][0]
    area_m2 = run.header.cell.required("area_m2")
    # the ledger counts the moment of switching on, before the step's first sample
    assert row.capacity_mAh_cm2 == pytest.approx(areal_capacity_mAh_cm2(charge_C, area_m2), rel=0.02)


def test_run_without_an_end_says_how_to_go_on_and_a_letter_is_no_run(folder: Path) -> None:
    rows = {path.name: overview(path) for path in find_runs(folder)}
    assert set(rows) == {"whole.h5", "cut.journal", "letter.h5"}
    assert rows["cut.journal"].state == "! interrupted"
    assert rows["cut.journal"].reason.endswith("solbench resume cut.journal")
    assert rows["letter.h5"].state == "✗ cannot be read"
    assert "letter.journal" in rows["letter.h5"].reason


def test_a_damaged_run_is_shown_as_far_as_it_is_whole_and_is_not_to_be_resumed(folder: Path) -> None:
    path = folder / "cut.journal"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-3], lines[-3].replace(b"0", b"1", 1), *lines[-2:]]))
    words = f"damaged at record {len(lines) - 3}, and the 2 whole records after it"
    assert words in overview(path).reason
    alarms, replay = Alarms(), Replay(Recording.open(path))
    run = RunModel(replay, alarms)
    while not run.link.over:
        replay.wait()
        run.update()
    assert (run.state, run.can_resume, run.needs_engine) == ("damaged", False, False)
    assert words in run.nearest_end
    assert [words in alarm.text for alarm in alarms.open] == [True]
    run.close()


def test_live_run_is_told_from_its_journal_alone(folder: Path) -> None:
    assert overview(folder / "cut.journal", running=True).state == "▶ running"


def test_a_tag_takes_nothing_away_that_was_found_of_a_run_and_is_shown(folder: Path) -> None:
    jobs, path = FakeJobs(), folder / "whole.h5"
    model = Browser(jobs, folder)
    model.look()
    wait(model, jobs)
    model.want(TAKES_FITS)
    until_idle(jobs)
    while jobs.given:
        jobs.given.pop()
        jobs.finish({"spectra": [], "ionic_conductivity_S_cm": 1e-3})
    before = model.fitted(path)
    assert before is not None
    for tags in (("seen",), ("seen", "twice")):
        change_tags(path, open_run(path).header.run, tags)
        model.look()
        wait(model, jobs)
        assert next(row.tags for row in model.rows if row.path == path) == tags
        assert model.fitted(path) == before


def test_a_journal_that_was_damaged_or_put_back_from_a_copy_is_looked_at_again(folder: Path) -> None:
    run, journal = folder / "half.h5", folder / "half.journal"
    whole = (folder / "cut.journal").read_bytes()
    half = whole.find(b"\n", len(whole) // 2) - 12  # within a record, others behind it
    damaged = bytearray(whole)
    damaged[half] ^= 1
    run.write_bytes(b"a live file that was not finished")
    jobs = FakeJobs()
    model = Browser(jobs, folder)
    for number, (content, state) in enumerate(
        [(whole, "! interrupted"), (bytes(damaged), "! damaged"), (whole, "! interrupted")]
    ):
        journal.write_bytes(content)
        os.utime(journal, (1000.0 + number, 1000.0 + number))
        model.look()
        wait(model, jobs)
        assert next(row.state for row in model.rows if row.path == run) == state


def test_words_typed_find_lines(finished: Path) -> None:
    row = overview(finished)
    assert matches(row, "TINY nbh completed")
    assert matches(row, "")
    assert not matches(row, "tiny nps")
    assert len(cells_of(row)) == len(NAMES)


def test_browser_lists_reads_and_sums_up_the_chosen_runs(folder: Path) -> None:
    jobs = FakeJobs()
    model = Browser(jobs, folder)
    model.look()
    wait(model, jobs)
    assert {row.path.name for row in model.rows} == {"whole.h5", "cut.journal", "letter.h5"}
    model.choose([folder / "whole.h5"])
    wait(model, jobs)
    model.choose([folder / "cut.journal", folder / "whole.h5"])
    wait(model, jobs)
    assert [run.path.name for run in model.shown] == ["cut.journal", "whole.h5"]
    assert jobs.given[0] == ["summary", str(folder / "whole.h5"), "--json"]
    result = {"index": 1, "areal_capacity_mAh_cm2": 0.5, "r_interface_ohm": 7.0}
    jobs.finish({"spectra": [result]})
    interface = next(kind for kind in KINDS if kind.key == "interface")
    (curve,) = curves_of(interface, model.shown)
    assert (curve.name, curve.x.tolist(), curve.y.tolist()) == ("whole", [0.5], [7.0])


@pytest.mark.parametrize("order", [(0, 0), (1, 0)])
def test_a_run_that_was_changed_while_it_was_read_is_shown_as_it_is_now(
    folder: Path, order: tuple[int, ...]
) -> None:
    jobs, path = LateJobs(), folder / "whole.h5"
    model = Browser(jobs, folder)
    model.choose([path])
    shutil.copy(folder / "letter.h5", path)
    model.again(path)
    for place in order:
        jobs.answer(place)
    assert not model.shown
    assert path.name in model.problem


def test_long_list_is_named_at_once_and_read_piece_by_piece(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        shutil.copy(folder / "whole.h5", folder / f"copy{number}.h5")
    monkeypatch.setattr(browser, "SLICE_S", 0.0)
    jobs = FakeJobs()
    model = Browser(jobs, folder)
    unread: list[int] = []
    model.changed.subscribe(lambda: unread.append(sum(row.state == UNREAD for row in model.rows)))
    model.look()
    wait(model, jobs)
    assert unread == [7, 6, 5, 4, 3, 2, 1, 0]
    unread.clear()
    (folder / "copy0.h5").unlink()
    shutil.copy(folder / "whole.h5", folder / "new.h5")
    model.look()
    wait(model, jobs)
    assert unread == [1, 0]
    assert {row.path.name for row in model.rows} >= {"new.h5", "copy3.h5"}


def test_folder_is_looked_at_again_now_and_then(folder: Path, finished: Path) -> None:
    jobs, now = FakeJobs(), [0.0]
    model = Browser(jobs, folder, lambda: now[0])
    model.look()
    wait(model, jobs)
    shutil.copy(finished, folder / "later.h5")
    now[0] = LOOK_EVERY_S - 0.1
    model.tick()
    assert not model.busy
    now[0] = LOOK_EVERY_S
    model.tick()
    wait(model, jobs)
    assert "later.h5" in {row.path.name for row in model.rows}


@pytest.mark.long
def test_run_that_goes_on_is_followed_to_its_end(tmp_path: Path) -> None:
    jobs = Jobs()
    with engine(tmp_path, 60.0, protocol=TINY) as (entry, process):
        path = Path(entry.path)
        model = Browser(jobs, tmp_path)
        model.look()
        model.choose([path])
        until(jobs, model, lambda: model.shown and len(model.shown[0].trace) > 2)
        (run,) = model.shown
        with Client(entry) as client:
            assert client.verb(Verb.PAUSE).accepted  # it does not end while it is looked at
        until(jobs, model, lambda: run.state == "paused")
        first = len(run.trace)
        until(jobs, model, lambda: [(row.path, row.state) for row in model.rows] == [(path, RUNNING)])
        (row,) = model.rows
        assert model.with_news(row).length_s == run.time_s > 0.0
        with Client(entry) as client:
            assert client.verb(Verb.RESUME).accepted
        until(jobs, model, lambda: len(run.trace) > first)
        process.wait(timeout=60)
    until(jobs, model, lambda: run.link.over)
    assert len(run.trace) == len(open_run(path).samples)
    model._looked_s = float("-inf")
    until(jobs, model, lambda: model.rows[0].state == "✓ completed")
    model.choose([])
    model.close()
    jobs.close()


def until(jobs: Jobs, model: Browser, ready: Callable[[], object], timeout_s: float = 60.0) -> None:
    end_s = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end_s
        jobs.deliver()
        model.tick()
        time.sleep(0.02)


def test_a_run_that_cannot_be_read_is_said_and_a_dropped_one_joins_the_others(
    folder: Path, finished: Path
) -> None:
    jobs = FakeJobs()
    model = Browser(jobs, folder)
    model.choose([folder / "letter.h5"])
    wait(model, jobs)
    model.look()
    wait(model, jobs)
    assert model.problem.startswith("letter.h5 cannot be read")
    model.choose([folder / "whole.h5"])
    model.add([finished])
    wait(model, jobs)
    assert model.chosen == (folder / "whole.h5", finished)
    assert finished in [row.path for row in model.rows]
    assert len(model.shown) == 2
    model.choose([folder / f"{number}.h5" for number in range(20)])
    assert len(model.chosen) == MOST
    wait(model, jobs)


def test_curves_hold_the_newest_sample_and_every_spectrum(folder: Path) -> None:
    jobs = FakeJobs()
    model = Browser(jobs, folder)
    model.choose([folder / "whole.h5"])
    wait(model, jobs)
    run = open_run(folder / "whole.h5")
    by_key = {kind.key: curves_of(kind, model.shown) for kind in KINDS}
    (voltage,) = by_key["voltage"]
    assert voltage.x[-1] == run.samples["time_s"][-1] / 3600.0
    assert voltage.y[-1] == pytest.approx(run.samples["voltage_V"][-1], rel=1e-6)
    assert [curve.name for curve in by_key["nyquist"]] == ["0 %", "100 %"]
    assert len(by_key["capacity"]) == 2
    names = [curve.name for curve in curves_of(KINDS[3], [*model.shown, *model.shown])]
    assert len(names) == 4


def test_spectra_of_a_run_are_those_of_its_file(finished: Path) -> None:
    jobs = FakeJobs()
    model = Fitting(jobs)
    model.open([finished])
    until_idle(jobs)
    run = open_run(finished)
    assert [len(each.frequency_Hz) for each in model.spectra] == [
        len(run.points_of(each)) for each in run.spectra
    ]
    assert model.simulated


def test_files_are_looked_at_in_threads_alone_and_each_run_is_fitted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, own, seen = 120, threading.current_thread(), [0]
    real = browser._key

    def key(path: Path, live: bool) -> Key:
        assert threading.current_thread() is not own
        return real(path, live)

    class Counting(dict[Path, Key]):
        def __getitem__(self, path: Path) -> Key:
            seen[0] += 1
            return super().__getitem__(path)

    monkeypatch.setattr(browser, "_key", key)
    monkeypatch.setattr(browser, "overview", lambda path, _live: Overview(path, "completed"))
    for number in range(count):
        (tmp_path / f"r{number:03}.h5").touch()
    jobs = FakeJobs()
    model = Browser(jobs, tmp_path)
    model._keys = Counting()
    model.look()
    wait(model, jobs)
    assert jobs.given == []
    model.want(["state", "r_sse"])
    for number in range(count):
        assert len(jobs.given) == number + 1
        jobs.finish({"spectra": [{"r_sse_ohm": float(number)}]})
    assert [Path(given[1]) for given in jobs.given] == [row.path for row in model.rows]
    assert seen[0] <= 5 * count
    assert [model.fitted(row.path) for row in model.rows] == [Fitted(float(n)) for n in range(count)]
    changed = model.rows[1].path
    os.utime(changed, (1.0, 1.0))
    model.look()
    wait(model, jobs)
    assert [given[1] for given in jobs.given[count:]] == [str(changed)]
    assert model.fitted(changed) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [(2, "r0.h5: no such file"), (-1, "solbench summary did not end within 300 s."), (0, "")],
)
def test_a_run_that_could_not_be_fitted_says_so_until_it_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    monkeypatch.setattr(browser, "overview", lambda path, _live: Overview(path, "completed"))
    for number in range(3):
        (tmp_path / f"r{number}.h5").touch()
    jobs = FakeJobs()
    model = Browser(jobs, tmp_path)
    model.want(["r_sse"])
    model.look()
    wait(model, jobs)
    rows = [row.path for row in model.rows]

    def shown() -> list[str]:
        return [cells_of(row, model.fitted(row.path))[NAMES.index("r_sse")] for row in model.rows]

    jobs.finish(None, code, said)
    jobs.finish({"spectra": []})
    assert shown() == ["?", "–", ""]
    assert rows[0].name in model.problem
    assert said.rstrip(".") in model.problem
    jobs.finish(None, code, said)
    assert model.problem.endswith("So it is with 1 other run.")
    for chosen, problem in ((0, True), (1, False), (2, True)):
        model.choose([rows[chosen]])
        assert (rows[chosen].name in model.problem) == problem == bool(model.problem)
        wait(model, jobs)
        model._unread.clear()
    model.choose([])
    asked = len(jobs.given)
    model.look()
    wait(model, jobs)
    assert len(jobs.given) == asked
    model.look_again()
    wait(model, jobs)
    for value in (1.0, 2.0):
        jobs.finish({"spectra": [{"r_sse_ohm": value}]})
    assert shown() == ["1", "–", "2"]
    assert model.problem == ""
    assert [given[1] for given in jobs.given[asked:]] == [str(rows[0]), str(rows[2])]


def test_texts_of_lines_are_worked_out_once_however_many_lines_there_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at the folder in which nothing is another leaves the lines, and their texts with them."""
    jobs = FakeJobs()
    runs = Browser(jobs, folder)
    runs.look()
    until_idle(jobs)
    before = [cells_of(row) for row in runs.rows]
    many = [Overview(Path(f"{n}.h5"), "completed", run=str(n)) for n in range(10_001)]
    for row in many:
        row.kept_cells[None, False] = (row.run,)
    runs.look()
    until_idle(jobs)
    monkeypatch.setattr(columns, "_text", None)
    assert all(now is then for now, then in zip(map(cells_of, runs.rows), before, strict=True))
    assert sum(matches(row, "77") for row in many) == sum("77" in row.run for row in many)
