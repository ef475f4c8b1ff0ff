"""Lags are told apart from inductance by two resistors a range, whatever is between a delay and a pole."""

import numpy as np
import pytest

from solbench.acquisition.commission.parts import R1K, R10, R10K, R100, Part
from solbench.acquisition.commission.spectra.lag_fit import OfPart, fit_lags
from solbench.acquisition.commission.workbench import Spectrum
from solbench.drivers.clock import Interrupted

NOISE = 1.5e-4
F_Hz = np.geomspace(1e6, 100.0, 21)
OMEGA = 2.0 * np.pi * F_Hz
INDUCTANCE_H, CAPACITANCE_F = 2.4e-6, 35e-12


def measured(part: Part, index: int, transfer, seed: int, off: float = 4e-4) -> OfPart:
    """A spectrum by other means than the model's: a ladder of chain matrices from the part to the outputs."""
    noise = np.random.default_rng(seed)
    load = 1.0 / (1.0 / (part.ohm * (1.0 + off)) + 1j * OMEGA * 0.4e-12) + 1j * OMEGA * 6e-9
    voltage, current = load, np.ones_like(load)
    current = current + voltage * 1j * OMEGA * CAPACITANCE_F
    voltage = voltage + current * 1j * OMEGA * INDUCTANCE_H
    scatter = 1.0 + NOISE * (noise.standard_normal(21) + 1j * noise.standard_normal(21))
    return OfPart(part, Spectrum(index, 0.05, 0.5, F_Hz, voltage / (current * transfer) * scatter))


def of_three_ranges(transfers, seed: int = 1) -> list[OfPart]:
    plan = ((R10, 3), (R100, 3), (R100, 4), (R1K, 4), (R1K, 5), (R10K, 5))
    return [measured(part, index, transfers[index], seed + 10 * n) for n, (part, index) in enumerate(plan)]


def delay(lag_s):
    return np.exp(-1j * OMEGA * lag_s)


def pole(lag_s):
    return 1.0 / (1.0 + 1j * OMEGA * lag_s)


@pytest.mark.parametrize("shares", [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 0.6, 1.0)])
def test_lag_share_and_leads_come_out_within_their_uncertainty(shares):
    lags = {3: 14e-9, 4: 48e-9, 5: 33e-9}
    transfers = {
        index: pole(lags[index] * share) * delay(lags[index] * (1.0 - share))
        for index, share in zip(lags, shares, strict=True)
    }
    fit = fit_lags(of_three_ranges(transfers))
    for index, share in zip(lags, shares, strict=True):
        found = fit.ranges[index]
        assert found.lag_s.value == pytest.approx(lags[index], abs=3.0 * found.lag_s.stderr)
        assert found.lag_s.stderr < 0.5e-9
        assert found.pole_share.value == pytest.approx(share, abs=3.0 * found.pole_share.stderr)
        assert max(size for _, size in found.residual) < 1e-3
    assert fit.inductance_H.value == pytest.approx(INDUCTANCE_H, abs=3.0 * fit.inductance_H.stderr)
    assert fit.inductance_H.stderr < 10e-9
    assert fit.capacitance_F.value == pytest.approx(CAPACITANCE_F, abs=3.0 * fit.capacitance_F.stderr)


def test_one_resistor_a_range_does_not_tell_a_lag_from_an_inductance():
    two = fit_lags(of_three_ranges({3: delay(20e-9), 4: delay(20e-9), 5: delay(20e-9)}))
    one = fit_lags([measured(R1K, 5, delay(20e-9), 5)])
    assert one.ranges[5].lag_s.stderr > 20.0 * two.ranges[5].lag_s.stderr


def test_a_range_that_is_no_lag_shows_it():
    resonance = 1.0 / (1.0 - (F_Hz / 3e6) ** 2 + 1j * F_Hz / 3e6)  # of two poles
    fit = fit_lags(of_three_ranges({3: resonance, 4: delay(20e-9), 5: delay(20e-9)}))
    assert max(size for _, size in fit.ranges[3].residual) > 3e-3
    assert max(size for _, size in fit.ranges[5].residual) < 1e-3


def test_a_fit_is_stopped_by_who_looks():
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 20:
            raise Interrupted("by hand")

    with pytest.raises(Interrupted):
        fit_lags([measured(R1K, 5, delay(20e-9), 5)], look)


def test_nothing_measured_is_refused():
    with pytest.raises(ValueError, match="no spectra"):
        fit_lags([])
