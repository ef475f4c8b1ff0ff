import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter
from pytestqt.qtbot import QtBot

from solbench.gui.models.common.curves import Curve
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.screens.runs.overlaid import Overlaid

SMALL = np.linspace(0.0, 10.0, 9)


def arc(name: str, size: float, place: int) -> Curve:
    return Curve(name, "Z′ (Ω)", "−Z″ (Ω)", size * SMALL, size * SMALL, points=True, place=place, count=4)


@pytest.fixture
def view(qtbot: QtBot) -> Overlaid:
    made = Overlaid(LIGHT, "Nyquist", equal_axes=True)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    made.show_curves([arc("fresh", 1e4, 0), arc("25 %", 1.0, 1), arc("50 %", 1.1, 2), arc("75 %", 1.2, 3)])
    return made


def test_what_is_a_thousand_times_larger_does_not_squeeze_the_others(view: Overlaid) -> None:
    (_, right), _ = view.plot.getPlotItem().vb.viewRange()
    assert 12.0 < right < 100.0
    view.plot.getPlotItem().vb.autoRange()
    assert view.plot.getPlotItem().vb.viewRange()[0][1] > 9e4


def test_curves_are_left_out_by_their_names_and_stay_so(view: Overlaid) -> None:
    view.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert [curve.name for curve in view.plot.shown] == ["fresh", "50 %", "75 %"]
    view.set_colors(DARK)
    view.show_curves([arc("25 %", 1.0, 0), arc("50 %", 1.0, 1)])
    assert [curve.name for curve in view.plot.shown] == ["50 %"]
    view.every.click()
    assert [key.name for key in view.plot.legend_entries()] == ["25 %", "50 %"]
    view.none.click()
    assert view.plot.shown == []


@pytest.mark.parametrize("letter", ["i", "n", "W"])
def test_names_are_as_long_as_there_is_room_for_and_told_apart(view: Overlaid, letter: str) -> None:
    """Of any letters: 26 of them were too wide for the list, which had to be moved sideways."""
    long = letter * 30
    view.show_curves(
        [arc(f"{long} {run} {long} half cycle {half}", 1.0, run) for run in (1, 2) for half in (1, 2)]
    )

    def names() -> list[str]:
        return [view.list.item(row).text() for row in range(view.list.count())]

    narrow = names()
    assert len(set(narrow)) == 4
    assert view.list.horizontalScrollBar().maximum() == 0
    view.resize(2400, 400)
    view.findChild(QSplitter).setSizes([900, 1500])
    assert view.list.item(0).toolTip() == f"{long} 1 {long} half cycle 1"
    assert all(len(wide) > len(short) for wide, short in zip(names(), narrow, strict=True))
