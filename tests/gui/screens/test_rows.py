"""Lists with long names: every word stands in the width that there is."""

import pytest
from PySide6.QtWidgets import QApplication

from solbench.gui.models.common.numbers import Numbers
from solbench.gui.screens.rows import RowList

LONG = [
    ("✓", "fresh", "5 min"),
    ("▶", "cycles › impedance after desodiation  30/30", "of about 2 h 31 min"),
]


@pytest.fixture
def steps(qtbot):
    made = RowList("Steps", ("", "step", "time"), Numbers())
    qtbot.addWidget(made)
    made.resize(290, 180)
    made.show()
    return made


def settle():
    for _ in range(3):
        QApplication.processEvents()


def test_a_long_name_takes_lines_and_no_bar(steps):
    steps.fill(LONG, ["", ""])
    settle()
    assert steps.horizontalScrollBar().maximum() == 0
    assert steps.header().length() == steps.viewport().width()
    short, long = (steps.visualItemRect(steps.topLevelItem(place)).height() for place in (0, 1))
    assert long >= 2 * short - 8


def test_a_wide_list_gives_the_name_one_line_and_the_rest_to_the_last_column(steps):
    steps.resize(800, 180)
    steps.fill(LONG, ["", ""])
    settle()
    assert steps.columnWidth(1) >= steps.fontMetrics().horizontalAdvance(LONG[1][1])
    assert steps.columnWidth(2) > steps.columnWidth(1)
    steps.resize(290, 180)
    settle()
    assert steps.horizontalScrollBar().maximum() == 0


def test_rows_that_stay_keep_their_selection(steps):
    steps.fill(LONG, ["", "in progress"])
    steps.setCurrentItem(steps.topLevelItem(1))
    steps.fill([LONG[0], ("✓", "cycles", "done")], ["", "done"])
    assert steps.currentItem().text(1) == "cycles"
    assert steps.currentItem().toolTip(1) == "cycles\ndone"
    steps.fill(LONG[:1], [""])
    assert steps.topLevelItemCount() == 1
