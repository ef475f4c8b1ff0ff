"""Two logins on one PC, one bench: the second is refused as text, whatever it tries, and the run does not notice."""

from __future__ import annotations

import getpass
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from solbench.acquisition.bench.bench_file import load_bench
from tests.end_to_end.served import ServedBench, journal, read_until, served_bench

SHORT = """
name: short
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.016 mA/cm2, until: {time: 120 s}}
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory):
    with served_bench(tmp_path_factory.mktemp("served"), "--speed", "10") as bench:
        yield bench


def login_of(bench: ServedBench, folder: Path) -> ServedBench:
    """Another login: a home and a state of its own, the PC's own locks."""
    folder.mkdir(exist_ok=True)
    homes = {"HOME": str(folder), "SOLBENCH_STATE": str(folder / "state"), "XDG_CONFIG_HOME": str(folder)}
    return replace(bench, environment={**bench.environment, **homes, "LOGNAME": "berta"})


def looks_at(bench: ServedBench, run: Path) -> list[tuple[str, ...]]:
    """All commands that only look."""
    adapter = load_bench(str(bench.bench))[0].adapter or ""
    protocol = str(run.with_suffix(".yaml"))
    return [
        ("instruments", "--bench", str(bench.bench), "--json"),
        ("instruments", "--find", "--at", adapter, "--json"),
        ("instruments", "--find", "--at", adapter.replace("127.0.0.1", "localhost"), "--all"),
        ("check", protocol, "--cell", "nbh", "--bench", str(bench.bench)),
        ("doctor",),
        ("runs", "--json"),
        ("summary", str(run)),
    ]


def require_unnoticed(run: Path) -> None:
    kinds = [event.kind for event in journal(run)]
    assert not set(kinds) & {"alarm", "gap", "reconnected", "asked_again", "rejected"}
    assert kinds[-1] == "end"


def test_who_looks_is_not_noticed_and_another_login_is_refused(bench: ServedBench, tmp_path: Path):
    run = tmp_path / "run.h5"
    bench.fresh_cell()
    engine = bench.start(run, SHORT.replace("120 s", "1 h"))  # it is stopped long before
    read_until(engine, 12)
    looks = {look: bench.call(*look) for look in looks_at(bench, run)}
    asked, found, _, checked, doctor, runs, _ = looks.values()
    assert json.loads(asked.stdout)["run"] == str(run)
    assert "1287" in json.loads(asked.stdout)["instruments"]["1287"]["identity"]
    (used,) = json.loads(found.stdout)["found"]
    assert f"in use by {getpass.getuser()} with the run {run} since" in used["problem"]
    assert checked.returncode == 2
    assert str(run) in checked.stderr
    other = tmp_path / "other.yaml"  # behind the same adapter, where nothing answers
    text, count = re.subn(
        r"(?<=address: )\d+", lambda found: str(int(found[0]) + 10), bench.bench.read_text()
    )
    assert count == 2
    other.write_text(text)
    misread = bench.call("instruments", "--bench", str(other), "--json")
    assert (misread.returncode, misread.stdout) == (2, "")
    assert str(run) in misread.stderr
    assert "Traceback" not in doctor.stderr
    assert json.loads(runs.stdout)["runs"][0]["bench"] == load_bench(str(bench.bench))[0].name
    berta = login_of(bench, tmp_path / "berta")
    protocol = run.with_suffix(".yaml")
    for attempt in (
        ("run", str(protocol), "--cell", "nbh", "--bench", str(bench.bench), "-o", str(tmp_path / "b.h5")),
        ("instruments", "--bench", str(bench.bench)),
        ("make-safe", "--bench", str(bench.bench)),
        ("make-safe",),
    ):
        done = berta.call(*attempt)
        assert done.returncode != 0, done.stdout
        assert f"with the run {run} since" in done.stderr
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("b.*"))
    assert bench.call("stop", str(run)).returncode == 0
    engine.communicate(timeout=60.0)
    require_unnoticed(run)


@pytest.mark.long
def test_a_hundred_looks_at_random_moments_are_not_noticed(bench: ServedBench, tmp_path: Path):
    """Alone or two at once, as by two people; among them looks from before the run begins and beyond its end."""
    random = Random(7)
    looked = 0
    while looked < 100:
        run = tmp_path / f"run-{looked}.h5"
        bench.fresh_cell()
        engine = bench.start(run, SHORT)
        looks = looks_at(bench, run)
        while engine.poll() is None:
            at_once = random.sample(looks, random.choice((1, 2)))
            with ThreadPoolExecutor(2) as people:
                done = list(people.map(lambda look: bench.call(*look), at_once))
            assert not any("Traceback" in one.stderr for one in done)
            looked += len(at_once)
        engine.communicate(timeout=60.0)
        require_unnoticed(run)
        assert journal(run)[-1].body.completed


def test_the_bench_is_the_others_once_it_is_let_go(bench: ServedBench, tmp_path: Path):
    bench.fresh_cell()
    berta = login_of(bench, tmp_path / "berta")
    looked = berta.call("instruments", "--bench", str(bench.bench), "--json")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["instruments"]["1287"]["problem"] is None
    made = berta.call("make-safe", "--bench", str(bench.bench), "--json")
    assert made.returncode == 0
    assert json.loads(made.stdout)["verified"]
    nothing = berta.call("make-safe")
    assert nothing.returncode == 2
    assert "nothing was switched or verified" in nothing.stderr
