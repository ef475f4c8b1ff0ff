"""Distributions computed beside the window: one at a time, and the newest wish wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solbench.analysis.fit_settings import USUAL, FitSettings
from solbench.analysis.views.distributions import PlainDistribution
from solbench.gui.models.fit import fit_drt
from solbench.gui.models.fit.fit_drt import Relaxation
from solbench.gui.models.fit.fit_spectra import Spectrum
from tests.gui.models.fakes import FakeJobs, until_idle

F = np.geomspace(1e5, 1.0, 31)


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """What was computed: the first real part, which tells the spectra apart, and the number of points."""
    computed: list[tuple[float, int]] = []

    def compute(frequency_Hz: np.ndarray, impedance_ohm: np.ndarray) -> PlainDistribution:
        computed.append((float(impedance_ohm[0].real), len(frequency_Hz)))
        return PlainDistribution.none(f"{impedance_ohm[0].real:g}")

    monkeypatch.setattr(fit_drt, "plain_distribution", compute)
    return computed


def spectra(count: int) -> list[Spectrum]:
    return [Spectrum(Path("a.h5"), number, F, number + 0j + 1 / (1j * F)) for number in range(1, count + 1)]


def test_what_is_wanted_last_is_computed_next(jobs: FakeJobs, order: list[tuple[float, int]]) -> None:
    model, few = Relaxation(jobs), spectra(5)
    model.want(few, USUAL)
    model.want([few[4], few[3]], USUAL)
    until_idle(jobs)
    assert [first for first, _ in order] == [1.0, 5.0, 4.0]  # the one under way was finished
    assert model.of(few[1], USUAL) is None


def test_another_window_is_another_distribution(jobs: FakeJobs, order: list[tuple[float, int]]) -> None:
    model, [one] = Relaxation(jobs), spectra(1)
    window = FitSettings(from_Hz=10.0)
    for settings in (USUAL, window, window):
        model.want([one], settings)
        until_idle(jobs)
    assert [points for _, points in order] == [31, int(np.sum(F >= 10.0))]
    assert model.of(one, USUAL) is None
    assert model.of(one, window) is not None


def test_what_cannot_be_computed_says_why_and_is_not_tried_again(
    jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arrays: object) -> PlainDistribution:
        raise ArithmeticError("no")

    monkeypatch.setattr(fit_drt, "plain_distribution", fail)
    model, [one] = Relaxation(jobs), spectra(1)
    model.want([one], USUAL)
    until_idle(jobs)
    drt = model.of(one, USUAL)
    assert drt is not None
    assert drt.reason == "no"
    assert model.missing == 0
