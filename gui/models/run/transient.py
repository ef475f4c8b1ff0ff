"""The current of a DC polarization after the step of voltage, while it is measured."""

from collections.abc import Sequence

import numpy as np

from solbench.gui.models.common.arrays import Array

A_DECADE = 300  # points that are kept of each decade of time


class Transient:
    """Time since the step of voltage in s and the current as read in A, from `start_s` of the run until it ends.

    Thinned evenly in the logarithm of time, so that what is kept stays small over days; the newest sample is always
    the last point. `version` grows with every change.
    """

    def __init__(self, voltage_V: float, start_s: float) -> None:
        self.voltage_V, self.start_s = voltage_V, start_s
        self.end_s = float("inf")
        self.version = 0
        self._kept = np.empty((0, 2))
        self._newest = np.empty((0, 2))

    @property
    def points(self) -> tuple[Array, Array]:
        """Get times and currents."""
        table = np.concatenate([self._kept, self._newest])
        return table[:, 0], table[:, 1]

    def add(self, samples: Array) -> None:
        """Take those of some samples (columns.SAMPLE) that belong to it."""
        times_s = samples["time_s"]
        own = samples[(times_s > self.start_s) & (times_s < self.end_s)]
        if len(own) == 0:
            return
        rows = np.column_stack([own["time_s"] - self.start_s, own["current_A"]])
        slots = np.floor(A_DECADE * np.log10(rows[:, 0]))
        before = np.floor(A_DECADE * np.log10(self._kept[-1, 0])) if len(self._kept) else -np.inf
        self._kept = np.concatenate([self._kept, rows[np.diff(slots, prepend=before) > 0]])
        self._newest = rows[-1:]
        self.version += 1


def begin_transient(transients: Sequence[Transient], voltage_V: float, start_s: float) -> list[Transient]:
    """Return the transients once another voltage is applied; at 0 V the zero is read, which is none of them."""
    end_transient(transients, start_s)
    return [*transients, Transient(voltage_V, start_s)] if voltage_V else list(transients)


def end_transient(transients: Sequence[Transient], end_s: float) -> None:
    """Let the newest take no more samples."""
    if transients:
        transients[-1].end_s = min(transients[-1].end_s, end_s)
