"""A controller over a real Modbus server: what is set is what its chamber then has, and what it refuses is told."""

from __future__ import annotations

import os

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.bench.truth import chamber_of
from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import BadReply, NoReply, OutOfRange, StillHeats
from solbench.drivers.sensors.modbus import LineSettings, ModbusGauge, ModbusLine
from solbench.drivers.sensors.modbus_controller import ModbusController
from solbench.simulators.sensors.chamber import Chamber
from solbench.simulators.sensors.registers import RegisterBank
from solbench.simulators.sensors.sensor import Sensor, SensorSettings
from solbench.simulators.server.modbus import ModbusServer

BENCH = """
name: bench
kind: simulated
positive_terminal: we_re2
gauges:
  - {name: oven, place: elsewhere, modbus: {connection: "tcp://1.2.3.4", register: 1, scale: 0.1, unit: UNIT}}
chamber:
  gauge: oven
  set_point: {register: 10, type: TYPE, scale: SCALE, swapped: SWAPPED}
  ramp: {register: 35}
  limit: {register: 111}
  switch_off: [{register: 273, number: 1}, {register: 3, number: -5}]
  switch_on: [{register: 273, number: 0}]
  lowest: -20 degC
  highest: 200 degC
"""
KINDS = {
    "tenths of a degree": ("degC", "int16", "0.1", "false"),
    "a float": ("K", "float32", "1", "true"),
    "fahrenheit": ("degF", "int32", "0.01", "false"),
}


@pytest.fixture(
    params=["tcp", pytest.param("rtu", marks=pytest.mark.skipif(os.name != "posix", reason="pty"))]
)
def made(request):
    opened = []

    def make(kind: str = "tenths of a degree", without: str = "none") -> tuple[ModbusController, Chamber]:
        text = BENCH
        for word, value in zip(("UNIT", "TYPE", "SCALE", "SWAPPED"), KINDS[kind], strict=True):
            text = text.replace(word, value)
        text = "\n".join(line for line in text.splitlines() if not line.strip().startswith(without))
        bench = parse_bench(text, "bench.yaml")
        plan = chamber_of(bench)
        chamber = Chamber(plan, 298.15, lambda _: None, lambda: 0.0)
        chamber.sensor = Sensor("oven", SensorSettings(), lambda: chamber.air_K, lambda: 0.0)
        bank = RegisterBank()
        (gauge,) = bench.gauges
        where = gauge.modbus.where
        bank.add_settable(chamber)
        place = type(plan.set_point)(1, "holding", 1, "int16", False, 0.1, 0.0, where.unit)
        bank.add(place, chamber.sensor)
        server = ModbusServer(bank, pty=request.param == "rtu")
        line = ModbusLine(server.address, LineSettings(timeout_s=0.3))
        opened.extend((line, server))
        reads = ModbusGauge("oven", line, where, SystemClock())
        return ModbusController(reads, line, bench.chamber.where(gauge)), chamber

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_set_is_what_the_chamber_is_set_to(made, kind):
    controller, chamber = made(kind)
    for kelvin in (263.35, 298.15, 333.25, 401.05):
        controller.set_point(kelvin, 1.5 / 60.0)
        assert chamber.target_K == pytest.approx(kelvin, abs=0.06)
        assert controller.set_point_as_read_back() == pytest.approx(kelvin, abs=0.06)
    assert chamber.ramp_K_min == pytest.approx(1.5, abs=0.06)
    assert controller.limit_as_read_back() == pytest.approx(373.15, abs=0.06)
    assert controller.read().value == pytest.approx(298.15, abs=0.06)


@pytest.mark.parametrize(("per_min", "fits"), [(0.04, False), (0.1, True), (1.0, True), (5000.0, False)])
def test_a_ramp_that_its_register_cannot_hold_is_told_before_it_jumps(made, per_min, fits):
    controller, _ = made()
    assert bool(controller.why_not(310.0, per_min / 60.0)) != fits
    assert controller.why_not(310.0, None) == ""


def test_its_output_is_taken_to_zero_and_on_again(made):
    controller, chamber = made()
    controller.make_safe()
    assert chamber.is_off
    controller.set_point(310.0)
    assert not chamber.is_off


def test_one_that_has_no_switch_is_set_to_where_it_does_no_harm(made):
    controller, chamber = made(without="switch_o")
    controller.set_point(373.15)
    controller.make_safe()
    assert chamber.target_K == pytest.approx(298.15, abs=0.06)


@pytest.mark.parametrize("fault", ["deaf", "silent"])
def test_one_that_does_not_go_off_is_told(made, fault):
    controller, chamber = made()
    chamber.happen(fault)
    with pytest.raises(StillHeats, match="oven"):
        controller.make_safe()


def test_one_that_says_nothing_and_what_does_not_fit_are_told(made):
    controller, chamber = made()
    with pytest.raises(OutOfRange):
        controller.set_point(273.15 + 4000.0)
    with pytest.raises(BadReply, match="no such register"):
        controller._registers.write(1, 99, [1])
    chamber.happen("silent")
    with pytest.raises(NoReply):
        controller.set_point_as_read_back()
