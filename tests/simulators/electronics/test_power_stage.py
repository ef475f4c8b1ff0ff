"""Off-limit action, compliance, auto range, and the leads."""

from __future__ import annotations

import random

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.bench import SimulatedBench
from tests.simulators.cells import SourceAndResistor
from tests.simulators.conftest import SILENT, WITH_EOI, Desk


def test_cut_out_opens_the_cell_beyond_the_range(desk):
    bench = desk({"resistance_ohm": 10.0})
    bench.ready_to_read()
    bench.tell("OL0")
    bench.hold_current(0.0, resistor=5)
    bench.tell("PC2.05E-4")
    assert bench.truth.polarized
    bench.tell("PC2.2E-4")
    assert not bench.truth.polarized
    assert bench.reading()[1] == 0.0


def test_cut_out_acts_in_the_potentiostat_when_the_current_grows(desk):
    # The EMF runs away from the held voltage: 2 mA full scale is passed after 2.1 s.
    bench = desk({"emf_V": 1.0, "ramp_V_s": 0.1, "resistance_ohm": 100.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.hold_voltage(1.0, resistor=4)
    bench.pass_time(1.5)
    bench.reading()
    assert bench.truth.polarized
    bench.pass_time(1.5)
    bench.reading()
    assert not bench.truth.polarized


def test_cut_out_counts_the_peak_of_the_ac(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 100.0})
    bench.tell("OL0", "PI0")
    bench.hold_voltage(0.0, resistor=4)
    bench.tell_fra("FR1000", "VA0.14", "SI")
    assert bench.truth.polarized  # 1.98 mA peak of 2.1
    bench.tell_fra("VA0.16")
    assert not bench.truth.polarized


def test_limit_clips_the_current(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 10.0}, positive_terminal="ce_re1")
    bench.tell("OL1")
    bench.hold_voltage(2.0, resistor=4)
    assert bench.truth.polarized
    assert bench.truth.cell_current_A == pytest.approx(2.1e-3)
    before_C = bench.truth.charge_C
    bench.pass_time(10.0)
    assert bench.truth.charge_C - before_C == pytest.approx(0.021, rel=1e-9)


def test_no_limit_lets_it_flow_and_reads_overload(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 10.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("OL2")
    bench.hold_voltage(2.0, resistor=4)
    assert bench.truth.cell_current_A == pytest.approx(0.1)
    assert bench.reading()[3] == 32


def test_current_limit_belongs_to_auto_range(desk):
    bench = desk({"resistance_ohm": 10.0})
    bench.tell("OL0", "IL2")  # 200 uA
    bench.hold_current(0.0, resistor=4)
    bench.tell("PC1E-3")
    assert bench.truth.polarized  # a fixed range does not look at IL
    bench.tell("PC0", "RR0", "PC1E-3")
    assert not bench.truth.polarized


@pytest.mark.parametrize(("current_A", "last_digit_A"), [(1e-7, 1e-12), (1.5e-4, 1e-9), (1e-2, 1e-7)])
def test_auto_range_takes_the_smallest_range_that_holds_the_current(desk, current_A, last_digit_A):
    bench = desk({"resistance_ohm": 1.0})
    bench.ready_to_read()
    bench.tell("PO1", "RR0", f"PC{current_A * 1.00000123:+.9E}", "PW1")
    read_A = bench.reading()[1]
    assert read_A == pytest.approx(current_A * 1.00000123, abs=0.51 * last_digit_A)


def test_the_compliance_ends_what_a_galvanostat_can_do(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 1e6})
    bench.hold_current(1e-4)
    assert abs(bench.truth.cell_voltage_V) == pytest.approx(30.0)
    before_C = bench.truth.charge_C
    bench.pass_time(10.0)
    assert abs(bench.truth.charge_C - before_C) == pytest.approx(30e-6 * 10.0)


@pytest.mark.parametrize("terminal", ["ce_re1", "we_re2"])
@pytest.mark.parametrize("swapped", [False, True])
def test_signs_of_voltage_and_current_turn_together(desk, terminal, swapped):
    bench = desk({"emf_V": 2.0}, positive_terminal=terminal)
    bench.faults.set_leads(swapped=swapped)
    bench.ready_to_read()
    bench.hold_current(1e-4)
    sign = 1.0 if (terminal == "ce_re1") != swapped else -1.0
    voltage_V, current_A = bench.reading()[:2]
    assert voltage_V * sign > 0.0
    assert current_A == pytest.approx(1e-4)
    assert bench.truth.cell_current_A == pytest.approx(sign * 1e-4)


def test_a_loose_reference_shows_full_compliance_in_the_galvanostat(desk):
    bench = desk()
    bench.ready_to_read()
    bench.hold_current(1e-4)
    bench.faults.set_leads(loose_reference=True)
    assert bench.reading()[2] == 31
    bench.faults.set_leads()
    assert bench.reading()[2] == 0


def test_a_loose_reference_drives_the_potentiostat_into_the_cut_out(desk):
    bench = desk()
    bench.hold_voltage(-1.0, resistor=4)
    bench.faults.set_leads(loose_reference=True)
    assert not bench.truth.polarized


