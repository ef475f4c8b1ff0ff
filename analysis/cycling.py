"""Capacities and Coulombic efficiency of the constant-current steps of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from acquisition.steps import StepRecord

MAH_CM2_IN_C_M2 = 36000.0


@dataclass(frozen=True)
class Pair:
    """Two steps of opposite current that follow each other: the first puts charge in, the second takes it out.

    In a half cell with Sn the first is sodiation and the second desodiation, in a full cell charge and discharge.
    """

    first: StepRecord
    second: StepRecord | None

    @property
    def coulombic_efficiency(self) -> float | None:
        """Get |charge of the second| / |charge of the first|; None unless both ended by their own condition."""
        if (
            self.second is None
            or not (self.first.finished and self.second.finished)
            or self.first.charge_C == 0.0
        ):
            return None
        return abs(self.second.charge_C) / abs(self.first.charge_C)


def areal_capacity_mAh_cm2(charge_C: float, area_m2: float) -> float:
    """Return the magnitude of a charge (C) over an area (m2) in mAh/cm2.

    >>> round(areal_capacity_mAh_cm2(-3.9564, 0.785e-4), 4)
    1.4
    """
    return abs(charge_C) / area_m2 / MAH_CM2_IN_C_M2


def pairs_of(steps: Sequence[StepRecord]) -> list[Pair]:
    """Return the pairs of constant-current steps in order; a last step without a partner stands alone."""
    currents = [step for step in steps if step.current_A]
    pairs = []
    while currents:
        first = currents.pop(0)
        opposite = bool(currents) and _sign(currents[0]) != _sign(first)
        pairs.append(Pair(first, currents.pop(0) if opposite else None))
    return pairs


def _sign(step: StepRecord) -> bool:
    return (step.current_A or 0.0) > 0.0
