"""Thermometers on the live screen: curves with their gaps, the newest value, and a line in the log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.record.reader import open_run
from solbench.gui.palette import DARK
from tests.acquisition.runs import TINY, request, run_it
from tests.acquisition.test_modbus_run import sensed
from tests.gui.engines import show

LOST = """
name: unplugged
changes:
  - {kind: sensor, sensor: cell, fault: "off", from: 20 s, until: 60 s}
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    run = tmp_path_factory.mktemp("warm") / "a.h5"
    assert run_it(replace(request(run, TINY, bench=sensed()), scenario=parse_scenario(LOST, "s"))).completed
    return run


def test_each_thermometer_is_drawn_with_its_gap_and_its_newest_value(qtbot, window, measured):
    show(qtbot, window, measured)
    live = window.live
    live.panels.bring("temperature")
    qtbot.waitUntil(lambda: len(live.temperature.getPlotItem().listDataItems()) == 2)
    cell, room = live.temperature.getPlotItem().listDataItems()
    (trace, _) = open_run(measured).gauges
    times_s, shown = cell.getOriginalDataset()
    assert np.isnan(shown).sum() == 1
    assert np.allclose(shown[~np.isnan(shown)] + 273.15, trace.values)
    (at,) = np.flatnonzero(np.isnan(shown))
    assert times_s[at - 1] < 22.0 < 58.0 < times_s[at + 1]
    assert not np.isnan(room.getOriginalDataset()[1]).any()
    assert "cell: 25." in live.temperature.getPlotItem().titleLabel.text
    live.set_colors(DARK)
    assert len(live.temperature.getPlotItem().listDataItems()) == 2
    lines = [line.text for line in window.context.run.value.log.lines if "goes on without it" in line.text]
    assert len(lines) == 1


@pytest.mark.long
def test_a_bench_without_one_says_so(qtbot, window, finished):
    show(qtbot, window, finished)
    window.live.panels.bring("temperature")
    qtbot.waitUntil(lambda: window.live.panels.in_view("temperature"))
    assert window.live.temperature.getPlotItem().listDataItems() == []
