"""Lake Shore controllers through their maker's library, over a real port: what is set is what the chamber then has."""

from __future__ import annotations

import os
import sys

import pytest

from solbench.drivers.clock import SystemClock
from solbench.drivers.errors import BadReply, BusError, CannotOpen, NoReply, StillHeats
from solbench.drivers.sensors.lakeshore import (
    LakeShore,
    LakeShoreController,
    LakeShoreGauge,
    LakeShoreOutput,
    TextLine,
    load,
)
from solbench.drivers.sensors.no_value import NoValue
from solbench.simulators.sensors.chamber import Chamber, ChamberPlan, ChamberSettings
from solbench.simulators.sensors.lakeshore import LakeShore as Simulated
from solbench.simulators.sensors.sensor import Sensor, SensorSettings
from solbench.simulators.server.text import TextServer

ROOM_K = 298.15
TIMEOUT_S = 0.3


def line_to(server):
    """A pseudo-terminal has eight bits and no parity."""
    return TextLine(server.address, TIMEOUT_S, frame="8N1")


class World:
    """A chamber, its controller behind a door, and the program's side of it."""

    now_s = 0.0

    def __init__(self, model, channel, output, pty):
        plan = ChamberPlan(
            "oven", "line", on=((output, 3),), off=((output, 0),), settings=ChamberSettings(limit_K=400.0)
        )
        self.chamber = Chamber(plan, ROOM_K, lambda _: None, lambda: self.now_s)
        self.sensor = Sensor("oven", SensorSettings(), lambda: self.chamber.air_K, lambda: self.now_s)
        self.chamber.sensor = self.sensor
        self.instrument = Simulated(model)
        self.instrument.sensors[channel] = self.sensor
        self.instrument.heats(self.chamber)
        self.server = TextServer(self.instrument, pty=pty)
        self.line = LakeShore(line_to(self.server), model)
        self.gauge = LakeShoreGauge("oven", self.line, channel, SystemClock())
        self.controller = LakeShoreController(self.gauge, LakeShoreOutput(output, "high"))

    def pass_s(self, seconds):
        for _ in range(int(seconds / 10.0)):
            self.now_s += 10.0
            self.chamber.on_event()

    def close(self):
        self.line.close()
        self.server.close()


@pytest.fixture
def made():
    opened = []

    def make(model="336", channel="B", output=2, pty=os.name == "posix"):
        opened.append(World(model, channel, output, pty))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize(("model", "channel", "output"), [("335", "A", 1), ("336", "D", 2)])
@pytest.mark.parametrize("units", [1, 2])
def test_what_is_set_is_what_the_chamber_is_set_to(made, model, channel, output, units):
    world = made(model, channel, output, pty=units == 1 and os.name == "posix")
    world.instrument.units = units
    for kelvin in (310.004, 263.35):
        world.controller.set_point(kelvin)
        assert world.chamber.target_K == pytest.approx(kelvin, abs=0.001)
        assert world.controller.set_point_as_read_back() == pytest.approx(kelvin, abs=0.001)
        assert world.chamber.working_K == world.chamber.target_K
    assert world.chamber.switched(output) == 3
    assert world.controller.read().value == pytest.approx(world.chamber.air_K, abs=0.001)
    assert world.controller.limit_as_read_back() == 400.0


@pytest.mark.parametrize("shows_end", [False, True])
@pytest.mark.parametrize("per_min", [0.1, 0.55, 3.0])
def test_a_ramp_begins_where_the_chamber_is_and_is_never_faster(made, shows_end, per_min):
    world = made()
    world.instrument.shows_end = shows_end
    world.controller.set_point(350.0)  # where it was hours ago, and then switched off
    world.controller.make_safe()
    world.controller.set_point(350.0, per_min / 60.0)
    assert world.chamber.working_K == pytest.approx(ROOM_K, abs=0.001)
    world.pass_s(600.0)
    assert ROOM_K + 8.0 * per_min < world.chamber.working_K <= ROOM_K + 10.0 * per_min + 0.01
    assert world.controller.set_point_as_read_back() == pytest.approx(350.0, abs=0.001)
    before_K = world.chamber.working_K
    world.controller.set_point(320.0, per_min / 60.0)  # somewhere else while it goes: no step on the way
    assert abs(world.chamber.working_K - before_K) < 2.01
    world.pass_s(60.0 * 60.0 / per_min)
    assert world.chamber.working_K == pytest.approx(320.0)
    world.chamber.go_to(330.0, 330.0)  # by a hand
    assert world.controller.set_point_as_read_back() == pytest.approx(330.0, abs=0.001)


