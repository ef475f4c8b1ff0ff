"""Voltage against areal capacity, one curve a half cycle, and the capacity of each cycle."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from solbench.analysis.cycling import areal_capacity_mAh_cm2
from solbench.gui.models.common.arrays import Array

CURVES_SHOWN = 60  # newest half cycles that are drawn
KEPT_POINTS = 1500  # of the curve that grows; the raw samples stay in the file
DONE_POINTS = 500  # of one that is finished
OLD_POINTS = 100  # of one that the live screen does not draw any more
FLOWING = 0.1  # of the step's current: below it the cell rests or a spectrum is measured


class CapacityCurve:
    """One constant-current step: capacity in mAh/cm2 (magnitude, from the step's start) and voltage in V.

    When there are too many points, every second is dropped; the newest sample is always the last point. `version`
    grows with every change.
    """

    def __init__(self, step: int, current_A: float, start_C: float, area_m2: float) -> None:
        self.step = step
        self.current_A = current_A
        self.version = 0
        self._area_m2 = area_m2
        self._start_C = start_C
        self._every = 1
        self._count = 0
        self._kept = np.empty((0, 2), np.float32)
        self._newest = np.empty((0, 2))

    @property
    def points(self) -> tuple[Array, Array]:
        """Get capacities and voltages."""
        table = np.concatenate([self._kept, self._newest])
        return table[:, 0], table[:, 1]

    def add(self, samples: Array) -> None:
        """Take samples of this step (columns.SAMPLE)."""
        places = np.flatnonzero(np.abs(samples["current_A"]) > FLOWING * abs(self.current_A))
        if len(places) == 0:
            return
        first = -self._count % self._every
        chosen = self._rows(samples[places[first :: self._every]])
        self._kept = np.concatenate([self._kept, chosen.astype(np.float32)])
        self._count += len(places)
        self._newest = self._rows(samples[places[-1:]])
        self.thin(KEPT_POINTS)

    def _rows(self, samples: Array) -> Array:
        charge_C: Any = np.abs(samples["charge_C"] - self._start_C)
        return np.column_stack([areal_capacity_mAh_cm2(charge_C, self._area_m2), samples["voltage_V"]])

    def thin(self, most: int) -> None:
        """Keep no more than so many points, and the newest."""
        self.version += 1
        while len(self._kept) > most:
            self._kept = self._kept[::2].copy()
            self._every *= 2


def thin_older(curves: Sequence[CapacityCurve], shown: int) -> None:
    """Keep less of the curve before the newest, and still less of the one that `shown` newer ones follow."""
    for back, most in ((2, DONE_POINTS), (shown + 1, OLD_POINTS)):
        if len(curves) >= back:
            curves[-back].thin(most)
