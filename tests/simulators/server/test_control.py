"""Truth, clock, cells and the end, as the control channel knows them."""

from __future__ import annotations

import json
import socket
import time

import pytest

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.served_clock import host_s
from solbench.simulators.server.client import Control, ControlError
from tests.pace import Stopwatch
from tests.simulators.cells import SourceAndResistor
from tests.simulators.server.conftest import QUICK, QUIET


def test_truth_at_rest(serve):
    truth = serve({"emf_V": 2.0}).control.truth()
    assert truth["polarized"] is False
    assert (truth["charge_C"], truth["cell_current_A"], truth["ac_amplitude_V"]) == (0.0, 0.0, 0.0)
    assert truth["cell_voltage_V"] == 2.0
    assert truth["closed_host_s"] is None
    assert truth["opened_host_s"] is None


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
def test_charge_is_current_times_time_between_the_relays_instants(serve, speed):
    served = serve(speed=speed)
    wire = served.ready()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    time.sleep(0.1)
    wire.say("PW0")
    assert wire.query("?ER") == "00"
    truth = served.control.truth()
    lasted_s = truth["opened_host_s"] - truth["closed_host_s"]
    assert truth["charged_C"] == pytest.approx(1e-4 * lasted_s * speed, rel=1e-4)
    assert truth["discharged_C"] == 0.0


def test_the_instants_of_the_relay_lie_between_command_and_answer(serve):
    served = serve()
    wire = served.ready()
    for command, name in (("PW1", "closed_host_s"), ("PW0", "opened_host_s")):
        before_s = host_s()
        wire.say(command)
        assert wire.query("?ER") == "00"
        assert before_s <= served.control.truth()[name] <= host_s()


def test_switching_off_twice_keeps_the_first_instant(serve):
    served = serve()
    wire = served.ready()
    wire.say("PW1", "PW0")
    assert wire.query("?ER") == "00"
    first_s = served.control.truth()["opened_host_s"]
    wire.say("PW0")
    assert wire.query("?ER") == "00"
    assert served.control.truth()["opened_host_s"] == first_s


def test_the_cell_goes_on_without_anybody_on_the_bus(serve):
    served = serve(speed=60.0)
    wire = served.ready()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    first = served.control.truth()
    time.sleep(0.1)
    second = served.control.truth()
    assert second["cell_current_A"] == pytest.approx(1e-4)
    passed_s = second["experiment_s"] - first["experiment_s"]
    assert passed_s >= 6.0
    assert second["charge_C"] - first["charge_C"] == pytest.approx(1e-4 * passed_s)


def test_alternating_voltage_is_seen(serve):
    served = serve({"emf_V": 0.0})
    wire = served.ready()
    wire.say("PI0", "RR4", "PW1", "++addr 4", "FR1000", "VA0.05", "IS10", "SI")
    assert wire.ask("++spoll") == "0"
    assert served.control.truth()["ac_amplitude_V"] == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
def test_clock_runs_at_its_speed_and_never_jumps(serve, speed):
    control = serve(speed=speed).control
    replies = [control.clock() for _ in range(50)]
    first, last = replies[0], replies[-1]
    assert {reply["speed"] for reply in replies} == {speed}
    for reply in replies:
        expected_s = first["experiment_s"] + (reply["host_s"] - first["host_s"]) * speed
        assert reply["experiment_s"] == pytest.approx(expected_s, abs=1e-6 * speed)
    assert last["host_s"] <= host_s()


def test_the_world_has_a_name_that_survives_with_its_file(serve, tmp_path):
    path = tmp_path / "bench.world"
    first = serve(world=path)
    name = first.control.clock()["world"]
    wire = first.ready()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    left = first.control.truth()
    first.server.close()
    second = serve(world=path)
    assert second.control.clock()["world"] == name
    assert second.control.truth()["polarized"]
    assert second.control.truth()["experiment_s"] >= left["experiment_s"]
    assert serve().control.clock()["world"] != name


