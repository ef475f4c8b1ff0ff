"""Spectra as a bench would measure them, drawn by the physics of cell and instruments without the bus.

    drawn = draw_spectrum(cell, [1e5, 1e3, 10.0], specimen({"unit": 7}), seed=3)
    drawn.impedance_ohm      what the analyzer shows: with lag, leads, errors of gain, and noise
    drawn.at_the_cell_ohm    the same without lag and leads, as a perfect commissioning record corrects it
    drawn.true_ohm           the cell itself

Thousands take seconds, as studies of coverage need. Power stage, rear outputs and front end are those of the bench;
what is left out takes time: settling, drift within a spectrum, the bus.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from solbench.simulators.electronics.calibration import calibration
from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.electronics.front_end import FrontEnd
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.power_stage import FULL_SCALE_V, POL_GAINS, PowerStage, between
from solbench.simulators.electronics.rear_outputs import RearOutputs, current_lag
from solbench.simulators.electronics.settings import BenchSettings
from solbench.simulators.electronics.signals import NOTHING, V1, V2, I, Signal
from solbench.simulators.electronics.standalone import OpenLeads, Standalone
from solbench.simulators.instruments.language import defaults
from solbench.simulators.instruments.solartron1260 import TABLE as TABLE_1260
from solbench.simulators.instruments.solartron1287 import TABLE as TABLE_1287
from solbench.simulators.units.unit import specimen

_HEADROOM = 0.8  # of a standard resistor's full scale, for the peak of the alternating current
_LARGEST_RESISTOR = 5  # RR for spectra: those above are too slow at high frequencies
_FINE_V = 0.03  # up to this amplitude the POL gain is 0.01
_PAIR = {"ON": 1.0, "OL": 2.0, "BR": 1.0, "VX": 1.0, "IX": 1.0}  # at the voltage of rest, outputs x 10
_COUNTS_OF_EACH = 1 << 20  # of the noise, for one spectrum
_STEADY = {V1: 0.0, V2: 0.0, I: 0.0}

Inputs = Callable[[], Mapping[int, Signal]]


@dataclass(frozen=True, slots=True)
class DrawnSpectrum:
    """One spectrum, point by point: frequencies in Hz, impedances in ohm.

    resistor: the standard resistor that carried the current, RR 1 to 8; 0 where the analyzer measured alone.
    """

    frequency_Hz: tuple[float, ...]
    impedance_ohm: tuple[complex, ...]
    at_the_cell_ohm: tuple[complex, ...]
    true_ohm: tuple[complex, ...]
    resistor: int


def draw_spectrum(
    cell: Cell,
    frequencies_Hz: Iterable[float],
    settings: BenchSettings | None = None,
    *,
    seed: int = 0,
    number: int = 0,
    amplitude_V: float = 0.03,
    integration_s: float = 1.0,
) -> DrawnSpectrum:
    """Draw the spectrum of a cell in its present state, which stays as it is.

    settings: the instruments, as `specimen` makes them; without, the unit that a bench has when none is named. seed:
    draws the noise, and the errors of meters and sources; spectra of one bench differ in their `number`. amplitude_V:
    rms, at the cell held at its voltage of rest; with `wiring: analyzer_alone` that of the generator.
    """
    settings = specimen({}) if settings is None else settings
    asked_Hz = tuple(float(one) for one in frequencies_Hz)
    true_ohm = tuple(cell.impedance(one) for one in asked_Hz)
    generator = Generator()
    generator.running = True
    alone = settings.wiring == "analyzer_alone"
    if alone:
        resistor, lower, scale_ohm = 0, I, 1.0
        inputs = _alone(cell, generator, settings, seed, amplitude_V)
    else:
        resistor, lower = _resistor(true_ohm, amplitude_V, settings), V2
        scale_ohm = settings.interface.resistors_ohm[resistor - 1]
        inputs = _pair(cell, generator, settings, seed, amplitude_V, resistor)
    noise = Noise(seed, number * _COUNTS_OF_EACH)
    front_end = FrontEnd(settings.analyzer, noise, settings.noise_scale)
    values = defaults(TABLE_1260)
    shown: list[complex] = []
    for hertz in asked_Hz:
        generator.frequency_Hz = hertz
        signals = {V1: NOTHING, V2: NOTHING, I: NOTHING, **inputs()}
        front_end.choose_ranges(signals, values)
        found = front_end.measure(signals, _STEADY, hertz, integration_s, values)
        shown.append(found[V1].value / found[lower].value * scale_ohm)
    if not alone:
        polarity = settings.interface.v_out_polarity * settings.interface.i_out_polarity * settings.dre_sign
        shown = [polarity * one for one in shown]
    corrected = [
        between(
            settings.analyzer_leads if alone else settings.leads,
            one * (1.0 if alone else current_lag(settings.interface, resistor, hertz)),
            hertz,
        )
        for one, hertz in zip(shown, asked_Hz, strict=True)
    ]
    return DrawnSpectrum(asked_Hz, tuple(shown), tuple(corrected), true_ohm, resistor)


def _resistor(true_ohm: tuple[complex, ...], amplitude_V: float, settings: BenchSettings) -> int:
    """Choose the largest standard resistor that has room for the current of the smallest impedance, RR 1 to 8."""
    peak_A = sqrt(2.0) * amplitude_V / min(abs(one) for one in true_ohm)
    resistors_ohm = settings.interface.resistors_ohm[:_LARGEST_RESISTOR]
    fitting = [n for n, ohm in enumerate(resistors_ohm, 1) if peak_A * ohm <= _HEADROOM * FULL_SCALE_V]
    return max(fitting, default=1)


def _pair(
    cell: Cell, generator: Generator, settings: BenchSettings, seed: int, amplitude_V: float, resistor: int
) -> Inputs:
    """Hold the cell at its voltage of rest, with the sine on it; returns what the analyzer hears."""
    gain = int(amplitude_V <= _FINE_V)
    generator.set_levels(amplitude_V / POL_GAINS[gain], 0.0, gives_current=False)
    values = {**defaults(TABLE_1287), **_PAIR, "RR": resistor, "PI": float(gain)}
    stage = PowerStage(cell, generator, settings, calibration(settings, seed), values)
    stage.close()
    outputs = RearOutputs(stage, settings.interface)
    outputs.bias_V = stage.rest_V
    return outputs.inputs


def _alone(
    cell: Cell, generator: Generator, settings: BenchSettings, seed: int, amplitude_V: float
) -> Inputs:
    """Put the cell between the generator and the I input; returns what the analyzer hears."""
    generator.set_levels(amplitude_V, 0.0, gives_current=False)
    errors = calibration(settings, seed)
    stage = PowerStage(OpenLeads(), Generator(), settings, errors, defaults(TABLE_1287))
    return Standalone(cell, stage, generator, settings).inputs
