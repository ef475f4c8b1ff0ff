import cmath
import math

import pytest

from solbench.simulators.cell import build_cell

BUILDS = [
    ("nyzc", "dc_reduced", 1e-6),
    ("nps", "dc_reduced", 1e-7),
    ("nyzc", "dc_pristine", 1e-9),
    ("nbh", "dc_pristine", 5e-10),
]


@pytest.mark.parametrize(("name", "build", "sigma_S_cm"), BUILDS)
def test_steady_current_gives_the_electronic_conductivity(bench, name, build, sigma_S_cm):
    cell = bench.cell(name, build)
    cell.advance_voltage(7200.0, 0.05)
    assert cell.current(0.05) * 0.05 / (0.05 * 0.785) == pytest.approx(sigma_S_cm, rel=1e-4)


def diffusion(t_s, tau_s=400.0, terms=200):
    squares = [(2 * k + 1) ** 2 for k in range(terms)]
    return 8 / math.pi**2 * sum(math.exp(-s * t_s / tau_s) / s for s in squares)


@pytest.mark.parametrize("t_s", [5.0, 30.0, 100.0, 400.0, 1500.0])
def test_the_transient_is_that_of_diffusion(bench, t_s):
    cell = build_cell(bench.still("nps", "dc_reduced"))
    cell.advance_voltage(t_s, 0.05)
    expected_A = 0.05 / cell.electronic_resistance_ohm * (1 + 1.5 * diffusion(t_s))
    assert cell.current(0.05) == pytest.approx(expected_A, rel=2e-3)


@pytest.mark.parametrize(("name", "inrush_A"), [("nyzc", 0.05e-3), ("nps", 0.145e-3), ("nbh", 1.41e-3)])
def test_the_inrush_is_the_ionic_current(bench, name, inrush_A):
    assert bench.cell(name, "dc_pristine").current(0.05) == pytest.approx(inrush_A, rel=0.02)


def test_steps_superpose_up_and_down_and_negative(bench):
    cell = bench.cell("nyzc", "dc_reduced")
    steps = [(0.0, 600.0), (0.05, 900.0), (0.0, 900.0), (-0.05, 250.0)]
    for voltage_V, dt_s in steps:
        cell.advance_voltage(dt_s, voltage_V)
    since_s = [(0.05, 2050.0), (-0.05, 1150.0), (-0.05, 250.0)]
    resistance_ohm = cell.electronic_resistance_ohm
    expected_A = sum(step_V / resistance_ohm * (1 + 1.5 * diffusion(t_s)) for step_V, t_s in since_s)
    assert cell.current(-0.05) == pytest.approx(expected_A, rel=1e-4)


def test_charge_comes_back_when_the_voltage_is_taken_off(bench):
    cell = bench.cell("nps", "dc_pristine")
    cell.advance_voltage(7200.0, 0.05)
    leak_C = 0.05 / cell.electronic_resistance_ohm * 7200.0
    stored_C = cell.charged_C - leak_C
    cell.advance_voltage(7200.0, 0.0)
    assert stored_C > 0
    assert cell.discharged_C == pytest.approx(stored_C, rel=1e-6)


def test_both_directions_are_counted_within_one_hold(bench):
    """After a short reversal the double layer gives one direction and the slow profile the other."""
    cell, reference = bench.cell("nyzc", "dc_reduced"), bench.cell("nyzc", "dc_reduced")
    for each in (cell, reference):
        each.advance_voltage(900.0, 0.05)
        each.advance_voltage(0.05, -0.05)
    cell.advance_voltage(50.0, 0.0)
    for _ in range(50000):
        reference.advance_voltage(1e-3, 0.0)
    assert cell.charged_C > 1e-9
    assert cell.charged_C == pytest.approx(reference.charged_C, rel=1e-6)
    assert cell.discharged_C == pytest.approx(reference.discharged_C, rel=1e-6)


@pytest.mark.parametrize(("name", "ohm"), [("nyzc", 1015.9), ("nps", 344.3), ("nbh", 35.39)])
def test_a_pellet_shows_its_ionic_resistance(bench, name, ohm):
    cell = build_cell(bench.still(name, "pellet"))
    assert cell.electrolyte_resistance_ohm == pytest.approx(ohm, rel=1e-3)
    assert cell.impedance(1e4).real == pytest.approx(ohm, rel=0.03)
    assert cell.impedance(1.0).imag == pytest.approx(-1 / (2 * math.pi * 20e-6 * 0.785), rel=0.01)
    assert cell.voltage(0.0) == 0.0
    assert not cell.fresh


