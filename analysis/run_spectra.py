"""The spectra of a run: fitted together, judged, and turned into what the experiment is for."""

import math
from functools import cached_property

import numpy as np

from solbench.acquisition.record.beside.temperature import CellTemperature
from solbench.acquisition.record.events import Grade, SpectrumQuality
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.compared import compared
from solbench.analysis.cycling import Uncertain
from solbench.analysis.polarization import run_geometry
from solbench.analysis.scales import with_scales
from solbench.analysis.states_of_run import (
    behind_short,
    contradicted,
    has_interphase,
    is_pellet,
    may_be_fresh,
    measured_states,
    planned_first,
    rules_of,
    trusted,
)
from solbench.analysis.temperature import (
    are_measured,
    of_spectra,
    own_stderrs_K,
    relative_per_K,
    told_growth,
    values_K,
)
from solbench.analysis.uncertain_chain import chains_of, scales_of, stray_capacitance
from solbench.analysis.withheld import WithheldConclusion, all_withheld
from solbench.fitting.elements import Array, Complex
from solbench.fitting.geometry import conductivity
from solbench.fitting.joint_fit import (
    AloneFit,
    Growth,
    StateFit,
    StatesResult,
    fit_alone,
    fit_pellets,
    fit_states,
)
from solbench.fitting.linear_kk import LEAST_POINTS, KramersKronig, kramers_kronig
from solbench.fitting.spectra.arcs import Arc, arcs_of, relative_permittivity
from solbench.fitting.verdicts import Verdict

CONTACT_OHM = (
    0.3  # of the plungers and what holds them, usually 0.1 to 0.5 ohm: nothing tells it from the pellet
)


