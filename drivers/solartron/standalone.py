"""The 1260 measuring a sample by itself: Z = V1/I, up to 32 MHz, with its own generator on the sample.

Only for samples without an EMF (a pellet, a symmetric cell): the generator is 50 ohm at zero volts and would
discharge a live cell with tens of milliamperes. The 1260 cannot see a direct voltage, so the caller has to know, from
the 1287 or from the build.
"""

import math
from dataclasses import asdict, dataclass

from solbench.drivers.clock import Clock
from solbench.drivers.errors import OutOfOrder, OutOfRange
from solbench.drivers.roles import ImpedancePoint
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.settings import StandaloneSettings
from solbench.drivers.solartron.solartron1260 import (
    FULL_AMPLITUDE_TO_HZ,
    HIGH_FREQUENCY_AMPLITUDE_V,
    Solartron1260,
)

LARGEST_GENERATOR_V = 3.0
NO_RANGE = 0  # the current range is the 1260's own, by auto range


@dataclass(frozen=True, slots=True)
class AloneSetup:
    """What was prepared for a spectrum: amplitude of the generator (V rms, open), and the input codes."""

    amplitude_V: float
    input_mode: int
    input_screen: int


class Standalone:
    """One 1260 as the analyzer of a sample; `corrections`: what is known of its leads, and taken off."""

    def __init__(
        self,
        fra: Solartron1260,
        settings: StandaloneSettings | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        self.fra = fra
        self.settings = settings or StandaloneSettings()
        self.corrections = corrections or Corrections()
        self._setup: AloneSetup | None = None
        self._impedance_ohm = complex(math.inf)  # of the last point

    def initialise(self) -> None:
        """Reset the 1260 (once in the life of its driver) and set it up; the generator is off."""
        self._setup = None
        self.fra.initialise()

    @property
    def trusted_to_Hz(self) -> float:
        """Get up to which frequency (Hz) this analyzer with its leads is known; what lies above is marked."""
        return self.corrections.highest_alone_Hz

    @property
    def instruments(self) -> tuple[Solartron1260]:
        """Get the one instrument."""
        return (self.fra,)

    def prepare_impedance(self, amplitude_V: float, *, without_emf: bool) -> None:
        """Prepare a spectrum with `amplitude_V` (V rms) of the generator, which stays at zero.

        `without_emf` must be True: the sample has no EMF of its own (below 10 mV). Raises OutOfOrder otherwise,
        OutOfRange, DriverError.
        """
        if without_emf is not True:
            raise OutOfOrder(
                "the 1260 alone would discharge a live cell through its 50 ohm generator: it measures only samples "
                "without an EMF, and the caller has to confirm that there is none"
            )
        if not 0.0 < amplitude_V <= LARGEST_GENERATOR_V:
            raise OutOfRange(
                "amplitude_V", amplitude_V, "V rms", f"above 0, up to {LARGEST_GENERATOR_V:g} V rms"
            )
        self._setup = None
        self.fra.generator_off()
        self.fra.use_impedance(self.settings.input_mode, self.settings.input_screen)
        self._setup = AloneSetup(amplitude_V, self.settings.input_mode, self.settings.input_screen)

    def impedance_settings(self) -> dict[str, float | int | bool]:
        """Return what was prepared, by name, in SI units; raises OutOfOrder."""
        return asdict(self._require_setup())

    def on(self) -> None:
        """Confirm that nothing drives the sample yet: it is always connected; raises BadReply."""
        self.fra.confirm_generator_off()

    def off(self) -> float:
        """Set the generator to zero and read it back; safe to repeat in any state. Return when (clock's time, s)."""
        self.fra.generator_off()
        return self.fra.link.clock.now()

    def apply_ac(self) -> None:
        """Put the prepared amplitude on the sample; raises OutOfOrder unless it is prepared."""
        self.fra.set_amplitude(self._require_setup().amplitude_V, FULL_AMPLITUDE_TO_HZ)

    def remove_ac(self) -> None:
        """Take the AC off and read back that it is."""
        self.fra.generator_off()

    def measure_impedance(
        self, frequency_Hz: float, integration_s: float, settling_s: float = 0.0
    ) -> ImpedancePoint:
        """Measure one point (Hz, s), `settling_s` (s) of AC before it; it is repeated after an error or a wrong echo.

        `amplitude_V` of the point is the generator's; what is left of it at the sample depends on the sample.
        Raises OutOfRange above 32 MHz, and above 10 MHz with more than 1 V; else what the driver raises.
        """
        setup = self._require_setup()
        highest_Hz = self.settings.highest_frequency_Hz
        if not 0.0 < frequency_Hz <= highest_Hz:
            raise OutOfRange("frequency_Hz", frequency_Hz, "Hz", f"up to {highest_Hz:g} Hz")
        if frequency_Hz > FULL_AMPLITUDE_TO_HZ and setup.amplitude_V > HIGH_FREQUENCY_AMPLITUDE_V:
            raise OutOfRange("frequency_Hz", frequency_Hz, "Hz", "up to 10 MHz with more than 1 V rms")
        result, attempts = self.fra.measure_checked(
            frequency_Hz, integration_s, self.settings.frequency_tolerance, settling_s
        )
        raw_ohm = self._impedance_ohm = complex(result.a, result.b)
        found = self.corrections.of_alone(raw_ohm, result.frequency_Hz)
        return ImpedancePoint(
            result.time_s,
            result.frequency_Hz,
            found.impedance_ohm,
            setup.amplitude_V,
            NO_RANGE,
            result.error,
            attempts,
            raw_ohm if found.impedance_ohm != raw_ohm else None,
            found.stderr_ohm,
            found.trusted,
            integration_s=integration_s,
            settling_s=settling_s,
        )

    def measured_amplitude_V(self) -> float:
        """Return the amplitude of the generator in the last measurement of a point (V rms, open).

        It is what V1 showed, and what the current through the sample dropped in the generator's own resistance.
        """
        self._require_setup()
        voltage_V, impedance_ohm = self.fra.last_voltage_V(), self._impedance_ohm
        if impedance_ohm == 0.0:
            return math.inf
        return voltage_V * abs(1.0 + self.settings.generator_ohm / impedance_ohm)

    def make_safe(self, clock: Clock | None = None) -> None:
        """Stop the generator by all means, then read back that it is at zero; raises DriverError.

        `clock` replaces the one that may be interrupted.
        """
        self._setup = None
        link = self.fra.link
        before, link.clock = link.clock, clock or link.clock
        try:
            self.fra.force_off()
            self.fra.confirm_generator_off()
        finally:
            link.clock = before

    def _require_setup(self) -> AloneSetup:
        if self._setup is None:
            raise OutOfOrder("no spectrum is prepared: call prepare_impedance first")
        return self._setup
