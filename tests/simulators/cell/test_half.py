import copy
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.simulators.cell import build_cell
from tests.simulators.cell.conftest import CURRENT_A, FULL_CHARGE_C, Bench
from tests.simulators.cell.references import crossed, held_finely, response
from tests.tiers import few

HOUR_S = 3600.0


def sodiated(name, fraction=1.0):
    return Bench().sodiated(name, fraction)


@few(("name", "fraction"), [("nyzc", 0.0), ("nps", 0.5), ("nbh", 1.0), ("nyzc", 1.0)], (1, 2))
@settings(max_examples=settings().max_examples // 3)
@given(power=st.floats(-12, -1), sign=st.sampled_from([-1.0, 1.0]))
def test_voltage_and_current_are_inverse(name, fraction, power, sign):
    cell = sodiated(name, fraction)
    current_A = sign * 10**power
    voltage_V = cell.voltage(current_A)
    assert cell.voltage(cell.current(voltage_V)) == pytest.approx(voltage_V, abs=1e-12)
    assert cell.current(voltage_V) == pytest.approx(current_A, rel=1e-6, abs=1e-14)


def test_the_ledger_counts_both_directions(bench):
    cell = bench.cell("nbh")
    cell.advance_current(1000.0, -1e-4)
    cell.advance_current(100.0, 0.0)
    cell.advance_current(400.0, 1e-4)
    assert cell.discharged_C == pytest.approx(0.1, rel=1e-12)
    assert cell.charged_C == pytest.approx(0.04, rel=1e-12)
    assert cell.charge_C == pytest.approx(-0.06, rel=1e-12)


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_constant_current_does_not_depend_on_the_size_of_the_steps(bench, name):
    once, often = build_cell(bench.still(name)), build_cell(bench.still(name))
    for hours, current_A in ((4.0, -CURRENT_A), (0.5, 0.0), (0.02, CURRENT_A)):
        once.advance_current(hours * HOUR_S, current_A)
        for _ in range(1000):
            often.advance_current(hours * HOUR_S / 1000, current_A)
    assert often.state() == pytest.approx(once.state(), rel=1e-9, abs=1e-11)


def test_state_is_restored_bit_for_bit(bench):
    cell, other = sodiated("nyzc", 0.4), bench.cell("nyzc")
    cell.advance_voltage(7.0, cell.voltage(0.0) + 0.01)
    cell.temperature_K = 301.0
    state = cell.state()
    other.restore(state)
    for each in (cell, other):
        each.advance_current(100.0, -1e-4)
        each.advance_voltage(3.3, 0.1)
    assert other.state() == cell.state()
    assert other.impedance(12.0) == cell.impedance(12.0)
    assert other.voltage(1e-5) == cell.voltage(1e-5)
    cell.restore(state)
    assert cell.state() == state


def test_a_state_of_another_length_is_refused(bench):
    with pytest.raises(ValueError, match=r"has \d+ numbers, not 2"):
        bench.cell("nps").restore((1.0, 2.0))


HELD = ((0.5, 0.05, 30.0), (0.5, -0.2, 100.0), (0.0, -0.3, 30.0))  # sodiated, V beside its own, s


@pytest.mark.parametrize(
    ("name", "fraction", "offset_V", "dt_s"),
    [
        pytest.param(name, *held, marks=() if row == column else pytest.mark.long)
        for column, name in enumerate(("nyzc", "nps", "nbh"))
        for row, held in enumerate(HELD)
    ],
)
def test_held_voltage_against_a_fine_reference(name, fraction, offset_V, dt_s):
    cell, reference = sodiated(name, fraction), sodiated(name, fraction)
    charged_C, discharged_C = cell.charged_C, cell.discharged_C
    voltage_V = cell.voltage(0.0) + offset_V
    charge_C = cell.advance_voltage(dt_s, voltage_V)
    held_finely(reference, dt_s, voltage_V, 5000)
    allowed_C = 10e-6 * abs(charge_C)
    assert charge_C == pytest.approx(cell.charge_C - (charged_C - discharged_C), abs=1e-15)
    assert cell.charged_C == pytest.approx(reference.charged_C, abs=allowed_C)
    assert cell.discharged_C == pytest.approx(reference.discharged_C, abs=allowed_C)
    assert cell.state() == pytest.approx(reference.state(), rel=1e-5, abs=1e-6)


@pytest.mark.long
def test_held_voltage_after_an_interruption_counts_charge_back_and_forth():
    """A relaxing cell held at its voltage of the first moment passes current one way, then the other."""
    cell, reference = sodiated("nbh", 0.5), sodiated("nbh", 0.5)
    for each in (cell, reference):
        each.advance_current(120.0, CURRENT_A)
        each.advance_current(2.0, -3 * CURRENT_A)
    voltage_V = cell.voltage(0.0)
    before_C = cell.charged_C, cell.discharged_C
    net_C = cell.advance_voltage(600.0, voltage_V)
    held_finely(reference, 600.0, voltage_V, 10000)
    assert cell.charged_C > before_C[0]
    assert cell.discharged_C > before_C[1]
    for mine_C, true_C in (
        (cell.charged_C, reference.charged_C),
        (cell.discharged_C, reference.discharged_C),
    ):
        assert mine_C == pytest.approx(true_C, abs=10e-6 * abs(net_C))


@pytest.mark.parametrize(
    ("held_s", "count"), [(300.0, 200), (3.0, 400)]
)  # the latter as messages on a bus cut it
@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
def test_held_voltage_does_not_depend_on_how_the_time_is_cut(name, held_s, count):
    once, often = sodiated(name, 0.5), sodiated(name, 0.5)
    voltage_V = once.voltage(0.0) - 0.03
    charge_C = once.advance_voltage(held_s, voltage_V)
    draw = random.Random(3)
    cuts = sorted(draw.uniform(0, held_s) for _ in range(count))
    parts_C = [
        often.advance_voltage(late - early, voltage_V)
        for early, late in zip([0.0, *cuts], [*cuts, held_s], strict=True)
    ]
    assert sum(parts_C) == pytest.approx(charge_C, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "build", "seed"),
    [
        ("nps", "half_hard_carbon", 1),
        pytest.param("nps", "half_hard_carbon", 2, marks=pytest.mark.long),
        ("nps", "half", 3),
        pytest.param("nyzc", "full", 4, marks=pytest.mark.long),
        pytest.param("nps", "symmetric", 5, marks=pytest.mark.long),
    ],
)
def test_a_cell_that_ages_or_diffuses_is_followed_through_all_looks_and_levels(name, build, seed):
    draw = random.Random(seed)
    cell = Bench().cell(name, build)
    assert cell.is_steady
    towards = 1.0 if build == "full" else -1.0
    cell.advance_current(draw.uniform(600.0, 3600.0), towards * CURRENT_A)
    reference = copy.deepcopy(cell)
    began_C = cell.charged_C, cell.discharged_C
    for _ in range(3):
        voltage_V, held_s = cell.voltage(0.0) + draw.uniform(-0.05, 0.05), draw.uniform(0.5, 6.0)
        looks_s = sorted(draw.uniform(0.0, held_s) for _ in range(draw.randrange(6)))
        before_C = cell.charge_C
        passed_C = [
            cell.advance_voltage(late_s - early_s, voltage_V)
            for early_s, late_s in zip([0.0, *looks_s], [*looks_s, held_s], strict=True)
        ]
        assert sum(passed_C) == pytest.approx(cell.charge_C - before_C, abs=1e-15)
        held_finely(reference, held_s, voltage_V, 800)
    allowed_C = 10e-6 * max(cell.charged_C - began_C[0], cell.discharged_C - began_C[1])
    assert cell.charged_C == pytest.approx(reference.charged_C, abs=allowed_C)
    assert cell.discharged_C == pytest.approx(reference.discharged_C, abs=allowed_C)
    assert cell.state() == pytest.approx(reference.state(), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("warmer_K", [8.0, -15.0])
def test_a_cell_that_gets_another_temperature_while_held_draws_the_current_of_that_one(warmer_K):
    cell = Bench().cell("nps", "half")
    cell.advance_current(1200.0, -CURRENT_A)
    voltage_V = cell.voltage(0.0) - 0.04
    cell.advance_voltage(30.0, voltage_V)
    cell.advance_voltage(0.5, voltage_V)  # in the middle of a step
    reference = copy.deepcopy(cell)
    for one in (cell, reference):
        one.temperature_K += warmer_K
    passed_C = cell.advance_voltage(1.0, voltage_V)
    began_C = reference.charge_C
    held_finely(reference, 1.0, voltage_V, 100)
    assert passed_C == pytest.approx(reference.charge_C - began_C, rel=1e-4)


@pytest.mark.long
def test_a_long_hold_ends_without_current():
    cell = sodiated("nbh", 0.5)
    cell.advance_voltage(10 * HOUR_S, cell.voltage(0.0) + 0.02)
    assert abs(cell.current(cell.voltage(0.0) + 0.0)) < 1e-12
    assert cell.voltage(0.0) == pytest.approx(cell.equilibrium_voltage_V, abs=2e-3)


def test_a_hold_at_a_compliance_limit_stays_finite():
    for voltage_V in (-30.0, 30.0):
        cell = sodiated("nbh", 0.3)
        assert math.isfinite(cell.advance_voltage(60.0, voltage_V))
        assert all(map(math.isfinite, cell.state()))


@pytest.mark.parametrize(
    ("name", "fraction", "frequency_Hz"),
    crossed(("nyzc", "nps", "nbh"), (0.2, 0.5, 1.0), (2e-3, 3e-2, 1.0)),
)
def test_time_domain_and_impedance_are_the_same_cell(bench, name, fraction, frequency_Hz):
    cell = build_cell(bench.still(name))
    cell.advance_current(fraction * FULL_CHARGE_C / CURRENT_A, -CURRENT_A)
    cell.advance_current(20 * HOUR_S, 0.0)
    expected = cell.impedance(frequency_Hz)
    measured = response(cell, frequency_Hz, 1e-7)
    assert abs(measured - expected) < 0.002 * abs(expected)


def test_time_domain_and_impedance_of_a_fresh_electrode_agree(bench):
    cell = bench.cell("nps")
    expected = cell.impedance(5e-4)
    assert abs(response(cell, 5e-4, 1e-9) - expected) < 0.01 * abs(expected)
    assert abs(expected) > 1e5
    assert expected.imag < -1e4


@pytest.mark.parametrize(
    ("section", "key", "top_Hz"),
    [
        ("interphase.growth", "layer_resistance", 425e3),
        ("tin", "charge_transfer_resistance", 4.05e3),
    ],
)
def test_arcs_of_a_sodiated_half_cell(bench, section, key, top_Hz):
    """Each arc as the difference to a cell without it; its top is the frequency of the largest -Z''."""
    whole, description = sodiated("nps"), bench.description("nps")
    block = description["simulation"]
    for name in section.split("."):
        block = block[name]
    block[key] = 1e-9
    lacking = build_cell(description)
    lacking.restore(whole.state())
    grid_Hz = [top_Hz * 10 ** (step / 100) for step in range(-100, 101)]
    found_Hz = max(grid_Hz, key=lambda f: (lacking.impedance(f) - whole.impedance(f)).imag)
    assert found_Hz == pytest.approx(top_Hz, rel=0.05)


def test_a_spectrum_of_the_paper_spans_separator_and_interphase():
    cell = sodiated("nyzc")
    top, bottom = cell.impedance(1e6), cell.impedance(1.0)
    assert top.real < 1016
    assert bottom.real == pytest.approx(1016 + 9000 + 60 + 90, rel=0.01)


@pytest.mark.parametrize("kelvin", [-2.2, 35.0])
def test_everything_has_an_activation_energy(kelvin):
    """Each resistance follows its own, and the voltage of rest moves a little."""
    cell = sodiated("nps")
    cell.advance_current(20 * HOUR_S, 0.0)
    then = cell.temperature_K
    before = (
        cell.electrolyte_resistance_ohm,
        cell.charge_transfer_resistance_ohm,
        cell.interfacial_resistance_ohm,
    )
    dc_ohm, rest_V = abs(cell.impedance(1e-5)), cell.equilibrium_voltage_V
    cell.temperature_K += kelvin
    reciprocal = (1 / cell.temperature_K - 1 / then) / 8.617333e-5
    assert cell.electrolyte_resistance_ohm / before[0] == pytest.approx(math.exp(0.35 * reciprocal), rel=1e-5)
    assert cell.charge_transfer_resistance_ohm / before[1] == pytest.approx(
        math.exp(0.45 * reciprocal), rel=1e-5
    )
    assert (cell.interfacial_resistance_ohm < before[2]) == (kelvin > 0)
    assert (abs(cell.impedance(1e-5)) < dc_ohm) == (kelvin > 0)
    assert cell.equilibrium_voltage_V - rest_V == pytest.approx(5e-5 * kelvin)
    with pytest.raises(ValueError, match="does not exist"):
        cell.temperature_K = -1.0


def test_a_drift_of_temperature_is_part_of_the_state(bench):
    description = bench.description("nps")
    description["simulation"]["electrolyte"]["temperature_drift"] = -2.2 / (9 * HOUR_S)
    cell = build_cell(description)
    for _ in range(90):
        cell.advance_current(360.0, 0.0)
    assert cell.temperature_K == pytest.approx(298.15 - 2.2)
    assert cell.electrolyte_resistance_ohm == pytest.approx(344.3 + 36, abs=3)
    other = build_cell(description)
    other.restore(cell.state())
    assert other.electrolyte_resistance_ohm == cell.electrolyte_resistance_ohm


@pytest.mark.parametrize("name", ["nyzc", "nps", "nbh"])
@pytest.mark.parametrize("fraction", [0.25, 0.5, 0.75, 1.0])
def test_the_slope_rule_ends_a_rest_between_5_and_60_minutes(name, fraction):
    cell = sodiated(name, fraction)
    voltages_V = [cell.voltage(0.0)]
    while len(voltages_V) <= 300 or abs(voltages_V[-1] - voltages_V[-61]) >= 1e-3:
        cell.advance_current(1.0, 0.0)
        voltages_V.append(cell.voltage(0.0))
    assert 300 <= len(voltages_V) - 1 <= 3600
    assert abs(voltages_V[20] - voltages_V[0]) > 3 * abs(voltages_V[-1] - voltages_V[-21])


def test_the_fresh_electrode_is_flagged_until_sodium_is_in_it(bench):
    cell = bench.cell("nbh")
    assert cell.fresh
    assert -0.2 < cell.voltage(0.0) < 2.5
    assert abs(cell.impedance(1.0)) > 1e4
    cell.advance_current(0.05 * FULL_CHARGE_C / CURRENT_A, -CURRENT_A)
    assert not cell.fresh


def test_fresh_tin_blocks_charging(bench):
    """Charging a cell without sodium in its tin, as with swapped leads, runs out of every window."""
    cell = bench.cell("nbh")
    cell.advance_current(180.0, CURRENT_A)
    assert cell.voltage(CURRENT_A) > 2.5


def test_a_held_voltage_comes_to_its_end_whatever_the_cell_does(monkeypatch):
    """No step is ever accurate where the first rate contradicts the others: they shrank without end."""
    cell, twin = sodiated("nps", 0.5), sodiated("nps", 0.5)
    monkeypatch.setattr(cell, "MOST_TINY", 20)
    monkeypatch.setattr(cell, "_through_A", lambda _volt: 1e-3)
    volt = twin.voltage(1e-4)
    with pytest.warns(RuntimeWarning, match="changes too fast to be followed"):
        charge_C = cell.advance_voltage(2.0, volt)
    assert charge_C == pytest.approx(twin.advance_voltage(2.0, volt), rel=0.01)
