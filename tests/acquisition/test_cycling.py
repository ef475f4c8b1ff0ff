"""Full cell, symmetric cell and pellet through the whole program, against the truth behind the wire."""

import pytest

from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.protocols import load_cell, parse_cell
from solbench.protocols.cells import dump_cell
from solbench.protocols.protocol import from_data
from solbench.protocols.quantities.quantity import Quantity
from tests.acquisition.runs import quiet_bench, request, seen_run
from tests.tiers import few

AREA_CM2 = 0.785
OWN = (
    ("name: nps", "name: ours"),
    ("formula: Na3PS4", "formula: Na3SbS4"),
    ("ionic_conductivity: 0.185 mS/cm", "ionic_conductivity: 0.5 mS/cm"),
    ("deal_grove_B: 0.060 mAh/cm2", "deal_grove_B: 0.030 mAh/cm2"),
)


def watched_seldom():
    return quiet_bench().model_copy(update={"max_unwatched": Quantity("30 s", 30.0, "time")})


def own_record():
    text = dump_cell(load_cell("nps"))
    for old, new in OWN:
        assert old in text
        text = text.replace(old, new)
    return parse_cell(text, "ours.yaml")


def ran(tmp_path, protocol, cell, *settings, bench=None):
    """Run, and return what was seen of it and its summary."""
    seen = seen_run(request(tmp_path / "a.h5", protocol, cell, bench, settings))
    return seen, summarise(open_run(tmp_path / "a.h5"))


def true_charges_C(seen):
    return seen.bench.truth.cell.charged_C, seen.bench.truth.cell.discharged_C


@few(("cell", "first"), [("nyzc", 0.12), pytest.param("nps", 0.62, marks=pytest.mark.long), ("nbh", 0.83)], 1)
def test_coulombic_efficiency_of_the_first_full_cell_cycles(tmp_path, cell, first):
    seen, summary = ran(tmp_path, "full-cell", cell, "cycles=2", "record.every=60 s", bench=watched_seldom())
    assert summary.completed
    assert [step.end_reason for step in summary.steps[1:]] == [
        "voltage rose to 3.4 V",
        "voltage fell to 1.7 V",
    ] * 2
    assert summary.coulombic_efficiency[0] == pytest.approx(first, abs=0.03)
    if cell == "nbh":
        assert 0.99 < summary.coulombic_efficiency[1] < 1.0
    capacities = [step.areal_capacity_mAh_cm2 for step in summary.steps[1:]]
    charged_C, discharged_C = true_charges_C(seen)
    assert (capacities[0] + capacities[2]) * 3.6 * AREA_CM2 == pytest.approx(charged_C, rel=100e-6)
    assert (capacities[1] + capacities[3]) * 3.6 * AREA_CM2 == pytest.approx(discharged_C, rel=100e-6)
    assert [step.cycle for step in summary.steps] == [None, 1, 1, 2, 2]


@pytest.mark.long
def test_a_fresh_full_cell_starts_below_its_limits_which_hold_from_then_on(tmp_path):
    """The lower limit acts once the voltage has been above it, the upper one while charging."""
    safety = ["cycles=1", "safety.voltage_min=1.6 V", "safety.voltage_max=3.5 V", "record.every=60 s"]
    seen, summary = ran(tmp_path, "full-cell", "nbh", *safety, bench=watched_seldom())
    assert summary.completed
    assert open_run(tmp_path / "a.h5").samples["voltage_V"][0] < 1.0
    assert not seen.truth.polarized


@few(
    ("limit", "steps", "reason"),
    [
        ("safety.voltage_max=3.0 V", 2, "above the"),
        ("safety.voltage_min=1.75 V", 3, "below the"),
        ("safety.current_max=40 uA", 2, "beyond the"),
    ],
    (0, 2),
)
def test_each_limit_ends_the_run_in_its_own_direction_only(tmp_path, limit, steps, reason):
    """The cell starts at 0.5 V, below each lower limit, and is charged all the same."""
    seen, summary = ran(
        tmp_path, "full-cell", "nbh", "cycles=1", limit, "record.every=60 s", bench=watched_seldom()
    )
    assert seen.result.outcome == "limit"
    assert reason in seen.result.reason
    assert len(summary.steps) == steps
    assert summary.coulombic_efficiency == (None,)
    assert not seen.truth.polarized


