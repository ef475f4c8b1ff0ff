from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from solbench.gui.models.live.replay import whole_run
from solbench.gui.palette import LIGHT
from solbench.gui.screens.runs.free import FreeView
from tests.gui.models.fakes import FakeJobs, until_idle


def pick(view: FreeView, box: str, key: str, jobs: FakeJobs) -> None:
    list_ = getattr(view, box)
    list_.setCurrentIndex(list_.findData(key))
    list_.activated.emit(list_.currentIndex())
    until_idle(jobs)


def test_x_and_y_are_chosen_and_what_does_not_fit_is_replaced(
    qtbot: QtBot, jobs: FakeJobs, finished: Path
) -> None:
    view = FreeView(jobs, LIGHT)
    qtbot.addWidget(view)
    view.show_runs([whole_run(finished)])
    until_idle(jobs)
    (curve,) = view.view.plot.curves
    assert (curve.x_name, curve.y_name) == ("charge of the step (mAh)", "V (V)")
    pick(view, "x_box", "frequency", jobs)
    assert {curve.y_name for curve in view.view.plot.curves} == {"Z′ (Ω)"}
    assert view.y_box.findData("voltage") == -1
    pick(view, "y_box", "magnitude", jobs)
    pick(view, "right_box", "phase", jobs)
    pick(view, "per_box", "cm²", jobs)
    assert {curve.y_name for curve in view.view.plot.curves} == {"|Z| (Ω cm²)", "−phase (°)"}
    view.view.log_x.setChecked(True)
    view.view.log_y.setChecked(True)
    low, high = view.view.plot.getPlotItem().vb.viewRange()[0]
    assert -3 < low < high < 7  # decades
    assert view.note.text() == ""


def test_a_run_that_is_gone_is_told(qtbot: QtBot, jobs: FakeJobs, finished: Path, tmp_path: Path) -> None:
    copy = tmp_path / "gone.h5"
    copy.write_bytes(finished.read_bytes())
    run = whole_run(copy)
    copy.unlink()
    view = FreeView(jobs, LIGHT)
    qtbot.addWidget(view)
    view.show_runs([run])
    until_idle(jobs)
    assert view.note.text().startswith("✗ the samples cannot be read")


@pytest.mark.parametrize("count", [0, 2])
def test_none_and_several_runs(qtbot: QtBot, jobs: FakeJobs, finished: Path, count: int) -> None:
    view = FreeView(jobs, LIGHT)
    qtbot.addWidget(view)
    view.show_runs([whole_run(finished) for _ in range(count)])
    until_idle(jobs)
    assert len(view.view.plot.curves) == count
