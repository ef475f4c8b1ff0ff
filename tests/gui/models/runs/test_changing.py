"""What the window says of a change before it is made, and that it goes to the run as typed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from solbench.acquisition.record.events import ProtocolChanged
from solbench.gui.models.run.plan import RunPlan
from solbench.gui.models.runs.changing import Changing
from solbench.protocols import load_cell
from solbench.protocols.cells import dump_cell
from solbench.protocols.corrections.field_change import FieldChange
from tests.gui.models.fakes import FakeJobs, until_idle
from tests.texts import TINY

SODIATION = "steps.sodiation"


def run_of(present: str = SODIATION) -> Any:
    header = SimpleNamespace(
        protocol=SimpleNamespace(text=TINY, name="tiny"),
        cell=SimpleNamespace(text=dump_cell(load_cell("nbh"))),
    )
    segment = SimpleNamespace(step=SimpleNamespace(path=present)) if present else None
    return SimpleNamespace(plan=RunPlan(cast(Any, header)), segment=segment, path=Path("r.h5"))


@pytest.fixture
def model() -> Changing:
    return Changing(FakeJobs(), run_of(), lambda: None, "E. Example")


def names(fields: Any, before: str = "") -> set[str]:
    found = set[str]()
    for field in fields:
        own = f"{before}{field.name}"
        found |= names(field.fields, f"{own}.") if field.fields else {own}
    return found


def test_values_are_offered_and_nothing_that_makes_another_step(model):
    assert model.path == SODIATION
    offered = names(model.fields)
    assert {
        "current",
        "until.capacity",
        "until.time",
        "cut_short.voltage",
        "rest.time",
        "spectrum.to",
    } <= offered
    assert not {"name", "notes", "spectra_at", "spectrum.instruments", "spectrum.twice"} & offered
    assert model.get("until", "capacity") == "0.002 mAh/cm2"
    assert Changing(FakeJobs(), run_of(""), lambda: None, "").path == SODIATION, "before the first step"


@pytest.mark.parametrize(
    ("value", "finding"), [("9 mAh/cm2", "in theory"), ("9", "unit"), ("0.001 mAh/cm2", "")]
)
def test_what_is_wrong_stands_at_its_field(model, value, finding):
    model.put(value, "until", "capacity")
    until_idle(model._jobs)
    assert [field for field, _ in model.foreseen.findings] == (["until.capacity"] if finding else [])
    assert all(finding in words for _, words in model.foreseen.findings)
    assert "not running" in model.foreseen.words
    assert model.settings == [f"until.capacity={value}"]
    assert model.twin.startswith("solbench change r.h5 --step steps.sodiation ")


def test_a_value_that_is_put_back_is_no_change_and_another_step_drops_it(model):
    model.put(None, "until", "capacity")
    assert model.settings == ["until.capacity=null"]
    model.put("0.002 mAh/cm2", "until", "capacity")
    assert model.settings == []
    model.put("1 min", "rest", "time")
    model.choose("steps.desodiation")
    assert model.settings == []
    assert names(model.fields) >= {"current", "until.voltage"}
    until_idle(model._jobs)


def test_the_plan_of_the_window_follows_what_was_changed():
    plan = run_of().plan
    change = FieldChange(f"{SODIATION}.until.capacity", "0.002 mAh/cm2", "0.001 mAh/cm2")
    later = plan.changed(ProtocolChanged(by="", ordinal=2, step=0, changes=(change,), wall="", goes_on_at=2))
    assert later.segment_at(2).ends[0].value == pytest.approx(plan.segment_at(2).ends[0].value / 2)
    assert later.segment_at(1) == plan.segment_at(1)
    assert later.step_list.total.duration_s < plan.step_list.total.duration_s
    assert later.segment_at(1000) is None


def test_limits_of_the_whole_run_are_changed_in_the_place_of_a_step(model):
    model.choose(model.steps[-1][0])
    assert names(model.fields) == {"voltage_min", "voltage_max", "current_max"}
    assert model.get("voltage_max") == "2.5 V"
    model.put("2.2 V", "voltage_max")
    assert model.twin == "solbench change r.h5 'limits.voltage_max=2.2 V'"
    until_idle(model._jobs)
    assert model.foreseen.findings == ()
    model.put("9 V", "voltage_max")
    until_idle(model._jobs)
    ((field, words),) = model.foreseen.findings
    assert (field, "wider than the build" in words) == ("voltage_max", True)
