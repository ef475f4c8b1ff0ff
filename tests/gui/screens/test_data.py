import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QPixmap
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from solbench.acquisition.record.beside.tags import change_tags
from solbench.acquisition.record.reader import open_run
from solbench.gui.models.context import Context
from solbench.gui.models.runs.browser import matches
from solbench.gui.models.runs.columns import NAMES, sorted_by
from solbench.gui.models.runs.overview import Overview
from solbench.gui.plots.overlay import WAITS
from solbench.gui.plots.saving import curves_in
from solbench.gui.screens.data import DataScreen
from solbench.gui.screens.parts import Table
from solbench.gui.screens.report import ReportScreen
from solbench.gui.screens.runs.printing import PrintedReport
from solbench.gui.screens.runs.table import ORDER
from tests.gui.models.fakes import FakeJobs, LateJobs, until_idle

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path, finished: Path) -> Path:
    for name in ("a", "b"):
        shutil.copy(finished, tmp_path / f"{name}.h5")
    return tmp_path


def work(jobs: FakeJobs) -> None:
    until_idle(jobs)


def shown(screen: DataScreen, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[Any]:
    lines = screen.table.model()
    return [lines.index(row, column).data(role) for row in range(lines.rowCount())]


def names(screen: DataScreen) -> list[str]:
    return shown(screen, 8)


@pytest.fixture
def data(show: Show, folder: Path, jobs: FakeJobs) -> DataScreen:
    made = show(DataScreen)
    work(jobs)
    assert isinstance(made, DataScreen)
    return made


def drop(screen: Any, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    screen.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_chosen_runs_lie_over_each_other_with_their_names(data: DataScreen, jobs: FakeJobs) -> None:
    assert sorted(names(data)) == ["a.h5", "b.h5"]
    assert not data.open.isEnabled()
    data.table.selectRow(0)
    work(jobs)
    assert data.open.isEnabled()
    data.table.selectAll()
    work(jobs)
    assert not data.open.isEnabled()
    assert data.fit.isEnabled()
    assert len(data.table.selectionModel().selectedRows()) == 2
    plot = data.plots["voltage"]
    assert len(plot.getPlotItem().listDataItems()) == 2
    assert sorted(key.name for key in plot.legend_entries()) == ["a", "b"]
    data.tabs.setCurrentIndex(3)
    nyquist = data.plots["nyquist"]
    assert len(nyquist.getPlotItem().listDataItems()) == 4
    assert len(nyquist.legend_entries()) == 4
    assert {curve.name for curve in curves_in(nyquist)} == {"a 0 %", "a 100 %", "b 0 %", "b 100 %"}
    first, second = data.plots["nyquist"].viewRange()
    box = data.plots["nyquist"].getPlotItem().vb
    assert box.width() / (first[1] - first[0]) == pytest.approx(
        box.height() / (second[1] - second[0]), rel=1e-6
    )


def test_selection_outlives_a_new_look_at_the_folder(data: DataScreen, jobs: FakeJobs, folder: Path) -> None:
    data.table.selectAll()
    work(jobs)
    shutil.copy(folder / "a.h5", folder / "c.h5")
    data.model.look()
    work(jobs)
    assert sorted(names(data)) == ["a.h5", "b.h5", "c.h5"]
    assert sorted(path.name for path in data.model.chosen) == ["a.h5", "b.h5"]
    assert len(data.table.selectionModel().selectedRows()) == 2


def test_selection_is_right_although_a_key_is_held_while_the_list_comes_anew(
    data: DataScreen, jobs: FakeJobs, qtbot: QtBot, folder: Path
) -> None:
    data.table.selectAll()
    work(jobs)
    shutil.copy(folder / "a.h5", folder / "c.h5")
    qtbot.keyPress(data.table, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    data.model.look()
    work(jobs)
    qtbot.keyRelease(data.table, Qt.Key.Key_Control)
    assert {names(data)[index.row()] for index in data.table.selectionModel().selectedRows()} == {
        "a.h5",
        "b.h5",
    }


def test_words_narrow_the_list_and_another_folder_empties_it(
    data: DataScreen, jobs: FakeJobs, qtbot: QtBot, folder: Path
) -> None:
    qtbot.keyClicks(data.words, "b.h5 tiny")
    assert names(data) == ["b.h5"]
    data.words.clear()
    (folder / "other").mkdir()
    data.folder.setText(str(folder / "other"))
    data.folder.editingFinished.emit()
    work(jobs)
    assert names(data) == []
    assert "no runs" in data.note.text()


def test_dropped_run_joins_the_chosen_ones(
    data: DataScreen, jobs: FakeJobs, finished: Path, folder: Path
) -> None:
    data.table.selectRow(0)
    drop(data, finished, folder / "letter.txt")
    work(jobs)
    assert data.model.chosen[-1] == finished
    assert len(data.model.shown) == 2


def test_buttons_hand_the_chosen_runs_over(
    data: DataScreen, jobs: FakeJobs, qtbot: QtBot, context: Context
) -> None:
    shown: list[str] = []
    context.show.subscribe(shown.append)
    data.table.selectRow(1)
    work(jobs)
    chosen = data.model.chosen
    for each in (data.open, data.fit, data.report):
        qtbot.mouseClick(each, LEFT)
    assert shown == [str(chosen[0]), "fit", "report"]
    assert context.chosen.value == chosen


def test_report_screen_makes_report_and_export_of_the_chosen_runs(
    show: Show, jobs: FakeJobs, qtbot: QtBot, context: Context, finished: Path, tmp_path: Path
) -> None:
    context.chosen.set((finished,))
    screen = show(ReportScreen)
    assert screen.runs.item(0).text() == finished.name
    screen.name.setText("mine.html")
    screen.name.editingFinished.emit()
    screen.pdf.setChecked(False)
    screen.figures.setChecked(False)
    qtbot.mouseClick(screen.make, LEFT)
    assert jobs.given == [["report", str(finished), "-o", str(tmp_path / "mine.html"), "--json"]]
    assert not screen.make.isEnabled()
    jobs.finish({"files": [str(tmp_path / "mine.html")], "withheld": []})
    assert screen.files.item(0).text() == "mine.html"
    screen.kind.setCurrentIndex(screen.kind.findData("z"))
    folder = tmp_path / f"{finished.stem}-z"
    assert screen.export_twin.text() == f"solbench export {finished} --format z -o {folder}"
    copies = [each for each in screen.findChildren(QPushButton) if each.text() == "Copy"]
    texts = []
    for copy in copies:
        qtbot.mouseClick(copy, LEFT)
        texts.append(QGuiApplication.clipboard().text())
    assert texts == [screen.twin.text(), screen.export_twin.text()]
    qtbot.mouseClick(screen.export, LEFT)
    assert jobs.given[1][:4] == ["export", str(finished), "--format", "z"]
    jobs.finish(None, 2, "this run has no spectrum")
    assert screen.note.text() == "this run has no spectrum"
    screen.runs.setCurrentRow(0)
    screen._remove()
    assert not screen.make.isEnabled()


@pytest.mark.parametrize("at_hand", [True, False])
def test_a_report_is_printed_as_a_whole_as_it_was_made_or_made_for_it(
    show: Show,
    context: Context,
    jobs: FakeJobs,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    finished: Path,
    at_hand: bool,
) -> None:
    seen: list[PrintedReport] = []
    monkeypatch.setattr(
        "solbench.gui.screens.report.preview", lambda _parent, report, _failed: seen.append(report)
    )
    screen = show(ReportScreen)
    assert not screen.print_button.isEnabled()
    context.chosen.set((finished,))
    picture = QPixmap(40, 30)
    picture.fill(Qt.GlobalColor.red)
    page = "<title>mine</title><p>all of it</p>"
    if at_hand:
        (tmp_path / "a.html").write_text(page)
        picture.save(str(tmp_path / "voltage.png"))
        screen.model.files = (tmp_path / "a.html", tmp_path / "voltage.png")
    qtbot.mouseClick(screen.print_button, LEFT)
    assert bool(jobs.given) != at_hand
    if not at_hand:
        (given,) = jobs.given
        made = Path(given[given.index("-o") + 1])
        made.write_text(page)
        picture.save(str(made.with_name("voltage.png")))
        jobs.finish({"files": [str(made), str(made.with_name("voltage.png"))], "withheld": []})
        assert not made.parent.exists()
    (report,) = seen
    assert (report.title, set(report._pictures)) == ("mine", {"voltage"})


def test_a_run_that_is_still_read_is_waited_for_whatever_became_of_the_others(
    show: Show, context: Context, folder: Path
) -> None:
    (folder / "a.h5").write_bytes(b"letter")
    context.jobs = jobs = LateJobs()
    data = show(DataScreen)
    jobs.answer(0)
    data.model.choose([folder / "a.h5", folder / "b.h5"])
    words = data.plots["voltage"].empty.words

    def waits() -> bool:
        return bool(data.model.waits) and words.text == WAITS

    reads = len(jobs._answers) - 2
    assert waits()
    jobs.answer(reads)
    assert waits()
    jobs.answer(reads)
    assert not waits()


def test_table_of_hundreds_of_runs_is_filled_at_once(qtbot: QtBot) -> None:
    table = Table(("a", "b", "c", "d"), "Runs")
    qtbot.addWidget(table)
    table.show()
    rows = [((f"state {n}", "2026-11-22", "half-cell", "file"), "good") for n in range(500)]
    for _ in range(2):  # filling a table that holds as many rows already took the longest
        began_s = time.process_time()
        table.fill(rows)  # type: ignore[arg-type]
        assert time.process_time() - began_s < 3.0
    assert table.item(499, 0).text() == "state 499"  # type: ignore[union-attr]
    assert table.columnWidth(0) >= table.fontMetrics().horizontalAdvance("state 499")


def test_runs_are_compared_by_their_ticks_and_listed_by_their_cell(
    data: DataScreen, jobs: FakeJobs, qtbot: QtBot
) -> None:
    def tick(row: int) -> None:
        box = data.table.visualRect(data.table.model().index(row, 0))
        qtbot.mouseClick(data.table.viewport(), LEFT, pos=QPoint(box.left() + 8, box.center().y()))
        work(jobs)

    def ticked() -> set[str]:
        states = shown(data, 0, Qt.ItemDataRole.CheckStateRole)
        return {
            name for name, state in zip(names(data), states, strict=True) if state == Qt.CheckState.Checked
        }

    first, second = names(data)[:2]
    for row, expected in ((0, {first}), (1, {first, second}), (0, {second}), (1, set[str]())):
        tick(row)
        assert {path.name for path in data.model.chosen} == expected == ticked()
    data.table.selectRow(0)
    work(jobs)
    assert ticked() == {first}
    cells = [data.cells.itemText(place) for place in range(data.cells.count())]
    assert cells[0] == "all cells"
    assert cells[1].endswith(f" ({len(names(data))})")
    data.cells.setCurrentIndex(1)
    data.cells.activated.emit(1)
    assert len(names(data)) == data.table.model().rowCount() > 0


def test_figures_of_experiments_are_drawn_by_a_command_once_all_runs_are_read(
    data: DataScreen, jobs: FakeJobs, folder: Path
) -> None:
    data.tabs.setCurrentWidget(data.pictures)
    data.table.selectRow(0)
    work(jobs)
    (asked,) = [given for given in jobs.given if given[0] == "report"]
    where = Path(asked[asked.index("--figures") + 1])
    assert asked[-3:] == ["--only", "experiments,drt", "--json"]
    assert data.twin.text().startswith("solbench report ")
    picture = QPixmap(40, 30)
    picture.fill(Qt.GlobalColor.red)
    picture.save(str(where / "arrhenius.png"))
    while jobs.given and not data.pictures.shown:
        jobs.finish({"files": [str(where / "figures.html"), str(where / "arrhenius.png")], "withheld": []})
    assert [path.name for path in data.pictures.shown] == ["arrhenius.png"]
    data.close_down()
    assert not where.exists()


def test_runs_are_found_by_their_tags_and_what_takes_fits_comes_one_after_the_other(
    data: DataScreen, jobs: FakeJobs, folder: Path
) -> None:
    run = open_run(folder / "b.h5").header.run
    change_tags(folder / "b.h5", run, ("Zu wiederholen",))
    data.model.look()
    work(jobs)
    assert [data.tags.itemText(place) for place in range(data.tags.count())] == ["all tags", "Zu wiederholen"]
    data.tags.setCurrentIndex(1)
    data.tags.activated.emit(1)
    assert names(data) == ["b.h5"]
    data.tags.setCurrentIndex(0)
    data.tags.activated.emit(0)
    data.words.setText("WIEDERHOLEN")
    assert names(data) == ["b.h5"]
    data.words.clear()

    asked = len(jobs.given)
    data.table.show_columns([*data.table.columns, "r_sse"])
    column = NAMES.index("r_sse")
    for count in (1, 2):
        assert len(jobs.given) == asked + 1 == asked + len({tuple(given) for given in jobs.given[asked:]})
        jobs.finish({"spectra": [{"r_sse_ohm": 34.5678}]})
        work(jobs)
        assert sorted(shown(data, column)) == sorted(["34.57"] * count + [""] * (2 - count))
        asked += 1
    assert len(jobs.given) == asked

    os.utime(folder / "b.h5", (1.0, 1.0))
    again = next(each for each in data.findChildren(QPushButton) if each.text() == "Look again")
    for result, said, text in ((None, "it took too long", "?"), ({"spectra": [{"r_sse_ohm": 7.0}]}, "", "7")):
        again.click()
        work(jobs)
        jobs.finish(result, 0 if result else -1, said)
        assert text in shown(data, column)
        assert (said or "Choose a run") in data.note.text()

    data.table.selectAll()
    work(jobs)
    data.tag.click()
    assert data.tagging is not None
    assert data.tagging.model.runs == {folder / "a.h5": (), folder / "b.h5": ("Zu wiederholen",)}
    data.tagging.reject()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2))])