def test_its_heater_is_taken_off_and_on_again(made):
    world = made()
    world.controller.make_safe()
    assert world.chamber.is_off
    world.controller.set_point(310.0)
    assert not world.chamber.is_off
    world.chamber.air_K = 410.0
    world.pass_s(10.0)
    assert world.chamber.is_cut  # by its own limit
    assert world.instrument.answer("RANGE? 2") == "0"


@pytest.mark.parametrize("fault", ["deaf", "silent"])
def test_one_that_does_not_go_off_is_told(made, fault):
    world = made()
    world.chamber.happen(fault)
    with pytest.raises(StillHeats, match="oven"):
        world.controller.make_safe()


def test_a_reading_without_a_sensor_is_no_temperature(made):
    world = made()
    world.sensor.fault = "open"
    assert world.instrument.answer("KRDG? B") == "+000.000"
    with pytest.raises(NoValue, match="over range"):
        world.gauge.read()
    world.sensor.fault = ""
    assert world.gauge.read().value == pytest.approx(ROOM_K)


@pytest.mark.parametrize(
    ("wrong", "per_s", "words"),
    [
        ({"mode": 3}, None, "OPEN_LOOP"),
        ({"follows": 1}, None, "follows CHANNEL_A"),
        ({"units": 3}, None, "units of its sensor"),
        ({"heater_status": 1}, None, "is open"),
        ({}, 0.05 / 60.0, "0.1 to 100"),
        ({}, 120.0 / 60.0, "0.1 to 100"),
        ({}, 1.0 / 60.0, ""),
        ({}, None, ""),
    ],
)
def test_why_it_cannot_be_set_is_told_before_it_is(made, wrong, per_s, words):
    world = made()
    for name, value in wrong.items():
        setattr(world.instrument, name, value)
    found = world.controller.why_not(310.0, per_s)
    assert words in found
    assert bool(words) == bool(found)


def test_without_a_limit_that_is_set_there_is_none(made):
    world = made()
    world.instrument.follows = 1
    assert world.controller.limit_as_read_back() is None


def test_one_that_says_nothing_for_a_while_answers_its_own_question_afterwards(made):
    world = made()
    world.gauge.read()
    world.server.hangs_s = 2.0 * TIMEOUT_S
    with pytest.raises(NoReply):
        world.controller.limit_as_read_back()  # 400 K, which comes too late
    world.server.hangs_s = 0.0
    values = []
    for _ in range(10):
        try:
            values.append(world.gauge.read().value)
        except (BadReply, NoReply):  # it may be another's answer, and is recognised as that
            continue
    assert values
    assert values == pytest.approx([ROOM_K] * len(values))


def test_another_instrument_and_what_is_refused_are_told(made):
    world = made()
    with pytest.raises(BadReply, match="MODEL335"):
        LakeShore(line_to(world.server), "335").ask("it", lambda _: None)
    with pytest.raises(BadReply, match="Command Error"):
        world.line.ask("it", lambda library: library.command("OVEN 1"))
    with pytest.raises(BadReply, match="Execution Error"):
        world.line.ask("it", lambda library: library.set_heater_range(1, 2))


def test_one_that_is_not_there_or_hangs_up_is_told():
    with pytest.raises(CannotOpen):
        TextLine("no such port", TIMEOUT_S).query("*IDN?")
    world = World("336", "A", 1, pty=False)
    try:
        world.gauge.read()
    finally:
        world.close()
    with pytest.raises((BusError, CannotOpen, NoReply)):
        world.gauge.read()


def test_where_the_makers_library_is_missing_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "lakeshore", None)
    with pytest.raises(CannotOpen, match=r"solbench\[lakeshore\]"):
        load()
