"""The 1260 on a sample of its own: what it is told, and what it refuses."""

from __future__ import annotations

import pytest

from solbench.drivers.errors import BadReply, DriverError, OutOfOrder, OutOfRange
from solbench.drivers.solartron.settings import StandaloneSettings
from solbench.drivers.solartron.standalone import Standalone
from tests.drivers.bench import FakeInstrument, fake_pair, fra_on
from tests.drivers.dialogue import FakeClock


def alone(results=(), settings=None):
    clock, log = FakeClock(), []
    device = FakeInstrument("1260", log, clock, results=list(results))
    one = Standalone(fra_on(device, clock), settings)
    one.initialise()
    log.clear()
    return one, device, log


def sent(log):
    return [command for _, command in log]


@pytest.mark.parametrize("answer", [False, None, 1, "yes"])
def test_without_confirmation_that_there_is_no_emf_nothing_is_prepared(answer):
    one, _, log = alone()
    with pytest.raises(OutOfOrder, match="50 ohm"):
        one.prepare_impedance(0.03, without_emf=answer)
    assert log == []


def test_it_measures_v1_over_i_with_everything_in_auto_range():
    one, device, log = alone()
    one.prepare_impedance(0.03, without_emf=True)
    assert sent(log) == [
        *["VA0", "VB0", "?VA", "?VB"],
        *["SO1,3", "CZ0", "DC1,0", "DC3,0", "IP1,1", "OU1,1", "RA1,0", "RA3,0", "?ER"],
    ]
    assert device.values["GT"] == "0"


def test_the_wiring_is_a_setting():
    one, _, log = alone(settings=StandaloneSettings(input_mode=0, input_screen=0))
    one.prepare_impedance(0.03, without_emf=True)
    assert {"IP1,0", "OU1,0"} <= set(sent(log))


def test_the_result_is_the_impedance_itself():
    line = b"+1.0000000E+06,+3.8886E+00,+7.2552E+01,0,00\r\n"  # recorded from a 1260
    one, _, log = alone([line])
    one.prepare_impedance(0.03, without_emf=True)
    one.on()
    one.apply_ac()
    point = one.measure_impedance(1e6, 0.1)
    assert point.impedance_ohm == complex(3.8886, 72.552)
    assert (point.frequency_Hz, point.amplitude_V, point.attempts) == (1e6, 0.03, 1)
    one.remove_ac()
    assert sent(log)[-4:] == ["VA0", "VB0", "?VA", "?VB"]


def test_the_generator_s_amplitude_is_that_at_the_sample_and_in_its_own_resistance():
    line = b"+1.0000000E+03,+5.0000E+01,+0.0000E+00,0,00\r\n"
    one, _, _ = alone([line, b"+1.0000000E+03,+1.2000E-02,-9.0000E-03,0,00\r\n", line])
    one.prepare_impedance(0.03, without_emf=True)
    one.apply_ac()
    one.measure_impedance(1e3, 0.1)
    assert one.measured_amplitude_V() == pytest.approx(0.03)


def test_a_point_with_an_error_is_measured_again_on_a_new_range_of_v1_and_i():
    bad = b"+1.0000000E+03,+0.0000E+00,+0.0000E+00,1,00\r\n"
    one, _, log = alone([bad])
    one.prepare_impedance(0.03, without_emf=True)
    one.apply_ac()
    log.clear()
    assert one.measure_impedance(1e3, 0.1).attempts == 2
    assert [command for command in sent(log) if command.startswith("RA")] == ["RA1,0", "RA3,0"]


@pytest.mark.parametrize("frequency_Hz", [0.0, -1.0, 32.1e6, float("nan")])
def test_frequencies_beyond_the_instrument(frequency_Hz):
    one, _, _ = alone()
    one.prepare_impedance(0.03, without_emf=True)
    with pytest.raises(OutOfRange, match="Hz"):
        one.measure_impedance(frequency_Hz, 0.1)


def test_thirty_two_megahertz_with_one_volt_at_most():
    one, _, _ = alone()
    one.prepare_impedance(1.0, without_emf=True)
    one.apply_ac()
    assert one.measure_impedance(32e6, 0.1).frequency_Hz == 32e6
    one.prepare_impedance(1.5, without_emf=True)
    one.apply_ac()
    assert one.measure_impedance(10e6, 0.1).frequency_Hz == 10e6
    with pytest.raises(OutOfRange, match="10 MHz"):
        one.measure_impedance(10.1e6, 0.1)


def test_a_large_amplitude_is_not_sent_at_a_frequency_that_refuses_it():
    one, _, log = alone()
    one.prepare_impedance(1.0, without_emf=True)
    one.apply_ac()
    one.measure_impedance(20e6, 0.1)
    one.prepare_impedance(3.0, without_emf=True)
    log.clear()
    one.apply_ac()
    assert sent(log) == ["FR1.0000000E+07", "VA3.0000E+00"]


@pytest.mark.parametrize("amplitude_V", [0.0, 3.1])
def test_what_it_cannot_prepare(amplitude_V):
    one, _, log = alone()
    with pytest.raises(OutOfRange):
        one.prepare_impedance(amplitude_V, without_emf=True)
    assert log == []


def test_nothing_is_measured_or_applied_before_it_is_prepared():
    one, _, _ = alone()
    for call in (one.apply_ac, one.impedance_settings, lambda: one.measure_impedance(1e3, 0.1)):
        with pytest.raises(OutOfOrder, match="prepare_impedance"):
            call()


def test_a_generator_that_is_not_at_zero_is_found_before_the_sample_is_driven():
    one, device, _ = alone()
    one.prepare_impedance(0.03, without_emf=True)
    device.values["VB"] = "0.5"
    with pytest.raises(BadReply, match="0 V"):
        one.on()


def test_making_safe_stops_the_generator_and_reads_it_back():
    one, device, log = alone()
    one.prepare_impedance(0.03, without_emf=True)
    one.apply_ac()
    log.clear()
    one.make_safe()
    assert sent(log) == ["VA0", "VB0", "BK", "?VA", "?VB"]
    device.dead = True
    with pytest.raises(DriverError):
        one.make_safe()


def test_the_pair_measures_its_ratio_again_afterwards():
    bench = fake_pair()
    Standalone(bench.pair.fra).prepare_impedance(0.03, without_emf=True)
    mark = len(bench.log)
    bench.pair.prepare_impedance(0.03, 0.0, 4)
    again = bench.sent_since(mark)
    assert {"1260 SO1,2", "1260 IP1,0", "1260 RA2,0"} <= set(again)
    mark = len(bench.log)
    bench.pair.prepare_impedance(0.03, 0.0, 4)
    assert "1260 SO1,2" not in bench.sent_since(mark)
