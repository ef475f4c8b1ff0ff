"""What `describe` says of a protocol is what the plan will do."""

from __future__ import annotations

import pytest

from solbench.analysis.described.description import MOST_DRAWN, as_text, describe
from solbench.protocols import (
    estimate,
    full_cell,
    half_cell,
    load_cell,
    load_protocol,
    parse_protocol,
    plan,
    with_settings,
)
from solbench.protocols.protocol import shipped_protocols
from tests.acquisition.record.test_loops import PULSES, RAMP
from tests.texts import TINY

NBH = load_cell("nbh")


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_protocol_that_ships_is_described_with_all_its_steps_and_limits(name: str) -> None:
    protocol = load_protocol(name)
    described = describe(protocol, NBH if protocol.build in NBH.builds else load_cell("nps"))
    text = as_text(described)
    for step in described.steps:
        assert f"{step.name}: {step.words}" in text
    assert "ends the run, the cell off" in text
    assert "?" not in text.replace("did you mean", "")


def test_currents_are_told_as_amperes_per_area_and_as_a_rate_of_this_cell() -> None:
    build = NBH.build("half")
    described = describe(half_cell(current="C/10"), NBH)
    assert build.capacity_C is not None
    amount_mA = build.capacity_C / 36.0
    assert described.steps[0].amounts.startswith(f"current: {-amount_mA:.4g} mA, ")
    assert described.steps[0].amounts.endswith("C/10")


@pytest.mark.parametrize("text", [TINY, PULSES, RAMP])
def test_the_figure_shows_the_segments_of_the_plan_in_the_time_of_the_estimate(text: str) -> None:
    protocol = parse_protocol(text, "test")
    build = NBH.build(protocol.build)
    described = describe(protocol, NBH)
    assert [span.segment for span in described.spans] == list(plan(protocol, build))
    assert described.is_whole
    assert described.spans[-1].end_s == pytest.approx(
        estimate(protocol, build).duration_s, rel=0.02, abs=15.0
    )


def test_of_a_long_cycling_the_first_segments_are_drawn() -> None:
    described = describe(with_settings(full_cell(), ["cycles=100000"]), NBH)
    assert len(described.spans) == MOST_DRAWN
    assert not described.is_whole


def test_a_series_is_told_with_its_names_and_a_protocol_with_errors_as_far_as_it_goes() -> None:
    protocol = parse_protocol(RAMP, "test")
    steps = {step.name: step for step in describe(protocol, NBH).steps}
    assert "over current 0.1 mA/cm2, 0.2 mA/cm2" in steps["currents"].words
    assert steps["forth"].words == "constant current $current until time 30 s"
    assert steps["forth"].amounts == ""
    wrong = describe(with_settings(half_cell(), ["steps.sodiation.current=-9 A"]), NBH)
    assert "current.areal" in [finding.code for finding in wrong.findings]
    assert wrong.spans == ()
    assert wrong.takes == ()
