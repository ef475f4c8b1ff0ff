"""Temperatures and stack pressures that no cell here is run at, wherever in a protocol they are written."""

from solbench.protocols.findings import Findings, Rule
from solbench.protocols.plausible import Plausible
from solbench.protocols.quantities.quantity import Quantity

ICE_K = 273.15
TEMPERATURE = Rule(
    "conditions.temperature",
    "error",
    "'{text}' is {temperature_degC:.0f} degC, which no cell here is run at",
    "Write for example '25 degC'; under 'conditions' there may stand 'unknown'",
)
PRESSURE = Rule(
    "conditions.stack_pressure",
    "error",
    "'{text}' is {pressure_MPa:g} MPa, which no die withstands",
    "Write for example '75 MPa'; under 'conditions' there may stand 'unknown'",
)


def check_conditions(
    path: str, temperature: Quantity | None, stack_pressure: Quantity | None, plausible: Plausible
) -> Findings:
    """Find a temperature or a stack pressure beyond anything plausible; None is one that is not given."""
    low_K, high_K = plausible.temperature_K
    if temperature is not None and not low_K <= temperature.value <= high_K:
        degC = temperature.value - ICE_K
        yield TEMPERATURE.at(f"{path}.temperature", text=temperature.text, temperature_degC=degC)
    if stack_pressure is not None and stack_pressure.value > plausible.pressure_max_Pa:
        pressure_MPa = stack_pressure.value / 1e6
        yield PRESSURE.at(f"{path}.stack_pressure", text=stack_pressure.text, pressure_MPa=pressure_MPa)
