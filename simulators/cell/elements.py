"""Impedance of the elements that cells are made of, and the physical constants they need."""

import math

# CODATA 2018
FARADAY_C_mol = 96485.33212
GAS_J_mol_K = 8.314462618
BOLTZMANN_J_K = 1.380649e-23
VACUUM_PERMITTIVITY_F_m = 8.8541878128e-12


def arc(resistance_ohm: float, capacitance_F: float, exponent: float, frequency_Hz: float) -> complex:
    """Impedance (ohm) of a resistance in parallel with a constant-phase element.

    Z = R / (1 + (j omega R C)^n), with the effective capacitance C of the arc, so that its top lies at
    1/(2 pi R C) for any exponent n (0 < n <= 1; 1 is a capacitor).
    """
    if resistance_ohm == 0.0:
        return 0j
    return resistance_ohm / (1 + (2j * math.pi * frequency_Hz * resistance_ohm * capacitance_F) ** exponent)


def slower(activation_energy_J: float, temperature_K: float, reference_K: float) -> float:
    """Factor of a resistance at a temperature against that at the reference: exp(Ea/k (1/T - 1/T0))."""
    if activation_energy_J == 0.0:
        return 1.0
    return math.exp(activation_energy_J / BOLTZMANN_J_K * (1 / temperature_K - 1 / reference_K))


def inductor(inductance_H: float, frequency_Hz: float) -> complex:
    """Impedance (ohm) of the leads and the die: j omega L."""
    return 2j * math.pi * frequency_Hz * inductance_H
