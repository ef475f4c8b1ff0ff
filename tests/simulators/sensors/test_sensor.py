"""The simulated sensor: what is between the cell and its registers."""

from __future__ import annotations

import math
import struct

import pytest

from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.sensors.registers import NoSuchRegister, Place, RegisterBank
from solbench.simulators.sensors.sensor import Sensor, SensorSettings


class World:
    now_s = 0.0
    true_K = 298.15


def sensor(world: World, **settings) -> Sensor:
    return Sensor("cell", SensorSettings(**settings), lambda: world.true_K, lambda: world.now_s, seed=1)


def test_offset_and_gradient_add_up_and_are_rounded():
    assert sensor(World(), offset_K=0.3, gradient_K=1.0).shown_K() == pytest.approx(297.45)
    assert sensor(World(), resolution_K=0.1).shown_K() == pytest.approx(298.1, abs=0.051)


def test_it_lags_behind_a_step_by_its_time_constant():
    world = World()
    one = sensor(world, lag_s=50.0)
    one.shown_K()
    world.true_K, world.now_s = 308.15, 0.0
    for world.now_s in (10.0, 20.0, 50.0):
        shown_K = one.shown_K()
    assert shown_K == pytest.approx(308.15 - 10.0 * math.exp(-1.0), abs=1e-6)


def test_its_noise_is_its_own_and_the_same_again():
    first, again = ([sensor(World(), noise_K=0.1).shown_K()] for _ in range(2))
    assert first == again
    one = sensor(World(), noise_K=0.1)
    values = [one.shown_K() for _ in range(500)]
    mean = sum(values) / 500
    assert abs(mean - 298.15) < 0.02
    assert 0.08 < (sum((v - mean) ** 2 for v in values) / 500) ** 0.5 < 0.12


def test_its_faults():
    one = sensor(World(), noise_K=0.1)
    before = one.shown_K()
    one.fault = "stuck"
    assert {one.shown_K() for _ in range(5)} == {before}
    one.fault = "open"
    assert one.shown_K() is None
    one.fault = "off"
    with pytest.raises(TimeoutError):
        one.shown_K()
    with pytest.raises(SettingError, match="lag_s"):
        SensorSettings(lag_s=-1.0)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(1, "holding", 1, "int16", scale=0.1), [250]),
        (Place(1, "holding", 1, "int16", scale=0.1, unit="degF"), [770]),
        (Place(1, "holding", 1, "float32", unit="K"), list(struct.unpack(">HH", struct.pack(">f", 298.15)))),
        (Place(1, "holding", 1, "float32", unit="K", swapped=True), [0x1333, 0x4395]),
        (Place(1, "holding", 1, "uint32", scale=0.001), [0, 25000]),
    ],
)
def test_registers_have_the_number(place, words):
    bank = RegisterBank()
    bank.add(place, sensor(World()))
    assert bank.read(1, "holding", 1, len(words)) == words
    with pytest.raises(NoSuchRegister):
        bank.read(1, "input", 1, len(words))


def test_an_open_thermocouple_is_the_end_of_the_range():
    assert Place(1, "holding", 1, "int16").words(None) == [0x7FFF]
    assert Place(1, "holding", 1, "int16", scale=0.001).words(298.15) == [25000]
    assert Place(1, "holding", 1, "int16", scale=0.0001).words(298.15) == [0x7FFF]
