"""Working electrodes that take up sodium: their capacity and the plateaus of their potential.

A composition x is sodium per tin; other materials are counted in the same way, from 0 to `FULL_X` at the theoretical
capacity, so that widths mean the same share of it everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FULL_X = 3.75


@dataclass(frozen=True)
class Material:
    """Theoretical capacity (C/kg), density (kg/m3), and the potential (V against Na/Na+) behind each composition x.

    The last potential is that beyond full: sodium metal is plated.
    """

    capacity_C_kg: float
    density_kg_m3: float
    first_V: float
    steps: tuple[tuple[float, float], ...]


def _sloping(first_V: float, last_V: float, end: float, count: int) -> tuple[tuple[float, float], ...]:
    """Small steps down to a potential, evenly up to a share of full: a slope, once they are smoothed."""
    return tuple(
        (FULL_X * end * (n + 0.5) / count, first_V + (last_V - first_V) * (n + 1) / count)
        for n in range(count)
    )


# GITT at 363 K: Yamamoto et al., J. Power Sources 237 (2013) 98, which says of the first two that no distinct plateaus
# were observed. The first, Sn/NaSn5, is an assumption (composition of Chevrier and Ceder, 2011); in liquid electrolytes
# at room temperature Na5Sn2 and amorphous phases are seen instead (Baggetto et al., 2013).
TIN = Material(
    847 * 3.6e3, 7290.0, 0.60, ((0.2, 0.53), (0.5, 0.46), (1.0, 0.16), (2.25, 0.08), (FULL_X, 0.0))
)
# Sb to Na3Sb, 660 mAh/g: amorphous NaxSb below 0.7 V, then the plateau of Na3Sb; rounded, an assumption.
ANTIMONY = Material(
    660 * 3.6e3,
    6690.0,
    0.85,
    ((0.15 * FULL_X, 0.70), (0.42 * FULL_X, 0.47), (0.75 * FULL_X, 0.40), (FULL_X, 0.0)),
)
# A slope to 0.1 V and a plateau near 0.05 V, 300 mAh/g: what hard carbons have in common; an assumption.
HARD_CARBON = Material(
    300 * 3.6e3, 1500.0, 1.1, (*_sloping(1.1, 0.12, 0.45, 12), (0.5 * FULL_X, 0.05), (FULL_X, 0.0))
)

WORKING: Mapping[str, Material] = {"Sn": TIN, "Sb": ANTIMONY, "hard carbon": HARD_CARBON}
"""By the names that a cell record uses."""

POTENTIALS_V: Mapping[str, float] = {"Na9Sn4": 0.16, "Na": 0.0, "Na3Sb": 0.40, "Li-In": 0.62}
"""Electrodes that keep their potential, V against Na/Na+ (Li-In: against Li/Li+, in cells of lithium)."""
