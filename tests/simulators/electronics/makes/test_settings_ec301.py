"""What the EC301 is made of, as the electronics read it."""

from itertools import pairwise

import pytest

from solbench.simulators.electronics.makes.settings_ec301 import SettingsEc301


def test_a_reading_that_averages_less_is_noisier_by_the_root() -> None:
    settings = SettingsEc301()
    assert len(settings.digits_noise) == len(settings.counts) == 9
    assert settings.digits_noise[8] == 1.0
    for less, more in pairwise(settings.digits_noise):
        assert less / more == pytest.approx(2.0**0.5)


def test_each_range_has_a_tenth_of_the_current_and_a_corner_of_its_own() -> None:
    settings = SettingsEc301()
    assert all(after == 10.0 * before for before, after in pairwise(settings.resistors_ohm))
    assert len(settings.resistor_pole_Hz) == len(settings.lag_s) == len(settings.resistors_ohm)
    assert settings.potentiostat_loop_Hz == settings.galvanostat_loop_Hz == settings.loops_Hz
