"""A tin electrode with the interphase between it and the electrolyte: both change with the same charge."""

import math

from solbench.simulators.cell.interphase import Interphase, LayerState
from solbench.simulators.cell.tin import TinElectrode, TinState


class CoatedTin:
    """Tin and its interphase on an area (m2)."""

    def __init__(self, tin: TinElectrode, interphase: Interphase, area_m2: float) -> None:
        self.tin, self.interphase = tin, interphase
        self._area_m2 = area_m2

    def sodiated(self, tin: TinState, layer: LayerState, charge_C: float) -> tuple[TinState, LayerState]:
        """Return both after sodiation by a charge (C), part of which reduces electrolyte instead of tin."""
        passed_C_m2 = charge_C / self._area_m2
        after = self.interphase.sodiated(layer, passed_C_m2)
        alloyed_C_m2 = passed_C_m2 - (after[0] - layer[0])
        return self.tin.sodiated(tin, alloyed_C_m2, passed_C_m2), after

    def desodiated(self, tin: TinState, layer: LayerState, charge_C: float) -> tuple[TinState, LayerState]:
        """Return both after desodiation by a charge (C)."""
        passed_C_m2 = charge_C / self._area_m2
        return self.tin.desodiated(tin, passed_C_m2), self.interphase.desodiated(layer, passed_C_m2)

    def layer_ohm(self, layer: LayerState) -> float:
        """Resistance of the interphase, in ohm, including the part that desodiation adds to a thick one."""
        return self.interphase.resistance_ohm(layer) + self.interphase.choke_ohm(layer)

    def impedance(self, tin: TinState, layer: LayerState, frequency_Hz: float) -> complex:
        """Impedance, in ohm: interphase, charge transfer, and the tin as a capacitor."""
        return (
            self.interphase.impedance(layer, frequency_Hz)
            + self.tin.impedance(tin, frequency_Hz)
            + self._storage_impedance(tin, layer, frequency_Hz)
        )

    def _storage_impedance(self, tin: TinState, layer: LayerState, frequency_Hz: float) -> complex:
        """Impedance of the sloping equilibrium potential, in ohm.

        In the sodiation half of a swing part of the current reduces electrolyte and does not reach the tin;
        half of that fraction is missing from the fundamental.
        """
        tin_C = self.tin.charge_C_m2 * self._area_m2
        share = 1 - self.interphase.reducing_share(layer) / 2
        return -self.tin.slope_V(tin) * share / (2j * math.pi * frequency_Hz * tin_C)
