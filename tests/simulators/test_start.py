"""How a bench is found: addresses, what a reset leaves, what was set by hand before."""

from __future__ import annotations

import pytest
import pyvisa
from pyvisa.errors import VisaIOError

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.server.server import served_bench
from tests.simulators.cells import SourceAndResistor


def bench(**settings):
    return SimulatedBench({"emf_V": 0.0}, settings={"unit": "ideal", **settings}, build=SourceAndResistor)


def test_instruments_are_where_the_addresses_say_on_boards_of_their_own():
    made = bench(addresses={"1260": "gpib1::8", 1287: 2})
    assert made.addresses == {"1260": "GPIB1::8::INSTR", "1287": "GPIB0::2::INSTR"}
    manager = pyvisa.ResourceManager(made.visa_library)
    assert set(manager.list_resources()) == {"GPIB1::8::INSTR", "GPIB0::2::INSTR"}
    fra = manager.open_resource("GPIB1::8::INSTR", write_termination="")
    assert "1260" in fra.query("*IDN?")
    assert fra.get_visa_attribute(pyvisa.constants.ResourceAttribute.interface_number) == 1
    assert fra.primary_address == 8
    manager.open_resource("GPIB1::9::INSTR")  # its dumps
    for nobody in ("GPIB0::8::INSTR", "GPIB1::2::INSTR", "GPIB0::4::INSTR"):
        with pytest.raises(VisaIOError):
            manager.open_resource(nobody)


def test_the_same_number_on_two_boards_is_two_instruments():
    made = bench(addresses={"1260": "GPIB0::4", "1287": "GPIB1::4"})
    manager = pyvisa.ResourceManager(made.visa_library)
    first, second = (
        manager.open_resource(f"GPIB{n}::4::INSTR", write_termination="", read_termination="\r\n")
        for n in (0, 1)
    )
    assert first.query("?VN") == "12600001"
    assert second.query("?VN") == "12870001"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"1260": 5}, "even address from 2 to 28"),
        ({"1260": 30}, "even address from 2 to 28"),
        ({"1260": "COM3"}, "even address from 2 to 28"),
        ({"1260": True}, "even address"),
        ({"1260": 6}, "both instruments at GPIB0::6::INSTR"),
        ({"1280": 8}, r"addresses\.1280 is no setting"),
    ],
)
def test_addresses_that_cannot_be_are_refused(given, words):
    with pytest.raises(SettingError, match=words):
        bench(addresses=given)


def test_gauges_keep_out_of_the_way_of_instruments():
    made = SimulatedBench(
        {}, settings={"addresses": {"1260": 10}}, build=SourceAndResistor, thermometers=["a", "b"]
    )
    assert made.addresses["1260"] == "GPIB0::10::INSTR"
    assert len({*made.addresses.values(), *made.gauge_addresses.values()}) == 4


def test_a_power_cycle_finds_the_instrument_at_its_own_address(desk):
    there = desk(addresses={"1287": 12})
    there.hold_voltage(1.1)
    there.bench.power_cycle("1287")
    assert not there.truth.polarized


def test_behind_an_adapter_there_is_no_board():
    with pytest.raises(SettingError, match="takes no board"):
        served_bench({}, build=SourceAndResistor, settings={"addresses": {"1260": "GPIB1::8"}})


def test_the_front_panel_is_what_the_first_program_meets_and_a_reset_ends(desk):
    there = desk({"resistance_ohm": 200.0, "emf_V": 0.0}, analyzer={"front_panel": ["SO1,3", "IS5", "CZ1"]})
    assert there.fra.query("?SO").strip() == "1,3"
    assert float(there.fra.query("?IS")) == 5.0
    there.tell_fra("TT2")
    there.pass_time(2.0)
    assert there.fra.query("?SO").strip() == "1,2"
    assert float(there.fra.query("?IS")) == 1.0


def test_what_a_reset_leaves_otherwise_is_there_at_power_on_and_after_every_reset(desk):
    there = desk(analyzer={"after_reset": ["SO1,3"]}, interface={"after_reset": ["GP2", "DG3"]})
    for _ in range(2):
        assert there.fra.query("?SO").strip() == "1,3"
        assert there.pstat.query("?DG").strip() == "3"
        there.tell_fra("TT2")
        there.tell("BK3")
        there.pass_time(2.0)


def test_a_galvanostat_set_by_hand_is_set_and_not_on(desk):
    there = desk(interface={"front_panel": ["PO1", "RR3", "PC1E-2"]})
    assert there.pstat.query("?PC").strip() == "+1.0000E-02"
    assert not there.truth.polarized
    there.tell("PW1")
    assert abs(there.truth.cell_current_A) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("analyzer", "words"),
    [
        ({"front_panel": ["XX1"]}, r"analyzer\.front_panel has 'XX1'"),
        ({"after_reset": ["?SO"]}, r"analyzer\.after_reset has '\?SO'"),
        ({"front_panel": ["FR2E7", "VA3"]}, "refused with error 03"),
        ({"front_panel": "SO1,3"}, "takes a list of texts"),
        ({"front_panel": [1]}, "takes a list of texts"),
    ],
)
def test_a_front_panel_that_cannot_be_is_refused(analyzer, words):
    with pytest.raises(SettingError, match=words):
        bench(analyzer=analyzer)


