"""One spectrum in galvanostat: the 1287 sets an alternating current, the 1260 measures.

No direct current is set unless the sweep asks for one. What flows all the same is set against where the voltage shows
it.

The impedance is not known beforehand, and a current that is right for 5 milliohm drops hundreds of volts in a pellet.
So the first look is taken with a hundredth of the current, and the full current is set as far as what was seen allows
it; towards low frequencies, where the impedance of most cells rises, it is lowered before it drops too much.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from solbench.acquisition.engine.actions import Action, Actions, Emit, Off, On, SetCurrent
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.set_points import require_as_set
from solbench.acquisition.engine.station import Station, require_idle
from solbench.acquisition.engine.techniques.amplitude import (
    PROBE_S,
    lost_amplitude,
    point_with_amplitude,
    probed_Hz,
)
from solbench.acquisition.engine.techniques.holds import settled
from solbench.acquisition.engine.techniques.impedance_1260 import Measured
from solbench.acquisition.engine.techniques.impedance_driven import drive_current
from solbench.acquisition.engine.techniques.points import sweep_points
from solbench.acquisition.engine.techniques.probes import (
    ZERO_READINGS,
    conditions,
    confirmed_probes,
    read_zero,
    require_passive,
)
from solbench.acquisition.engine.techniques.residual_current import ResidualCurrent
from solbench.acquisition.record.events import Alarm
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols.segments import Sweep

FIRST_LOOK = 0.01  # of the current
LEAST_OF_RANGE = 5e-4  # full scales rms: less is noise
BEYOND = 1.1  # times the largest drop: so much more is let pass before the current is lowered
MOST_BEYOND = 2.0  # times the largest drop: so much more even a capacitor does not make of it
STILL_OPEN_V = 0.05  # without a direct current the cell's voltage stays this near to that at open circuit
SMALLEST_OHM = 1e-9
MOVES_V = 1.0  # by so much a direct current may move the cell before the analyzer's input has no room for it


@dataclass(frozen=True)
class Looked:
    """What was seen of a cell that is on: its last reading, the alternating current for it (A rms), its least |Z|."""

    connected: Reading
    amplitude_A: float
    smallest_ohm: float


def sweep_with_current(station: Station, segment: Sweep) -> Generator[Action, float | None, Measured]:
    """Measure with a set current from the first to the last frequency; nothing holds the voltage."""
    bench = station.impedance
    station.prepare_open_circuit()  # a resumed run comes here with nothing prepared
    open_circuit = station.measure(sure=True)
    yield open_circuit
    open_V = open_circuit.voltage_V
    direct = segment.direct
    range_index = _range_for(station, segment, segment.amplitude_A)
    looked = yield from _look(station, segment, open_V, segment.amplitude_A)
    if _range_for(station, segment, looked.amplitude_A) != range_index:  # far less than was expected
        bench.remove_ac()
        yield station.measure()
        yield Off()
        looked = yield from _look(station, segment, open_V, looked.amplitude_A)
    amplitude_A = looked.amplitude_A
    begun, flows = looked.connected, None
    if direct is not None:
        bench.remove_ac()
        before = station.measure()
        yield before
        begun, flows = yield from drive_current(station, direct, (looked.connected, before))
    bench.change_alternating_current(amplitude_A)
    yield Emit(conditions(station, segment, begun, looked.smallest_ohm, amplitude_A))
    residual = ResidualCurrent(open_V, bench.full_scale_A)

    def lower_amplitude(points: Sequence[ImpedancePoint], place: int) -> None:
        nonlocal amplitude_A
        wanted_A = amplitude_A
        if place < len(points):  # it is measured again
            wanted_A = points[place].amplitude_A
        elif points:
            frequency_Hz = segment.frequencies_Hz[place]
            wanted_A = min(amplitude_A, _next_A(points, frequency_Hz, amplitude_A, segment.amplitude_V))
        if wanted_A != amplitude_A:
            amplitude_A = wanted_A
            bench.change_alternating_current(amplitude_A)

    def after() -> Actions:
        between = station.measure_between_points()
        yield between
        if flows is not None:
            flows.look(between)
        else:
            _require_open(between, open_V, bench.full_scale_A)
            against_A = residual.against(between)
            if against_A is not None:
                yield SetCurrent(against_A)

    points, last = yield from sweep_points(station, segment, bench, before=lower_amplitude, after=after)
    lower_Hz = probed_Hz(segment)[0]

    def with_all() -> None:
        """Go back to the current that was set up there: what is left of it at low frequencies may be noise."""
        bench.measure_impedance(lower_Hz, PROBE_S)  # the frequency first: at a low one it would move the cell
        bench.change_alternating_current(looked.amplitude_A)

    lost = lost_amplitude(bench, last, lower_Hz, with_all)
    bench.remove_ac()
    yield station.measure()
    require_as_set(bench)
    if lost is not None:
        raise lost
    return points, None


def _look(
    station: Station, segment: Sweep, open_V: float, most_A: float
) -> Generator[Action, float | None, Looked]:
    """Connect the cell on the range for `most_A` (A rms), look at it, and leave it connected with AC on it."""
    bench = station.impedance
    range_index = _range_for(station, segment, most_A)
    moves_V = MOVES_V if segment.direct is not None else 0.0
    bench.prepare_alternating_current(most_A, segment.amplitude_V, open_V, range_index, moves_V)
    yield from read_zero(station, ZERO_READINGS)
    yield On(0.0)
    connected = yield from settled(station)
    _require_open(connected, open_V, bench.full_scale_A)
    lower_Hz = probed_Hz(segment)[0]
    bench.change_alternating_current(
        min(most_A, max(FIRST_LOOK * most_A, LEAST_OF_RANGE * bench.full_scale_A))
    )
    glimpse = point_with_amplitude(bench, lower_Hz)
    yield station.measure_between_points(fast=False)
    allowed_A = _allowed_A(most_A, segment.amplitude_V, [glimpse])
    bench.change_alternating_current(allowed_A)
    probes = yield from confirmed_probes(station, segment)
    require_passive(probes)
    smallest_ohm = min(abs(probe.impedance_ohm) for probe in probes)
    return Looked(connected, _allowed_A(most_A, segment.amplitude_V, probes), smallest_ohm)


def _range_for(station: Station, segment: Sweep, amplitude_A: float) -> int:
    """Return the current range that has room for an alternating current (A rms) and the direct one of a sweep."""
    direct_A = abs(segment.direct.current_A) if segment.direct is not None else 0.0
    return station.impedance.choose_alternating_range(amplitude_A + direct_A / math.sqrt(2.0))


def _require_open(reading: Reading, open_V: float, full_scale_A: float) -> None:
    """Raise AttentionNeeded unless a cell without a direct current is still near its voltage at open circuit (V)."""
    if abs(reading.voltage_V - open_V) > STILL_OPEN_V:
        text = (
            f"without a direct current the cell went from {open_V:.4f} V at open circuit to {reading.voltage_V:.4f} V: "
            "look at the reference leads RE1 and RE2; a cell with blocking electrodes runs away with any error of the "
            "current, and is measured with 'control: voltage'"
        )
        found = {"open_circuit_V": open_V, "measured_V": reading.voltage_V, "measured_A": reading.current_A}
        raise AttentionNeeded(Alarm(text=text, code="not_idle", parameters=found))
    require_idle(reading, open_V, full_scale_A)


def _allowed_A(most_A: float, largest_V: float, points: Sequence[ImpedancePoint]) -> float:
    """Return the current (A rms), up to `most_A`, that drops no more than `largest_V` (V rms) in what was seen."""
    largest_ohm = max(abs(point.impedance_ohm) for point in points)
    return min(most_A, largest_V / max(largest_ohm, SMALLEST_OHM))


def _next_A(
    points: Sequence[ImpedancePoint], frequency_Hz: float, amplitude_A: float, largest_V: float
) -> float:
    """Return the current (A rms) for the next point, lower where that would drop more than `largest_V` (V rms).

    The impedance is taken to go on as it went from the last point but one to the last; at worst it becomes that of a
    capacitor.
    """
    last = points[-1]
    before_ohm, last_ohm = (max(abs(point.impedance_ohm), SMALLEST_OHM) for point in (points[-2:][0], last))
    next_ohm = last_ohm * max(1.0, last_ohm / before_ohm)
    worst_ohm = last_ohm * max(1.0, last.frequency_Hz / frequency_Hz)
    wanted_A = amplitude_A if amplitude_A * next_ohm <= BEYOND * largest_V else largest_V / next_ohm
    return min(wanted_A, MOST_BEYOND * largest_V / worst_ohm)
