"""A reading beyond a limit and then silence: the cell is opened within half a second, and the limit stands."""

from __future__ import annotations

from typing import Any

import pytest

from solbench.acquisition.engine.confirm import Confirmation
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

PROTOCOL = """
name: to-the-limit
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
safety: {voltage_min: 0.55 V}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 1 h}}
"""


@few("latency_s", [1e-3, 5e-3], (1,))
@pytest.mark.parametrize("fault", ["mute", "drop"])
def test_a_limit_that_is_met_by_silence_opens_within_half_a_second(tmp_path, monkeypatch, latency_s, fault):
    seen, asked_s = Seen(), list[float]()
    again = Confirmation._again

    def silent(self: Confirmation, readings: Any, take: Any) -> Any:
        if not asked_s and any(self.judge(reading) == "limit" for reading in readings):
            faults = seen.bench.truth.faults
            asked_s.append(seen.bench.clock.now())
            if fault == "mute":
                faults.mute("1287")
            else:
                faults.drop_replies("1287", 5)
        return again(self, readings, take)

    def heard(event: Any) -> None:
        seen.events.append(event)
        if event.kind == "segment_end":
            seen.bench.truth.faults.revive()

    monkeypatch.setattr(Confirmation, "_again", silent)
    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        seen.result = run_it(
            request(tmp_path / "a.h5", PROTOCOL, bench=quiet_bench(latency_s=latency_s)), heard
        )
    assert seen.result.outcome == "limit"
    assert seen.truth.opened_s - asked_s[0] <= 0.5
    assert not seen.truth.polarized
