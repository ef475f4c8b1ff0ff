"""Cells as labs build them, from the shipped record: each against what its electrodes say."""

import math
import random
from itertools import pairwise

import pytest

from solbench.protocols.cells import load_cell
from solbench.simulators.cell import DescriptionError, build_cell
from tests.simulators.cell.conftest import AREA_CM2, CURRENT_A, Bench

HOUR_S = 3600.0


def half(build, share):
    """A half cell of another build, sodiated to a share of its theoretical capacity at 0.16 mA/cm2, and rested."""
    resolved = load_cell("nps").build(build)
    cell = build_cell(Bench().description("nps", build))
    cell.advance_current(share * resolved.theoretical_capacity_C / CURRENT_A, -CURRENT_A)
    cell.advance_current(20 * HOUR_S, 0.0)
    return cell


@pytest.mark.parametrize(
    ("build", "share", "volts"),
    [
        ("half_sodium", 0.45, 0.16),  # NaSn/Na9Sn4 against Na
        ("half_sodium", 0.9, 0.08),
        ("half_antimony", 0.25, 0.70),
        ("half_antimony", 0.9, 0.43),
        ("half_hard_carbon", 0.2, 0.78),
        ("half_hard_carbon", 0.8, 0.05),
        ("three_electrode", 0.45, 0.16),
    ],
)
def test_potentials_against_sodium(build, share, volts):
    assert half(build, share).voltage(0.0) == pytest.approx(volts - 0.035, abs=0.05)


def test_hard_carbon_slopes_first_and_lies_flat_then():
    cell = half("half_hard_carbon", 0.02)
    volts = []
    for _ in range(45):
        cell.advance_current(0.02 * 300 * 3.6 * 2.5e-3 / CURRENT_A, -CURRENT_A)
        volts.append(cell.equilibrium_voltage_V)
    falls = [early - late for early, late in pairwise(volts)]
    assert min(falls[:18]) > 0.02
    assert max(falls[33:]) < 0.01
    assert volts == sorted(volts, reverse=True)


def test_a_reference_sees_the_working_electrode_and_half_of_the_electrolyte(bench):
    three, two = bench.cell("nps", "three_electrode"), bench.cell("nps", "half")
    for cell in (three, two):
        cell.advance_current(2 * HOUR_S, -CURRENT_A)
        cell.advance_current(20 * HOUR_S, 0.0)
    assert three.voltage(0.0) - two.voltage(0.0) == pytest.approx(0.16, abs=1e-6)
    assert three.electrolyte_resistance_ohm == pytest.approx(two.electrolyte_resistance_ohm / 2)
    assert three.counter_resistance_ohm == 0.0 < two.counter_resistance_ohm
    assert abs(three.impedance(10.0)) < abs(two.impedance(10.0)) - 170


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_cell_may_begin_filled(bench, share):
    description = bench.description("nps", "half_sodiated")
    description["state_of_charge"] = share
    begun, cell = build_cell(description), bench.cell("nps", "half")
    assert not begun.fresh
    assert (begun.charge_C, begun.sodium_x) == (0.0, pytest.approx(3.75 * share))
    while cell.sodium_x < 3.75 * share:
        cell.advance_current(60.0, -CURRENT_A)
    assert begun.equilibrium_voltage_V == pytest.approx(cell.equilibrium_voltage_V, abs=2e-3)
    begun.advance_current(HOUR_S, CURRENT_A)
    assert begun.charged_C > 0


def diffusing(**changes):
    description = Bench().description("nbh", "half")
    description["simulation"]["tin"].update(diffusion_coefficient=1e-15, **changes)
    return build_cell(description)


@pytest.mark.parametrize("frequency_Hz", [1e-3, 1e-2])
@pytest.mark.parametrize("share", [0.25, 0.28, 0.6])
def test_diffusion_in_the_tin_is_the_same_in_time_and_in_the_impedance(share, frequency_Hz):
    from tests.simulators.cell.references import response

    cell = diffusing()
    cell.advance_current(share * 1.473 * 3600 * AREA_CM2 / CURRENT_A / 1e3, -CURRENT_A)
    cell.advance_current(20 * HOUR_S, 0.0)
    expected = cell.impedance(frequency_Hz)
    assert abs(response(cell, frequency_Hz, 1e-7) - expected) < 0.02 * abs(expected)


