"""Half cells on drawn units: spectra by the physics of cell and unit, corrected by the record that commissioning made.

What the cell is at each of its states comes from one whole run; each unit then measures the same states, with its own
lag, leads, gains and noise, without the bus. Everything from the points on is what analyses a run.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.commissioning.record import CommissioningRecord, Measured
from solbench.acquisition.bench.commissioning.use import corrections_of
from solbench.acquisition.record.events import CommissioningText, Event, SessionStart
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.run_spectra import RunSpectra
from solbench.simulators.cell.half import HalfCell
from solbench.simulators.spectra import DrawnSpectrum, draw_spectrum
from solbench.simulators.units.unit import specimen
from tests.acquisition.commission.specimens import commission, simulated
from tests.acquisition.runs import request, run_it, watched_benches


@dataclass(frozen=True)
class Told:
    """A growth with its standard error (ohm), that which is told by who knows the unit, and the truth."""

    growth_ohm: float
    stderr_ohm: float
    knowing_stderr_ohm: float
    true_ohm: float

    def __str__(self) -> str:
        return (
            f"{self.growth_ohm:.3f} +- {self.stderr_ohm:.3f} ({self.true_ohm:.3f}), {self.sigmas:+.2f} sigma"
        )

    @property
    def sigmas(self) -> float:
        """How far the growth is off, in its standard errors."""
        return (self.growth_ohm - self.true_ohm) / self.stderr_ohm


@dataclass(frozen=True)
class States:
    """A whole run, and what its cell was at the beginning of each of its spectra."""

    run: Run
    cells: list[HalfCell]

    @property
    def true_ohm(self) -> float:
        """How much the layers of both electrodes have grown (ohm): a spectrum does not tell them apart."""
        return self.cells[-1].interfacial_resistance_ohm - self.cells[0].interfacial_resistance_ohm


def states_of(cell: str, folder: Path) -> States:
    """Carry one whole run out on the typical unit, and keep what the cell was."""
    opened: list[Bench] = []
    cells: list[HalfCell] = []

    def look(event: Event) -> None:
        if event.kind == "spectrum":
            true = simulated(opened[0]).cell
            assert isinstance(true, HalfCell)
            cells.append(copy.deepcopy(true))

    with watched_benches(opened.append):
        result = run_it(request(folder / f"{cell}.h5", "half-cell", cell), look)
    return States(open_run(result.run), cells)


def told_by(states: States, unit: int, record: CommissioningRecord) -> Told:
    """Have a commissioned unit measure the states of a cell, and tell the growth."""
    settings = specimen({"unit": unit})
    known = [record for record in states.run.spectra if record.whole]
    drawn = [
        draw_spectrum(
            cell,
            states.run.points_of(one)["frequency_Hz"],
            settings,
            seed=unit,
            number=number,
            amplitude_V=one.start.amplitude_V,
            integration_s=one.start.integration_s,
        )
        for number, (cell, one) in enumerate(zip(states.cells, known, strict=True))
    ]
    own = RunSpectra(_with(states.run, record, [_corrected(record, one) for one in drawn])).growth
    knowing = RunSpectra(
        _with(states.run, _certain(record), [(one.at_the_cell_ohm, one) for one in drawn])
    ).growth
    assert own is not None
    assert knowing is not None
    return Told(own.value_ohm, own.stderr_ohm, knowing.stderr_ohm, states.true_ohm)


def units_told(states: States, units: range) -> list[Told]:
    """Commission each unit, and have it measure the states."""
    return [told_by(states, unit, commission(unit).record) for unit in units]


Seen = tuple[tuple[complex, ...], DrawnSpectrum]


def _corrected(record: CommissioningRecord, drawn: DrawnSpectrum) -> Seen:
    known, gains = corrections_of(record), record.values.gains
    gain = gains.current_ten.value / gains.voltage_ten.value  # both outputs x 10, as the pair has them
    corrected = tuple(
        known.of_pair(one * gain, frequency_Hz, drawn.resistor).impedance_ohm
        for one, frequency_Hz in zip(drawn.impedance_ohm, drawn.frequency_Hz, strict=True)
    )
    return corrected, drawn


def _certain(record: CommissioningRecord) -> CommissioningRecord:
    """Return a record that is sure of what it says, so that points still count by their noise alone."""
    sure = {
        index: one.model_copy(
            update={"lag_s": _sure(one.lag_s), "pole_share": _sure(one.pole_share), "covariance_s_H": 0.0}
        )
        for index, one in record.values.ranges.items()
    }
    leads = record.values.pair_leads
    leads = leads.model_copy(update={"inductance_H": _sure(leads.inductance_H)})
    values = record.values.model_copy(update={"ranges": sure, "pair_leads": leads})
    return record.model_copy(update={"values": values})


def _sure(one: Measured | None) -> Measured | None:
    return one and Measured(value=one.value, stderr=1e-9 * abs(one.value))


def _with(run: Run, record: CommissioningRecord, spectra: list[Seen]) -> Run:
    """Return a run with other points, measured on a bench with this record."""
    known = [one for one in run.spectra if one.whole]
    points = np.concatenate([run.points_of(one) for one in known])
    points["real_ohm"] = np.concatenate([np.real(seen) for seen, _ in spectra])
    points["imaginary_ohm"] = np.concatenate([np.imag(seen) for seen, _ in spectra])
    points["range"] = np.concatenate([np.full(len(seen), drawn.resistor) for seen, drawn in spectra])
    corrections = corrections_of(record)
    points["untrusted"] = [
        point["frequency_Hz"] > corrections.of_range(int(point["range"])).highest_Hz for point in points
    ]
    text = CommissioningText(name="r.json", text=record.text())
    events = []
    for event in run.events:
        if isinstance(event.body, SessionStart):
            begun = replace(event.body, commissioning=text, unit=record.unit, not_commissioned=False)
            event = event._replace(body=begun)
        events.append(event)
    return replace(run, events=events, points=points)