def test_another_cell_can_be_mounted(serve):
    served = serve({"emf_V": 1.0})
    wire = served.ready()
    wire.say("PO1", "RR5", "PC1E-4", "PW1")
    assert wire.query("?ER") == "00"
    served.control.set_cell({"emf_V": 3.0, "resistance_ohm": 1000.0})
    truth = served.control.truth()
    assert truth["cell_voltage_V"] == pytest.approx(3.1)  # the galvanostat drives the new one at once
    assert truth["charge_C"] < 1e-4


def test_stop_ends_the_server(serve):
    served = serve()
    served.control.stop()
    assert served.server.wait(60.0)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"nonsense", "Expecting value"),
        (b"[1]", "JSON object"),
        (b'{"ask": "price"}', "ask for truth, clock, cell or stop"),
        (b'{"set": "cell"}', "description"),
        (b'{"set": "fault", "fault": "fire"}', "there is no fault 'fire'; there are: leads"),
        (b"\xff\xfe", "decode"),
        (b"[" * 100_000, "recursion"),
    ],
)
def test_nonsense_is_answered_in_words_and_ends_nothing(serve, line, says):
    served = serve()
    host, port = served.server.control.split(":")
    with socket.create_connection((host, int(port)), 5.0) as raw, raw.makefile("rb") as replies:
        raw.sendall(line + b"\n")
        assert says in json.loads(replies.readline())["error"]
        raw.sendall(b'{"ask": "clock"}\n')
        assert json.loads(replies.readline())["speed"] == 1.0


def test_a_silent_client_keeps_nobody_waiting(serve):
    served = serve()
    host, port = served.server.control.split(":")
    with socket.create_connection((host, int(port)), 5.0) as raw:
        raw.sendall(b'{"ask": "tru')
        with Stopwatch() as watch, Control(served.server.control) as other:
            assert other.truth()["polarized"] is False
        assert watch.elapsed_s < 1.0


def test_an_impossible_cell_is_refused_and_the_old_one_stays(serve):
    served = serve({"emf_V": 1.5})
    with pytest.raises(ControlError, match="could not convert"):
        served.control.set_cell({"emf_V": "high"})
    assert served.control.truth()["cell_voltage_V"] == 1.5


# what the 1287 does by itself while nobody looks


def test_a_cut_out_acts_at_its_own_instant_however_late_somebody_looks():
    # The EMF runs away at 0.1 V/s from a held 1 V behind 100 ohm: 2.1 mA, the cut-out, are passed at 2.1 s.
    bench = SimulatedBench(
        {"emf_V": 1.0, "ramp_V_s": 0.1}, build=SourceAndResistor, settings={**QUIET, **QUICK}
    )
    address = next(number for number, device in bench.bus.instruments.items() if device.name == "1287")
    for command in (b"OL0", b"RR4", b"PV1", b"PW1"):
        bench.bus.write(address, command, True)
    bench.clock.sleep_until(1000.0)
    truth = bench.truth.everything()
    assert not truth["polarized"]
    assert truth["opened_s"] - truth["closed_s"] == pytest.approx(2.1, abs=2e-3)
    assert truth["cell_current_A"] == 0.0
    bench.close()


def test_a_cut_out_in_host_time(serve):
    served = serve({"emf_V": 1.0, "ramp_V_s": 0.1}, speed=60.0)
    wire = served.ready()
    rest = served.control.truth()
    expected_s = rest["experiment_s"] + (1.21 - rest["cell_voltage_V"]) / 0.1
    wire.say("OL0", "RR4", "PV1", "PW1")
    assert wire.query("?ER") == "00"
    time.sleep(0.2)
    truth = served.control.truth()
    assert not truth["polarized"]
    opened_s = truth["experiment_s"] - (truth["host_s"] - truth["opened_host_s"]) * 60.0
    assert opened_s == pytest.approx(expected_s, abs=2e-3)