@pytest.mark.parametrize(
    ("frequency_Hz", "exponent"), [(1e-3, 1.0), (1e-2, 1.0), (0.3, 1.0), (1e-3, 0.8), (0.3, 0.8), (0.3, 0.93)]
)
def test_time_domain_and_impedance_are_the_same_cell(bench, frequency_Hz, exponent):
    description = bench.description("nyzc", "dc_reduced")
    description["simulation"]["plungers"] = {"exponent": exponent, "contact_resistance": 0.4}
    cell = build_cell(description)
    expected = cell.impedance(frequency_Hz)
    steps, settling = 200, max(3, round(3000 * frequency_Hz)) if frequency_Hz < 0.1 else 20
    dt_s = 1 / frequency_Hz / steps
    current = voltage = 0j
    for n in range((settling + 1) * steps):
        phase = 2 * math.pi * (n + 0.5) / steps
        voltage_V = 1e-3 * math.sin(phase)
        charge_C = cell.advance_voltage(dt_s, voltage_V)
        if n >= settling * steps:
            current += charge_C / dt_s * cmath.exp(-1j * phase)
            voltage += voltage_V * cmath.exp(-1j * phase)
    assert abs(voltage / current - expected) < (0.01 if exponent == 1.0 else 0.025) * abs(expected)


def test_open_circuit_keeps_the_charge_and_lets_the_leak_have_it(bench):
    cell = bench.cell("nyzc", "dc_reduced")
    cell.advance_voltage(3600.0, 0.05)
    charge_C = cell.charge_C
    cell.advance_current(10.0, 0.0)
    early_V = cell.voltage(0.0)
    cell.advance_current(100.0, 0.0)
    assert 0.05 > early_V > cell.voltage(0.0) > 0.01
    cell.advance_current(7200.0, 0.0)
    assert cell.charge_C == charge_C
    assert abs(cell.voltage(0.0)) < 1e-3


def test_state_is_restored_bit_for_bit(bench):
    cell, other = bench.cell("nps", "dc_reduced"), bench.cell("nps", "dc_reduced")
    cell.advance_voltage(33.0, 0.05)
    cell.temperature_K = 300.0
    other.restore(cell.state())
    for each in (cell, other):
        each.advance_current(12.0, 1e-7)
        each.advance_voltage(1.5, -0.05)
    assert other.state() == cell.state()
    assert other.impedance(3.0) == cell.impedance(3.0)
    with pytest.raises(ValueError, match="has 22 numbers"):
        other.restore((0.0,))


@pytest.mark.parametrize("exponent", [0.6, 0.8, 0.93])
def test_plungers_are_a_constant_phase_element_behind_a_contact(bench, exponent):
    """The phase of what is left without electrolyte and contact is -90 degrees times the exponent, at any frequency."""
    description = bench.description("nps", "pellet")
    description["simulation"]["plungers"] = {"exponent": exponent, "contact_resistance": 0.5}
    cell = build_cell(description)
    for hertz in (0.1, 1.0, 10.0):
        left = cell.impedance(hertz) - cell.electrolyte_resistance_ohm - 0.5
        assert math.degrees(cmath.phase(left)) == pytest.approx(-90 * exponent, abs=0.5)
    top = cell.impedance(3e4).real
    assert cell.electrolyte_resistance_ohm * 0.9 < top < cell.electrolyte_resistance_ohm * 1.1


def test_bulk_and_boundaries_have_their_own_activation_energies(bench):
    description = bench.description("nps", "pellet")
    electrolyte = description["simulation"]["electrolyte"]
    electrolyte["grain_boundary_activation_energy"] = 1.5 * electrolyte["activation_energy"]
    cell = build_cell(description)
    warm, boundary = cell.electrolyte_resistance_ohm, cell.grain_boundary_resistance_ohm
    assert boundary == pytest.approx(0.3 * warm)
    cell.temperature_K -= 40.0
    bulk_factor = (cell.electrolyte_resistance_ohm - cell.grain_boundary_resistance_ohm) / (warm - boundary)
    assert cell.grain_boundary_resistance_ohm / boundary == pytest.approx(bulk_factor**1.5)
