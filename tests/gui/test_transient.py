"""A DC polarization on the live screen: the current over all decades of time."""

import numpy as np
import pytest

from gui.palette import DARK
from gui.plots.saving import curves_in
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
    assert log_s[-1] == pytest.approx(np.log10(run.trace.last_s - run.transients[0].start_s), abs=1e-3)
    assert -9.6 < log_A[-1] < -9.2
    assert window.strip.text("current").endswith(" nA")
    qtbot.waitUntil(lambda: len(curves_in(live.transient)) == 1)
    [saved] = curves_in(live.transient)
    assert (saved.x_name, saved.y_name) == ("time since the step of voltage (s)", "|I|, as read (A)")
    assert np.allclose(saved.y, 10.0**log_A)
    live.panels.bring("bode")
    qtbot.waitUntil(lambda: not live.panels.in_view("transient"))
    live.set_colors(DARK)
    window.tick()
    assert not live.panels.in_view("transient")
