"""What is set on a cell in a spectrum, and what a check says of it."""

from typing import Any

import pytest

from solbench.protocols import BadInput, Build, limits_for, load_cell, plan
from solbench.protocols.findings import Finding
from solbench.protocols.kinds.amplitudes import check_amplitudes, set_on_cell
from solbench.protocols.kinds.fields import Spectrum
from solbench.protocols.kinds.impedance import check_spectrum
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.limits import Safety
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.protocol import from_data
from solbench.protocols.segments import Sweep

HALF, PELLET = load_cell("nps").build("half"), load_cell("nps").build("pellet")


def spectrum(**changes: Any) -> Spectrum:
    data = {
        "from": "100 kHz",
        "to": "1 Hz",
        "points_per_decade": 10,
        "amplitude": "10 mV",
        "integration": "1 s",
    }
    return Spectrum.model_validate({**data, **changes})


def by_current(**changes: Any) -> Spectrum:
    return spectrum(**{"control": "current", **changes})


def bounds(build: Build = HALF, current_max: str = "10 mA") -> Bounds:
    safety = Safety.model_validate({"current_max": current_max})
    return Bounds(build, limits_for(safety, build), Plausible(), Instruments(), build.tolerances)


def codes(found: Spectrum, within: Bounds) -> list[str]:
    return [finding.code for finding in check_amplitudes("here", found, within)]


def the_one(found: Spectrum, within: Bounds) -> Finding:
    (finding,) = check_amplitudes("here", found, within)
    return finding


@pytest.mark.parametrize(
    ("fields", "amplitude_V", "amplitude_A"),
    [
        ({}, 0.01, 0.0),
        ({"control": "current"}, 0.01, 0.01 / 20.0),
        ({"control": "current", "expected_resistance": "5 mohm"}, 0.01, 2.0),
        ({"control": "current", "amplitude": "50 uA"}, 0.1, 50e-6),
        ({"control": "current", "amplitude": "50 uA", "expected_resistance": "5 mohm"}, 0.1, 50e-6),
    ],
)
def test_what_is_set(fields: dict[str, str], amplitude_V: float, amplitude_A: float) -> None:
    found = spectrum(**fields)
    assert set_on_cell(found, found.amplitude, 20.0) == pytest.approx((amplitude_V, amplitude_A))


def test_a_plan_has_both_amplitudes_of_a_state() -> None:
    step = {"name": "eis", "kind": "impedance", "from": "1 kHz", "to": "1 Hz", "points_per_decade": 5}
    step |= {"control": "current", "amplitude": "20 uA", "linearity": "5 mV", "integration": "1 s"}
    unknown = {"temperature": "unknown", "stack_pressure": "unknown"}
    protocol = from_data({"name": "p", "build": "half", "conditions": unknown, "steps": [step]}, "p")
    own, other = (sweep for sweep in plan(protocol, HALF) if isinstance(sweep, Sweep))
    assert (own.amplitude_A, own.amplitude_V, own.role) == (20e-6, 0.1, "spectrum")
    assert (other.amplitude_V, other.role) == (0.005, "linearity")
    assert other.amplitude_A == pytest.approx(0.005 / HALF.resistance_ohm)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"amplitude": "1 mA"}, "amplitude", "control: current"),
        ({"linearity": "1 mA"}, "linearity", "control: current"),
        ({"expected_resistance": "5 ohm"}, "expected_resistance", "control: current"),
        ({"control": "current", "instruments": "1260"}, "instruments", "the analyzer alone sets a voltage"),
        ({"control": "current", "amplitude": "5 ohm"}, "amplitude", "not a voltage or current"),
        ({"control": "galvanostatic"}, "control", "current"),
        ({"control": "current", "expected_resistance": "0 ohm"}, "expected_resistance", "above zero"),
    ],
)
def test_fields_that_do_not_go_together_are_refused_in_words(
    fields: dict[str, str], field: str, words: str
) -> None:
    step = {"name": "eis", "kind": "impedance", "from": "1 kHz", "to": "1 Hz", "points_per_decade": 5}
    step |= {"amplitude": "10 mV", "integration": "1 s", **fields}
    unknown = {"temperature": "unknown", "stack_pressure": "unknown"}
    with pytest.raises(BadInput) as refused:
        from_data({"name": "p", "build": "half", "conditions": unknown, "steps": [step]}, "p")
    assert field in str(refused.value)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amplitude": "20 uA"}, None),
        ({"amplitude": "10 mV"}, None),
        ({"amplitude": "1 uA", "expected_resistance": "50 ohm"}, "impedance.drops_little"),
        ({"amplitude": "50 mA", "expected_resistance": "5 mohm"}, "impedance.set_above_safety"),
        ({"amplitude": "1 mA", "expected_resistance": "40 ohm"}, "impedance.not_linear"),
        ({"amplitude": "1 mA", "expected_resistance": "120 ohm"}, "impedance.drops"),
        ({"amplitude": "10 mV", "expected_resistance": "1 ohm"}, "impedance.set_above_safety"),
        ({"amplitude": "10 mV", "expected_resistance": "5 mohm"}, "impedance.beyond_source"),
        ({"amplitude": "50 nA", "expected_resistance": "100 kohm"}, "impedance.tiny"),
        ({"amplitude": "10 mV", "expected_resistance": "1 Mohm"}, "impedance.tiny"),
        ({"amplitude": "1.5 A", "expected_resistance": "5 mohm"}, "impedance.beyond_source"),
        ({"amplitude": "150 mV"}, "impedance.harms"),
        ({"amplitude": "40 mV"}, "impedance.not_linear"),
        ({"amplitude": "1 mV"}, "impedance.small"),
        ({"amplitude": "150 mV", "expected_resistance": "2 Mohm"}, "impedance.harms"),
        ({"amplitude": "0.9 V", "expected_resistance": "1 Gohm"}, "impedance.amplitude"),
        ({"amplitude": "50 nA", "expected_resistance": "3 Mohm"}, "impedance.drops"),
        ({"amplitude": "1 mV", "expected_resistance": "2 Mohm"}, "impedance.tiny"),
    ],
)
def test_a_set_current_is_checked_like_any_other(fields: dict[str, str], code: str | None) -> None:
    assert codes(by_current(**fields), bounds()) == ([code] if code else [])


def test_the_second_amplitude_is_checked_as_well() -> None:
    finding = the_one(by_current(amplitude="20 uA", linearity="20 mA"), bounds())
    assert (finding.code, finding.field) == ("impedance.set_above_safety", "here.linearity")
    assert "28.3 mA" in finding.message


def test_a_short_bar_may_have_fifty_milliamperes_where_the_limit_allows_it() -> None:
    bar = by_current(amplitude="50 mA", expected_resistance="5 mohm")
    assert codes(bar, bounds(PELLET, "100 mA")) == ["impedance.not_held"]
    assert codes(by_current(amplitude="50 mA"), bounds(PELLET, "100 mA"))[-1] == "impedance.drops"


def test_nothing_holds_the_voltage_between_blocking_electrodes() -> None:
    assert codes(by_current(amplitude="1 uA"), bounds(PELLET)) == ["impedance.not_held"]
    assert codes(spectrum(), bounds(PELLET)) == []


@pytest.mark.parametrize(("start", "code"), [("150 kHz", None), ("1 MHz", "impedance.above_galvanostat")])
def test_the_loop_of_the_galvanostat_bounds_the_frequency(start: str, code: str | None) -> None:
    found = list(check_spectrum("here", by_current(**{"from": start, "amplitude": "20 uA"}), bounds()))
    assert [finding.code for finding in found] == ([code] if code else [])
