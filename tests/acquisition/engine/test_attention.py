"""A run whose set current does not flow is paused with the cell verified off, and waits for a user."""

from __future__ import annotations

from typing import Any

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

STEP = """
name: lead
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 2 min}}
"""


def run_with_lead_off(tmp_path, after: int, *, answer: Verb | None) -> Seen:
    """Pull CE off at the sample of this number; put it back in the pause, and give the verb."""
    seen, control = Seen(), RunControl()

    def look(event: Any) -> None:
        seen.events.append(event)
        faults = seen.bench.truth.faults
        if event.kind == "sample" and len(seen.of("sample")) == after:
            faults.set_leads(loose_counter=True)
        if event.kind == "paused":
            assert not seen.truth.polarized
            faults.set_leads()
            if answer is not None:
                assert control.ask(answer, "the technician").accepted

    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        seen.result = run_it(
            request(tmp_path / "run.h5", STEP, bench=quiet_bench()), look, run_control=control
        )
    return seen


@few("after", [5, 33, 90], (1,))
def test_a_user_who_resumes_lets_the_step_end_by_its_own_condition(tmp_path, after):
    seen = run_with_lead_off(tmp_path, after, answer=Verb.RESUME)

    (alarm,) = seen.of("alarm")
    assert seen.result.completed
    assert alarm.body.code == "current_not_reached"
    assert alarm.body.parameters["set_A"] == pytest.approx(-1.256e-4)
    assert [event.body.by for event in seen.of("paused")] == ["program"]
    assert len(seen.of("resumed")) == 1
    assert seen.truth.charge_C == pytest.approx(seen.of("segment_end")[-1].body.step_charge_C, rel=0.02)


def test_a_run_that_nobody_resumes_is_not_completed(tmp_path):
    seen = run_with_lead_off(tmp_path, 20, answer=None)

    (paused,) = seen.of("paused")
    (end,) = seen.of("end")
    assert seen.result.outcome == "fault"
    assert end.time_s - paused.time_s == pytest.approx(12 * 3600.0, abs=5.0)
    assert end.body.verified_safe


def test_a_user_who_stops_ends_the_run_at_once(tmp_path):
    seen = run_with_lead_off(tmp_path, 20, answer=Verb.STOP)

    assert seen.result.outcome == "interrupted"
    assert seen.of("end")[0].time_s - seen.of("paused")[0].time_s < 5.0
