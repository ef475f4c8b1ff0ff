"""One spectrum with the pair: the 1287 holds the cell at its open-circuit voltage, the 1260 measures.

The held voltage is trimmed until hardly any direct current flows: a millivolt of error drives tens of
microamperes through a good cell, hundreds of ppm of the charge in one sweep. The rest is read between the
points, with the AC off, and counted.
"""

import math
from collections.abc import Generator, Sequence

from solbench.acquisition.engine.actions import Action, Actions, Emit, Finish, Off, On, SetVoltage
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.set_points import (
    VoltageCheck,
    is_held,
    not_held,
    require_as_set,
)
from solbench.acquisition.engine.station import Station, require_idle
from solbench.acquisition.engine.techniques.amplitude import (
    lost_amplitude,
    probed_Hz,
)
from solbench.acquisition.engine.techniques.holds import settled
from solbench.acquisition.engine.techniques.impedance_1260 import Measured, sweep_alone
from solbench.acquisition.engine.techniques.impedance_driven import Check, hold_voltage
from solbench.acquisition.engine.techniques.impedance_galvanostatic import sweep_with_current
from solbench.acquisition.engine.techniques.points import sweep_points
from solbench.acquisition.engine.techniques.probes import (
    ZERO_READINGS,
    conditions,
    confirmed_probes,
    read_zero,
    require_passive,
)
from solbench.acquisition.engine.techniques.quality import (
    HOPELESS_RESIDUAL,
    first_residual,
    spectrum_quality,
)
from solbench.acquisition.record.events import (
    Alarm,
    SegmentOutcome,
    SpectrumQuality,
)
from solbench.drivers.roles import ImpedanceBench, ImpedancePoint, Reading
from solbench.protocols.segments import Sweep

TRIMMED_A = 0.2e-6  # residual direct current that is small enough
TRIM_ATTEMPTS = 10
PROBE_MARGIN = 0.85  # the smallest |Z| of the sweep may lie this much below the smallest probed one
STILL_ON_V = 0.05  # a cell whose voltage left the held one by more than this is not held any more
TEST_STEP_V = 2e-3  # by so much the held voltage is moved to see whether the cell is held
UNRESTED_V = 0.02  # the open circuit's voltage can be wrong by this much for a cell that still relaxes
FARTHEST_TRIM_V = 0.05
CLEAR = 4e-4  # of the range of a probe: a current that noise does not falsify by a tenth
RANGES_AGREE = 3.0  # a factor: of |Z| at one frequency, on the range of the probe and on that of the sweep


def sweep(station: Station, segment: Sweep) -> Actions:
    """Measure one spectrum from the first to the last frequency."""
    if segment.instruments == "1260":
        points, held_V = yield from sweep_alone(station, segment)
    elif segment.amplitude_A:
        points, held_V = yield from sweep_with_current(station, segment)
    else:
        points, held_V = yield from _sweep_held(station, segment)
    if len(points) < len(segment.frequencies_Hz):
        yield Finish(_left_off(station, points))
        return
    quality = spectrum_quality(segment.spectrum, points)
    yield Emit(quality)
    if held_V is not None and (quality.verdict == "wrong" or quality.points_with_error):
        yield from _require_on(station, held_V)
    if quality.points_with_error == quality.points:
        text = (
            f"none of the {quality.points} points of the spectrum could be measured: each has an error of the "
            "analyzer. Look for a cell that is not held, a lead that has come off, and the cabling of the analyzer"
        )
        raise AttentionNeeded(
            Alarm(text=text, code="spectrum_not_measured", parameters={"points": quality.points})
        )
    yield Finish(_ending(station, segment, quality))


def _sweep_held(station: Station, segment: Sweep) -> Generator[Action, float | None, Measured]:
    """Measure with the 1287 holding the cell at its open-circuit voltage, or at the one that is asked for.

    Return the points, and what is held (V).
    """
    bench = station.impedance
    station.prepare_open_circuit()  # a resumed run comes here with nothing prepared
    open_circuit = station.measure(sure=True)
    yield open_circuit
    held_V = open_circuit.voltage_V
    smallest_ohm, top = yield from _probe(station, segment, held_V)
    direct = segment.direct
    held: Check
    with_direct_V = segment.amplitude_V
    if direct is not None:  # on one range with the alternating current
        with_direct_V += direct.limit_A * smallest_ohm * PROBE_MARGIN / math.sqrt(2.0)
    range_index = bench.choose_impedance_range(smallest_ohm * PROBE_MARGIN, with_direct_V)
    if direct is None or direct.voltage_V is None:
        bench.prepare_impedance(segment.amplitude_V, held_V, range_index)
        yield from read_zero(station, ZERO_READINGS)
        yield On(0.0)
        begun, held_V = yield from _trim(station, held_V, smallest_ohm)
        held = VoltageCheck(held_V, station.now_s())
    else:
        bench.prepare_impedance(segment.amplitude_V, direct.voltage_V, range_index)
        bench.set_voltage(held_V)
        yield from read_zero(station, ZERO_READINGS)
        yield On(0.0)
        begun, held = yield from hold_voltage(station, segment, direct, held_V)
        held_V = station.settable(direct.voltage_V)
    yield Emit(conditions(station, segment, begun, smallest_ohm))
    bench.apply_ac()

    def after() -> Actions:
        between = station.measure_between_points()
        yield between
        held.look(between)
        if abs(between.voltage_V - held_V) > STILL_ON_V:
            raise not_held(between, held_V)

    def same_ohm(point: ImpedancePoint) -> None:
        _require_same_ohm(bench, top, point)

    points, last = yield from sweep_points(station, segment, bench, judge=same_ohm, after=after)
    lost = lost_amplitude(bench, last, probed_Hz(segment)[0])
    bench.remove_ac()
    yield station.measure()
    require_as_set(bench)
    if lost is not None:
        yield from _require_on(station, held_V)
        raise lost
    return points, held_V


