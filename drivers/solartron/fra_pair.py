"""A 1260 wired to a potentiostat of any make: what an experiment asks of the bench.

Wiring: generator of the 1260 to the external input of the potentiostat, its voltage output to V1, its current output to
V2. So Z = (V1/V2) Rs Gi/Gv, with Rs the standard resistor of the current range and Gv, Gi the gains of the outputs.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from solbench.drivers.clock import Clock, sleep
from solbench.drivers.errors import OutOfOrder, OutOfRange, SettingsChanged
from solbench.drivers.roles import BenchInstrument, ForcedOff, ImpedancePoint, Reading, SafetyReport
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.ranges import CurrentRange, RangeTable
from solbench.drivers.solartron.settings import PairSettings
from solbench.drivers.solartron.solartron1260 import FraResult, Solartron1260

LARGEST_GENERATOR_V = 3.0


@dataclass(frozen=True, slots=True)
class ImpedanceSetup:
    """What was prepared for a spectrum: amplitude at the cell (V rms), held voltage (V), range and gains.

    With `amplitude_A` above 0 (A rms) it is the current that is set, no voltage is held, and `amplitude_V` is the most
    that it may drop in the cell.
    """

    amplitude_V: float
    held_voltage_V: float
    range_index: int
    resistor_ohm: float
    generator_V: float
    pol_gain: float
    voltage_gain: float
    current_gain: float
    bias_rejected: bool
    amplitude_A: float = 0.0


class FraPotentiostat(BenchInstrument, Protocol):
    """A potentiostat as the pair needs it: voltages and currents in the bench's sign."""

    interlock: Callable[[], None]

    @property
    def is_on(self) -> bool | None:
        """Get whether the cell was switched on; None while that is not known."""
        ...

    @property
    def range(self) -> CurrentRange:
        """Get the current range that this driver set; raises OutOfOrder before there is one."""
        ...

    @property
    def full_conversion_s(self) -> float:
        """Get the time of one reading of full resolution, in s."""
        ...

    def initialise(self) -> None:
        """Open the cell, reset (once in the life of this driver) and set up; the cell stays off."""
        ...

    def reconnect(self, within_s: float) -> None:
        """Open a broken connection anew within `within_s` of the clock (s), and the cell at once."""
        ...

    def changed_settings(self) -> dict[str, str]:
        """Compare its settings with those sent; return the differences by name and code."""
        ...

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current once."""
        ...

    def look(self) -> tuple[bool, Reading]:
        """Return whether the cell is driven, and what the meters show; nothing is switched."""
        ...

    def set_current(self, current_A: float) -> None:
        """Set the current (A)."""
        ...

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage (V)."""
        ...

    def set_range(self, index: int) -> None:
        """Set the current range, with the cell off; what was prepared stays so."""
        ...

    def on(self) -> None:
        """Connect the cell; raises OutOfOrder before a current or a voltage was prepared."""
        ...

    def off(self) -> float:
        """Disconnect the cell; safe to repeat in any state. Return when the current was ended (clock's time, s)."""
        ...

    def force_off(self) -> ForcedOff:
        """Disconnect the cell by all means; raises no DriverError."""
        ...

    def verify_off(self) -> Reading:
        """Return a reading that shows the cell disconnected; raises NotSafe."""
        ...


P = TypeVar("P", bound=FraPotentiostat)


