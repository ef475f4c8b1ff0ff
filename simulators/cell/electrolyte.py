"""The separator: a pellet of solid electrolyte with bulk and grain boundaries, at any temperature."""

from dataclasses import dataclass

from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.elements import VACUUM_PERMITTIVITY_F_m, arc, slower


@dataclass(frozen=True)
class ElectrolyteParameters:
    """The separator's properties other than its conductivity.

    All are assumptions except the activation energy, a usual value for such electrolytes. The reference
    temperature is that of the record's ionic conductivity. `thickness_spread` is the relative standard
    deviation between pellets pressed from the same mass; the seed selects one. The grain boundaries may have an
    activation energy of their own; `grain_boundary_fraction` is their share at the reference temperature.
    """

    activation_energy_J: float = quantity("activation_energy", "0.35 eV", at_least=0)
    relative_permittivity: float = quantity("relative_permittivity", "12", above=0)
    grain_boundary_fraction: float = quantity("grain_boundary_fraction", "0.3", at_least=0, at_most=1)
    grain_boundary_capacitance_F: float = quantity("grain_boundary_capacitance", "1 nF", above=0)
    grain_boundary_exponent: float = quantity("grain_boundary_exponent", "0.92", above=0, at_most=1)
    reference_temperature_K: float = quantity("reference_temperature", "298.15 K", above=0, default=298.15)
    temperature_drift_K_s: float = quantity("temperature_drift", "0.2 K/h", default=0.0)
    thickness_spread: float = quantity("thickness_spread", "0.02", at_least=0, at_most=0.2, default=0.0)
    boundary_activation_J: float | None = quantity(
        "grain_boundary_activation_energy", "0.45 eV", at_least=0, default=None
    )


class Separator:
    """A pellet of given area (m2) and thickness (m) between two electrodes."""

    def __init__(
        self,
        parameters: ElectrolyteParameters,
        ionic_conductivity_S_m: float,
        area_m2: float,
        thickness_m: float,
    ) -> None:
        self._parameters = parameters
        self._reference_ohm = thickness_m / (ionic_conductivity_S_m * area_m2)
        self._bulk_F = VACUUM_PERMITTIVITY_F_m * parameters.relative_permittivity * area_m2 / thickness_m

    def resistance_ohm(self, temperature_K: float) -> float:
        """Ionic resistance (ohm), R = L/(sigma A) with sigma ~ exp(-Ea/kT)."""
        parameters = self._parameters
        ohm = self._slowed_ohm(parameters.activation_energy_J, temperature_K)
        if parameters.boundary_activation_J is None:
            return ohm
        return (1 - parameters.grain_boundary_fraction) * ohm + self.boundary_ohm(temperature_K)

    def boundary_ohm(self, temperature_K: float) -> float:
        """Resistance (ohm) of the grain boundaries, which is part of the whole."""
        parameters = self._parameters
        energy_J = parameters.boundary_activation_J
        if energy_J is None:
            energy_J = parameters.activation_energy_J
        return parameters.grain_boundary_fraction * self._slowed_ohm(energy_J, temperature_K)

    def _slowed_ohm(self, activation_energy_J: float, temperature_K: float) -> float:
        """Return the resistance (ohm) that all of the pellet would have with this activation energy."""
        factor = slower(activation_energy_J, temperature_K, self._parameters.reference_temperature_K)
        return self._reference_ohm * factor

    def impedance(
        self, resistance_ohm: float, frequency_Hz: float, boundary_ohm: float | None = None
    ) -> complex:
        """Impedance (ohm) of bulk and grain boundaries that share `resistance_ohm`.

        `boundary_ohm`: what of it the boundaries have; without it their share at the reference temperature.
        """
        parameters = self._parameters
        if boundary_ohm is None:
            boundary_ohm = resistance_ohm * parameters.grain_boundary_fraction
        bulk = arc(resistance_ohm - boundary_ohm, self._bulk_F, 1.0, frequency_Hz)
        return bulk + arc(
            boundary_ohm,
            parameters.grain_boundary_capacitance_F,
            parameters.grain_boundary_exponent,
            frequency_Hz,
        )
