"""The page of the control channel: its example is carried out, and its table of verbs is the program's."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from solbench.acquisition.control.registry import Entry, register
from solbench.acquisition.control.verbs import TABLE, State, Verb
from solbench.acquisition.host.platform import started_at
from tests.acquisition.control.test_server import Served
from tests.acquisition.control.test_server import served as served

PAGE = (Path(__file__).parents[2] / "docs" / "control-channel.md").read_text(encoding="utf-8")


def test_the_example_speaks_with_a_run(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))
    pid = os.getpid()
    given = (served.server.port, "secret", "b", "k", "proto", "cell", "now", "1.0")
    register(Entry("r", "my-run.h5", pid, started_at(pid), *given))
    register(Entry("dead", "dead.h5", pid, "another process of this number", *given))
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    exec(compile(block, "control-channel.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "my-run.h5 running  None",
        "True pausing: the cell is switched off",
    ]


def test_the_table_of_verbs_is_that_of_the_program() -> None:
    rows = re.findall(r"^\| (.*) \|$", PAGE, re.M)
    head, *body = [row.split(" | ") for row in rows if row.count(" | ") == len(State)]
    assert head == ["verb", *State]
    told = {row[0].strip("`"): row[1:] for row in body}
    assert told.keys() == set(Verb)
    for (state, verb), answer in TABLE.items():
        cell = told[verb][list(State).index(state)]
        assert (cell == "refused") is not answer.accepted, (state, verb)
