"""Buttons that ask for a file or a folder, and the small ones beside fields: what each one does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from solbench.gui.models.context import Context
from solbench.gui.models.protocol.wording import KIND_WORDS
from solbench.gui.screens.cell import CellScreen
from solbench.gui.screens.connect import ConnectScreen
from solbench.gui.screens.data import DataScreen
from solbench.gui.screens.fit import FitScreen
from solbench.gui.screens.live import LiveScreen
from solbench.gui.screens.protocol import ProtocolScreen
from solbench.gui.screens.report import ReportScreen
from solbench.gui.screens.start import StartScreen
from solbench.protocols import dump_cell, load_cell
from tests.gui.models.fakes import FakeJobs, until_idle

Show = Callable[..., Any]
Choose = Callable[[str, object], None]
LEFT = Qt.MouseButton.LeftButton


def named(screen: Any, name: str) -> QAbstractButton:
    """The button of an accessible name or, of one that is named by its text, of what it does."""
    buttons = screen.findChildren(QAbstractButton)
    return next(each for each in buttons if name in (each.accessibleDescription(), each.accessibleName()))


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Let the dialog of the system give a name at once."""

    def take(dialog: str, answer: object) -> None:
        monkeypatch.setattr(QFileDialog, dialog, lambda *_: answer)

    return take


def test_open_bench_file(show: Show, qtbot: QtBot, context: Context, choose: Choose, tmp_path: Path) -> None:
    path = tmp_path / "bench.yaml"
    path.write_text("name: b\nkind: visa\npositive_terminal: ce_re1\n", encoding="utf-8")
    choose("getOpenFileName", (str(path), ""))
    qtbot.mouseClick(named(show(ConnectScreen), "Choose a bench file"), LEFT)
    assert context.bench.value == str(path)


def test_all_gpib_addresses_are_looked_at(show: Show, qtbot: QtBot, jobs: FakeJobs) -> None:
    screen = show(ConnectScreen)
    screen.everywhere.setChecked(False)
    qtbot.mouseClick(screen.everywhere, LEFT, pos=screen.everywhere.rect().center() / 4)
    assert screen.everywhere.isChecked()
    qtbot.mouseClick(screen.search, LEFT)
    assert len(jobs.given[0]) == len(["instruments", "--find", "--json"]) + 1


