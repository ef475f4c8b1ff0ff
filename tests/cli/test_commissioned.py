"""A real bench by its commissioning, at every place where a run begins: run, queue, check, doctor."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from solbench.acquisition.queue.run_queue import RunQueue
from solbench.cli.whole import app
from tests.acquisition.bench.commissioning.records import LAGGING, record
from tests.acquisition.bench.commissioning.test_standing import LAB

NOW = datetime.now(UTC)
DIRECT, SPECTRA = "dc-polarization", "half-cell"


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(LAB)


def said(code: int, *arguments: str) -> str:
    answer: Any = CliRunner().invoke(app, list(arguments))
    assert answer.exit_code == code, answer.output
    return str(answer.stderr or answer.stdout)


def add(code: int, protocol: str, *more: str) -> str:
    return said(code, "queue", "add", protocol, "--cell", "nbh", "--bench", "lab.yaml", *more)


def test_the_queue_refuses_what_a_run_refuses(tmp_path: Path) -> None:
    for command in (("run",), ("queue", "add")):
        whole = (*command, DIRECT, "--cell", "nbh", "--bench", "lab.yaml")
        assert "lab.yaml, field commissioning: " in said(2, *whole)
    add(0, SPECTRA, "--dummy-cell", "-o", "a.h5")
    record(but="G", made=NOW).write(tmp_path / "lab.commissioning.json")
    add(0, DIRECT, "-o", "b.h5")
    assert "the step G (short and open)" in add(2, SPECTRA, "-o", "c.h5")


def test_a_record_that_ends_while_a_run_waits_does_not_stop_it(tmp_path: Path) -> None:
    where = tmp_path / "lab.commissioning.json"
    record(made=NOW - timedelta(days=365)).write(where)
    add(0, SPECTRA, "-o", "a.h5")
    [item] = RunQueue().items()
    assert "--accepted" in item.arguments
    record(made=NOW - timedelta(days=367)).write(where)  # two days later, to the program
    by_hand = [one for one in item.arguments if one not in ("--accepted", item.accepted)]
    assert "twelve months ago" in said(2, "run", *by_hand)
    began = (NOW - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S%z")
    late = [argument if argument != item.accepted else began for argument in item.arguments]
    assert "twelve months" not in said(
        1, "run", *late
    )  # it goes as far as the instruments, which are not there


def test_check_says_up_to_where_spectra_count_and_what_is_not_commissioned(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        f"name: s\nkind: simulated\npositive_terminal: we_re2\nsimulation:\n  {LAGGING}\n"
    )
    page = json.loads(said(0, "check", SPECTRA, "--cell", "nps", "--bench", "s.yaml", "--json"))[
        "start_check"
    ]
    [told] = [line["text"] for line in page if line["name"] == "highest frequency"]
    assert "1000 kHz" in told
    assert "up to 100 kHz on the range 5, which this cell will need" in told
    record("s", unit="ideal, changed").write(tmp_path / "s.commissioning.json")
    page = json.loads(said(0, "check", SPECTRA, "--cell", "nps", "--bench", "s.yaml", "--json"))[
        "start_check"
    ]
    names = [line["name"] for line in page]
    assert "commissioning" in names
    assert "highest frequency" not in names


def test_doctor_says_what_is_missing_and_what_ends(tmp_path: Path) -> None:
    def told() -> tuple[bool, str]:
        answer = CliRunner().invoke(app, ["doctor", "--bench", "lab.yaml", "--json"])
        [item] = [one for one in json.loads(answer.stdout)["items"] if one["name"] == "commissioning"]
        return item["good"], item["text"]

    good, text = told()
    assert not good
    assert text.startswith("this bench drives dummy cells alone: the steps A (talk), C (off is off), D (")
    record(made=NOW - timedelta(days=340)).write(tmp_path / "lab.commissioning.json")
    good, text = told()
    assert not good
    assert text.startswith("its commissioning ends on")
    record(made=NOW).write(tmp_path / "lab.commissioning.json")
    assert told()[0]
