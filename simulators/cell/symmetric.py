"""The symmetric cell Na-Sn | solid electrolyte | Na-Sn: sodium moves back and forth between two alloys.

V = E_positive - E_negative + I (R_SSE + both interphases) + both charge transfers + tail. It has no EMF when
both alloys are alike. Charging extracts sodium from the electrode on the positive terminal. The interphase of
an electrode grows while that electrode is sodiated, so both grow in turn.

The tail counts once: it belongs to the cell. A layer adds no resistance on desodiation here: that effect is
calibrated with half cells whose tin is emptied, and these alloys are never empty.
"""

from dataclasses import dataclass

from solbench.simulators.cell.alloy import AlloyCell, InnerState
from solbench.simulators.cell.coated_tin import CoatedTin
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.interphase import Interphase, LayerState
from solbench.simulators.cell.tail import Tail
from solbench.simulators.cell.tin import FULL_X, TinElectrode, TinState


@dataclass(frozen=True)
class SymmetricParameters:
    """The alloys as made: `sodium_per_tin` between NaSn (1) and Na9Sn4 (2.25) is on one plateau; an assumption."""

    sodium_per_tin: float = quantity("sodium_per_tin", "2.0", above=0, at_most=FULL_X, default=2.0)


class SymmetricCell(AlloyCell):
    """Two tin electrodes of equal mass, alloyed before the cell was built, so that nothing is trapped."""

    def __init__(
        self,
        tin: TinElectrode,
        interphase: Interphase,
        parameters: SymmetricParameters,
        separator: Separator,
        tail: Tail,
        *,
        area_m2: float,
        **common: float,
    ) -> None:
        self._coated = CoatedTin(tin, interphase, area_m2)
        alloy = TinState(parameters.sodium_per_tin, FULL_X, 0.0, 0.0)
        start = (alloy, LayerState(), alloy, LayerState())
        super().__init__(start, separator, tail, area_m2=area_m2, **common)

    @property
    def sodium_x(self) -> tuple[float, float]:
        """Sodium per tin of the positive and of the negative electrode."""
        return self._inside[0].x, self._inside[2].x

    @property
    def layers_m(self) -> tuple[float, float]:
        """Thickness of the interphases on the positive and on the negative electrode, in m."""
        interphase = self._coated.interphase
        return interphase.thickness_m(self._inside[1]), interphase.thickness_m(self._inside[3])

    @property
    def reduced_C(self) -> float:
        """Charge that has reduced electrolyte at both electrodes, in C."""
        return float(self._inside[1].reduced_C_m2 + self._inside[3].reduced_C_m2) * self._area_m2

    @property
    def interface_resistance_ohm(self) -> float:
        """Resistance of both interphases, in ohm."""
        return self._layers_ohm(self._inside)

    def _after(self, charge_C: float) -> InnerState:
        tin, layer, other_tin, other_layer = self._inside
        coated = self._coated
        if charge_C > 0:
            other = coated.sodiated(other_tin, other_layer, charge_C)
            return (*coated.desodiated(tin, layer, charge_C), *other)
        other = coated.desodiated(other_tin, other_layer, -charge_C)
        return (*coated.sodiated(tin, layer, -charge_C), *other)

    def _emf_V(self, inside: InnerState) -> float:
        tin = self._coated.tin
        return tin.potential_V(inside[0]) - tin.potential_V(inside[2])

    def _layers_ohm(self, inside: InnerState) -> float:
        return self._coated.layer_ohm(inside[1]) + self._coated.layer_ohm(inside[3])

    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        tin = self._coated.tin
        return tin.resistance_ohm(inside[0]), tin.resistance_ohm(inside[2])

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        tin, layer, other_tin, other_layer = self._inside
        one = self._coated.impedance(tin, layer, frequency_Hz)
        return one + self._coated.impedance(other_tin, other_layer, frequency_Hz)
