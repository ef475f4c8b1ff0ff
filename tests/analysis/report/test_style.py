"""Axes of values over decades have numbers that stand apart; a course keeps what can be seen of it."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.acquisition.record import reader
from solbench.acquisition.record.reader import open_run
from solbench.analysis.report.style import course, log_values, thinned
from tests.acquisition.runs import RUNS_0_1


@pytest.mark.parametrize(
    ("low", "high", "scale", "shown"),
    [
        (170.0, 205.0, "linear", None),
        (250.0, 7000.0, "log", {"500", "1000", "2000", "5000"}),
        (35.0, 6e4, "log", {"10²", "10³", "10⁴"}),
        (-3.0, 40.0, "linear", None),
    ],
)
def test_values_are_named_in_steps_of_their_span(
    low: float, high: float, scale: str, shown: set[str] | None
) -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.plot([1.0, 2.0, 3.0], [low, 0.5 * (low + high), high])
    log_values(axes)
    assert axes.get_yscale() == scale
    if shown is not None:
        bottom, top = axes.get_ylim()
        axis = axes.yaxis
        places = [value for value in axis.get_major_locator()() if bottom <= value <= top]
        assert {str(axis.get_major_formatter()(value)) for value in places} == shown
        assert not np.any(axis.get_minor_locator()())


@pytest.mark.parametrize("rows", [3, 50, 292, 10_000])
def test_a_course_that_is_read_in_parts_has_every_extreme_and_both_ends(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run(RUNS_0_1 / "short.h5")
    samples = run.samples
    monkeypatch.setattr(reader, "BLOCK_ROWS", rows)
    time_s, voltage_V = course(run, "voltage_V", 20)
    places = np.searchsorted(samples["time_s"], time_s)
    assert voltage_V.tolist() == samples["voltage_V"][places].tolist()
    assert [places[0], places[-1]] == [0, 291]
    assert (voltage_V.min(), voltage_V.max()) == (samples["voltage_V"].min(), samples["voltage_V"].max())
    if rows >= 292:
        whole = thinned(samples["time_s"], samples["voltage_V"], 20)
        assert (time_s.tolist(), voltage_V.tolist()) == tuple(each.tolist() for each in whole)
        assert len(time_s) < 30
