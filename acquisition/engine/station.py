"""What a technique may use: the instruments, the clock and how far the run is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from solbench.acquisition.bench.gauges.watched import WatchedGauge
from solbench.acquisition.bench.watch import Watch
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.beside.pressure import PressureWatch
from solbench.acquisition.engine.chamber import ChamberWatch
from solbench.acquisition.engine.confirm import Confirmation
from solbench.acquisition.engine.limits import EndWatch, SafetyWatch
from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import Alarm
from solbench.acquisition.record.progress import Progress, Zero
from solbench.drivers.clock import Clock, sleep
from solbench.drivers.roles import (
    DcBench,
    Equipment,
    ImpedanceBench,
    PolarizationBench,
    RampSource,
    Reading,
    SampleAnalyzer,
)
from solbench.protocols.convert import in_steps, is_lost
from solbench.protocols.segments import End, Segment

IDLE_A = 1e-4  # range of readings at open circuit when no current is to come


@dataclass(frozen=True)
class Station:
    """The instruments of a bench as the technique of one segment sees them, and what it may know of the others.

    `offset_s` turns the clock's time into the run's; `settle_s` is the wait after switching on;
    `direction_check_s` the time in which the voltage must follow the current; `safety` are the run's limits, and
    `voltage_limits_V` what else a reading is to come close to.
    `is_requested` tells whether a spectrum on demand waits for the present segment to be suspended.

    `working_A` is the largest current that the coming segments will ask for, so that a rest can read the ammeter's
    zero on the same range; `rest_slope_V_s` the drift in the rest before, None where it is not known;
    `switch_off_latency_s` how long the last change of the current took; `electrolyte_ohm` is that of the record, 0
    where there is none. `confirmation` reads again what decides, or does not go on from the readings before.
    `gauges` are what is read beside the cell, `chamber` is what sets its temperature; None where a person does.
    `ends`: the watch over the ends of the present segment, which may be moved while it is under way.
    `pressure` follows the pressure gauge at the cell, None where there is none.
    """

    equipment: Equipment
    clock: Clock
    progress: Progress
    watch: Watch
    offset_s: float
    settle_s: float = 1.0
    direction_check_s: float = 10.0
    safety: SafetyWatch | None = None
    voltage_limits_V: tuple[float, ...] = ()
    is_requested: Callable[[], bool] = lambda: False
    working_A: float = 0.0
    rest_slope_V_s: float | None = None
    switch_off_latency_s: float = 0.0
    electrolyte_ohm: float = 0.0
    confirmation: Confirmation = field(default_factory=Confirmation)
    gauges: tuple[WatchedGauge, ...] = ()
    chamber: ChamberWatch | None = None
    ends: EndWatch | None = None
    pressure: PressureWatch | None = None

    @property
    def near_V(self) -> tuple[float, ...]:
        """Get the voltages near which readings come closer together, apart from the ends of the segment."""
        safety = self.safety
        limits_V = (safety.voltage_min_V, safety.voltage_max_V) if safety is not None else ()
        return (*self.voltage_limits_V, *limits_V)

    @property
    def bench(self) -> DcBench:
        """Get what holds and measures the cell."""
        return self.equipment.dc

    @property
    def impedance(self) -> ImpedanceBench:
        """Get what measures impedance while it holds the cell; raises Fault on a bench that cannot."""
        if self.equipment.impedance is None:
            raise Fault("this bench has no instrument that measures impedance; nothing was switched on")
        return self.equipment.impedance

    @property
    def polarization(self) -> PolarizationBench:
        """Get what follows a small current range by range; raises Fault on a bench that cannot."""
        if self.equipment.polarization is None:
            raise Fault("this bench has no instrument for a DC polarization; nothing was switched on")
        return self.equipment.polarization

    @property
    def ramp(self) -> RampSource:
        """Get what runs a voltage along a line by itself; raises Fault on a bench that cannot."""
        if self.equipment.ramp is None:
            raise Fault("this bench has no instrument that runs a ramp by itself")
        return self.equipment.ramp

    @property
    def analyzer(self) -> SampleAnalyzer:
        """Get what measures a sample that nothing holds; raises Fault on a bench that cannot."""
        if self.equipment.analyzer is None:
            raise Fault(
                "this bench has no analyzer that measures a sample by itself; nothing was switched on"
            )
        return self.equipment.analyzer

    def watch_of(self, ends: Sequence[End]) -> EndWatch:
        """Return the watch over the ends of the present segment, or one over `ends` where nobody else has one."""
        return self.ends if self.ends is not None else EndWatch(ends)

    def settable(self, voltage_V: float) -> float:
        """Return what the instrument sets for a voltage (both V): some know whole steps alone."""
        return in_steps(voltage_V, self.bench.voltage_step_V)

    def require_settable(self, segment: Segment) -> None:
        """Raise Fault where nothing would be left of a voltage that a segment is to set; to be asked before it begins.

        `check` refuses such a protocol, for the bench that it was asked for: the run may have come to another one.
        """
        for voltage_V in segment.set_voltages_V:
            if is_lost(voltage_V, step_V := self.bench.voltage_step_V):
                raise Fault(
                    f"{voltage_V * 1e3:g} mV cannot be set here: the instrument sets whole steps of {step_V * 1e3:g} "
                    "mV, and 0 V would stand; nothing was switched on"
                )

    def now_s(self) -> float:
        """Return the run's time in s."""
        return self.clock.now() - self.offset_s

    def sleep_until(self, time_s: float) -> None:
        """Sleep until the run's time is `time_s` (s)."""
        self.clock.sleep_until(time_s + self.offset_s)

    def sleep_until_requested(self, time_s: float) -> None:
        """Sleep until the run's time is `time_s` (s), or until the segment is to be suspended."""
        until_s = time_s + self.offset_s  # by the clock itself: what is rounded might never be reached
        while (clock_s := self.clock.now()) < until_s and not self.is_requested():
            self.clock.sleep_until(min(until_s, clock_s + self.watch.max_unwatched_s))

    def rested_s(self) -> float:
        """Return how long the present rest had lasted before it was suspended, in s."""
        ordinal = self.progress.ordinal
        return self.progress.rested_s if ordinal is not None and ordinal >= 0 else 0.0

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        sleep(self.clock, seconds)

    def prepare_open_circuit(self) -> None:
        """Prepare readings with the cell off, on the range of the coming current if there is one."""
        self.bench.prepare_current(self.working_A or IDLE_A)

    def measure(self, *, fast: bool = False, sure: bool = False) -> Reading:
        """Measure; time in the run's seconds, current corrected by the zero of the range.

        What does not go on from the readings before, or decides, is read again until enough agree; `sure` makes it
        so for every reading. Raises AttentionNeeded where they do not agree, and DriverError.
        """
        return self.confirmation.read(self._take, self.equipment.dc.full_scale_A, fast=fast, sure=sure)

    def measure_between_points(self, *, fast: bool = True) -> Reading:
        """Measure as `measure` does, with the AC taken off for as long as it takes."""
        return self.confirmation.read(self._take_between_points, self.bench.full_scale_A, fast=fast)

    def _take(self, *, fast: bool) -> Reading:
        return self.corrected(self.equipment.dc.measure(fast=fast))

    def _take_between_points(self, *, fast: bool) -> Reading:
        return self.corrected(self.impedance.dc_reading_between_points(fast=fast))

    def corrected(self, reading: Reading) -> Reading:
        """Return a driver's reading in the run's time, with the zero of the present range subtracted."""
        zero = self.progress.zeros.get(self.equipment.dc.range_index)
        correction = zero.correction_A if zero is not None else 0.0
        if not correction and not self.offset_s:
            return reading
        time_s, current_A = reading.time_s - self.offset_s, reading.current_A - correction
        return Reading(time_s, reading.voltage_V, current_A, reading.overload, reading.text)

    def uncorrected_A(self, reading: Reading) -> float:
        """Return the current as the ammeter showed it, in A."""
        zero = self.progress.zeros.get(self.bench.range_index)
        return reading.current_A + (zero.correction_A if zero is not None else 0.0)

    def step_charge_C(self) -> float:
        """Return the net charge of the present step now, in C."""
        return self.progress.step_charge_at(self.now_s())

    def step_active_s(self, now_s: float) -> float:
        """Return for how long current or voltage has been held in this step when the run's time is `now_s` (s)."""
        return self.progress.step_active_s + now_s - self.progress.segment_start_s

    def charge_reached_s(self, target_C: float) -> float:
        """Return the run's time at which the step's charge reaches the magnitude `target_C`, at the present current."""
        ledger = self.progress.ledger
        charge = ledger.charge_C - self.progress.step_start_C
        present = ledger.present_A
        if present == 0.0:
            return math.inf
        towards = charge if present > 0.0 else -charge
        return ledger.time_s + (target_C - towards) / abs(present)


