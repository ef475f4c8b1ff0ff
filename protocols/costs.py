"""What a run costs in time and space: the assumptions, and what one segment adds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """What an estimate assumes.

    `point_overhead_s` beyond integration and one period: about 0.35 s for a 1260 at 1 s (published run-time
    formula of another program, 1.80 s + 1.0025/f with 0.45 s of its own waiting; grade C). `taper_s` for a
    constant voltage without a time limit, `unknown_s` for a current without any charge to refer to:
    assumptions. Bytes are those of a finished file with compression, assumptions until measured.
    """

    point_overhead_s: float = 0.35
    taper_s: float = 3600.0
    unknown_s: float = 86400.0
    connect_s: float = 2.0
    bytes_per_sample: float = 40.0
    bytes_per_point: float = 120.0
    bytes_per_file: float = 300_000.0


@dataclass(frozen=True, slots=True)
class SoFar:
    """What an estimate knows when it comes to a segment.

    `driven_s` is the time under current in the same step before; `balance_C` the net charge before the step
    (positive charged the cell); `capacity_C` that of the build, None where it has none.
    """

    costs: Costs
    driven_s: float
    balance_C: float
    capacity_C: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What one segment adds: duration (s) expected and at most, stored samples, spectra, their points.

    `silence_s` is the longest time without a stored reading. A segment that drives a current says for how long
    (`driven_s`) and which (`current_A`, positive charges the cell), so that its charge can be brought back later.
    """

    duration_s: float
    at_most_s: float
    samples: float
    silence_s: float
    spectra: int = 0
    points: int = 0
    driven_s: float = 0.0
    current_A: float = 0.0


def timed(duration_s: float, at_most_s: float, every_s: float) -> Cost:
    """Return the cost of a segment that stores one reading in `every_s` (s)."""
    return Cost(duration_s, at_most_s, duration_s / every_s, min(every_s, at_most_s))


def point_s(frequency_Hz: float, integration_s: float, costs: Costs) -> float:
    """Get the time of one impedance point (s): integration of a period at least, settling, overhead."""
    period_s = 1 / frequency_Hz
    return max(integration_s, period_s) + period_s + costs.point_overhead_s
