"""What is taken for a slip of the pen or against the instruments' limits."""

from dataclasses import dataclass
from math import inf
from typing import Literal

LARGEST_DROP_V = 0.1  # rms: an alternating current that is given drops no more, or it is lowered
USUAL_REST_S = 60.0  # between a current and a spectrum, at least
LEAST_PULSE_READINGS = 10  # of a pulse and of each rest beside it, by which diffusion is told
LEAST_STEP_READINGS = 20  # of a step of the voltage, by which diffusion is told
MOST_CHANGE_V = 0.1  # of the voltage, by which readings are stored: a cell that moves by a volt leaves ten
MOST_CHANGE_OF_BUILD_V = {
    "symmetric": 2e-3,
    "metal": 0.0,
    "pellet": 0.0,
}  # tin moves by 30 mV, metal not at all
LARGEST_PULSE_V = 0.05  # at rest, by a pulse: more, and the curve between two rests is not known
TITRATION_STEP_V = 2e-3, 0.05  # of the voltage, between which diffusion is told

Ability = Literal["impedance", "polarization", "standalone impedance"]
"""What a bench can do beside direct current: measure impedance while it holds the cell, follow a small current over
its ranges, measure the impedance of a sample that nothing holds."""


@dataclass(frozen=True, slots=True)
class SetChamber:
    """A chamber that sets the temperature of the cell by itself: from `lowest_K` to `highest_K`.

    `has_limit`: whether its own limiter can be read back.
    """

    lowest_K: float = 0.0
    highest_K: float = inf
    has_limit: bool = False


@dataclass(frozen=True, slots=True)
class Instruments:
    """Limits of a bench that a protocol cannot pass, by default of a 1260 with a 1287.

    `source` is what drives the cell, `analyzer` which one of its family measures; `chamber` what sets the temperature
    of the cell, None where a person does. `abilities`: what the `bench` of this name can do beside direct current,
    None for whatever a step asks. `voltage_step_V`: whole steps in which it sets a voltage, 0 where they are finer than
    anything seen of a cell.

    2 A and 14.5 V: 1287 manual, specification. 32 MHz, 10 uHz, 3 V rms: 1260 manual, generator. 1 MHz for
    the pair is the 1287's bandwidth (grade C, practice in the field), 150 kHz that of its fastest loop as a galvanostat
    (1287 manual, GB 0). A reading of full resolution takes about
    `reading_s` (a grade D conversion time, and the line).
    """

    source: str = "1287"
    analyzer: str = "1260"
    current_max_A: float = 2.0
    voltage_max_V: float = 14.5
    voltage_step_V: float = 0.0
    frequency_max_Hz: float = 32e6
    frequency_min_Hz: float = 10e-6
    pair_frequency_max_Hz: float = 1e6
    galvanostat_frequency_max_Hz: float = 150e3
    reading_s: float = 0.25
    chamber: SetChamber | None = None
    bench: str = ""
    abilities: frozenset[Ability] | None = None

    def can(self, ability: Ability) -> bool:
        """Say whether the bench can do this, as far as is known."""
        return self.abilities is None or ability in self.abilities


UNKNOWN_INSTRUMENTS = Instruments(
    source="source",
    analyzer="analyzer",
    current_max_A=inf,
    voltage_max_V=inf,
    frequency_max_Hz=inf,
    frequency_min_Hz=0.0,
    pair_frequency_max_Hz=inf,
    galvanostat_frequency_max_Hz=inf,
    reading_s=0.0,
)
"""What is known of a bench whose file cannot be read: nothing that a protocol could pass."""


@dataclass(frozen=True, slots=True)
class Plausible:
    """Magnitudes beyond which a value in a protocol or record for these cells is a slip (all assumptions).

    The experiments (Deysher et al. 2022) use 0.06 to 0.16 mA/cm2, up to C/8, 30 mV rms, pellets of 0.785 cm2
    and 500 um, 1.74 mg Sn/cm2 and 6.0 mg NaCrO2/cm2: the bounds leave one to two orders of magnitude on either
    side. A run of more than `duration_warning_s` is only remarked on, and so is what lies outside the `usual_`
    bounds: a slip of a factor of ten mostly does.
    """

    areal_current_max_A_m2: float = 100.0
    c_rate_max_per_h: float = 10.0
    capacity_over_theoretical: float = 2.0
    linear_amplitude_V: float = 0.030
    linear_voltage_V: float = 0.05
    amplitude_max_V: float = 0.5
    live_amplitude_max_V: float = 0.1
    temperature_K: tuple[float, float] = (200.0, 500.0)
    pressure_max_Pa: float = 1e9
    area_m2: tuple[float, float] = (1e-6, 5e-3)  # to a pouch of 7 cm by 7 cm
    thickness_m: tuple[float, float] = (1e-6, 1e-2)
    tin_loading_kg_m2: tuple[float, float] = (1e-4, 1.0)
    cathode_loading_kg_m2: tuple[float, float] = (1e-3, 10.0)
    duration_warning_s: float = 90 * 86400.0
    ionic_conductivity_S_m: tuple[float, float] = (1e-7, 100.0)
    activation_energy_eV: tuple[float, float] = (0.02, 2.0)
    diameter_agrees: float = 0.01
    usual_area_m2: tuple[float, float] = (1e-5, 5e-4)
    usual_thickness_m: tuple[float, float] = (1e-4, 2e-3)
    usual_tin_loading_kg_m2: tuple[float, float] = (5e-3, 0.1)
    usual_diffusion_length_m: tuple[float, float] = (
        5e-8,
        5e-5,
    )  # to the middle of a grain, or through a thin layer
    usual_cathode_C_kg: tuple[float, float] = (80.0 * 3600.0, 300.0 * 3600.0)  # of its active material alone
    conversion_cathode_C_kg: float = 1700.0 * 3600.0  # sulphur has 1675 mAh/g, and no cathode has more
    usual_tin_in_excess_kg_m2: float = 0.25
    usual_areal_current_A_m2: float = 15.0
    usual_c_rate_per_h: float = 0.9
    least_areal_current_A_m2: float = 3e-3
    least_c_rate_per_h: float = 1e-3
    usual_imbalance: float = 0.1  # of what goes one way and back in a pass
    usual_amplitude_V: float = 3e-3
    usual_drop_V: float = 1e-4
    usual_alternating_A: float = 1e-7
    usual_points_per_decade: int = 3
    usual_points: int = 12
    usual_rest_s: float = USUAL_REST_S
    usual_end_of_limit: float = 2e-3
    usual_polarization_s: float = 1200.0
    usual_polarization_V: float = 5e-3
    usual_baseline_s: float = 60.0
    usual_steady_over_s: float = 60.0
    usual_steady_within: float = 0.05
    usual_top_Hz: float = 1e4
    usual_tin_over_nominal: float = 5.0
    beyond_usual_window_V: float = 0.05
    usual_pulse: tuple[float, float] = (1e-3, 0.025)  # of the capacity: at 3 % hard carbon changes by 70 mV
    usual_pulse_rest_s: float = (
        3000.0  # after 45 min hard carbon moves by more than 0.1 mV/h, after an hour not
    )
