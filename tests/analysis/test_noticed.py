"""What was noticed in a run is what its events and verdicts say, in stages of the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.record.reader import open_run
from solbench.analysis.noticed import Notice, noticed
from tests.acquisition.runs import SHORT, request, run_it

BRIEF = SHORT.replace("build: half", "build: half\ninterruptions: {wait_for_user: 10 s}")


def notices(run: Path, truth: str) -> list[Notice]:
    run_it(replace(request(run, BRIEF), scenario=parse_scenario(truth, "s.yaml")))
    return noticed(open_run(run))


def test_nothing_is_noticed_in_a_sound_run(tmp_path: Path) -> None:
    assert notices(tmp_path / "a.h5", "name: sound") == []


def test_a_cell_upside_down_is_noticed_before_anything_is_driven(tmp_path: Path) -> None:
    found = notices(tmp_path / "a.h5", "changes: [{kind: leads_exchanged}]")
    assert [(one.stage, one.kind, one.code) for one in found] == [
        ("before", "start_check", "voltage_leads_swapped"),
        ("before", "outcome", "fault"),
    ]
    assert "reversed" in found[0].text


@pytest.mark.parametrize("lead", ["ce"])
def test_a_lead_that_falls_off_is_noticed_on_the_way(tmp_path: Path, lead: str) -> None:
    truth = f"changes: [{{kind: lead_off, lead: {lead}, from: 0.0003 mAh/cm2}}]"
    found = notices(tmp_path / "a.h5", truth)
    assert {one.stage for one in found} == {"during"}
    assert ("alarm", "current_not_reached") in {(one.kind, one.code) for one in found}
    assert found[-1].kind == "outcome"
