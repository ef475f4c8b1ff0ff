"""The cell that waits for something to be set by hand."""

import pytest

from solbench.acquisition.engine.techniques import by_hand as technique
from solbench.acquisition.record.folds import steps_of
from tests.acquisition.test_by_hand import carried_out


def test_the_technique_has_the_name_of_its_segment() -> None:
    assert technique.by_hand.__name__ == "by_hand"


def test_left_alone_it_ends_completed_after_as_long_as_it_waits(tmp_path):
    seen, _ = carried_out(tmp_path / "a.h5", [])
    assert seen.result is not None
    assert seen.result.completed
    (step,) = steps_of(seen.events)
    assert step.end is not None
    assert step.end.text == "nothing was set by hand for 30 s"
    assert step.end_s - step.start_s == pytest.approx(30.0, abs=1.5)