def test_the_selection_follows_the_run_and_not_the_row(
    data: DataScreen, jobs: FakeJobs, folder: Path, finished: Path, seed: int
) -> None:
    draw = random.Random(seed)
    for number in range(3):
        shutil.copy(finished, folder / f"{draw.choice('abc')}{'x' * draw.choice([1, 200])}{number}.h5")
    data.model.look()
    work(jobs)
    data.table.selectRow(draw.randrange(5))
    work(jobs)
    (chosen,) = data.model.chosen
    for _ in range(6):
        data.table.horizontalHeader().sectionClicked.emit(draw.randrange(len(NAMES)))
        rows = [index.row() for index in data.table.selectionModel().selectedRows()]
        assert [data.listed[row].path for row in rows] == [chosen] == list(data.model.chosen)
        assert [names(data)[row] for row in rows] == [chosen.name]
    (folder / "other").mkdir()
    data.show_folder(folder / "other")
    work(jobs)
    assert data.model.chosen == ()
    assert not data.plots["voltage"].getPlotItem().listDataItems()


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_what_is_done_is_done_to_the_run_of_its_line_though_all_lines_read_the_same(
    show: Show, jobs: FakeJobs, context: Context, tmp_path: Path, qtbot: QtBot, seed: int
) -> None:
    draw, data = random.Random(seed), show(DataScreen)
    work(jobs)
    opened: list[str] = []
    context.show.subscribe(opened.append)
    data.model.rows = [
        Overview(tmp_path / f"r{n}.h5", "cannot_be_read", unix_s=float(n), tags=("odd",) * (n % 2))
        for n in range(6)
    ]
    data.table.show_columns(["state", "cell"])
    ways: list[Callable[[], object]] = [
        lambda: data.words.setText(draw.choice(["", "r2", "r3", "odd", "r"])),
        lambda: data.tags.setCurrentIndex(draw.randrange(data.tags.count())),
        lambda: context.settings.set(ORDER, draw.choice(["", "started", "-started", "file", "-file"])),
        lambda: draw.shuffle(data.model.rows),
    ]
    for _ in range(12):
        data.model.choose(())
        draw.choice(ways)()
        data._fill()
        tag, order = data.tags.currentData(), data.table.order
        expected = [row for row in data.model.rows if matches(row, data.words.text(), tag or "")]
        if order is not None:
            name, down = order
            expected = sorted_by(expected, name, data.model.fitted, down=down)
        assert data.table.model().rowCount() == len(expected)
        if not expected:
            continue
        place = draw.randrange(len(expected))
        path = expected[place].path
        if draw.random() < 0.5:
            data.table.ticked.emit(place)
        else:
            data.table.selectRow(place)
        assert data.model.chosen == (path,)
        assert shown(data, 0, Qt.ItemDataRole.CheckStateRole)[place] == Qt.CheckState.Checked
        qtbot.mouseClick(data.open, LEFT)
        assert opened.pop() == str(path)
        for each, model in ((data.tag, "tagging"), (data.correct, "correcting")):
            qtbot.mouseClick(each, LEFT)
            dialog = getattr(data, model)
            assert path in (dialog.model.runs if model == "tagging" else (dialog.model.run,))
            dialog.reject()
        qtbot.mouseClick(data.fit, LEFT)
        assert (opened.pop(), context.chosen.value) == ("fit", (path,))
    work(jobs)