@dataclass
class ZeroMean:
    """Running mean of what the ammeter shows without current, joined to what was known of this range before."""

    readings: int = 0
    mean_A: float = 0.0
    _squares: float = 0.0

    def add(self, current_A: float) -> None:
        """Take one reading (Welford)."""
        self.readings += 1
        delta = current_A - self.mean_A
        self.mean_A += delta / self.readings
        self._squares += delta * (current_A - self.mean_A)

    def zero(self, before: Zero | None) -> Zero | None:
        """Return the zero with its standard error; None with fewer than five readings."""
        if self.readings < 5:
            return before
        variance = self._squares / (self.readings - 1)
        own = Zero(self.mean_A, math.sqrt(variance / self.readings), self.readings)
        return own if before is None else _joined(before, own)


def _joined(before: Zero, own: Zero) -> Zero:
    total = before.readings + own.readings
    mean = (before.mean_A * before.readings + own.mean_A * own.readings) / total
    stderr = math.hypot(before.stderr_A * before.readings, own.stderr_A * own.readings) / total
    return Zero(mean, stderr, total)


def require_idle(reading: Reading, open_circuit_V: float, full_scale_A: float) -> None:
    """Raise AttentionNeeded unless a cell that was just connected at zero current shows its open-circuit voltage.

    A loose reference lead or a range that drives the cell shows here, before the current is set.
    """
    text = ""
    if abs(reading.voltage_V - open_circuit_V) > 0.05:
        text = (
            f"connected at zero current the cell shows {reading.voltage_V:.4f} V, but {open_circuit_V:.4f} V at open "
            "circuit; check the reference leads RE1 and RE2"
        )
    elif abs(reading.current_A) > 0.02 * full_scale_A:
        text = (
            f"a current of {reading.current_A:.3g} A flows although none is set; check the leads, and the current "
            "range of the instrument"
        )
    if text:
        found = {
            "open_circuit_V": open_circuit_V,
            "measured_V": reading.voltage_V,
            "measured_A": reading.current_A,
        }
        raise AttentionNeeded(Alarm(text=text, code="not_idle", parameters=found))
