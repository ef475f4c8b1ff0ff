"""What people's own scripts say to the 1260 besides measuring: sources, coordinates, routing, status."""

from __future__ import annotations

import cmath
import math

import pytest
from pyvisa.errors import VisaIOError

IMPEDANCE_OHM = 1.0 / (1e-3 + 2j * math.pi * 1e4 * 1e-8)  # 1 kohm and 10 nF at 10 kHz
_LOOP = 5e-3  # error of the potentiostat at 10 kHz
RC = {"emf_V": 0.0, "resistance_ohm": 1e3, "capacitance_F": 1e-8}


@pytest.fixture
def pair(desk):
    """10 mV rms at 10 kHz on the RC cell, measured once; RR5 (1 kohm) makes V2 = 1 kohm x I."""
    bench = desk(RC, positive_terminal="ce_re1", analyzer={"while_measuring": "obey"})
    bench.tell("PI1")
    bench.hold_voltage(0.0, resistor=5)
    bench.tell_fra("OP2,1", "IS0.1", "FR1E4", "VA1", "CV0", "CZ0", "CI0", "CY0", "SI")
    bench.fra.read()
    return bench


@pytest.fixture
def alone(desk):
    bench = desk(RC, wiring="analyzer_alone", positive_terminal="ce_re1")
    bench.tell_fra("OP2,1", "IS0.1", "FR1E4", "VA0.1", "CV0", "CZ0", "CI0", "CY0", "SI")
    bench.fra.read()
    return bench


def shown(bench, *messages):
    bench.tell_fra(*messages)
    return tuple(float(field) for field in bench.fra.query("DO").split(",")[1:3])


V1_V, V2_V = 0.01, 0.01 * 1e3 / IMPEDANCE_OHM
I_A = 0.1 / (50.0 + IMPEDANCE_OHM)


@pytest.mark.parametrize(
    ("bench_name", "source", "coordinates", "value"),
    [
        ("pair", "SO1,0", "CV", V1_V),
        ("pair", "SO2,0", "CV", V2_V),
        ("pair", "SO1,2", "CV", V1_V / V2_V),
        ("pair", "SO2,1", "CV", V2_V / V1_V),
        ("alone", "SO1,0", "CV", I_A * IMPEDANCE_OHM),
        ("alone", "SO3,0", "CI", I_A),
        ("alone", "SO1,3", "CZ", IMPEDANCE_OHM),
        ("alone", "SO3,1", "CY", 1.0 / IMPEDANCE_OHM),
    ],
)
def test_do_recomputes_the_last_measurement_in_every_source_and_coordinates(
    request, bench_name, source, coordinates, value
):
    bench = request.getfixturevalue(bench_name)
    begin_s = bench.clock.now()
    real, imaginary = shown(bench, source)
    assert complex(real, imaginary) == pytest.approx(value, rel=_LOOP)
    magnitude, phase_deg = shown(bench, f"{coordinates}1")
    assert cmath.rect(magnitude, math.radians(phase_deg)) == pytest.approx(value, rel=_LOOP)
    if coordinates == "CV":
        decibel, angle_deg = shown(bench, "CV2")
        assert decibel == pytest.approx(20.0 * math.log10(abs(value)), abs=0.02)
        assert angle_deg == phase_deg
    else:
        bench.tell_fra(f"{coordinates}2")
        assert bench.fra_error() == 3
    assert bench.clock.now() - begin_s < 1.0


def test_a_coordinates_command_leaves_the_other_kinds_alone(alone):
    rectangular = shown(alone, "SO1,3")
    assert shown(alone, "CV1", "CI1", "CY1") == rectangular
    assert shown(alone, "CZ1") != rectangular


def test_unwrapped_phase_goes_on_where_the_normal_one_jumps(desk):
    bench = desk(RC, positive_terminal="ce_re1", interface={"i_out_polarity": -1.0})
    bench.hold_voltage(0.0, resistor=5)
    bench.tell_fra("OP2,1", "IS0.1", "FR1E4", "VA1", "CV1", "SI")
    bench.fra.read()
    first_deg = shown(bench, "SO1,2")[1]
    normal_deg = shown(bench, "SO2,1")[1]
    assert first_deg > 90.0 > -90.0 > normal_deg
    shown(bench, "SO1,2")
    assert shown(bench, "UW1", "SO2,1")[1] == pytest.approx(normal_deg + 360.0, abs=1e-2)


def test_a_set_up_change_alone_sends_nothing(pair):
    pair.tell_fra("SO2,1", "CV1")
    pair.fra.timeout = 2000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        pair.fra.read()


def test_a_slow_reader_of_recycled_results_gets_the_newest_only(pair):
    pair.tell_fra("RE")
    pair.pass_time(60.0)
    pair.tell_fra("FR2E4")
    pair.pass_time(60.0)
    assert pair.fra.read().startswith("+2.0000000E+04")
    before_s = pair.clock.now()
    assert pair.fra.read().startswith("+2.0000000E+04")
    assert pair.clock.now() - before_s < 1.0  # the next one, not one of some hundred that were lost


