"""The cathode of the full cell, NaCrO2: its potential against the fraction of sodium extracted."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from solbench.simulators.cell.description import quantity

MOST_FOLDS = 6.0  # an end term continues as a straight line from here, so that it stays finite


@dataclass(frozen=True)
class CathodeParameters:
    """E = `potential` + `slope` z and an exponential term at either end, z the fraction of sodium extracted.

    The line is that of NaCrO2 between z = 0 and 0.5, raised so that the cell reaches its upper cut-off. The
    ends are assumptions: `full_depth` below the line when all sodium is in, over a width of `full_width`; and
    a wall that is `wall_height` high at `wall_at` and e-folds with `wall_width`. The wall is steep because
    readings are frequent near a cut-off, and 1000 cycles of it must be computed.

    `catholyte_thickness` and `catholyte_conductivity` describe the layer between separator and cathode; it
    has the separator's permittivity and activation energy. Charge transfer at the cathode is left out:
    nothing is known about it.
    """

    capacity_C_kg: float = quantity("capacity", "250.5 mAh/g", above=0)
    potential_V: float = quantity("potential", "3.08 V")
    slope_V: float = quantity("slope", "0.62 V", above=0)
    full_depth_V: float = quantity("full_depth", "1.5 V", at_least=0)
    full_width: float = quantity("full_width", "0.004", above=0)
    wall_at: float = quantity("wall_at", "0.4255", above=0, at_most=1)
    wall_height_V: float = quantity("wall_height", "50 mV", at_least=0)
    wall_width: float = quantity("wall_width", "0.002", above=0)
    catholyte_thickness_m: float = quantity("catholyte_thickness", "138 um", above=0)
    catholyte_conductivity_S_m: float = quantity("catholyte_conductivity", "0.0627 mS/cm", above=0)


class CathodeState(NamedTuple):
    """Fraction of the cathode's sodium that has been extracted."""

    z: float = 0.0


class Cathode:
    """A cathode of a given mass (kg)."""

    def __init__(self, parameters: CathodeParameters, mass_kg: float) -> None:
        self._parameters = parameters
        self.charge_C = parameters.capacity_C_kg * mass_kg

    def after(self, cathode: CathodeState, charge_C: float) -> CathodeState:
        """Return the cathode after a charge (C, positive: charging)."""
        return tuple.__new__(CathodeState, (cathode[0] + charge_C / self.charge_C,))

    def potential_V(self, cathode: CathodeState) -> float:
        """Equilibrium potential, in V against Na/Na+."""
        parameters, z = self._parameters, cathode[0]
        full = _exponential(-z / parameters.full_width)[0]
        wall = _exponential((z - parameters.wall_at) / parameters.wall_width)[0]
        line_V = parameters.potential_V + parameters.slope_V * z
        return line_V - parameters.full_depth_V * full + parameters.wall_height_V * wall

    def slope_V(self, cathode: CathodeState) -> float:
        """Change of the potential with z, in V per unit of z."""
        parameters, z = self._parameters, cathode[0]
        full = _exponential(-z / parameters.full_width)[1]
        wall = _exponential((z - parameters.wall_at) / parameters.wall_width)[1]
        slope_V = parameters.slope_V + parameters.full_depth_V / parameters.full_width * full
        return slope_V + parameters.wall_height_V / parameters.wall_width * wall

    def impedance(self, cathode: CathodeState, frequency_Hz: float) -> complex:
        """Impedance of the sloping equilibrium potential, the cathode as a capacitor, in ohm."""
        return self.slope_V(cathode) / (2j * math.pi * frequency_Hz * self.charge_C)


def _exponential(exponent: float) -> tuple[float, float]:
    """e to the `exponent` and its slope; a straight line beyond `MOST_FOLDS`."""
    beyond = max(0.0, exponent - MOST_FOLDS)
    slope = math.exp(exponent - beyond)
    return slope * (1 + beyond), slope
