"""A driven cell is watched as often as the bench asks, however seldom readings are stored."""

from __future__ import annotations

from pathlib import Path

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.record.events import SegmentEnd
from solbench.acquisition.record.reader import from_journal
from solbench.acquisition.run.start import start
from tests.acquisition.runs import closely_watched, request

POLARIZATION = """
name: watched
build: dc_reduced
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 30 s}
steps:
  - name: polarization
    kind: dc_polarization
    voltage: 50 mV
    baseline: 60 s
    at_most: 130 s
    steady_within: 1 %
    steady_over: 120 s
"""


def test_reading_is_not_storing_in_a_polarization(tmp_path: Path) -> None:
    result = start(request(tmp_path / "run.h5", POLARIZATION, "nps", closely_watched()), RunControl())
    run = from_journal(tmp_path / "run.journal")
    ((_, end),) = run.bodies(SegmentEnd)
    assert result.completed
    assert end.worst_gap_s < 3.0  # the bench's 2 s, a conversion and a change of range
    assert end.missed_readings == 0
    assert len(run.samples) < 60
