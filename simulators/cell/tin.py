"""The tin electrode: sodium content, equilibrium potential with hysteresis, and charge transfer.

Composition x is sodium per tin; 847 mAh/g (Na15Sn4) is x = 3.75. Potentials are against Na/Na+. Other materials that
take up sodium behave alike, with their own capacity and plateaus (`material`).
"""

import cmath
import math
from dataclasses import dataclass
from math import tanh
from typing import NamedTuple

from solbench.simulators.cell.description import factors, quantity
from solbench.simulators.cell.electrodes.material import FULL_X, TIN, Material
from solbench.simulators.cell.electrodes.profile import Profile
from solbench.simulators.cell.elements import arc, slower
from solbench.simulators.cell.tail import SLOW_S, TailElement, together

MODES = 4000  # of diffusion: the rest is below 1e-4 of the whole
_state = tuple.__new__  # a state is created at every reading: this skips the keyword handling of a NamedTuple


@dataclass(frozen=True)
class TinParameters:
    """Kinetics and losses of a tin electrode.

    `trapped_fraction` of the charge that passes while tin is alloyed for the first time stays in the
    electrode for good: the first-cycle loss of a cell with a stable electrolyte. It also counts the charge
    that decomposes electrolyte, because the products isolate tin. `trapped_again_fraction` is the same for
    every later alloying: an assumption, small enough for a thousand cycles.

    Assumptions: the width of the steps in x; hysteresis of +-35 mV that reverses within `hysteresis_width` of
    x; the depletion term c/(x - x_trapped) at the end of desodiation; and a fresh electrode, without any
    sodium, that rests at a mixed potential, `fresh_excess_potential` above the first plateau, and is nearly
    blocking, both decaying within `fresh_width` of x.

    What may be given besides, and is 0 or 1 where it is not: an activation energy of the charge transfer, the change of
    the equilibrium potential with the temperature, and factors of charge transfer, double layer and contact area, each
    a list from empty to full at equal steps. Less contact area means more charge transfer and less capacitance, of the
    interphase too. With a diffusion coefficient of sodium in tin the potential is that of the composition at the
    surface; `diffusion_length` is the way into the tin, the thickness of a dense film where it is not given.
    """

    charge_transfer_resistance_ohm: float = quantity("charge_transfer_resistance", "25 ohm", above=0)
    charge_transfer_capacitance_F_m2: float = quantity("charge_transfer_capacitance", "2 uF/cm2", above=0)
    charge_transfer_exponent: float = quantity("charge_transfer_exponent", "0.85", above=0, at_most=1)
    trapped_fraction: float = quantity("trapped_fraction", "0.175", at_least=0, at_most=0.9)
    trapped_again_fraction: float = quantity(
        "trapped_again_fraction", "0.0001", at_least=0, at_most=0.1, default=0.0
    )
    step_width_x: float = quantity("step_width", "0.06", above=0, default=0.06)
    hysteresis_V: float = quantity("hysteresis", "35 mV", at_least=0, default=0.035)
    hysteresis_width_x: float = quantity("hysteresis_width", "0.1", above=0, default=0.1)
    depletion_V: float = quantity("depletion", "30 mV", above=0, default=0.03)
    fresh_excess_potential_V: float = quantity("fresh_excess_potential", "0.5 V", at_least=0, default=0.5)
    fresh_resistance_ohm: float = quantity("fresh_resistance", "100 kohm", at_least=0, default=1e5)
    fresh_width_x: float = quantity("fresh_width", "0.004", above=0, default=0.004)
    charge_transfer_activation_J: float = quantity(
        "charge_transfer_activation_energy", "0.5 eV", at_least=0, default=0.0
    )
    entropy_V_K: float = quantity("entropy_coefficient", "0.1 mV/K", default=0.0)
    charge_transfer_factors: tuple[float, ...] = factors("charge_transfer_factors", "[1, 0.7, 1.6]")
    double_layer_factors: tuple[float, ...] = factors("double_layer_factors", "[1, 1.2, 0.8]")
    contact_area_factors: tuple[float, ...] = factors("contact_area_factors", "[1, 0.9, 1.1]")
    diffusion_m2_s: float = quantity("diffusion_coefficient", "1e-10 cm2/s", at_least=0, default=0.0)
    diffusion_length_m: float | None = quantity("diffusion_length", "2.4 um", above=0, default=None)
    diffusion_activation_J: float = quantity("diffusion_activation_energy", "0.4 eV", at_least=0, default=0.0)


class TinState(NamedTuple):
    """Sodium per tin now, its maximum so far, the trapped part of it, and the branch of the hysteresis.

    `branch` runs from -1 (sodiation) to +1 (desodiation).
    """

    x: float = 0.0
    most_x: float = 0.0
    trapped_x: float = 0.0
    branch: float = -1.0


