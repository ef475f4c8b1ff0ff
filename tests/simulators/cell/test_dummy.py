from __future__ import annotations

import math

import pytest

from solbench.simulators.cell import DescriptionError, build_cell
from solbench.simulators.cell.dummy import PARTS


def part(block, seed=0):
    return build_cell({"kind": "dummy", "simulation": {"dummy": block}}, seed)


@pytest.mark.parametrize("ohm", [10, 100, 1e3, 1e4, 1e5, 1e6])
def test_resistors_are_what_they_are_called_within_their_tolerance(ohm):
    name = f"{ohm:g} ohm" if ohm < 1e3 else f"{ohm / 1e3:g} kohm" if ohm < 1e6 else "1 Mohm"
    real_ohm = [part(name, seed).impedance(1.0).real for seed in range(20)]
    assert all(abs(one / ohm - 1) <= 1e-3 for one in real_ohm)
    assert max(real_ohm) > min(real_ohm)
    assert part(name, 3).voltage(1e-6) / 1e-6 == pytest.approx(real_ohm[3])
    assert 1 / part(name, 3).current(1.0) == pytest.approx(real_ohm[3])


def test_a_network_charges_and_discharges_as_its_time_constant_says():
    cell = part({"resistance": 100.0, "parallel_resistance": 900.0, "parallel_capacitance": 1e-3})
    cell.advance_current(0.9, 1e-3)  # one time constant of 900 ohm and 1 mF
    assert cell.voltage(0.0) == pytest.approx(0.9 * (1 - math.exp(-1)), rel=1e-12)
    cell.advance_current(0.9, 0.0)
    assert cell.voltage(0.0) == pytest.approx(0.9 * (1 - math.exp(-1)) * math.exp(-1), rel=1e-12)
    assert cell.charge_C == pytest.approx(0.9e-3)


def test_a_held_voltage_is_many_short_holds_and_counts_both_directions():
    block = {"resistance": 100.0, "parallel_resistance": 900.0, "parallel_capacitance": 1e-3, "emf": 0.2}
    whole, parts = part(block), part(block)
    for cell, count in ((whole, 1), (parts, 2000)):
        cell.advance_current(5.0, 1e-3)  # beyond the voltage that is held next: the current turns
        for _ in range(count):
            cell.advance_voltage(0.4 / count, 0.3)
    assert whole.state() == pytest.approx(parts.state(), rel=1e-6)
    assert whole.discharged_C > 0.0
    assert whole.current(0.3) > 0.0


def test_time_and_frequency_are_of_the_same_elements():
    cell = part("R-(R||C)")
    # far below the corner the resistors add up, far above the capacitor shorts one of them
    assert cell.impedance(1e-3).real == pytest.approx(1100, rel=1e-3)
    assert cell.impedance(1e5).real == pytest.approx(100, rel=2e-3)
    corner_Hz = 1 / (2 * math.pi * cell.true.parallel_ohm * cell.true.capacitance_F)
    assert cell.impedance(corner_Hz).imag == pytest.approx(-500, rel=2e-3)


def test_a_dry_cell_behind_10_kohm_gives_150_uA_at_0_V():
    cell = part("dry cell and 10 kohm")
    assert cell.voltage(0.0) == pytest.approx(1.55)
    assert cell.current(0.0) == pytest.approx(-155e-6, rel=2e-3)
    cell.advance_voltage(10.0, 0.0)
    assert cell.discharged_C == pytest.approx(1.55e-3, rel=2e-3)


def test_a_bar_is_short_and_a_holder_is_open():
    assert abs(part("short bar").impedance(10.0)) < 1e-3
    assert abs(part("short bar").impedance(1e6)) == pytest.approx(2 * math.pi * 1e6 * 10e-9, rel=1e-2)
    assert abs(part("open").impedance(1.0)) > 1e11


def test_a_part_goes_back_to_a_state():
    cell = part("R-(R||C)")
    cell.advance_current(1e-3, 1e-4)
    state = cell.state()
    cell.advance_voltage(1.0, 0.5)
    cell.restore(state)
    assert cell.state() == state
    with pytest.raises(ValueError, match="4 numbers"):
        cell.restore(())


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("2 kohm", "dummy parts are: 10 ohm"),
        ({"resistance": 0.0}, "above 0"),
        ({"ohm": 5.0}, "is not known"),
        ({"resistance": 1.0, "tolerance": 2.0}, "0.5 or less"),
    ],
)
def test_a_part_that_is_none_is_refused_in_words(block, words):
    with pytest.raises(DescriptionError, match=words):
        part(block)


def test_every_named_part_can_be_made():
    for name in PARTS:
        cell = part(name)
        assert cell.current(cell.voltage(1e-7)) == pytest.approx(1e-7, rel=1e-4)
