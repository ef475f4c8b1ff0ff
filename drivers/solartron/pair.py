"""1260 and 1287 wired together: what an experiment asks of the bench.

Wiring: generator of the 1260 to POL INPUT of the 1287, V OUT to V1, I OUT to V2 of the 1260; see `fra_pair`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from solbench.drivers.links.link import Link
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.fra_pair import LARGEST_GENERATOR_V, FraPair, ImpedanceSetup
from solbench.drivers.solartron.ranges import RANGES_1287
from solbench.drivers.solartron.settings import PairSettings, Settings1260, Settings1287
from solbench.drivers.solartron.solartron1260 import Solartron1260
from solbench.drivers.solartron.solartron1287 import Solartron1287

FINE_GAIN = 0.01  # PI1, 1287 manual section 6.1
OUTPUT_GAIN = 10.0  # VX1, IX1, 1287 manual section 6.12


class Pair(FraPair[Solartron1287]):
    """Both instruments as one bench for direct current and impedance; voltages and currents in the bench's sign.

    `fra` and `pstat` are drivers on open links, `pstat` with the generator of `fra` as its interlock (`wired` makes
    them so). `corrections`: what is known of this bench, and taken off its impedances.
    """

    ranges = RANGES_1287

    def __init__(
        self,
        fra: Solartron1260,
        pstat: Solartron1287,
        settings: PairSettings | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        super().__init__(fra, pstat, settings or PairSettings(), corrections)

    @classmethod
    def wired(
        cls,
        links: tuple[Link, Link],
        settings_1260: Settings1260 | None = None,
        settings_1287: Settings1287 | None = None,
        settings: PairSettings | None = None,
        corrections: Corrections | None = None,
    ) -> Pair:
        """Make both drivers on open `links` (1260, 1287), and a pair of them."""
        fra = Solartron1260(links[0], settings_1260)
        pstat = Solartron1287(links[1], settings_1287, fra.require_generator_off, corrections)
        return cls(fra, pstat, settings, corrections)

    def prepare_current(self, largest_A: float) -> None:
        """Choose galvanostat and the smallest range for `largest_A` (A), set zero; the cell stays off."""
        self._setup = None
        self.pstat.pol_gain = "x 0.01"
        self.pstat.drift_correction = False
        self.pstat.prepare_current(largest_A)

    @property
    def ramp_setup_s(self) -> float:
        """Get for how long about a ramp prepares itself before it begins, in s."""
        return self.pstat.ramp_setup_s

    def prepare_ramp(self, levels_V: Sequence[float], times_s: Sequence[float], segments: int) -> None:
        """Prepare a ramp over four levels (V), with the times (s) from each to the next, over and over."""
        self.pstat.prepare_ramp(levels_V, times_s, segments)

    def start_ramp(self) -> None:
        """Let the prepared ramp run, with the cell on."""
        self.pstat.start_ramp()

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose potentiostat and the smallest range for `largest_A` (A), set the voltage; it stays off."""
        settings = self.pstat.settings
        chosen = self.ranges.smallest(largest_A, settings.range_headroom)
        self._prepare_potentiostat(voltage_V, chosen.index, settings.potentiostat_bandwidth)

    def prepare_polarization(self, voltage_V: float, range_index: int) -> None:
        """Prepare a voltage (V) on this range with the slow loop and drift correction; the cell stays off."""
        bandwidth = self.pstat.settings.slow_bandwidth
        self._prepare_potentiostat(voltage_V, range_index, bandwidth, drift_corrected=True)

    def prepare_impedance(self, amplitude_V: float, held_voltage_V: float, range_index: int) -> None:
        """Prepare a spectrum at `held_voltage_V` (V) with `amplitude_V` (V rms) at the cell; it stays off.

        Raises OutOfRange, and OutOfOrder unless the cell is off and the generator at zero.
        """
        setup = self._plan_impedance(amplitude_V, held_voltage_V, range_index)
        self.fra.use_ratio()
        bandwidth = self.pstat.settings.potentiostat_bandwidth
        self._prepare_potentiostat(held_voltage_V, range_index, bandwidth, fine=setup.pol_gain == FINE_GAIN)
        self._prepare_outputs(setup)

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
        setup = self._plan_alternating(amplitude_A, largest_V, open_circuit_V, range_index, moves_V)
        self.fra.use_ratio()
        self._setup = None
        pstat = self.pstat
        pstat.pol_gain = "x 0.01" if setup.pol_gain == FINE_GAIN else "x 1"
        pstat.drift_correction = False
        pstat.prepare_zero_current(range_index, pstat.settings.impedance_bandwidth)
        self._prepare_outputs(setup)

    def _prepare_outputs(self, setup: ImpedanceSetup) -> None:
        pstat = self.pstat
        pstat.off_limit_action = "standby"
        pstat.ir_compensation = "off"
        pstat.low_pass = False
        pstat.voltage_output_gain = "x 10" if setup.voltage_gain > 1.0 else "x 1"
        pstat.current_output_gain = "x 10" if setup.current_gain > 1.0 else "x 1"
        pstat.reject_bias(setup.held_voltage_V if setup.bias_rejected else None)
        pstat.check_errors()
        self._setup = setup

    def _prepare_potentiostat(
        self,
        voltage_V: float,
        range_index: int,
        bandwidth: int,
        fine: bool = True,
        drift_corrected: bool = False,
    ) -> None:
        self._setup = None
        self.pstat.pol_gain = "x 0.01" if fine else "x 1"
        self.pstat.drift_correction = drift_corrected
        self.pstat.prepare_voltage(voltage_V, range_index, bandwidth)

    def _plan_impedance(self, amplitude_V: float, held_V: float, range_index: int) -> ImpedanceSetup:
        self._plan_amplitude(amplitude_V)
        chosen = self.ranges.of_index(range_index)
        pol_gain = FINE_GAIN if amplitude_V <= FINE_GAIN * LARGEST_GENERATOR_V else 1.0
        peak_V = math.sqrt(2.0) * amplitude_V
        rejected = self.pstat.can_reject(held_V)
        offset_V = self.settings.trim_margin_V if rejected else abs(held_V) + self.settings.trim_margin_V
        return ImpedanceSetup(
            amplitude_V,
            held_V,
            range_index,
            chosen.resistor_ohm,
            generator_V=min(amplitude_V / self._true_pol_gain(pol_gain), LARGEST_GENERATOR_V),
            pol_gain=pol_gain,
            voltage_gain=self._gain(peak_V + offset_V),
            current_gain=self._gain(self.ranges.full_scale_drop_V),
            bias_rejected=rejected,
        )

    def _plan_alternating(
        self, amplitude_A: float, largest_V: float, open_circuit_V: float, range_index: int, moves_V: float
    ) -> ImpedanceSetup:
        chosen = self.ranges.of_index(range_index)
        wanted_V = self._plan_drop(amplitude_A, largest_V, chosen) / self.settings.galvanostat_drop
        pol_gain = FINE_GAIN if wanted_V <= FINE_GAIN * LARGEST_GENERATOR_V else 1.0
        rejected = self.pstat.can_reject(open_circuit_V)
        offset_V = (
            self.settings.trim_margin_V if rejected else abs(open_circuit_V) + self.settings.trim_margin_V
        )
        return ImpedanceSetup(
            largest_V,
            open_circuit_V,
            range_index,
            chosen.resistor_ohm,
            generator_V=min(wanted_V / self._true_pol_gain(pol_gain), LARGEST_GENERATOR_V),
            pol_gain=pol_gain,
            voltage_gain=self._gain(math.sqrt(2.0) * largest_V + offset_V + moves_V),
            current_gain=self._gain(self.ranges.full_scale_drop_V),
            bias_rejected=rejected,
            amplitude_A=amplitude_A,
        )

    def _true_pol_gain(self, pol_gain: float) -> float:
        return pol_gain * (self.corrections.fine_gain if pol_gain == FINE_GAIN else 1.0)

    def _gain(self, peak_V: float) -> float:
        """Return the output gain with which this peak (V) stays below the limit of the analyzer's input."""
        return OUTPUT_GAIN if OUTPUT_GAIN * peak_V <= self.settings.input_limit_V else 1.0