class TinElectrode:
    """Tin, or another material, of a given mass (kg) on a given area (m2)."""

    # The depletion term continues as a straight line from here, so that every state has a potential.
    LEAST_FREE_X = 0.004

    def __init__(
        self,
        parameters: TinParameters,
        tin_mass_kg: float,
        area_m2: float,
        reference_K: float = 298.15,
        material: Material = TIN,
    ) -> None:
        self._parameters = parameters
        self._reference_K = reference_K
        self._transfers = Profile(parameters.charge_transfer_factors, FULL_X)
        self._layers = Profile(parameters.double_layer_factors, FULL_X)
        self._contacts = Profile(parameters.contact_area_factors, FULL_X)
        self._varies = bool(parameters.charge_transfer_factors or parameters.contact_area_factors)
        self.has_contacts = bool(parameters.contact_area_factors)
        dense_m = tin_mass_kg / material.density_kg_m3 / area_m2
        self.diffusion_s = 0.0  # L^2/D; 0 where the composition is even
        if parameters.diffusion_m2_s:
            self.diffusion_s = (parameters.diffusion_length_m or dense_m) ** 2 / parameters.diffusion_m2_s
        self._fast_s = self.diffusion_s / 3 - math.fsum(mode.resistance_ohm for mode in self.modes())
        self.charge_C_m2 = material.capacity_C_kg * tin_mass_kg / area_m2 / FULL_X  # of one unit of x
        self._capacitance_F = parameters.charge_transfer_capacitance_F_m2 * area_m2
        self._turn = 2 / parameters.hysteresis_width_x
        self._width_x, self._hysteresis_V = parameters.step_width_x, parameters.hysteresis_V
        self._excess_V, self._fresh_x = parameters.fresh_excess_potential_V, parameters.fresh_width_x
        self._again = parameters.trapped_again_fraction
        levels_V = (material.first_V, *(level_V for _, level_V in material.steps))
        self._steps = tuple(
            (x, (after_V - before_V) / 2)
            for (x, after_V), before_V in zip(material.steps, levels_V, strict=False)
        )
        self._middle_V = (levels_V[0] + levels_V[-1]) / 2
        self._freshness_of = (math.inf, 0.0)  # x, and what is asked for twice at every reading
        self.at(reference_K)

    def filled(self, share: float) -> TinState:
        """Return the electrode as it is after a first sodiation to a share of its theoretical capacity."""
        if share == 0.0:
            return TinState()
        x = share * FULL_X
        return TinState(x, x, self._parameters.trapped_fraction * x, -1.0)

    def sodiated(self, tin: TinState, charge_C_m2: float, passed_C_m2: float) -> TinState:
        """Return the electrode after it took up `charge_C_m2` out of `passed_C_m2` (areal magnitudes)."""
        dx = charge_C_m2 / self.charge_C_m2
        x, most_x, trapped_x, branch = tin
        x += dx
        branch -= dx * self._turn
        if branch < -1.0:
            branch = -1.0
        again = self._again
        if x <= most_x or dx <= 0.0:
            trapped_x += again * passed_C_m2 / self.charge_C_m2
            return _state(TinState, (x, most_x, trapped_x, branch))
        first_time = min(1.0, (x - most_x) / dx)
        share = again + (self._parameters.trapped_fraction - again) * first_time
        trapped_x += share * passed_C_m2 / self.charge_C_m2
        return _state(TinState, (x, x, min(trapped_x, x), branch))

    def desodiated(self, tin: TinState, charge_C_m2: float) -> TinState:
        """Return the electrode after `charge_C_m2` (areal magnitude) left it."""
        dx = charge_C_m2 / self.charge_C_m2
        x, most_x, trapped_x, branch = tin
        return _state(TinState, (x - dx, most_x, trapped_x, min(1.0, branch + dx * self._turn)))

    def potential_V(self, tin: TinState) -> float:
        """Equilibrium potential, in V against Na/Na+."""
        x, branch, width_x = tin[0], tin[3], self._width_x
        potential_V = self._base_V + self._hysteresis_V * branch
        for step_x, half_V in self._steps:
            potential_V += half_V * tanh((x - step_x) / width_x)
        if x < 0.0:  # taken from a fresh electrode: the mixed potential continues as a straight line
            potential_V -= self._excess_V * x / self._fresh_x
        potential_V += self._excess_V * self._freshness(x)
        if branch > -1.0:
            potential_V += self._depletion(tin)[0]
        return potential_V

    def slope_V(self, tin: TinState) -> float:
        """Change of the potential with x (V per unit of x) for a swing so small that it is reversible."""
        parameters, x = self._parameters, tin.x
        width = parameters.step_width_x
        slope_V = -parameters.fresh_excess_potential_V * self._freshness(x) / parameters.fresh_width_x
        for step_x, half_V in self._steps:
            slope_V += half_V * (1 - math.tanh((x - step_x) / width) ** 2) / width
        return slope_V - parameters.hysteresis_V * self._turn + self._depletion(tin)[1]

    def resistance_ohm(self, tin: TinState) -> float:
        """Charge-transfer resistance at zero current, in ohm."""
        x = tin[0]
        known_x, freshness = self._freshness_of
        ohm = self._transfer_ohm + self._fresh_ohm * (freshness if x == known_x else self._freshness(x))
        return ohm * self._transfers.at(x) / self._contacts.at(x) if self._varies else ohm

    def contact(self, tin: TinState) -> float:
        """Contact area, as a fraction of what it is where the record gives no factors."""
        return self._contacts.at(tin.x)

    def impedance(self, tin: TinState, frequency_Hz: float) -> complex:
        """Impedance of the charge-transfer arc, in ohm."""
        exponent = self._parameters.charge_transfer_exponent
        capacitance_F = self._capacitance_F * self._layers.at(tin.x) * self._contacts.at(tin.x)
        return arc(self.resistance_ohm(tin), capacitance_F, exponent, frequency_Hz)

    def storage_impedance(self, tin: TinState, frequency_Hz: float, tin_C: float, share: float) -> complex:
        """Impedance of the sloping equilibrium potential, in ohm; `tin_C` is the charge (C) of one unit of x.

        `share` of the current reaches the tin.

        Where sodium diffuses, that part of the slope which the surface sees is larger by root coth(root), with the root
        of j omega L^2/D: a film into which nothing passes at its back.
        """
        omega = 2j * math.pi * frequency_Hz
        slope_V: complex = self.slope_V(tin)
        if self.diffusion_s:
            root = cmath.sqrt(omega * self.diffusion_s * self._diffusion_factor)
            small = cmath.exp(-2 * root)
            surface_V = self._surface_slope_V(tin)
            slope_V += surface_V * (root * (1 + small) / (1 - small) - 1)
        return -slope_V * share / (omega * tin_C)

    def fast_ohm(self, tin: TinState, tin_C: float) -> float:
        """Resistance (ohm) that those modes of diffusion make which are faster than `modes`; `tin_C` as above."""
        return -self._surface_slope_V(tin) * self._fast_s * self._diffusion_factor / tin_C

    @property
    def diffusion_m2_s(self) -> float:
        """Diffusion coefficient at the present temperature, in m2/s; 0 where none limits."""
        return self._parameters.diffusion_m2_s / self._diffusion_factor

    def modes(self) -> list[TailElement]:
        """Elements by which the composition at the surface runs ahead of the mean: x per unit of x a second, and s.

        The sum over k of 2 tau/(k pi)^2 with the time constants tau/(k pi)^2, neighbours together.
        """
        energy_J = self._parameters.diffusion_activation_J
        squares = [(k * math.pi) ** 2 for k in range(1, MODES)]
        modes = [(2 * self.diffusion_s / square, self.diffusion_s / square) for square in squares]
        return [
            TailElement(ahead_s, tau_s, energy_J)
            for ahead_s, tau_s in together(mode for mode in modes if mode[1] >= SLOW_S)
        ]

    def at(self, temperature_K: float) -> None:
        """Bring kinetics and potential to a temperature."""
        parameters, reference_K = self._parameters, self._reference_K
        factor = slower(parameters.charge_transfer_activation_J, temperature_K, reference_K)
        self._transfer_ohm = parameters.charge_transfer_resistance_ohm * factor
        self._fresh_ohm = parameters.fresh_resistance_ohm * factor
        self._diffusion_factor = slower(parameters.diffusion_activation_J, temperature_K, reference_K)
        self._base_V = self._middle_V + parameters.entropy_V_K * (temperature_K - reference_K)

    def fresh(self, tin: TinState) -> bool:
        """Whether the electrode contains so little sodium that it is nearly blocking."""
        return tin.x < self._parameters.fresh_width_x

    def _surface_slope_V(self, tin: TinState) -> float:
        """Change of the potential with x (V per unit of x) on the same branch: what the surface alone sees."""
        x, width_x = tin[0], self._width_x
        slope_V = -self._excess_V * self._freshness(x) / self._fresh_x
        for step_x, half_V in self._steps:
            bend = tanh((x - step_x) / width_x)
            slope_V += half_V * (1 - bend * bend) / width_x
        return slope_V + ((1 + tin.branch) / 2) ** 2 * self._height(tin)[1]

    def _freshness(self, x: float) -> float:
        known_x, freshness = self._freshness_of
        if x != known_x:
            freshness = math.exp(-max(x, 0.0) / self._fresh_x)
            self._freshness_of = x, freshness
        return freshness

    def _depletion(self, tin: TinState) -> tuple[float, float]:
        """Depletion term and its slope in x; it belongs to desodiation and fades with the branch."""
        height_V, slope_V = self._height(tin)
        share = ((1 + tin.branch) / 2) ** 2
        share_slope = -(1 + tin.branch) / 2 * self._turn
        return share * height_V, share * slope_V + share_slope * height_V

    def _height(self, tin: TinState) -> tuple[float, float]:
        """Depletion term of a branch that is all desodiation, in V, and its slope in x."""
        free_x = tin.x - tin.trapped_x
        least_x = self.LEAST_FREE_X
        scale_V = self._parameters.depletion_V
        nearest_x = max(free_x, least_x)
        height_V, slope_V = scale_V / nearest_x, -scale_V / nearest_x**2
        return height_V + slope_V * min(free_x - least_x, 0.0), slope_V
