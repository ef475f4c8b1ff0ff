"""The symmetric cell Na-Sn | solid electrolyte | Na-Sn: sodium moves back and forth between two alloys.

V = E_positive - E_negative + I (R_SSE + both interphases) + both charge transfers + tail. It has no EMF when
both alloys are alike. Charging extracts sodium from the electrode on the positive terminal. The interphase of
an electrode grows while that electrode is sodiated, so both grow in turn, until they have met.

The tail counts once: it belongs to the cell. A layer adds no resistance on desodiation here: that effect is
calibrated with half cells whose tin is emptied, and these alloys are never empty.

With a `hysteresis_width` the hysteresis approaches its ends exponentially, so that a few half-cycles of any size lead
to a swing that is the same both ways. Without, it is the elastic stop of the other cells, which remembers for ever
where it began.
"""

import math
from dataclasses import dataclass

from solbench.simulators.cell.alloy import AlloyCell, InnerState
from solbench.simulators.cell.coated_tin import CoatedTin
from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.electrodes.material import FULL_X
from solbench.simulators.cell.electrolyte import Separator
from solbench.simulators.cell.interphase import Interphase
from solbench.simulators.cell.tail import Tail
from solbench.simulators.cell.tin import TinElectrode, TinState


@dataclass(frozen=True)
class SymmetricParameters:
    """The alloys as made: `sodium_per_tin` between NaSn (1) and Na9Sn4 (2.25) is on one plateau; an assumption.

    `hysteresis_width` is the sodium per tin within which the hysteresis turns by all but 1/e.
    """

    sodium_per_tin: float = quantity("sodium_per_tin", "2.0", above=0, at_most=FULL_X, default=2.0)
    hysteresis_width_x: float | None = quantity("hysteresis_width", "0.05", above=0, default=None)


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
        self._turn_x = parameters.hysteresis_width_x
        alloy = TinState(parameters.sodium_per_tin, FULL_X, 0.0, 0.0)
        start = (alloy, interphase.start(), alloy, interphase.start())
        self._ages = interphase.ages
        super().__init__(start, separator, tail, area_m2=area_m2, **common)

    @property
    def sodium_x(self) -> tuple[float, float]:
        """Sodium per tin of the positive and of the negative electrode."""
        return self._inside[0].x, self._inside[2].x

    @property
    def layers_m(self) -> tuple[float, float]:
        """Thickness of the interphases on the positive and on the negative electrode, in m."""
        interphase, (_, layer, _, other) = self._coated.interphase, self._inside
        return interphase.thickness_m(layer, other[0]), interphase.thickness_m(other, layer[0])

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
            one = coated.desodiated(tin, layer, charge_C)
        else:
            other = coated.desodiated(other_tin, other_layer, -charge_C)
            one = coated.sodiated(tin, layer, -charge_C)
        if self._turn_x is None:
            return (*one, *other)
        return (self._turned(tin, one[0]), one[1], self._turned(other_tin, other[0]), other[1])

    def _turned(self, before: TinState, after: TinState) -> TinState:
        """Return an alloy whose hysteresis approached its end by what the composition changed."""
        dx = after.x - before.x
        end = -1.0 if dx > 0.0 else 1.0
        assert self._turn_x is not None
        return after._replace(branch=end + (before.branch - end) * math.exp(-abs(dx) / self._turn_x))

    def _aged(self, before: InnerState, inside: InnerState, dt_s: float) -> InnerState:
        tin, layer, other_tin, other_layer = inside
        aged = self._coated.aged
        one, other = aged(before[0], tin, layer, dt_s), aged(before[2], other_tin, other_layer, dt_s)
        return tin, one, other_tin, other

    def _temperature_changed(self) -> None:
        super()._temperature_changed()
        self._coated.at(self._temperature_K)

    def _emf_V(self, inside: InnerState) -> float:
        tin = self._coated.tin
        return tin.potential_V(inside[0]) - tin.potential_V(inside[2])

    def _layers_ohm(self, inside: InnerState) -> float:
        tin, layer, other_tin, other_layer = inside
        return self._coated.layer_ohm(tin, layer) + self._coated.layer_ohm(other_tin, other_layer)

    def _transfers_ohm(self, inside: InnerState) -> tuple[float, ...]:
        tin = self._coated.tin
        return tin.resistance_ohm(inside[0]), tin.resistance_ohm(inside[2])

    def _electrodes_impedance(self, frequency_Hz: float) -> complex:
        tin, layer, other_tin, other_layer = self._inside
        one = self._coated.impedance(tin, layer, frequency_Hz, other_layer[0])
        return one + self._coated.impedance(other_tin, other_layer, frequency_Hz, layer[0])