class RunSpectra:
    """The whole spectra of a run with their fits; each is computed once, when it is first used."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.states = measured_states(run, LEAST_POINTS)
        self.records = [state.record for state in self.states]

    def spectrum(self, record: SpectrumRecord) -> tuple[Array, Complex]:
        """Return frequencies (Hz) and impedances (ohm, complex) of one spectrum in the order of measurement.

        Points for which the bench is not known are left out.
        """
        points = trusted(self.run.points_of(record))
        return points["frequency_Hz"], points["real_ohm"] + 1j * points["imaginary_ohm"]

    @cached_property
    def fit(self) -> StatesResult | None:
        """Get the joint fit of all spectra of one electrolyte, None where there is nothing to fit."""
        return self._fit(self._states, self.records)

    @property
    def _states(self) -> list[tuple[Array, Complex]]:
        return [(state.frequency_Hz, state.impedance_ohm) for state in self.states]

    @cached_property
    def temperatures(self) -> list[CellTemperature | None]:
        """Get the temperature of each state."""
        return of_spectra(self.run, self.records)

    @cached_property
    def asked(self) -> list[SpectrumRecord]:
        """Get the spectra that are no states of the experiment: on demand, or of tin that was emptied again.

        Not those behind a short circuit, which share nothing with the states.
        """
        apart = {record.spectrum for record in self.records} | self.shorted
        found = [record for record in planned_first(self.run)[1] if record.spectrum not in apart]
        return [record for record in found if len(trusted(self.run.points_of(record))) >= LEAST_POINTS]

    @cached_property
    def shorted(self) -> frozenset[int]:
        """Get the numbers of the spectra that were taken behind a short circuit: there is no fit of these."""
        return frozenset(record.spectrum for record in behind_short(self.run))

    @cached_property
    def _fit_with_asked(self) -> StatesResult | None:
        """Get the joint fit of the states and the on-demand spectra; only the latter's results are from it."""
        asked = [self.spectrum(record) for record in self.asked]
        return self._fit([*self._states, *asked], [*self.records, *self.asked])

    def _fit(
        self, spectra: list[tuple[Array, Complex]], records: list[SpectrumRecord]
    ) -> StatesResult | None:
        if not spectra:
            return None
        temperatures_K = values_K(self.run, records)
        points = [(record, trusted(self.run.points_of(record))) for record in records]
        try:
            chains = chains_of(self.run, points)
            if is_pellet(self.run):
                found = fit_pellets(spectra, rules=rules_of(self.run), chains=chains)
            else:
                found = fit_states(
                    spectra,
                    temperatures_K=temperatures_K,
                    temperature_stderrs_K=own_stderrs_K(of_spectra(self.run, records)),
                    fresh=may_be_fresh(self.run),
                    rules=rules_of(self.run),
                    chains=chains,
                )
            return with_scales(found, scales_of(self.run, points))
        except (ValueError, np.linalg.LinAlgError):  # a spectrum that is none: the summary says so by nulls
            return None

    def quality(self, record: SpectrumRecord) -> KramersKronig | None:
        """Return the Kramers-Kronig description of one spectrum, None where it has too few points."""
        frequency_Hz, impedance_ohm = self.spectrum(record)
        return kramers_kronig(frequency_Hz, impedance_ohm) if len(frequency_Hz) >= LEAST_POINTS else None

    @property
    def has_interphase(self) -> bool:
        """Get whether the cell has electrodes on which an interphase can grow."""
        return has_interphase(self.run)

    def state_of(self, record: SpectrumRecord) -> StateFit | None:
        """Return the fit of one spectrum, also of an on-demand one; None where there is none."""
        if record in self.records:
            return self.fit.states[self.records.index(record)] if self.fit is not None else None
        if record not in self.asked or self._fit_with_asked is None:
            return None
        return self._fit_with_asked.states[len(self.states) + self.asked.index(record)]

    @cached_property
    def alone(self) -> dict[int, AloneFit]:
        """Get what each state shows by itself, by the number of its spectrum: nothing comes from the other states."""
        if self.fit is None:
            return {}
        fits = fit_alone(self.fit)
        return {record.spectrum: found for record, found in zip(self.records, fits, strict=True)}

    def arcs(self, record: SpectrumRecord) -> tuple[Arc, ...]:
        """Return the arcs of one spectrum and what they are, none where there is no fit."""
        state = self.state_of(record)
        if state is None:
            return ()
        return arcs_of(state, stray_capacitance(self.run), blocking=is_pellet(self.run))

    @property
    def relative_permittivity(self) -> float | None:
        """Get that of a pellet, None where its bulk is not told apart, and where its conductivity is withheld."""
        if self.ionic_conductivity is None:
            return None
        geometry = run_geometry(self.run)
        return relative_permittivity(self.arcs(self.records[-1]), geometry.cell_constant_per_m)

    def verdict(self, record: SpectrumRecord) -> Verdict | None:
        """Return the verdict on a spectrum's fit; a good one is lowered where another sweep of the state found drift.

        Likewise where the cell did not answer in proportion to another amplitude, or where the spectrum is not that of
        the cell in the record.
        """
        verdict, grade = self._verdict(record), self._compared.get(record.spectrum)
        if verdict is None or grade is None:
            return verdict
        return "wrong" if grade == "stop" else "look" if verdict == "good" else verdict

    @cached_property
    def wrong(self) -> dict[int, str]:
        """Get why spectra are wrong, by number: as the fit tells, or as they were judged when they were measured."""
        judged = {body.spectrum: body for _, body in self.run.bodies(SpectrumQuality)}
        found: dict[int, str] = {}
        for record in self.run.spectra:
            verdict, state, quality = self.verdict(record), self.state_of(record), judged.get(record.spectrum)
            if verdict == "wrong":
                said = state.reason if state is not None and state.verdict == "wrong" else ""
                found[record.spectrum] = said or "it is not that of the cell in the record"
            elif quality is not None and quality.verdict == "wrong":
                found[record.spectrum] = quality.reason
        return found

    @cached_property
    def _compared(self) -> dict[int, Grade]:
        """Get the spectra that do not agree with the record of the cell, each with its worst grade."""
        bodies = sorted((body for _, body in compared(self.run)), key=lambda body: body.grade)
        return {body.spectrum: body.grade for body in bodies if body.spectrum is not None}

    def _verdict(self, record: SpectrumRecord) -> Verdict | None:
        fitted = self.state_of(record)
        if fitted is None or record not in self.records:
            return fitted.verdict if fitted is not None else None
        state = self.states[self.records.index(record)]
        doubtful = (state.drift is not None and state.drift.significant) or (
            state.linearity is not None and not state.linearity.is_linear
        )
        return "look" if doubtful and fitted.verdict == "good" else fitted.verdict

    @cached_property
    def withheld(self) -> tuple[WithheldConclusion, ...]:
        """Get the conclusions that these spectra would allow and that are withheld, each with its reasons."""
        if self.fit is None:
            return ()
        return all_withheld(
            self.fit,
            [record.spectrum for record in self.records],
            contradicted(self.run),
            interphase=self.has_interphase,
            pellet=is_pellet(self.run),
            not_commissioned=self.run.not_commissioned,
        )

    @property
    def growth(self) -> Growth | None:
        """Get the growth of the interfacial resistance from the first state to the last, None where it is not told.

        Where the temperature of every state was measured, the electrolyte's resistance is scaled to it.
        """
        if self.fit is None or not self.has_interphase or self.withheld:
            return None
        return told_growth(self.fit, measured=are_measured(self.temperatures))

    @property
    def growth_temperature_stderr_ohm(self) -> float | None:
        """Get the part (ohm) of the growth's uncertainty that is due to the change of the temperature alone."""
        return self.fit.growth_temperature_stderr_ohm if self.growth is not None and self.fit else None

    @property
    def conductivity_temperature_stderr(self) -> float | None:
        """Get the uncertainty (S/cm) of the ionic conductivity at its temperature, as that is not certain."""
        ionic, at = self.ionic_conductivity, self.temperatures[-1] if self.temperatures else None
        if ionic is None or at is None:
            return None
        return ionic.value * relative_per_K(at.value_K) * at.stderr_K

    @property
    def ionic_conductivity(self) -> Uncertain | None:
        """Get the ionic conductivity (S/cm) of a pellet, None for other cells, and where it is withheld."""
        if self.fit is None or not is_pellet(self.run) or self.withheld:
            return None
        state = self.fit.states[-1]
        stderr_ohm = math.hypot(state.r_sse_stderr_ohm, CONTACT_OHM)
        sigma_S_m, stderr_S_m = conductivity(state.r_sse_ohm, stderr_ohm, run_geometry(self.run))
        return Uncertain(sigma_S_m / 100.0, stderr_S_m / 100.0)
