import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LANGUAGE"] = "en"  # tests look for texts, whatever the language of this computer

import gc
import threading
import time

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.palette import LIGHT
from solbench.gui.window.main_window import MainWindow
from tests.end_to_end.programs import inputs, solbench
from tests.gui.engines import let_go
from tests.gui.timers import running_timers, stop_timers


class PatientBot(QtBot):
    """Waits for a state as long as a busy machine may need; how long it takes says nothing."""

    def waitUntil(self, callback, *, timeout=60_000):
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp, request):
    return PatientBot(request)


@pytest.fixture(autouse=True)
def _own_places(tmp_path, monkeypatch):
    """Registry, settings and bench file of each test lie in its own folder."""
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What a window leaves goes before the next test, and in this thread; only here does no fixture hold it any more.

    What is left stays; otherwise every such collection would look through all of it.
    """
    done = yield
    if {"qtbot", "qapp"}.intersection(item.fixturenames):
        gc.collect()
        gc.freeze()
    return done


@pytest.fixture(autouse=True)
def _nothing_left_alive():
    """A test leaves no thread and no running timer behind."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + 30.0
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.02)
    assert set(threading.enumerate()) - before == set()
    if lasting_timers():
        gc.collect()  # those of a window that nobody holds any more
        assert lasting_timers() == []


def lasting_timers():
    return [timer for timer in running_timers() if timer.interval() >= 50]


@pytest.fixture
def context(tmp_path):
    """A context with settings of its own; its work is ended."""
    made = Context(Settings(tmp_path / "settings" / "desktop.json"))
    yield made
    made.jobs.close()


@pytest.fixture(scope="module")
def standing(qapp, finished, tmp_path_factory):
    """A window with a finished run on show, for several tests of a file that put back what they change.

    Its timers stand still.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOLBENCH_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        context = Context(Settings(tmp_path_factory.mktemp("standing") / "desktop.json"))
        made = MainWindow(context)
        made.show()
        made.open_file(finished)
        while context.run.value is None or not context.run.value.link.over:
            QApplication.processEvents()
            time.sleep(0.002)  # else it keeps the reader from its turn
        made.timer.stop()
        made.tick()  # here, too: it would take up a run that goes on, as another user's of this computer
        made.show_screen("live")
    yield made
    let_go(made)


@pytest.fixture
def shown(standing):
    """The standing window as it was when it came."""
    if standing.colors != LIGHT:
        standing.set_look("light")
    standing.resize(1366, 768)
    standing.show()
    standing.show_screen("live")
    standing.reset_layout()
    standing.live.time_plot.set_mode("follow")
    standing.tick()
    QApplication.processEvents()
    stop_timers(standing)
    yield standing
    stop_timers(standing)
    standing.hide()


@pytest.fixture
def window(qtbot, context):
    """The main window, shown; closed without a question."""
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.show()
    yield made
    let_go(made)


@pytest.fixture(scope="session")
def finished_many(tmp_path_factory):
    """A run file of the tiny protocol with several hundred samples."""
    folder = tmp_path_factory.mktemp("many")
    arguments = inputs(folder)
    protocol = folder / arguments[1]
    protocol.write_text(protocol.read_text().replace("every: 1 s", "every: 0.1 s"))
    done = solbench(folder, *arguments)
    assert done.code == 0, done.err
    return folder / "a.h5"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run file of the tiny protocol."""
    folder = tmp_path_factory.mktemp("finished")
    done = solbench(folder, *inputs(folder))
    assert done.code == 0, done.err
    return folder / "a.h5"
