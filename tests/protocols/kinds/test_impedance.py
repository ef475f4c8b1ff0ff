import itertools
from typing import Any

import pytest

from solbench.protocols import Build, half_cell, limits_for, load_cell, load_protocol, plan
from solbench.protocols.kinds.fields import Spectrum
from solbench.protocols.kinds.impedance import check_spectrum
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.quantities.quantity import quantity
from solbench.protocols.segments import (
    Rest,
    Sweep,
)

HALF = load_cell("nps").build("half")


def with_steps(*steps: dict[str, Any]) -> Protocol:
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": list(steps)}, "steps")


def test_rests_and_spectra_of_the_sodiation() -> None:
    segments = list(plan(load_protocol("half-cell"), HALF))
    for rest in (s for s in segments if isinstance(s, Rest)):
        assert (rest.at_least_s, rest.at_most_s, rest.slope_window_s) == (300.0, 3600.0, 60.0)
        assert rest.slope_V_s == pytest.approx(1e-3 / 60)
    sweeps = [s for s in segments if isinstance(s, Sweep)]
    assert [s.fraction for s in sweeps] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert [s.spectrum for s in sweeps] == [1, 2, 3, 4, 5]
    assert {(s.amplitude_V, s.integration_s, s.instruments) for s in sweeps} == {(0.03, 1.0, "pair")}


def test_frequencies_fall_by_ten_a_decade_with_exact_decades() -> None:
    sweep = next(s for s in plan(load_protocol("half-cell"), HALF) if isinstance(s, Sweep))
    assert len(sweep.frequencies_Hz) == 61
    assert sweep.frequencies_Hz[::10] == (1e6, 1e5, 1e4, 1e3, 100.0, 10.0, 1.0)
    ratios = [below / above for above, below in itertools.pairwise(sweep.frequencies_Hz)]
    assert ratios == pytest.approx([10**-0.1] * 60, rel=1e-12)


@pytest.mark.parametrize(
    ("start", "stop", "per_decade", "expected"),
    [
        ("1 MHz", "10 mHz", 10, 81),
        ("300 kHz", "1 Hz", 5, 28),
        ("1 kHz", "600 Hz", 3, 1),
        ("32 MHz", "10 uHz", 1, 13),
    ],
)
def test_spectra_end_at_the_last_point_not_below_to(
    start: str, stop: str, per_decade: int, expected: int
) -> None:
    spectrum = {
        "from": start,
        "to": stop,
        "points_per_decade": per_decade,
        "amplitude": "30 mV",
        "integration": "1 s",
    }
    (sweep,) = plan(with_steps({"name": "z", "kind": "impedance", **spectrum}), HALF)
    assert isinstance(sweep, Sweep)
    assert len(sweep.frequencies_Hz) == expected
    assert sweep.fraction is None
    assert sweep.frequencies_Hz[0] == quantity(start).value
    assert sweep.frequencies_Hz[-1] >= quantity(stop).value * (1 - 1e-9)


SPECTRUM = {
    "from": "1 MHz",
    "to": "1 Hz",
    "points_per_decade": 10,
    "amplitude": "30 mV",
    "integration": "1 s",
}


def bounds_of(build: Build) -> Bounds:
    return Bounds(build, limits_for(None, build), Plausible(), Instruments(), build.tolerances)


@pytest.mark.parametrize(
    ("change", "build", "codes"),
    [
        ({}, "half", []),
        ({"from": "2 MHz"}, "half", ["impedance.above_pair"]),
        ({"from": "2 MHz", "instruments": "1260"}, "pellet", []),
        ({"instruments": "1260"}, "half", ["impedance.discharges"]),
        ({"from": "40 MHz"}, "half", ["impedance.above_1260"]),
        ({"to": "1 uHz"}, "half", ["impedance.below_1260"]),
        ({"amplitude": "50 mV"}, "half", ["impedance.not_linear"]),
        ({"amplitude": "30 V"}, "half", ["impedance.amplitude"]),
        ({"linearity": "3 V"}, "half", ["impedance.amplitude"]),
        ({"linearity": "45 mV"}, "half", ["impedance.not_linear"]),
        ({"amplitude": "60 mV", "linearity": "0.2 V"}, "full", ["impedance.not_linear", "impedance.harms"]),
        ({"linearity": "0.12 V"}, "symmetric", ["impedance.not_linear"]),
        ({"amplitude": "0.4 V"}, "half", ["impedance.harms"]),
    ],
)
def test_what_is_wrong_with_a_spectrum(change: dict[str, str], build: str, codes: list[str]) -> None:
    spectrum = Spectrum.model_validate(SPECTRUM | change)
    found = list(check_spectrum("here", spectrum, bounds_of(load_cell("nps").build(build))))
    assert [finding.code for finding in found] == codes
    assert all(finding.field.startswith("here.") for finding in found)


def test_an_amplitude_may_not_pass_the_current_that_is_safe() -> None:
    """0.4 V rms over the 35 ohm of this pellet are 16 mA at the peak, over those of another one 0.9 mA."""
    spectrum = Spectrum.model_validate(SPECTRUM | {"amplitude": "0.4 V"})
    found = {
        cell: [one.code for one in check_spectrum("", spectrum, bounds_of(load_cell(cell).build("pellet")))]
        for cell in ("nbh", "nyzc")
    }
    assert found == {"nbh": ["impedance.current_above_safety"], "nyzc": ["impedance.not_linear"]}
