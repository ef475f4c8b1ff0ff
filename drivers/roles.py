"""What the engine takes of a bench, as roles: whatever fills them can be put where the 1260 and 1287 are.

Signs and units: volts of the cell between its positive and negative terminal, amperes positive when they
charge the cell, ohms, hertz, seconds of experiment time. Instruments raise `DriverError`, values that they cannot
take `OutOfRange`, orders that can harm a cell `OutOfOrder`, and any wait may raise `Interrupted`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from solbench.drivers.clock import Clock
from solbench.drivers.links.link import Link
from solbench.drivers.record import record

ImpedanceSettings = Mapping[str, float | int | bool]


@record
class Reading:
    """One pair of voltage and current.

    `time_s` is the middle of the conversion in experiment time; `overload` is empty, or the text that names the
    channel which the instrument marked as overloaded: its number is then not a measurement. `text` is the answer
    as it came, "" where there is none.
    """

    time_s: float
    voltage_V: float
    current_A: float
    overload: str = ""
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ImpedancePoint:
    """One point of a spectrum.

    Z = Z' + jZ'' in ohms (negative Z'': capacitive). `frequency_Hz` as the analyzer echoed it; `time_s` the
    middle of the integration; `amplitude_V` the rms amplitude asked for at the cell; `amplitude_A` that of the current,
    where it is the current that is set, and 0 elsewhere: `amplitude_V` is then what it drops in the cell; `error` 0, or
    the analyzer's error digit; `attempts` counts the measurements it took. `raw_ohm`: as it was before what is known of
    the bench was taken off, None where nothing was; `correction_stderr_ohm`: the standard uncertainty that this left.
    `trusted`: within the frequencies and impedances for which the bench is known. `integration_s` was asked for, and
    `settling_s` of AC before it (s). `settled`: False where it was to repeat, and did not.
    """

    time_s: float
    frequency_Hz: float
    impedance_ohm: complex
    amplitude_V: float
    range_index: int
    error: int = 0
    attempts: int = 1
    raw_ohm: complex | None = None
    correction_stderr_ohm: float = 0.0
    trusted: bool = True
    amplitude_A: float = 0.0
    integration_s: float = 0.0
    settling_s: float = 0.0
    settled: bool = True


@dataclass(frozen=True, slots=True)
class ForcedOff:
    """What forcing the cell off found.

    `at_s`: the clock's time (s) at which the instrument took the first command, None if it took none; `problem`: what
    went wrong on the way, "" if nothing did.
    """

    at_s: float | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SafetyReport:
    """What making safe found: the last current (A), and what went wrong on the way by instrument."""

    current_A: float
    problems: Mapping[str, str] = field(default_factory=dict)


class BenchInstrument(Protocol):
    """One instrument of a bench, as far as it is listed and asked who it is."""

    @property
    def name(self) -> str:
        """Get the name by which the bench lists it ("1287")."""
        ...

    @property
    def model(self) -> str:
        """Get make and model ("Solartron 1287")."""
        ...

    @property
    def link(self) -> Link:
        """Get the line on which it is spoken to."""
        ...

    @property
    def measuring_until_s(self) -> float:
        """Get until when a measurement may keep it from taking a command (clock's time, s); -inf where none does."""
        ...

    def identity(self) -> str:
        """Return the instrument's own answer to who it is."""
        ...

    def last_error(self) -> int | None:
        """Return the code of its last error, 0 for none, None where it cannot be asked."""
        ...

    def settings_as_read_back(self) -> dict[str, str]:
        """Return its settings by their code, as it answers them; "not answered" where it knows no answer."""
        ...


class Meter(Protocol):
    """Measures the cell."""

    @property
    def conversion_s(self) -> float:
        """Get the time of one full conversion, in s."""
        ...

    @property
    def range_index(self) -> int:
        """Get the present current range, counted from 1; raises OutOfOrder before there is one."""
        ...

    @property
    def full_scale_A(self) -> float:
        """Get the full scale of the present current range, in A; raises OutOfOrder before there is one."""
        ...

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current once, with the cell on or off; `fast` with fewer digits."""
        ...


@runtime_checkable
class Looking(Protocol):
    """Can be looked at while nobody drives the cell, without switching anything."""

    def look(self) -> tuple[bool, Reading]:
        """Return whether a current flows, and what the meters show."""
        ...


class Output(Protocol):
    """Connects the cell to the source and disconnects it."""

    def on(self) -> None:
        """Connect the cell with what was prepared; raises OutOfOrder before anything was."""
        ...

    def off(self) -> float:
        """Disconnect the cell; safe to repeat, in any state.

        Return when the message that ended the current had been taken (clock's time, s), whatever was sent before and
        after it.
        """
        ...


class CurrentSource(Output, Protocol):
    """Holds a current."""

    def prepare_current(self, largest_A: float) -> None:
        """Choose mode and range for currents up to `largest_A` (A), set zero current; the cell stays off."""
        ...

    def set_current(self, current_A: float) -> None:
        """Set the current through the cell (A)."""
        ...


class VoltageSource(Output, Protocol):
    """Holds a voltage."""

    @property
    def voltage_step_V(self) -> float:
        """Get the whole steps in which a voltage is set, in V; 0 where they are finer than anything seen of a cell."""
        ...

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose mode and the range for `largest_A` (A), set the voltage (V) that `on` applies; it stays off."""
        ...

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage across the cell (V)."""
        ...


class RampSource(Protocol):
    """Runs a voltage along a line by itself, without steps."""

    @property
    def ramp_setup_s(self) -> float:
        """Get for how long about a ramp prepares itself before it begins, in s."""
        ...

    def prepare_ramp(self, levels_V: Sequence[float], times_s: Sequence[float], segments: int) -> None:
        """Prepare a ramp over four levels (V), with the times (s) from each to the next, over and over.

        It has so many segments, and then holds what it has come to; needs a prepared voltage.
        """
        ...

    def start_ramp(self) -> None:
        """Let the prepared ramp run, with the cell on at the first level; switching off ends it."""
        ...


class SafeState(Protocol):
    """Can be brought to a state in which nothing drives the cell."""

    def force_off(self) -> ForcedOff:
        """Disconnect the cell by all means, whatever was before; raises no DriverError and verifies nothing."""
        ...

    def make_safe(self, clock: Clock | None = None) -> SafetyReport:
        """Stop everything that drives the cell and verify it; raises NotSafe when that could not be verified.

        `clock` replaces the one that may be interrupted.
        """
        ...


class Recoverable(Protocol):
    """Can be set up, and found again after a broken connection."""

    @property
    def instruments(self) -> tuple[BenchInstrument, ...]:
        """Get the instruments, the one that switches the cell first."""
        ...

    def initialise(self) -> None:
        """Open the cell, reset (once in the life of this object) and set up; the cell stays off."""
        ...

    def reconnect(self, within_s: float = 0.0) -> None:
        """Open broken connections again, trying for `within_s` of the clock (s), and open the cell at once."""
        ...

    def verify_settings(self) -> None:
        """Compare what the instruments are set to with what was set; raises SettingsChanged."""
        ...


class DcBench(Meter, CurrentSource, VoltageSource, SafeState, Recoverable, Protocol):
    """A bench for direct current: rest, constant current and constant voltage run on it."""


class PolarizationBench(DcBench, Protocol):
    """A bench that holds a small voltage and follows the current down range by range."""

    @property
    def probe_range_index(self) -> int:
        """Get the range for the first look at a cell of unknown impedance."""
        ...

    @property
    def polarization_ranges(self) -> tuple[int, ...]:
        """Get the ranges of a DC polarization, from the one of the inrush to the smallest."""
        ...

    def full_scale_of(self, range_index: int) -> float:
        """Return the full scale of a range, in A; raises OutOfRange."""
        ...

    def prepare_polarization(self, voltage_V: float, range_index: int) -> None:
        """Prepare a small voltage (V) on this range, with the slowest loop; the cell stays off."""
        ...

    def change_range(self, range_index: int) -> None:
        """Go to another current range and keep what is prepared; raises OutOfOrder unless the cell is off."""
        ...


class Analyzer(Protocol):
    """Measures the impedance of what it is connected to, once something was prepared."""

    def impedance_settings(self) -> ImpedanceSettings:
        """Return what was prepared for the spectrum, by name, in SI units; raises OutOfOrder."""
        ...

    def apply_ac(self) -> None:
        """Put the prepared amplitude on the cell; raises OutOfOrder unless it is prepared."""
        ...

    def remove_ac(self) -> None:
        """Take the AC off the cell and read back that it is."""
        ...

    def measure_impedance(
        self, frequency_Hz: float, integration_s: float, settling_s: float = 0.0
    ) -> ImpedancePoint:
        """Measure one point at `frequency_Hz` (Hz): the AC is on for `settling_s` (s), then `integration_s` integrated.

        At least one period, and whole periods, are integrated.
        """
        ...

    def measured_amplitude_V(self) -> float:
        """Return the amplitude that the last point was measured with (V rms).

        The point's `amplitude_V` is the one set; where the current is set, what that should drop in the cell.
        """
        ...


class ImpedanceBench(PolarizationBench, Analyzer, Protocol):
    """A bench that measures impedance while it holds the cell, and small currents range by range."""

    def choose_impedance_range(self, smallest_ohm: float, amplitude_V: float) -> int:
        """Return the range on which `amplitude_V` (V rms) into `smallest_ohm` (ohm) overloads nothing."""
        ...

    def trusted_to_Hz(self, range_index: int) -> float:
        """Return up to which frequency (Hz) impedances measured on a range are known to be right."""
        ...

    def prepare_impedance(self, amplitude_V: float, held_voltage_V: float, range_index: int) -> None:
        """Prepare a spectrum at `held_voltage_V` (V) with `amplitude_V` (V rms) at the cell; it stays off."""
        ...

    def choose_alternating_range(self, amplitude_A: float) -> int:
        """Return the smallest range for an alternating current (A rms); raises OutOfRange."""
        ...

    def prepare_alternating_current(
        self,
        amplitude_A: float,
        largest_V: float,
        open_circuit_V: float,
        range_index: int,
        moves_V: float = 0.0,
    ) -> None:
        """Prepare a spectrum with `amplitude_A` (A rms) through the cell and no direct current; it stays off.

        It drops up to `largest_V` (V rms) in the cell, whose voltage stays near `open_circuit_V` (V), or moves away by
        up to `moves_V` (V) once a direct current is set.
        """
        ...

    def change_alternating_current(self, amplitude_A: float) -> None:
        """Put another amplitude (A rms) on the cell that is on, on the range that was prepared."""
        ...

    def dc_reading_between_points(self, fast: bool = True) -> Reading:
        """Measure voltage and current with the AC off, then put it back."""
        ...


class SampleAnalyzer(Analyzer, Protocol):
    """An analyzer that is connected to a sample by itself, with nothing that holds it."""

    @property
    def trusted_to_Hz(self) -> float:
        """Get up to which frequency (Hz) its impedances are known to be right."""
        ...

    def prepare_impedance(self, amplitude_V: float, *, without_emf: bool) -> None:
        """Prepare a spectrum with `amplitude_V` (V rms); raises OutOfOrder unless the sample has no EMF."""
        ...


@dataclass(frozen=True, slots=True)
class GaugeReading:
    """One value of a gauge, at `time_s` of the experiment; `raw` is the answer as it came, "" where there is none."""

    time_s: float
    value: float
    raw: str = field(default="", compare=False)


class Gauge(Protocol):
    """Measures something beside the cell: a temperature, a pressure."""

    @property
    def name(self) -> str:
        """Get what it measures, as the bench file names it ("cell temperature")."""
        ...

    @property
    def unit(self) -> str:
        """Get the unit of its values ("K")."""
        ...

    @property
    def every_s(self) -> float:
        """Get how often it is worth reading, in s."""
        ...

    def read(self) -> GaugeReading:
        """Read it once; raises DriverError when it does not answer.

        On a line of the instruments within a second: the cell is not watched meanwhile.
        """
        ...


class Controller(Gauge, Protocol):
    """Holds a condition of the cell, and shows it as a gauge does; it goes on holding it when nobody speaks to it."""

    @property
    def resolution(self) -> float:
        """Get the step of its set point, in its unit; 0 where that is finer than any sensor."""
        ...

    @property
    def ramps(self) -> bool:
        """Get whether it moves its set point slowly by itself; else whoever sets it does so in steps."""
        ...

    def why_not(self, value: float, per_s: float | None) -> str:
        """Return why it cannot go to `value` at `per_s` (unit a second), "" where it can; raises DriverError."""
        ...

    def set_point(self, value: float, per_s: float | None = None) -> None:
        """Go to `value`, at `per_s` (unit a second) where it ramps; raises DriverError, OutOfRange."""
        ...

    def set_point_as_read_back(self) -> float:
        """Return the set point that it answers; raises DriverError."""
        ...

    def limit_as_read_back(self) -> float | None:
        """Return where its own limiter cuts it off, as it answers; None where that cannot be asked."""
        ...

    def make_safe(self) -> None:
        """Take its output to zero, or to where it does no harm; raises StillHeats when that could not be verified."""
        ...


@dataclass(frozen=True, slots=True)
class DcLimits:
    """The largest current (A) and voltage (V) that a bench can drive, either sign, and what drives them.

    `voltage_step_V`: as `VoltageSource` has it.
    """

    source: str
    current_max_A: float
    voltage_max_V: float
    voltage_step_V: float = 0.0


Ability = Literal["impedance", "polarization", "standalone impedance"]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What an open bench has; what it lacks is None. One for impedance is one for DC polarization as well."""

    dc: DcBench
    impedance: ImpedanceBench | None = None
    analyzer: SampleAnalyzer | None = None
    gauges: tuple[Gauge, ...] = ()
    ramp: RampSource | None = None
    polarizes: PolarizationBench | None = None

    @property
    def polarization(self) -> PolarizationBench | None:
        """Get what follows a small current range by range, None where nothing does."""
        return self.polarizes or self.impedance

    @property
    def abilities(self) -> frozenset[Ability]:
        """Get what it can do beside direct current."""
        found: set[Ability] = set()
        if self.impedance is not None:
            found.add("impedance")
        if self.polarization is not None:
            found.add("polarization")
        if self.analyzer is not None:
            found.add("standalone impedance")
        return frozenset(found)
