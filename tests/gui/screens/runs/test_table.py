"""The columns of the list of runs: which, where, how wide and in which order, and all of that again after a restart."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from solbench.analysis.listing.columns import COLUMNS
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.runs.columns import HEADS, NAMES, USUAL
from solbench.gui.screens.runs.table import LEAST, MOST, RunTable


def test_every_column_has_a_head_and_stands_on_the_command_line_too() -> None:
    assert set(NAMES) == set(COLUMNS)
    assert set(USUAL) < set(NAMES)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_arranged_is_there_again_after_a_restart(qtbot: QtBot, tmp_path: Path, seed: int) -> None:
    draw, path = random.Random(seed), tmp_path / "desktop.json"

    def opened() -> RunTable:
        table = RunTable(Numbers(), Settings(path))
        qtbot.addWidget(table)
        table.resize(1200, 300)
        table.show()
        table.fill([(tuple("x" * 200 for _ in NAMES), "good"), (NAMES, "bad")])
        return table

    table = opened()
    assert table.columns == USUAL
    assert all(LEAST <= table.columnWidth(NAMES.index(name)) <= MOST for name in USUAL[:-1])
    expected = list(USUAL)
    for name in draw.sample(NAMES[1:], 6):
        next(choice for choice in table.choices() if choice.text == HEADS[name]).work()
        expected = [each for each in expected if each != name] if name in expected else [*expected, name]
        assert table.columns == tuple(expected)
    header = table.horizontalHeader()
    first, last = draw.sample(range(len(expected)), 2)
    header.moveSection(first, last)
    expected.insert(last, expected.pop(first))
    wide = draw.choice(expected[:-1])
    header.resizeSection(NAMES.index(wide), 317)
    sorted_by = draw.choice(expected)
    for _ in range(times := draw.randint(1, 3)):
        header.sectionClicked.emit(NAMES.index(sorted_by))
    for each in (table, opened(), opened()):
        assert each.columns == tuple(expected)
        assert each.columnWidth(NAMES.index(wide)) == 317
        assert each.order == [(sorted_by, False), (sorted_by, True), None][times - 1]
        shown = each.horizontalHeader().sortIndicatorSection()
        assert shown == (NAMES.index(sorted_by) if times < 3 else -1)
    table.reset()
    again = opened()
    assert again.columns == USUAL
    assert again.columnWidth(NAMES.index(wide)) <= MOST or wide == USUAL[-1]
    assert again.order is None


@pytest.mark.parametrize(
    "kept", [{"data_columns": ["colour", 3]}, {"data_widths": [1]}, {"data_sorted_by": "-x"}]
)
def test_settings_that_say_nothing_leave_the_usual_columns(
    qtbot: QtBot, tmp_path: Path, kept: dict[str, object]
) -> None:
    settings = Settings(tmp_path / "desktop.json")
    for name, value in kept.items():
        settings.set(name, value)  # type: ignore[arg-type]
    table = RunTable(Numbers(), settings)
    qtbot.addWidget(table)
    assert (table.columns, table.order) == (USUAL, None)
    assert table.horizontalHeader().contextMenuPolicy() == Qt.ContextMenuPolicy.CustomContextMenu
