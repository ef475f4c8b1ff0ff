import pytest

from solbench.protocols import check, load_cell, load_protocol, plan, with_settings
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.kinds.dc_polarization import INRUSH, POLARIZATION
from solbench.protocols.protocol import from_data, to_data
from solbench.protocols.segments import Polarization, Record, StepRef

HALF = load_cell("nps").build("half")


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
        inrush_A=pytest.approx(0.05 / (500e-6 / 0.0185 / 0.785e-4)),
    )


def test_both_signs_take_one_baseline_and_twice_the_voltage() -> None:
    step = {
        "voltage": "50 mV",
        "baseline": "10 min",
        "at_most": "2 h",
        "steady_within": "1 %",
        "steady_over": "600 s",
    }
    build, costs = load_cell("nps").build("dc_reduced"), []
    for both in (False, True):
        data = {"name": "dc", "kind": "dc_polarization", **step, "both_signs": both}
        head = {**to_data(load_protocol("dc-polarization")), "aliases": {}, "steps": [data]}
        (segment,) = plan(from_data(head, "dc"), build)
        assert isinstance(segment, Polarization)
        costs.append(POLARIZATION.cost(segment, SoFar(Costs(), 0.0, 0.0, None)).duration_s)
    assert [cost - Costs().zeros_s for cost in costs] == [7800.0, 600.0 + 2 * 7200.0]


@pytest.mark.parametrize("setting", ["50 mV", "100 mV", "-450 mV"])
def test_an_inrush_within_the_ranges_is_no_finding(setting: str) -> None:
    protocol = with_settings(load_protocol("dc-polarization"), [f"voltage={setting}"])
    assert check(protocol, load_cell("nbh")) == []


def test_an_inrush_beyond_all_ranges_is_told() -> None:
    settings = ["voltage=450 mV", "steps.polarization.both_signs=true"]
    (found,) = check(with_settings(load_protocol("dc-polarization"), settings), load_cell("nbh"))
    assert found.code == INRUSH.code
    assert found.parameters["inrush_mA"] == pytest.approx(0.9 / 35.39 * 1e3, rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "field"),
    [(["voltage=-1 V"], "voltage"), (["voltage=1 V", "steps.polarization.both_signs=true"], "both_signs")],
)
def test_a_blocking_electrode_is_never_made_negative_against_a_reversible_one(settings, field) -> None:
    protocol = with_settings(load_protocol("dc-polarization"), ["build=hebb_wagner", *settings])
    found = [one for one in check(protocol, load_cell("nps")) if one.code == "dc_polarization.wrong_sign"]
    assert [one.field for one in found] == [f"steps.polarization.{field}"]
    right = with_settings(load_protocol("dc-polarization"), ["build=hebb_wagner", "voltage=1 V"])
    assert check(right, load_cell("nps")) == []