def test_a_loose_counter_lead_lets_no_current_flow(desk):
    bench = desk({"emf_V": 2.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.hold_current(1e-4)
    bench.faults.set_leads(loose_counter=True)
    assert bench.reading() == pytest.approx([2.0, 0.0, 0, 0])


def test_source_and_meter_follow_errors_of_their_own(desk):
    bench = desk({"emf_V": 1.0}, positive_terminal="ce_re1", errors="typical", seed=5)
    bench.ready_to_read()
    bench.hold_current(1e-4)
    true_A = bench.truth.cell_current_A
    read_A = bench.reading()[1]
    assert 1e-9 < abs(true_A - 1e-4) < 1.3e-7
    assert 1e-9 < abs(read_A - true_A) < 1.3e-7


def test_an_offset_on_request_shows_at_zero_current(desk):
    bench = desk({"emf_V": 1.0}, current_offset_of_range=1e-3)
    bench.ready_to_read()
    bench.tell("RR5")
    assert bench.reading()[1] == pytest.approx(200e-9, abs=0.6e-9)


def test_leads_come_off_when_they_are_pulled_and_not_before(desk):
    bench = desk(positive_terminal="ce_re1")
    bench.hold_current(1e-4)
    on_s = bench.clock.now()
    bench.pass_time(100.0)
    bench.faults.set_leads(loose_counter=True)
    bench.pass_time(100.0)
    assert bench.truth.charge_C == pytest.approx(1e-4 * 100.0)
    assert bench.clock.now() - on_s == pytest.approx(200.0)


def test_a_limit_that_is_lifted_has_held_until_then(desk):
    bench = desk({"resistance_ohm": 10.0}, positive_terminal="ce_re1", latency_s=0.0)
    bench.tell("OL1")
    bench.hold_current(1e-3, resistor=5)
    bench.pass_time(100.0)
    bench.tell("OL2")
    assert bench.truth.charge_C == pytest.approx(2.1e-4 * 100.0)
    assert bench.truth.cell_current_A == pytest.approx(1e-3)


class Steady(SourceAndResistor):
    """One that may be left behind while a voltage is held."""

    is_steady = True


@pytest.mark.parametrize("seed", range(3))
def test_a_held_cell_comes_to_the_same_however_often_anybody_looks(seed):
    draw = random.Random(seed)
    description = load_cell("nps").build("half").simulated_cell()
    seldom, often = (Desk(SimulatedBench(description, seed=seed)) for _ in range(2))
    held_V, pauses_s = draw.uniform(-0.5, -0.1), [draw.uniform(0.5, 60.0) for _ in range(4)]
    lines = []
    for desk in (seldom, often):
        desk.ready_to_read()
        desk.hold_current(1e-4)
        desk.pass_time(1000.0)
        desk.tell("PW0")
        desk.hold_voltage(held_V, resistor=3)
        for pause_s in pauses_s:
            parts = 1 if desk is seldom else 7
            for _ in range(parts):
                desk.pass_time(pause_s / parts)
                if desk is often:
                    assert desk.truth.polarized
            lines.append(desk.pstat.query("RU1"))
    assert lines[:4] == lines[4:]
    mine, true = seldom.truth.everything(), often.truth.everything()
    assert mine == pytest.approx(true, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("clamped", ["nbh", "nps"])
def test_a_cell_that_is_clamped_in_does_what_it_does_whatever_was_there_before(clamped):
    """To the last bit, also where the one before need not be brought along with every message."""
    states = []
    for before in ("nbh", "nps"):
        desk = Desk(SimulatedBench(load_cell(before).build("half").simulated_cell(), settings=SILENT))
        desk.bench.mount(load_cell(clamped).build("half").simulated_cell())
        desk.ready_to_read()
        desk.hold_current(1e-4)
        desk.pass_time(100.0)
        desk.tell("PW0")
        desk.hold_voltage(-0.3, resistor=3)
        for _ in range(10):
            desk.pass_time(3.0)
            desk.pstat.read_stb()
        states.append(desk.truth.cell.state())
    assert states[0] == states[1]


@pytest.mark.parametrize("ramp_V_s", [0.1, 0.031, -0.4])
@pytest.mark.parametrize("build", [SourceAndResistor, Steady])
def test_a_cut_out_acts_at_its_own_instant_although_nobody_looks(build, ramp_V_s):
    desk = Desk(SimulatedBench({"ramp_V_s": ramp_V_s}, settings=SILENT, build=build))
    desk.tell("OL0")
    desk.hold_voltage(-1.0)
    for _ in range(20):
        desk.pass_time(0.5)
        desk.pstat.read_stb()
    assert not desk.truth.polarized
    assert desk.truth.opened_s == pytest.approx(0.21 / abs(ramp_V_s), abs=2e-3)  # 2.1 mA through 100 ohm


def test_whoever_asks_whether_the_cell_is_on_is_told_of_a_cut_out_that_nobody_saw():
    settings = {**SILENT, "interface": {**WITH_EOI, "switch_query": True}}
    desk = Desk(SimulatedBench({"emf_V": 1.0, "ramp_V_s": 0.1}, settings=settings, build=Steady))
    desk.hold_voltage(-1.0)
    assert desk.pstat.query("?PW") == "1\r\n"
    desk.pass_time(10.0)
    assert desk.pstat.query("?PW") == "0\r\n"
