"""Spectra that somebody asked for, in the window: named by the time of day, each with its own place in the run."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.record.events import SpectrumAsked
from solbench.acquisition.record.reader import Run, open_run
from solbench.gui.models.fit.fit_spectra import read_all
from solbench.gui.models.live.replay import FASTEST, Replay
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.run import RunModel
from tests.acquisition.asked import nth_sample, run_asked


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a spectrum asked for while sodium goes in, and one while it comes out."""
    found = tmp_path_factory.mktemp("asked") / "a.h5"
    run_asked(found, nth_sample((0, 20), (2, 30)), SpectrumRequest(rest="5 s"))
    return found


def asked_at(run: Run) -> list[str]:
    begun = datetime.fromisoformat(run.header.started)
    moments = [begun + timedelta(seconds=time_s) for time_s, _ in run.bodies(SpectrumAsked)]
    return [f"on demand, {moment:%H:%M}" for moment in moments]


def test_the_list_of_spectra_to_fit_gives_each_its_own_place(path: Path) -> None:
    """Growth counts from the first to the last of the protocol, so they do not come in the order of time."""
    run = open_run(path)
    first, second = asked_at(run)
    spectra, _, _ = read_all([path])
    by_number: dict[int, Any] = {spectrum.number: spectrum for spectrum in spectra}
    assert [by_number[number].asked for number in (1, 2, 3, 4)] == ["", first, "", second]
    assert by_number[2].name == f"a 2 ({first})"
    area_m2 = run.header.cell.required("area_m2")
    for record in run.spectra:
        expected = abs(record.start.step_charge_C) / area_m2 / 36000.0
        assert by_number[record.spectrum].capacity_mAh_cm2 == pytest.approx(expected)


def test_the_window_names_them_as_the_report_does(path: Path) -> None:
    run = open_run(path)
    model = RunModel(Replay(run, FASTEST), Alarms())
    model.update()
    first, second = asked_at(run)
    assert [track.label for track in model.spectra.shown] == ["0 %", first, "100 %", second]
