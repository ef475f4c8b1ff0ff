"""Second sweeps of a state: drift is seen and taken off, and another amplitude shows whether the cell is linear."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from solbench.acquisition.record.events import Compared, Event, SpectrumStart
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis import states_of_run
from solbench.analysis.batch import job_of_run
from solbench.analysis.run_spectra import RunSpectra
from solbench.analysis.states_of_run import linearity, may_be_fresh, measured_states, relative_density
from solbench.analysis.summary import summarise
from solbench.analysis.summary_text import as_text
from solbench.protocols import load_cell, parse_protocol, plan
from solbench.protocols.cells import dump_cell, parse_cell
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import RUNS_0_1, request, run_it, watched_benches

SWEEPS = """
name: sweeps
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
steps:
  - {name: fill, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.3 mAh/cm2}, record: {every: 10 s}}
  - {name: rest, kind: rest, time: 5 min, record: {every: 10 s}}
  - {name: s, kind: impedance, from: 1 MHz, to: 10 Hz, points_per_decade: 10, amplitude: 30 mV, integration: 0.2 s,
     twice: true, linearity: 10 mV}
"""


def test_the_plan_has_three_sweeps_of_the_state():
    build = load_cell("nps").build("half")
    sweeps = list(plan(parse_protocol(SWEEPS, "test"), build))[2:]
    assert [sweep.role for sweep in sweeps] == ["spectrum", "again", "linearity"]
    assert [sweep.spectrum for sweep in sweeps] == [1, 2, 3]
    assert [sweep.amplitude_V for sweep in sweeps] == [0.03, 0.03, 0.01]


@pytest.mark.long
def test_a_cell_that_stays_as_it_is_shows_no_drift_and_is_linear(tmp_path: Path):
    run = tmp_path / "r.h5"
    assert run_it(request(run, SWEEPS, "nps")).completed
    (state,) = measured_states(open_run(run), 12)
    assert state.record.spectrum == 1
    assert not state.drift.significant
    assert state.linearity.is_linear
    assert state.linearity.amplitudes_V == (0.03, 0.01)
    summary = summarise(open_run(run))
    assert [spectrum.index for spectrum in summary.spectra] == [1, 2, 3]
    # one state alone cannot tell a small interphase from the electrolyte: both are in here
    assert summary.spectra[0].r_sse_ohm == pytest.approx(350.0, rel=0.05)
    assert summary.spectra[1].r_sse_ohm is None  # it went into the first one's


def test_a_drift_between_the_sweeps_is_found_and_taken_off(tmp_path: Path):
    """The interphase is made to grow while the sweeps are on: the corrected spectrum is that of the first's middle."""
    run, benches, true = tmp_path / "r.h5", [], {}

    def grow(event):
        cell = benches[0].truth.cell
        if event.kind == "point":
            grown = list(cell.state())
            cell.temperature_K = cell.temperature_K - 0.02  # electrolyte and interphase become slower
            true[event.seq] = cell.impedance(event.body.frequency_Hz)
            assert len(grown) == len(cell.state())

    with watched_benches(benches.append):
        assert run_it(request(run, SWEEPS, "nps"), grow).completed
    (state,) = measured_states(open_run(run), 12)
    assert state.drift.significant
    found = open_run(run)
    first = found.points_of(state.record)
    raw = first["real_ohm"] + 1j * first["imaginary_ohm"]
    middle = len(raw) // 2
    # at the ends of the sweep the correction moves most; in its middle nothing
    assert abs(state.impedance_ohm[middle] - raw[middle]) < 0.01 * abs(raw[middle])
    assert np.ptp(np.abs(state.impedance_ohm - raw) / np.abs(raw)) > 0.005
    summary = summarise(found)
    assert summary.spectra[0].verdict in ("look", "wrong")
    (told,) = [line for line in as_text(summary).splitlines() if line.startswith("  spectrum 1: 51 points")]
    assert told.endswith(("DOUBTFUL", "WRONG"))


def test_a_cell_that_answers_out_of_proportion_is_not_linear():
    f = np.geomspace(1e6, 1.0, 61)
    z = 100.0 + 200.0 / (1.0 + 1j * f / 1e3)
    noise = np.random.default_rng(3).normal(size=(2, 61, 2)) @ (1.0, 1j)
    assert linearity(f, z + 1e-3 * abs(z) * noise[0], z + 1e-3 * abs(z) * noise[1], (0.03, 0.01)).is_linear
    assert not linearity(f, z + 1e-3 * abs(z) * noise[0], 1.005 * z, (0.03, 0.01)).is_linear


