"""What a manual run begins with, as the command line is given it."""

import pytest

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.setup.manual import ManualRun, builds_of


def test_the_limits_are_required_and_given_with_decimal_points() -> None:
    run = ManualRun("lab.yaml", "nbh", "half", "0,05 V", "2,5 V", " ", dummy_cell=True)
    assert run.lacks == ""
    assert run.arguments("r.h5", Numbers("comma")) == [
        *("lab.yaml", "--cell", "nbh", "--build", "half", "--voltage-min=0.05 V", "--voltage-max=2.5 V"),
        *("--dummy-cell", "-o", "r.h5"),
    ]


@pytest.mark.parametrize(
    ("cell", "low", "high"), [(None, "0 V", "1 V"), ("nbh", "", "1 V"), ("nbh", "0 V", " ")]
)
def test_what_is_missing_is_said(cell: str | None, low: str, high: str) -> None:
    assert ManualRun(None, cell, "half", low, high, "").lacks


def test_the_builds_are_those_of_the_record() -> None:
    assert "half" in builds_of("nbh")
    assert builds_of(None) == builds_of("no such record") == ()
