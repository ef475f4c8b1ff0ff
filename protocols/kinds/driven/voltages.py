"""Checks of voltages that are set: whether the instrument goes so far, and whether it sets just that."""

import math

from solbench.protocols.convert import in_steps, is_lost
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.plausible import Instruments
from solbench.protocols.quantities.quantity import Quantity

ABOVE_INSTRUMENT = Rule(
    "voltage.above_instrument",
    "error",
    "'{voltage}' is more than the {limit_V:g} V of the {source}",
    "Write less",
)
LOST = Rule(
    "voltage.lost",
    "error",
    "the {source} sets whole steps of {step_mV:g} mV: nothing is left of '{voltage}', and 0 V would stand",
    "Write '{next_mV:g} mV', or choose an instrument that sets it",
)
BETWEEN_STEPS = Rule(
    "voltage.between_steps",
    "warning",
    "the {source} sets whole steps of {step_mV:g} mV: {set_mV:g} mV will stand for '{voltage}'",
    "Write {whole}, or keep it if that is near enough",
)
BETWEEN_STAIRS = Rule(
    "voltammetry.between_steps",
    "warning",
    "the {source} sets whole steps of {step_mV:g} mV: each level is set to the nearest, and steps of '{step}' become "
    "{low_mV:g} to {high_mV:g} mV high",
    "Write {whole}, or keep it if that is near enough",
)
SAME_STEP = 1e-6  # of a step


def check_settable(path: str, voltage: Quantity, able: Instruments) -> Findings:
    """Yield that an instrument cannot set a voltage, or only another one near it."""
    step_V = able.voltage_step_V
    if abs(voltage.value) > able.voltage_max_V:
        limit_V = able.voltage_max_V
        yield ABOVE_INSTRUMENT.at(path, voltage=voltage.text, limit_V=limit_V, source=able.source)
    elif is_lost(voltage.value, step_V):
        step_mV = 1e3 * step_V
        next_mV = math.copysign(step_mV, voltage.value)
        yield LOST.at(path, voltage=voltage.text, source=able.source, step_mV=step_mV, next_mV=next_mV)
    elif around := _around_mV(voltage.value, step_V):
        yield BETWEEN_STEPS.at(
            path,
            voltage=voltage.text,
            source=able.source,
            step_mV=1e3 * step_V,
            set_mV=1e3 * in_steps(voltage.value, step_V),
            whole=_whole(around),
        )


def check_stairs(path: str, height: Quantity, able: Instruments) -> Findings:
    """Yield that an instrument makes steps of other heights than the one that a staircase asks for."""
    step_V = able.voltage_step_V
    if around := _around_mV(height.value, step_V):
        low_mV, high_mV = around
        yield BETWEEN_STAIRS.at(
            path,
            step=height.text,
            source=able.source,
            step_mV=1e3 * step_V,
            low_mV=low_mV,
            high_mV=high_mV,
            whole=_whole(around),
        )


def _around_mV(voltage_V: float, step_V: float) -> tuple[float, float] | None:
    """Return the whole steps below and above a voltage (mV); None where it is one itself, or any can be set."""
    if not step_V or abs(voltage_V - in_steps(voltage_V, step_V)) <= SAME_STEP * step_V:
        return None
    steps = voltage_V / step_V
    return 1e3 * step_V * math.floor(steps), 1e3 * step_V * math.ceil(steps)


def _whole(around_mV: tuple[float, float]) -> str:
    """Return what to write in place of a voltage between two others (mV); 0 is none that was meant."""
    return " or ".join(f"'{one:g} mV'" for one in around_mV if one)
