"""Axes of values over decades have numbers that stand apart."""

from __future__ import annotations

import numpy as np
import pytest

from solbench.analysis.report.style import log_values


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
