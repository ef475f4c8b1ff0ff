"""What the Keithley 2400 is made of, as the electronics read it."""

import pytest

from solbench.simulators.electronics.makes.settings_2400 import Settings2400
from solbench.simulators.electronics.settings import SettingError


def test_what_goes_by_range_has_one_for_each() -> None:
    settings = Settings2400()
    assert len(settings.resistors_ohm) == len(settings.lag_s) == len(settings.resistor_pole_Hz) == 7
    assert len(settings.counts) == len(settings.digits_noise)
    assert settings.potentiostat_loop_Hz == settings.galvanostat_loop_Hz


@pytest.mark.parametrize("given", [{"off_state": "OPEN"}, {"mains_Hz": 55.0}])
def test_what_cannot_be_is_refused(given: dict[str, str | float]) -> None:
    with pytest.raises(SettingError):
        Settings2400.from_mapping(given)
