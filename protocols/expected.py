"""What a cell record lets expect of a measurement, and how well."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solbench.protocols.cells import BOLTZMANN_J_K, Build
from solbench.protocols.tolerances import Tolerances

ROOM_TEMPERATURE_K, ROOM_SPREAD_K = 298.15, 5.0  # where no temperature is known
ACTIVATION_ENERGY_SPREAD = 0.3  # of the energy: 0.35 +- 0.1 eV where it is not measured
FASTER_THAN_F_m2 = 5e-8 / 0.785e-4  # what answers faster than this capacitance is electrolyte


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
