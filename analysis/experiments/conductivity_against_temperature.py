"""Ionic conductivity of a pellet against temperature: Arrhenius' law, with heating and cooling compared."""

from __future__ import annotations

from solbench.acquisition.record.beside.temperature import CellTemperature
from solbench.analysis.experiments.arrhenius_found import CAPTION, Against, against_temperature, paint
from solbench.analysis.experiments.experiment import Experiment, Found
from solbench.analysis.experiments.plateaus import (
    STEADY_K,
    goes_down,
    own_stderr_K,
    plateaus,
    shared_of,
    unsettled_K,
)
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.states_of_run import contradicted, is_pellet
from solbench.analysis.temperature import relative_per_K
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.laws.arrhenius import SAME_K, Plateau
from solbench.fitting.state_fit import BOLTZMANN_eV_K
from solbench.protocols.quantities.units import ZERO_DEGC_K

_MOST_NOTES = 3  # about plateaus


def analyse(spectra: RunSpectra) -> Found[Against] | None:
    """Find it in a run on a pellet whose spectra were taken at more than one temperature."""
    if not is_pellet(spectra.run) or spectra.fit is None or len(spectra.records) < 2:
        return None
    at = dict(zip((record.spectrum for record in spectra.records), spectra.temperatures, strict=True))
    states = dict(zip((record.spectrum for record in spectra.records), spectra.fit.states, strict=True))
    known = [one.value_K for one in at.values() if one is not None]
    asked = any(record.conditions.times_set[0] for record in spectra.records)
    if not asked and (not known or max(known) - min(known) <= SAME_K):
        return None
    wrong = set(contradicted(spectra.run))
    points: list[Plateau] = []
    temperatures: list[CellTemperature] = []
    notes: list[str] = []
    if spectra.run.not_commissioned:
        why = "withheld: the bench is not commissioned, so that no conclusion is drawn from its spectra"
        return Found((), (why,), Against((), None), "withheld")
    for place, group in enumerate(plateaus(spectra.records), 1):
        sound = [
            (states[record.spectrum], one)
            for record in group
            if (one := at[record.spectrum]) is not None
            if states[record.spectrum].verdict != "wrong" and record.spectrum not in wrong
        ]
        if not sound:
            unknown = all(at[record.spectrum] is None for record in group)
            why = (
                "nobody confirmed its temperature, and no sensor measured it"
                if unknown
                else "no sound spectrum"
            )
            notes.append(f"temperature {place} is left out: {why}")
            continue
        point, unsteady_K = _plateau(spectra, sound)
        if unsteady_K > STEADY_K:
            degC = point.temperature_K - ZERO_DEGC_K
            notes.append(
                f"at {degC:.1f} degC the sample was still {unsteady_K:.1f} K from steady; rest longer"
            )
        points.append(point)
        temperatures.append(sound[-1][1])
    if not points:
        return Found((), tuple(notes), Against((), None), "no temperature is known")
    down = goes_down([point.temperature_K for point in points])
    marked = [Plateau(**{**vars(one), "cooling": is_down}) for one, is_down in zip(points, down, strict=True)]
    more = (f"and {len(notes) - _MOST_NOTES} more such remarks",) if len(notes) > _MOST_NOTES else ()
    shared = shared_of(spectra, temperatures, contact=True)
    return against_temperature(marked, shared, (*notes[:_MOST_NOTES], *more))


def _plateau(spectra: RunSpectra, sound: list[tuple[StateFit, CellTemperature]]) -> tuple[Plateau, float]:
    """Return what the last spectrum of a plateau shows, and how far (K) it is from steady by all of them."""
    state, at = sound[-1]
    ohm, stderr_ohm = state.r_sse_ohm, state.r_sse_stderr_ohm
    energy_eV = relative_per_K(at.value_K) * BOLTZMANN_eV_K * at.value_K**2
    brought = [
        one.r_sse_ohm * (1.0 + energy_eV / (BOLTZMANN_eV_K * at.value_K**2) * (there.value_K - at.value_K))
        for one, there in sound
    ]  # to one temperature, as far as the sensor shows that it moves
    left_K = unsettled_K(brought, stderr_ohm, relative_per_K(at.value_K))
    cell = spectra.run.header.cell
    sigma_S_m = cell.required("thickness_m") / cell.required("area_m2") / ohm
    own_K = (own_stderr_K(at) ** 2 + left_K**2) ** 0.5
    return Plateau(at.value_K, sigma_S_m, ohm, stderr_ohm, own_K), left_K


EXPERIMENT = Experiment(
    name="conductivity_against_temperature",
    title="Ionic conductivity against temperature",
    protocols=("conductivity-against-temperature",),
    analyse=analyse,
    caption=CAPTION,
    size_in=(5.8, 4.6),
    paint=paint,
    pools=("activation_energy_eV", "conductivity_at_25_degC_S_cm"),
)
