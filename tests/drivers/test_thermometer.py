"""A thermometer as a gauge, line by line."""

import pytest

from solbench.drivers.errors import BadReply, NoReply
from solbench.drivers.links.link import Link
from solbench.drivers.roles import Gauge
from solbench.drivers.thermometer import Thermometer
from tests.drivers.dialogue import Dialogue, FakeClock


def thermometer(*replies: bytes) -> Gauge:
    dialogue = Dialogue([("KRDG?", reply) for reply in replies])
    return Thermometer(Link(dialogue, FakeClock(), "oven"), every_s=30.0)


def test_it_answers_in_kelvin_at_the_time_of_the_question():
    gauge = thermometer(b"+298.150\r\n")
    reading = gauge.read()
    assert (reading.value, reading.time_s) == (298.15, 100.0)
    assert (gauge.name, gauge.unit, gauge.every_s) == ("oven", "K", 30.0)


@pytest.mark.parametrize("reply", [b"+0.000\r\n", b"-1.0\r\n", b"+9999\r\n", b"NAN\r\n", b"OVER\r\n"])
def test_what_is_no_temperature_is_no_value(reply):
    with pytest.raises(BadReply, match="oven"):
        thermometer(*3 * [reply]).read()


def test_silence_is_no_reply():
    dialogue = Dialogue(3 * [("KRDG?", None)])
    with pytest.raises(NoReply, match="oven"):
        Thermometer(Link(dialogue, FakeClock(), "oven")).read()
