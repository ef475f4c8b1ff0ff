"""Gauges of an open bench: whatever a device does, the engine never waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from solbench.acquisition.bench.bench import describe, open_bench, required_addresses
from solbench.acquisition.bench.bench_file import GaugeEntry, parse_bench
from solbench.acquisition.bench.gauges.entry import ComparisonEntry, ModbusEntry
from solbench.acquisition.bench.gauges.watched import GaugeThread, OnTheSpot, Silence, nature_of
from solbench.acquisition.bench.models import make_settings
from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import CannotOpen, NoReply
from solbench.drivers.keithley.settings import Settings2400
from solbench.drivers.roles import GaugeReading
from solbench.protocols.errors import BadInput

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


ICED = {"date": "2026-11-01", "against": "ice", "shown": "0 degC", "reference": "0 degC"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"unit": "kN"}, "a force is no pressure without an area"),
        ({"unit": "MPa", "area": "1 cm2"}, "only a force needs an area"),
        ({"unit": "MPa", "accuracy": "1 K"}, "is no pressure"),
        ({"unit": "degC", "accuracy": "1 MPa"}, "is no temperature"),
        ({"unit": "MPa", "accuracy": "5 GPa"}, "no difference between two pressures"),
        ({"unit": "MPa", "comparison": ICED}, "compared with no temperature"),
    ],
)
def test_a_pressure_gauge_that_makes_no_sense_is_told_in_words(fields, words):
    written = {name: value for name, value in fields.items() if name != "unit"}
    modbus = {"connection": "COM3", "register": 1, "unit": fields["unit"]}
    with pytest.raises(ValueError, match=words):
        GaugeEntry(name="load cell", modbus=modbus, **written)


def test_a_force_is_recorded_as_a_pressure():
    modbus = {"connection": "COM3", "register": 1, "unit": "kN", "scale": 0.01, "offset": -0.5}
    entry = GaugeEntry(name="load cell", area="1 cm2", accuracy="0.3 MPa", modbus=modbus)
    assert (entry.where.unit, entry.where.value(750.0)) == ("MPa", pytest.approx(70.0))
    nature = nature_of(entry, "MPa")
    assert nature.resolution == pytest.approx(0.1)
    assert nature.stderr == pytest.approx((0.3**2 / 3.0 + 0.1**2 / 12.0) ** 0.5)
    bar = nature_of(GaugeEntry(name="p", modbus={**modbus, "unit": "bar", "scale": 0.001}), "bar")
    assert bar.stderr == pytest.approx(10.0 / 3.0**0.5, rel=1e-6)


def test_a_device_that_hangs_delays_nobody_and_is_there_again_later():
    device, closed = Device(), []
    thread = GaugeThread([(device, nature_of(ENTRY, "K"))], SystemClock(), lambda: closed.append(1))
    (gauge,) = thread.gauges
    began = time.perf_counter()
    for _ in range(1000):
        assert not gauge.collect(between_readings=True)
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


def test_a_library_that_fails_in_its_own_way_is_a_silence_and_the_line_is_opened_anew():
    class Pulled(Device):
        def read(self) -> GaugeReading:
            self.read_times += 1
            if self.read_times == 1:
                raise RuntimeError("termios.error: Input/output error")
            return GaugeReading(0.0, 298.0)

    closed: list[int] = []
    thread = GaugeThread([(Pulled(), nature_of(ENTRY, "K"))], SystemClock(), lambda: closed.append(1))
    (gauge,) = thread.gauges
    found = []
    until(lambda: found.extend(gauge.collect(between_readings=True)) or len(found) >= 2)
    assert "Input/output" in str(found[0].error)
    assert isinstance(found[1], GaugeReading)
    assert closed == [1]
    thread.end()


def test_a_thread_that_does_not_come_back_is_told_again_and_again_not_at_every_look():
    device, clock = Device(), Hand()
    thread = GaugeThread(
        [(device, nature_of(GaugeEntry(name="cell", every="10 s"), "K"))], clock, lambda: None
    )
    (gauge,) = thread.gauges
    told = []
    for now_s in range(100):
        clock.now_s = float(now_s)
        told += [(now_s, one) for one in gauge.collect(between_readings=True)]
    assert [now_s for now_s, _ in told] == [30, 60, 90]
    assert "hangs" in str(told[0][1].error)
    thread.end()
    device.may.set()


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
        date="2026-11-29", against="ice water", shown="0.4 degC", reference="0 degC", uncertainty="0.05 K"
    )
    better = nature_of(entry.model_copy(update={"comparison": compared}), "K")
    assert better.stderr == pytest.approx(0.182, abs=0.001)
    assert better.excess == pytest.approx(0.4)
    assert better.compared == "ice water, 2026-11-29"
    assert nature_of(entry, "kPa").stderr is None


REAL = """
name: b
kind: prologix
adapter: COM99
positive_terminal: we_re2
analyzer_1260: {address: 4}
potentiostat_1287: {address: 6}
"""


def digits(text: str) -> object:
    bench = parse_bench(REAL + text, "b.yaml")
    return describe(bench, required_addresses(bench)).settings["1287"].get("fast_digits")


def test_the_mains_are_told_once_and_a_setting_wins():
    assert digits("") is None
    assert digits("mains: 60 Hz\n") == 2
    assert digits("mains: 60 Hz\n".replace("6", "5")) is None
    both = REAL.replace("{address: 6}", "{address: 6, settings: {fast_digits: 3}}") + "mains: 60 Hz\n"
    bench = parse_bench(both, "b.yaml")
    assert describe(bench, required_addresses(bench)).settings["1287"]["fast_digits"] == 3
    with pytest.raises(BadInput, match="no mains frequency"):
        digits("mains: 16.7 Hz\n")


def test_a_unit_that_counts_in_periods_is_told_of_its_mains_too():
    text = 'name: b\nkind: visa\nmodel: keithley2400\ninstruments: {"2400": {address: "GPIB0::24::INSTR"}}\n'
    for mains, expected in (("", 50.0), ("mains: 60 Hz\n", 60.0)):
        bench = parse_bench(text + mains, "b.yaml")
        settings = describe(bench, required_addresses(bench)).settings["2400"]
        assert make_settings(Settings2400, settings, "").mains_Hz == expected


SENSOR = 'gauges: [{name: cell, modbus: {connection: "tcp://1.2.3.4", register: 1}}]'


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (SENSOR.replace("tcp:", "udp:"), "connection", "neither tcp"),
        (SENSOR.replace("register: 1", "register: 70000"), "register", "65535"),
        (
            SENSOR.replace("register: 1", "register: 65535, type: float32"),
            "register",
            "65534",
        ),
        (
            SENSOR.replace("register: 1", "register: 1, scale: 0"),
            "scale",
            "every value the same",
        ),
        (SENSOR.replace("register: 1", "register: 1, type: int8"), "type", "int16"),
        (SENSOR.replace("tcp://1.2.3.4", "COM99"), "connection", "port of the instruments"),
        (
            SENSOR.replace("name: cell", "name: cell, accuracy: 25 degC"),
            "accuracy",
            "no difference",
        ),
        (SENSOR.replace("name: cell", "name: cell, place: oven"), "place", "room"),
        (SENSOR.replace("name: cell", "name: cell, tc08: {channel: 1}"), "tc08", "two ways"),
        ("gauges: [{name: cell, tc08: {channel: 9}}]", "channel", "8"),
        (
            "gauges: [{name: a, modbus: {connection: COM7, register: 1}}, {name: b, modbus: {connection: COM7, "
            "register: 2, serial: {baud: 19200}}}]",
            "serial",
            "another gauge sets the line COM7 otherwise",
        ),
        (
            "gauges: [{name: a, tc08: {channel: 3}}, {name: b, tc08: {channel: 3, thermocouple: T}}]",
            "channel",
            "another gauge is at channel 3",
        ),
        (
            "gauges: [{name: a, tc08: {channel: 1, serial: A0/1}}, {name: b, tc08: {channel: 2}}]",
            "serial",
            "there are several loggers",
        ),
    ],
)
def test_a_bad_entry_is_one_paragraph_with_its_field(text, field, words):
    with pytest.raises(BadInput) as refused:
        parse_bench(REAL + text + "\n", "b.yaml")
    assert words in str(refused.value)
    assert refused.value.field.startswith("gauges")
    assert refused.value.field.rpartition(".")[2] == field
    assert refused.value.file == "b.yaml"


def test_a_logger_whose_library_is_not_installed_is_refused_before_anything_is_opened(monkeypatch):
    def missing():
        raise CannotOpen("the TC-08", "its maker's Python package picosdk is not installed", "Install it")

    monkeypatch.setattr("solbench.acquisition.bench.gauges.lines.load_tc08", missing)
    text = REAL + "gauges: [{name: cell, tc08: {channel: 1}}]\n"
    with pytest.raises(BadInput, match="picosdk is not installed") as refused:
        open_bench(parse_bench(text, "b.yaml"), {}, lambda: None)
    assert refused.value.field == "gauges[0].tc08"
