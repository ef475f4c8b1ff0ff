"""The strips beside that of the run on show: each stops its own run, and no key comes to a STOP."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.live.beside import BesideRuns
from solbench.gui.window.other_runs import NARROWEST, OtherRuns
from tests.gui.models.live.test_beside import entry


@pytest.mark.parametrize(
    ("benches", "width", "across"), [(3, 1366, 3), (3, 900, 2), (5, 640, 1), (1, 1920, 1)]
)
def test_each_strip_stops_its_run_and_fits(qtbot, context, benches, width, across):
    runs, stopped, shown = BesideRuns(context), [], []
    strips = OtherRuns(runs, Numbers(), shown.append, lambda each: stopped.append(each.run))
    qtbot.addWidget(strips)
    strips.resize(width, 40)
    strips.show()
    runs.take(tuple(entry(f"r{n}", f"bench {n}") for n in range(benches)))
    QApplication.processEvents()
    assert len({strip.x() for strip in strips.strips.values()}) == across
    assert strips.minimumSizeHint().width() < NARROWEST
    for run, strip in strips.strips.items():
        assert "bench" in strip.stop.accessibleName()
        assert strip.stop.focusPolicy() == Qt.FocusPolicy.NoFocus
        qtbot.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(strip.name, Qt.MouseButton.LeftButton)
        assert (stopped[-1], shown[-1]) == (run, run)
    assert len(set(stopped)) == benches
    runs.take(())
