"""However long a message takes, a current is counted until it ended, on every make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file

BRIEF = """
name: brief
build: metal
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 5 s}
steps:
  - {name: there, kind: constant_current, current: 50 uA, until: {time: 60 s}}
  - {name: back, kind: constant_current, current: -30 uA, until: {time: 90 s}}
"""


@pytest.mark.parametrize("model", ["solartron", "ec301", "keithley2400"])
@pytest.mark.parametrize("latency_s", [1e-3, 0.05, 0.2])
def test_a_current_is_counted_until_it_ended(tmp_path: Path, model: str, latency_s: float) -> None:
    """A 2400 is sent seven settings behind the one that opens it, and the middle of them all was taken for its end."""
    benches: list[Any] = []
    truths: list[float] = []

    def look(event: Any) -> None:
        if event.kind in ("segment", "segment_end"):
            truths.append(float(benches[-1].truth.truth.charge_C))

    bench = simulated_file(model, None if model == "keithley2400" else "we_re2")
    slow = bench.model_copy(update={"simulation": {**bench.simulation, "latency_s": latency_s}})
    with watched_benches(benches.append):
        result = run_it(request(tmp_path / "a.h5", BRIEF, drawn("metal"), slow), look)
    assert result.completed, result.reason
    there, back = open_run(tmp_path / "a.h5").steps
    assert there.charge_C == pytest.approx(truths[1] - truths[0], rel=5e-5)
    assert back.charge_C == pytest.approx(truths[3] - truths[2], rel=5e-5)
