"""The full cell Sn | solid electrolyte | catholyte | NaCrO2.

V = E_cathode(z) - E_Sn(x) + I (R_SSE + R_catholyte + R_interphase) + charge transfer + tail. Charging
extracts sodium from the cathode and sodiates tin, so the cell starts discharged, below its lower cut-off.
Sodium that the tin traps, or that reduces electrolyte, is missing from the cathode for good.
"""

from solbench.simulators.cell.alloy import InnerState
from solbench.simulators.cell.cathode import Cathode, CathodeState
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.half import FRESH, OneTinCell
from solbench.simulators.cell.interphase import Interphase
from solbench.simulators.cell.tail import Tail
from solbench.simulators.cell.tin import TinElectrode


class FullCell(OneTinCell):
    """NaCrO2, on the positive terminal, against tin; `catholyte` is the layer between it and the separator."""

    def __init__(
        self,
        tin: TinElectrode,
        interphase: Interphase,
        cathode: Cathode,
        catholyte: Separator,
        separator: Separator,
        tail: Tail,
        **common: float,
    ) -> None:
        self._cathode, self._catholyte = cathode, catholyte
        super().__init__(tin, interphase, (CathodeState(),), separator, tail, start=FRESH, **common)

    @property
    def extracted_z(self) -> float:
        """Fraction of the cathode's sodium that has been extracted."""
        return float(self._inside[2].z)

    @property
    def catholyte_resistance_ohm(self) -> float:
        """Resistance of the layer between separator and cathode at the present temperature, in ohm."""
        return self._catholyte_ohm

    def _after(self, charge_C: float) -> InnerState:
        tin, layer, cathode = self._inside
        left = self._cathode.after(cathode, charge_C)
        if charge_C > 0:
            return (*self._coated.sodiated(tin, layer, charge_C), left)
        return (*self._coated.desodiated(tin, layer, -charge_C), left)

    def _emf_V(self, inside: InnerState) -> float:
        return self._cathode.potential_V(inside[2]) - self._tin.potential_V(inside[0])

    def _layers_ohm(self, inside: InnerState) -> float:
        return self._catholyte_ohm + super()._layers_ohm(inside)

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        return (
            super()._electrodes_impedance(frequency_Hz)
            + self._catholyte.impedance(self._catholyte_ohm, frequency_Hz, self._catholyte_boundary_ohm)
            + self._cathode.impedance(self._inside[2], frequency_Hz)
        )

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._catholyte_ohm = self._catholyte.resistance_ohm(self._temperature_K)
        self._catholyte_boundary_ohm = self._catholyte.boundary_ohm(self._temperature_K)
