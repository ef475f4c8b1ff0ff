"""What a run costs in time and space: the assumptions, and what one segment adds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """What an estimate assumes.

    `point_overhead_s` beyond integration and one period, or `point_period_most_s` where that is longer: about 0.35 s
    for a 1260 at 1 s (published run-time formula of another program, 1.80 s + 1.0025/f with 0.45 s of its own waiting,
    where 1 s holds whole periods or less than one; grade C). `taper_s` for a
    constant voltage without a time limit, `unknown_s` for a current without any charge to refer to:
    assumptions. Bytes are those of a finished file with compression, assumptions until measured.

    What comes on top, as it is on the simulated bench (grade D), and at most: `start_s` for the start check and the way
    out, `connect_s` for switching a cell on, `sweep_s` for the zero, the probes and the trim before a spectrum,
    `zeros_s` for the zeros of all ranges of a polarization, `reading_s` for a short reading between two points. `slack`
    is how far a current may be from the one that was set; a point is measured `point_attempts` times at most.
    """

    point_overhead_s: float = 0.35
    point_period_most_s: float = 1.0
    taper_s: float = 3600.0
    unknown_s: float = 86400.0
    bytes_per_sample: float = 40.0
    bytes_per_point: float = 120.0
    bytes_per_file: float = 300_000.0
    start_s: float = 9.0
    start_most_s: float = 60.0
    connect_s: float = 2.0
    connect_most_s: float = 10.0
    sweep_s: float = 12.0
    sweep_most_s: float = 60.0
    zeros_s: float = 75.0
    zeros_most_s: float = 240.0
    reading_s: float = 0.15
    slack: float = 0.02
    point_attempts: int = 2


@dataclass(frozen=True, slots=True)
class SoFar:
    """What an estimate knows when it comes to a segment.

    `driven_s` is the time under current in the same step before; `balance_C` the net charge before the step
    (positive charged the cell); `capacity_C` that of the build, `most_C` the most charge that may flow one way before
    the run pauses; None where the build has none. `temperature_K`: what a step has brought the cell to, None before.
    """

    costs: Costs
    driven_s: float
    balance_C: float
    capacity_C: float | None
    most_C: float | None = None
    temperature_K: float | None = None

    def longest_s(self, current_A: float) -> float:
        """Return after how long (s) a current (A) has brought all that may flow one way; `unknown_s` without any."""
        most_C = 2.0 * (self.most_C or 0.0)  # from one end to the other, whatever went before
        return most_C / abs(current_A) if most_C and current_A else self.costs.unknown_s


@dataclass(frozen=True, slots=True)
class Cost:
    """What one segment adds: duration (s) expected and at most, stored samples, spectra, their points.

    `silence_s` is the longest time without a stored reading. A segment that drives a current says for how long
    (`driven_s`) and which (`current_A`, positive charges the cell), so that its charge can be brought back later.
    `at_least_s` is the shortest time (s) in which the run can have completed it.
    """

    duration_s: float
    at_most_s: float
    samples: float
    silence_s: float
    spectra: int = 0
    points: int = 0
    driven_s: float = 0.0
    current_A: float = 0.0
    at_least_s: float = 0.0


def timed(duration_s: float, at_most_s: float, every_s: float) -> Cost:
    """Return the cost of a segment that takes this long, and stores one reading in `every_s` (s)."""
    samples = duration_s / every_s + 2.0  # the first and the last one
    return Cost(duration_s, at_most_s, samples, min(every_s, at_most_s), at_least_s=duration_s)


def integrated_s(frequency_Hz: float, integration_s: float) -> float:
    """Return the time that is really integrated: whole periods, at least one (s)."""
    return max(1, math.ceil(integration_s * frequency_Hz * (1.0 - 1e-9))) / frequency_Hz


def point_s(frequency_Hz: float, integration_s: float, costs: Costs, settling_s: float = 0.0) -> float:
    """Get the time of one impedance point (s): whole periods of integration, what comes before it, overhead."""
    before_s = min(1 / frequency_Hz, costs.point_period_most_s) + settling_s
    return integrated_s(frequency_Hz, integration_s) + before_s + costs.point_overhead_s
