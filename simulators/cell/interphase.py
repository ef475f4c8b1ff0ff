"""The layer that forms where a solid electrolyte is in contact with the sodiated electrode."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from solbench.simulators.cell.description import DescriptionError, mapping, quantity, read
from solbench.simulators.cell.elements import arc
from solbench.simulators.unchecked import Value

# Far beyond any cut-off; it keeps a cell finite that is driven further at the compliance limit.
CHOKE_FOLDS = 16.0
_state = tuple.__new__  # a state is created at every reading: this skips the keyword handling of a NamedTuple


@dataclass(frozen=True)
class GrowthParameters:
    """Deal-Grove growth in charge, q^2 + A q = B Q, and one measured layer to scale by.

    Q is the areal charge passed on sodiation and q the part of it that reduced electrolyte (Deal and Grove,
    J. Appl. Phys. 36 (1965) 3770, with charge in place of time). Thickness and resistance of the layer are
    proportional to q: `layer_thickness` and `layer_resistance` are those at `layer_charge`. All are
    calibrated with the cells of Deysher et al. (2022).
    """

    linear_C_m2: float = quantity("deal_grove_A", "0.152 mAh/cm2", above=0)
    parabolic_C_m2: float = quantity("deal_grove_B", "0.060 mAh/cm2", at_least=0)
    layer_charge_C_m2: float = quantity("layer_charge", "0.224 mAh/cm2", above=0)
    layer_thickness_m: float = quantity("layer_thickness", "11.8 um", at_least=0)
    layer_resistance_ohm: float = quantity("layer_resistance", "35 ohm", at_least=0)

    def __post_init__(self) -> None:
        if self.parabolic_C_m2 > self.linear_C_m2:
            raise DescriptionError(
                "simulation.interphase.growth.deal_grove_B",
                "is larger than deal_grove_A, so that more charge would reduce electrolyte than passes",
                "choose B below A",
            )


NO_GROWTH = GrowthParameters(1.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class ChokeParameters:
    """A resistance that e-folds with every `charge` passed on desodiation, under a thick layer.

    It represents the loss of contact due to which a cell with a thick layer returns no charge. Calibrated,
    and unphysical: the DC polarization of such cells is about 3.5 times the value their impedance explains.
    """

    charge_C_m2: float = quantity("charge", "4 uAh/cm2", above=0)
    above_m: float = quantity("above_layer_thickness", "60 um", at_least=0)


@dataclass(frozen=True)
class InterphaseParameters:
    """The arc of the layer: its capacitance falls as 1/(1 + d/`capacitance_thickness`).

    The capacitances are assumptions, 10 to 25 times the geometric ones: with these the arc of a 10 um layer
    would lie above the frequency range of the analyzer.
    """

    initial_resistance_ohm: float = quantity("initial_resistance", "0 ohm", at_least=0)
    capacitance_F_m2: float = quantity("capacitance", "30 nF/cm2", above=0)
    capacitance_thickness_m: float = quantity("capacitance_thickness", "10 um", above=0)
    exponent: float = quantity("exponent", "0.80", above=0, at_most=1)


class LayerState(NamedTuple):
    """Areal charge that reduced electrolyte, and areal charge that passed on desodiation under the choke."""

    reduced_C_m2: float = 0.0
    choked_C_m2: float = 0.0


class Interphase:
    """The layer on an electrode of `area_m2`; without `growth` the electrolyte is stable."""

    def __init__(
        self,
        parameters: InterphaseParameters,
        area_m2: float,
        growth: GrowthParameters | None = None,
        choke: ChokeParameters | None = None,
    ) -> None:
        self._parameters = parameters
        self._area_m2 = area_m2
        self._growth = growth or NO_GROWTH
        self._choke = choke
        self._a, self._b = self._growth.linear_C_m2, self._growth.parabolic_C_m2

    def sodiated(self, layer: LayerState, charge_C_m2: float) -> LayerState:
        """Return the layer after sodiation by an areal charge (magnitude); exact for any size of step."""
        q, choked_C_m2 = layer
        if self._b == 0.0 and choked_C_m2 == 0.0:
            return layer
        # q' of q'^2 + A q' = q^2 + A q + B dQ, written so that a small step loses no digits.
        base, drive = self._a + 2 * q, 2 * self._b * charge_C_m2
        step = drive / (base + math.sqrt(base * base + 2 * drive))
        return _state(LayerState, (q + step, max(0.0, choked_C_m2 - charge_C_m2) if choked_C_m2 else 0.0))

    def desodiated(self, layer: LayerState, charge_C_m2: float) -> LayerState:
        """Return the layer after desodiation by an areal charge (magnitude)."""
        if self._choke is None or self.thickness_m(layer) <= self._choke.above_m:
            return layer
        limit = CHOKE_FOLDS * self._choke.charge_C_m2
        return LayerState(layer.reduced_C_m2, min(layer.choked_C_m2 + charge_C_m2, limit))

    def reducing_share(self, layer: LayerState) -> float:
        """Fraction of a sodiation current that reduces electrolyte now: dq/dQ."""
        return self._growth.parabolic_C_m2 / (self._growth.linear_C_m2 + 2 * layer.reduced_C_m2)

    def thickness_m(self, layer: LayerState) -> float:
        """Thickness of the layer, in m."""
        growth = self._growth
        return growth.layer_thickness_m * layer.reduced_C_m2 / growth.layer_charge_C_m2

    def resistance_ohm(self, layer: LayerState) -> float:
        """Resistance of the layer, in ohm, without the choke."""
        growth = self._growth
        grown_ohm = growth.layer_resistance_ohm * layer.reduced_C_m2 / growth.layer_charge_C_m2
        return self._parameters.initial_resistance_ohm + grown_ohm

    def choke_ohm(self, layer: LayerState) -> float:
        """Resistance that desodiation has added, in ohm."""
        if self._choke is None or layer.choked_C_m2 == 0.0:
            return 0.0
        return self.resistance_ohm(layer) * math.expm1(layer.choked_C_m2 / self._choke.charge_C_m2)

    def impedance(self, layer: LayerState, frequency_Hz: float) -> complex:
        """Impedance of the layer's arc, in ohm."""
        parameters = self._parameters
        thinning = 1 + self.thickness_m(layer) / parameters.capacitance_thickness_m
        resistance_ohm = self.resistance_ohm(layer) + self.choke_ohm(layer)
        capacitance_F = parameters.capacitance_F_m2 * self._area_m2 / thinning
        return arc(resistance_ohm, capacitance_F, parameters.exponent, frequency_Hz)


def read_interphase(block: Value, path: str, area_m2: float) -> Interphase:
    """Make the interphase from a block of the description; raises `DescriptionError`."""
    rest = dict(mapping(block, path))
    growth, choke = rest.pop("growth", None), rest.pop("choke", None)
    return Interphase(
        read(InterphaseParameters, rest, path),
        area_m2,
        None if growth is None else read(GrowthParameters, growth, f"{path}.growth"),
        None if choke is None else read(ChokeParameters, choke, f"{path}.choke"),
    )
