"""A source behind a resistor, against the closed form of a capacitor behind one."""

from __future__ import annotations

import math

import pytest

from solbench.simulators.electronics.series_resistor import SeriesResistor
from tests.simulators.cells import SourceAndResistor


class Capacitor(SourceAndResistor):
    """1 F behind 10 ohm: V = q/C + R I, solved exactly."""

    def __init__(self) -> None:
        super().__init__({"resistance_ohm": 10.0, "emf_V": 0.0})

    def advance_current(self, dt_s: float, current_A: float) -> None:
        super().advance_current(dt_s, current_A)
        self.emf_V += current_A * dt_s

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        charge_C = (voltage_V - self.emf_V) * -math.expm1(-dt_s / 10.0)
        self.advance_current(dt_s, charge_C / dt_s)
        return charge_C


@pytest.mark.parametrize("dt_s", [1.0, 60.0, 1000.0])
def test_a_capacitor_is_charged_through_the_resistor(dt_s):
    cell = Capacitor()
    assert SeriesResistor(cell).advance(dt_s, 2.0, 50.0)
    assert cell.charge_C == pytest.approx(2.0 * -math.expm1(-dt_s / 60.0), rel=1e-4)


def test_the_current_divides_the_voltage():
    cell = SourceAndResistor({"emf_V": 3.4, "resistance_ohm": 35.0})
    assert SeriesResistor(cell).current_A(0.0, 50.0) == pytest.approx(-3.4 / 85.0, rel=1e-9)
    assert SeriesResistor(cell).current_A(3.4, 50.0) == pytest.approx(0.0, abs=1e-10)


def test_positive_feedback_below_the_cells_resistance_is_stable():
    cell = SourceAndResistor({"emf_V": 1.0, "resistance_ohm": 100.0})
    series = SeriesResistor(cell)
    assert series.current_A(1.5, -40.0) == pytest.approx(0.5 / 60.0, rel=1e-9)
    assert series.advance(100.0, 1.5, -40.0)
    assert cell.charge_C == pytest.approx(100.0 * 0.5 / 60.0, rel=1e-6)


def test_positive_feedback_beyond_it_has_no_end():
    cell = SourceAndResistor({"emf_V": 1.0, "resistance_ohm": 100.0})
    series = SeriesResistor(cell)
    assert series.current_A(1.5, -120.0) is None
    assert not series.advance(100.0, 1.5, -120.0)
    assert cell.charge_C == 0.0


class Racing(Capacitor):
    """One whose EMF rises by 2000 V a second, whatever flows."""

    def advance_current(self, dt_s: float, current_A: float) -> None:
        super().advance_current(dt_s, 0.0)
        self.emf_V += 2000.0 * dt_s


def test_a_cell_that_changes_too_fast_is_followed_to_the_end_and_told():
    """In steps of 2 mV, a second would take a million of them."""
    cell = Racing()
    with pytest.warns(RuntimeWarning, match="behind 1e\\+03 ohm changes too fast"):
        assert SeriesResistor(cell).advance(1.0, 0.0, 1000.0)
    assert cell.emf_V == pytest.approx(2000.0)
