"""Which peaks of a distribution may be named."""

import numpy as np

from solbench.fitting.drt.peaks import centre, find_peaks

TAU = np.logspace(-7, 1, 129)
WINDOW = (1e-6, 1.0)


def bump(tau_s: float, height: float = 100.0, decades: float = 0.2) -> np.ndarray:
    return height * np.exp(-((np.log10(TAU / tau_s) / decades) ** 2))


def whys(
    gamma: np.ndarray, drawn: np.ndarray | None = None, others: list[np.ndarray] | None = None
) -> list[str]:
    found = find_peaks(TAU, gamma, np.array([gamma]) if drawn is None else drawn, others or [gamma], WINDOW)
    return [str(peak.unnamed) for peak in found]


def test_a_peak_inside_the_window_is_named() -> None:
    assert whys(bump(1e-3)) == ["None"]


def test_a_peak_outside_the_window_is_none_and_one_that_is_cut_is_not_named() -> None:
    assert whys(bump(3e-7)) == []
    assert whys(bump(1.2e-6)) == ["edge"]


def test_a_peak_that_another_regularization_does_not_have_is_not_named() -> None:
    both = bump(1e-4) + bump(1e-2)
    assert whys(both, others=[both, bump(1e-4)]) == ["None", "regularization"]


def test_a_ripple_within_the_band_is_not_named() -> None:
    flat = bump(1e-3, 100.0, 2.0)
    rippled = flat + bump(1e-2, 30.0) + bump(1e-4, 30.0)
    assert set(whys(rippled, np.array([flat, rippled, flat, rippled]))) == {"noise"}


def test_area_time_and_capacitance_are_those_of_the_peak() -> None:
    gamma = bump(2e-3)
    [peak] = find_peaks(TAU, gamma, np.array([gamma, 1.1 * gamma]), [gamma], WINDOW)
    area = 100.0 * 0.2 * np.log(10) * np.sqrt(np.pi)
    assert abs(peak.resistance_ohm / area - 1) < 1e-3
    assert abs(peak.resistance_stderr_ohm / (0.05 * area) - 1) < 1e-2
    assert abs(peak.tau_s / 2e-3 - 1) < 0.01
    assert abs(peak.capacitance_F * area / 2e-3 - 1) < 0.01


def test_the_end_of_a_slope_has_its_own_place_as_centre() -> None:
    """The largest of a part of a curve need not be a maximum, and the parabola through it has its top far off."""
    slope = np.array([1.0, 2.0, 2.99, 3.97])
    assert 1.0 <= centre(TAU, slope, 2) / TAU[2] <= (TAU[1] / TAU[0]) ** 0.5
