"""The documents of a run hold each sample and point once, in order, and are the same whenever they are made."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solbench.acquisition.record.columns import POINT_COLUMNS, SAMPLE_COLUMNS
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.exports import documents as module
from solbench.analysis.exports.documents import documents, start_document
from tests.acquisition.runs import RUNS_0_1


@pytest.fixture(scope="module", params=["short", "dc", "pellet"])
def run(request: pytest.FixtureRequest) -> Run:
    return open_run(RUNS_0_1 / f"{request.param}.h5")


def _streams(made: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, list[Any]]]:
    """Join the pages of each stream."""
    names = {document["uid"]: document["name"] for kind, document in made if kind == "descriptor"}
    found: dict[str, dict[str, list[Any]]] = {name: {"seq_num": []} for name in names.values()}
    for kind, document in made:
        if kind == "event_page":
            stream = found[names[document["descriptor"]]]
            assert {len(values) for values in document["data"].values()} == {len(document["uid"])}
            stream["seq_num"] += document["seq_num"]
            for key, values in document["data"].items():
                stream.setdefault(key, []).extend(values)
    return found


@pytest.mark.parametrize("rows", [7, 4096])
def test_every_sample_and_point_is_there_once(run: Run, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE_ROWS", rows)
    made = list(documents(run))
    assert made[0][0] == "start"
    assert made[-1][0] == "stop"
    streams = _streams(made)
    tables = {"samples": (SAMPLE_COLUMNS, run.samples)}
    tables |= {f"spectrum_{one.spectrum:04d}": (POINT_COLUMNS, run.points_of(one)) for one in run.spectra}
    assert set(streams) == set(tables)
    for name, (columns, table) in tables.items():
        assert streams[name]["seq_num"] == list(range(1, len(table) + 1))
        for column in columns:
            if column.dataset and column.field != "seq":
                np.testing.assert_array_equal(streams[name].get(column.dataset, []), table[column.field])
    assert made[-1][1]["num_events"] == {name: len(table) for name, (_, table) in tables.items()}
    assert made[-1][1]["exit_status"] == ("success" if run.completed else "abort")


def test_they_are_the_same_whenever_they_are_made_and_no_two_have_one_name(run: Run) -> None:
    made = list(documents(run))
    assert json.dumps(made) == json.dumps(list(documents(open_run(run.path))))
    uids = [document["uid"] for kind, document in made if kind != "event_page"]
    uids += [uid for kind, document in made if kind == "event_page" for uid in document["uid"]]
    assert len(uids) == len(set(uids))
    assert made[0][1]["uid"] == run.header.run
    assert made[0][1]["simulated"] is True


def test_what_was_corrected_has_another_digest(run: Run) -> None:
    before = start_document(run)["digest"]
    header = replace(run.header, temperature_K=301.0)
    events = (run.events[0]._replace(body=header), *run.events[1:])
    assert start_document(replace(run, events=events))["digest"] != before