def test_open_record(show: Show, qtbot: QtBot, context: Context, choose: Choose, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(dump_cell(load_cell("nbh")), encoding="utf-8")
    choose("getOpenFileName", (str(path), ""))
    qtbot.mouseClick(named(show(CellScreen), "Choose a cell record file"), LEFT)
    assert context.cell.value == str(path)


@pytest.mark.parametrize("name", ["live", "reduced"])
def test_flags_of_a_build_go_into_the_record(show: Show, qtbot: QtBot, context: Context, name: str) -> None:
    context.cell.set("nps")
    screen = show(CellScreen)
    before = bool(screen.model.value(name))
    qtbot.keyClick(screen.geometry_form.entries[(name,)].check, Qt.Key.Key_Space)
    assert screen.model.value(name) is not before


def test_open_protocol(show: Show, qtbot: QtBot, choose: Choose, tmp_path: Path) -> None:
    screen = show(ProtocolScreen)
    screen.model.open("symmetric-cell")
    screen.save_to(tmp_path / "mine.yaml")
    screen.model.open("half-cell")
    choose("getOpenFileName", (str(tmp_path / "mine.yaml"), ""))
    qtbot.mouseClick(named(screen, "Choose a protocol file"), LEFT)
    assert screen.model.reference == str(tmp_path / "mine.yaml")


@pytest.mark.long
def test_add_step_adds_each_kind(show: Show) -> None:
    screen = show(ProtocolScreen)
    for words in KIND_WORDS.values():
        screen.model.choose((0,))
        before = len(screen.model.data["steps"])
        menu = screen.add.findChild(QMenu)
        next(action for action in menu.actions() if action.text() == words).trigger()
        assert len(screen.model.data["steps"]) == before + 1
        assert screen.tree.currentItem().text(1).startswith(f"{words}:")


def test_twice_is_kept_in_the_step(show: Show, qtbot: QtBot) -> None:
    screen = show(ProtocolScreen)
    screen.tree.setCurrentItem(screen.tree.topLevelItem(1))
    names = next(names for names in screen.form.entries if names[-1] == "twice")
    qtbot.keyClick(screen.form.entries[names].check, Qt.Key.Key_Space)
    assert screen.model.value(*names) is True


def test_folder_of_the_run_file_is_chosen(show: Show, qtbot: QtBot, choose: Choose, tmp_path: Path) -> None:
    screen = show(StartScreen)
    choose("getExistingDirectory", str(tmp_path / "other"))
    qtbot.mouseClick(named(screen, "Choose the folder of the run file"), LEFT)
    assert screen.model.folder == tmp_path / "other"


def test_check_again_asks_again(show: Show, qtbot: QtBot, context: Context, jobs: FakeJobs) -> None:
    context.cell.set("nbh")
    context.protocol.set("half-cell")
    screen = show(StartScreen)
    while jobs.given and not screen.check.isEnabled():
        jobs.finish(None, 2, "nothing answers")
    before = len(jobs.given)
    qtbot.mouseClick(screen.check, LEFT)
    assert [given[0] for given in jobs.given[before:]] == ["check"]


def test_folder_of_the_runs_is_chosen_and_looked_at_again(
    show: Show, qtbot: QtBot, jobs: FakeJobs, choose: Choose, finished: Path, tmp_path: Path
) -> None:
    screen = show(DataScreen)
    choose("getExistingDirectory", str(finished.parent))
    qtbot.mouseClick(named(screen, "Choose another folder"), LEFT)
    wait(jobs)
    assert screen.table.model().rowCount() == 1
    (finished.parent / "copy.h5").write_bytes(finished.read_bytes())
    qtbot.mouseClick(named(screen, "List the folder again"), LEFT)
    wait(jobs)
    assert screen.table.model().rowCount() == 2
    (finished.parent / "copy.h5").unlink()


def test_command_line_of_data_is_copied(show: Show, qtbot: QtBot) -> None:
    screen = show(DataScreen)
    qtbot.mouseClick(named(screen, "Copy the command line"), LEFT)
    assert QGuiApplication.clipboard().text() == screen.twin.text()


def test_spectra_are_opened_copied_and_all_frequencies_taken(
    show: Show, qtbot: QtBot, jobs: FakeJobs, choose: Choose, finished: Path
) -> None:
    screen = show(FitScreen)
    choose("getOpenFileNames", ([str(finished)], ""))
    qtbot.mouseClick(named(screen, "Run files, or spectra of ZView, BioLogic, Gamry, CSV"), LEFT)
    wait(jobs)
    assert screen.model.sources == (finished,)
    screen.from_Hz.setText("1 kHz")
    screen.from_Hz.editingFinished.emit()
    assert "--from" in screen.twin.text()
    qtbot.mouseClick(named(screen, "Fit all frequencies"), LEFT)
    assert "--from" not in screen.twin.text()
    qtbot.mouseClick(named(screen, "Copy the command line"), LEFT)
    assert QGuiApplication.clipboard().text() == screen.twin.text()
    qtbot.mouseClick(named(screen, "Copy the values of all spectra for a spreadsheet"), LEFT)
    assert QGuiApplication.clipboard().text().startswith("spectrum\t")


def test_runs_of_a_report_are_added_and_removed(
    show: Show, qtbot: QtBot, choose: Choose, finished: Path
) -> None:
    screen = show(ReportScreen)
    choose("getOpenFileNames", ([str(finished)], ""))
    qtbot.mouseClick(named(screen, "Runs to stand side by side in one report"), LEFT)
    assert screen.model.runs == (finished,)
    screen.runs.setCurrentRow(0)
    qtbot.mouseClick(named(screen, "Remove the chosen run from the report"), LEFT)
    assert screen.model.runs == ()


def test_wishes_of_a_report_are_in_its_command(
    show: Show, qtbot: QtBot, context: Context, choose: Choose, finished: Path, tmp_path: Path
) -> None:
    context.chosen.set((finished,))
    screen = show(ReportScreen)
    choose("getExistingDirectory", str(tmp_path / "there"))
    qtbot.mouseClick(named(screen, "Choose the folder of the report"), LEFT)
    assert str(tmp_path / "there") in screen.twin.text()
    for box, option in ((screen.pdf, "--pdf"), (screen.figures, "--figures")):
        assert option in screen.twin.text()
        qtbot.keyClick(box, Qt.Key.Key_Space)
        assert option not in screen.twin.text()
    for hint, twin in (
        ("Copy the command that makes the report", screen.twin),
        ("Copy the command that exports", screen.export_twin),
    ):
        qtbot.mouseClick(named(screen, hint), LEFT)
        assert QGuiApplication.clipboard().text() == twin.text() != ""


def test_file_of_a_report_is_opened(
    show: Show,
    qtbot: QtBot,
    context: Context,
    jobs: FakeJobs,
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    tmp_path: Path,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    context.settings.set("reports_folder", str(tmp_path))
    context.chosen.set((finished,))
    screen = show(ReportScreen)
    qtbot.mouseClick(screen.make, LEFT)
    page = Path(jobs.given[0][jobs.given[0].index("-o") + 1])
    page.touch()
    jobs.finish({"files": [str(page)], "withheld": []})
    qtbot.mouseClick(screen.open, LEFT)
    assert opened == [str(page)]


def test_boxes_of_the_nyquist_plot(show: Show, qtbot: QtBot) -> None:
    screen = show(LiveScreen)
    assert screen.nyquist.hide_inductive
    assert not screen.nyquist.show_all
    qtbot.keyClick(screen.hide_inductive, Qt.Key.Key_Space)
    qtbot.keyClick(screen.all_in_view, Qt.Key.Key_Space)
    assert not screen.nyquist.hide_inductive
    assert screen.nyquist.show_all


def test_buttons_of_the_trace(show: Show, qtbot: QtBot) -> None:
    screen = show(LiveScreen)
    for mode in ("all", "follow", "step", "hold"):
        screen.time_plot.set_mode("hold" if mode != "hold" else "all")
        qtbot.mouseClick(screen._modes[mode], LEFT)
        assert screen.time_plot.mode == mode
        assert [name for name, each in screen._modes.items() if each.isChecked()] == [mode]


def wait(jobs: FakeJobs) -> None:
    until_idle(jobs)