@pytest.mark.parametrize(("written", "says"), [("88 %", 0.88), ("91.5 %", 0.915), (None, None)])
def test_the_relative_density_is_that_of_the_build_that_was_run(written: str | None, says: float | None):
    text = dump_cell(load_cell("nps"))
    if written is not None:
        text = text.replace("kind: pellet\n", f"kind: pellet\n    relative_density: {written}\n")
    parse_cell(text, "here")
    for build, expected in (("pellet", says), ("half", None), ("none of the record", None)):
        run = SimpleNamespace(
            header=SimpleNamespace(cell=SimpleNamespace(text=text, name="nps", build=build))
        )
        assert relative_density(cast(Run, run)) == expected


def shorted(sound: int, asked: Container[int] = ()) -> Run:
    """A run of three spectra that had a short circuit behind the first `sound` ones; some of them were on demand."""
    run = open_run(RUNS_0_1 / "short.h5")
    events = [
        event._replace(body=replace(event.body, role="asked"))
        if isinstance(event.body, SpectrumStart) and event.body.spectrum in asked
        else event
        for event in run.events
    ]
    if sound < len(run.spectra):
        short = Compared(
            code="short_circuit", grade="doubt", seen=0.0, low=None, high=None, unit="V", causes=()
        )
        events.insert(-1, Event(events[-1].seq, run.spectra[sound].time_s - 1.0, short))
    return replace(run, events=events)


@pytest.mark.parametrize("asked", [(), (1,), (2, 3), (1, 2, 3)])
@pytest.mark.parametrize("sound", range(4))
def test_what_lies_behind_a_short_circuit_is_in_no_joint_fit(sound: int, asked: tuple[int, ...]) -> None:
    run, numbers = shorted(sound, asked), set(range(1, sound + 1))
    spectra = RunSpectra(run)
    states = {record.spectrum for record in spectra.records}
    assert states | {record.spectrum for record in spectra.asked} == numbers
    assert bool(states) is bool(numbers)
    assert sorted(job_of_run(run, run.path, joint=False).numbers) == [1, 2, 3]
    if not numbers:
        with pytest.raises(BadInput, match="after a short circuit"):
            job_of_run(run, run.path, joint=True)
        return
    job = job_of_run(run, run.path, joint=True)
    assert set(job.numbers) == numbers
    assert [f"spectrum {sound + 1} " in note for note in job.notes] == [True] * (sound < 3)


def test_of_a_cell_that_was_short_from_the_beginning_nothing_is_fitted_and_every_spectrum_says_so() -> None:
    summary = summarise(shorted(0))
    lines = [line for line in as_text(summary).splitlines() if line.startswith("  spectrum ")]
    assert [line.endswith("after a short circuit") for line in lines] == [True] * 3
    assert [(one.r_sse_ohm, one.verdict, one.behind_short_circuit) for one in summary.spectra] == [
        (None, None, True)
    ] * 3


def test_when_the_cell_was_short_is_looked_up_as_often_for_many_spectra_as_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, inner = [], states_of_run.compared
    for asked in ((3,), (1, 2, 3)):
        calls: list[Run] = []
        monkeypatch.setattr(
            states_of_run, "compared", lambda run, calls=calls: calls.append(run) or inner(run)
        )
        spectra = RunSpectra(shorted(3, asked))
        assert all(record.spectrum not in spectra.shorted for record in (*spectra.asked, *spectra.records))
        counts.append(len(calls))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("build", "fresh"),
    [("symmetric", False), ("metal", False), ("half_sodiated", False), ("half", None), ("full", None)],
)
def test_a_record_that_says_that_there_is_sodium(build: str, fresh: bool | None) -> None:
    """A slow charge transfer of a symmetric cell was told to be 0 ± 0 ohm, as that of tin without sodium."""
    record = load_cell("nps")
    cell = SimpleNamespace(text=dump_cell(record), name="nps", build=build, kind=record.build(build).kind)
    assert may_be_fresh(cast("Run", SimpleNamespace(header=SimpleNamespace(cell=cell)))) is fresh
