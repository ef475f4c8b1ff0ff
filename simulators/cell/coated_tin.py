"""A tin electrode with the interphase between it and the electrolyte: both change with the same charge."""

from solbench.simulators.cell.interphase import AnyLayerState, Interphase
from solbench.simulators.cell.tin import TinElectrode, TinState

HOLDS_SODIUM_X = 0.02  # with less of free sodium tin is as good as pristine: nothing ages on it


class CoatedTin:
    """Tin and its interphase on an area (m2)."""

    def __init__(self, tin: TinElectrode, interphase: Interphase, area_m2: float) -> None:
        self.tin, self.interphase = tin, interphase
        self._area_m2 = area_m2
        self.tin_C = tin.charge_C_m2 * area_m2  # of one unit of x

    def sodiated(
        self, tin: TinState, layer: AnyLayerState, charge_C: float
    ) -> tuple[TinState, AnyLayerState]:
        """Return both after sodiation by a charge (C), part of which reduces electrolyte instead of tin."""
        passed_C_m2 = charge_C / self._area_m2
        after = self.interphase.sodiated(layer, passed_C_m2)
        alloyed_C_m2 = passed_C_m2 - (after[0] - layer[0])
        return self.tin.sodiated(tin, alloyed_C_m2, passed_C_m2), after

    def desodiated(
        self, tin: TinState, layer: AnyLayerState, charge_C: float
    ) -> tuple[TinState, AnyLayerState]:
        """Return both after desodiation by a charge (C)."""
        passed_C_m2 = charge_C / self._area_m2
        return self.tin.desodiated(tin, passed_C_m2), self.interphase.desodiated(layer, passed_C_m2)

    def at(self, temperature_K: float) -> None:
        """Bring both to a temperature."""
        self.tin.at(temperature_K)
        self.interphase.at(temperature_K)

    def aged(self, before: TinState, tin: TinState, layer: AnyLayerState, dt_s: float) -> AnyLayerState:
        """Return the interphase after `dt_s`, in which the tin changed steadily from `before`.

        It ages while the tin holds sodium that can come out.
        """
        early_x, late_x = before[0] - before[2] - HOLDS_SODIUM_X, tin[0] - tin[2] - HOLDS_SODIUM_X
        if early_x <= 0.0 and late_x <= 0.0:
            return layer
        if early_x < 0.0 or late_x < 0.0:
            dt_s *= max(early_x, late_x) / abs(late_x - early_x)
        return self.interphase.aged(layer, dt_s)

    def layer_ohm(self, tin: TinState, layer: AnyLayerState) -> float:
        """Resistance of the interphase, in ohm, including the part that desodiation adds to a thick one.

        And what of the diffusion in the tin is too fast for the time domain.
        """
        ohm = self.interphase.whole_ohm(layer)
        if self.tin.has_contacts:
            ohm /= self.tin.contact(tin)
        return ohm + self.tin.fast_ohm(tin, self.tin_C) if self.tin.diffusion_s else ohm

    def impedance(
        self, tin: TinState, layer: AnyLayerState, frequency_Hz: float, beside_C_m2: float = 0.0
    ) -> complex:
        """Impedance, in ohm: interphase, charge transfer, and the tin as a capacitor.

        `beside_C_m2` has reduced electrolyte at the other electrode.
        """
        return (
            self.interphase.impedance(layer, frequency_Hz, self.tin.contact(tin), beside_C_m2)
            + self.tin.impedance(tin, frequency_Hz)
            + self._storage_impedance(tin, layer, frequency_Hz)
        )

    def _storage_impedance(self, tin: TinState, layer: AnyLayerState, frequency_Hz: float) -> complex:
        """Impedance of the sloping equilibrium potential, in ohm.

        In the sodiation half of a swing part of the current reduces electrolyte and does not reach the tin;
        half of that fraction is missing from the fundamental.
        """
        share = 1 - self.interphase.reducing_share(layer) / 2
        return self.tin.storage_impedance(tin, frequency_Hz, self.tin_C, share)
