"""A DC polarization on the live screen: the current over all decades of time."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from PySide6.QtCore import Qt

from solbench.acquisition.record.reader import open_run
from solbench.gui.palette import DARK
from solbench.gui.plots.saving import curves_in
from tests.end_to_end.programs import solbench
from tests.gui.engines import show


@pytest.fixture(scope="module")
def polarized(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dc")
    done = solbench(folder, "run", "dc-polarization", "--cell", "nbh", "-o", "dc.h5", "--json")
    assert done.code == 0, done.err
    return folder / "dc.h5"


def test_the_current_is_drawn_from_the_step_on_and_comes_to_the_front_once(
    qtbot, window, polarized, finished
):
    show(qtbot, window, finished)
    live = window.live
    assert not live.panels.in_view("transient")
    show(qtbot, window, polarized)
    qtbot.waitUntil(lambda: live.panels.in_view("transient"))
    [curve] = live.transient.getPlotItem().listDataItems()
    log_s, log_A = curve.getData()
    run = window.context.run.value
    assert log_s[0] < 0.0
    assert log_s[-1] == pytest.approx(np.log10(run.trace.last_s - run.traces.transients[0].start_s), abs=1e-3)
    assert -9.6 < log_A[-1] < -9.2
    qtbot.waitUntil(lambda: len(curves_in(live.transient)) == 1)
    [saved] = curves_in(live.transient)
    assert (saved.x_name, saved.y_name) == ("time since the step of voltage (s)", "|I|, as read (A)")
    assert np.allclose(saved.y, 10.0**log_A)
    live.panels.bring("bode")
    qtbot.waitUntil(lambda: not live.panels.in_view("transient"))
    live.set_colors(DARK)
    window.tick()
    assert not live.panels.in_view("transient")


@pytest.mark.long
def test_the_current_comes_to_the_front_of_a_run_that_is_read_whole_at_once(qtbot, window, polarized):
    live = window.live
    window.show_screen("live")
    assert live.panels.in_view("nyquist")
    window.timer.stop()
    window.open_file(polarized)

    def read():
        window.context.jobs.deliver()
        window.active_run.tick()
        run = window.context.run.value
        return run is not None and run.link.over

    qtbot.waitUntil(read)
    window.tick()  # draws all of it, and closes a panel, which has the panels drawn once more
    qtbot.waitUntil(lambda: live.panels.in_view("transient") and not live.panels.in_view("capacity"))
    assert not live.panels.in_view("nyquist")


@pytest.mark.long
def test_the_time_of_day_stands_under_the_trace(qtbot, window, finished):
    show(qtbot, window, finished)
    live, run = window.live, window.context.run.value
    assert not live.clock.isChecked()
    qtbot.mouseClick(live.clock, Qt.MouseButton.LeftButton)
    started = datetime.fromisoformat(open_run(finished).header.started).astimezone()
    first_s, _ = run.trace.nearest(0.0)
    shown = live.time_plot._values_at(0.0)
    assert shown.startswith(f"{started + timedelta(seconds=first_s + 0.5):%a %H:%M:%S}   ")
    axis = live.time_plot.current.getAxis("bottom")
    [(spacing, places)] = axis.tickValues(0.0, run.trace.last_s, 600)
    texts = axis.tickStrings(places, 1.0, spacing)
    assert spacing >= 5.0
    assert texts
    assert all(int(text[-2:]) % spacing == 0 for text in texts)
    qtbot.mouseClick(live.clock, Qt.MouseButton.LeftButton)
    assert live.time_plot._values_at(0.0).startswith("00:00:")