class FraPair(ABC, Generic[P]):
    """Both instruments as one bench for direct current and impedance; voltages and currents in the bench's sign.

    `fra` and `pstat` are drivers on open links, `pstat` with the generator of `fra` as its interlock. `corrections`:
    what is known of this bench, and taken off its impedances. How current and voltage are prepared is the make's own.
    """

    ranges: RangeTable

    def __init__(
        self,
        fra: Solartron1260,
        pstat: P,
        settings: PairSettings,
        corrections: Corrections | None = None,
    ) -> None:
        self.fra = fra
        self.pstat = pstat
        self.settings = settings
        self.corrections = corrections or Corrections()
        self._setup: ImpedanceSetup | None = None
        if pstat.interlock != fra.require_generator_off:
            raise OutOfOrder(
                f"the {pstat.name} of a pair must not switch before it has asked for the 1260's generator"
            )

    @abstractmethod
    def prepare_current(self, largest_A: float) -> None:
        """Choose galvanostat and the smallest range for `largest_A` (A), set zero; the cell stays off."""

    @abstractmethod
    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose potentiostat and the smallest range for `largest_A` (A), set the voltage; it stays off."""

    @abstractmethod
    def prepare_polarization(self, voltage_V: float, range_index: int) -> None:
        """Prepare a voltage (V) on this range with the slow loop; the cell stays off."""

    @abstractmethod
    def prepare_impedance(self, amplitude_V: float, held_voltage_V: float, range_index: int) -> None:
        """Prepare a spectrum at `held_voltage_V` (V) with `amplitude_V` (V rms) at the cell; it stays off.

        Raises OutOfRange, and OutOfOrder unless the cell is off and the generator at zero.
        """

    @abstractmethod
    def prepare_alternating_current(
        self,
        amplitude_A: float,
        largest_V: float,
        open_circuit_V: float,
        range_index: int,
        moves_V: float = 0.0,
    ) -> None:
        """Prepare a spectrum in galvanostat, with `amplitude_A` (A rms) and no direct current; the cell stays off.

        It drops up to `largest_V` (V rms) in the cell, which is at `open_circuit_V` (V), and moves away from it by up
        to `moves_V` (V) once a direct current is set. Raises OutOfRange, and OutOfOrder unless the cell is off and the
        generator at zero.
        """

    def _plan_amplitude(self, amplitude_V: float) -> None:
        """Raise OutOfRange for an amplitude at the cell that no generator gives."""
        if not 0.0 < amplitude_V <= LARGEST_GENERATOR_V:
            raise OutOfRange(
                "amplitude_V", amplitude_V, "V rms", f"above 0, up to {LARGEST_GENERATOR_V:g} V rms"
            )

    def _plan_drop(self, amplitude_A: float, largest_V: float, chosen: CurrentRange) -> float:
        """Return what a current (A rms) drops at the standard resistor (V rms); raises OutOfRange."""
        drop_V = amplitude_A * chosen.resistor_ohm
        highest_V = self.ranges.full_scale_drop_V / math.sqrt(2.0)
        if not 0.0 < drop_V <= highest_V or not largest_V > 0.0:
            highest_A = highest_V / chosen.resistor_ohm
            raise OutOfRange("amplitude_A", amplitude_A, "A rms", f"above 0, up to {highest_A:g} A rms")
        return drop_V

    @property
    def instruments(self) -> tuple[P, Solartron1260]:
        """Get both instruments, the one that switches the cell first."""
        return self.pstat, self.fra

    def initialise(self) -> None:
        """Open the cell, reset both (once in the life of this object) and set both up; the cell stays off."""
        self._setup = None
        self.pstat.off()
        self.fra.initialise()
        self.pstat.initialise()

    def reconnect(self, within_s: float = 0.0) -> None:
        """Open broken connections anew, trying for `within_s` of the clock (s), and open the cell at once.

        The potentiostat comes first and never waits for the 1260. Nothing else is known afterwards: see
        `verify_settings`. Raises DriverError and Interrupted.
        """
        self._setup = None
        self.pstat.reconnect(within_s)
        self.fra.link.reconnect(within_s)
        self.fra.force_off()

    def verify_settings(self) -> None:
        """Compare what the instruments are set to with what was set; raises SettingsChanged, NoReply.

        After a broken connection: an instrument that was switched off meanwhile has other settings.
        """
        changes = self.pstat.changed_settings() | self.fra.changed_settings()
        if changes:
            raise SettingsChanged(changes)

    def measure(self, fast: bool = False) -> Reading:
        """Measure voltage and current once; `fast` with fewer digits."""
        return self.pstat.measure(fast)

    def look(self) -> tuple[bool, Reading]:
        """Return whether a current flows, and what its meters show; nothing is switched."""
        return self.pstat.look()

    @property
    def conversion_s(self) -> float:
        """Get the time of one full conversion, in s."""
        return self.pstat.full_conversion_s

    @property
    def range_index(self) -> int:
        """Get the present current range, counted from 1; raises OutOfOrder before there is one."""
        return self.pstat.range.index

    @property
    def full_scale_A(self) -> float:
        """Get the full scale of the present current range, in A; raises OutOfOrder before there is one."""
        return self.pstat.range.full_scale_A

    def full_scale_of(self, range_index: int) -> float:
        """Return the full scale of a range, in A; raises OutOfRange."""
        return self.ranges.of_index(range_index).full_scale_A

    def set_current(self, current_A: float) -> None:
        """Set the current (A, positive charges the cell)."""
        self.pstat.set_current(current_A)

    @property
    def voltage_step_V(self) -> float:
        """Get the whole steps in which a voltage is set, in V; 0 where they are finer than anything seen of a cell."""
        return 0.0

    def set_voltage(self, voltage_V: float) -> None:
        """Set the voltage of the cell (V)."""
        self.pstat.set_voltage(voltage_V)

    def on(self) -> None:
        """Connect the cell with what was prepared, after the generator was read back as zero."""
        self.fra.confirm_generator_off()
        self.pstat.on()

    def off(self) -> float:
        """Disconnect the cell; needs the potentiostat alone and is safe to repeat in any state.

        Return when the current was ended (clock's time, s).
        """
        return self.pstat.off()

    def force_off(self) -> ForcedOff:
        """Open the cell by all means; the 1260 is not waited for. Raises no DriverError, verifies nothing."""
        self._setup = None
        return self.pstat.force_off()

    def make_safe(self, clock: Clock | None = None) -> SafetyReport:
        """Open the cell by all means, stop the generator and verify; raises NotSafe.

        `clock` replaces the one that may be interrupted. The potentiostat never waits for the 1260: what is wrong
        with that is in the report, and hides nothing.
        """
        with self._clock(clock):
            problem_of_pstat = self.force_off().problem
            try:
                current_A = self.pstat.verify_off().current_A
            finally:
                problem_of_fra = self.fra.force_off()
            found = {self.pstat.name: problem_of_pstat, self.fra.name: problem_of_fra}
            problems = {name: problem for name, problem in found.items() if problem}
            return SafetyReport(current_A, problems)

    @property
    def polarization_ranges(self) -> tuple[int, ...]:
        """Get the ranges of a DC polarization, from the one of the inrush to the smallest."""
        return self.settings.polarization_ranges

    def change_range(self, range_index: int) -> None:
        """Go to another current range and keep what is prepared; raises OutOfOrder unless it is off."""
        self._setup = None
        self.pstat.set_range(range_index)

    @property
    def probe_range_index(self) -> int:
        """Get the range for the first look at a cell of unknown impedance."""
        return self.settings.probe_range

    def choose_impedance_range(self, smallest_ohm: float, amplitude_V: float) -> int:
        """Return the range on which `amplitude_V` (V rms) into `smallest_ohm` (ohm) overloads nothing.

        The drop on the standard resistor stays under its full scale with room for DC. Raises OutOfRange when
        even the largest range is too small, or an argument is not positive.
        """
        if not smallest_ohm > 0.0 or not amplitude_V > 0.0:
            raise OutOfRange("smallest_ohm, amplitude_V", (smallest_ohm, amplitude_V), "", "positive numbers")
        peak_A = math.sqrt(2.0) * amplitude_V / smallest_ohm
        chosen = self.ranges.smallest(peak_A, 1.0 / self.settings.drop_headroom)
        return min(chosen.index, self.settings.largest_impedance_range)

    def trusted_to_Hz(self, range_index: int) -> float:
        """Return up to which frequency (Hz) this bench is known on a range; what lies above is marked."""
        return self.corrections.of_range(range_index).highest_Hz

    def choose_alternating_range(self, amplitude_A: float) -> int:
        """Return the smallest range whose standard resistor has room for the peak of `amplitude_A` (A rms).

        Raises OutOfRange when even the largest range is too small, or the amplitude is not positive.
        """
        if not amplitude_A > 0.0:
            raise OutOfRange("amplitude_A", amplitude_A, "A rms", "above 0")
        chosen = self.ranges.smallest(math.sqrt(2.0) * amplitude_A, 1.0 / self.settings.drop_headroom)
        return min(chosen.index, self.settings.largest_impedance_range)

    def change_alternating_current(self, amplitude_A: float) -> None:
        """Put another amplitude (A rms) on the cell, on the range and with the gains that were prepared.

        Raises OutOfRange beyond these, OutOfOrder unless a current was prepared and the cell is on.
        """
        setup = self._require_setup()
        if not setup.amplitude_A:
            raise OutOfOrder("a voltage is set: call prepare_alternating_current first")
        generator_V = amplitude_A / setup.amplitude_A * setup.generator_V
        drop_V = math.sqrt(2.0) * amplitude_A * setup.resistor_ohm
        if (
            not 0.0 < drop_V <= self.ranges.full_scale_drop_V * (1.0 + 1e-9)
            or generator_V > LARGEST_GENERATOR_V
        ):
            raise OutOfRange("amplitude_A", amplitude_A, "A rms", "what the range and the generator hold")
        self._setup = replace(setup, amplitude_A=amplitude_A, generator_V=generator_V)
        self.apply_ac()

    def impedance_settings(self) -> dict[str, float | int | bool]:
        """Return what was prepared for the spectrum, by name, in SI units; raises OutOfOrder."""
        setup = self._require_setup()
        return {name: getattr(setup, name) for name in ImpedanceSetup.__slots__}

    def apply_ac(self) -> None:
        """Put the prepared amplitude on the cell; raises OutOfOrder unless it is prepared and on."""
        setup = self._require_setup()
        if self.pstat.is_on is not True:
            raise OutOfOrder("the generator may only be set while the cell is held: call on() first")
        self.fra.set_amplitude(setup.generator_V, self.settings.highest_frequency_Hz)

    def remove_ac(self) -> None:
        """Take the AC off the cell and read back that it is."""
        self.fra.generator_off()

    def measure_impedance(
        self, frequency_Hz: float, integration_s: float, settling_s: float = 0.0
    ) -> ImpedancePoint:
        """Measure one point (Hz, s), `settling_s` (s) of AC before it; it is repeated after an error or a wrong echo.

        A point whose second measurement has an error digit too is returned with it; a second wrong frequency
        raises BadReply. Raises OutOfRange above the highest frequency of the pair.
        """
        setup = self._require_setup()
        highest_Hz = self.settings.highest_frequency_Hz
        if not 0.0 < frequency_Hz <= highest_Hz:
            raise OutOfRange(
                "frequency_Hz", frequency_Hz, "Hz", f"up to {highest_Hz:g} Hz with the {self.pstat.name}"
            )
        result, attempts = self.fra.measure_checked(
            frequency_Hz, integration_s, self.settings.frequency_tolerance, settling_s
        )
        return replace(
            self._point(setup, result, attempts), integration_s=integration_s, settling_s=settling_s
        )

    def measured_amplitude_V(self) -> float:
        """Return the AC at the cell in the last measurement of a point (V rms), as V OUT showed it."""
        return self.fra.last_voltage_V() / self._require_setup().voltage_gain

    def dc_reading_between_points(self, fast: bool = True) -> Reading:
        """Measure voltage and current with the AC off, then put it back: slow AC would spoil the reading."""
        setup = self._require_setup()
        self.fra.amplitude_V = 0.0
        sleep(self.pstat.link.clock, self.settings.generator_settle_s)
        reading = self.pstat.measure(fast)
        self.fra.set_amplitude(setup.generator_V, self.settings.highest_frequency_Hz)
        return reading

    def _point(self, setup: ImpedanceSetup, result: FraResult, attempts: int) -> ImpedancePoint:
        gains = setup.current_gain / setup.voltage_gain
        scale_ohm = setup.resistor_ohm * gains * self.settings.output_polarity
        raw_ohm = complex(result.a, result.b) * scale_ohm
        corrections = self.corrections
        true_gain_V = corrections.gain_V if setup.voltage_gain > 1.0 else 1.0
        true_gain_I = corrections.gain_I if setup.current_gain > 1.0 else 1.0
        found = corrections.of_pair(
            raw_ohm * true_gain_I / true_gain_V, result.frequency_Hz, setup.range_index
        )
        return ImpedancePoint(
            result.time_s,
            result.frequency_Hz,
            found.impedance_ohm,
            setup.amplitude_A * abs(raw_ohm) if setup.amplitude_A else setup.amplitude_V,
            setup.range_index,
            result.error,
            attempts,
            raw_ohm if found.impedance_ohm != raw_ohm else None,
            found.stderr_ohm,
            found.trusted,
            setup.amplitude_A,
        )

    def _require_setup(self) -> ImpedanceSetup:
        if self._setup is None:
            raise OutOfOrder("no spectrum is prepared: call prepare_impedance first")
        return self._setup

    @contextmanager
    def _clock(self, clock: Clock | None) -> Iterator[None]:
        links = (self.pstat.link, self.fra.link)
        before = [link.clock for link in links]
        for link in links:
            link.clock = clock or link.clock
        try:
            yield
        finally:
            for link, own in zip(links, before, strict=True):
                link.clock = own
