"""Live's interfacial resistance with every shape of what `fit` and `summary` say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from solbench.gui.models.common.answers import SpectrumResult
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.live.active_run import ActiveRun
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.interface import interface_points, without_interface
from solbench.gui.models.run.run import RunModel
from solbench.gui.models.run.spectrum import SpectrumTrack
from solbench.gui.models.sources.source import Batch, Kind
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.plots.saving import curves_in
from solbench.gui.plots.traces.curves import InterfacePlot
from tests.gui.models.fakes import FakeJobs


class _Nothing:
    """A source without news."""

    path = Path("run.h5")
    kind: Kind = "file"

    def take(self) -> Batch:
        return Batch()

    def want(self, blocks: Any) -> None:
        pass

    def close(self) -> None:
        pass


FIT: dict[str, Any] = {"circuit": "R0", "values": {"R0": 1.0}}


def track(
    number: int, result: dict[str, Any], capacity: float | None = None, whole: bool = True
) -> SpectrumTrack:
    told = SpectrumResult(index=number, **result) if result else None
    return SpectrumTrack(number, 1, number, whole=whole, capacity_mAh_cm2=capacity, result=told)


def found(value: float | None, stderr: float | None, **more: Any) -> dict[str, Any]:
    return {"r_interface_ohm": value, "r_interface_stderr_ohm": stderr, **more}


FIVE = [track(1, found(0.0, 0.0), 0.0)] + [track(n, found(7.0 * n, 0.1), 0.35 * n) for n in range(2, 6)]
SHAPES: dict[str, tuple[list[SpectrumTrack], int, str]] = {
    "nothing yet": ([], 0, "appears with the first complete spectrum"),
    "a spectrum on its way": ([track(1, {}, whole=False)], 0, "appears with the first complete spectrum"),
    "not fitted": ([track(1, {})], 0, "no fit yet"),
    "one state": ([track(1, found(None, None))], 0, "one spectrum alone"),
    "one state with an arc": ([track(1, found(9.0, 0.4), 0.0)], 1, ""),
    "two states": (FIVE[:2], 2, ""),
    "five states": (FIVE, 5, ""),
    "five states of which one tells nothing": ([*FIVE[:3], track(4, found(None, None), 1.0), FIVE[4]], 4, ""),
    "a fit by a circuit": ([track(1, FIT), track(2, FIT)], 0, "the fit finds no interface"),
    "a symmetric cell": (
        [track(1, found(None, None)), track(2, found(None, None))],
        0,
        "the fit finds no interface",
    ),
    "a fit that failed for the newest": ([*FIVE[:2], track(3, {})], 2, ""),
    "no standard error": ([track(1, found(0.0, 0.0), 0.0), track(2, found(5.0, None), 0.7)], 2, ""),
    "a summary": ([track(1, found(0.0, 0.0, areal_capacity_mAh_cm2=0.2))], 1, ""),
    "no capacity": ([track(1, found(3.0, 0.1)), track(2, found(4.0, 0.1))], 2, ""),
}


LOOSE = {"conclusion": "growth", "code": "resistance_changed", "spectrum": 3, "seen": 1.3, "limit": 1.03}
LOOSE_WORDS = (
    "growth of the interfacial resistance withheld: R_SSE of spectrum 3 is 1.3 times that of the first: contact, "
    "pressure or temperature has changed"
)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_known_is_drawn_and_what_is_not_is_said(qtbot: QtBot, name: str) -> None:
    tracks, count, words = SHAPES[name]
    assert len(interface_points(tracks)) == count
    assert without_interface(tracks).startswith(words)
    assert bool(without_interface(tracks)) is (count == 0)
    plot = InterfacePlot(LIGHT)
    qtbot.addWidget(plot)
    plot.show_spectra(tracks)
    assert sum(len(curve.x) for curve in curves_in(plot)) == count
    plot.set_colors(DARK)
    assert sum(len(curve.x) for curve in curves_in(plot)) == count
    plot.show_spectra([])
    assert curves_in(plot) == []


def test_capacity_is_that_of_the_summary_else_the_recorded_one() -> None:
    points = interface_points(
        [track(1, found(1.0, 0.1, areal_capacity_mAh_cm2=0.5), 0.4), track(2, found(2.0, 0.1), 0.7)]
    )
    assert [point.capacity_mAh_cm2 for point in points] == [0.5, 0.7]


def test_reference_is_said_and_not_drawn_as_an_estimate(qtbot: QtBot) -> None:
    assert FIVE[0].findings == "R_int 0 by definition"
    assert FIVE[1].findings == "R_int 14 Ω ± 0.1"
    plot = InterfacePlot(LIGHT)
    qtbot.addWidget(plot)
    plot.show_spectra(FIVE)
    texts = [item.toPlainText() for item in plot.getPlotItem().items if hasattr(item, "toPlainText")]
    assert texts == ["0 by definition"]
    (bars,) = [item for item in plot.getPlotItem().items if type(item).__name__ == "ErrorBarItem"]
    assert np.asarray(bars.opts["x"]).tolist() == pytest.approx([0.7, 1.05, 1.4, 1.75])
    assert bars.opts["height"][0] == pytest.approx(2.0 * 1.96 * interface_points(FIVE)[1].stderr_ohm)
    assert "95 %" in plot.getPlotItem().getAxis("left").labelText


def test_failed_fit_is_said_beside_what_the_one_before_found(qtbot: QtBot) -> None:
    context = Context(Settings(Path("nowhere")))
    context.jobs = jobs = FakeJobs()
    run = RunModel(_Nothing(), Alarms())
    run.spectra.tracks = list(FIVE)
    context.run.set(run)
    following = ActiveRun(context)
    for result, words in (
        (
            {"results": [{"source": "a.h5", "error": "no convergence", "spectra": []}]},
            "the last fit failed: no convergence",
        ),
        (None, "the last fit failed: the disk is full"),
        ({"results": [{"source": "a.h5", "error": None, "spectra": [], "withheld": [LOOSE]}]}, LOOSE_WORDS),
        ({"results": [{"source": "a.h5", "error": None, "spectra": []}]}, ""),
    ):
        run._result_wanted = True
        following._fit(run)
        jobs.finish(result, said="the disk is full")
        plot = InterfacePlot(LIGHT)
        qtbot.addWidget(plot)
        plot.show_spectra(run.spectra.shown, run.spectra.problem, run.spectra.withheld)
        assert sum(len(curve.x) for curve in curves_in(plot)) == 5
        title = plot.getPlotItem().titleLabel
        assert (title.text if title.isVisible() else "") == words
    jobs.close()
