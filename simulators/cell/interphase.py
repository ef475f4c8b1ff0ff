"""The layer that forms where a solid electrolyte is in contact with the sodiated electrode."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from solbench.simulators.cell.description import DescriptionError, mapping, quantity, read
from solbench.simulators.cell.elements import arc, slower
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

    With a `passivation_charge` the layer grows denser as its electrode breathes: B e-folds with so much charge passed
    on desodiation. An assumption, by which a cell that lost sodium in its first cycles lives on, as those of nps do.
    """

    linear_C_m2: float = quantity("deal_grove_A", "0.152 mAh/cm2", above=0)
    parabolic_C_m2: float = quantity("deal_grove_B", "0.060 mAh/cm2", at_least=0)
    layer_charge_C_m2: float = quantity("layer_charge", "0.224 mAh/cm2", above=0)
    layer_thickness_m: float = quantity("layer_thickness", "11.8 um", at_least=0)
    layer_resistance_ohm: float = quantity("layer_resistance", "35 ohm", at_least=0)
    passivation_C_m2: float | None = quantity("passivation_charge", "1.4 mAh/cm2", above=0, default=None)

    def __post_init__(self) -> None:
        if self.parabolic_C_m2 > self.linear_C_m2:
            raise DescriptionError(
                "simulation.interphase.growth.deal_grove_B",
                "is larger than deal_grove_A, so that more charge would reduce electrolyte than passes",
                "choose B below A",
            )


@dataclass(frozen=True)
class AgeingParameters:
    """Growth without a current, while the electrode holds sodium: R = `resistance` (t/`time`)^`exponent`.

    0.5 is the parabolic law, 1 the linear one; 0 is a logarithm, R = `resistance` ln(1 + t/t0)/ln(1 + `time`/t0) with
    t0 = `time`/1000, which is neither. t is the time of contact with sodium at the reference temperature; with an
    activation energy it runs faster in the warmth. The sodium that it takes (microampere-hours) is not subtracted.
    """

    resistance_ohm: float = quantity("resistance", "6 ohm", at_least=0)
    time_s: float = quantity("time", "24 h", above=0)
    exponent: float = quantity("exponent", "0.5", at_least=0, at_most=2)
    activation_J: float = quantity("activation_energy", "0.5 eV", at_least=0, default=0.0)

    def ohm(self, contact_s: float) -> float:
        """Resistance (ohm) that has grown after a time of contact (s)."""
        share = contact_s / self.time_s
        if self.exponent == 0.5:  # the usual law, and a power costs more
            return self.resistance_ohm * math.sqrt(share)
        if self.exponent == 0.0:
            return self.resistance_ohm * math.log1p(1e3 * share) / math.log1p(1e3)
        return float(self.resistance_ohm * share**self.exponent)


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
    activation_J: float = quantity("activation_energy", "0.4 eV", at_least=0, default=0.0)


class LayerState(NamedTuple):
    """Areal charge that reduced electrolyte, and areal charge that passed on desodiation under the choke."""

    reduced_C_m2: float = 0.0
    choked_C_m2: float = 0.0


class LivingLayerState(NamedTuple):
    """The same of a layer that passivates or ages: with the areal charge of all desodiation, and the time of contact.

    The time is that at the reference temperature, s.
    """

    reduced_C_m2: float = 0.0
    choked_C_m2: float = 0.0
    returned_C_m2: float = 0.0
    contact_s: float = 0.0


AnyLayerState = LayerState | LivingLayerState


