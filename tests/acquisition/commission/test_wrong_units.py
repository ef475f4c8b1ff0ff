"""Units with a turned polarity, another order of the ranges, or a wrong gain: found, whether commissioned or not."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.acquisition.commission.specimens import bench_file, commission
from tests.acquisition.commission.test_procedure import RESISTORS_OHM
from tests.acquisition.runs import request, seen_run

SPECTRUM = """
name: one spectrum
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: s, kind: impedance, from: 1 MHz, to: 10 Hz, points_per_decade: 5, amplitude: 10 mV, integration: 0.2 s}
"""
GAINS = (
    {"pol_gain_error": (0.0, 99.0)},
    {"pol_gain_error": (0.0, -0.99)},
    {"v_out_gain_error": (0.0, -0.9)},
    {"i_out_gain_error": (0.0, -0.9)},
)  # one of two gains is there, whichever is asked for


THREE_AND_FIVE = (0.1, 1.0, 1e3, 100.0, 10.0, 1e4, 1e5, 1e6)
USED = (
    (2, 3),
    (2, 4),
    (3, 4),
    (4, 5),
    (2, 5),
)  # swapped: the range of the first look, or that of the spectrum


def wrong(unit: int) -> Mapping[str, object]:
    """What is laid over a unit."""
    chance = random.Random(unit)
    if unit % 3 == 0:
        sign = chance.choice((1.0, -1.0))
        return {"interface": {"v_out_polarity": sign, "i_out_polarity": -sign}}
    if unit % 3 == 1:
        ohms = list(RESISTORS_OHM)
        if chance.random() < 0.4:
            ohms.reverse()
        else:
            one, other = chance.choice(USED)
            ohms[one], ohms[other] = ohms[other], ohms[one]
        return {"interface": {"resistors_ohm": tuple(ohms)}}
    return {"calibration": chance.choice(GAINS)}


@pytest.mark.long
@pytest.mark.parametrize("unit", range(420, 440))
def test_a_wrong_unit_is_found_by_commissioning_and_by_a_run_without_one(unit: int, tmp_path: Path) -> None:
    simulation = wrong(unit)
    record = commission(unit, only=("A", "C", "D", "E", "J"), **simulation).record
    failed = {step for step, one in record.steps.items() if one.outcome == "failed"}
    assert failed or record.values.output_polarity == -1
    cell = ("nps", "nyzc")[unit % 2]
    seen = seen_run(request(tmp_path / "a.h5", SPECTRUM, cell, bench=bench_file(unit, **simulation)))
    assert seen.result is not None
    assert seen.result.outcome == "fault", simulation
    if seen.of(
        "point"
    ):  # first look and sweep are wrong alike: the record's resistance tells, behind the first spectrum
        assert simulation in ({"calibration": GAINS[3]}, {"interface": {"resistors_ohm": THREE_AND_FIVE}})
        assert len(seen.of("quality")) == 1
    assert seen.is_safe
