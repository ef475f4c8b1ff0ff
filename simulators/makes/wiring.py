"""The potentiostat of a bench by its make: its electronics around the cell, its outputs, and itself on the bus."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from solbench.simulators.electronics.cell_port import Cell
from solbench.simulators.electronics.generator import Generator
from solbench.simulators.electronics.noise import Noise
from solbench.simulators.electronics.power_stage import PowerStage
from solbench.simulators.electronics.rear_outputs import RearOutputs
from solbench.simulators.electronics.settings import BenchSettings, Calibration
from solbench.simulators.electronics.signals import Signal
from solbench.simulators.electronics.voltmeter import Voltmeter
from solbench.simulators.instruments.language import defaults
from solbench.simulators.instruments.solartron1287 import TABLE, Solartron1287
from solbench.simulators.makes.ec301 import ADC_RANGES_V, FULL_SCALE_OUT_V, Ec301
from solbench.simulators.makes.keithley2400 import FULL_SCALE_V, VOLTAGE_RANGES_V, Keithley2400

BY_RANGE = (
    "ammeter_gain",
    "ammeter_offset",
    "ammeter_linearity",
    "current_source_gain",
    "current_source_offset",
    "resistor_error",
)

Holder = Solartron1287 | Ec301 | Keithley2400


class Held(NamedTuple):
    """What holds the cell."""

    stage: PowerStage
    outputs: RearOutputs
    instrument: Holder


class NoOutputs(RearOutputs):
    """A source-measure unit has none: an analyzer beside it is wired to nothing."""

    def inputs(self, window_s: float = 0.0) -> Mapping[int, Signal]:
        """Return nothing."""
        return {}


def potentiostat(
    settings: BenchSettings, cell: Cell, generator: Generator, errors: Calibration, noise: Noise
) -> Held:
    """Make the potentiostat that `settings.make` names, with the cell on its leads."""
    values = defaults(TABLE)
    if settings.make == "ec301":
        own = settings.ec301
        errors = for_ranges(errors, len(own.resistors_ohm))
        stage = PowerStage(cell, generator, settings, errors, values, own, FULL_SCALE_OUT_V)
        outputs = RearOutputs(stage, own)
        voltmeter = Voltmeter(stage, own, noise, settings.noise_scale, ADC_RANGES_V)
        return Held(stage, outputs, Ec301(own, stage, outputs, voltmeter))
    if settings.make == "keithley":
        unit = settings.keithley
        settings = replace(settings, positive_terminal="ce_re1")  # HI, and marked on it
        errors = for_ranges(errors, len(unit.resistors_ohm))
        stage = PowerStage(cell, generator, settings, errors, values, unit, FULL_SCALE_V)
        outputs = NoOutputs(stage, unit)
        voltmeter = Voltmeter(stage, unit, noise, settings.noise_scale, VOLTAGE_RANGES_V)
        return Held(stage, outputs, Keithley2400(unit, stage, outputs, voltmeter))
    interface = settings.interface
    stage = PowerStage(cell, generator, settings, errors, values)
    outputs = RearOutputs(stage, interface)
    voltmeter = Voltmeter(stage, interface, noise, settings.noise_scale)
    return Held(stage, outputs, Solartron1287(interface, stage, outputs, voltmeter))


def for_ranges(errors: Calibration, count: int) -> Calibration:
    """Return errors of `count` current ranges; those beyond the eighth begin with the first again."""
    drawn: dict[str, Any] = {
        name: tuple(values[i % len(values)] for i in range(count))
        for name in BY_RANGE
        for values in (getattr(errors, name),)
    }
    return replace(errors, **drawn)
