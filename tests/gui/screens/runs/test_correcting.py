"""A run is corrected, and the life of its cell looked at, on the Data screen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog
from typer.testing import CliRunner

from solbench.acquisition.record.beside.tags import change_tags
from solbench.acquisition.record.reader import open_run
from solbench.cli.whole import app
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.context import Context
from solbench.gui.screens.data import DataScreen
from tests.acquisition.runs import RUNS_0_1
from tests.gui.models.fakes import FakeJobs, until_idle

Show = Callable[..., Any]


class InProcess(Jobs):
    """Carries commands out within this process: each program of its own would take a second to begin."""

    def command(self, arguments, done, folder=None, timeout_s=None, environment=None) -> None:
        def work() -> Finished:
            result = CliRunner().invoke(app, list(arguments))
            lines = result.stdout.strip().splitlines()
            return Finished(result.exit_code, json.loads(lines[-1]) if lines else None, result.stderr.strip())

        finished = work()  # one at a time: they share the output of this process
        self.call(lambda: finished, done, lambda error: done(Finished(-1, None, str(error))))


@pytest.fixture(name="run")
def pellet(tmp_path: Path) -> Path:
    run = tmp_path / "pellet.h5"
    shutil.copy(RUNS_0_1 / "pellet.h5", run)
    return run


@pytest.fixture(name="data")
def data_screen(show: Show, context: Context, run: Path) -> DataScreen:
    context.jobs = InProcess()
    screen: DataScreen = show(DataScreen)
    until_idle(context.jobs)
    screen.table.selectRow(0)
    until_idle(context.jobs)
    return screen


def test_a_run_is_corrected_by_what_is_edited_and_shown_anew(data: DataScreen, run: Path) -> None:
    work = data.context.jobs
    data.correct.click()
    until_idle(work)
    dialog = data.correcting
    assert dialog is not None
    assert not dialog.correct.isEnabled()
    for name, text in (("thickness", "444 um"), ("cell_id", "A-17")):
        dialog.edits[name].clear()
        dialog.edits[name].insert(text)
    dialog.who.setText("E. Example")
    assert not dialog.correct.isEnabled()
    dialog.why.setText("measured")
    assert dialog.correct.isEnabled()
    assert "'thickness=444 um'" in dialog.twin.text()
    dialog.correct.click()
    until_idle(work)
    assert not dialog.isVisible()
    assert open_run(run).header.cell.required("thickness_m") == pytest.approx(444e-6)
    until_idle(work)
    assert "A-17" in data.table.model().index(0, 2).data()
    assert "corrected" in data.table.model().index(0, 3).data()


def test_what_cannot_be_right_is_said_in_the_dialog(data: DataScreen, run: Path) -> None:
    data.correct.click()
    until_idle(data.context.jobs)
    dialog = data.correcting
    assert dialog is not None
    dialog.edits["thickness"].clear()
    dialog.edits["thickness"].insert("5 V")
    dialog.who.setText("E. Example")
    dialog.why.setText("measured")
    dialog.correct.click()
    until_idle(data.context.jobs)
    assert dialog.isVisible()
    assert "not a length" in dialog.note.text()
    assert dialog.edits["thickness"].text() == "5 V"
    dialog.close_button.click()
    assert not run.with_suffix(".corrections").exists()


@pytest.mark.long
def test_the_life_of_the_chosen_cell_is_shown_and_a_file_added(
    data: DataScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{10 * n},0.5,{-1.0 if n < 300 else 0.8 if n < 500 else 0}\n" for n in range(510))
    (tmp_path / "a.csv").write_text("Time/s,Voltage/V,Current/mA\n" + rows)
    (run,) = data.model.chosen
    change_tags(run, open_run(run).header.run, ("pressed twice", "dry"))
    data.tabs.setCurrentWidget(data.life)
    until_idle(data.context.jobs)
    assert (
        f"{run.name} [pressed twice, dry]" in data.life.table.item(0, 7).text()
    )  # the spectrum of the pellet
    chosen = (str(tmp_path / "a.csv"), "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: chosen)
    data.life.add.click()
    until_idle(data.context.jobs)
    assert data.life.model.curves[0].y[0] > 0
    assert any("a.csv" in data.life.table.item(row, 7).text() for row in range(data.life.table.rowCount()))


def test_a_life_that_is_asked_for_too_late_is_not_shown(tmp_path: Path) -> None:
    from solbench.gui.models.runs.life import LifeModel

    jobs = FakeJobs()
    model = LifeModel(jobs)
    model.show("A", tmp_path)
    model.show("B", tmp_path)
    jobs.finish({"cell": "A", "simulated": False})
    assert model.life is None
    jobs.finish({"cell": "B", "simulated": False})
    assert model.life is not None
    assert model.life.cell == "B"
