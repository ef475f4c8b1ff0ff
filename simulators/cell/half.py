"""The half cell Na9Sn4 | solid electrolyte | Sn.

V = E_Sn(x) - 0.16 V + I (R_SSE + R_interphases + R_counter) + charge transfer + tail. Sodiation of tin discharges this
cell: the current is negative, and so is the voltage most of the time. Another counter electrode has another potential.
"""

from solbench.simulators.cell.alloy import AlloyCell, InnerState
from solbench.simulators.cell.coated_tin import CoatedTin
from solbench.simulators.cell.electrodes.counter import Counter
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.interphase import Interphase
from solbench.simulators.cell.tail import Tail
from solbench.simulators.cell.tin import TinElectrode, TinState

FRESH = TinState()


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
        start: TinState = FRESH,
        **common: float,
    ) -> None:
        self._coated = CoatedTin(tin, interphase, area_m2)
        self._tin, self._interphase = tin, interphase
        whole = (start, interphase.start(), *inside)
        self._ages = interphase.ages
        super().__init__(whole, separator, tail, area_m2=area_m2, **common)

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
        """Resistance of the interphase on the tin, in ohm, without the part that desodiation adds to a thick one."""
        return self._interphase.resistance_ohm(self._inside[1])

    @property
    def diffusion_m2_s(self) -> float:
        """Chemical diffusion coefficient of sodium in the tin at the present temperature, in m2/s; 0: not limiting."""
        return self._tin.diffusion_m2_s

    @property
    def choke_resistance_ohm(self) -> float:
        """Resistance that desodiation has added to a thick interphase, in ohm."""
        return self._interphase.choke_ohm(self._inside[1])

    @property
    def charge_transfer_resistance_ohm(self) -> float:
        """Charge-transfer resistance of the tin at zero current, in ohm."""
        return self._tin.resistance_ohm(self._inside[0])

    def _layers_ohm(self, inside: InnerState) -> float:
        return self._coated.layer_ohm(inside[0], inside[1])

    def _aged(self, before: InnerState, inside: InnerState, dt_s: float) -> InnerState:
        tin, layer, *rest = inside
        return (tin, self._coated.aged(before[0], tin, layer, dt_s), *rest)

    def _at_surface(self, inside: InnerState, ahead: float) -> InnerState:
        tin, *rest = inside
        return (tin._replace(x=tin.x + ahead), *rest)

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._coated.at(self._temperature_K)

    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        return (self._tin.resistance_ohm(inside[0]),)

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        return self._coated.impedance(self._inside[0], self._inside[1], frequency_Hz)


class HalfCell(OneTinCell):
    """Tin, on the positive terminal, against Na9Sn4 or another counter electrode in excess."""

    def __init__(
        self,
        tin: TinElectrode,
        interphase: Interphase,
        separator: Separator,
        tail: Tail,
        counter: Counter,
        *,
        start: TinState = FRESH,
        **common: float,
    ) -> None:
        self._counter = counter
        super().__init__(tin, interphase, counter.start(), separator, tail, start=start, **common)
        self._ages = self._ages or counter.ages

    @property
    def counter_resistance_ohm(self) -> float:
        """Resistance of the counter electrode's interphase, in ohm."""
        return self._counter.layer_ohm(self._inside[2:])

    @property
    def interfacial_resistance_ohm(self) -> float:
        """Resistance of the interphases of both electrodes, in ohm."""
        return self.interface_resistance_ohm + self.counter_resistance_ohm

    def _after(self, charge_C: float) -> InnerState:
        inside = self._inside
        if charge_C > 0:
            return self._coated.desodiated(inside[0], inside[1], charge_C) + inside[2:]
        return self._coated.sodiated(inside[0], inside[1], -charge_C) + inside[2:]

    def _aged(self, before: InnerState, inside: InnerState, dt_s: float) -> InnerState:
        tin, layer = inside[0], inside[1]
        if self._interphase.ages:
            layer = self._coated.aged(before[0], tin, layer, dt_s)
        return (tin, layer, self._counter.aged(inside[2], dt_s)) if self._counter.ages else (tin, layer)

    def _emf_V(self, inside: InnerState) -> float:
        return self._tin.potential_V(inside[0]) - self._counter.potential_V

    def _layers_ohm(self, inside: InnerState) -> float:
        ohm = self._coated.layer_ohm(inside[0], inside[1])
        return ohm + self._counter.transfer_ohm + self._counter.layer_ohm(inside[2:])

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        counter = self._counter.impedance(self._inside[2:], frequency_Hz)
        return super()._electrodes_impedance(frequency_Hz) + counter

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._counter.at(self._temperature_K)
