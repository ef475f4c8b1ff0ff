"""The AC amplitude is confirmed by what is measured, before each sweep and behind it: nothing else tells a wrong gain.

A ratio is right with any amplitude: with a hundred times of it, which harms the cell, and with a tenth, which leaves
noise.
"""

from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.set_points import amplitude_not_reached, is_amplitude
from solbench.drivers.roles import Analyzer, ImpedancePoint
from solbench.protocols.segments import Sweep

PROBE_S = 0.1  # integration of a probe: whole periods of the mains, and time enough for a few per cent
DECADE = 10.0


def probed_Hz(segment: Sweep) -> tuple[float, float]:
    """Return at which two frequencies (Hz) a cell is looked at before a sweep: a decade below its upper end, and that.

    The amplitude is looked at with the lower one, where no loop and no cable takes anything from it.
    """
    top_Hz, bottom_Hz = max(segment.frequencies_Hz), min(segment.frequencies_Hz)
    return max(bottom_Hz, top_Hz / DECADE), top_Hz


def point_with_amplitude(analyzer: Analyzer, frequency_Hz: float) -> ImpedancePoint:
    """Measure a point; raises AttentionNeeded where its amplitude is not the one set, twice in turn."""
    measured_V = set_V = 0.0
    for _ in range(2):
        point = analyzer.measure_impedance(frequency_Hz, PROBE_S)
        measured_V = analyzer.measured_amplitude_V()
        if is_amplitude(measured_V, point.amplitude_V, frequency_Hz):
            return point
        set_V = point.amplitude_V
    raise amplitude_not_reached(measured_V, set_V)


def lost_amplitude(analyzer: Analyzer, last: ImpedancePoint, lower_Hz: float) -> AttentionNeeded | None:
    """Return what is to be raised where the amplitude is not there any more behind the last point of a sweep."""
    set_V = last.amplitude_V
    if last.frequency_Hz <= lower_Hz and is_amplitude(analyzer.measured_amplitude_V(), set_V, lower_Hz):
        return None
    try:
        point_with_amplitude(analyzer, lower_Hz)
    except AttentionNeeded as need:
        return need
    return None
