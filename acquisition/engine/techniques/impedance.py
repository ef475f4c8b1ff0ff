"""One spectrum with the pair: the 1287 holds the cell at its open-circuit voltage, the 1260 measures.

The held voltage is trimmed until hardly any direct current flows: a millivolt of error drives tens of
microamperes through a good cell, hundreds of ppm of the charge in one sweep. The rest is read between the
points, with the AC off, and counted.
"""

from collections.abc import Generator
from dataclasses import replace

from solbench.acquisition.engine.actions import Action, Actions, Emit, Finish, Off, On, SetVoltage
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.station import Station, ZeroMean
from solbench.acquisition.engine.techniques.impedance_1260 import sweep_alone
from solbench.acquisition.engine.techniques.quality import spectrum_quality
from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import SegmentOutcome, SpectrumQuality, SpectrumStart, ZeroRead
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols.segments import Sweep

TRIMMED_A = 0.2e-6  # residual direct current that is small enough
TRIM_ATTEMPTS = 10
PROBE_MARGIN = 0.85  # the smallest |Z| of the sweep may lie this much below the smallest probed one
STILL_ON_V = 0.05  # a cell whose voltage left the held one by more than this is not held any more
ZERO_READINGS = 10


def sweep(station: Station, segment: Sweep) -> Actions:
    """Measure one spectrum from the first to the last frequency."""
    measure = sweep_alone if segment.instruments == "1260" else _sweep_held
    points = yield from measure(station, segment)
    quality = spectrum_quality(segment.spectrum, points)
    yield Emit(quality)
    yield Finish(_ending(station, segment, quality))


def _sweep_held(station: Station, segment: Sweep) -> Generator[Action, float | None, list[ImpedancePoint]]:
    """Measure with the 1287 holding the cell at its open-circuit voltage."""
    bench = station.impedance
    station.prepare_open_circuit()  # a resumed run comes here with nothing prepared
    open_circuit = station.measure()
    yield open_circuit
    held_V = open_circuit.voltage_V
    smallest_ohm = yield from _probe(station, segment, held_V)
    range_index = bench.choose_impedance_range(smallest_ohm * PROBE_MARGIN, segment.amplitude_V)
    bench.prepare_impedance(segment.amplitude_V, held_V, range_index)
    yield from read_zero(station, ZERO_READINGS)
    yield On(0.0)
    station.sleep(station.settle_s)
    trimmed = yield from _trim(station, held_V, smallest_ohm)
    yield Emit(_conditions(station, segment, trimmed, smallest_ohm))
    bench.apply_ac()
    points: list[ImpedancePoint] = []
    for frequency_Hz in segment.frequencies_Hz:
        point = bench.measure_impedance(frequency_Hz, segment.integration_s)
        points.append(point)
        yield replace(point, time_s=point.time_s - station.offset_s)
        between = station.corrected(bench.dc_reading_between_points())
        yield between
        _require_held(between, trimmed.voltage_V)
    bench.remove_ac()
    yield station.measure()
    return points


def _ending(station: Station, segment: Sweep, quality: SpectrumQuality) -> Ending:
    """Say whether the sweep is done, or is to be measured again before the cell moves on."""
    residual = quality.kk_residual
    shown = f"{len(segment.frequencies_Hz)} points measured" + (
        f", KK {residual:.2%}" if residual is not None else ""
    )
    if residual is None or segment.repeat_above is None or residual <= segment.repeat_above:
        return Ending("done", shown, "kk_residual", segment.repeat_above, residual)
    measured = station.progress.attempts.get(station.progress.ordinal or 0, 1)
    outcome: SegmentOutcome = "repeat" if measured <= segment.repeats else "done"
    text = f"{shown}, more than the {segment.repeat_above:g} allowed"
    return Ending(outcome, text, "kk_residual", segment.repeat_above, residual)


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


def _probe(station: Station, segment: Sweep, held_V: float) -> Generator[Action, float | None, float]:
    """Find the smallest |Z| (ohm) of the sweep on a range that even a few ohms cannot overload."""
    bench = station.impedance
    bench.prepare_impedance(segment.amplitude_V, held_V, bench.probe_range_index)
    if (
        bench.probe_range_index not in station.progress.zeros
    ):  # its offset, seconds long, would be counted as charge
        yield from read_zero(station, ZERO_READINGS)
    yield On(0.0)
    station.sleep(station.settle_s)
    yield station.measure()
    bench.apply_ac()
    top, bottom = max(segment.frequencies_Hz), min(segment.frequencies_Hz)
    probes = [bench.measure_impedance(f, segment.integration_s) for f in (top, max(bottom, top / 10.0))]
    bench.remove_ac()
    yield station.measure()
    yield Off()
    return min(abs(probe.impedance_ohm) for probe in probes)


def _trim(station: Station, held_V: float, ohm: float) -> Generator[Action, float | None, Reading]:
    """Move the held voltage until the direct current is small; return the last reading.

    The step is that of the smallest resistance first and the secant's afterwards: a cell's resistance to direct
    current is larger than its impedance at high frequency, so the first steps are too short, never too long.
    """
    reading = station.measure()
    yield reading
    for _ in range(TRIM_ATTEMPTS):
        if abs(reading.current_A) < TRIMMED_A:
            break
        step_V = -reading.current_A * ohm
        held_V += step_V
        yield SetVoltage(held_V)
        station.sleep(station.settle_s)
        before, reading = reading, station.measure()
        yield reading
        change_A = reading.current_A - before.current_A
        if change_A * step_V > 0.0:
            ohm = min(step_V / change_A, 4.0 * ohm)
    return reading


def _require_held(reading: Reading, held_V: float) -> None:
    if abs(reading.voltage_V - held_V) > STILL_ON_V:
        raise Fault(
            f"the cell is not held any more: {reading.voltage_V:.4f} V instead of {held_V:.4f} V; the "
            "potentiostat may have cut out. The spectrum is marked as interrupted"
        )


def _conditions(station: Station, segment: Sweep, held: Reading, smallest_ohm: float) -> SpectrumStart:
    return SpectrumStart(
        spectrum=segment.spectrum,
        role=segment.role,
        fraction=segment.fraction,
        step_charge_C=station.step_charge_C(),
        dc_voltage_V=held.voltage_V,
        dc_current_A=held.current_A,
        rest_slope_V_s=station.rest_slope_V_s,
        amplitude_V=segment.amplitude_V,
        integration_s=segment.integration_s,
        range=station.bench.range_index,
        smallest_probed_ohm=smallest_ohm,
        settings=station.impedance.impedance_settings(),
    )