def test_results_go_where_op_sends_them(pair):
    pair.tell_fra("OP2,0", "OP1,1", "RH1", "OP3,1", "SI")
    pair.pass_time(3.0)
    assert pair.fra.read_stb() == 0
    heading, line = pair.bench.paper.printed
    assert "PARAMETER 1" in heading
    assert line.split()[0] == "+1.0000000E+04"
    assert pair.bench.paper.history[0].split(",")[0] == "+1.0000000E+04"
    pair.tell_fra("DO")
    assert [len(pair.bench.paper.printed), len(pair.bench.paper.history)] == [3, 1]
    pair.tell_fra("FC")
    assert not pair.bench.paper.history


def test_modes_of_op_beyond_one_are_named_settings(desk):
    def lines(mode: int, **analyzer) -> int:
        bench = desk(RC, analyzer=analyzer)
        bench.tell_fra("FR1E4", "IS0.1", f"OP2,{mode}", "SI")
        bench.pass_time(3.0)
        assert bench.fra_error() == 0 if mode < 6 else 3
        bench.tell_fra("DO")
        return bench.fra.read_stb() >> 4 & 1

    assert [lines(mode) for mode in range(6)] == [0, 1, 0, 1, 0, 0]
    modes = ["off", "all", "pass", "fail", "dump_all", "dump"]
    assert [lines(mode, output_modes=modes) for mode in range(6)] == [0, 1, 1, 0, 0, 0]


def test_the_first_field_is_what_vi_chooses(pair):
    pair.tell_fra("VB0.25")
    fields = []
    for code in range(3):
        pair.tell_fra(f"VI{code}", "SI")
        fields.append(float(pair.fra.read().split(",")[0]))
    assert fields == [1e4, 1.0, 0.25]


def test_display_and_beeper_codes_are_taken_and_change_no_result(pair):
    before = pair.fra.query("DO")
    pair.tell_fra("FV1", "RH1", "BP0", "UW0", "FC", "CE")
    assert pair.fra_error() == 0
    assert pair.fra.query("DO") == before


@pytest.mark.parametrize("message", ["XX1", "FR", "FR99E6", "FR1e3", "VA 4", "OP2,9", "DC4,0"])
def test_er_answers_after_any_write(pair, message):
    pair.tell_fra("CE", message)
    assert pair.fra.query("?ER").strip() in ("01", "02", "03", "04")
    pair.tell_fra("CE", "FR1E3")
    assert pair.fra.query("?ER").strip() == "00"


@pytest.mark.parametrize("message", ["*IDN?", "*IDN"])
def test_identity_in_the_form_of_the_manual_and_in_488_2s(pair, message):
    assert pair.fra.query(message) == "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n"


def test_identity_of_other_firmware_is_a_setting(desk):
    bench = desk(analyzer={"identity": "1260 IMPEDANCE ANALYZER, SOLARTRON, 0, 0"})
    assert bench.fra.query("*IDN?").startswith("1260 IMPEDANCE ANALYZER, SOLARTRON")


# status


def test_a_serial_poll_ends_the_request_and_stb_does_not(pair):
    pair.tell_fra("*SRE16", "DO")
    assert pair.fra.query("*STB?").strip() == str(16 + 64)  # 488.2: any enabled reason
    pair.tell_fra("DO")
    assert [pair.fra.read_stb(), pair.fra.read_stb()] == [16 + 64, 16]
    pair.fra.read()
    assert pair.fra.read_stb() == 0


def test_only_enabled_reasons_request_service(pair):
    pair.tell_fra("*SRE32", "DO")
    assert pair.fra.read_stb() == 16
    pair.fra.read()
    pair.fra.query("*ESR?")
    pair.tell_fra("*ESE1", "SI", "*OPC")
    assert pair.fra.read_stb() == 0
    pair.pass_time(3.0)
    assert pair.fra.read_stb() == 16 + 32 + 64
    assert pair.fra.read_stb() == 16 + 32
    assert int(pair.fra.query("*ESR?")) & 1
    assert pair.fra.read_stb() == 0


def test_masks_are_read_back(pair):
    pair.tell_fra("*SRE48", "*ESE60")
    assert pair.fra.query("*SRE?") == "48\r\n"
    assert pair.fra.query("*ESE?") == "60\r\n"
    pair.tell_fra("*SRE256")
    assert pair.fra_error() == 3


def test_operation_is_complete_at_once_when_idle_and_at_break_when_recycling(pair):
    assert int(pair.fra.query("*ESR?")) == 128  # it was switched on
    pair.tell_fra("*OPC")
    assert int(pair.fra.query("*ESR?")) == 1
    pair.tell_fra("RE", "*OPC")
    pair.pass_time(10.0)
    assert int(pair.fra.query("*ESR?")) == 0
    pair.tell_fra("BK")
    assert int(pair.fra.query("*ESR?")) == 1


def test_a_service_request_can_be_waited_for(pair):
    pair.tell_fra("IS5", "*SRE16", "SI")
    begin_s = pair.clock.now()
    pair.fra.wait_for_srq()
    assert pair.clock.now() - begin_s == pytest.approx(5.35, abs=0.02)
    assert pair.fra.read().startswith("+1.0000000E+04")
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        pair.fra.wait_for_srq(100)
