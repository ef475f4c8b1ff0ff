"""The simulated press by itself: the stack creeps from what it was pressed to, and its contacts follow."""

from __future__ import annotations

import math

import pytest

from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.sensors.press import Press, PressSettings, PressureSensorSettings


@pytest.mark.parametrize(("creep", "creep_s"), [(0.2, 1800.0), (0.5, 100.0), (0.0, 50.0)])
def test_the_pressure_falls_by_its_part_and_the_contact_gets_worse(creep, creep_s):
    press = Press(PressSettings(75e6, creep, creep_s, 40.0))
    press.come_to(500.0)
    press.press(20e6)
    assert press.pressure_Pa == 20e6
    assert press.contact_ohm == pytest.approx(20.0)
    press.come_to(500.0 + creep_s)
    assert press.pressure_Pa == pytest.approx(20e6 * (1.0 - creep * (1.0 - math.exp(-1.0))))
    assert press.contact_ohm * press.pressure_Pa == pytest.approx(40.0 * 10e6)
    other = Press(press.settings)
    other.restore(press.state())
    assert other.pressure_Pa == press.pressure_Pa
    assert press.come_to(500.0 + 20.0 * creep_s) == math.inf
    assert press.pressure_Pa == pytest.approx(20e6 * (1.0 - creep))


@pytest.mark.parametrize(
    "wrong", [{"creep": 1.0}, {"creep": -0.1}, {"creep_s": 0.0}, {"pressure_Pa": 0.0}, {"contact_ohm": -1.0}]
)
def test_what_no_stack_does_is_told(wrong):
    with pytest.raises(SettingError):
        PressSettings(**wrong)


def test_a_sensor_has_its_errors_in_its_own_unit():
    settings = PressureSensorSettings(2e5, 5e4, 1e5, 3.0).in_unit(1e6)
    assert (settings.offset_K, settings.noise_K, settings.resolution_K, settings.lag_s) == (
        pytest.approx(0.2),
        pytest.approx(0.05),
        pytest.approx(0.1),
        3.0,
    )
