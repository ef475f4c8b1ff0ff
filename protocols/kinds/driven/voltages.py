"""Checks of voltages that are set: whether the instrument goes so far, and whether it sets just that."""

import math

from solbench.protocols.findings import Findings, Rule
from solbench.protocols.plausible import Instruments
from solbench.protocols.quantities.quantity import Quantity

ABOVE_INSTRUMENT = Rule(
    "voltage.above_instrument",
    "error",
    "'{voltage}' is more than the {limit_V:g} V of the {source}",
    "Write less",
)
BETWEEN_STEPS = Rule(
    "voltage.between_steps",
    "warning",
    "the {source} sets whole steps of {step_mV:g} mV: {set_mV:g} mV will stand for '{voltage}'",
    "Write '{low_mV:g} mV' or '{high_mV:g} mV', or keep it if that is near enough",
)
SAME_STEP = 1e-6  # of a step


def check_settable(path: str, voltage: Quantity, able: Instruments) -> Findings:
    """Yield that an instrument cannot set a voltage, or only another one near it."""
    if abs(voltage.value) > able.voltage_max_V:
        limit_V = able.voltage_max_V
        yield ABOVE_INSTRUMENT.at(path, voltage=voltage.text, limit_V=limit_V, source=able.source)
    elif step_V := able.voltage_step_V:
        steps = voltage.value / step_V
        if abs(steps - round(steps)) > SAME_STEP:
            step_mV = 1e3 * step_V
            yield BETWEEN_STEPS.at(
                path,
                voltage=voltage.text,
                source=able.source,
                step_mV=step_mV,
                set_mV=round(steps) * step_mV,
                low_mV=math.floor(steps) * step_mV,
                high_mV=math.ceil(steps) * step_mV,
            )
