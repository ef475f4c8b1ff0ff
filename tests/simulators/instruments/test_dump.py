"""Binary dumps from the minor addresses."""

from __future__ import annotations

import struct

import pytest
from pyvisa.errors import VisaIOError


def opened(bench, address):
    resource = bench.manager.open_resource(f"GPIB0::{address}::INSTR")
    resource.timeout = 5000
    return resource


@pytest.fixture
def fra(desk):
    def make(mode, **analyzer):
        bench = desk({"emf_V": 0.0, "resistance_ohm": 200.0}, analyzer=analyzer)
        bench.tell("PI0")
        bench.hold_voltage(0.0, resistor=4)
        bench.tell_fra(f"OP2,{mode}", "SO1,2", "CV0", "IS0.1", "FR1E3", "VA0.02", "VB0.0", "SI")
        return bench

    return make


def test_a_result_is_14_bytes(fra):
    bench = fra(4)
    data = opened(bench, 5).read_bytes(14)
    frequency_Hz, real, imaginary, error, limit = struct.unpack(">fffBb", data)
    assert (frequency_Hz, error, limit) == (1000.0, 0, 0)
    assert real == pytest.approx(2.0, rel=1e-3)
    assert abs(imaginary) < 1e-3


def test_coordinates_of_a_dump_follow_the_display(fra):
    bench = fra(4)
    minor = opened(bench, 5)
    minor.read_bytes(14)
    bench.tell_fra("CV1", "SO2,1", "DO")
    assert struct.unpack(">fff", minor.read_bytes(14)[:12])[1] == pytest.approx(0.5, rel=1e-3)


def test_dump_all_is_39_bytes_of_all_inputs(fra):
    bench = fra(5)
    opened(bench, 5).read_bytes(39, break_on_termchar=False)  # of the first measurement
    bench.tell_fra("VB0.001", "RA1,1", "RA2,1", "SI")
    data = opened(bench, 5).read_bytes(39, break_on_termchar=False)
    values = struct.unpack(">fffffBffBffB", data)
    assert values[:3] == pytest.approx((1000.0, 0.02, 0.001))
    assert values[3] == pytest.approx(0.02, rel=1e-3)
    assert values[6] == pytest.approx(0.01, rel=1e-3)
    assert (values[5], values[8], values[9], values[10], values[11]) == (0, 0, 0.0, 0.0, 0)


def test_an_overloaded_input_has_its_error_byte(fra):
    bench = fra(5)
    bench.tell("PV0.1")
    bench.tell_fra("RA1,1", "SI")
    assert struct.unpack(">fffffBffBffB", opened(bench, 5).read_bytes(39))[5] == 1


def test_byte_order_is_a_setting(fra):
    data = opened(fra(4, dump_byte_order="little"), 5).read_bytes(14)
    assert struct.unpack("<f", data[:4]) == (1000.0,)


def test_a_dump_does_not_come_out_of_the_major_address_and_the_minor_one_does_not_listen(fra):
    bench = fra(4)
    bench.fra.timeout = 5000
    with pytest.raises(VisaIOError, match="VI_ERROR_TMO"):
        bench.fra.read()
    with pytest.raises(VisaIOError, match="VI_ERROR_NLISTENERS"):
        opened(bench, 5).write("SI")
    assert bench.manager.list_resources() == ("GPIB0::4::INSTR", "GPIB0::6::INSTR")


@pytest.mark.parametrize(("form", "size"), [(4, 10), (3, 14)])
def test_readings_of_the_1287_are_10_bytes_or_14_with_the_time(desk, form, size):
    bench = desk({"emf_V": 1.25, "resistance_ohm": 100.0}, positive_terminal="ce_re1", latency_s=0.0)
    bench.ready_to_read()
    bench.hold_current(1e-4)
    bench.tell(f"GP{form}", "TM23,59")
    bench.pass_time(12.0)
    bench.tell("RU1")
    data = opened(bench, 7).read_bytes(size)
    assert struct.unpack(">ff", data[:8]) == pytest.approx((1.26, 1e-4), rel=1e-6)
    assert data[8:10] == b"\x00\x00"
    assert data[10:].hex() == ("" if form == 4 else "23591240")  # 12.4 s past, in BCD


def test_error_31_in_a_dump_is_a_byte_of_two_decimals(desk):
    bench = desk({"emf_V": 3.0}, positive_terminal="ce_re1")
    bench.ready_to_read()
    bench.tell("RG2", "GP4", "RU1")
    assert opened(bench, 7).read_bytes(10)[8] == 0x31
