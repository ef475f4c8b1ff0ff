"""What is looked at before a sweep: the ammeter's zero, the impedance that chooses the range, and its sign."""

import math
from collections.abc import Generator, Sequence

from solbench.acquisition.engine.actions import Action, Actions, Emit
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.station import Station, ZeroMean
from solbench.acquisition.engine.techniques.amplitude import PROBE_S, point_with_amplitude, probed_Hz
from solbench.acquisition.engine.techniques.quality import is_negative
from solbench.acquisition.record.events import Alarm, SpectrumStart, ZeroRead
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols.segments import Sweep

PROBES_AGREE = 0.02  # relative difference of two that agree
PROBE_FLOOR = (
    2e-5  # of the large range on which they are measured: twice the noise, which may be all of a current
)
MOST_PROBES = 5
ZERO_READINGS = 10


def read_zero(station: Station, readings: int) -> Actions:
    """Read the ammeter's zero on the present range while the cell is off."""
    zero = ZeroMean()
    for _ in range(readings):
        reading = station.measure()
        if reading.overload:
            yield reading  # a violation: the engine ends the run
        zero.add(station.uncorrected_A(reading))
    range_index = station.bench.range_index
    known = zero.zero(station.progress.zeros.get(range_index))
    if known is not None:
        read = ZeroRead(
            range=range_index, mean_A=known.mean_A, stderr_A=known.stderr_A, readings=known.readings
        )
        yield Emit(read)


def confirmed_probes(
    station: Station, segment: Sweep
) -> Generator[Action, float | None, tuple[ImpedancePoint, ImpedancePoint]]:
    """Measure the two points that choose the range, the upper one last, and the amplitude with the lower one.

    Raises AttentionNeeded.
    """
    lower_Hz, top_Hz = probed_Hz(segment)
    first = point_with_amplitude(station.impedance, lower_Hz)
    yield station.measure_between_points(fast=False)
    lower = yield from _confirmed_probe(station, lower_Hz, first)
    return lower, (yield from _confirmed_probe(station, top_Hz))


def _confirmed_probe(
    station: Station, frequency_Hz: float, *before: ImpedancePoint
) -> Generator[Action, float | None, ImpedancePoint]:
    """Measure a point that chooses the range until two agree, those `before` among them.

    Raises AttentionNeeded when five do not.
    """
    points = list(before)
    while len(points) < MOST_PROBES:
        point = station.impedance.measure_impedance(frequency_Hz, PROBE_S)
        yield station.measure_between_points(fast=False)
        flows_A = point.amplitude_V / abs(point.impedance_ohm) if point.impedance_ohm else math.inf
        agree = PROBES_AGREE + PROBE_FLOOR * station.bench.full_scale_A / flows_A
        for other in points:
            if abs(point.impedance_ohm - other.impedance_ohm) <= agree * abs(other.impedance_ohm):
                return point
        points.append(point)
    shown = ", ".join(f"{abs(point.impedance_ohm):.4g}" for point in points)
    text = (
        f"measurements of the impedance at {frequency_Hz:g} Hz do not agree ({shown} ohm); look for a loose lead, and "
        "at the cables between the instruments"
    )
    raise AttentionNeeded(
        Alarm(text=text, code="readings_disagree", parameters={"frequency_Hz": frequency_Hz})
    )


def require_passive(probes: Sequence[ImpedancePoint]) -> None:
    """Raise AttentionNeeded where a cell at open circuit seems to have a negative resistance: a sign is turned."""
    found_ohm = [probe.impedance_ohm for probe in probes]
    if any(is_negative(-ohm) for ohm in found_ohm) or not any(is_negative(ohm) for ohm in found_ohm):
        return  # of what is nearly all inductance at the upper frequency, the lower one alone tells
    real_ohm = min(probe.impedance_ohm.real for probe in probes)
    text = (
        f"the real part of the impedance is negative ({real_ohm:.4g} ohm), which no cell at open circuit has: one of "
        "the cables between potentiostat and analyzer is turned, or output_polarity is wrong. Check the cables, and "
        "commission the bench, which finds the polarity"
    )
    raise AttentionNeeded(Alarm(text=text, code="resistance_negative", parameters={"real_ohm": real_ohm}))


def conditions(
    station: Station, segment: Sweep, held: Reading, smallest_ohm: float, amplitude_A: float = 0.0
) -> SpectrumStart:
    """Return under which conditions a sweep begins; `amplitude_A`: the alternating current, where that is set."""
    return SpectrumStart(
        spectrum=segment.spectrum,
        role=segment.role,
        fraction=segment.fraction,
        step_charge_C=station.step_charge_C() + segment.begun_C,
        dc_voltage_V=held.voltage_V,
        dc_current_A=held.current_A,
        rest_slope_V_s=station.rest_slope_V_s,
        amplitude_V=segment.amplitude_V,
        integration_s=segment.integration_s,
        range=station.bench.range_index,
        smallest_probed_ohm=smallest_ohm,
        settings=station.impedance.impedance_settings(),
        amplitude_A=amplitude_A,
    )
