from pathlib import Path

import pytest

from solbench.gui.models.setup.bench import SIMULATED, BenchModel
from tests.gui.models.fakes import FakeJobs

ANSWER = {
    "bench": "b",
    "simulated": True,
    "instruments": {
        "1260": {
            "identity": "1260 IMPEDANCE",
            "last_error": 0,
            "problem": None,
            "cure": None,
            "address": "GPIB0::4",
        },
        "1287": {
            "identity": None,
            "last_error": 55,
            "problem": "nobody",
            "cure": "Plug it in",
            "address": "GPIB0::6",
        },
    },
}
FOUND = {
    "kind": "1260",
    "address": "4",
    "identity": "1260",
    "problem": "",
    "cure": "",
    "adapter": "COM3",
    "write_termination": "",
}


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def model(jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BenchModel:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return BenchModel(jobs)


def test_without_a_bench_file_the_simulator_is_the_bench(model: BenchModel) -> None:
    assert model.simulated
    assert [reference for _, reference in model.choices] == [SIMULATED]


def test_asking_gives_one_row_an_instrument(model: BenchModel, jobs: FakeJobs) -> None:
    model.choose(SIMULATED)
    model.ask()
    assert jobs.given == [["instruments", "--json", "--bench", "simulated"]]
    assert model.busy
    jobs.finish(ANSWER, code=1)
    assert not model.busy
    assert [(row.address, row.word, row.last_error) for row in model.rows] == [
        ("GPIB0::4", "\u2713 answers", "none"),
        ("GPIB0::6", "\u2717 problem", "code 55"),
    ]
    assert model.lines[0] == "> solbench instruments --json --bench simulated"


def test_finding_names_the_adapter_that_was_typed(model: BenchModel, jobs: FakeJobs) -> None:
    model.look(" socket://192.168.1.5:1234 ", everywhere=True)
    assert jobs.given[0] == ["instruments", "--find", "--at", "socket://192.168.1.5:1234", "--all", "--json"]
    jobs.finish({"found": [FOUND]})
    assert model.rows[0].address == "COM3 4"


def test_an_answer_of_an_earlier_bench_is_not_shown(model: BenchModel, jobs: FakeJobs) -> None:
    model.ask()
    model.choose(SIMULATED)
    jobs.finish(ANSWER)
    assert model.rows == []
    assert not model.busy


def test_a_refusal_is_told_as_it_was_said(model: BenchModel, jobs: FakeJobs) -> None:
    model.ask()
    jobs.finish(None, code=2, said="bench.yaml: no address. Add it.")
    assert model.problem == "bench.yaml: no address. Add it."


def test_a_bench_file_that_cannot_be_used_says_why(model: BenchModel, tmp_path: Path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text("name: b\nkind: visa\n", encoding="utf-8")
    model.choose(str(path))
    assert "positive_terminal" in model.problem
    assert not model.simulated
    assert model.recent == []
    path.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    model.choose(str(path))
    assert model.problem == ""
    assert dict(model.facts)["Positive terminal"] == "CE and RE1"
    assert "dummy cells alone" in dict(model.facts)["Commissioned"]
    assert model.recent == [str(path)]


def test_the_dialogue_keeps_the_last_two_hundred_lines(model: BenchModel, jobs: FakeJobs) -> None:
    model.ask()
    jobs.finish(None, said="\n".join(f"line {number}" for number in range(500)))
    assert len(model.lines) == 200
    assert model.lines[-1] == "line 499"


def test_no_answer_makes_no_rows(model: BenchModel, jobs: FakeJobs) -> None:
    model.ask()
    jobs.finish(None)
    assert model.rows == []
