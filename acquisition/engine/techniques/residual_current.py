"""What a galvanostat that is set to no direct current drives all the same, and what is set against it.

The zero of the instrument, a ten thousandth of the range, moves a cell with blocking electrodes by millivolts a second.
No meter sees so little; the cell does: its voltage drifts by the residual current over its capacitance. How large that
is, a small change of the current shows.
"""

import math
from dataclasses import dataclass

from solbench.drivers.roles import Reading

FROM_V = 3e-3
"""A cell that stays this near to its open circuit has no drift to speak of, and is left alone."""
CLEAR_V = 2e-3
"""Between two readings: less may be their digits, of a millivolt."""
FIRST_OF_RANGE = 5e-5
"""Full scales: the first change of the current, about the zero of a sound instrument."""
LARGEST_OF_RANGE = 2e-3
"""Full scales: far more than that zero. What needs more is no residual current."""
OVER_S, OVER_READINGS = 5.0, 3.0
"""In this time the voltage is brought back, and in so many times that between two readings."""


@dataclass
class ResidualCurrent:
    """Follows the voltage of a cell between the points of a sweep; `open_V` is that at open circuit.

    `set_A`: what is set against the residual current (A, positive charges the cell).
    """

    open_V: float
    full_scale_A: float
    set_A: float = 0.0
    _capacitance_F: float = 0.0
    _before: Reading | None = None
    _with_other: tuple[float, float] | None = None

    def against(self, reading: Reading) -> float | None:
        """Return the current (A) to set from now on, None where what is set stays."""
        before, self._before = self._before, reading
        if before is None or reading.time_s <= before.time_s:
            return None
        passed_s = reading.time_s - before.time_s
        slope_V_s = (reading.voltage_V - before.voltage_V) / passed_s
        self._learn(slope_V_s, passed_s)
        away_V = reading.voltage_V - self.open_V
        if abs(away_V) < FROM_V:
            return None
        wanted_A = self.set_A - math.copysign(FIRST_OF_RANGE * self.full_scale_A, away_V)
        if self._capacitance_F:
            back_V_s = away_V / max(OVER_S, OVER_READINGS * passed_s)
            wanted_A = self.set_A - self._capacitance_F * (slope_V_s + back_V_s)
        most_A = LARGEST_OF_RANGE * self.full_scale_A
        wanted_A = max(-most_A, min(wanted_A, most_A))
        if wanted_A == self.set_A:
            return None
        self._with_other = slope_V_s, self.set_A
        self.set_A, self._before = wanted_A, None  # the next slope is that of this current alone
        return wanted_A

    def _learn(self, slope_V_s: float, passed_s: float) -> None:
        """Take the capacitance from what a change of the current has done to the drift, if that stands out."""
        if self._with_other is None:
            return
        other_V_s, other_A = self._with_other
        changed_V_s, changed_A = slope_V_s - other_V_s, self.set_A - other_A
        if changed_V_s * changed_A > 0.0 and abs(changed_V_s) * passed_s > CLEAR_V:
            self._capacitance_F = changed_A / changed_V_s
        self._with_other = None
