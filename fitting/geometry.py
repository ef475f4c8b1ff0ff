"""From a resistance or a conductance to a conductivity, with the uncertainty of the pellet's dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Geometry:
    """A flat sample between two electrodes; area in m2, thickness in m, standard uncertainties likewise."""

    area_m2: float
    thickness_m: float
    area_stderr_m2: float = 0.0
    thickness_stderr_m: float = 0.0

    def __post_init__(self) -> None:
        if not (self.area_m2 > 0 and self.thickness_m > 0):
            raise ValueError(
                f"area and thickness must be above zero, not {self.area_m2} m2, {self.thickness_m} m"
            )

    @classmethod
    def disc(
        cls,
        diameter_m: float,
        thickness_m: float,
        diameter_stderr_m: float = 0.0,
        thickness_stderr_m: float = 0.0,
    ) -> Geometry:
        """Make the geometry of a round pellet from its diameter (m); u(A)/A = 2 u(d)/d.

        >>> round(Geometry.disc(10e-3, 500e-6, 0.05e-3, 10e-6).relative_stderr, 4)
        0.0224
        """
        area = math.pi * diameter_m**2 / 4
        return cls(area, thickness_m, 2 * area * diameter_stderr_m / diameter_m, thickness_stderr_m)

    @property
    def cell_constant_per_m(self) -> float:
        """Get L/A in 1/m."""
        return self.thickness_m / self.area_m2

    @property
    def relative_stderr(self) -> float:
        """Get the relative standard uncertainty of L/A."""
        return math.hypot(
            self.area_stderr_m2 / self.area_m2,
            self.thickness_stderr_m / self.thickness_m,
        )


def conductivity(resistance_ohm: float, stderr_ohm: float, geometry: Geometry) -> tuple[float, float]:
    """Compute sigma = L/(R A) and its standard uncertainty, both in S/m.

    `resistance_ohm` and its standard uncertainty `stderr_ohm` come from a fit; the uncertainties of area and
    thickness are added in quadrature. Raises ValueError unless the resistance is above zero.

    >>> sigma, stderr = conductivity(1015.0, 3.0, Geometry.disc(10e-3, 500e-6, 0.05e-3, 10e-6))
    >>> f"{sigma * 10:.4f} +- {stderr * 10:.4f} mS/cm"
    '0.0627 +- 0.0014 mS/cm'
    """
    if not resistance_ohm > 0:
        raise ValueError(f"a conductivity needs a resistance above zero, not {resistance_ohm} ohm")
    sigma = geometry.cell_constant_per_m / resistance_ohm
    return sigma, sigma * math.hypot(geometry.relative_stderr, stderr_ohm / resistance_ohm)
