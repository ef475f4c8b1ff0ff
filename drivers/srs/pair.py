"""1260 and EC301 wired together: what an experiment asks of the bench.

Wiring: generator of the 1260 to the external input of the EC301, its V and I outputs to V1 and V2 of the 1260 (manual,
chapter 6). The rear outputs have no bias rejection, the front ones do.
"""

from __future__ import annotations

from solbench.drivers.clock import sleep
from solbench.drivers.links.link import Link
from solbench.drivers.roles import ImpedancePoint
from solbench.drivers.solartron.corrections import Corrections
from solbench.drivers.solartron.fra_pair import LARGEST_GENERATOR_V, FraPair, ImpedanceSetup
from solbench.drivers.solartron.settings import Settings1260
from solbench.drivers.solartron.solartron1260 import Solartron1260
from solbench.drivers.srs.ec301 import Ec301
from solbench.drivers.srs.ranges import RANGES_EC301
from solbench.drivers.srs.settings import PairSettingsEc301, SettingsEc301


class PairEc301(FraPair[Ec301]):
    """Both instruments as one bench for direct current and impedance; voltages and currents in the bench's sign."""

    ranges = RANGES_EC301
    settings: PairSettingsEc301

    @classmethod
    def wired(
        cls,
        links: tuple[Link, Link],
        settings_1260: Settings1260 | None = None,
        settings_ec301: SettingsEc301 | None = None,
        settings: PairSettingsEc301 | None = None,
        corrections: Corrections | None = None,
    ) -> PairEc301:
        """Make both drivers on open `links` (1260, EC301), and a pair of them."""
        fra = Solartron1260(links[0], settings_1260)
        pstat = Ec301(links[1], settings_ec301, fra.require_generator_off, corrections)
        return cls(fra, pstat, settings or PairSettingsEc301(), corrections)

    @property
    def voltage_step_V(self) -> float:
        """Get the whole steps in which a voltage is set, in V."""
        return self.pstat.voltage_step_V

    def prepare_current(self, largest_A: float) -> None:
        """Choose galvanostat and the smallest range for `largest_A` (A), set zero; the cell stays off."""
        self._setup = None
        self.pstat.prepare_current(largest_A)

    def prepare_voltage(self, voltage_V: float, largest_A: float) -> None:
        """Choose potentiostat and the smallest range for `largest_A` (A), set the voltage; it stays off."""
        self._setup = None
        settings = self.pstat.settings
        chosen = self.ranges.smallest(largest_A, settings.range_headroom)
        self.pstat.prepare_voltage(voltage_V, chosen.index, settings.bandwidth)

    def prepare_polarization(self, voltage_V: float, range_index: int) -> None:
        """Prepare a voltage (V) on this range with the slow loop; the cell stays off."""
        self._setup = None
        self.pstat.prepare_voltage(voltage_V, range_index, self.pstat.settings.slow_bandwidth)

    def prepare_impedance(self, amplitude_V: float, held_voltage_V: float, range_index: int) -> None:
        """Prepare a spectrum at `held_voltage_V` (V) with `amplitude_V` (V rms) at the cell; it stays off.

        Raises OutOfRange, and OutOfOrder unless the cell is off and the generator at zero.
        """
        self._plan_amplitude(amplitude_V)
        chosen = self.ranges.of_index(range_index)
        self.fra.use_ratio()
        self._setup = None
        self.pstat.prepare_voltage(held_voltage_V, range_index, self.pstat.settings.impedance_bandwidth)
        self._listen(amplitude_V, held_voltage_V, range_index, chosen.resistor_ohm, amplitude_V)

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
        chosen = self.ranges.of_index(range_index)
        drop_V = self._plan_drop(amplitude_A, largest_V, chosen)
        generator_V = drop_V / self.settings.galvanostat_drop / self.ranges.full_scale_drop_V
        self.fra.use_ratio()
        self._setup = None
        self.pstat.prepare_zero_current(range_index, self.pstat.settings.impedance_bandwidth)
        self._listen(largest_V, open_circuit_V, range_index, chosen.resistor_ohm, generator_V, amplitude_A)

    def measure_impedance(
        self, frequency_Hz: float, integration_s: float, settling_s: float = 0.0
    ) -> ImpedancePoint:
        """Measure one point; see `FraPair`. The inputs of the analyzer are coupled as its frequency allows."""
        setup = self._require_setup()
        alternating = frequency_Hz >= self.settings.ac_coupled_from_Hz and not setup.bias_rejected
        self._couple("AC" if alternating else "DC")
        return super().measure_impedance(frequency_Hz, integration_s, settling_s)

    def _couple(self, coupling: str) -> None:
        fra = self.fra
        if fra.coupling_set != coupling:
            fra.couple(coupling)
            sleep(fra.link.clock, self.settings.coupling_settle_s)

    def _listen(
        self,
        amplitude_V: float,
        held_voltage_V: float,
        range_index: int,
        resistor_ohm: float,
        generator_V: float,
        amplitude_A: float = 0.0,
    ) -> None:
        """Connect the external input, and have the bias rejected where the outputs can."""
        pstat, rejected = self.pstat, self.settings.outputs == "front"
        pstat.add_external(added=True)
        pstat.reject_bias(held_voltage_V if rejected else None)
        pstat.check_errors()
        self._setup = ImpedanceSetup(
            amplitude_V,
            held_voltage_V,
            range_index,
            resistor_ohm,
            generator_V=min(generator_V, LARGEST_GENERATOR_V),
            pol_gain=1.0,
            voltage_gain=1.0,
            current_gain=1.0,
            bias_rejected=rejected,
            amplitude_A=amplitude_A,
        )
