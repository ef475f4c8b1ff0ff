"""How long each point of a spectrum takes, by band, against a plain reading of the fields."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.protocols import check, estimate, load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.kinds.impedance import Impedance, sweep, sweep_frequencies
from solbench.protocols.kinds.spectra.timing import timing_in_words
from solbench.protocols.protocol import Protocol
from solbench.protocols.segments import StepRef

PELLET = load_cell("nps").build("pellet")
TEXT = """
name: timed
build: pellet
conditions: {{temperature: unknown, stack_pressure: unknown}}
steps:
  - {{name: s, kind: impedance, from: 1 kHz, to: {to}, points_per_decade: 5, amplitude: 10 mV, {what}}}
"""
TIMES = st.one_of(
    st.integers(1, 20).map(lambda n: (f"{n} cycles", float(n), True)),
    st.integers(1, 900).map(lambda n: (f"{n * 100} ms", n / 10.0, False)),
)
BANDS = st.dictionaries(
    st.sampled_from([0.02, 0.5, 3.0, 10.0, 77.0, 1e4]),
    st.tuples(st.none() | TIMES, st.none() | TIMES),
    max_size=4,
)


def protocol(what: str, to: str = "10 mHz") -> Protocol:
    return parse_protocol(TEXT.format(what=what, to=to), "test")


def seconds(asked: Any, frequency_Hz: float) -> float:
    return 0.0 if asked is None else asked[1] / frequency_Hz if asked[2] else asked[1]


@given(TIMES, st.none() | TIMES, BANDS)
def test_each_point_takes_what_the_lowest_band_around_it_says(
    integration: Any, settling: Any, bands: Any
) -> None:
    bands = {edge: own for edge, own in bands.items() if any(own)}
    fields: dict[str, Any] = {"integration": integration[0]}
    if settling:
        fields["settling"] = settling[0]
    if bands:
        fields["bands"] = [
            {"below": f"{edge} Hz"}
            | {
                name: one[0]
                for name, one in zip(("integration", "settling"), own, strict=True)
                if one is not None
            }
            for edge, own in bands.items()
        ]
    step = Impedance.model_validate(
        {"name": "s", "from": "1 kHz", "to": "10 mHz", "points_per_decade": 5, "amplitude": "10 mV", **fields}
    )
    made = sweep(StepRef(0, "s", "impedance", "steps.s"), step, 1, PELLET)
    for place, frequency_Hz in enumerate(sweep_frequencies(step)):
        wanted = [integration, settling]
        for edge in sorted(bands, reverse=True):
            if frequency_Hz < edge * (1.0 - 1e-6):
                wanted = [own or before for own, before in zip(bands[edge], wanted, strict=True)]
        assert made.timing(place) == (
            pytest.approx(max(seconds(wanted[0], frequency_Hz), 0.01)),
            pytest.approx(seconds(wanted[1], frequency_Hz)),
        )
    assert Impedance.model_validate(step.model_dump(by_alias=True, exclude_none=True)) == step


def test_a_plain_time_makes_the_segment_of_earlier_versions() -> None:
    (step,) = protocol("integration: 1 s").steps
    assert isinstance(step, Impedance)
    assert sweep(StepRef(0, "s", "impedance", "steps.s"), step, 1, PELLET).timings == ()


@pytest.mark.parametrize(
    ("what", "to", "rules"),
    [
        ("integration: 2 cycles", "10 uHz", {"impedance.point_too_long"}),
        ("integration: 1 s, settling: 1 d, bands: [{below: 1 Hz, settling: 2 cycles}]", "10 mHz", set()),
        ("integration: 1 s, settling: 2 d", "10 mHz", {"impedance.point_too_long"}),
        ("integration: 1 s, settled_within: 0.1 %", "10 mHz", {"impedance.within_noise"}),
        (
            "integration: 1 s, bands: [{below: 1 mHz, settling: 2 s}]",
            "10 mHz",
            {"impedance.band_without_points"},
        ),
    ],
)
def test_what_cannot_be_or_is_of_no_use_is_found(what: str, to: str, rules: set[str]) -> None:
    found = {one.rule.code for one in check(protocol(what, to), load_cell("nps"))}
    assert {rule for rule in found if rule.startswith("impedance.")} - {"impedance.narrow"} == rules


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ("integration: 3", "integration"),
        ("integration: 3 Hz", "integration"),
        ("integration: 1 s, settling: 20 %", "settling"),
        ("integration: 1 s, bands: [{below: 1 Hz}]", "bands"),
        (
            "integration: 1 s, bands: [{below: 1 Hz, settling: 1 s}, {below: 1000 mHz, settling: 2 s}]",
            "bands",
        ),
    ],
)
def test_what_is_no_time_of_a_point_is_refused_with_its_field(what: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        protocol(what)
    assert field in refused.value.field


def test_the_words_say_what_holds_where() -> None:
    (step,) = protocol(
        "integration: 1 s, bands: [{below: 1 Hz, settling: 2 cycles}, {below: 10 Hz, integration: 4 cycles}]"
    ).steps
    assert isinstance(step, Impedance)
    assert timing_in_words(step) == (
        "integration 1 s, below 10 Hz integration 4 cycles, below 1 Hz settling 2 cycles"
    )


def test_settling_costs_its_time() -> None:
    """At 10 mHz to 1 Hz, five a decade, a cycle more a point is the sum of the periods."""
    plain, settled = (
        estimate(protocol(f"integration: 1 s{more}"), PELLET) for more in ("", ", settling: 1 cycle")
    )
    periods_s = sum(10 ** (-3 + n / 5) for n in range(26))
    assert settled.duration_s - plain.duration_s == pytest.approx(periods_s)
    assert settled.at_least_s - plain.at_least_s == pytest.approx(periods_s)
