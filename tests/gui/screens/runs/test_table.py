"""The columns of the list of runs: which, where, how wide and in which order, and all of that again after a restart."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from solbench.analysis.listing.columns import COLUMNS
from solbench.gui.models.common.numbers import Numbers
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.runs.columns import HEADS, NAMES, USUAL
from solbench.gui.palette import LOOKS, Colors, apply
from solbench.gui.screens.runs.table import CUT, LEAST, MOST, RunTable


def test_every_column_has_a_head_and_stands_on_the_command_line_too() -> None:
    assert set(NAMES) == set(COLUMNS)
    assert set(USUAL) < set(NAMES)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_heads_have_room_in_the_look_that_comes_after_the_table_was_made(
    qtbot: QtBot, tmp_path: Path, look: Colors
) -> None:
    table = RunTable(Numbers(), Settings(tmp_path / "desktop.json"))
    qtbot.addWidget(table)
    apply(table, look)
    shown = [NAMES.index(name) for name in table.columns[:-1]]
    header = table.horizontalHeader()
    assert all(table.columnWidth(column) >= header.sectionSizeHint(column) for column in shown)


def drag_edge(table: RunTable, name: str, width: int) -> None:
    """Draw the right edge of a column with the mouse until it is so wide (pixels)."""
    header, column = table.horizontalHeader(), NAMES.index(name)
    left = header.sectionViewportPosition(column)
    start, end = (QPoint(left + wide - 1, 5) for wide in (header.sectionSize(column), width))
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(header.viewport(), end)
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
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
    drag_edge(table, wide, 317)
    sorted_by = draw.choice(expected)
    for _ in range(times := draw.randint(1, 3)):
        header.sectionClicked.emit(NAMES.index(sorted_by))
    for each in (table, opened(), opened()):
        assert each.columns == tuple(expected)
        assert each.columnWidth(NAMES.index(wide)) == 317
        assert each.order == [(sorted_by, False), (sorted_by, True), None][times - 1]
        shown = each.horizontalHeader().sortIndicatorSection()
        assert shown == (NAMES.index(sorted_by) if times < 3 else -1)
    table.reset_columns()
    again = opened()
    assert again.columns == USUAL
    assert again.columnWidth(NAMES.index(wide)) <= MOST or wide == USUAL[-1]
    assert again.order is None


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_no_width_is_kept_that_nobody_drew(qtbot: QtBot, tmp_path: Path, seed: int) -> None:
    """Columns move, come and go, the window changes: each is as wide as it needs to be, or as it was drawn."""
    draw, settings = random.Random(seed), Settings(tmp_path / "desktop.json")
    table = RunTable(Numbers(), settings)
    qtbot.addWidget(table)
    table.resize(1200, 300)
    table.show()
    table.fill([(NAMES, "good")])
    needed = {name: table.columnWidth(NAMES.index(name)) for name in USUAL[:-1]}
    header = table.horizontalHeader()
    drawn: dict[str, int] = {}
    for _ in range(25):
        shown = table.columns
        match draw.choice(["move", "last", "choose", "window", "edge"]):
            case "move":
                header.moveSection(*draw.sample(range(len(shown)), 2))
            case "last":
                header.moveSection(len(shown) - 1, draw.randrange(len(shown) - 1))
            case "choose":
                table.choices()[draw.randrange(len(NAMES) - 1)].work()
            case "window":
                table.resize(draw.randint(300, 1600), 300)
            case _:
                wide = draw.choice(shown[:-1] or shown)
                if wide != shown[-1]:
                    drawn[wide] = draw.randint(60, 400)
                    drag_edge(table, wide, drawn[wide])
        assert settings.get("data_widths", {}) == drawn
        for name in table.columns[:-1]:
            if name in needed or name in drawn:
                assert table.columnWidth(NAMES.index(name)) == drawn.get(name, needed.get(name)), name


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


@pytest.mark.parametrize("text", ["WMWMWMWMWM", "MMMMMMMM", "@" * 9])
def test_a_text_of_few_wide_letters_is_not_cut(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    table = RunTable(Numbers(), Settings(tmp_path / "desktop.json"))
    qtbot.addWidget(table)
    place = NAMES.index("cell")
    cells = [f"il-il-il-ill-{n}" for n in range(20)]
    cells.insert(7, text)
    table.fill([(tuple(cell if k == place else "x" for k in range(len(NAMES))), "plain") for cell in cells])
    assert table.columnWidth(place) > table.fontMetrics().horizontalAdvance(text)


def test_only_what_is_in_view_is_written_however_many_runs_there_are(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines come, go and change places: what is in view is right, and a thousand cost no more than a screen of them."""
    draw, asked = random.Random(7), list[str]()
    table = RunTable(numbers := Numbers(), Settings(tmp_path / "desktop.json"))
    qtbot.addWidget(table)
    table.resize(1200, 300)
    table.show()
    localized = numbers.localized
    monkeypatch.setattr(numbers, "localized", lambda text: asked.append(text) or localized(text))
    counts = dict[int, list[int]]()
    for count in draw.sample([30, 30, 1000, 1000], 4):
        lines = [(tuple(f"{name} {draw.randrange(10_000)}" for name in NAMES), "good") for _ in range(count)]
        ticked = set(draw.sample(range(10), 3))
        asked.clear()
        table.fill(lines, ticked)  # type: ignore[arg-type]
        table.grab()
        counts.setdefault(count, []).append(len(asked))
        assert table.model().rowCount() == count
        rows = [table.rowAt(height) for height in range(0, table.viewport().height(), 10)]
        for row in set(rows) - {-1}:
            cells = [table.model().index(row, column) for column in range(len(NAMES))]
            assert [str(cell.data()) for cell in cells] == list(lines[row][0])
            assert (cells[0].data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked) == (row in ticked)
    assert max(counts[1000]) <= 2 * min(counts[30])


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_long_texts_are_cut_and_numbers_are_not_where_the_columns_would_not_fit(
    qtbot: QtBot, tmp_path: Path, seed: int
) -> None:
    """With tags, names and the protocol the list had to be moved sideways on a screen of 1280 pixels."""
    draw = random.Random(seed)
    table = RunTable(Numbers(), Settings(tmp_path / "desktop.json"))
    qtbot.addWidget(table)
    texts = {
        name: "x" * draw.randint(3, 90) if name in CUT else f"{draw.uniform(0.0, 1e4):.4g}" for name in NAMES
    }
    table.fill([(tuple(texts.values()), "plain")] * 3)
    table.resize(1220, 300)
    table.show()
    numbers = {name for name in table.columns if name not in CUT}
    for width in (1220, 1600, 1220, 400):
        table.resize(width, 300)
        QApplication.processEvents()
        wide = {name: table.columnWidth(NAMES.index(name)) for name in table.columns[:-1]}
        assert all(wide[name] >= table.sizeHintForColumn(NAMES.index(name)) for name in numbers & wide.keys())
        assert width < 1220 or table.horizontalScrollBar().maximum() == 0
