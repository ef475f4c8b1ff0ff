"""The temperature of the cell in the conclusions of a run: measured or typed, and what its uncertainty does to them."""

import math
from collections.abc import Sequence

from solbench.acquisition.record.beside.temperature import CellTemperature, temperature_within
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.fitting.joint_fit import BOLTZMANN_eV_K, Growth, StatesResult
from solbench.fitting.state_fit import StateRules

ZERO_DEGC_K = 273.15


def of_spectra(run: Run, records: Sequence[SpectrumRecord]) -> list[CellTemperature | None]:
    """Return the temperature of each spectrum, None where it is not known.

    Where some were measured, a typed one says nothing of the others: it may be a kelvin away from what a sensor shows.
    """
    found = [run.temperature_of(record) for record in records]
    if any(one is not None and one.source == "measured" for one in found):
        return [one if one is not None and one.source == "measured" else None for one in found]
    return found


def values_K(run: Run, records: Sequence[SpectrumRecord]) -> list[float | None]:
    """Return the temperature (K) of each spectrum, None where it is not known."""
    return [None if one is None else one.value_K for one in of_spectra(run, records)]


def are_measured(found: Sequence[CellTemperature | None]) -> bool:
    """Say whether all temperatures were measured, of at least one."""
    return bool(found) and all(one is not None and one.source == "measured" for one in found)


def told_growth(fit: StatesResult, *, measured: bool) -> Growth | None:
    """Return the growth that a joint fit tells: with R_SSE scaled where the temperature of every state was `measured`.

    A typed temperature is the same for all states, and scales nothing.
    """
    corrected = fit.growth_corrected if measured else None
    return corrected or fit.growth


def of_run(run: Run) -> CellTemperature | None:
    """Return the temperature of the cell over a whole run, None where it is not known."""
    return temperature_within(run.gauges, run.header.temperature_K, 0.0, run.events[-1].time_s)


def relative_per_K(temperature_K: float) -> float:
    """Return by what fraction the resistance of a solid electrolyte changes a kelvin, by the assumed 0.35 eV."""
    return StateRules().activation_energy_eV / (BOLTZMANN_eV_K * temperature_K**2)


def change_stderr_K(first: CellTemperature, last: CellTemperature) -> float:
    """Return the uncertainty (K) of the difference of two temperatures of a run: what both share is not in it."""
    return math.hypot(first.own_stderr_K, last.own_stderr_K)


def in_words(found: CellTemperature, typed: str = "") -> str:
    """Return a temperature as text for people: `25.13 +- 0.21 degC (measured)`, `25 degC (typed)`."""
    if found.source == "typed":
        return f"{typed or f'{found.value_K - ZERO_DEGC_K:.6g} degC'} (typed)"
    digits = 2 if found.stderr_K < 0.5 else 1
    return f"{found.value_K - ZERO_DEGC_K:.{digits}f} +- {found.stderr_K:.{digits}f} degC (measured)"
