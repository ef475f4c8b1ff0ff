"""The 1260 without the 1287: generator through the cell into the I input."""

from __future__ import annotations

import cmath
import math

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.bench import SimulatedBench
from tests.simulators.conftest import SILENT

RC = {"emf_V": 0.0, "resistance_ohm": 1e3, "capacitance_F": 1e-11}


@pytest.fixture
def alone(desk):
    def make(cell, **settings):
        bench = desk(cell, wiring="analyzer_alone", positive_terminal="ce_re1", **settings)
        bench.tell_fra("OP2,1", "SO1,3", "CZ0", "IS0.1", "VA0.1")
        return bench

    return make


@pytest.mark.parametrize("frequency_Hz", [0.1, 1e3, 1e6, 32e6])
def test_z_is_v1_over_i_to_32_megahertz(alone, frequency_Hz):
    bench = alone(RC)
    bench.fra.timeout = 60_000
    bench.tell_fra(f"FR{frequency_Hz:.7E}")
    truth = 1.0 / (1e-3 + 2j * math.pi * frequency_Hz * 1e-11)
    assert abs(bench.ratio() / truth - 1.0) < 2e-4


def test_the_generator_divides_its_voltage_between_its_output_and_the_cell(alone):
    bench = alone({"emf_V": 0.0, "resistance_ohm": 150.0})
    bench.tell_fra("FR1E3", "SI")
    assert bench.truth.ac_amplitude_V == pytest.approx(0.1 * 150.0 / 200.0)
    bench.fra.read()
    bench.tell_fra("SO1,0")
    assert bench.ratio().real == pytest.approx(0.075, rel=1e-3)
    bench.tell_fra("SO3,0")
    assert float(bench.fra.query("DO").split(",")[1]) == pytest.approx(0.1 / 200.0, rel=1e-3)


@pytest.mark.parametrize(("terminal", "sign"), [("ce_re1", 1.0), ("we_re2", -1.0)])
def test_a_live_cell_is_discharged_through_the_output_whichever_way_round(desk, terminal, sign):
    bench = desk({"emf_V": 3.4, "resistance_ohm": 50.0}, wiring="analyzer_alone", positive_terminal=terminal)
    assert bench.truth.polarized
    assert bench.truth.cell_current_A == pytest.approx(-3.4 / 100.0)
    bench.pass_time(100.0)
    assert bench.truth.discharged_C == pytest.approx(3.4, rel=1e-6)
    bench.tell_fra("VB3.4" if sign > 0 else "VB-3.4", "SI")
    assert bench.truth.cell_current_A == pytest.approx(0.0, abs=1e-9)


def test_an_output_that_opens_after_break_spares_the_cell(desk):
    bench = desk({"emf_V": 3.4}, wiring="analyzer_alone", analyzer={"output_open_after_break": True})
    assert bench.truth.cell_current_A == 0.0
    bench.tell_fra("SI")
    assert bench.truth.cell_current_A < -0.02
    bench.tell_fra("BK")
    assert bench.truth.cell_current_A == 0.0


def short_circuit_A(cell, resistance_ohm):
    """Find the current through a resistor across a cell by bisection."""
    low_A, high_A = -1.0, 1.0
    while high_A - low_A > 1e-12:
        middle_A = 0.5 * (low_A + high_A)
        if cell.voltage(middle_A) + resistance_ohm * middle_A > 0.0:
            high_A = middle_A
        else:
            low_A = middle_A
    return low_A


def test_the_discharge_of_a_half_cell_agrees_with_small_steps_of_current():
    description = load_cell("nbh").build("half").simulated_cell()
    settings = {**SILENT, "wiring": "analyzer_alone"}
    bench = SimulatedBench(description, settings=settings)
    reference = SimulatedBench(description, settings=settings).cell
    bench.clock.sleep_until(300.0)
    for _ in range(3000):
        reference.advance_current(0.1, short_circuit_A(reference, 50.0))
    assert reference.discharged_C > 0.1
    assert bench.truth.discharged_C == pytest.approx(reference.discharged_C, rel=2e-3)


def test_the_discharge_overloads_the_small_ranges_of_the_current_input(alone):
    bench = alone({"emf_V": 3.4, "resistance_ohm": 50.0})
    bench.tell_fra("FR1E3", "RA3,3")  # 600 uA
    assert bench.fra.query("SI").split(",")[3] == "3"
    bench.tell_fra("RA3,5")
    assert bench.fra.query("SI").split(",")[3] == "0"


def test_the_current_generator_drives_what_ia_and_ib_say(alone):
    bench = alone({"emf_V": 0.0, "resistance_ohm": 200.0})
    bench.tell_fra("GT1", "IA1E-3", "IB2E-3", "FR1E3", "SI")
    assert bench.truth.cell_current_A == pytest.approx(2e-3)
    assert bench.truth.ac_amplitude_V == pytest.approx(0.2)
    assert bench.ratio() == pytest.approx(200.0, rel=1e-3)
    bench.tell_fra("BK")
    assert bench.truth.cell_current_A == 0.0


def test_the_1287_senses_a_cell_that_must_not_be_there_and_drives_nothing(alone):
    bench = alone({"emf_V": 3.4})
    bench.ready_to_read()
    assert bench.reading() == [pytest.approx(3.4 / 3.0, abs=1e-4), 0.0, 0.0, 0.0]
    bench.hold_voltage(1.0)
    assert bench.truth.cell_voltage_V == pytest.approx(3.4 / 3.0)  # still 100 ohm on 50 ohm


def test_a_loose_lead_ends_the_current(alone):
    bench = alone({"emf_V": 3.4})
    bench.pass_time(10.0)
    bench.faults.set_leads(loose_counter=True)
    before_C = bench.truth.discharged_C
    bench.pass_time(10.0)
    assert bench.truth.discharged_C == before_C > 0.1
    assert not bench.truth.polarized


def test_such_a_bench_goes_on_from_its_world(desk, tmp_path):
    settings = {"wiring": "analyzer_alone", "positive_terminal": "ce_re1", "world": tmp_path / "bench.world"}
    first = desk({"emf_V": 1.0, "resistance_ohm": 50.0}, **settings)
    first.tell_fra("VB0.5", "VA0.2", "SI")
    first.pass_time(20.0)
    discharged_C = first.truth.discharged_C
    first.bench.close()
    second = desk({"emf_V": 1.0, "resistance_ohm": 50.0}, **settings)
    assert second.truth.discharged_C == discharged_C > 0.0
    assert second.truth.cell_current_A == pytest.approx(-0.5 / 100.0)
    assert second.truth.ac_amplitude_V == pytest.approx(0.1)


def test_phase_of_an_rc(alone):
    bench = alone({"emf_V": 0.0, "resistance_ohm": 1e3, "capacitance_F": 1e-8})
    bench.tell_fra("FR15.9154943E3", "CZ1")
    magnitude_ohm, phase_deg = map(float, bench.fra.query("SI").split(",")[1:3])
    assert cmath.rect(magnitude_ohm, math.radians(phase_deg)) == pytest.approx(500.0 - 500.0j, rel=1e-3)
