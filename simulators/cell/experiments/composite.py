"""Reversible electrode | electrolyte | electrolyte with carbon: the cell for the electrochemical window.

The composite is a large double layer beside the decomposition of electrolyte: V = E + I R, C dE/dt = I - I_f(E). The
oxidation is I_f = A 10 uA/cm2 exp((E - E_ox)/slope) times the share that is left to oxidize, and the reduction likewise
below its own onset; so the current that a slow sweep shows passes 10 uA/cm2 at the onset that is put in.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solbench.simulators.cell.cell import Cell
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrodes.counter import Counter
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.elements import inductor

ONSET_A_m2 = 0.1  # 10 uA/cm2: the current that says where the window ends
_STEP_S = 0.5
_FIRST_STEP, _GROWS = 0.05, 1.2
_MOST_FOLDS = 40.0


@dataclass(frozen=True)
class CompositeParameters:
    """Onsets against Na/Na+, their slopes in V per e-fold, what can react, and the double layer of the carbon.

    All are assumptions; the onsets are apparent ones, upper bounds of what thermodynamics allow.
    """

    oxidation_onset_V: float = quantity("oxidation_onset", "2.6 V")
    oxidation_slope_V: float = quantity("oxidation_slope", "60 mV", above=0)
    oxidizable_C_m2: float = quantity("oxidizable_charge", "0.3 mAh/cm2", above=0)
    reduction_onset_V: float = quantity("reduction_onset", "1.2 V")
    reduction_slope_V: float = quantity("reduction_slope", "60 mV", above=0)
    reducible_C_m2: float = quantity("reducible_charge", "0.5 mAh/cm2", above=0)
    capacitance_F_m2: float = quantity("double_layer_capacitance", "300 uF/cm2", above=0)
    rest_V: float = quantity("rest_potential", "2.0 V")


class CompositeCell(Cell):
    """The composite, on the positive terminal, against a reversible electrode."""

    def __init__(
        self,
        parameters: CompositeParameters,
        separator: Separator,
        counter: Counter,
        *,
        area_m2: float,
        inductance_H: float,
        temperature_K: float,
        temperature_drift_K_s: float = 0.0,
    ) -> None:
        super().__init__(temperature_K, temperature_drift_K_s)
        self._parameters, self._separator, self._counter = parameters, separator, counter
        self._area_m2, self._inductance_H = area_m2, inductance_H
        self._double_layer_F = parameters.capacitance_F_m2 * area_m2
        self._potential_V = parameters.rest_V
        self.oxidized_C = self.reduced_C = 0.0
        self._temperature_changed()

    @property
    def electrolyte_resistance_ohm(self) -> float:
        """Resistance of the separator at the present temperature, in ohm."""
        return self._separator_ohm

    @property
    def onsets_V(self) -> tuple[float, float]:
        """Voltages of this cell, in V, at which a slow sweep shows 10 uA/cm2: of reduction and of oxidation."""
        parameters, counter_V = self._parameters, self._counter.potential_V
        return parameters.reduction_onset_V - counter_V, parameters.oxidation_onset_V - counter_V

    def advance_current(self, dt_s: float, current_A: float) -> None:
        """Let `dt_s` pass at a constant current (A), in implicit steps that begin short."""
        for step_s in self._steps(dt_s):
            self._step(step_s, current_A, 0.0)
        self._count(current_A * dt_s)
        self._warm(dt_s)

    def advance_voltage(self, dt_s: float, voltage_V: float) -> float:
        """Hold the cell at `voltage_V` for `dt_s`; returns the charge (C)."""
        before_C = self.charge_C
        conductance_S = 1 / self._ohm
        for step_s in self._steps(dt_s):
            self._step(step_s, (voltage_V + self._counter.potential_V) * conductance_S, conductance_S)
            self._count(self.current(voltage_V) * step_s)
        self._warm(dt_s)
        return self.charge_C - before_C

    def voltage(self, current_A: float) -> float:
        """Terminal voltage now, in V, at a current (A)."""
        return self._potential_V - self._counter.potential_V + current_A * self._ohm

    def current(self, voltage_V: float) -> float:
        """Current now, in A, at a held voltage (V)."""
        return (voltage_V + self._counter.potential_V - self._potential_V) / self._ohm

    def impedance(self, frequency_Hz: float) -> complex:
        """Small-signal impedance of the present state, in ohm."""
        slope_S = self._reactions(self._potential_V)[2]
        composite = 1 / (2j * math.pi * frequency_Hz * self._double_layer_F + slope_S)
        separator = self._separator.impedance(self._separator_ohm, frequency_Hz, self._boundary_ohm)
        counter = self._counter.impedance((), frequency_Hz)
        return inductor(self._inductance_H, frequency_Hz) + separator + counter + composite

    def state(self) -> tuple[float, ...]:
        """Everything that changes."""
        own = (self._potential_V, self.oxidized_C, self.reduced_C)
        return (*own, self._temperature_K, self.charged_C, self.discharged_C)

    def restore(self, state: Sequence[float]) -> None:
        """Go back to what `state` returned."""
        self._check_length(state, len(self.state()))
        self._potential_V, self.oxidized_C, self.reduced_C = state[:3]
        self._temperature_K, self.charged_C, self.discharged_C = state[3:]
        self._temperature_changed()

    def _temperature_changed(self) -> None:
        self._separator_ohm = self._separator.resistance_ohm(self._temperature_K)
        self._boundary_ohm = self._separator.boundary_ohm(self._temperature_K)
        self._counter.at(self._temperature_K)
        self._ohm = self._separator_ohm + self._counter.transfer_ohm

    def _reactions(self, potential_V: float) -> tuple[float, float, float]:
        """Oxidation and reduction at a potential, A each and not negative, and the slope of their sum, S."""
        parameters, scale_A = self._parameters, ONSET_A_m2 * self._area_m2
        left = max(0.0, 1 - self.oxidized_C / (parameters.oxidizable_C_m2 * self._area_m2))
        folds = (potential_V - parameters.oxidation_onset_V) / parameters.oxidation_slope_V
        oxidation_A = scale_A * left * math.exp(min(folds, _MOST_FOLDS))
        left = max(0.0, 1 - self.reduced_C / (parameters.reducible_C_m2 * self._area_m2))
        folds = (parameters.reduction_onset_V - potential_V) / parameters.reduction_slope_V
        reduction_A = scale_A * left * math.exp(min(folds, _MOST_FOLDS))
        slope_S = oxidation_A / parameters.oxidation_slope_V + reduction_A / parameters.reduction_slope_V
        return oxidation_A, reduction_A, slope_S

    def _step(self, step_s: float, source_A: float, conductance_S: float) -> None:
        """Step C dE/dt = source - conductance E - I_f(E) implicitly, by Newton's method with steps that are bounded."""
        before_V = potential_V = self._potential_V
        inertia_S = self._double_layer_F / step_s
        oxidation_A = reduction_A = 0.0
        for _ in range(200):
            oxidation_A, reduction_A, slope_S = self._reactions(potential_V)
            excess_A = inertia_S * (potential_V - before_V) - source_A + conductance_S * potential_V
            change_V = (excess_A + oxidation_A - reduction_A) / (inertia_S + conductance_S + slope_S)
            potential_V -= max(-0.1, min(0.1, change_V))
            if abs(change_V) < 1e-13:
                break
        self._potential_V = potential_V
        self.oxidized_C += oxidation_A * step_s
        self.reduced_C += reduction_A * step_s

    def _steps(self, dt_s: float) -> Iterator[float]:
        """Cut a time into steps that begin well below the time in which the double layer charges, and grow."""
        step_s = _FIRST_STEP * self._ohm * self._double_layer_F
        while dt_s > 0.0:
            step_s = min(step_s, dt_s, _STEP_S)
            yield step_s
            dt_s -= step_s
            step_s *= _GROWS
