"""Orders to a chamber: carried out when its set point is read next, in steps, and checked by what is read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from solbench.acquisition.bench.bench_file import BenchFile, parse_bench
from solbench.acquisition.bench.gauges.chamber import STEP_K, Chamber, Order, Ramp
from solbench.cli.commands.simulate import bench_text
from solbench.cli.whole import app
from solbench.drivers.errors import NoReply, StillHeats
from solbench.drivers.roles import GaugeReading
from solbench.protocols import BadInput
from tests.acquisition.engine.test_chamber import CHAMBER, LAKESHORE


class Clock:
    now_s = 0.0

    def now(self) -> float:
        return self.now_s


class Controller:
    """A controller that does what a test says of it."""

    name, unit, every_s, resolution, ramps = "chamber", "K", 10.0, 0.1, False

    def __init__(self) -> None:
        self.set_K = self.own_K = 298.15
        self.limit_K: float | None = 370.0
        self.is_off = self.is_deaf = self.is_silent = False
        self.sent: list[float] = []

    def read(self) -> GaugeReading:
        return GaugeReading(0.0, self.own_K)

    def why_not(self, value: float, per_s: float | None) -> str:
        return ""

    def set_point(self, value: float, per_s: float | None = None) -> None:
        self.require_voice()
        self.sent.append(value)
        if not self.is_deaf:
            self.set_K, self.is_off = value, False

    def set_point_as_read_back(self) -> float:
        self.require_voice()
        return self.set_K

    def limit_as_read_back(self) -> float | None:
        return self.limit_K

    def make_safe(self) -> None:
        if self.is_silent:
            raise StillHeats("it does not answer")
        self.is_off = True

    def require_voice(self) -> None:
        if self.is_silent:
            raise NoReply("chamber", "a set point", 1.0)


@pytest.fixture
def made():
    controller, clock = Controller(), Clock()
    chamber = Chamber(controller, parse_bench(CHAMBER, "b.yaml").chamber, clock)

    def pass_s(seconds: float) -> None:
        until_s = clock.now_s + seconds
        while clock.now_s < until_s:
            chamber.read()
            clock.now_s += 10.0

    return chamber, controller, pass_s


@given(st.floats(200.0, 500.0), st.floats(200.0, 500.0), st.floats(1e-3, 0.2), st.floats(0.0, 1e5))
def test_a_ramp_is_never_faster_and_ends_where_it_is_to(from_K, target_K, per_s, now_s):
    ramp = Ramp(Order(target_K, per_s), from_K, 0.0)
    at_K = ramp.at(now_s)
    line_K = math.copysign(min(per_s * now_s, abs(target_K - from_K)), target_K - from_K)
    assert abs(at_K - from_K - line_K) <= STEP_K + 1e-9
    assert abs(at_K - from_K) <= abs(line_K) + 1e-9
    assert ramp.at(1e9) == target_K


def test_it_goes_to_its_target_in_steps(made):
    chamber, controller, pass_s = made
    chamber.go_to(308.15, 1.0 / 60.0)
    pass_s(300.0)
    assert 302.0 < controller.set_K < 303.2
    pass_s(330.0)
    assert controller.set_K == 308.15
    assert len(controller.sent) == 21
    pass_s(300.0)
    assert len(controller.sent) == 21
    assert chamber.mismatch is None


@pytest.mark.parametrize("ramps", [True, False])
def test_one_that_is_there_already_is_not_moved(made, ramps):
    chamber, controller, pass_s = made
    controller.ramps, controller.set_K, controller.own_K = ramps, 333.1, 332.0
    chamber.go_to(333.15, 1.0 / 60.0)
    pass_s(100.0)
    assert set(controller.sent) == {333.15}


def test_one_that_has_cooled_down_is_ramped_again_although_its_set_point_is_there(made):
    chamber, controller, pass_s = made
    controller.set_K, controller.own_K, controller.is_off = 333.15, 303.15, True
    chamber.go_to(333.15, 1.0 / 60.0)
    pass_s(30.0)
    assert 303.0 < controller.set_K < 304.2
    assert not controller.is_off


def test_one_that_says_nothing_does_later_what_was_ordered_last(made):
    chamber, controller, _ = made
    chamber.go_to(333.15, 1.0)
    controller.is_silent = True
    for _ in range(3):
        with pytest.raises(NoReply):
            chamber.read()
    chamber.switch_off()
    with pytest.raises(StillHeats):
        chamber.read()
    controller.is_silent = False
    chamber.read()
    assert controller.is_off
    assert controller.sent == []


def test_a_set_point_that_is_lost_once_is_sent_again_and_one_that_is_not_taken_is_told(made):
    chamber, controller, pass_s = made
    controller.is_deaf = True
    chamber.go_to(298.65, 1.0)
    chamber.read()
    controller.is_deaf = False
    pass_s(100.0)
    assert controller.set_K == 298.65
    assert chamber.mismatch is None
    controller.is_deaf = True
    chamber.go_to(303.15, 1.0)
    pass_s(100.0)
    assert chamber.mismatch == (pytest.approx(298.15, abs=0.01), 298.65)


def test_one_that_somebody_has_changed_is_told_and_left(made):
    chamber, controller, pass_s = made
    chamber.go_to(298.15, 1.0)
    pass_s(50.0)
    controller.set_K = 350.0
    pass_s(50.0)
    assert chamber.mismatch == (298.15, 350.0)
    assert controller.set_K == 350.0


@pytest.mark.parametrize(
    ("limit_K", "target_K", "is_set"),
    [
        (None, 333.0, True),
        (None, 334.0, False),
        (370.0, 360.0, True),
        (350.0, 360.0, False),
        (400.0, 360.0, False),
    ],
)
def test_it_goes_above_60_degc_with_a_limiter_alone(made, limit_K, target_K, is_set):
    chamber, controller, pass_s = made
    controller.limit_K, controller.ramps = limit_K, True
    chamber.go_to(target_K, 1.0)
    pass_s(30.0)
    assert bool(controller.sent) == is_set
    assert bool(chamber.refusal) != is_set


def with_chamber(old: str, new: str) -> BenchFile:
    return parse_bench(CHAMBER.replace(old, new), "bench.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  gauge: chamber\n", "  gauge: oven\n", "no gauge 'oven'"),
        ("  gauge: chamber\n", "  gauge: cell2\n", "no gauge 'cell2'"),
        ("  switch_on: [{register: 273, number: 0}]\n", "", "'switch_on' is missing"),
        ("lowest: -20 degC", "lowest: 200 degC", "not below"),
        ("highest: 100 degC", "highest: 5000 degC", "cannot be set"),
        ("set_point: {register: 2}", "set_point: {register: 70000}", "not small enough"),
        ("set_point: {register: 2}", "set_point: {register: 65535, type: int32}", "register"),
    ],
)
def test_a_chamber_that_makes_no_sense_is_told_in_words(old, new, words):
    with pytest.raises(BadInput, match=words):
        with_chamber(old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  gauge: chamber\n", "  gauge: chamber\n  limit: {register: 3}\n", "a Lake Shore has none"),
        ("  lakeshore: {output: 2, heater: high}\n", "", "missing where the chamber is set"),
        ("  lakeshore: {output: 2, heater: high}\n", "  set_point: {register: 2}\n", "at no Modbus device"),
        ("lakeshore: {connection: tcp://192.168.1.30, input: B}", "address: 12", "at no Lake Shore"),
        ("input: D}", 'input: D, model: "335"}', "has no input D"),
        ("input: D}", 'input: A, model: "335"}', "same serial settings, time-out and model"),
        ("connection: tcp://192.168.1.30, input: D}", "connection: rtu://a:1, input: D}", "not tcp://"),
        ("output: 2,", "output: 3,", "output"),
    ],
)
def test_a_lake_shore_that_makes_no_sense_is_told_in_words(old, new, words):
    assert old in LAKESHORE
    with pytest.raises(BadInput, match=words):
        parse_bench(LAKESHORE.replace(old, new, 1), "bench.yaml")


def test_a_served_lake_shore_is_where_the_bench_file_says(tmp_path):
    bench = parse_bench(LAKESHORE, "bench.yaml")
    assert bench.limits.chamber.has_limit
    line = "tcp://192.168.1.30:7777"
    text = bench_text(bench, "socket://a:1", "127.0.0.1:2", {"1260": 4, "1287": 6}, {line: "tcp://b:3"})
    assert {gauge.line for gauge in parse_bench(text, "served.yaml").gauges} == {"tcp://b:3"}


def test_its_gauge_must_be_at_a_modbus_device():
    with pytest.raises(BadInput, match="no Modbus device"):
        with_chamber('modbus: {connection: "tcp://192.168.1.30", register: 1, scale: 0.1}', "address: 12")


@pytest.mark.parametrize("command", [("check",), ("run",), ("queue", "add")])
def test_a_protocol_that_needs_a_limiter_is_refused_before_anything_is_set(tmp_path, monkeypatch, command):
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.yaml").write_text(CHAMBER.replace("  limit: {register: 111}\n", ""), encoding="utf-8")
    arguments = [*command, "conductivity-against-temperature", "--cell", "nps", "--bench", "b.yaml"]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 2
    assert "limiter" in answer.output + answer.stderr
    assert not list(tmp_path.glob("*.journal"))
