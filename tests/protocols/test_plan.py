import itertools
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from solbench.protocols import half_cell, load_cell, load_protocol, plan, with_settings
from solbench.protocols.convert import amperes, coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.protocol import Protocol, from_data, to_data
from solbench.protocols.quantities.quantity import quantity
from solbench.protocols.segments import (
    ConstantCurrent,
    ConstantVoltage,
    End,
    Polarization,
    Record,
    Rest,
    StepRef,
    Sweep,
)
from tests.protocols import strategies

HALF = load_cell("nps").build("half")


def with_steps(*steps: dict[str, Any]) -> Protocol:
    return from_data({**to_data(half_cell()), "aliases": {}, "steps": list(steps)}, "steps")


def test_the_half_cell_as_segments() -> None:
    segments = list(plan(load_protocol("half-cell"), HALF))
    shape = [type(segment).__name__ for segment in segments]
    assert shape == ["Rest", "Sweep", *["ConstantCurrent", "Rest", "Sweep"] * 4, "ConstantCurrent"]
    sodiation = StepRef(0, "sodiation", "constant_current", "steps.sodiation")
    desodiation = StepRef(1, "desodiation", "constant_current", "steps.desodiation")
    assert [segment.step for segment in segments] == [sodiation] * 14 + [desodiation]


def test_marks_of_the_sodiation() -> None:
    currents = [s for s in plan(load_protocol("half-cell"), HALF) if isinstance(s, ConstantCurrent)]
    whole_C = 0.95 * 1.366e-6 * 847 * 3600
    for segment, share, text in zip(
        currents, (0.25, 0.5, 0.75, 1.0), ("25 %", "50 %", "75 %", "95 %"), strict=False
    ):
        assert segment.current_A == pytest.approx(-1.6 * 0.785e-4)
        charge, cut = segment.ends
        assert (charge.quantity, charge.text, charge.outcome) == ("charge", text, "segment")
        assert charge.value == pytest.approx(share * whole_C, rel=1e-12)
        assert cut == End("voltage_below", -4.5, "-4.5 V", "cut_short")
    assert currents[4].current_A == pytest.approx(1.256e-4)
    assert currents[4].ends == (End("voltage_above", 2.0, "2.0 V", "step"),)


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


def test_a_last_mark_before_the_end_is_followed_by_the_rest_of_the_charge() -> None:
    protocol = with_settings(half_cell(), ["spectra=[50 %]"])
    segments = [s for s in plan(protocol, HALF) if s.step.name == "sodiation"]
    assert [type(s) for s in segments] == [ConstantCurrent, Rest, Sweep, ConstantCurrent]
    ends = [s.ends[0] for s in segments if isinstance(s, ConstantCurrent)]
    assert [end.text for end in ends] == ["50 %", "95 %"]
    assert ends[1].value == pytest.approx(2 * ends[0].value)


def test_other_ends_close_the_whole_step() -> None:
    changes = [
        "steps.sodiation.until.voltage=-1 V",
        "steps.sodiation.until.time=10 h",
        "spectra=[50 %, 100 %]",
    ]
    first = next(s for s in plan(with_settings(half_cell(), changes), HALF) if isinstance(s, ConstantCurrent))
    assert [(end.quantity, end.outcome) for end in first.ends] == [
        ("charge", "segment"),
        ("voltage_below", "step"),
        ("time", "step"),
        ("voltage_below", "cut_short"),
    ]
    assert first.ends[0].text == "50 %"


def test_a_cut_short_charge_is_not_divided_by_the_marks() -> None:
    changes = ["steps.sodiation.cut_short.capacity=2 mAh/cm2"]
    first = next(s for s in plan(with_settings(half_cell(), changes), HALF) if isinstance(s, ConstantCurrent))
    cut = next(end for end in first.ends if end.quantity == "charge" and end.outcome == "cut_short")
    assert cut.value == pytest.approx(72000 * 0.785e-4)


@pytest.mark.parametrize(
    ("text", "expected_A"),
    [
        ("0.126 mA", 0.126e-3),
        ("-0.16 mA/cm2", -1.256e-4),
        ("100 mA/g", 1.366e-4),
        ("C/10", 1.366e-6 * 847 * 3600 / 36000),
        ("-C/10", -1.366e-6 * 847 * 3600 / 36000),
    ],
)
def test_currents_in_every_spelling(text: str, expected_A: float) -> None:
    assert amperes(quantity(text), HALF) == pytest.approx(expected_A)


