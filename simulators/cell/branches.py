"""A conductance in parallel with several branches of a resistor and a capacitor in series.

Currents of such a network superpose: any sequence of held voltages is exact, for steps of any length.
"""

import math
from collections.abc import Sequence
from typing import Any


class Branches:
    """`leak_S` in parallel with branches of (conductance in S, time constant in s).

    The voltages of the capacitors are kept by the cell, as a tuple of volts.
    """

    def __init__(self, leak_S: float, branches: Sequence[tuple[float, float]]) -> None:
        self._leak_S = leak_S
        self._branches = tuple(branches)
        self.total_S = leak_S + sum(conductance_S for conductance_S, _ in self._branches)
        self._modes: tuple[list[float], list[list[float]], list[float]] | None = None

    def leaking(self, more_S: float) -> "Branches":
        """Return the same network with more conductance (S) in parallel."""
        return Branches(self._leak_S + more_S, self._branches)

    def current(self, capacitors_V: Sequence[float], voltage_V: float) -> float:
        """Current, in A, at a voltage (V) across the network."""
        current_A = self._leak_S * voltage_V
        for capacitor_V, (conductance_S, _) in zip(capacitors_V, self._branches, strict=True):
            current_A += conductance_S * (voltage_V - capacitor_V)
        return current_A

    def voltage(self, capacitors_V: Sequence[float], current_A: float) -> float:
        """Voltage, in V, across the network at a current (A)."""
        for capacitor_V, (conductance_S, _) in zip(capacitors_V, self._branches, strict=True):
            current_A += conductance_S * capacitor_V
        return current_A / self.total_S

    def held(
        self, capacitors_V: Sequence[float], dt_s: float, voltage_V: float
    ) -> tuple[tuple[float, ...], float]:
        """Return the capacitors after `dt_s` at a held voltage (V), and the charge (C) that flowed."""
        charge_C = self._leak_S * voltage_V * dt_s
        after_V = []
        for capacitor_V, (conductance_S, tau_s) in zip(capacitors_V, self._branches, strict=True):
            change_V = (capacitor_V - voltage_V) * math.expm1(-dt_s / tau_s)
            charge_C += conductance_S * tau_s * change_V
            after_V.append(capacitor_V + change_V)
        return tuple(after_V), charge_C

    def driven(self, capacitors_V: Sequence[float], dt_s: float, current_A: float) -> tuple[float, ...]:
        """Return the capacitors after `dt_s` at a constant current (A); 0.0 is open circuit.

        The branches exchange charge, so the network is decomposed into its modes.
        """
        rates_per_s, modes, roots_F = self._modes or self._find_modes()
        steady_V = current_A / self._leak_S
        weights = [root * (v - steady_V) for root, v in zip(roots_F, capacitors_V, strict=True)]
        amplitudes = [
            math.exp(-rate * dt_s) * sum([m * w for m, w in zip(mode, weights, strict=True)])
            for rate, mode in zip(rates_per_s, modes, strict=True)
        ]
        return tuple(
            steady_V + sum([mode[k] * a for mode, a in zip(modes, amplitudes, strict=True)]) / root
            for k, root in enumerate(roots_F)
        )

    def admittance(self, frequency_Hz: float, first: complex, count: int = 1) -> complex:
        """Admittance, in S; `first` is the impedance (ohm) that stands for the first `count` branches.

        In the time domain these are ohmic with capacitors; faster arcs appear in the impedance only.
        """
        omega = 2j * math.pi * frequency_Hz
        total_S = self._leak_S + 1 / first
        for conductance_S, tau_s in self._branches[count:]:
            total_S += conductance_S * omega * tau_s / (1 + omega * tau_s)
        return total_S

    def _find_modes(self) -> tuple[list[float], list[list[float]], list[float]]:
        """Decay rates (1/s), modes, and the square roots of the capacitances, which make them orthogonal.

        C_k dv_k/dt = g_k (V - v_k) with V the common voltage: symmetric in sqrt(C_k) v_k.
        """
        import numpy as np

        conductance_S, tau_s = np.array(self._branches).T
        root_F = np.sqrt(conductance_S * tau_s)
        coupling = conductance_S / root_F
        matrix = np.diag(1 / tau_s) - np.outer(coupling, coupling) / self.total_S
        rates_per_s, modes = np.linalg.eigh(matrix)
        found: tuple[Any, Any, Any] = (rates_per_s.tolist(), modes.T.tolist(), root_F.tolist())
        self._modes = found
        return found
