from __future__ import annotations

import dataclasses

from solbench.simulators.electronics.calibration import calibration
from solbench.simulators.electronics.settings import BenchSettings


def flat(errors) -> list[float]:
    values = []
    for value in dataclasses.astuple(errors):
        values.extend(value if isinstance(value, tuple) else [value])
    return values


def test_a_bench_without_errors_has_none():
    assert not any(flat(calibration(BenchSettings(errors="none"), 3)))


def test_a_typical_bench_keeps_its_errors_for_life_and_another_has_others():
    settings = BenchSettings()
    assert calibration(settings, 3) == calibration(settings, 3)
    assert calibration(settings, 3) != calibration(settings, 4)


def test_typical_gains_stay_within_their_class():
    for seed in range(50):
        errors = calibration(BenchSettings(), seed)
        assert all(abs(g) <= 1e-3 for g in (*errors.ammeter_gain, *errors.current_source_gain))
        assert abs(errors.voltmeter_offset_V) <= 50e-6


def test_an_offset_is_there_on_request_even_without_other_errors():
    errors = calibration(BenchSettings(errors="none", current_offset_of_range=1e-3), 1)
    assert errors.ammeter_offset == (1e-3,) * 8
    assert not any(errors.ammeter_gain)