@pytest.mark.parametrize(
    ("text", "expected_C"),
    [
        ("1 mAh", 3.6),
        ("1.4 mAh/cm2", 50400 * 0.785e-4),
        ("800 mAh/g", 800 * 3600 * 1.366e-6),
        ("100 %", 4.1652072),
    ],
)
def test_capacities_in_every_spelling(text: str, expected_C: float) -> None:
    assert coulombs(quantity(text), HALF) == pytest.approx(expected_C)


def test_a_share_of_a_mass_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FieldError, match="'95 %' refers to a mass, and the build 'pellet'"):
        coulombs(quantity("95 %"), load_cell("nps").build("pellet"))


def test_dc_polarization_as_a_segment() -> None:
    build = load_cell("nps").build("dc_reduced")
    (segment,) = plan(load_protocol("dc-polarization"), build)
    assert segment == Polarization(
        StepRef(0, "polarization", "dc_polarization", "steps.polarization"),
        voltage_V=0.05,
        baseline_s=600.0,
        at_most_s=7200.0,
        slope_fraction=0.01,
        slope_span_s=600.0,
        record=Record(every_s=1.0),
    )


def test_constant_voltage_as_a_segment() -> None:
    step = {
        "name": "hold",
        "kind": "constant_voltage",
        "voltage": "2,0 V",
        "current_limit": "1 mA",
        "until": {"current": "0.01 mA/cm2", "time": "1 h"},
        "cut_short": {"capacity": "1 mAh"},
        "record": {"every": "2 s", "voltage_change": "5 mV"},
    }
    (segment,) = plan(with_steps(step), HALF)
    assert isinstance(segment, ConstantVoltage)
    assert (segment.voltage_V, segment.current_limit_A) == (2.0, 1e-3)
    assert segment.record == Record(2.0, 0.005)
    assert segment.ends == (
        End("current_below", pytest.approx(7.85e-6), "0.01 mA/cm2", "step"),  # type: ignore[arg-type]
        End("time", 3600.0, "1 h", "step"),
        End("charge", 3.6, "1 mAh", "cut_short"),
    )


CYCLING = {
    "name": "cycling",
    "kind": "loop",
    "count": 3,
    "steps": [
        {"name": "charge", "kind": "constant_current", "current": "1 mA", "until": {"time": "1 h"}},
        {
            "name": "inner",
            "kind": "loop",
            "count": 2,
            "steps": [{"name": "pause", "kind": "rest", "time": "1 s"}],
        },
    ],
}


def test_loops_count_cycles_and_executed_steps() -> None:
    protocol = with_steps(CYCLING, {"name": "end", "kind": "rest", "time": "1 s"})
    refs = [segment.step for segment in plan(protocol, HALF)]
    assert [ref.index for ref in refs] == list(range(10))
    assert [(ref.name, ref.cycle) for ref in refs[:4]] == [
        ("charge", 1),
        ("pause", 1),
        ("pause", 2),
        ("charge", 2),
    ]
    assert refs[1].path == "steps.cycling.steps.inner.steps.pause"
    assert (refs[-1].path, refs[-1].cycle) == ("steps.end", None)


def test_spectra_are_counted_through_loops() -> None:
    body = to_data(half_cell())["steps"]
    protocol = with_steps({"name": "cycling", "kind": "loop", "count": 3, "steps": body})
    sweeps = [s for s in plan(protocol, HALF) if isinstance(s, Sweep)]
    assert [s.spectrum for s in sweeps] == list(range(1, 16))


def test_a_thousand_million_cycles_are_never_made() -> None:
    protocol = with_steps({**CYCLING, "count": 10**9})
    start = time.process_time()
    first = list(itertools.islice(plan(protocol, HALF), 300))
    assert time.process_time() - start < 1.0
    assert first[-1].step.cycle == 2
    assert first[-1].step.index == 299


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.protocols)
def test_plans_repeat_and_count_without_gaps(data: dict[str, Any]) -> None:
    protocol = from_data(data, "generated")
    first = list(itertools.islice(plan(protocol, HALF), 200))
    assert first == list(itertools.islice(plan(protocol, HALF), 200))
    indices = [segment.step.index for segment in first]
    assert indices == sorted(indices)
    assert set(indices) == set(range(indices[-1] + 1))
    for segment in first:
        if isinstance(segment, ConstantCurrent):
            assert segment.ends
            sides = {end.quantity for end in segment.ends} & {"voltage_below", "voltage_above"}
            assert sides <= {"voltage_above" if segment.current_A > 0 else "voltage_below"}
