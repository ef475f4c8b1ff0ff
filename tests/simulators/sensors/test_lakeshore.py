"""The simulated Lake Shore by its own language, as its manual has it."""

from __future__ import annotations

import pytest

from solbench.simulators.sensors.chamber import Chamber, ChamberPlan
from solbench.simulators.sensors.lakeshore import LakeShore
from solbench.simulators.sensors.sensor import Sensor, SensorSettings

PLAN = ChamberPlan("oven", "line", on=((1, 2),), off=((1, 0),))


@pytest.fixture
def made():
    instrument = LakeShore("336")
    chamber = Chamber(PLAN, 298.15, lambda _: None, lambda: 0.0)
    chamber.sensor = Sensor("oven", SensorSettings(), lambda: chamber.air_K, lambda: 0.0)
    instrument.sensors["A"] = chamber.sensor
    instrument.heats(chamber)
    return instrument, chamber


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("*IDN?", "LSCI,MODEL336,LSA2345/#######,1.9"),
        ("KRDG? A", "+298.150"),
        ("krdg? a;:RDGST? B", "+298.150;129"),
        ("SETP 1,310.5;SETP? 1", "+310.500"),
        ("RAMP 1,1,2.5;:RAMP? 1;SETP 1,300;RAMPST? 1;SETP? 1;*ESR?", "1,+002.5;1;+298.150;000"),
        ("RAMP 1,1,0;SETP 1,300;RAMPST? 1", "0"),
        ("RANGE 1,3;RANGE? 1;HTRST? 1;OUTMODE? 1", "3;0;1,1,0"),
        ("RANGE 1,7;*ESR?;*ESR?", "016;000"),
        ("RAMP 1,1,0.01;*ESR?", "016"),
        ("SETP 2,300;*ESR?", "016"),
        ("KRDG? E;*ESR?", "016"),
        ("OVEN?;*ESR?", "032"),
        ("TLIMIT? A;TLIMIT? B", "+373.150;+000.000"),
    ],
)
def test_it_answers_as_its_manual_has_it(made, line, answer):
    assert made[0].answer(line) == answer


def test_it_says_nothing_to_what_is_no_question(made):
    assert made[0].answer("RANGE 1,1") is None
    made[1].happen("silent")
    with pytest.raises(TimeoutError):
        made[0].answer("KRDG? A")
