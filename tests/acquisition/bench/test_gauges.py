"""Gauges of an open bench: whatever a device does, the engine never waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from solbench.acquisition.bench.bench_file import GaugeEntry
from solbench.acquisition.bench.gauge_entry import ComparisonEntry, ModbusEntry
from solbench.acquisition.bench.gauges import GaugeThread, OnTheSpot, Silence, nature_of
from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import NoReply
from solbench.drivers.roles import GaugeReading

ENTRY = GaugeEntry(name="cell", every="0.01 s")


@dataclass
class Device:
    """A gauge that answers when it may."""

    name: str = "cell"
    unit: str = "K"
    every_s: float = 0.01
    may: threading.Event = field(default_factory=threading.Event)
    silent: bool = False
    read_times: int = 0

    def read(self) -> GaugeReading:
        self.may.wait(30.0)
        self.read_times += 1
        if self.silent:
            raise NoReply(self.name, "register 1", 1.0)
        return GaugeReading(SystemClock().now(), 298.0)


def until(what, limit_s: float = 20.0) -> None:
    end = time.perf_counter() + limit_s
    while not what():
        assert time.perf_counter() < end
        time.sleep(0.002)


def test_a_device_that_hangs_delays_nobody_and_is_there_again_later():
    device, closed = Device(), []
    thread = GaugeThread([(device, nature_of(ENTRY, "K"))], SystemClock(), lambda: closed.append(1))
    (gauge,) = thread.gauges
    began = time.perf_counter()
    for _ in range(1000):
        assert gauge.collect(between_readings=True) == []
    assert time.perf_counter() - began < 5.0  # it would be 30 s for the first of them
    device.may.set()
    found = []
    until(lambda: found.extend(gauge.collect(between_readings=False)) or len(found) >= 3)
    assert [one.time_s for one in found] == sorted(one.time_s for one in found)
    device.may.clear()
    thread.end()  # while it hangs again, or before
    device.may.set()
    until(lambda: closed == [1])


def test_what_a_thread_finds_is_in_order_silences_too():
    device = Device(silent=True)
    device.may.set()
    thread = GaugeThread([(device, nature_of(ENTRY, "K"))], SystemClock(), lambda: None)
    (gauge,) = thread.gauges
    found = []
    until(lambda: found.extend(gauge.collect(between_readings=True)) or len(found) >= 2)
    thread.end()
    assert all(isinstance(one, Silence) for one in found)


class Hand:
    """A clock that is set by hand."""

    slice_s = 0.05
    now_s = 0.0

    def now(self) -> float:
        return self.now_s

    def sleep_until(self, time_s: float) -> None:
        self.now_s = max(self.now_s, time_s)


def asked_at(
    device: Device, *, on_bus: bool, lasts_s: int = 4000, between_readings: bool = True
) -> list[float]:
    clock, entry = Hand(), GaugeEntry(name="cell", every="10 s")
    gauge = OnTheSpot(device, nature_of(entry, "K"), clock, on_bus=on_bus)
    device.may.set()
    times = []
    for now_s in range(lasts_s):
        clock.now_s = float(now_s)
        if gauge.collect(between_readings=between_readings):
            times.append(clock.now_s)
    return times


def test_a_silent_gauge_on_the_bus_is_waited_for_more_and_more_seldom():
    times = asked_at(Device(silent=True), on_bus=True)
    assert times[:5] == [0.0, 20.0, 60.0, 140.0, 300.0]
    assert times[-1] - times[-2] == 600.0
    assert asked_at(Device(silent=True), on_bus=False, lasts_s=50) == [0.0, 10.0, 20.0, 30.0, 40.0]


def test_the_bus_is_used_between_two_readings_alone():
    assert asked_at(Device(), on_bus=True, lasts_s=50, between_readings=False) == []
    assert asked_at(Device(), on_bus=False, lasts_s=30, between_readings=False) == [0.0, 10.0, 20.0]


def test_what_a_sensor_is_worth():
    """Limits of +-0.6 K and +-0.3 K are 0.346 and 0.173 K of standard uncertainty; one step of 0.1 K is 0.029 K."""
    modbus = ModbusEntry(connection="tcp://1.2.3.4", register=1, scale=0.1)
    entry = GaugeEntry(name="cell", modbus=modbus, accuracy="0.6 K", gradient="0.3 K")
    assert nature_of(entry, "K").stderr == pytest.approx(0.388, abs=0.001)
    compared = ComparisonEntry(
        on="2026-11-29", against="ice water", shown="0.4 degC", true="0 degC", uncertainty="0.05 K"
    )
    better = nature_of(entry.model_copy(update={"comparison": compared}), "K")
    assert better.stderr == pytest.approx(0.182, abs=0.001)
    assert better.excess == pytest.approx(0.4)
    assert better.compared == "ice water, 2026-11-29"
    assert nature_of(entry, "kPa").stderr is None
