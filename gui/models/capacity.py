"""Voltage against areal capacity, one curve a half cycle, and the capacity of each cycle."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.cycling import areal_capacity_mAh_cm2

Array = np.ndarray[Any, Any]
KEPT_POINTS = 1500  # of one curve; the raw samples stay in the file
FLOWING = 0.1  # of the step's current: below it the cell rests or a spectrum is measured


class CapacityCurve:
    """One constant-current step: capacity in mAh/cm2 (magnitude, from the step's start) and voltage in V.

    When there are too many points, every second is dropped; the newest sample is always the last point.
    """

    def __init__(self, step: int, current_A: float, start_C: float, area_m2: float) -> None:
        self.step = step
        self.current_A = current_A
        self._area_m2 = area_m2
        self._start_C = start_C
        self._every = 1
        self._count = 0
        self._kept: list[tuple[float, float]] = []
        self._newest: tuple[float, float] | None = None

    @property
    def points(self) -> tuple[Array, Array]:
        """Get capacities and voltages."""
        rows = [*self._kept, self._newest] if self._newest is not None else self._kept
        table = np.array(rows, np.float64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def add(self, samples: Array) -> None:
        """Take samples of this step (tables.SAMPLE)."""
        flowing = samples[np.abs(samples["current_A"]) > FLOWING * abs(self.current_A)]
        if len(flowing) == 0:
            return
        charge_C = np.abs(flowing["charge_C"] - self._start_C)
        capacity = areal_capacity_mAh_cm2(charge_C, self._area_m2)
        rows = np.column_stack([capacity, flowing["voltage_V"]])
        first = -self._count % self._every
        self._kept += map(tuple, rows[first :: self._every].tolist())
        self._count += len(rows)
        self._newest = (float(rows[-1, 0]), float(rows[-1, 1]))
        while len(self._kept) > KEPT_POINTS:
            self._kept = self._kept[::2]
            self._every *= 2
