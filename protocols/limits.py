"""Safety limits of a run: they act on every reading and end the run when one is passed."""

from dataclasses import dataclass

from solbench.protocols.cells import Build
from solbench.protocols.model import Model
from solbench.protocols.quantities.quantity import PlainCurrent, Voltage


class Safety(Model):
    """Safety limits in a protocol; what is left out is taken from the cell's build."""

    voltage_min: Voltage | None = None
    voltage_max: Voltage | None = None
    current_max: PlainCurrent | None = None


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """Resolved safety limits: cell voltage (V) from `voltage_min_V` to `voltage_max_V`, |current| (A)."""

    voltage_min_V: float
    voltage_max_V: float
    current_max_A: float


def limits_for(safety: Safety | None, build: Build) -> SafetyLimits:
    """Combine a protocol's safety limits with those of the build."""
    written = safety or Safety()
    low, high = build.voltage_window_V
    return SafetyLimits(
        voltage_min_V=written.voltage_min.value if written.voltage_min else low,
        voltage_max_V=written.voltage_max.value if written.voltage_max else high,
        current_max_A=written.current_max.value if written.current_max else build.current_max_A,
    )
