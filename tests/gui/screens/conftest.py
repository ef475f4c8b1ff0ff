"""Screens without a display, each with settings, state and work of its own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.screens.screen import Screen
from tests.gui.models.fakes import FakeJobs


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def context(jobs: FakeJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = Context(Settings(tmp_path / "desktop.json"))
    made.jobs = jobs
    made.settings.set("runs_folder", str(tmp_path))
    return made


@pytest.fixture
def show(context: Context, qtbot: QtBot) -> Iterator[Callable[[type[Screen]], Any]]:
    """Make a screen, show it at the size that it has on a small laptop, and close it in the end."""
    shown: list[Screen] = []

    def make(kind: type[Screen]) -> Screen:
        screen = kind(context)
        qtbot.addWidget(screen)
        screen.resize(1250, 530)
        screen.show()
        screen.enter()
        shown.append(screen)
        return screen

    yield make
    for screen in shown:
        screen.close_down()
