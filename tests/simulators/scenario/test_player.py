"""What changes of a scenario do on a bench, read at its bus and compared with what was ordered."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest

from solbench.protocols import load_cell
from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.circuit import Circuit
from solbench.simulators.scenario.changes import (
    Change,
    Emf,
    Exchanged,
    FrontPanel,
    Hum,
    LeadOff,
    Leak,
    LooseContact,
    Mark,
    MeterError,
    ReadingNoise,
    SeriesResistance,
    Shunt,
    Temperature,
    When,
)
from solbench.simulators.scenario.truth import Before, ScenarioError, Truly
from solbench.simulators.world import WorldError
from tests.simulators.cells import SourceAndResistor
from tests.simulators.conftest import SILENT, WITH_EOI, Desk

AT_10_S, AT_20_S = Mark(time_s=10.0), Mark(time_s=20.0)
Bench = Callable[..., Desk]


def description(name: str, build: str) -> dict[str, Any]:
    return load_cell(name).build(build).simulated_cell()


@pytest.fixture
def play() -> Iterator[Bench]:
    """Make a desk whose cell is 1 V behind 100 ohm (`ce_re1` positive), with changes."""
    benches: list[SimulatedBench] = []

    def make(*changes: Change, world: Path | None = None, **settings: Any) -> Desk:
        given = {**SILENT, "positive_terminal": "ce_re1", "interface": WITH_EOI, **settings}
        bench = SimulatedBench(
            {}, settings=given, seed=3, world=world, build=SourceAndResistor, truly=Truly(changes)
        )
        benches.append(bench)
        return Desk(bench)

    yield make
    for bench in benches:
        bench.close()


def test_a_resistance_comes_at_its_time_grows_and_goes(play: Bench) -> None:
    desk = play(SeriesResistance(ohm=200.0, when=When(AT_10_S, Mark(time_s=40.0), over_s=20.0)))
    desk.ready_to_read()
    desk.hold_current(1e-4)
    seen = {}
    for until_s in (9.0, 20.0, 35.0, 41.0):
        desk.clock.sleep_until(until_s)
        seen[until_s] = desk.reading()[0]
    assert seen[9.0] == pytest.approx(1.01, abs=1e-5)
    assert seen[20.0] == pytest.approx(1.01 + 1e-4 * 100.0, abs=3e-4)
    assert seen[35.0] == pytest.approx(1.03, abs=1e-5)
    assert seen[41.0] == pytest.approx(1.01, abs=1e-5)


def test_a_change_waits_for_a_charge_in_either_direction(play: Bench) -> None:
    desk = play(Emf(voltage_V=0.05, when=When(Mark(charge_C=3e-3), Mark(charge_C=5e-3))))
    desk.ready_to_read()
    desk.hold_current(1e-4)
    desk.pass_time(20.0)
    desk.tell("PC-1E-4")
    desk.pass_time(9.0)
    assert desk.reading()[0] == pytest.approx(0.99, abs=1e-5)
    desk.pass_time(2.0)
    assert desk.reading()[0] == pytest.approx(1.04, abs=1e-5)
    desk.pass_time(20.0)
    assert desk.reading()[0] == pytest.approx(0.99, abs=1e-5)


def test_shunt_and_leak_take_current_from_the_cell(play: Bench) -> None:
    desk = play(Shunt(ohm=50.0), Leak(current_A=1e-3))
    desk.ready_to_read()
    assert desk.reading()[0] == pytest.approx((1.0 - 0.1) * 50.0 / 150.0, abs=1e-5)
    desk.pass_time(100.0)
    assert desk.truth.charge_C == 0.0
    circuit = desk.bench._stage.cell
    assert isinstance(circuit, Circuit)
    assert circuit.cell.discharged_C == pytest.approx((1.0 - 0.3) / 100.0 * desk.clock.now(), rel=1e-2)


@pytest.mark.parametrize(("frequency_Hz", "passes"), [(50.0, False), (47.0, True)])
def test_hum_is_what_a_window_of_whole_periods_rejects(
    play: Bench, frequency_Hz: float, passes: bool
) -> None:
    desk = play(Hum(voltage_V=0.05, frequency_Hz=frequency_Hz))
    desk.ready_to_read()
    read = [desk.reading()[0] - 1.0 for _ in range(40)]
    assert (max(map(abs, read)) > 1e-4) is passes
    assert max(map(abs, read)) < 0.05 * math.sqrt(2.0)


def test_noise_has_the_size_that_was_ordered(play: Bench) -> None:
    desk = play(ReadingNoise(voltage_V=0.01))
    desk.ready_to_read()
    read = [desk.reading()[0] for _ in range(200)]
    window_s = desk.bench.settings.interface.conversion_s[0]
    assert stdev(read) == pytest.approx(0.01 * math.sqrt(0.1 / window_s), rel=0.15)
    assert fmean(read) == pytest.approx(1.0, abs=4 * stdev(read) / math.sqrt(200))


def test_errors_of_meters_leave_the_truth_as_it_is(play: Bench) -> None:
    desk = play(
        MeterError(voltage_offset_V=2e-3, current_offset_A=0.5e-6, when=When(over_s=100.0)),
        MeterError(current_offset_of_range=2.5e-3),  # of 200 uA
        MeterError(voltage_gain=0.01, current_gain=0.04, decay_s=500.0, when=When(Mark(time_s=200.0))),
    )
    desk.ready_to_read()
    desk.hold_current(1e-4)
    desk.clock.sleep_until(150.0)
    assert desk.reading()[:2] == pytest.approx([1.012, 1.01e-4], rel=1e-5)
    desk.clock.sleep_until(700.0)
    left = math.exp(-1.0)
    expected = [1.01 * (1 + 0.01 * left) + 2e-3, 1e-4 * (1 + 0.04 * left) + 1e-6]
    assert desk.reading()[:2] == pytest.approx(expected, rel=1e-4)
    assert desk.truth.cell_voltage_V == pytest.approx(1.01)
    assert desk.truth.cell_current_A == pytest.approx(1e-4)


def test_leads_off_and_exchanged(play: Bench) -> None:
    desk = play(
        LeadOff(lead="re1", when=When(AT_10_S, AT_20_S)),
        LeadOff(lead="ce", when=When(Mark(time_s=30.0), Mark(time_s=40.0))),
        Exchanged(when=When(Mark(time_s=50.0), Mark(time_s=60.0))),
        Exchanged(references_only=True, when=When(Mark(time_s=70.0))),
    )
    desk.ready_to_read()
    desk.hold_current(1e-4)
    seen = {}
    for until_s in (5.0, 15.0, 25.0, 35.0, 45.0, 55.0, 65.0, 75.0):
        desk.clock.sleep_until(until_s)
        seen[until_s] = desk.reading()[:2]
    for whole_s in (5.0, 25.0, 45.0, 65.0):
        assert seen[whole_s] == pytest.approx([1.01, 1e-4], rel=1e-4)
    assert seen[15.0][0] > 2.0
    assert seen[35.0] == pytest.approx([1.0, 0.0], abs=1e-5)
    assert seen[55.0] == pytest.approx([-0.99, 1e-4], rel=1e-4)
    assert seen[75.0] == pytest.approx([-1.01, 1e-4], rel=1e-4)


@pytest.mark.parametrize(("lead", "part"), [("generator", "both"), ("v1", "V"), ("v2", "I")])
def test_a_lead_of_the_analyzer_that_is_off(play: Bench, lead: str, part: str) -> None:
    desk = play(LeadOff(lead=lead, when=When(Mark(time_s=4.0))))
    desk.tell_fra("VA0.01", "FR1000", "SO1,3")
    desk.hold_voltage(1.0)
    signals = desk.bench._analyzer._signals
    desk.tell_fra("SI")
    before = {channel: abs(signal.ac) for channel, signal in signals().items()}
    desk.clock.sleep_until(6.0)
    desk.error()
    after = {channel: abs(signal.ac) for channel, signal in signals().items()}
    assert before[1] > 1e-5 < before[2]
    assert (after[1] == 0.0) is (part in ("both", "V"))
    assert (after[2] == 0.0) is (part in ("both", "I"))


def test_a_hand_at_the_front_panel(play: Bench) -> None:
    desk = play(
        FrontPanel(instrument="1287", command="PC1.04E-4", when=When(AT_10_S)),
        FrontPanel(instrument="1287", command="PW0", when=When(AT_20_S)),
    )
    desk.ready_to_read()
    desk.hold_current(1e-4)
    desk.clock.sleep_until(15.0)
    assert desk.truth.cell_current_A == pytest.approx(1.04e-4)
    desk.clock.sleep_until(60.0)
    assert not desk.truth.polarized
    assert desk.truth.opened_s == pytest.approx(20.0)
    assert desk.truth.charge_C == pytest.approx(1e-4 * 10.0 + 1.04e-4 * 10.0, rel=2e-2)


@pytest.mark.parametrize("command", ["QQ1", "PC7", "?ER", ""])
def test_what_no_hand_can_set_is_refused(play: Bench, command: str) -> None:
    with pytest.raises(ScenarioError):
        play(FrontPanel(instrument="1287", command=command))


def test_a_loose_contact_is_good_half_of_the_time(play: Bench) -> None:
    desk = play(LooseContact(ohm=100.0, interval_s=1.0))
    circuit = desk.bench._stage.cell
    assert isinstance(circuit, Circuit)
    seen = []
    for second in range(300):
        desk.clock.sleep_until(second + 0.5)
        desk.bench.bus.settle()
        seen.append(circuit.series_ohm)
    assert 0.4 < sum(ohm == 0.0 for ohm in seen) / 300 < 0.6
    assert 90.0 < max(seen) <= 100.0


def test_a_warmer_cell_conducts_better_and_cools_again() -> None:
    change = Temperature(warmer_K=10.0, when=When(AT_10_S, Mark(time_s=100.0), over_s=30.0))
    swing = Temperature(amplitude_K=1.0, period_s=400.0, when=When(Mark(time_s=200.0)))
    bench = SimulatedBench(description("nps", "half"), truly=Truly((change, swing)))
    seen = {}
    for until_s in (5.0, 50.0, 150.0, 300.0):
        bench.clock.sleep_until(until_s)
        bench.bus.settle()
        seen[until_s] = bench.cell.temperature_K - 298.15
    assert seen == pytest.approx({5.0: 0.0, 50.0: 10.0, 150.0: 0.0, 300.0: 1.0}, abs=1e-3)


def test_a_stored_world_goes_on_with_what_had_begun(tmp_path: Path, play: Bench) -> None:
    changes = (
        SeriesResistance(ohm=50.0, when=When(Mark(charge_C=1e-3))),
        SeriesResistance(ohm=20.0, when=When(Mark(time_s=1000.0))),
    )
    desk = play(*changes, world=tmp_path / "a.world")
    desk.ready_to_read()
    desk.hold_current(1e-4)
    desk.pass_time(30.0)
    desk.reading()
    charge_C = desk.truth.charge_C
    desk.bench.close()
    desk = play(*changes, world=tmp_path / "a.world")
    assert desk.truth.charge_C == pytest.approx(charge_C)
    assert desk.truth.cell_voltage_V == pytest.approx(1.0 + 1e-4 * 150.0)
    desk.clock.sleep_until(1001.0)
    assert desk.truth.cell_voltage_V == pytest.approx(1.0 + 1e-4 * 170.0)


@pytest.mark.parametrize(
    "changes", [(), (SeriesResistance(ohm=51.0),), (Shunt(ohm=50.0), Leak(current_A=1e-6))]
)
def test_a_world_of_another_scenario_is_refused(
    tmp_path: Path, play: Bench, changes: tuple[Change, ...]
) -> None:
    play(SeriesResistance(ohm=50.0), world=tmp_path / "a.world").bench.close()
    with pytest.raises(WorldError, match="another scenario"):
        play(*changes, world=tmp_path / "a.world")


def test_a_cell_that_was_used_is_no_fresh_one() -> None:
    fresh = SimulatedBench(description("nbh", "half"))
    used = SimulatedBench(description("nbh", "half"), truly=Truly(before=Before((-2.0,), 3600.0)))
    assert fresh.truth.cell_voltage_V > 0.5
    assert used.truth.cell_voltage_V < 0.1
    assert used.truth.charge_C == 0.0
    assert used.cell.charge_C == pytest.approx(-2.0)


def test_alone_the_analyzer_meets_the_scenario_too(play: Bench) -> None:
    bench = SimulatedBench(
        description("nps", "pellet"),
        settings={**SILENT, "wiring": "analyzer_alone", "positive_terminal": "ce_re1"},
        truly=Truly((SeriesResistance(ohm=200.0), LeadOff(lead="v1", when=When(AT_10_S)))),
    )
    desk = Desk(bench)
    desk.tell_fra("VA0.1", "FR1000", "SI")
    swung_V, swung_A = bench._stage.ac()
    assert swung_V / swung_A == pytest.approx(bench.cell.impedance(1000.0) + 200.0, rel=1e-9)
    desk.clock.sleep_until(20.0)
    desk.fra_error()
    assert bench._analyzer._signals()[1].ac == 0.0
