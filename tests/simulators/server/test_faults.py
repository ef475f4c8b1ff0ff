"""Faults of bench and adapter, ordered over the control channel or in a list."""

from __future__ import annotations

import time

import pytest

from solbench.simulators.server.client import ControlError
from solbench.simulators.server.faults import FaultError
from solbench.simulators.server.server import BenchServer, served_bench
from tests.simulators.cells import SourceAndResistor


def test_replies_get_lost_and_spoilt(serve):
    served = serve()
    wire = served.ready()
    served.control.set_fault("drop_replies", instrument="1287")
    wire.say("?VN", "++read eoi")
    assert wire.is_silent()
    served.control.set_fault("garble_replies", instrument="1287", count=2)
    assert [wire.query("?VN") for _ in range(3)] == ["128?0001", "128?0001", "12870001"]


def test_an_instrument_dies_and_comes_back(serve):
    served = serve()
    wire = served.ready()
    wire.say("PW1")
    assert wire.query("?ER") == "00"
    served.control.set_fault("dead", instruments=["1287"])
    wire.say("PW0", "++spoll", "?ER", "++read eoi")
    assert wire.is_silent()
    assert served.control.truth()["polarized"]
    wire.say("++addr 4", "?FR", "++read eoi")
    assert wire.hear() == b"+1.0000E+03\r\n"
    served.control.set_fault("alive")
    wire.say("++addr 6", "PW0")
    assert wire.query("?ER") == "00"
    assert not served.control.truth()["polarized"]


def test_an_instrument_falls_silent_and_is_switched_off_and_on(serve):
    served = serve()
    wire = served.ready()
    served.control.set_fault("mute", instruments=["1287"])
    wire.say("PW1", "?VN", "++read eoi")
    assert wire.is_silent()
    assert served.control.truth()["polarized"]
    served.control.set_fault("alive")
    assert wire.query("?VN") == "12870001"
    served.control.set_fault("tear_replies", instrument="1287")
    wire.say("?VN", "++read eoi")
    assert wire.hear(b"0") == b"12870"
    assert wire.is_silent()
    served.control.set_fault("power_cycle", instrument="1287")
    assert not served.control.truth()["polarized"]


def test_commands_are_refused_and_taken_again(serve):
    served = serve()
    wire = served.ready()
    served.control.set_fault("refuse", instrument="1287", command="PV", error=17)
    wire.say("PV1")
    assert wire.query("?ER") == "17"
    served.control.set_fault("accept", instrument="1287", command="PV")
    wire.say("CE", "PV1")
    assert wire.query("?ER") == "00"


def test_overload_and_wrong_frequency(serve):
    served = serve({"emf_V": 0.0})
    wire = served.ready()
    wire.say("++read_tmo_ms 3000", "RR4", "PW1", "++addr 4", "OP2,1", "IS0.01", "FR1000", "VA1")
    served.control.set_fault("overload", instrument="1260")
    served.control.set_fault("wrong_frequency")
    fields = [wire.query("SI").split(",") for _ in range(2)]
    assert [float(line[0]) for line in fields] == [1100.0, 1000.0]
    assert [line[3] for line in fields] == ["1", "0"]


def test_leads_come_off_and_are_mended(serve):
    served = serve()
    wire = served.ready()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    served.control.set_fault("leads", loose_counter=True)
    assert served.control.truth()["cell_current_A"] == 0.0
    served.control.set_fault("leads", swapped=True)
    assert served.control.truth()["cell_current_A"] == pytest.approx(-1e-4)
    served.control.set_fault("leads")
    assert served.control.truth()["cell_current_A"] == pytest.approx(1e-4)


def test_connections_are_cut_and_can_be_made_again(serve):
    served = serve()
    wire = served.ready()
    wire.say("PW1")
    assert wire.query("?ER") == "00"
    served.control.set_fault("drop_connection")
    assert wire.hung_up()
    assert served.control.truth()["polarized"]
    assert served.ready().query("?ER") == "00"