@pytest.mark.long
def test_sodium_shuttled_between_two_alloys(tmp_path):
    seen, summary = ran(tmp_path, "symmetric-cell", "nps", "cycles=3")
    assert summary.completed
    steps = summary.steps[1:]
    assert [step.name for step in steps] == ["forth", "back"] * 3
    for step in steps:
        assert step.areal_capacity_mAh_cm2 == pytest.approx(0.1, rel=1e-3)
    charged_C, _ = true_charges_C(seen)
    assert sum(step.areal_capacity_mAh_cm2 for step in steps[::2]) * 3.6 * AREA_CM2 == pytest.approx(
        charged_C, rel=20e-6
    )
    assert min(seen.bench.truth.cell.layers_m) > 1e-6


@pytest.mark.long
@pytest.mark.parametrize(
    "cell", ["nyzc", *(pytest.param(name, marks=pytest.mark.long) for name in ("nps", "nbh"))]
)
def test_the_spectrum_of_a_pellet_is_that_of_its_electrolyte(tmp_path, cell):
    """R = L/(sigma A), seen where the grain boundaries are through and the plungers not yet."""
    seen, summary = ran(tmp_path, "ionic-conductivity", cell)
    assert summary.completed
    points = open_run(tmp_path / "a.h5").points
    assert len(points) == 61
    for point in points[::6]:
        true = seen.bench.truth.cell.impedance(point["frequency_Hz"])
        measured = point["real_ohm"] + 1j * point["imaginary_ohm"]
        assert abs(measured - true) < 0.01 * abs(true)
    middle = points[abs(points["frequency_Hz"] - 1e4) < 1.0][0]
    build = load_cell(cell).build("pellet")
    expected_ohm = build.thickness_m / (build.ionic_conductivity_S_m * build.area_m2)
    assert middle["real_ohm"] == pytest.approx(expected_ohm, rel=0.02)


def test_the_analyzer_alone_sees_the_bulk_of_a_pellet(tmp_path):
    """Half a decade from 32 MHz down the bulk arc shows, which the pair cannot reach."""
    seen, summary = ran(tmp_path, "ionic-conductivity", "nps", "instruments=1260", "top=32 MHz")
    assert summary.completed
    generator = seen.bench.truth._analyzer.generator
    assert (generator.amplitude_V, generator.bias_V) == (0.0, 0.0)
    points = open_run(tmp_path / "a.h5").points
    assert points["frequency_Hz"][0] == 32e6
    for point in points[::6]:
        true = seen.bench.truth.cell.impedance(point["frequency_Hz"])
        measured = point["real_ohm"] + 1j * point["imaginary_ohm"]
        assert abs(measured - true) < 0.02 * abs(true)


@few(
    ("protocol", "settings"),
    [
        ("full-cell", ("cycles=1", "record.every=60 s")),
        ("symmetric-cell", ("cycles=1",)),
        ("ionic-conductivity", ("steps.spectrum.to=10 kHz",)),
    ],
    (2,),
)
def test_an_electrolyte_of_ones_own_goes_through_the_whole_program(tmp_path, protocol, settings):
    seen, summary = ran(tmp_path, protocol, own_record(), *settings)
    assert summary.completed
    assert summary.cell == "ours"
    assert seen.bench.truth.cell.electrolyte_resistance_ohm == pytest.approx(
        0.05 / (0.5e-3 * AREA_CM2), rel=1e-6
    )
    if protocol == "full-cell":  # half the growth constant of nps: between nps and nbh
        assert 0.65 < summary.coulombic_efficiency[0] < 0.80


@few(
    ("build", "driven", "next_one"),
    [
        ("half", "-0.3 mA/cm2", "-9 uA/cm2"),
        ("half", "-0.16 mA/cm2", "-3 uA/cm2"),
        ("symmetric", "2 uA/cm2", "-3 uA/cm2"),
    ],
    1,
)
def test_a_small_current_after_a_large_one_is_no_fault(tmp_path, build, driven, next_one):
    """The cell relaxes the other way by more than the small current moves it."""
    steps = [
        {"name": f"step-{number}", "kind": "constant_current", "current": current, "until": {"time": "5 min"}}
        for number, current in enumerate((driven, next_one))
    ]
    head = {
        "name": "small",
        "build": build,
        "conditions": {"temperature": "unknown", "stack_pressure": "unknown"},
    }
    seen = seen_run(request(tmp_path / "a.h5", from_data({**head, "steps": steps}, "small"), "nbh"))
    assert seen.result.outcome == "completed", seen.result.reason
