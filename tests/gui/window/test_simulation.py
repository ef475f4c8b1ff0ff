"""SIMULATION follows what the screen in front is about: the bench that would be driven, or the run on show."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.run.replay import replay
from tests.acquisition.runs import SHORT, request, run_it
from tests.gui.engines import show

REAL = "name: b\nkind: prologix\npositive_terminal: ce_re1\nadapter: socket://127.0.0.1:9\n"
SETUP = ("connect", "cell", "protocol", "start")


@pytest.fixture
def real(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_text(REAL)
    return path


def words(window) -> str:
    label = window.rail.simulation
    shown = label.text() if label.isVisible() else ""
    assert window.windowTitle().startswith("SIMULATION") is bool(shown)
    return shown


def test_a_simulated_run_on_show_does_not_make_a_real_bench_a_simulated_one(qtbot, window, finished, real):
    show(qtbot, window, finished)
    assert words(window) == "SIMULATION"
    window.context.bench.set(str(real))
    assert words(window) == "SIMULATION"  # Live is about the run
    for key in SETUP:
        window.show_screen(key)
        assert words(window) == ""
    assert window.strip.text("step").startswith("SIMULATED")
    window.context.bench.set("simulated")
    assert words(window) == "SIMULATION"


def test_a_bench_file_that_was_written_anew_is_read_again(window, real):
    window.context.bench.set(str(real))
    window.show_screen("start")
    assert words(window) == ""
    real.write_text(REAL + "simulated: true\n")
    window.show_screen("connect")
    assert words(window) == "SIMULATION"
    real.write_text(REAL)
    window.show_screen("start")
    assert words(window) == ""


def test_beside_a_real_run_a_simulated_bench_is_not_the_whole_truth(window):
    run = SimpleNamespace(now=True, known=True, simulated=False, replays="", source=None, path=None)
    window.show_screen("start")
    window.timer.stop()
    window.context.run._value = run
    window._title()
    assert words(window) == "SIMULATION, but the run is real"
    window.context.run._value = None


@pytest.mark.long
def test_a_replay_says_so_where_its_run_is_on_show(qtbot, window, tmp_path):
    recorded = request(tmp_path / "a.h5", SHORT)
    run_it(replace(recorded, dialogue=True))
    replay(tmp_path / "a.dialogue", tmp_path / "again.h5", RunControl())
    show(qtbot, window, tmp_path / "again.h5")
    assert window.rail.simulation.text() == "REPLAY"
    assert window.windowTitle().startswith("REPLAY")
    assert window.strip.text("step").startswith("REPLAY  SIMULATED")
    window.show_screen("start")
    assert words(window) == "SIMULATION"