def test_a_stored_bench_is_not_set_by_hand_again(tmp_path):
    path = tmp_path / "bench.world"
    settings = {"unit": "ideal", "analyzer": {"front_panel": ["IS5"]}}
    made = SimulatedBench({}, settings=settings, world=path, build=SourceAndResistor)
    fra = pyvisa.ResourceManager(made.visa_library).open_resource("GPIB0::4::INSTR", write_termination="")
    fra.write("IS2")
    made.close()
    again = SimulatedBench({}, settings=settings, world=path, build=SourceAndResistor)
    fra = pyvisa.ResourceManager(again.visa_library).open_resource("GPIB0::4::INSTR", write_termination="")
    assert float(fra.query("?IS")) == 2.0
    again.close()


def test_the_1260_alone_shows_an_impedance_to_a_program_that_never_chooses_one(desk):
    there = desk({"resistance_ohm": 1000.0, "emf_V": 0.0}, wiring="analyzer_alone")
    there.tell_fra("TT2")
    there.pass_time(2.0)
    there.tell_fra("OT1", "OP2,1", "IS0.1", "FR1E3", "VA0.1")
    assert there.ratio() == pytest.approx(1000.0, rel=1e-3)


def test_auto_range_costs_no_period_where_the_unit_takes_none(desk):
    # 1 s of integration at 1 Hz with one period of settling and 0.35 s besides: 2.35 s, 4.55 with a period a step
    took_s = {}
    for periods in (0.0, 1.0):
        there = desk(
            {"resistance_ohm": 100.0, "emf_V": 0.0},
            latency_s=0.0,
            analyzer={"autorange_periods": periods, "autorange_retry_s": 0.1, "output_bytes_per_s": 1e9},
        )
        there.tell("PO0", "RR4", "PV0", "PI0", "PW1")
        there.tell_fra("OT1", "OP2,1", "IS1", "FR1", "VA0.1")
        began_s = there.clock.now()
        there.fra.query("SI")
        took_s[periods] = there.clock.now() - began_s
    assert took_s[0.0] == pytest.approx(2.45, abs=0.01)
    assert took_s[1.0] == pytest.approx(3.45, abs=0.01)


@pytest.mark.parametrize(("early", "lines"), [(True, 3), (False, 0)])
def test_readings_during_the_set_up_of_a_ramp(desk, early, lines):
    there = desk({"resistance_ohm": 1e3, "emf_V": 0.0}, interface={"readings_during_setup": early})
    there.tell(
        "RR4", "PV0", "DG0", "PX3", "PY5", "GP2", "DL1", "TR3", "VA0.1", "VB0.1", "TA5", "SM1", "PW1", "RU1"
    )
    there.pass_time(0.5)
    there.tell("SW1")
    there.pstat.timeout = 7000
    came = 0
    for _ in range(3):
        try:
            there.pstat.read()
        except VisaIOError:
            break
        came += 1
    assert came == lines
    there.pstat.timeout = 20_000
    assert float(there.pstat.read().split(",")[0]) is not None  # the ramp itself is read either way


def test_the_switch_answers_where_the_unit_has_a_query_for_it(desk):
    there = desk(interface={"switch_query": True})
    there.tell("PW1")
    assert there.pstat.query("?PW").strip() == "1"
    silent = desk()
    silent.tell("?PW")
    assert silent.error() == 5


@pytest.mark.parametrize(
    ("kind", "on", "amplitude"), [("keeps", True, 1.0), ("breaks", False, 1.0), ("resets", False, 0.0)]
)
def test_a_device_clear_goes_as_far_as_the_unit_takes_it(desk, kind, on, amplitude):
    there = desk(interface={"device_clear": kind}, analyzer={"device_clear": kind})
    there.tell("RR5", "PV-1", "PW1")
    there.tell_fra("OT1", "VA1", "SI")
    there.pass_time(4.0)
    there.pstat.clear()
    there.fra.clear()
    assert there.truth.polarized is on
    there.pass_time(2.0)
    assert float(there.fra.query("?VA")) == amplitude
    assert float(there.pstat.query("?PV")) == (0.0 if kind == "resets" else -1.0)
    assert (abs(there.truth.ac_amplitude_V) > 0.0) is on


def test_a_reading_waits_for_its_new_range(desk):
    took_s = []
    for change_s in (0.0, 0.5):
        there = desk(interface={"range_change_s": change_s}, latency_s=0.0)
        there.ready_to_read()
        there.pass_time(2.0)
        there.tell("RR5")
        began_s = there.clock.now()
        there.reading()
        took_s.append(there.clock.now() - began_s)
    assert took_s[1] - took_s[0] == pytest.approx(0.5, abs=1e-6)
