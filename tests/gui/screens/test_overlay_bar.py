"""An earlier run under the one on the live screen, chosen on the screen Data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from solbench.gui.models.context import Context
from solbench.gui.models.runs.browser import load
from solbench.gui.palette import DARK
from solbench.gui.plots.saving import curves_in
from solbench.gui.screens.data import DataScreen
from solbench.gui.screens.live import LiveScreen
from tests.gui.models.fakes import FakeJobs, until_idle

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


def work(jobs: FakeJobs) -> None:
    until_idle(jobs)


@pytest.fixture
def data(show: Show, jobs: FakeJobs, finished: Path, tmp_path: Path) -> DataScreen:
    """The screen with two runs, of which the first is chosen."""
    for name in ("a", "b"):
        shutil.copy(finished, tmp_path / f"{name}.h5")
    made = show(DataScreen)
    work(jobs)
    made.model.choose([tmp_path / "a.h5"])
    work(jobs)
    assert isinstance(made, DataScreen)
    return made


@pytest.fixture
def live(show: Show, context: Context, finished: Path) -> LiveScreen:
    """The live screen with a run on show."""
    context.run.set(load(finished))
    made = show(LiveScreen)
    assert isinstance(made, LiveScreen)
    return made


def names(plot: Any) -> list[str]:
    return [curve.name for curve in curves_in(plot) if curve.name.startswith("earlier run")]


def test_chosen_run_is_drawn_under_the_live_one_and_taken_away_there(
    data: DataScreen, live: LiveScreen, context: Context, qtbot: QtBot
) -> None:
    assert not live.under.isVisibleTo(live)
    qtbot.mouseClick(data.under, LEFT)
    assert context.beneath.value is data.model.shown[0]
    live.tick()
    assert live.under.isVisibleTo(live)
    assert live.under.name.text() == "faint: a"
    voltage, current = curves_in(live.time_plot), curves_in(live.capacity)
    assert len(voltage) == 4  # both runs, voltage and current
    assert len([curve for curve in current if curve.name.startswith("earlier run")]) == 2
    assert names(live.nyquist) == ["earlier run 0 %", "earlier run 100 %"]
    qtbot.mouseClick(live.under.remove, LEFT)
    assert context.beneath.value is None
    assert not live.under.isVisibleTo(live)
    assert names(live.nyquist) == names(live.capacity) == []
    assert data.under.text() == "Show under live"


@pytest.mark.long
def test_it_stays_when_the_plots_draw_anew_and_the_look_changes(
    data: DataScreen, live: LiveScreen, qtbot: QtBot
) -> None:
    qtbot.mouseClick(data.under, LEFT)
    live.tick()
    live.nyquist.show_spectra([])
    live.capacity.show_curves([])
    assert len(names(live.nyquist)) == 2
    assert len(names(live.capacity)) == 2
    live.tick()
    assert len(names(live.nyquist)) == 2
    assert len(names(live.capacity)) == 2
    live.set_colors(DARK)
    live.tick()
    assert len(names(live.nyquist)) == 2
    (pen,) = {item.opts["pen"].color().name() for item in live.under._traces._items.values()}
    assert pen == DARK.faint


def test_it_outlives_another_choice_and_the_button_takes_it_away_again(
    data: DataScreen, context: Context, qtbot: QtBot, jobs: FakeJobs, tmp_path: Path
) -> None:
    qtbot.mouseClick(data.under, LEFT)
    first = context.beneath.value
    assert data.under.text() == "Take from live"
    data.model.choose([tmp_path / "b.h5"])
    assert not data.under.isEnabled()
    work(jobs)
    assert data.under.text() == "Show under live"
    assert context.beneath.value is first
    qtbot.mouseClick(data.under, LEFT)
    assert context.beneath.value is data.model.shown[0]
    qtbot.mouseClick(data.under, LEFT)
    assert context.beneath.value is None


def test_command_line_of_the_chosen_runs_is_shown(data: DataScreen, jobs: FakeJobs, tmp_path: Path) -> None:
    assert data.twin.text() == f"solbench summary {tmp_path / 'a.h5'}"
    data.table.selectAll()
    work(jobs)
    assert data.twin.text().count("solbench summary ") == 2
    data.model.choose([])
    assert data.twin.text() == ""