def _require_same_ohm(bench: ImpedanceBench, probe: ImpedancePoint, first: ImpedancePoint) -> None:
    """Raise AttentionNeeded where two ranges do not show the same |Z|: then one of them is not the range it should be.

    Lag and leads make less than a factor of two of it, a wrong standard resistor ten.
    """
    if probe.frequency_Hz != first.frequency_Hz or not first.impedance_ohm:
        return
    seen_ohm = abs(probe.impedance_ohm), abs(first.impedance_ohm)
    if probe.amplitude_V < CLEAR * bench.full_scale_of(probe.range_index) * min(seen_ohm):
        return  # on the range of the probe a small current may be all noise
    if 1.0 / RANGES_AGREE < seen_ohm[0] / seen_ohm[1] < RANGES_AGREE:
        return
    text = (
        f"at {first.frequency_Hz:g} Hz range {probe.range_index} shows {abs(probe.impedance_ohm):.4g} ohm and range "
        f"{first.range_index} {abs(first.impedance_ohm):.4g} ohm: look for a loose contact; if there is none, the "
        "current ranges of this potentiostat have another order than is taken for granted: commission the bench"
    )
    raise AttentionNeeded(
        Alarm(text=text, code="readings_disagree", parameters={"frequency_Hz": first.frequency_Hz})
    )


def _left_off(station: Station, points: Sequence[ImpedancePoint]) -> Ending:
    """Have a sweep measured again whose first points were of no use; raises AttentionNeeded the second time."""
    residual = first_residual(points)
    shown = f"the first {len(points)} points have a Kramers-Kronig residual of {residual:.0%}"
    if station.progress.attempts.get(station.progress.ordinal or 0, 1) <= 1:
        return Ending("repeat", shown, "kk_residual", HOPELESS_RESIDUAL, residual)
    text = (
        f"{shown}, again: look for a loose contact, a lead that has come off, and strong noise. The sweep was left "
        "off, for its end would be of no more use"
    )
    raise AttentionNeeded(
        Alarm(text=text, code="spectrum_inconsistent", parameters={"kk_residual": residual})
    )


def _require_on(station: Station, held_V: float) -> Actions:
    """Raise AttentionNeeded unless the voltage follows a small step: at open circuit nothing else tells."""
    before = station.measure(sure=True)
    yield before
    towards = -TEST_STEP_V if before.current_A > 0.0 else TEST_STEP_V
    yield SetVoltage(held_V + towards)
    moved = yield from settled(station)
    if abs(moved.voltage_V - before.voltage_V - towards) > 0.5 * TEST_STEP_V:
        raise not_held(moved, held_V + towards)


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


def _probe(
    station: Station, segment: Sweep, held_V: float
) -> Generator[Action, float | None, tuple[float, ImpedancePoint]]:
    """Find the smallest |Z| (ohm) of the sweep on a range that no cell overloads; return the top's point."""
    bench = station.impedance
    bench.prepare_impedance(segment.amplitude_V, held_V, bench.probe_range_index)
    if (
        bench.probe_range_index not in station.progress.zeros
    ):  # its offset, seconds long, would be counted as charge
        yield from read_zero(station, ZERO_READINGS)
    yield On(0.0)
    connected = yield from settled(station)
    if not is_held(connected.voltage_V, held_V):
        raise not_held(connected, held_V)
    bench.apply_ac()
    probes = yield from confirmed_probes(station, segment)
    bench.remove_ac()
    yield station.measure()
    yield Off()
    require_passive(probes)
    smallest_ohm = min(abs(probe.impedance_ohm) for probe in probes)
    if (
        abs(connected.current_A) * smallest_ohm > UNRESTED_V
    ):  # more than an open circuit's voltage can be wrong by
        require_idle(connected, held_V, 0.0)
    return smallest_ohm, probes[-1]


def _trim(
    station: Station, held_V: float, ohm: float
) -> Generator[Action, float | None, tuple[Reading, float]]:
    """Move the held voltage until the direct current is small; return the last reading and the voltage set.

    The step is that of the smallest resistance first and the secant's afterwards: a cell's resistance to direct
    current is larger than its impedance at high frequency, so the first steps are too short, never too long.
    """
    open_circuit_V = held_V
    reading = yield from settled(station)
    if not is_held(reading.voltage_V, held_V):
        raise not_held(reading, held_V)
    for _ in range(TRIM_ATTEMPTS):
        if abs(reading.current_A) < TRIMMED_A:
            break
        step_V = -reading.current_A * ohm
        held_V += step_V
        if abs(held_V - open_circuit_V) > FARTHEST_TRIM_V:
            require_idle(reading, open_circuit_V, 0.0)
        yield SetVoltage(held_V)
        before, reading = reading, (yield from settled(station))
        change_A = reading.current_A - before.current_A
        if change_A * step_V > 0.0:
            ohm = min(step_V / change_A, 4.0 * ohm)
    return reading, held_V
