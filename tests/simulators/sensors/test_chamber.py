"""The simulated chamber by itself: it overshoots, lags and loses heat, and its limiter ends what nothing else does."""

from __future__ import annotations

import pytest

from solbench.simulators.sensors.chamber import Chamber, ChamberPlan, ChamberSettings
from solbench.simulators.sensors.registers import Place
from solbench.simulators.sensors.sensor import Sensor, SensorSettings

ROOM_K = 298.15
PLAN = ChamberPlan("oven", "line", Place(1, "holding", 2, "int16", scale=0.1))


class Room:
    now_s = 0.0


def made(plan=PLAN, **settings):
    room, cell = Room(), []
    plan = ChamberPlan(plan.sensor, plan.line, plan.set_point, settings=ChamberSettings(**settings))
    chamber = Chamber(plan, ROOM_K, cell.append, lambda: room.now_s)
    chamber.sensor = Sensor("oven", SensorSettings(), lambda: chamber.air_K, lambda: room.now_s)

    def pass_s(seconds):
        for _ in range(int(seconds / 10.0)):
            room.now_s += 10.0
            chamber.on_event()
        return chamber.air_K

    return chamber, cell, pass_s


@pytest.mark.parametrize("target_K", [273.15, 320.0, 353.15])
def test_it_comes_to_its_set_point_and_the_cell_stays_behind(target_K):
    chamber, cell, pass_s = made()
    chamber.write(1, 2, PLAN.set_point.words(target_K))
    highest = lowest = ROOM_K
    for _ in range(720):
        air_K = pass_s(10.0)
        highest, lowest = max(highest, air_K), min(lowest, air_K)
    assert air_K == pytest.approx(target_K, abs=0.1)
    beyond_K = highest - target_K if target_K > ROOM_K else target_K - lowest
    assert 0.3 < beyond_K < 8.0
    assert cell[-1] == pytest.approx(0.99 * (target_K - ROOM_K), abs=0.1)


def test_a_limiter_ends_a_heater_that_stays_on():
    chamber, _, pass_s = made(limit_K=340.0)
    chamber.happen("heater_on")
    hottest = max(pass_s(10.0) for _ in range(720))
    assert 339.5 < hottest < 341.0


def test_without_a_sensor_it_heats_no_more():
    chamber, _, pass_s = made()
    chamber.write(1, 2, PLAN.set_point.words(340.0))
    pass_s(300.0)
    chamber.sensor.fault = "open"
    before_K = chamber.air_K
    assert pass_s(600.0) < before_K


def test_its_state_is_whole():
    chamber, cell, pass_s = made()
    chamber.write(1, 2, PLAN.set_point.words(340.0))
    pass_s(1000.0)
    other, other_cell, other_pass_s = made()
    other_pass_s(1000.0)
    other.restore(chamber.state())
    assert pass_s(2000.0) == other_pass_s(2000.0)
    assert other.state() == chamber.state()
    assert other_cell[-1] == cell[-1]