class Interphase:
    """The layer on an electrode of `area_m2`; without `growth` the electrolyte is stable.

    It takes the place of the electrolyte of which it is made, `electrolyte_m` in all. Once that is gone it is no longer
    thicker, but reduced further: at the calibrated charge of a layer zirconium has taken up a sixth of what it can.
    """

    def __init__(
        self,
        parameters: InterphaseParameters,
        area_m2: float,
        growth: GrowthParameters | None = None,
        choke: ChokeParameters | None = None,
        ageing: AgeingParameters | None = None,
        reference_K: float = 298.15,
        electrolyte_m: float = math.inf,
    ) -> None:
        self._parameters = parameters
        self._electrolyte_m = electrolyte_m
        self._area_m2 = area_m2
        self._growth = growth or NO_GROWTH
        self._choke = choke
        self._a, self._b = self._growth.linear_C_m2, self._growth.parabolic_C_m2
        self._ageing = ageing
        self._passivation_C_m2 = self._growth.passivation_C_m2
        self._reference_K = reference_K
        self._is_plain = ageing is None and self._passivation_C_m2 is None
        self.ages = ageing is not None
        self.at(reference_K)

    def at(self, temperature_K: float) -> None:
        """Bring the layer's resistance, and the pace of its ageing, to a temperature."""
        self._factor = slower(self._parameters.activation_J, temperature_K, self._reference_K)
        energy_J = self._ageing.activation_J if self._ageing else 0.0
        self._pace = 1.0 / slower(energy_J, temperature_K, self._reference_K)

    def start(self) -> AnyLayerState:
        """Return the layer of a new cell."""
        return LayerState() if self._is_plain else LivingLayerState()

    def aged(self, layer: AnyLayerState, dt_s: float) -> AnyLayerState:
        """Return the layer after `dt_s` in contact with sodium, at the present temperature."""
        if not isinstance(layer, LivingLayerState):
            return layer
        q, choked_C_m2, returned_C_m2, contact_s = layer
        return _state(LivingLayerState, (q, choked_C_m2, returned_C_m2, contact_s + dt_s * self._pace))

    def sodiated(self, layer: AnyLayerState, charge_C_m2: float) -> AnyLayerState:
        """Return the layer after sodiation by an areal charge (magnitude); exact for any size of step."""
        q, choked_C_m2 = layer[0], layer[1]
        if self._b == 0.0 and choked_C_m2 == 0.0:
            return layer
        # q' of q'^2 + A q' = q^2 + A q + B dQ, written so that a small step loses no digits.
        base, drive = self._a + 2 * q, 2 * self._driving(layer) * charge_C_m2
        step = drive / (base + math.sqrt(base * base + 2 * drive))
        left_C_m2 = max(0.0, choked_C_m2 - charge_C_m2) if choked_C_m2 else 0.0
        if self._is_plain:
            return _state(LayerState, (q + step, left_C_m2))
        return _state(LivingLayerState, (q + step, left_C_m2, *layer[2:]))

    def desodiated(self, layer: AnyLayerState, charge_C_m2: float) -> AnyLayerState:
        """Return the layer after desodiation by an areal charge (magnitude)."""
        if self._passivation_C_m2 is not None and isinstance(layer, LivingLayerState):
            q, choked_C_m2, returned_C_m2, contact_s = layer
            layer = _state(LivingLayerState, (q, choked_C_m2, returned_C_m2 + charge_C_m2, contact_s))
        if self._choke is None or self.thickness_m(layer) <= self._choke.above_m:
            return layer
        limit = CHOKE_FOLDS * self._choke.charge_C_m2
        return layer._replace(choked_C_m2=min(layer.choked_C_m2 + charge_C_m2, limit))

    def reducing_share(self, layer: AnyLayerState) -> float:
        """Fraction of a sodiation current that reduces electrolyte now: dq/dQ."""
        return self._driving(layer) / (self._growth.linear_C_m2 + 2 * layer.reduced_C_m2)

    def _driving(self, layer: AnyLayerState) -> float:
        """Deal and Grove's B now, in C/m2."""
        if self._passivation_C_m2 is None or not isinstance(layer, LivingLayerState):
            return self._b
        return self._b * math.exp(-layer.returned_C_m2 / self._passivation_C_m2)

    def thickness_m(self, layer: AnyLayerState, beside_C_m2: float = 0.0) -> float:
        """Thickness of the layer, in m; `beside_C_m2` has reduced electrolyte at the other electrode."""
        growth = self._growth
        thickness_m = growth.layer_thickness_m * layer.reduced_C_m2 / growth.layer_charge_C_m2
        if not thickness_m:
            return 0.0
        return min(thickness_m, self._electrolyte_m * layer.reduced_C_m2 / (layer.reduced_C_m2 + beside_C_m2))

    def resistance_ohm(self, layer: AnyLayerState) -> float:
        """Resistance of the layer, in ohm, without the choke."""
        growth = self._growth
        grown_ohm = growth.layer_resistance_ohm * layer.reduced_C_m2 / growth.layer_charge_C_m2
        ohm = self._parameters.initial_resistance_ohm + grown_ohm
        if self._ageing is not None and isinstance(layer, LivingLayerState):
            ohm += self._ageing.ohm(layer.contact_s)
        return ohm * self._factor

    def whole_ohm(self, layer: AnyLayerState) -> float:
        """Resistance of the layer, in ohm, with what desodiation has added to a thick one."""
        ohm = self.resistance_ohm(layer)
        return ohm if self._choke is None else ohm + self.choke_ohm(layer)

    def choke_ohm(self, layer: AnyLayerState) -> float:
        """Resistance that desodiation has added, in ohm."""
        if self._choke is None or layer.choked_C_m2 == 0.0:
            return 0.0
        return self.resistance_ohm(layer) * math.expm1(layer.choked_C_m2 / self._choke.charge_C_m2)

    def impedance(
        self, layer: AnyLayerState, frequency_Hz: float, contact: float = 1.0, beside_C_m2: float = 0.0
    ) -> complex:
        """Impedance of the layer's arc, in ohm; `contact` is the contact area, as a fraction.

        `beside_C_m2` has reduced electrolyte at the other electrode.
        """
        parameters = self._parameters
        thinning = 1 + self.thickness_m(layer, beside_C_m2) / parameters.capacitance_thickness_m
        resistance_ohm = self.whole_ohm(layer) / contact
        capacitance_F = parameters.capacitance_F_m2 * self._area_m2 / thinning * contact
        return arc(resistance_ohm, capacitance_F, parameters.exponent, frequency_Hz)


def read_interphase(
    block: Value,
    path: str,
    area_m2: float,
    reference_K: float = 298.15,
    electrolyte_m: float = math.inf,
) -> Interphase:
    """Make the interphase from a block of the description; raises `DescriptionError`."""
    rest = dict(mapping(block, path))
    growth, choke, ageing = rest.pop("growth", None), rest.pop("choke", None), rest.pop("ageing", None)
    return Interphase(
        read(InterphaseParameters, rest, path),
        area_m2,
        None if growth is None else read(GrowthParameters, growth, f"{path}.growth"),
        None if choke is None else read(ChokeParameters, choke, f"{path}.choke"),
        None if ageing is None else read(AgeingParameters, ageing, f"{path}.ageing"),
        reference_K,
        electrolyte_m,
    )
