"""Between which limits a run stays: safety limits, which act on every reading and end the run when one is passed, and
the resistance that the record of the cell lets expect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from solbench.protocols.cells import BOLTZMANN_J_K, Build
from solbench.protocols.model import Model
from solbench.protocols.quantities.quantity import PlainCurrent, Voltage
from solbench.protocols.tolerances import Tolerances

ROOM_TEMPERATURE_K, ROOM_SPREAD_K = 298.15, 5.0  # where no temperature is known
ACTIVATION_ENERGY_SPREAD = 0.3  # of the energy: 0.35 +- 0.1 eV where it is not measured
FASTER_THAN_F_m2 = 5e-8 / 0.785e-4  # what answers faster than this capacitance is electrolyte


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


@dataclass(frozen=True, slots=True)
class ExpectedResistance:
    """The electrolyte's resistance (ohm) at the temperature of a run, and the spans (ohm) of the tolerances.

    Outside `doubt_ohm` it is remarked on, outside `stop_ohm` the run pauses. `is_whole`: whether it is that of all
    layers; else a measured one may be larger. `highest_Hz`: up from this frequency what follows the electrolyte
    does not answer any more.
    """

    ohm: float
    doubt_ohm: tuple[float, float]
    stop_ohm: tuple[float, float]
    is_whole: bool
    highest_Hz: float


def expected_resistance(
    build: Build, temperature_K: float | None, tolerances: Tolerances
) -> ExpectedResistance:
    """Return the resistance that the record lets expect at a temperature (K; None where it is not known).

    An unknown temperature is that of a room. The spans are wider the less the temperature and its effect are known.
    """
    assumed_K = ROOM_TEMPERATURE_K if temperature_K is None else temperature_K
    away = 1.0 / assumed_K - 1.0 / build.reference_temperature_K
    slope_K = build.activation_energy_J / BOLTZMANN_J_K
    ohm = (build.resistance_ohm + (build.catholyte_ohm or 0.0)) * math.exp(slope_K * away)
    unsure = ACTIVATION_ENERGY_SPREAD * slope_K * abs(away)
    if temperature_K is None:
        unsure += slope_K * ROOM_SPREAD_K / ROOM_TEMPERATURE_K**2
    wider = math.exp(unsure)

    def span(percent: tuple[float, float]) -> tuple[float, float]:
        return ohm * percent[0] / wider, ohm * percent[1] * wider

    (low, high), (least, most) = tolerances.resistance, tolerances.resistance_stop
    return ExpectedResistance(
        ohm=ohm,
        doubt_ohm=span((low.value, high.value)),
        stop_ohm=span((least.value, most.value)),
        is_whole=build.kind != "full" or build.catholyte_ohm is not None,
        highest_Hz=1.0 / (2.0 * math.pi * ohm * FASTER_THAN_F_m2 * build.area_m2),
    )


def electronic_ohm(
    build: Build, temperature_K: float | None, tolerances: Tolerances
) -> tuple[float, float] | None:
    """Return between which resistances (ohm) to electrons the record lets expect; None where it has none.

    The conductivity may follow the temperature (K; None where it is not known) as that of the ions does, or not at all.
    """
    sigma_S_m = build.electronic_conductivity_S_m
    if build.reduced:
        if build.electronic_conductivity_reduced_S_m is None:
            return None
        sigma_S_m = build.electronic_conductivity_reduced_S_m
    ohm = build.thickness_m / sigma_S_m / build.area_m2
    assumed_K = ROOM_TEMPERATURE_K if temperature_K is None else temperature_K
    away = build.activation_energy_J / BOLTZMANN_J_K * (1.0 / assumed_K - 1.0 / build.reference_temperature_K)
    low, high = tolerances.electronic
    return ohm * low.value * math.exp(min(away, 0.0)), ohm * high.value * math.exp(max(away, 0.0))
