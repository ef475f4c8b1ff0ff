"""A line that comes again and again is no reading: it is said since when nobody knew, and in the end the run pauses."""

from __future__ import annotations

from typing import Any

import pytest

from solbench.acquisition.engine.doubtful import STUCK_READINGS
from solbench.acquisition.record.reader import from_journal
from solbench.analysis.summary import summarise
from tests.acquisition.run.test_ladder import at_sample, once, run_with
from tests.tiers import few

HELD = """
name: held
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 10 s}
steps:
  - {name: held, kind: constant_voltage, voltage: 0.6 V, current_limit: 0.5 mA/cm2, until: {time: 30 min}}
"""
DRIVEN = """
name: driven
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 10 s}
steps:
  - {name: driven, kind: constant_current, current: -0.16 mA/cm2, until: {time: 30 min}}
"""


@few("protocol", [HELD, DRIVEN], (1,))
def test_a_reading_that_never_changes_pauses_the_run(tmp_path, protocol: str) -> None:
    stuck_s: list[float] = []

    def deed(seen: Any) -> None:
        stuck_s.append(seen.bench.clock.now())
        seen.bench.truth.faults.repeat_readings("1287")

    at_tenth = once(at_sample(10) if protocol is DRIVEN else lambda event: event.time_s > 100.0, deed)

    def act(event: Any, seen: Any, control: Any) -> None:
        at_tenth(event, seen, control)
        if event.kind in ("alarm", "gap"):
            seen.bench.truth.faults.repeat_readings("1287", repeated=False)

    seen = run_with(tmp_path / "a.h5", act, protocol)

    assert [event.body.code for event in seen.of("alarm")] == ["readings_stuck"]
    gap = seen.of("gap")[0].body
    assert gap.cause == "stuck"
    assert gap.since_s == pytest.approx(stuck_s[0], abs=15.0)
    assert gap.unwatched_s < 2.1 * STUCK_READINGS
    assert seen.result.completed
    end = seen.of("segment_end")[-1].body
    within_C = gap.uncertainty_C + 0.01 * abs(seen.truth.charge_C)
    assert end.step_charge_C == pytest.approx(seen.truth.charge_C, abs=within_C)


@few(("protocol", "lasts_s"), [(HELD, 90.0), (DRIVEN, 40.0)], (1,))
def test_a_reading_that_does_not_change_for_a_while_is_in_doubt(
    tmp_path, protocol: str, lasts_s: float
) -> None:
    begun: list[float] = []
    ended: list[float] = []

    def act(event: Any, seen: Any, _control: Any) -> None:
        if not begun and event.time_s > 300.0:
            begun.append(event.time_s)
            seen.bench.truth.faults.repeat_readings("1287")
        elif begun and not ended and event.time_s > begun[0] + lasts_s:
            ended.append(event.time_s)
            seen.bench.truth.faults.repeat_readings("1287", repeated=False)

    seen = run_with(tmp_path / "a.h5", act, protocol)

    assert seen.of("alarm") == []
    assert seen.result.completed
    (gap,) = [event.body for event in seen.of("gap")]
    assert gap.cause == "stuck"
    assert gap.since_s == pytest.approx(begun[0], abs=5.0)
    assert gap.unwatched_s == pytest.approx(ended[0] - begun[0], abs=5.0)
    assert gap.uncertainty_C == pytest.approx(abs(gap.charge_C), rel=0.1)
    (step,) = summarise(from_journal(tmp_path / "a.journal")).steps
    assert (step.interruptions, step.unwatched_s) == (0, 0.0)
    assert step.doubtful_s == gap.unwatched_s