def test_connections_are_refused_for_a_time(serve):
    served = serve()
    wire = served.ready()
    assert wire.query("?ER") == "00"
    served.control.set_fault("refuse_connections", for_s=3.0)
    began_s = time.monotonic()
    while True:
        try:
            served.ready().query("?ER")  # made before the adapter got round to refusing
        except OSError:  # refused, or accepted by the system and cut by the adapter
            break
        assert time.monotonic() - began_s < 2.9
    assert wire.query("?ER") == "00"  # a session that is there goes on
    while True:
        try:
            assert served.ready().query("?ER") == "00"
            break
        except OSError:  # refused, or accepted by the system and cut by the adapter
            assert time.monotonic() - began_s < 20.0
            time.sleep(0.02)
    assert time.monotonic() - began_s >= 2.5


def test_a_hung_adapter_answers_late(serve):
    served = serve()
    wire = served.ready()
    assert wire.query("?ER") == "00"
    began_s = time.monotonic()
    served.control.set_fault("hang", for_s=0.4)
    assert wire.query("?ER") == "00"
    assert time.monotonic() - began_s >= 0.4


def test_faults_of_a_list_come_at_their_time(serve):
    served = serve(
        speed=60.0,
        faults=(
            {"after_s": 12.0, "fault": "alive"},
            {"after_s": 6.0, "fault": "dead", "instruments": ["1287"]},
        ),
    )
    wire = served.ready()
    wire.say("++read_tmo_ms 20", "?ER", "++read eoi")
    assert wire.hear() == b"00\r\n"
    time.sleep(max(0.0, 8.0 - served.control.clock()["experiment_s"]) / 60.0)
    wire.say("?ER", "++read eoi")
    assert wire.is_silent()
    time.sleep(max(0.0, 14.0 - served.control.clock()["experiment_s"]) / 60.0)
    wire.say("++read_tmo_ms 300")
    assert wire.query("?ER") == "00"


@pytest.mark.parametrize(
    ("fault", "details", "says"),
    [
        ("drop_replies", {"instrument": "1250"}, "takes instrument: 1260 or 1287"),
        ("drop_replies", {"instrument": "1260", "count": 0}, "takes count: a whole number, 1 or more"),
        ("drop_replies", {"instrument": "1260", "times": 2}, "takes no times"),
        ("refuse", {"instrument": "1260", "error": 3}, "takes command"),
        ("refuse", {"instrument": "1260", "command": "FR", "error": 0}, "takes error"),
        ("leads", {"swapped": 1}, "takes swapped: true or false"),
        ("dead", {"instruments": "1260"}, "takes instruments"),
        ("hang", {}, "takes for_s: seconds of host time"),
        ("hang", {"for_s": -1.0}, "takes for_s"),
    ],
)
def test_wrong_details_are_refused_in_words(serve, fault, details, says):
    served = serve()
    with pytest.raises(ControlError, match=says):
        served.control.set_fault(fault, **details)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"fault": "alive"}, "after_s is None"),
        ({"after_s": -1, "fault": "alive"}, "after_s is -1"),
        ({"after_s": 1, "fault": "flood"}, "there is no fault 'flood'"),
    ],
)
def test_a_wrong_list_opens_no_server(order, says):
    bench = served_bench({}, build=SourceAndResistor)
    with pytest.raises(FaultError, match=says):
        BenchServer(bench, faults=[order])


def test_the_faults_of_readings_are_ordered_by_name(serve):
    served = serve()
    wire = served.ready()
    wire.say("++read_tmo_ms 3000", "GP2", "TR0")
    served.control.set_fault("alter_readings", instrument="1287", place=1, character=9, after=1)
    lines = [wire.query("RU1") for _ in range(3)]
    assert [line[1] == "9" for line in lines] == [False, True, False]
    served.control.set_fault("stick_status", instrument="1287", status=8)
    wire.say("++spoll")
    assert wire.hear() == b"8\r\n"
    served.control.set_fault("stick_status", instrument="1287", status=256)
    wire.say("PW1")
    assert wire.query("?ER") == "00"
    served.control.set_fault("cut_out")
    assert not served.control.truth()["polarized"]
    served.control.set_fault("keep_on")
    wire.say("RR8", "PV5", "PW1")
    assert wire.query("?ER") == "00"
    assert served.control.truth()["polarized"]
