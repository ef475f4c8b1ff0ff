"""What lies between the instrument's leads and the cell: contacts, leads, a short beside the cell, a leak, an EMF.

leads --- series resistance, inductance ---+--- EMF --- cell ---+---
                                           +----- shunt --------+
                                           +----- leak (A) -----+

With all of it at zero the circuit is the cell. Charges count at the leads, where the meters are.
"""

from collections.abc import Sequence
from math import pi

from solbench.simulators.electronics.cell_port import Cell, is_steady
from solbench.simulators.electronics.series_resistor import SeriesResistor


class Circuit:
    """A cell in its circuit, which offers what a cell offers.

    series_ohm, inductance_H: of contacts and leads. shunt_S: conductance beside the cell. leak_A: what a discharge of
    the cell by itself takes, positive where it discharges it. emf_V: in series with the cell. Whoever changes one of
    these brings the cell to the present first. `memory` is kept with the state, for whoever changes them in time.
    """

    def __init__(self, cell: Cell, memory: Sequence[float] = ()) -> None:
        self.cell = cell
        self.series_ohm = self.inductance_H = 0.0
        self.shunt_S = self.leak_A = self.emf_V = 0.0
        self.charged_C = self.discharged_C = 0.0
        self.memory = list(memory)
        self._source = SeriesResistor(cell)

    @property
    def is_steady(self) -> bool:
        """Say whether the cell is; as in `Steady`."""
        return is_steady(self.cell)

    @property
    def charge_C(self) -> float:
        """Get the net charge that went in at the leads, C."""
        return self.charged_C - self.discharged_C

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let a constant current flow at the leads for `dt_s`."""
        inner_A = current_A - self.leak_A
        if self.shunt_S:
            ohm = 1.0 / self.shunt_S
            self._source.advance(dt_s, inner_A * ohm - self.emf_V, ohm)
        else:
            self.cell.advance_current(dt_s, inner_A)
        self._count(current_A * dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the leads at a voltage for `dt_s`; returns the charge at the leads in C."""
        if not self.series_ohm:
            inner_C = self.cell.advance_voltage(dt_s, voltage_V - self.emf_V)
            charge_C = inner_C + (self.shunt_S * voltage_V + self.leak_A) * dt_s
        else:
            source_V, ohm = self._source_at(voltage_V)
            before_C = self.cell.charge_C
            self._source.advance(dt_s, source_V - self.emf_V, ohm)
            inner_C = self.cell.charge_C - before_C
            charge_C = ((voltage_V - source_V) * dt_s + ohm * inner_C) / self.series_ohm
        self._count(charge_C)
        return charge_C

    def voltage(self, current_A: float) -> float:
        """Get the voltage at the leads with this current, V."""
        inner_A = current_A - self.leak_A
        if self.shunt_S:
            ohm = 1.0 / self.shunt_S
            found_A = self._source.current_A(inner_A * ohm - self.emf_V, ohm)
            inner_A = inner_A if found_A is None else found_A
        return self.cell.voltage(inner_A) + self.emf_V + self.series_ohm * current_A

    def current(self, voltage_V: float) -> float:
        """Get the current at the leads at this voltage, A."""
        if not self.series_ohm:
            inner_A = self.cell.current(voltage_V - self.emf_V)
            return inner_A + self.shunt_S * voltage_V + self.leak_A
        source_V, ohm = self._source_at(voltage_V)
        inner_A = self._source.current_A(source_V - self.emf_V, ohm) or 0.0
        return (voltage_V - source_V + ohm * inner_A) / self.series_ohm

    def impedance(self, frequency_Hz: float) -> complex:
        """Get the small-signal impedance between the leads, ohm."""
        beside_S = 1.0 / self.cell.impedance(frequency_Hz) + self.shunt_S
        return self.series_ohm + 2j * pi * frequency_Hz * self.inductance_H + 1.0 / beside_S

    def state(self) -> tuple[float, ...]:
        """Get everything that changes."""
        return (*self.cell.state(), self.charged_C, self.discharged_C, *self.memory)

    def restore(self, state: Sequence[float]) -> None:
        """Take over a state."""
        length = len(self.memory)
        end = len(state) - length
        self.memory[:] = state[end:]
        self.charged_C, self.discharged_C = state[end - 2 : end]
        self.cell.restore(state[: end - 2])

    def _source_at(self, voltage_V: float) -> tuple[float, float]:
        """Get the voltage (V) and the resistance (ohm) that the cell sees with the leads held at a voltage."""
        ohm = 1.0 / (1.0 / self.series_ohm + self.shunt_S)
        return (voltage_V / self.series_ohm - self.leak_A) * ohm, ohm

    def _count(self, charge_C: float) -> None:
        if charge_C > 0.0:
            self.charged_C += charge_C
        else:
            self.discharged_C -= charge_C
