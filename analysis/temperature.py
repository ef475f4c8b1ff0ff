"""The temperature of the cell in the conclusions of a run: measured or typed, and what its uncertainty does to them."""

import math
from collections.abc import Sequence

from solbench.acquisition.record.beside.temperature import CellTemperature, temperature_within
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.fitting.joint_fit import Growth, StatesResult
from solbench.fitting.state_fit import StateRules
from solbench.protocols.quantities.units import ZERO_DEGC_K

MEASURED_CHANGE_K = (
    0.2  # so well a sensor beside the electrolyte tells by how much that has warmed, and no better
)


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


def own_stderrs_K(found: Sequence[CellTemperature | None]) -> list[float] | None:
    """Return what is not certain (K) about each of measured temperatures by itself; None where they were typed."""
    if not are_measured(found):
        return None
    return [max(one.own_stderr_K, MEASURED_CHANGE_K / math.sqrt(2.0)) for one in found if one is not None]


def are_measured(found: Sequence[CellTemperature | None]) -> bool:
    """Say whether all temperatures were measured, of at least one."""
    return bool(found) and all(one is not None and one.source == "measured" for one in found)


def told_growth(fit: StatesResult, *, measured: bool) -> Growth | None:
    """Return the growth that a joint fit tells; corrected only where the temperature of every state was `measured`."""
    corrected = fit.growth_corrected if measured else None
    return corrected or fit.growth


def of_run(run: Run) -> CellTemperature | None:
    """Return the temperature of the cell over a whole run, None where it is not known, or is another one at times."""
    often = max((step.conditions.times_set[0] for step in run.steps), default=0)
    if often > 1:  # a series
        return None
    is_one = not often
    typed_K = run.header.temperature_K if is_one else None
    return temperature_within(run.gauges, typed_K, 0.0, run.events[-1].time_s)


def relative_per_K(temperature_K: float) -> float:
    """Return by what fraction the resistance of a solid electrolyte changes a kelvin, by the assumed energy."""
    return StateRules().relative_per_K(temperature_K)


def in_words(found: CellTemperature, typed: str = "") -> str:
    """Return a temperature as text for people: `25.13 +- 0.21 degC (measured)`, `25 degC (typed)`."""
    if found.source == "typed":
        return f"{typed or f'{found.value_K - ZERO_DEGC_K:.6g} degC'} (typed)"
    digits = 2 if found.stderr_K < 0.5 else 1
    return f"{found.value_K - ZERO_DEGC_K:.{digits}f} +- {found.stderr_K:.{digits}f} degC (measured)"
