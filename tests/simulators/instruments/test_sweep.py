"""Ramps and staircases that the 1287 runs by itself, and readings in step with them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pyvisa.errors import VisaIOError

CE_RE1 = {"positive_terminal": "ce_re1", "latency_s": 0.0}


@pytest.fixture
def galvanostat(desk):
    """A 1.0 V cell of 100 ohm at 0 A on 200 uA full scale."""
    bench = desk({"emf_V": 1.0, "resistance_ohm": 100.0}, **CE_RE1)
    bench.ready_to_read()
    bench.hold_current(0.0, resistor=5)
    return bench


@pytest.fixture
def potentiostat(desk):
    """A 0 V cell of 1 kohm at 0 V on 20 mA full scale."""
    bench = desk({"emf_V": 0.0, "resistance_ohm": 1e3}, **CE_RE1)
    bench.ready_to_read()
    bench.hold_voltage(0.0, resistor=3)
    return bench


def test_equal_levels_make_a_constant_current_that_the_1287_ends_itself(galvanostat):
    bench = galvanostat
    bench.tell("JA1.2E-4", "JB1.2E-4", "TA3600", "SM1", "OF0", "SW1")
    begin_s = bench.clock.now()
    bench.pass_time(9.9)
    assert bench.truth.cell_current_A == 0.0  # its integrator is being set up
    bench.pass_time(0.2)
    assert bench.truth.cell_current_A == pytest.approx(1.2e-4)
    bench.pass_time(7200.0)
    assert not bench.truth.polarized
    assert bench.truth.opened_s == pytest.approx(begin_s + 10.0 + 3600.0)
    assert bench.truth.charge_C == pytest.approx(1.2e-4 * 3600.0, rel=1e-9)


def test_such_a_current_outlives_the_program(desk, tmp_path):
    world = tmp_path / "bench.world"
    first = desk(world=world, **CE_RE1)
    first.hold_current(0.0, resistor=5)
    first.tell("JA1.2E-4", "JB1.2E-4", "TA100", "OF0", "SW1")
    first.pass_time(60.0)
    first.bench.close()
    second = desk(world=world, **CE_RE1)
    assert second.pstat.query("?ST").strip() == "3"
    assert second.truth.cell_current_A == pytest.approx(1.2e-4)
    second.pass_time(1000.0)
    assert not second.truth.polarized
    assert second.truth.charge_C == pytest.approx(1.2e-4 * 100.0, rel=1e-9)


def test_a_current_ramp_passes_the_charge_of_its_trapezium(galvanostat):
    bench = galvanostat
    bench.tell("JA0", "JB1E-4", "JC-1E-4", "TA100", "TB300", "SM2", "OF1", "SW1")
    bench.pass_time(10.0 + 100.0)
    assert bench.truth.charge_C == pytest.approx(0.5e-4 * 100.0, rel=1e-6)
    assert bench.truth.cell_current_A == pytest.approx(1e-4, rel=1e-6)
    bench.pass_time(300.0)
    assert bench.truth.charge_C == pytest.approx(0.5e-4 * 100.0, rel=1e-6)  # the triangle's halves cancel
    assert bench.truth.discharged_C == pytest.approx(0.5e-4 * 150.0, rel=1e-3)


def test_a_voltage_ramp_is_read_at_its_mid_window(potentiostat):
    bench = potentiostat
    bench.tell("VA0", "VB1.0", "TA100", "SM1", "OF1", "DC1", "SW1")
    bench.pass_time(10.0 + 25.0)
    voltage_V, current_A = bench.reading()[:2]
    assert voltage_V == pytest.approx(0.25 + 0.01 * 0.105, abs=1.1e-4)
    assert current_A == pytest.approx(voltage_V / 1e3, abs=2e-7)


def test_the_cycle_of_four_segments_is_repeated(potentiostat):
    bench = potentiostat
    bench.tell("VA0.1", "VB0.2", "VC0.3", "VD0.4", "TA10", "TB20", "TC30", "TD40", "SM5", "OF1", "SW1")
    seen_V = []
    for seconds in (10.0, 10.0, 20.0, 30.0, 40.0, 10.0, 50.0):
        bench.pass_time(seconds)
        seen_V.append(bench.truth.cell_voltage_V)
    # A, B, C, D, A again, B again: there the fifth segment ends and the level freezes.
    assert seen_V == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.2], abs=1e-6)


def test_the_delay_comes_first_and_keeps_pv(potentiostat):
    bench = potentiostat
    bench.tell("PV0.05", "VA0.5", "VB0.5", "TA10", "DL30", "SW1")
    bench.pass_time(39.0)
    assert bench.truth.cell_voltage_V == pytest.approx(0.05)
    bench.pass_time(2.0)
    assert bench.truth.cell_voltage_V == pytest.approx(0.5)


def test_the_first_level_during_the_delay_is_a_setting(desk):
    bench = desk({"emf_V": 0.0}, interface={"delay_at_first_level": True}, **CE_RE1)
    bench.hold_voltage(0.0, resistor=3)
    bench.tell("VA0.05", "VB0.1", "TA10", "DL30", "SW1")
    assert bench.truth.cell_voltage_V == pytest.approx(0.05)


def test_status_goes_through_the_phases(potentiostat):
    bench = potentiostat

    def status() -> str:
        return bench.pstat.query("?ST").strip()

    bench.tell("VA0", "VB1", "TA100", "DL5", "OF1")
    assert status() == "0"
    bench.tell("SW1")
    assert (status(), bench.pstat.query("?SW").strip()) == ("1", "1")
    bench.pass_time(5.0)
    assert status() == "2"
    bench.pass_time(10.0)
    assert status() == "3"
    bench.pass_time(100.0)
    assert (status(), bench.pstat.query("?SW").strip()) == ("4", "0")


def test_a_frozen_level_stays_until_a_new_level_is_sent(potentiostat):
    bench = potentiostat
    bench.tell("VA0", "VB0.3", "TA10", "OF1", "SW1")
    bench.pass_time(1000.0)
    assert bench.truth.cell_voltage_V == pytest.approx(0.3)
    bench.tell("PV0.1")
    assert bench.truth.cell_voltage_V == pytest.approx(0.1)


def test_sw0_ends_a_sweep_in_the_state_that_of_chooses(potentiostat):
    bench = potentiostat
    bench.tell("VA0", "VB1", "TA100", "OF1", "SW1")
    bench.pass_time(10.0 + 40.0)
    bench.tell("SW0")
    bench.pass_time(100.0)
    assert bench.truth.cell_voltage_V == pytest.approx(0.4, abs=1e-6)
    bench.tell("OF0", "SW1", "SW0")
    assert not bench.truth.polarized


def test_pw0_ends_a_sweep_for_good(potentiostat):
    bench = potentiostat
    bench.tell("VA0.5", "VB1", "TA100", "OF1", "SW1")
    bench.pass_time(20.0)
    bench.tell("PW0", "PV0.02", "PW1")
    assert bench.truth.cell_voltage_V == pytest.approx(0.02)
    bench.pass_time(500.0)
    assert bench.truth.cell_voltage_V == pytest.approx(0.02)


def test_the_cut_out_opens_the_cell_where_a_ramp_passes_the_range(potentiostat):
    bench = potentiostat
    bench.tell("RR4", "VA0", "VB10", "TA100", "SW1")  # 2.1 mA over 1 kohm: 2.1 V, 21 s into the ramp
    begin_s = bench.clock.now()
    bench.pass_time(300.0)
    assert not bench.truth.polarized
    assert bench.truth.opened_s == pytest.approx(begin_s + 10.0 + 21.0, abs=0.02)
    bench.tell("PV0", "PW1")
    bench.pass_time(300.0)
    assert bench.truth.cell_voltage_V == 0.0


@pytest.mark.parametrize("messages", [["PW0", "SW1"], ["TE1", "SW2"], ["VS0.1", "SW2"], ["SW3"]])
def test_a_sweep_that_cannot_run_is_refused(potentiostat, messages):
    potentiostat.tell(*messages)
    assert potentiostat.error() == 3


def test_a_staircase_goes_in_steps_and_ends_a_segment_at_its_level(potentiostat):
    bench = potentiostat
    bench.tell("SA0.1", "SB0.35", "SC0.3", "VS0.1", "TE5", "SM2", "OF0", "SW2")
    seen_V = []
    bench.pass_time(2.5)
    for _ in range(5):
        seen_V.append(bench.truth.cell_voltage_V)
        bench.pass_time(5.0)
    assert seen_V == pytest.approx([0.1, 0.2, 0.3, 0.35, 0.3])
    assert not bench.truth.polarized


def test_a_staircase_of_currents(galvanostat):
    bench = galvanostat
    bench.tell("KA0", "KB1E-4", "IS2.5E-5", "TE4", "OF0", "SW2")
    bench.pass_time(100.0)
    assert not bench.truth.polarized
    assert bench.truth.charge_C == pytest.approx(4.0 * (0.25 + 0.5 + 0.75 + 1.0) * 1e-4, rel=1e-9)


def test_sweep_synchronised_readings_come_once_a_step_at_its_end(potentiostat):
    bench = potentiostat
    bench.tell("SA0.1", "SB0.4", "VS0.1", "TE5", "OF0", "TR3", "GP1", "TM0,0", "RU1", "SW2")
    lines = [bench.pstat.read().strip().split(",") for _ in range(4)]
    assert [float(fields[0]) for fields in lines] == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-4)
    ends_s = [60 * int(f[5]) + int(f[6]) + int(f[7]) / 100.0 for f in lines]
    steps_s = [after - before for before, after in pairwise(ends_s)]
    assert steps_s == pytest.approx([5.0, 5.0, 5.0], abs=0.011)
    bench.pstat.timeout = 20_000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_sweep_synchronised_readings_go_with_a_ramp_from_begin_to_end(potentiostat):
    bench = potentiostat
    bench.tell("VA0", "VB1", "TA4.05", "OF1", "TR3", "RU1", "SW1")
    bench.pass_time(9.9)
    assert bench.pstat.read_stb() == 0
    lines = [float(bench.pstat.read().split(",")[0]) for _ in range(10)]
    assert lines[0] == pytest.approx((0.405 - 0.1) / 4.05, abs=1e-3)
    assert lines[-1] == pytest.approx((4.05 - 0.1) / 4.05, abs=1e-3)
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_external_trigger_takes_a_reading_each_time_while_readings_run(desk):
    bench = desk()
    bench.ready_to_read()
    bench.tell("TR2")
    bench.pstat.assert_trigger()
    bench.pstat.timeout = 2000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()
    bench.tell("RU1")
    for _ in range(2):
        bench.pstat.assert_trigger()
        assert len(bench.pstat.read()) == 33
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.pstat.read()


def test_a_segment_may_be_repeated_99999_times(potentiostat):
    potentiostat.tell("SM99999")
    assert potentiostat.pstat.query("?SM") == "99999\r\n"
    potentiostat.tell("SM100000")
    assert potentiostat.error() == 3
