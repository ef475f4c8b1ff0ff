"""IR compensation, real-part correction, and bias values that do not fit."""

from __future__ import annotations

import pytest

CE_RE1 = {"positive_terminal": "ce_re1"}


@pytest.fixture
def held(desk):
    """A 1.0 V cell of 100 ohm held at 1.1 V on 20 mA full scale."""
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, **CE_RE1)
    bench.ready_to_read()
    bench.hold_voltage(1.1, resistor=3)
    return bench


def test_compensation_raises_the_voltage_by_the_drop_that_it_stands_for(held):
    assert held.reading()[:2] == pytest.approx([1.1, 1e-3], abs=2e-4)
    held.tell("CC1", "IC60")
    assert held.truth.cell_current_A == pytest.approx(0.1 / 40.0)
    assert held.reading()[0] == pytest.approx(1.1 + 0.0025 * 60.0, abs=2e-4)
    before_C = held.truth.charge_C
    held.pass_time(100.0)
    assert held.truth.charge_C - before_C == pytest.approx(0.25, rel=1e-6)
    held.tell("CC0")
    assert held.truth.cell_current_A == pytest.approx(1e-3)


@pytest.mark.parametrize("compensated_ohm", [99, 100, 150])
def test_too_much_compensation_drives_the_loop_into_the_cut_out(held, compensated_ohm):
    held.tell("OL0", "CC1", f"IC{compensated_ohm}")  # what is left of 100 ohm cannot hold 100 mV at 20 mA
    assert not held.truth.polarized


def test_the_unit_of_ic_is_a_setting(desk):
    bench = desk(
        {"emf_V": 1.0, "resistance_ohm": 100.0}, interface={"ohm_per_unit_of_compensation": 0.5}, **CE_RE1
    )
    bench.hold_voltage(1.1, resistor=3)
    bench.tell("CC1", "IC100")
    assert bench.truth.cell_current_A == pytest.approx(0.1 / 50.0)


def pair_ohm(bench):
    bench.tell_fra("OP2,1", "SO1,2", "CV0", "IS0.1", "FR1E3", "VA0.1")
    return bench.ratio() * 10.0


def test_compensation_leaves_the_measured_impedance_as_it_is(held):
    held.tell("PI1", "CC1", "IC60")
    assert pair_ohm(held) == pytest.approx(100.0, rel=1e-3)
    assert held.truth.ac_amplitude_V == pytest.approx(1e-3 * 100.0 / 40.0, rel=1e-3)


def test_real_part_correction_takes_a_resistance_off_v_out_alone(held):
    held.tell("PI1", "CC2", "RP30")
    assert pair_ohm(held) == pytest.approx(70.0, rel=1e-3)
    held.tell_fra("VA0")
    assert held.reading()[0] == pytest.approx(1.1, abs=2e-4)
    assert held.truth.cell_current_A == pytest.approx(1e-3)


def test_real_part_correction_acts_on_readings_where_a_setting_says_so(desk):
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, interface={"real_part_in_readings": True}, **CE_RE1)
    bench.ready_to_read()
    bench.hold_voltage(1.1, resistor=3)
    bench.tell("CC2", "RP30")
    assert bench.reading()[0] == pytest.approx(1.1 - 0.03, abs=2e-4)


@pytest.mark.parametrize(
    ("resistor", "bias_A", "error"), [(5, "2E-4", 0), (5, "2.1E-4", 3), (8, "-2.1E-7", 3), (0, "-2", 0)]
)
def test_a_current_bias_beyond_the_range_is_refused(desk, resistor, bias_A, error):
    bench = desk()
    bench.tell(f"RR{resistor}", "IT1", f"IR{bias_A}")
    assert bench.error() == error


def test_the_free_input_reads_what_lies_there(desk):
    bench = desk(interface={"dvm_input_V": 1.5})
    bench.ready_to_read()
    bench.tell("PX11")
    assert bench.reading()[0] == 1.5
