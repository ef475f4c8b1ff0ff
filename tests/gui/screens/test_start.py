from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from solbench.gui.models.context import Context
from solbench.gui.screens import start
from solbench.gui.screens.start import FROM_FILE, PRACTICE, StartScreen, cell_id_of
from tests.gui.models.fakes import FakeJobs
from tests.gui.models.setup.test_start import GOOD

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def screen(show: Show, context: Context) -> StartScreen:
    context.bench.set("simulated")
    context.bench_simulated.set(True)
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    made = show(StartScreen)
    assert isinstance(made, StartScreen)
    return made


def test_entering_checks_and_a_good_check_lets_start(
    screen: StartScreen, context: Context, jobs: FakeJobs, qtbot: QtBot, tmp_path: Path
) -> None:
    assert jobs.given[0][:2] == ["check", "half-cell"]
    assert not screen.start.isEnabled()
    jobs.finish(GOOD)
    assert screen.start.isEnabled()
    qtbot.mouseClick(screen.start, LEFT)
    assert jobs.given[1][:7] == ["run", "half-cell", "--cell", "nbh", "--bench", "simulated", "--speed"]
    assert jobs.given[1][-2:] == ["--detach", "--json"]
    assert jobs.folders[1] == tmp_path
    assert not screen.start.isEnabled()
    shown: list[str] = []
    context.show.subscribe(shown.append)
    jobs.finish({"id": "abc", "run": "r"})
    assert shown == ["live"]


def test_one_click_starts_one_run(screen: StartScreen, jobs: FakeJobs, qtbot: QtBot) -> None:
    jobs.finish(GOOD)
    qtbot.mouseDClick(screen.start, LEFT)
    qtbot.mouseClick(screen.start, LEFT)
    assert sum(given[0] == "run" for given in jobs.given) == 1


def test_a_refusal_is_shown_and_another_check_is_needed(
    screen: StartScreen, jobs: FakeJobs, qtbot: QtBot
) -> None:
    jobs.finish(GOOD)
    qtbot.mouseClick(screen.start, LEFT)
    jobs.finish(None, 2, "bench: it is taken by another run.")
    assert "taken by another run" in screen.note.text()
    assert not screen.start.isEnabled()


def test_a_failed_line_is_shown_with_its_word(screen: StartScreen, jobs: FakeJobs) -> None:
    jobs.finish(
        GOOD | {"start_check": [{"name": "open-circuit voltage", "passed": False, "text": "turned"}]}, 1
    )
    words = [screen.table.item(number, 0).text() for number in range(screen.table.rowCount())]
    assert words[0] == "\u2717 no"  # what forbids the start is seen first
    assert not screen.start.isEnabled()


def test_without_a_cell_nothing_is_asked(show: Show, jobs: FakeJobs) -> None:
    screen = show(StartScreen)
    assert jobs.given == []
    assert not screen.start.isEnabled()


def test_the_command_line_twin_is_copied(screen: StartScreen, qtbot: QtBot) -> None:
    screen.name.setText("my run")
    screen.name.editingFinished.emit()
    copy = next(each for each in screen.findChildren(type(screen.start)) if each.text() == "Copy")
    qtbot.mouseClick(copy, LEFT)
    assert QGuiApplication.clipboard().text().endswith("--speed 3600 -o 'my run.h5' --detach")


def test_a_template_names_the_run_file_and_is_remembered(
    screen: StartScreen, context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([("{record}_{step}", True), ("{nothing}", True), ("", True)])
    monkeypatch.setattr(start.QInputDialog, "getText", lambda *_args, **_more: next(answers))
    qtbot.mouseClick(screen.naming, LEFT)
    assert screen.model.output.name == "nbh_sodiation.h5"
    assert "nbh_sodiation.h5" in screen.twin.text()
    qtbot.mouseClick(screen.naming, LEFT)
    assert "there is no {nothing}" in screen.note.text()
    assert StartScreen(context).model.template == "{record}_{step}"
    qtbot.mouseClick(screen.naming, LEFT)  # empty: as at first
    assert screen.model.output.name.endswith("_nbh_half-cell.h5")


def test_put_in_the_queue_gives_it_to_the_queue(screen: StartScreen, jobs: FakeJobs, qtbot: QtBot) -> None:
    jobs.finish(GOOD)
    qtbot.mouseClick(screen.queue, LEFT)
    assert jobs.given[1][:4] == ["queue", "add", "half-cell", "--cell"]


def test_the_cell_id_is_read_out_of_the_settings() -> None:
    assert cell_id_of(("conditions.temperature=25 degC", "conditions.cell_id='O''Neil 7'")) == "O'Neil 7"
    assert cell_id_of(()) == ""


def test_a_dummy_cell_is_offered_on_a_real_bench_alone(
    show: Show, context: Context, jobs: FakeJobs, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = tmp_path / "bench.yaml"
    bench.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    context.bench.set(str(bench))
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    context.changes.set(("conditions.cell_id='A'",))
    screen = show(StartScreen)
    assert screen.dummy.isVisible()
    assert not screen.speed.isVisible()
    assert jobs.given == []
    screen.dummy.click()
    assert "--dummy-cell" in screen.twin.text()
    screen.model.check()
    assert jobs.given[0][0] == "check"


def test_the_speed_is_there_before_the_screen_connect_was_ever_looked_at(
    show: Show, context: Context
) -> None:
    """The window opens on the screen that was in front: the user's own bench is looked at all the same."""
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    screen = show(StartScreen)
    assert context.bench_simulated.value
    assert screen.speed.isVisible()
    assert "--speed 3600" in screen.twin.text()


def test_a_served_bench_has_a_speed_of_its_own(show: Show, context: Context, tmp_path: Path) -> None:
    bench = tmp_path / "served.yaml"
    bench.write_text(
        "name: s\nkind: prologix\npositive_terminal: we_re2\nadapter: socket://127.0.0.1:9\nsimulated: true\n",
        encoding="utf-8",
    )
    context.bench.set(str(bench))
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    screen = show(StartScreen)
    assert context.bench_simulated.value
    assert not screen.speed.isVisible()
    assert "--speed" not in screen.twin.text()


def test_practice_is_a_choice_of_the_simulated_bench(
    screen: StartScreen, context: Context, jobs: FakeJobs, qtbot: QtBot
) -> None:
    jobs.finish(GOOD)
    choose(screen, PRACTICE)
    assert "--scenario random" in screen.twin.text()
    assert not screen.start.isEnabled()  # until that is checked
    assert not screen.queue.isEnabled()
    screen.model.check()
    jobs.finish(GOOD)
    qtbot.mouseClick(screen.start, LEFT)
    given = jobs.given[-1]
    assert given[given.index("--scenario") + 1] == "random"


def test_a_scenario_is_chosen_as_a_file_or_not_at_all(
    screen: StartScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, shown in (("/here/s.yaml", FROM_FILE), ("", "as the record says")):
        monkeypatch.setattr(start.QFileDialog, "getOpenFileName", lambda *_, name=name: (name, ""))
        choose(screen, FROM_FILE)
        assert screen.truth.currentText() == shown
        assert ("--scenario /here/s.yaml" in screen.twin.text()) is bool(name)


def test_a_bench_with_a_truth_of_its_own_has_no_such_choice(screen: StartScreen, context: Context) -> None:
    choose(screen, PRACTICE)
    context.bench.set("missing.yaml")
    assert screen.truth.isHidden()
    assert "--scenario" not in screen.twin.text()


def choose(screen: StartScreen, text: str) -> None:
    screen.truth.setCurrentText(text)
    screen.truth.activated.emit(screen.truth.currentIndex())
