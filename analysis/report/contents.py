"""What a report knows of one run: the recorded run with the results that its figures and tables share."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.beside.packed import BLOCK_BYTES, opened_journal
from solbench.acquisition.record.events import CellText, SegmentStart
from solbench.acquisition.record.folds import HELD, SpectrumRecord, StepRecord
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.cycling import MAH_CM2_IN_C_M2, Half, areal_capacity_mAh_cm2
from solbench.analysis.interruptions import flowing_segments, interruptions_of
from solbench.analysis.null_result import null_words
from solbench.analysis.on_demand import on_demand_name
from solbench.analysis.polarization import run_conductivity
from solbench.analysis.report.cycles import Cycle, cycles_of
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.views.distributions import State, plain_distribution
from solbench.analysis.withheld import words
from solbench.fitting.dc_polarization import DcResult
from solbench.fitting.elements import Array
from solbench.fitting.joint_fit import StateFit
from solbench.fitting.voltage_curves import Interruption
from solbench.protocols.cells import Reference, parse_cell
from solbench.protocols.errors import BadInput

MOST_DISTRIBUTIONS = 8  # of the states of one run
FLOWS = 0.5  # a reading belongs to a constant current if it is above this fraction of it


@dataclass(eq=False)
class Content:
    """One run in a report; `label` tells it from the others."""

    run: Run
    label: str

    @property
    def cell(self) -> CellText:
        """Get the fields of the cell as the run recorded them."""
        return self.run.header.cell

    @property
    def kind(self) -> str:
        """Get the kind of build: half, full, pellet, symmetric or dc."""
        return self.cell.kind

    @property
    def full_label(self) -> str:
        """Get the label with the build, for tables in which runs of several protocols meet."""
        return f"{self.label}, {self.cell.build}"

    @cached_property
    def reference(self) -> Reference | None:
        """Get the electrode against which the voltage counts, None where the record names none."""
        try:
            builds = parse_cell(self.cell.text, self.cell.name).builds
        except BadInput:  # written by a version that knew other fields
            return None
        return builds[self.cell.build].reference if self.cell.build in builds else None

    @property
    def active_mass_kg(self) -> float | None:
        """Get the mass (kg) that capacities per gram refer to: that of the cathode, else that of the tin."""
        return self.cell.number("cathode_mass_kg") or self.cell.number("tin_mass_kg")

    @property
    def active_mass_stderr_kg(self) -> float:
        """Get the standard uncertainty (kg) of the same, 0 where the record has none."""
        mass = "cathode_mass" if self.cell.number("cathode_mass_kg") else "tin_mass"
        return self.cell.number(f"{mass}_uncertainty_kg") or 0.0

    @property
    def area_m2(self) -> float:
        """Get the area of the cell in m2."""
        return self.cell.required("area_m2")

    @cached_property
    def spectra(self) -> RunSpectra:
        """Get the spectra with their fits."""
        return RunSpectra(self.run)

    @property
    def states(self) -> list[tuple[SpectrumRecord, StateFit]]:
        """Get the fitted spectra with their fits, in the order of measurement."""
        fit = self.spectra.fit
        return list(zip(self.spectra.records, fit.states, strict=True)) if fit is not None else []

    @property
    def all_spectra(self) -> list[tuple[SpectrumRecord, StateFit]]:
        """Get the states and the on-demand spectra, with their fits, in the order of measurement."""
        asked = [(record, self.spectra.state_of(record)) for record in self.spectra.asked]
        found = [*self.states, *((record, state) for record, state in asked if state is not None)]
        return sorted(found, key=lambda pair: pair[0].time_s)

    @cached_property
    def distributions(self) -> list[State]:
        """Get the distribution of relaxation times of each state, of many those evenly spread."""
        states = self.states
        chosen = np.unique(np.linspace(0, len(states) - 1, min(len(states), MOST_DISTRIBUTIONS)).astype(int))
        temperatures = self.spectra.temperatures
        found = []
        for place in chosen:
            record, state = states[place]
            at = temperatures[place]
            drt = plain_distribution(state.fit.frequency_Hz, state.fit.impedance_ohm)
            capacity = self.capacity_of(record) if self.spectra.has_interphase else None
            found.append(
                State(
                    self.label if self.kind == "pellet" else self.state_name(record),
                    drt,
                    capacity,
                    at.value_K if at is not None else None,
                    record.time_s,
                )
            )
        return found

    @cached_property
    def cycles(self) -> list[Cycle]:
        """Get the cycles with their results."""
        return cycles_of(self.run)

    @cached_property
    def dc(self) -> DcResult | None:
        """Get the result of a DC polarization, None where there is none that finished."""
        return run_conductivity(self.run)

    @property
    def ionic_S_cm(self) -> tuple[float, float] | None:
        """Get the ionic conductivity with its standard uncertainty, None where this is no pellet."""
        found = self.spectra.ionic_conductivity
        return (found.value, found.stderr) if found is not None else None

    @cached_property
    def withheld(self) -> tuple[str, ...]:
        """Get the conclusions that are withheld, each in words, with the label of the run in front.

        Where the journal of the run is damaged, that it withholds all that comes after is said first.
        """
        damaged = () if self.run.damage is None else (self.run.damage.words,)
        return tuple(f"{self.label}: {each}" for each in (*damaged, *map(words, self.spectra.withheld)))

    @property
    def null_result(self) -> tuple[str, ...]:
        """Get what to say of a growth that is not distinguishable from none, with the label of the run in front."""
        growth = self.spectra.growth
        if growth is None:
            return ()
        whole = next((c for c in self.cycles if c.lost is not None and c.efficiency is not None), None)
        lost = areal_lost = None
        if whole is not None and whole.lost is not None and whole.efficiency is not None:
            lost = 1.0 - whole.efficiency.value
            areal_lost = whole.lost.value / self.area_m2 / MAH_CM2_IN_C_M2
        found = null_words(growth.value_ohm, growth.stderr_ohm, areal_lost, lost)
        return tuple(f"{self.label}: {words}" for words in found)

    @cached_property
    def flowing(self) -> dict[int, tuple[int, ...]]:
        """Get the segments of each step in which a current or a voltage was held."""
        return flowing_segments(self.run)

    def curve(self, half: Half) -> tuple[Array, Array]:
        """Return charge since the half's start (C) and voltage (V) of the readings under its currents."""
        parts = [self._under_current(step) for step in half.held]
        charge_C = np.concatenate([part[1] for part in parts])
        voltage_V = np.concatenate([part[2] for part in parts])
        begin_C = self._start_C(half.steps[0])
        return charge_C - begin_C, voltage_V

    def watched_curve(self, step: StepRecord) -> tuple[Array, Array]:
        """Return the same of one step, without what is assumed to have flowed while nobody watched the cell."""
        charge_C, voltage_V, _ = self.broken_curve(step)
        return charge_C, voltage_V

    def broken_curve(self, step: StepRecord) -> tuple[Array, Array, list[int]]:
        """Return the watched curve of a step, and the places of the first readings after its current was off."""
        time_s, charge_C, voltage_V, segment = self._under_current(step)
        charge_C = charge_C - self._start_C(step)
        breaks = {int(place) + 1 for place in np.flatnonzero(np.diff(segment))}
        if step.suspended or step.interruptions:  # a segment that goes on has the number that it had
            begun_s = [
                at_s
                for at_s, start in self.run.bodies(SegmentStart)
                if start.step.index == step.index and start.name in HELD
            ]
            breaks.update(np.searchsorted(time_s, begun_s).tolist())
        for gap in step.gaps:
            charge_C = charge_C - np.where(time_s > gap.since_s, gap.charge_C, 0.0)
            breaks.add(int(np.searchsorted(time_s, gap.since_s, side="right")))
        return charge_C, voltage_V, sorted(breaks)

    def _under_current(self, step: StepRecord) -> tuple[Array, Array, Array, Array]:
        """Return time (s), the run's charge (C), voltage (V) and segment of the readings under a step's current."""
        samples = self.run.samples_of(step.index)
        under = np.isin(samples["segment"], self.flowing.get(step.index, ()))
        under &= np.abs(samples["current_A"]) > FLOWS * step.least_A
        time_s, charge_C, voltage_V = (samples[name][under] for name in ("time_s", "charge_C", "voltage_V"))
        return time_s, charge_C, voltage_V, samples["segment"][under].astype(float)

    def _start_C(self, step: StepRecord) -> float:
        """Return the run's charge (C) at the first reading of a step, 0 where it has none."""
        samples = self.run.samples_of(step.index)
        return float(samples["charge_C"][0]) if len(samples) else 0.0

    def areal_curve(self, half: Half) -> tuple[Array, Array]:
        """Return areal capacity (mAh/cm2) and voltage (V) of the readings under the half's currents."""
        charge_C, voltage_V = self.curve(half)
        return np.abs(charge_C) * areal_capacity_mAh_cm2(1.0, self.area_m2), voltage_V

    def interruptions(self, step: StepRecord) -> list[Interruption]:
        """Return where the current of a step was switched off for a rest, and what the voltage did."""
        return interruptions_of(self.run, step)

    def capacity_of(self, record: SpectrumRecord) -> float:
        """Return the areal capacity (mAh/cm2) at which a spectrum was taken."""
        return areal_capacity_mAh_cm2(record.start.step_charge_C, self.area_m2)

    def state_name(self, record: SpectrumRecord) -> str:
        """Return the state of a spectrum as text: percent of the step's charge, time of the request, or a number."""
        if record.start.role == "asked":
            return on_demand_name(self.run.header.started, self.run.events, record.time_s)
        fraction = record.start.fraction
        repeats = [r for r in self.spectra.records if r.start.fraction == fraction]
        if fraction is None:
            return f"spectrum {record.spectrum}"
        again = f", sweep {repeats.index(record) + 1}" if len(repeats) > 1 and record in repeats else ""
        return f"{100 * fraction:g} %{again}"

    @cached_property
    def sha256(self) -> str:
        """Get the hash of the file that was read."""
        path = self.run.path
        with opened_journal(path) as (file, _length):  # of a packed journal as it was written
            found = hashlib.sha256()
            while block := file.read(BLOCK_BYTES):
                found.update(block)
            return found.hexdigest()


def read_contents(paths: Sequence[Path]) -> list[Content]:
    """Read runs and name each by its cell; raises RunFileError, FileNotFoundError as `open_run` does.

    Runs of one cell, protocol and build are told apart by their files. Two files of one run, a copy with another name,
    raise RunFileError: a result would count twice.
    """
    runs = [open_run(path) for path in paths]
    first: dict[str, Run] = {}
    for run in runs:
        other = first.setdefault(run.header.run, run)
        if other is not run:
            raise RunFileError(
                f"{run.path.name} is a copy: it is the run that {other.path.name} is too. Name one of them"
            )
    alike = Counter(_same(run) for run in runs)
    return [Content(run, _label(run, alike[_same(run)] > 1)) for run in runs]


def _same(run: Run) -> tuple[str, str, str]:
    cell = run.header.cell
    return cell.name, cell.build, run.header.protocol.name


def _label(run: Run, several: bool) -> str:
    name = run.header.cell.name
    return f"{name} ({run.path.stem})" if several else name