def test_a_short_pulse_tells_the_diffusion_coefficient():
    """Weppner and Huggins (1977): D = 4/(pi t) L^2 (dEs/dEt)^2, where the potential slopes and t << L^2/D."""
    length_m, diffusion_m2_s, pulse_s = 2.4e-6, 1e-15, 100.0
    cell = diffusing(diffusion_length=length_m, hysteresis=0.0, depletion=1e-6)
    cell.advance_current(0.267 * 1.473 * 3600 * AREA_CM2 / CURRENT_A / 1e3, -CURRENT_A)
    cell.advance_current(40 * HOUR_S, 0.0)
    before_V = cell.voltage(0.0)
    seen_V = []
    for _ in range(4):
        cell.advance_current(pulse_s / 4, -CURRENT_A / 40)
        seen_V.append(cell.voltage(-CURRENT_A / 40))
    transient_V = 2 * (seen_V[3] - seen_V[0])  # from t/4 to t the root of time doubles
    cell.advance_current(40 * HOUR_S, 0.0)
    steady_V = cell.voltage(0.0) - before_V
    found = 4 / (math.pi * pulse_s) * length_m**2 * (steady_V / transient_V) ** 2
    assert abs(steady_V) > 1e-4
    assert cell.diffusion_m2_s == diffusion_m2_s
    assert found == pytest.approx(diffusion_m2_s, rel=0.35)  # the slow relaxations take part in the transient


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"electrodes": {"working": "lead"}}, "electrodes.working is 'lead'; known are: Sn, Sb, hard carbon"),
        ({"electrodes": {"counter": "K"}}, "electrodes.counter is 'K'; known are: Na9Sn4, Na, Na3Sb, Li-In"),
        ({"electrodes": {"working": "Sb"}}, "geometry.electrode_mass_kg is missing"),
        ({"electrodes": {"refrence": "Na"}}, "did you mean reference?"),
        ({"state_of_charge": 1.5}, "it must be from 0 to 1"),
    ],
)
def test_what_cannot_be_built_is_named(bench, change, says):
    with pytest.raises(DescriptionError) as caught:
        build_cell({**bench.description("nps", "half"), **change})
    assert says in str(caught.value)


def test_charge_transfer_double_layer_and_contact_may_change_with_the_state(bench):
    """Draws of a study: each state has its own; between the states of the list lie straight lines."""
    description = bench.still("nps", "half")
    description["simulation"]["tin"].update(
        charge_transfer_factors=[1.0, 2.0, 0.5],
        double_layer_factors=[1.0, 1.5],
        contact_area_factors=[1.0, 0.8],
    )
    cell = build_cell(description)
    plain = build_cell(bench.still("nps", "half"))
    for each in (cell, plain):
        each.advance_current(0.5 * 847 * 3.6 * 1.366e-3 / CURRENT_A, -CURRENT_A)
    x = cell.sodium_x / 3.75
    factor = (1 + 2 * x) if x < 0.5 else 2 - 3 * (x - 0.5)
    ratio = cell.charge_transfer_resistance_ohm / plain.charge_transfer_resistance_ohm
    assert ratio == pytest.approx(factor / (1 - 0.2 * x), rel=1e-6)
    assert abs(cell.impedance(1.0)) > abs(plain.impedance(1.0)) + 10


EMPTY = [
    name
    for name, build in load_cell("nps").builds.items()
    if build.kind == "half" and not build.state_of_charge
]


@pytest.mark.parametrize("build", EMPTY)
def test_the_fresh_window_of_a_shipped_half_cell_holds_the_fresh_one_alone(build):
    """Tin that is sodiated by a tenth rests inside some windows, and is found by its charge."""
    low_V, high_V = load_cell("nps").build(build).fresh_window_V
    assert low_V < half(build, 0.0).voltage(0.0) < high_V
    assert half(build, 0.4).voltage(0.0) < low_V


def test_a_material_has_what_is_its_own_and_the_rest_of_tin(bench):
    carbon = bench.cell("nps", "half_hard_carbon")
    assert carbon.diffusion_m2_s == pytest.approx(1e-14)
    assert bench.cell("nps", "half").diffusion_m2_s == 0.0
    description = bench.description("nps", "half_antimony")
    description["simulation"]["materials"]["Sb"]["hysteresiss"] = 0.02
    with pytest.raises(DescriptionError, match=r"simulation\.materials\.Sb\.hysteresiss is not known"):
        build_cell(description)


@pytest.mark.parametrize(
    ("name", "build"), [("nbh", "half"), ("nps", "half_antimony"), ("nps", "symmetric"), ("nyzc", "full")]
)
def test_what_a_cell_knows_of_its_state_is_never_that_of_an_earlier_one(name, build):
    # A cell works out once what a state gives; its twin is put into each state anew and knows nothing before.
    draw = random.Random(build)
    cell, twin = Bench().cell(name, build), Bench().cell(name, build)
    held_V = cell.voltage(0.0)
    for _ in range(60):
        match draw.randrange(5):
            case 0:
                cell.advance_current(
                    draw.choice([1e-3, 60.0, 600.0]), draw.choice([-1.0, 0.0, 1.0]) * CURRENT_A
                )
            case 1:
                cell.advance_voltage(draw.choice([1e-3, 0.04, 5.0]), held_V)
            case 2:
                cell.temperature_K += draw.uniform(-1.0, 1.0)
            case 3:
                before = cell.state()
                cell.advance_current(600.0, -CURRENT_A)
                cell.current(held_V)
                cell.restore(before)
            case _:
                held_V = cell.voltage(draw.uniform(-CURRENT_A, CURRENT_A))
        twin.restore(cell.state())
        assert cell.current(held_V) == twin.current(held_V)
        assert cell.voltage(CURRENT_A) == twin.voltage(CURRENT_A)
