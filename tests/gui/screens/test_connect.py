from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from solbench.acquisition.bench.bench_file import default_bench_path, parse_bench
from solbench.gui.models.context import Context
from solbench.gui.screens.cabling import CablingBox
from solbench.gui.screens.connect import ConnectScreen
from tests.gui.models.fakes import FakeJobs
from tests.gui.models.setup.test_bench import ANSWER

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


def test_the_simulator_is_marked_for_the_whole_window(show: Show, context: Context) -> None:
    show(ConnectScreen)
    assert context.bench_simulated.value


def test_test_asks_the_bench_and_shows_who_answers(show: Show, qtbot: QtBot, jobs: FakeJobs) -> None:
    screen = show(ConnectScreen)
    qtbot.mouseClick(screen.test, LEFT)
    assert jobs.given == [["instruments", "--json"]]
    assert not screen.test.isEnabled()
    jobs.finish(ANSWER)
    assert screen.test.isEnabled()
    assert screen.rows.item(0, 0).text() == "\u2713 answers"
    assert "nobody. Plug it in." in screen.rows.item(1, 3).text()
    assert "> solbench instruments --json" in screen.dialogue.toPlainText()


def test_find_looks_at_the_adapter_that_is_named(show: Show, qtbot: QtBot, jobs: FakeJobs) -> None:
    screen = show(ConnectScreen)
    qtbot.keyClicks(screen.adapter, "socket://10.0.0.7:1234")
    qtbot.mouseClick(screen.search, LEFT)
    assert jobs.given == [["instruments", "--find", "--at", "socket://10.0.0.7:1234", "--json"]]


def found(kind: str, address: str, **more: str) -> dict[str, str]:
    return {
        "kind": kind,
        "address": address,
        "identity": kind,
        "problem": "",
        "cure": "",
        "adapter": "COM3",
        **more,
    }


def test_a_bench_is_made_of_what_was_found_and_chosen_in_four_clicks(
    show: Show, qtbot: QtBot, jobs: FakeJobs, context: Context
) -> None:
    screen = show(ConnectScreen)
    assert not screen.make.isEnabled()
    qtbot.mouseClick(screen.search, LEFT)
    jobs.finish({"found": [found("1260", "4"), found("1287", "6", write_termination="\n")]})
    assert "a 1287 at address 6 and a 1260 at 4" in screen.note.text()
    assert not screen.make.isEnabled()  # nobody has said which end is positive
    end = screen.cabling.sketch.rect().center()
    scale, left, top = screen.cabling.sketch._placed()
    end.setX(round(left + scale * 270))  # the left end of the cell
    end.setY(round(top + scale * 225))
    qtbot.mouseClick(screen.cabling.sketch, LEFT, pos=end)
    assert screen.cabling.terminals["ce_re1"].isChecked()
    qtbot.mouseClick(screen.cabling.mains["60 Hz"], LEFT)
    qtbot.mouseClick(screen.make, LEFT)
    bench = parse_bench(default_bench_path().read_text(), "bench.yaml")
    assert (bench.positive_terminal, str(bench.mains), bench.adapter) == ("ce_re1", "60 Hz", "COM3")
    assert screen.choice.currentText() == "My bench (bench.yaml)"
    assert not context.bench_simulated.value
    assert "made and chosen" in screen.note.text()


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], "Nothing was found"),
        ([found("1260", "4")], "no 1260 and 1287 on one bus"),
        ([found("1260", "4"), found("1287", "6", adapter="COM4")], "no 1260 and 1287 on one bus"),
        ([found("port", "COM3", problem="silent")], "Neither a 1260 nor a 1287"),
    ],
)
def test_what_was_found_is_said_in_words(
    show: Show, qtbot: QtBot, jobs: FakeJobs, listed: list[dict[str, str]], words: str
) -> None:
    screen = show(ConnectScreen)
    qtbot.mouseClick(screen.search, LEFT)
    jobs.finish({"found": listed}, code=1)
    assert words in screen.note.text()
    assert not screen.make.isEnabled()


def test_a_bench_file_without_its_positive_terminal_is_completed_by_a_click(
    show: Show, qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    screen = show(ConnectScreen)
    path = tmp_path / "bench.yaml"
    path.write_text("name: b  # mine\nkind: visa\n", encoding="utf-8")
    context.bench.set(str(path))
    assert "positive terminal" in screen.note.text()
    qtbot.mouseClick(screen.cabling.terminals["we_re2"], LEFT)
    screen.cabling.turned.click()
    assert screen.model.bench is not None
    assert screen.model.bench.positive_terminal == "we_re2"
    assert screen.model.bench.pair == {"output_polarity": -1}
    assert "# mine" in path.read_text()
    assert screen.note.text() == ""


def test_another_specimen_is_a_bench_of_its_own(show: Show, qtbot: QtBot, context: Context) -> None:
    screen = show(ConnectScreen)
    assert not screen.commission.isEnabled()
    qtbot.mouseClick(screen.specimen, LEFT)
    assert context.bench_simulated.value
    assert screen.model.bench is not None
    assert set(screen.model.bench.simulation) == {"unit"}
    assert screen.commission.isEnabled()
    assert not screen.specimen.isVisible()


def test_a_bench_file_is_chosen_and_a_real_one_takes_the_mark_away(
    show: Show, context: Context, tmp_path: Path
) -> None:
    screen = show(ConnectScreen)
    path = tmp_path / "bench.yaml"
    path.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    context.bench.set(str(path))
    assert not context.bench_simulated.value
    assert screen.choice.currentText() == "bench.yaml"
    screen.choice.setCurrentIndex(0)
    screen.choice.activated.emit(0)
    assert context.bench.value == "simulated"
    assert context.bench_simulated.value


def test_a_bench_file_that_is_wrong_is_told_of(show: Show, context: Context, tmp_path: Path) -> None:
    screen = show(ConnectScreen)
    (tmp_path / "b.yaml").write_text("kind: visa\n", encoding="utf-8")
    context.bench.set(str(tmp_path / "b.yaml"))
    assert screen.note.isVisible()
    assert "name" in screen.note.text()


def test_another_cabling_is_drawn_said_and_remembered(show: Show, qtbot: QtBot, context: Context) -> None:
    screen = show(ConnectScreen)
    box = screen.findChild(CablingBox)
    assert "GENERATOR (1260) to POL INPUT (1287)" in box.sketch.toolTip()
    before = box.sketch.grab().toImage()
    for choice in (box.instruments, box.contacts):
        choice.setFocus()
        qtbot.keyClick(choice, Qt.Key.Key_End)
    assert box.sketch.accessibleDescription().startswith(
        "At the cell, from one side to the other, from the 1260: GEN; V1 HI; V1 LO; I."
    )
    assert box.sketch.grab().toImage() != before
    again = CablingBox(context)
    qtbot.addWidget(again)
    assert again.sketch.wiring == box.sketch.wiring


def test_the_simulator_stands_in_the_list_until_there_is_a_bench_of_ones_own(
    show: Show, context: Context
) -> None:
    screen = show(ConnectScreen)
    assert context.bench.value is None
    assert screen.choice.currentText().startswith("Simulator")
    own = default_bench_path()
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    screen.model.choose(None)
    assert screen.choice.currentText() == "My bench (bench.yaml)"
