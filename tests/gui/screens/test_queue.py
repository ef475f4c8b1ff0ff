from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from acquisition.waiting import Waiting, WaitingList
from gui.context import Context
from gui.screens.queue import QueueScreen
from tests.gui.models.fakes import FakeJobs

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def waiting(context: Context, tmp_path: Path) -> WaitingList:
    made = WaitingList()
    for name in ("a", "b"):
        item = Waiting(
            id=0,
            protocol="half-cell",
            cell="nbh",
            bench="simulated",
            bench_name="simulated bench",
            changes=[],
            speed=3600.0,
            output=str(tmp_path / f"{name}.h5"),
            cell_id=f"cell-{name}",
            protocol_name="half-cell",
            cell_name="nbh",
            duration_s=64800.0,
        )
        made.add(item, "p", "c")
    return made


@pytest.fixture
def screen(show: Show, waiting: WaitingList) -> QueueScreen:
    made = show(QueueScreen)
    assert isinstance(made, QueueScreen)
    return made


def column(screen: QueueScreen, number: int) -> list[str]:
    return [screen.table.item(place, number).text() for place in range(screen.table.rowCount())]


def test_an_empty_queue_says_where_runs_come_from(show: Show) -> None:
    screen = show(QueueScreen)
    assert "Start" in screen.note.text()
    assert not screen.next.isEnabled()


def test_nothing_starts_before_the_cell_is_confirmed(
    screen: QueueScreen, qtbot: QtBot, jobs: FakeJobs, context: Context
) -> None:
    assert column(screen, 1) == ["cell-a", "cell-b"]
    assert column(screen, 4) == ["18.0 h", "18.0 h"]
    assert "confirm first that the cell cell-a" in screen.note.text()
    assert not screen.next.isEnabled()
    qtbot.mouseClick(screen.by_itself, LEFT)
    screen.model.tick()
    assert jobs.given == []
    screen.table.setCurrentCell(0, 0)
    qtbot.mouseClick(screen.confirm, LEFT)
    assert not screen.confirm.isEnabled()
    followed: list[str] = []
    context.follow.subscribe(followed.append)
    screen.model.tick()
    assert jobs.given == [["queue", "next", "--json"]]
    jobs.finish({"id": "run-1"})
    assert followed == ["run-1"]


def test_start_next_and_what_is_said_when_it_is_refused(
    screen: QueueScreen, qtbot: QtBot, jobs: FakeJobs, waiting: WaitingList
) -> None:
    waiting.change(1, confirmed=True)
    screen.model.tick()
    qtbot.mouseClick(screen.next, LEFT)
    assert not screen.next.isEnabled()
    jobs.finish(None, 1, "the 1287 does not answer.")
    assert "does not answer" in screen.note.text()


def test_a_refused_start_ends_going_on_by_itself(
    screen: QueueScreen, jobs: FakeJobs, waiting: WaitingList
) -> None:
    waiting.change(1, confirmed=True)
    screen.model.let_go_on(True)
    screen.model.tick()
    jobs.finish(None, 1, "no")
    screen.model.tick()
    assert len(jobs.given) == 1
    assert not screen.by_itself.isChecked()


def test_hold_move_copy_and_remove(screen: QueueScreen, qtbot: QtBot, waiting: WaitingList) -> None:
    screen.table.setCurrentCell(0, 0)
    qtbot.mouseClick(screen.hold, LEFT)
    assert column(screen, 3)[0] == "held"
    assert screen.hold.text() == "Release"
    qtbot.mouseClick(screen.hold, LEFT)
    qtbot.mouseClick(screen.down, LEFT)
    assert column(screen, 1) == ["cell-b", "cell-a"]
    assert screen.table.currentRow() == 1
    qtbot.mouseClick(screen.up, LEFT)
    qtbot.mouseClick(screen.copy, LEFT)
    assert column(screen, 7) == ["a.h5", "b.h5", "a-2.h5"]
    qtbot.mouseClick(screen.remove, LEFT)
    assert [item.id for item in waiting.items()] == [2, 3]


def test_what_the_command_line_adds_appears_by_itself(
    screen: QueueScreen, qtbot: QtBot, waiting: WaitingList
) -> None:
    waiting.remove(1)
    qtbot.waitUntil(lambda: screen.table.rowCount() == 1, timeout=3000)


def test_a_damaged_queue_is_told_of(screen: QueueScreen, waiting: WaitingList) -> None:
    waiting.path.write_text("[]", encoding="utf-8")
    screen.model.tick()
    assert "cannot be read" in screen.note.text()
    assert screen.table.rowCount() == 0
