"""The half cell Na9Sn4 | solid electrolyte | Sn.

V = E_Sn(x) - 0.16 V + I (R_SSE + R_interphase) + charge transfer + tail. Sodiation of tin discharges this
cell: the current is negative, and so is the voltage most of the time.
"""

from solbench.simulators.cell.alloy import AlloyCell, InnerState
from solbench.simulators.cell.coated_tin import CoatedTin
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.interphase import Interphase, LayerState
from solbench.simulators.cell.tail import Tail
from solbench.simulators.cell.tin import TinElectrode, TinState

# Na9Sn4 that releases or takes up sodium stays on the plateau NaSn/Na9Sn4; it is in excess.
COUNTER_V = 0.16


class OneTinCell(AlloyCell):
    """A cell with one tin electrode that starts without sodium; its inner state begins with tin and layer."""

    def __init__(
        self,
        tin: TinElectrode,
        interphase: Interphase,
        inside: InnerState,
        separator: Separator,
        tail: Tail,
        *,
        area_m2: float,
        **common: float,
    ) -> None:
        self._coated = CoatedTin(tin, interphase, area_m2)
        self._tin, self._interphase = tin, interphase
        start = (TinState(), LayerState(), *inside)
        super().__init__(start, separator, tail, area_m2=area_m2, **common)

    @property
    def fresh(self) -> bool:
        """Whether the tin does not contain sodium yet: at a mixed potential and nearly blocking."""
        return self._tin.fresh(self._inside[0])

    @property
    def sodium_x(self) -> float:
        """Sodium per tin, including trapped sodium."""
        return float(self._inside[0].x)

    @property
    def trapped_x(self) -> float:
        """Sodium per tin that desodiation does not recover."""
        return float(self._inside[0].trapped_x)

    @property
    def layer_m(self) -> float:
        """Thickness of the interphase, in m."""
        return self._interphase.thickness_m(self._inside[1])

    @property
    def reduced_C(self) -> float:
        """Charge that has reduced electrolyte, in C."""
        return float(self._inside[1].reduced_C_m2) * self._area_m2

    @property
    def interface_resistance_ohm(self) -> float:
        """Resistance of the interphase, in ohm, without the part that desodiation adds to a thick one."""
        return self._interphase.resistance_ohm(self._inside[1])

    @property
    def choke_resistance_ohm(self) -> float:
        """Resistance that desodiation has added to a thick interphase, in ohm."""
        return self._interphase.choke_ohm(self._inside[1])

    @property
    def charge_transfer_resistance_ohm(self) -> float:
        """Charge-transfer resistance of the tin at zero current, in ohm."""
        return self._tin.resistance_ohm(self._inside[0])

    def _layers_ohm(self, inside: InnerState) -> float:
        return self._coated.layer_ohm(inside[1])

    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        return (self._tin.resistance_ohm(inside[0]),)

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        return self._coated.impedance(self._inside[0], self._inside[1], frequency_Hz)


class HalfCell(OneTinCell):
    """Tin, on the positive terminal, against Na9Sn4."""

    def __init__(
        self, tin: TinElectrode, interphase: Interphase, separator: Separator, tail: Tail, **common: float
    ) -> None:
        super().__init__(tin, interphase, (), separator, tail, **common)

    def _after(self, charge_C: float) -> InnerState:
        tin, layer = self._inside
        if charge_C > 0:
            return self._coated.desodiated(tin, layer, charge_C)
        return self._coated.sodiated(tin, layer, -charge_C)

    def _emf_V(self, inside: InnerState) -> float:
        return self._tin.potential_V(inside[0]) - COUNTER_V
