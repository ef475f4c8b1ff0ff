"""A cell in a circuit of contacts, shunt, leak and EMF: Kirchhoff's laws, and the cell itself in small steps."""

from __future__ import annotations

import random

import pytest

from solbench.protocols import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.electronics.circuit import Circuit
from tests.tiers import few


def some_cell(kind: str, charge_C: float = 0.0) -> Cell:
    """A shipped cell through which a charge has passed."""
    cell = build_cell(load_cell("nps").build(kind).simulated_cell())
    if charge_C:
        cell.advance_current(36000.0, charge_C / 36000.0)
        cell.advance_current(3600.0, 0.0)
    return cell


CELLS = {"half": -2.0, "full": 0.9, "symmetric": 3.0, "pellet": 0.0}


def circuit(kind: str, draw: random.Random) -> Circuit:
    made = Circuit(some_cell(kind, CELLS[kind]))
    made.series_ohm = draw.choice([0.0, draw.uniform(0.5, 500.0)])
    made.shunt_S = draw.choice([0.0, 1.0 / draw.uniform(30.0, 1e5)])
    made.leak_A = draw.choice([0.0, draw.uniform(-3e-6, 3e-6)])
    made.emf_V = draw.choice([0.0, draw.uniform(-0.1, 0.1)])
    return made


@few("kind", CELLS, (2, 3))
def test_voltage_and_current_are_each_others_inverse_and_obey_kirchhoff(kind: str) -> None:
    draw = random.Random(kind)
    for _ in range(20):
        made = circuit(kind, draw)
        current_A = draw.uniform(-1e-4, 1e-4)
        voltage_V = made.voltage(current_A)
        assert made.current(voltage_V) == pytest.approx(current_A, rel=1e-5, abs=1e-10)
        beside_V = voltage_V - made.series_ohm * current_A
        inner_A = current_A - made.shunt_S * beside_V - made.leak_A
        assert made.cell.voltage(inner_A) + made.emf_V == pytest.approx(beside_V, abs=1e-7)


def test_nothing_in_the_circuit_leaves_the_cell_as_it_is() -> None:
    alone, made = some_cell("half", -2.0), Circuit(some_cell("half", -2.0))
    for dt_s, current_A in ((60.0, -1e-4), (600.0, 0.0), (30.0, 2e-4)):
        alone.advance_current(dt_s, current_A)
        made.advance_current(dt_s, current_A)
    assert made.advance_voltage(50.0, 0.3) == alone.advance_voltage(50.0, 0.3)
    assert made.cell.state() == alone.state()
    assert made.impedance(123.0) == pytest.approx(alone.impedance(123.0), rel=1e-12)


@few("held", [True, False], 1)
@few("kind", CELLS, 2)
def test_a_long_step_is_many_short_ones(kind: str, held: bool) -> None:
    """In short steps the cell is driven by what the shunt leaves of the current at the step's beginning."""
    draw = random.Random(f"{kind} {held}")
    made = circuit(kind, draw)
    made.shunt_S, made.series_ohm = 1 / 700.0, 40.0
    start = made.state()
    level = made.voltage(0.0) + 0.02 if held else 5e-5
    whole_C = made.advance_voltage(20.0, level) if held else made.advance_current(20.0, level)
    whole = made.cell.state()
    made.restore(start)
    steps, charge_C = 4000, 0.0
    for _ in range(steps):
        current_A = made.current(level) if held else level
        beside_V = made.voltage(current_A) - made.series_ohm * current_A
        made.cell.advance_current(20.0 / steps, current_A - made.shunt_S * beside_V - made.leak_A)
        charge_C += current_A * 20.0 / steps
    assert made.cell.state() == pytest.approx(whole, rel=2e-3, abs=2e-6)
    if held:
        assert whole_C == pytest.approx(charge_C, rel=2e-3, abs=1e-9)


def test_a_short_discharges_a_cell_at_rest_and_no_charge_counts_at_the_leads() -> None:
    made = Circuit(some_cell("full", 0.9))
    made.shunt_S = 1 / 100.0
    emf_V, before_C = made.cell.voltage(0.0), made.cell.charge_C
    inner_ohm = (made.cell.voltage(1e-4) - emf_V) / 1e-4
    made.advance_current(3.0, 0.0)
    lost_C = before_C - made.cell.charge_C
    assert lost_C == pytest.approx(3.0 * emf_V / (100.0 + inner_ohm), rel=0.1)
    assert (made.charge_C, made.charged_C, made.discharged_C) == (0.0, 0.0, 0.0)


def test_impedance_of_the_parts() -> None:
    made = Circuit(some_cell("pellet"))
    made.series_ohm, made.inductance_H, made.shunt_S = 8.0, 3e-6, 1 / 100.0
    for frequency_Hz in (1e6, 1e4, 100.0):
        z = made.cell.impedance(frequency_Hz)
        expected = 8.0 + 2j * 3.141592653589793 * frequency_Hz * 3e-6 + z * 100.0 / (z + 100.0)
        assert made.impedance(frequency_Hz) == pytest.approx(expected, rel=1e-9)


def test_a_state_is_kept_whole() -> None:
    made = Circuit(some_cell("half", -2.0), [0.0, -1.0, 7.0])
    made.shunt_S = 1e-3
    made.advance_current(100.0, -1e-4)
    made.memory[1] = 12.5
    kept = made.state()
    other = Circuit(some_cell("half"), [0.0, 0.0, 0.0])
    other.restore(kept)
    assert other.state() == kept
    assert other.memory == [0.0, 12.5, 7.0]
    assert other.discharged_C == pytest.approx(1e-2)
