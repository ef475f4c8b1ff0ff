"""The AC amplitude is confirmed by what is measured, before each sweep and behind it: nothing else tells a wrong gain.

A ratio is right with any amplitude: with a hundred times of it, which harms the cell, and with a tenth, which leaves
noise.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.set_points import amplitude_not_reached, is_amplitude
from solbench.drivers.roles import Analyzer, ImpedancePoint
from solbench.protocols.segments import Sweep

PROBE_S = 0.1  # integration of a probe: whole periods of the mains, and time enough for a few per cent
DECADE = 10.0
LOOP_TAKES_NOTHING_HZ = 1e3  # the slowest loop of the galvanostat (7.5 kHz) is as good as at 0 Hz


@dataclass(frozen=True, slots=True)
class Amplitude:
    """An amplitude that was measured, and the one that was set, both in `unit`, rms."""

    measured: float
    wanted: float
    unit: Literal["V", "A"]

    def is_reached(self, frequency_Hz: float) -> bool:
        """Say whether it is the one that was set."""
        return is_amplitude(self.measured, self.wanted, frequency_Hz)

    def not_reached(self) -> AttentionNeeded:
        """Return what to raise where it is not."""
        return amplitude_not_reached(self.measured, self.wanted, self.unit)


def amplitude_of(analyzer: Analyzer, point: ImpedancePoint) -> Amplitude:
    """Return the amplitude of the last point, of what is set: the voltage, or the current that dropped it."""
    measured_V = analyzer.measured_amplitude_V()
    if not point.amplitude_A:
        return Amplitude(measured_V, point.amplitude_V, "V")
    dropped_V = point.amplitude_V  # by the current that was set
    measured_A = point.amplitude_A * measured_V / dropped_V if dropped_V else math.inf
    return Amplitude(measured_A, point.amplitude_A, "A")


def probed_Hz(segment: Sweep) -> tuple[float, float]:
    """Return at which two frequencies (Hz) a cell is looked at before a sweep: a decade below its upper end, and that.

    The amplitude is looked at with the lower one, where no loop and no cable takes anything from it.
    """
    top_Hz, bottom_Hz = max(segment.frequencies_Hz), min(segment.frequencies_Hz)
    lower_Hz = top_Hz / DECADE
    if segment.amplitude_A:
        lower_Hz = min(lower_Hz, LOOP_TAKES_NOTHING_HZ)
    return max(bottom_Hz, lower_Hz), top_Hz


def point_with_amplitude(analyzer: Analyzer, frequency_Hz: float) -> ImpedancePoint:
    """Measure a point; raises AttentionNeeded where its amplitude is not the one set, twice in turn."""
    amplitude = Amplitude(0.0, 0.0, "V")
    for _ in range(2):
        point = analyzer.measure_impedance(frequency_Hz, PROBE_S)
        amplitude = amplitude_of(analyzer, point)
        if amplitude.is_reached(frequency_Hz):
            return point
    raise amplitude.not_reached()


def _as_it_is() -> None:
    """Leave everything as it is."""


def lost_amplitude(
    analyzer: Analyzer, last: ImpedancePoint, lower_Hz: float, prepare: Callable[[], None] = _as_it_is
) -> AttentionNeeded | None:
    """Return what is to be raised where the amplitude is not there any more behind the last point of a sweep.

    `prepare` is called before it is measured anew.
    """
    if last.frequency_Hz <= lower_Hz and amplitude_of(analyzer, last).is_reached(lower_Hz):
        return None
    prepare()
    try:
        point_with_amplitude(analyzer, lower_Hz)
    except AttentionNeeded as need:
        return need
    return None
