"""Spectra of a cell that is driven: at a set voltage and under a direct current, against what the cell truly is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.reader import open_run
from solbench.protocols import check, load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from tests.acquisition.test_alternating_current import HEAD, at_point, codes, points, run_on, step
from tests.tiers import few

BEFORE = """  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 5 %}}
  - {name: rest, kind: rest, time: 10 min}
"""
DRIVEN = {
    "at a voltage below": "amplitude: 10 mV, dc_voltage: 0.37 V, current_limit: 500 uA, hold: 30 s",
    "at a voltage above": "amplitude: 10 mV, dc_voltage: 0.43 V, current_limit: 500 uA",
    "discharged": "amplitude: 10 mV, control: current, dc_current: -50 uA, hold: 30 s",
    "charged": "amplitude: 20 uA, control: current, dc_current: 0.3 mA",
}

SET_A = {"discharged": -50e-6, "charged": 300e-6}
SET_V = {"at a voltage below": 0.37, "at a voltage above": 0.43}


@few(
    "what",
    [pytest.param(one, marks=[pytest.mark.long] * (number % 3 == 1)) for number, one in enumerate(DRIVEN)],
    (0,),
)
def test_what_is_set_is_there_and_the_impedance_and_the_charge_are_true(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.h5"
    seen = run_on(path, BEFORE + step("driven", DRIVEN[what]), build="half", cell="nps")
    assert seen.result is not None
    assert seen.result.completed, seen.result.reason
    assert seen.is_safe
    (started,) = [event.body for event in seen.of("spectrum")]
    f, z = points(seen)
    true = np.array([seen.truth.cell.impedance(float(one)) for one in f])
    assert np.max(np.abs(z / true - 1.0)) < 0.01
    (quality,) = [event.body for event in seen.of("quality")]
    assert quality.verdict == "good"
    run = open_run(path)
    charges_C = [one.charge_C for one in run.steps]
    assert sum(charges_C) == pytest.approx(seen.truth.charge_C, rel=1e-4)
    assert (
        charges_C[-1] * (started.dc_voltage_V - 0.3989) > 0.0
    )  # that at rest: it flows the way it was driven
    if what in SET_A:
        assert started.dc_current_A == pytest.approx(SET_A[what], rel=0.01)
    else:
        assert started.dc_voltage_V == pytest.approx(SET_V[what], abs=1e-3)


def test_more_than_the_limit_that_was_asked_for_pauses_with_the_cell_off(tmp_path: Path) -> None:
    what = "amplitude: 10 mV, dc_voltage: -0.2 V, current_limit: 10 uA"
    seen = run_on(tmp_path / "a.h5", BEFORE + step("driven", what), build="half", cell="nps")
    assert codes(seen) == {"voltage_not_reached"}
    assert seen.is_safe
    assert max(abs(event.body.current_A) for event in seen.of("sample")[-10:]) < 12e-6
    assert not seen.of("spectrum")


@few(
    ("what", "fault", "number"),
    [
        ("discharged", {"loose_counter": True}, 2),
        pytest.param("charged", {"loose_counter": True}, 5, marks=pytest.mark.long),
        ("at a voltage below", {"loose_reference": True}, 3),
        pytest.param("discharged", {"loose_reference": True}, 3, marks=pytest.mark.long),
    ],
    1,
)
def test_a_lead_that_comes_off_on_the_way_is_found_and_the_cell_is_off(
    tmp_path: Path, what: str, fault: dict[str, bool], number: int
) -> None:
    seen = run_on(
        tmp_path / "a.h5",
        BEFORE + step("driven", DRIVEN[what]),
        build="half",
        cell="nps",
        act=lambda bench: bench.faults.set_leads(**fault),
        when=at_point(number),
    )
    assert seen.result is not None
    assert not seen.result.completed
    assert seen.is_safe


def found(build: str, what: str, cell: str = "nps") -> list[str]:
    protocol = parse_protocol(HEAD.format(build=build) + step("driven", what), "test")
    return [one.code for one in check(protocol, load_cell(cell)) if one.grade == "error"]


@pytest.mark.parametrize(
    ("build", "what", "code"),
    [
        ("half", DRIVEN["at a voltage below"], None),
        ("half", DRIVEN["charged"], None),
        ("pellet", "amplitude: 10 mV, control: current, dc_current: 50 uA", "blocking"),
        ("half", "amplitude: 10 mV, dc_voltage: 5 V, current_limit: 100 uA", "window"),
        ("half", "amplitude: 10 mV, dc_voltage: 0.4 V, current_limit: 5 A", "above"),
        (
            "half",
            "amplitude: 20 mA, expected_resistance: 1 ohm, control: current, dc_current: 130 mA",
            "under_current",
        ),
    ],
)
def test_what_cannot_be_is_refused_before(build: str, what: str, code: str | None) -> None:
    codes_found = found(build, what)
    assert (not codes_found) if code is None else any(code in one for one in codes_found), codes_found


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("amplitude: 10 mV, dc_current: 50 uA", "it is the voltage that is set"),
        ("amplitude: 10 mV, control: current, dc_voltage: 0.4 V", "it is the current that is set"),
        ("amplitude: 10 mV, dc_voltage: 0.4 V", "how much current may flow"),
        ("amplitude: 10 mV, current_limit: 1 mA", "of use only with a 'dc_voltage'"),
        ("amplitude: 10 mV, hold: 1 min", "nothing is held"),
        (
            "amplitude: 10 mV, dc_voltage: 0.4 V, current_limit: 1 mA, twice: true",
            "another one in a second sweep",
        ),
        ("amplitude: 10 mV, dc_voltage: 0.4 V, current_limit: 1 mA, instruments: 1260", "holds no voltage"),
    ],
)
def test_what_contradicts_itself_is_told_with_its_field(what: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        found("half", what)
