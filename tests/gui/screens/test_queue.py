import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import solbench.acquisition.queue.run_queue as run_queue
import solbench.acquisition.record.reader as reader
import solbench.gui.models.setup.queue as queue_model
from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.registry import Entry, this_process
from solbench.acquisition.control.verbs import State
from solbench.acquisition.queue.queued_run import QueuedRun
from solbench.acquisition.queue.run_queue import RunQueue
from solbench.gui.models.context import Context
from solbench.gui.screens.queue import QueueScreen
from solbench.protocols import dump_cell, dump_protocol, load_cell, load_protocol
from tests.gui.models.fakes import FakeJobs, until_idle

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton
SELECT = QItemSelectionModel.SelectionFlag


@pytest.fixture
def queue(context: Context, tmp_path: Path) -> RunQueue:
    made = RunQueue()
    for name in ("a", "b"):
        item = QueuedRun(
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
def screen(show: Show, queue: RunQueue) -> QueueScreen:
    made = show(QueueScreen)
    assert isinstance(made, QueueScreen)
    return made


@pytest.fixture
def real(context: Context, tmp_path: Path) -> RunQueue:
    """Two runs whose protocols and cells are whole, on two benches."""
    made = RunQueue()
    for number, name in enumerate(("a", "b")):
        item = queued(tmp_path, name, f"bench {number}")
        made.add(item, dump_protocol(load_protocol("half-cell")), dump_cell(load_cell("nps")))
    return made


def queued(folder: Path, name: str, bench: str) -> QueuedRun:
    return QueuedRun(
        id=0,
        protocol="half-cell",
        cell="nps",
        bench="simulated",
        bench_name=bench,
        changes=[],
        speed=3600.0,
        output=str(folder / f"{name}.h5"),
        cell_id=f"cell-{name}",
        protocol_name="half-cell",
        cell_name="nps",
        duration_s=64800.0,
    )


def select(screen: QueueScreen, *places: int) -> None:
    screen.table.clearSelection()
    for place in places:
        screen.table.selectionModel().select(
            screen.table.model().index(place, 0), SELECT.Select | SELECT.Rows
        )


def test_one_confirmation_for_several_benches(real: RunQueue, show: Show, qtbot: QtBot) -> None:
    screen = show(QueueScreen)
    select(screen, 0, 1)
    assert screen.confirm.isEnabled()
    assert not screen.change.isEnabled()  # of one at a time
    qtbot.mouseClick(screen.confirm, LEFT)
    assert [item.confirmed for item in real.items()] == [True, True]
    assert screen.model.twin == "solbench queue confirm 1 2"


def test_a_run_that_waits_is_changed_and_keeps_its_place(
    real: RunQueue, show: Show, qtbot: QtBot, tmp_path: Path
) -> None:
    screen = show(QueueScreen)
    select(screen, 0)
    qtbot.mouseClick(screen.change, LEFT)
    editor = screen.editor
    assert (editor.cell_id.text(), editor.output.text()) == ("cell-a", "a.h5")
    editor.cell_id.setText("it's 7")
    editor.output.setText("other")
    editor.settings.setText("steps.sodiation.current=-0.05 mA/cm2; conditions.operator=KL")
    qtbot.keyClick(editor.settings, Qt.Key.Key_Return)
    changed = real.items()[0]
    protocol = load_protocol(changed.protocol)
    assert (changed.id, changed.cell_id, changed.output) == (1, "it's 7", str(tmp_path / "other.h5"))
    assert (protocol.conditions.cell_id, protocol.conditions.operator) == ("it's 7", "KL")
    assert changed.duration_s > 2 * 64800.0  # a smaller current takes longer
    assert editor.isHidden()
    qtbot.mouseClick(screen.change, LEFT)
    editor.settings.setText("steps.sodiation.current=5 V")
    qtbot.mouseClick(editor.apply, LEFT)
    assert "5 V" in screen.note.text()
    assert editor.isVisible()  # what was typed stays at hand
    assert load_protocol(real.items()[0].protocol) == protocol
    cancel = next(each for each in editor.findChildren(QPushButton) if each.text() == "Cancel")
    qtbot.mouseClick(cancel, LEFT)
    assert editor.isHidden()


def test_a_run_is_added_for_a_list_of_cells(real: RunQueue, show: Show, qtbot: QtBot) -> None:
    screen = show(QueueScreen)
    screen.context.settings.set("names_of_run_files", "{cell}_{step}")
    select(screen, 1)
    qtbot.mouseClick(screen.batch, LEFT)
    screen.editor.cells.setPlainText("N1\tA. Smith\nN2\n\nN1\n 0012 ")
    qtbot.mouseClick(screen.editor.add, LEFT)
    added = real.items()[2:]
    assert [item.cell_id for item in added] == ["N1", "N2", "0012"]
    assert [Path(item.output).stem.partition("_")[0] for item in added] == ["N1", "N2", "0012"]
    assert not any(item.confirmed for item in added)


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
    jobs.finish({"run": "/data/a.h5"})
    assert followed == ["/data/a.h5"]


def test_a_cell_whose_turn_is_later_cannot_be_the_mounted_one(
    screen: QueueScreen, qtbot: QtBot, queue: RunQueue
) -> None:
    screen.table.setCurrentCell(1, 0)
    qtbot.mouseClick(screen.confirm, LEFT)
    assert "run 1 is ahead of it with another cell" in screen.note.text()
    assert not any(item.confirmed for item in queue.items())
    qtbot.mouseClick(screen.up, LEFT)
    qtbot.mouseClick(screen.confirm, LEFT)
    assert [item.confirmed for item in queue.items()] == [True, False]


def test_start_next_and_what_is_said_when_it_is_refused(
    screen: QueueScreen, qtbot: QtBot, jobs: FakeJobs, queue: RunQueue
) -> None:
    queue.change(1, confirmed=True)
    screen.model.tick()
    qtbot.mouseClick(screen.next, LEFT)
    assert not screen.next.isEnabled()
    jobs.finish(None, 1, "the 1287 does not answer.")
    assert "does not answer" in screen.note.text()


def test_a_refused_start_ends_going_on_by_itself(
    screen: QueueScreen, jobs: FakeJobs, queue: RunQueue
) -> None:
    queue.change(1, confirmed=True)
    screen.model.let_go_on(True)
    screen.model.tick()
    jobs.finish(None, 1, "no")
    screen.model.tick()
    assert len(jobs.given) == 1
    assert not screen.by_itself.isChecked()


def test_hold_move_copy_and_remove(screen: QueueScreen, qtbot: QtBot, queue: RunQueue) -> None:
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
    assert [item.id for item in queue.items()] == [2, 3]


def test_what_the_command_line_adds_appears_by_itself(
    screen: QueueScreen, qtbot: QtBot, queue: RunQueue
) -> None:
    queue.remove(1)
    qtbot.waitUntil(lambda: screen.table.rowCount() == 1, timeout=60_000)


def test_a_damaged_queue_is_told_of(screen: QueueScreen, queue: RunQueue) -> None:
    queue.path.write_text("[]", encoding="utf-8")
    screen.model.tick()
    assert "cannot be read" in screen.note.text()
    assert screen.table.rowCount() == 0


def test_the_running_row_says_where_the_run_is_and_when_it_ends(
    screen: QueueScreen, qtbot: QtBot, queue: RunQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = queue.get(1)
    begun = datetime.now(UTC) - timedelta(minutes=10)
    queue.change(1, state="started", confirmed=True, started=begun.isoformat(timespec="seconds"))
    pid, started = this_process()
    entry = Entry("id", item.output, pid, started, 1, "t", item.bench_name, "k", "p", "c", "2026", "0")
    for module in (queue_model, run_queue):
        monkeypatch.setattr(module, "entries", lambda: [entry], raising=False)
    status = Status(
        run="id",
        path=item.output,
        state=State.RUNNING,
        simulated=True,
        seq=1,
        flushed_seq=1,
        samples=1,
        time_s=item.duration_s / 4,
        step="sodiation",
    )
    monkeypatch.setattr(queue_model, "status_of", lambda _entry: status)
    assert screen.model.rows[0].running is False
    screen.model.tick()
    assert column(screen, 3)[0] == "running"

    def told() -> bool:
        screen.context.jobs.deliver()
        screen.model.tick()
        return column(screen, 3)[0] == "running: sodiation, about 25 %"

    qtbot.waitUntil(told, timeout=60_000)
    ends = [(begun + timedelta(minutes=40 + late)).astimezone() for late in range(3)]  # it is worked out now
    assert column(screen, 6)[0] in {
        end.strftime(form) for end in ends for form in ("%H:%M", "%a %d %b %H:%M")
    }
    status.state = State.PAUSED
    qtbot.waitUntil(lambda: not told() and column(screen, 3)[0].startswith("paused"), timeout=60_000)


def test_no_journal_is_read_in_the_thread_of_the_window(
    queue: RunQueue, show: Show, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = finished.with_suffix(".journal").read_bytes().splitlines(keepends=True)
    Path(queue.get(1).output).with_suffix(".journal").write_bytes(b"".join(lines[: len(lines) // 2]))
    queue.change(1, state="started", started=datetime.now(UTC).isoformat())
    readers, look = [], reader.damage_beside
    monkeypatch.setattr(
        reader, "damage_beside", lambda run: readers.append(threading.current_thread()) or look(run)
    )
    screen = show(QueueScreen)
    assert column(screen, 3)[0] == "reading…"
    until_idle(screen.context.jobs)
    assert column(screen, 3)[0] == "broke off: solbench resume continues it"
    assert threading.main_thread() not in readers
    screen.model.tick()
    assert column(screen, 3)[0].startswith("broke off")


def test_each_click_shows_its_command(screen: QueueScreen, qtbot: QtBot) -> None:
    clicks = {
        screen.confirm: "solbench queue confirm 1",
        screen.hold: "solbench queue hold 1",
        screen.down: "solbench queue down 1",
        screen.up: "solbench queue up 1",
        screen.copy: f"solbench queue copy 1 -o {screen.model.rows[0].output[:-3]}-2.h5",
        screen.remove: "solbench queue remove 1",
        screen.next: "solbench queue next",
        screen.by_itself: "solbench queue run",
    }
    screen.table.setCurrentCell(0, 0)
    for widget, command in clicks.items():
        if widget is screen.down:
            qtbot.mouseClick(screen.hold, LEFT)
        if widget is screen.next:
            screen.table.setCurrentCell(0, 0)
            qtbot.mouseClick(screen.confirm, LEFT)
        qtbot.mouseClick(widget, LEFT)
        assert screen.twin.text() == command
    copy = next(each for each in screen.findChildren(QPushButton) if "command line" in each.toolTip())
    qtbot.mouseClick(copy, LEFT)
    assert QGuiApplication.clipboard().text() == "solbench queue run"
