"""Voltage sweeps as they are written, checked and planned."""

from __future__ import annotations

from typing import Any

import pytest

from solbench.protocols import BadInput, Protocol, check, estimate, load_cell, plan
from solbench.protocols.kinds import kind_of
from solbench.protocols.protocol import from_data
from solbench.protocols.segments import CyclicScan, LinearScan, Scan

NBH = load_cell("nbh")
CYCLES = {"vertices": ["1.5 V", "0.2 V"], "cycles": 3, "to": "0.9 V"}


def swept(**fields: Any) -> Protocol:
    step = {"name": "a", "kind": "voltammetry", "from": "0.9 V", "to": "0.2 V", "rate": "1 mV/s"}
    conditions = {"temperature": "25 degC", "stack_pressure": "unknown"}
    step |= {"current_limit": "1 mA", **fields}
    return from_data({"name": "t", "build": "half", "conditions": conditions, "steps": [step]}, "test")


def planned(**fields: Any) -> Scan:
    (segment,) = plan(swept(**fields), NBH.build("half"))
    assert isinstance(segment, Scan)
    return segment


def test_a_sweep_over_vertices_is_cyclic_and_another_linear() -> None:
    assert isinstance(planned(), LinearScan)
    cyclic = planned(**CYCLES)
    assert isinstance(cyclic, CyclicScan)
    assert cyclic.levels_V == (0.9, *(1.5, 0.2) * 3, 0.9)
    assert cyclic.duration_s == pytest.approx(1e3 * (0.6 + 1.3 * 5 + 0.7))
    assert planned(step="10 mV").duration_s == pytest.approx(700.0 + 10.0)
    expected = estimate(swept(**CYCLES), NBH.build("half"))
    assert expected.duration_s == pytest.approx(cyclic.duration_s, abs=20.0)
    assert expected.at_least_s < 60.0, "its current may end it"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"to": "90 V"}, "voltage.outside_window", "to"),
        ({"from": "-9 V"}, "voltage.outside_window", "from"),
        ({"vertices": ["1.5 V", "60 V"]}, "voltage.outside_window", "vertices"),
        ({"current_limit": "3 A"}, "current.above_instrument", "current_limit"),
        ({"rate": "1 V/s"}, "voltammetry.fast", "rate"),
        ({"step": "0.9 V"}, "voltammetry.step_large", "step"),
        ({"step": "1 mV", "rate": "10 mV/s"}, "voltammetry.step_short", "step"),
    ],
)
def test_what_cannot_be_swept_is_found_before(fields: Any, code: str, field: str) -> None:
    found = [finding for finding in check(swept(**fields), NBH) if finding.grade == "error"]
    assert (code, f"steps.a.{field}") in [(finding.code, finding.field) for finding in found]


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"to": "0.9 V"}, "to", "is where this part of the sweep begins"),
        ({"vertices": ["0.9 V"]}, "vertices", "is where this part"),
        ({"vertices": ["1 V"], "cycles": 2}, "vertices", "is where this part"),
        ({"cycles": 2}, "cycles", "without vertices"),
        ({**CYCLES, "cycles": 10**6}, "cycles", "more than 10000 parts"),
    ],
)
def test_what_goes_nowhere_is_refused(fields: Any, field: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        swept(**fields)
    assert refused.value.field == f"steps.a.{field}"
    assert says in str(refused.value)


def test_it_is_told_as_a_methods_section_would() -> None:
    steps = [swept(step="5 mV").steps[0], swept(**CYCLES).steps[0]]
    linear, cyclic = (kind_of(step).sentence(step) for step in steps)
    assert linear == "linear sweep from 0.9 V to 0.2 V at 1 mV/s in steps of 5 mV, up to a current of 1 mA"
    assert cyclic.startswith("cyclic voltammetry from 0.9 V over 1.5 V, 0.2 V, 3 times, to 0.9 V at 1 mV/s")


def test_a_spectrum_behind_a_sweep_needs_a_rest() -> None:
    protocol = swept()
    spectrum = {
        "from": "1 MHz",
        "to": "1 Hz",
        "points_per_decade": 10,
        "amplitude": "10 mV",
        "integration": "1 s",
    }
    data = protocol.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["steps"].append({"name": "s", "kind": "impedance", **spectrum})
    assert "impedance.unrested" in [finding.code for finding in check(from_data(data, "t"), NBH)]
