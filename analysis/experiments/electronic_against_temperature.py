"""Electronic conductivity of a pellet against temperature: Arrhenius' law through DC polarizations."""

from __future__ import annotations

from solbench.acquisition.record.beside.temperature import CellTemperature
from solbench.analysis.experiments.arrhenius_found import CAPTION, Against, against_temperature, paint
from solbench.analysis.experiments.experiment import Experiment, Found
from solbench.analysis.experiments.plateaus import goes_down, own_stderr_K, shared_of
from solbench.analysis.polarization import conductivities, run_geometry
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.laws.arrhenius import Plateau

ZERO_DEGC_K = 273.15


def analyse(spectra: RunSpectra) -> Found[Against] | None:
    """Find it in a run whose DC polarizations were made at two temperatures or more that a person set."""
    run = spectra.run
    found = conductivities(run)
    if len(found) < 2:
        return None
    constant_per_m = run_geometry(run).cell_constant_per_m
    points: list[Plateau] = []
    temperatures: list[CellTemperature] = []
    notes: list[str] = []
    for step, result in found:
        at = run.temperature_in(step)
        if at is None:
            notes.append("a temperature that nobody confirmed, and no sensor measured, is left out")
            continue
        if result.is_bound:
            degC = at.value_K - ZERO_DEGC_K
            notes.append(
                f"at {degC:.1f} degC there is only a bound, which no law goes through: {result.verdict}"
            )
            continue
        ohm = constant_per_m / result.sigma_S_m
        # what the polarization does not share with the others: without the geometry, which moves all as one
        relative = result.sigma_stderr_S_m / result.sigma_S_m
        own = max(relative**2 - run_geometry(run).relative_stderr ** 2, 0.0) ** 0.5
        points.append(Plateau(at.value_K, result.sigma_S_m, ohm, own * ohm, own_stderr_K(at)))
        temperatures.append(at)
    if not points:
        return Found((), tuple(notes), Against((), None), "no conductivity is known")
    down = goes_down([point.temperature_K for point in points])
    marked = [Plateau(**{**vars(one), "cooling": is_down}) for one, is_down in zip(points, down, strict=True)]
    return against_temperature(marked, shared_of(spectra, temperatures, contact=False), notes)


EXPERIMENT = Experiment(
    name="electronic_conductivity_against_temperature",
    title="Electronic conductivity against temperature",
    protocols=("electronic-conductivity-against-temperature",),
    analyse=analyse,
    caption=CAPTION,
    size_in=(5.8, 4.6),
    paint=paint,
    pools=("activation_energy_eV", "conductivity_at_25_degC_S_cm"),
)
