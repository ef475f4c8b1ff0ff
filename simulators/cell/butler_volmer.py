"""Charge transfer at an electrode by the Butler-Volmer equation with equal transfer coefficients.

eta = (2RT/F) asinh(I/(2 I0)) with I0 = RT/(F R): ohmic where the resistance R at zero current is small, and
logarithmic at a nearly blocking electrode, through which no current could flow otherwise.
"""

from collections.abc import Sequence
from math import asinh, sqrt

from solbench.simulators.cell.elements import FARADAY_C_mol, GAS_J_mol_K

TWICE_THERMAL_V_K = 2 * GAS_J_mol_K / FARADAY_C_mol


def overpotential(resistance_ohm: float, current_A: float, temperature_K: float) -> float:
    """Overpotential, in V, at a current (A); `resistance_ohm` is the resistance at zero current."""
    scale_V = TWICE_THERMAL_V_K * temperature_K
    return scale_V * asinh(current_A * resistance_ohm / scale_V)


def current(
    drive_V: float, ohmic_ohm: float, resistances_ohm: Sequence[float], temperature_K: float
) -> float:
    """Current, in A, that `drive_V` sends through the charge transfers in series with `ohmic_ohm`.

    Newton's method from the current of the linear circuit. The overpotentials bend towards the current axis,
    so this start lies on the near side of the solution and no step can overshoot it.
    """
    scale_V = TWICE_THERMAL_V_K * temperature_K
    bends = [(ohm / scale_V, scale_V * (ohm / scale_V)) for ohm in resistances_ohm]
    current_A = drive_V / (ohmic_ohm + sum(resistances_ohm))
    for _ in range(60):
        excess_V, slope_ohm = current_A * ohmic_ohm - drive_V, ohmic_ohm
        for per_A, ohm in bends:
            bent = current_A * per_A
            excess_V += scale_V * asinh(bent)
            slope_ohm += ohm / sqrt(1 + bent * bent)
        step = excess_V / slope_ohm
        current_A -= step
        if abs(step) <= 1e-15 * abs(current_A):
            break
    return current_A
