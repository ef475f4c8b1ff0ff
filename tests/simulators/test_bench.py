"""The shortest way through: a constant current with readings, one impedance point, through pyvisa."""

from __future__ import annotations

import pytest


def test_constant_current_charges_the_cell_by_current_times_time(desk):
    bench = desk(positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.hold_current(100e-6)
    begin_s = bench.clock.now()
    bench.pass_time(3600.0)
    bench.tell("PW0")
    assert bench.truth.charge_C == pytest.approx(100e-6 * (bench.clock.now() - begin_s), rel=1e-12)
    assert not bench.truth.polarized


def test_reading_gives_voltage_and_current_in_the_instruments_signs(desk):
    bench = desk({"emf_V": 2.0, "resistance_ohm": 100.0}, positive_terminal="we_re2")
    bench.ready_to_read()
    bench.hold_current(150e-6)
    # 150 uA into CE leave the positive terminal on WE: the cell discharges, and dRE is minus its voltage.
    assert bench.reading() == pytest.approx([-(2.0 - 0.015), 150e-6, 0, 0], abs=1e-4)
    assert bench.truth.cell_current_A == pytest.approx(-150e-6)


def test_single_impedance_point_of_a_resistor(desk):
    bench = desk({"emf_V": 0.0, "resistance_ohm": 250.0})
    bench.hold_voltage(0.0)
    bench.tell("PI1")
    bench.tell_fra("OP2,1", "SO1,2", "CV0", "IS0.1", "FR1.0000000E+03", "VA1.0")
    assert bench.ratio() * 100.0 == pytest.approx(250.0, rel=5e-4)


def test_both_instruments_are_listed_and_say_who_they_are(desk):
    bench = desk()
    assert bench.manager.list_resources() == ("GPIB0::4::INSTR", "GPIB0::6::INSTR")
    assert bench.fra.query("*IDN?") == "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"
    assert bench.pstat.query("?ER") == "00\r\n"
