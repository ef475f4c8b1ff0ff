"""The summary against the events that it is made of, for whole, unfinished and hardly begun runs."""

import json
import math
import os
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import pytest

from solbench.acquisition.bench.scenario import parse_scenario
from solbench.acquisition.control import registry
from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.record.events import Sample
from solbench.acquisition.record.final_file import build_final
from solbench.acquisition.record.journal import Journal, read_journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.reader import Run, from_journal, open_run
from solbench.analysis.batch import fit_job, read_job
from solbench.analysis.report.contents import read_contents
from solbench.analysis.report.tables import runs
from solbench.analysis.summary import AloneSummary, earlier_sessions_s, summarise
from solbench.analysis.summary_text import as_text
from solbench.fitting.voltage_curves import differential_capacity
from solbench.gui.models.run.spectrum import Spectra
from solbench.protocols.cells import CellKind
from solbench.protocols.segments import Sweep
from tests.acquisition.asked import nth_sample, run_asked
from tests.acquisition.away import adapter
from tests.acquisition.runs import RUNS_0_1, TINY, quiet_bench, request, run_it, seen_run, watched_benches
from tests.records import body

PELLET = """
name: pellet
build: pellet
conditions: {temperature: 25 degC, stack_pressure: unknown}
steps:
  - name: spectrum
    kind: impedance
    from: 1 MHz
    to: 10 Hz
    points_per_decade: 8
    amplitude: 30 mV
    integration: 0.2 s
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return seen_run(request(tmp_path_factory.mktemp("summary") / "a.h5", TINY))


@pytest.fixture(scope="module")
def summary(seen):
    return summarise(open_run(seen.result.run))


def test_it_is_json_without_exotic_numbers(summary):
    plain = asdict(summary)
    again = json.loads(json.dumps(plain, allow_nan=False))
    for name in (
        "steps",
        "coulombic_efficiency",
        "coulombic_efficiency_stderr",
        "spectra",
        "gauges",
        "comparisons",
        "capacity_retention",
        "capacity_retention_stderr",
        "withheld",
        "corrections",
        "changes",
        "polarizations",
        "irreversible_areal_capacity_mAh_cm2",
        "irreversible_areal_capacity_stderr_mAh_cm2",
        "experiments",
        "stack_pressure_notes",
        "tags",
    ):
        again[name] = tuple(again[name])
    for spectrum in again["spectra"]:
        for name in ("arcs", "remarks"):
            spectrum[name] = tuple(spectrum[name])
    assert again == plain


def test_steps_say_what_happened_to_the_cell(seen, summary):
    sodiation, pause, desodiation = summary.steps
    assert [step.name for step in summary.steps] == ["sodiation", "pause", "desodiation"]
    assert [step.kind for step in summary.steps] == ["constant_current", "rest", "constant_current"]
    area_cm2, mAh_in_C = 0.785, 3.6
    true_C = abs(seen.true_charge_C("segment_end", 4))
    assert sodiation.areal_capacity_mAh_cm2 == pytest.approx(true_C / mAh_in_C / area_cm2, rel=2e-4)
    out_C = seen.truth.charge_C - seen.true_charge_C("segment", 6)
    assert desodiation.areal_capacity_mAh_cm2 == pytest.approx(out_C / mAh_in_C / area_cm2, rel=2e-4)
    assert summary.coulombic_efficiency == (pytest.approx(out_C / true_C, rel=5e-4),)
    assert pause.areal_capacity_mAh_cm2 is None
    assert pause.duration_s == pytest.approx(10.0, abs=0.5)
    assert desodiation.end_reason == "voltage rose to 2.0 V"
    assert desodiation.overshoot_ppm is None
    assert abs(sodiation.overshoot_ppm) < 100
    assert desodiation.worst_gap_s < 2.0


def test_the_whole_is_the_sum_of_its_parts(seen, summary):
    assert summary.samples == len(seen.of("sample"))
    assert summary.simulated_s == seen.events[-1].time_s
    assert sum(step.duration_s for step in summary.steps) < summary.simulated_s


def test_spectra_say_where_they_were_taken(seen, summary):
    first, second = summary.spectra
    assert (first.index, second.index) == (1, 2)
    assert first.areal_capacity_mAh_cm2 == pytest.approx(0.0, abs=1e-4)
    assert second.areal_capacity_mAh_cm2 == pytest.approx(0.002, rel=1e-3)
    assert first.points == second.points == 9
    assert first.dc_voltage_V == pytest.approx(seen.of("spectrum")[0].body.dc_voltage_V)


def test_nothing_that_has_grown_is_said_with_what_it_does_not_show(summary):
    spoken = replace(
        summary,
        r_interface_growth_ohm=0.2,
        r_interface_growth_stderr_ohm=0.5,
        withheld=(),
        coulombic_efficiency=(None, 0.82),
        coulombic_efficiency_stderr=(None, 0.001),
        irreversible_areal_capacity_mAh_cm2=(None, 0.252),
    )
    lines = as_text(spoken).splitlines()
    [null] = [line for line in lines if line.startswith("No growth")]
    assert "beyond 1.2 ohm. This does not show a stable interface" in null
    assert null.endswith("sodium not returned: 0.252 mAh/cm2 (18.0 %)")
    assert lines.index(null) > max(n for n, line in enumerate(lines) if "Coulombic efficiency" in line)
    grown = as_text(replace(spoken, r_interface_growth_ohm=1.5))
    assert "No growth" not in grown


@pytest.mark.parametrize(
    ("efficiency", "stderr", "is_wrong"),
    [
        *((0.82, 0.001, False), (1.01, 0.001, False), (1.03, 0.001, True), (1.8333, 0.001, True)),
        *((1.03, 0.5, False), (1.05, 0.03, False), (1.05, 0.02, True), (1.8333, 0.4, True)),
    ],
)
def test_what_gives_back_more_than_went_in_is_not_told_as_an_efficiency_alone(
    summary, efficiency, stderr, is_wrong
):
    said = as_text(
        replace(summary, coulombic_efficiency=(efficiency,), coulombic_efficiency_stderr=(stderr,))
    )
    [line] = [line for line in said.splitlines() if line.startswith("Coulombic efficiency 1")]
    assert ("WRONG: more came back than went in: the electrode was not empty" in line) is is_wrong


def test_what_is_slower_than_the_spectrum_is_said(summary):
    alone = AloneSummary(300.0, 1.0, 100.0, 1.0, 400.0, 1.0, 314.0)
    last = replace(summary.spectra[-1], alone=alone, r_dc_ohm=450.0)
    said = as_text(replace(summary, spectra=(*summary.spectra[:-1], last)))
    assert f"a direct current meets 50 ohm more than spectrum {last.index} shows" in said
    last = replace(last, r_dc_ohm=405.0)
    assert "a direct current" not in as_text(replace(summary, spectra=(*summary.spectra[:-1], last)))


def test_people_read_the_same(summary):
    text = as_text(summary)
    assert "SIMULATED" in text.splitlines()[0]
    assert text.splitlines()[1].startswith("completed")
    assert f"Coulombic efficiency 1: {summary.coulombic_efficiency[0]:.4f}" in text
    assert "voltage rose to 2.0 V" in text


def shortened(seen, count: int) -> Run:
    """The run as if its program had died after so many records."""
    path = seen.result.run.with_suffix(".journal")
    lines = path.read_bytes().splitlines(keepends=True)[:count]
    short = path.with_name(f"short{count}.journal")
    short.write_bytes(b"".join(lines))
    return from_journal(short)


@pytest.mark.parametrize("count", [1, 2, 4, 20, 60, 100, 160, 200])
def test_an_unfinished_run_has_a_summary_of_the_same_keys(seen, summary, count):
    found = summarise(shortened(seen, count))
    assert found.completed is False
    assert found.end_reason == "the program exited unexpectedly"
    assert all(efficiency is None for efficiency in found.coulombic_efficiency)
    json.dumps(asdict(found), allow_nan=False)
    assert "NOT COMPLETED" in as_text(found)


def test_a_run_that_was_refused_at_the_start_has_no_steps(tmp_path):
    run_it(request(tmp_path / "a.h5", TINY, bench=quiet_bench(dre_sign=-1.0)))
    found = summarise(open_run(tmp_path / "a.h5"))
    assert (found.steps, found.spectra, found.coulombic_efficiency) == ((), (), ())
    assert found.completed is False
    assert "open-circuit" in found.end_reason


@pytest.mark.parametrize("cell", ["nps"])
def test_a_polarization_says_conductivity_and_how_sure(tmp_path, cell):
    wanted = request(tmp_path / "a.h5", "dc-polarization", cell, settings=("build=dc_reduced",), seed=4)
    assert run_it(wanted).completed
    found = summarise(open_run(tmp_path / "a.h5"))
    assert found.steady_state is True
    assert found.electronic_conductivity_is_bound is False
    assert found.electronic_conductivity_S_cm == pytest.approx(1e-7, rel=0.05)  # the record of nps, reduced
    assert math.isfinite(found.electronic_conductivity_stderr_S_cm)
    assert 0 < found.electronic_conductivity_stderr_S_cm < 0.1e-7
    assert found.coulombic_efficiency == ()
    assert "S/cm (steady)" in as_text(found)


@pytest.fixture
def going_on(seen, monkeypatch, tmp_path):
    """A run without an end whose program is this one."""
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path))
    run = shortened(seen, 150)
    pid, started = registry.this_process()
    entry = registry.Entry(
        run.header.run, str(run.path), pid, started, 1, "t", "b", "k", "tiny", "nbh", "now", "1"
    )
    registry.register(entry)
    return run


def test_a_run_that_goes_on_is_not_called_dead(going_on):
    found = summarise(going_on)
    assert (found.running, found.completed) == (True, False)
    assert found.end_reason == f"the run is still running (process {os.getpid()})"
    assert as_text(found).splitlines()[1].startswith("NOT YET ENDED: the run is still running")
    (row,) = runs(read_contents([going_on.path])).rows
    assert any(cell.startswith("NOT YET ENDED") for cell in row)
    registry.unregister(going_on.header.run)
    assert summarise(going_on).end_reason == UNEXPECTED_EXIT


def test_charge_and_efficiency_have_uncertainties_and_their_source(seen, summary):
    sodiation, pause, desodiation = summary.steps
    for step in (sodiation, desodiation):
        edges_s = 2.0 * step.worst_gap_s  # of a few switchings, each known to one reading
        share = step.areal_capacity_stderr_mAh_cm2 / step.areal_capacity_mAh_cm2
        assert 0.002 <= share < 0.005 + edges_s / 10.0
    assert pause.areal_capacity_stderr_mAh_cm2 is None
    assert 0.0 < summary.coulombic_efficiency_stderr[0] < 0.2
    assert "1287" in summary.uncertainty_source
    assert "+-" in as_text(summary)


CYCLE = """
name: cycle
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
interruptions: {unwatched_charge: 100 %}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 2 h}}
  - {name: desodiation, kind: constant_current, current: 0.16 mA/cm2, until: {time: 1 h}}
"""


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A cycle in whose first step the adapter was away for 25 min, and the contents of its report."""
    run = tmp_path_factory.mktemp("gap") / "a.h5"
    benches: list[Any] = []

    def leave(event) -> None:
        if event.kind == "sample" and event.time_s > 3000.0 and not away.until_s:
            away.leave(benches[0].clock.now(), 1500.0)

    bench = quiet_bench().model_validate(
        {**quiet_bench().model_dump(exclude_unset=True), "reconnect_for": "1 h"}
    )
    with adapter() as away, watched_benches(benches.append):
        assert run_it(request(run, CYCLE, bench=bench), leave).completed
    return run


def test_minutes_without_readings_are_in_the_summary_and_in_the_uncertainty(interrupted):
    found = summarise(open_run(interrupted))
    first, second = found.steps
    assumed = 0.16 * first.unwatched_s / 3600.0
    assert (first.interruptions, second.interruptions) == (1, 0)
    assert 1500.0 <= first.unwatched_s <= 1510.0
    assert first.unwatched_areal_capacity_mAh_cm2 == pytest.approx(assumed, rel=1e-3)
    assert first.areal_capacity_mAh_cm2 == pytest.approx(0.32, rel=0.005)
    assert first.areal_capacity_stderr_mAh_cm2 == pytest.approx(assumed, rel=0.05)
    assert second.areal_capacity_stderr_mAh_cm2 < 0.01
    (efficiency,), (stderr,) = found.coulombic_efficiency, found.coulombic_efficiency_stderr
    assert stderr == pytest.approx(efficiency * assumed / 0.32, rel=0.05)
    assert "interrupted once, 25 min unwatched, 0.067 mAh/cm2 assumed" in as_text(found)


def test_a_differential_capacity_leaves_out_what_nobody_has_read(interrupted):
    (content,) = read_contents([interrupted])
    step = content.run.steps[0]
    found = differential_capacity(*content.watched_curve(step), step_V=0.01)
    charge_C = float(np.sum(found.charge_per_volt_C_V)) * 0.01
    assert charge_C == pytest.approx(0.16e-3 * 0.785 * (7200.0 - step.unwatched_s), rel=0.01)
    assert content.interruptions(step) == []


def test_a_symmetric_cell_has_no_coulombic_efficiency(report_runs):
    found = summarise(open_run(report_runs["symmetric"]))
    assert found.coulombic_efficiency
    assert set(found.coulombic_efficiency) == set(found.coulombic_efficiency_stderr) == {None}


@pytest.mark.long
@pytest.mark.parametrize("kind", get_args(CellKind))
def test_only_what_has_a_meaning_for_a_kind_of_cell_is_said(summary, kind):
    said = as_text(replace(summary, cell_kind=kind))
    assert ("Coulombic efficiency" in said) == (kind in ("half", "full"))
    assert ("charges and efficiencies" in said) == (kind in ("half", "full"))
    charged = kind in ("half", "full", "symmetric", "metal")
    assert all(("mAh/cm2" in line) == charged for line in said.splitlines() if " points at " in line)


def test_a_spectrum_of_a_cell_through_which_nothing_passed_stands_at_no_charge(summary):
    spectra = tuple(replace(one, areal_capacity_mAh_cm2=0.0) for one in summary.spectra[:1])
    said = as_text(replace(summary, steps=(), spectra=spectra))
    assert "mAh/cm2" not in next(line for line in said.splitlines() if " points at " in line)


FINE = TINY.replace("to: 100 Hz, points_per_decade: 2", "to: 1 Hz, points_per_decade: 5")


@pytest.fixture(scope="module")
def with_asked(tmp_path_factory):
    """A run in which spectra are asked for while sodium goes in, and again while it comes out; and its summary."""
    run = tmp_path_factory.mktemp("asked") / "a.h5"
    run_asked(run, nth_sample((0, 20), (2, 30)), SpectrumRequest(rest="5 s"), FINE)
    return run, summarise(open_run(run))


def test_what_was_asked_for_is_fitted(with_asked):
    _, found = with_asked
    assert [spectrum.asked for spectrum in found.spectra] == [False, True, False, True]
    assert all(spectrum.r_sse_ohm is not None for spectrum in found.spectra)
    assert found.withheld == ()
    assert "spectrum 2 (on demand)" in as_text(found)


@pytest.mark.long
def test_what_was_asked_for_changes_nothing_else(tmp_path, with_asked):
    run, found = with_asked
    plain = summarise(open_run(seen_run(request(tmp_path / "b.h5", FINE)).result.run))
    planned = [spectrum for spectrum in found.spectra if not spectrum.asked]
    for mine, other in zip(planned, plain.spectra, strict=True):
        stderr_ohm = math.hypot(mine.r_sse_stderr_ohm, other.r_sse_stderr_ohm)
        # A typed temperature leaves R_SSE of a thin electrolyte a kelvin wide; the spectra themselves agree closely.
        assert abs(mine.r_sse_ohm - other.r_sse_ohm) < min(2.5 * stderr_ohm, 0.05 * other.r_sse_ohm)
        assert "wrong" not in (mine.verdict, other.verdict)
    for summary in (found, plain):  # on NBH nothing grows
        assert summary.withheld == ()
        assert abs(summary.r_interface_growth_ohm) < 2.5 * summary.r_interface_growth_stderr_ohm < 10.0
    fitted = fit_job(read_job(run))
    assert fitted.error is None
    assert sorted(spectrum.index for spectrum in fitted.spectra) == [1, 2, 3, 4]
    assert fitted.spectra[-1].index == 3


def test_no_uncertainty_is_shown_as_zero(summary):
    text = as_text(replace(summary, coulombic_efficiency=(0.81993,), coulombic_efficiency_stderr=(1.7e-5,)))
    assert "Coulombic efficiency 1: 0.8199 +- 2e-05" in text
    assert "+- 0.0000" not in text


def test_a_charge_without_a_known_uncertainty_is_not_called_exact(summary):
    tiny = tuple(replace(step, areal_capacity_stderr_mAh_cm2=3.2e-6) for step in summary.steps)
    assert as_text(replace(summary, steps=tiny)).count("+- 3e-06 mAh/cm2") == 2
    steps = tuple(replace(step, areal_capacity_stderr_mAh_cm2=None) for step in summary.steps)
    lines = [line for line in as_text(replace(summary, steps=steps)).splitlines() if "mAh/cm2  " in line]
    assert len(lines) == 2
    assert not [line for line in lines if "+-" in line]


def test_what_does_not_agree_with_the_record_stands_before_the_numbers_and_is_never_good(tmp_path):
    """The electrolyte has 1.5 times the area of the record; everything else is well."""
    protocol = PELLET.replace("steps:", "notes: another area\nsteps:")
    wider = parse_scenario("cell: {area: 1.18 cm2}", "s")
    runs_of = {
        name: run_it(replace(request(tmp_path / f"{name}.h5", protocol, "nps"), scenario=there)).run
        for name, there in (("sound", None), ("wider", wider))
    }
    sound, wider_too = (summarise(open_run(run)) for run in runs_of.values())
    assert sound.comparisons == ()
    assert [spectrum.verdict for spectrum in sound.spectra] == ["good"]
    (found,) = wider_too.comparisons
    assert (found.code, found.grade, found.count) == ("electrolyte_resistance", "doubt", 1)
    assert found.seen == pytest.approx(344.3 / 1.503, rel=0.03)
    assert found.low is not None
    assert found.seen < found.low < 344.3
    assert [spectrum.verdict for spectrum in wider_too.spectra] == ["look"]
    lines = as_text(wider_too).splitlines()
    assert lines[3].startswith("DOUBT: the resistance of the electrolyte is")
    assert any("ionic conductivity" in line for line in lines[4:])


def test_a_step_in_progress_says_what_has_flowed(seen):
    """By the ledger of the engine, at every reading and in every step."""
    events = list(read_journal(seen.result.run.with_suffix(".journal")))
    found = 0
    for count in range(1, len(events), 7):
        state = fold(events[:count])
        if state.ordinal is None or state.ordinal < 0 or not isinstance(events[count - 1].body, Sample):
            continue
        run = shortened(seen, count)
        step = run.steps[-1]
        assert step.in_progress
        assert step.index == state.step_index
        assert step.charge_C == pytest.approx(state.step_charge_at(events[count - 1].time_s), abs=1e-9)
        assert step.end_s == events[count - 1].time_s
        summary = summarise(run)
        assert summary.steps[-1].end_reason is None
        assert as_text(summary).count("in progress") == 1
        found += 1
    assert found > 20
    assert not any(step.in_progress for step in open_run(seen.result.run).steps)


def cycled(summary, cycles: int):
    """Return a summary as of a run with so many cycles."""
    steps = tuple(replace(step, index=number) for number in range(cycles) for step in summary.steps)
    efficiencies = tuple(0.9 + 0.0001 * (number % 50) for number in range(cycles))
    return replace(
        summary,
        steps=steps,
        coulombic_efficiency=efficiencies,
        coulombic_efficiency_stderr=(0.0002,) * cycles,
        capacity_retention=tuple(1.0 - 0.0003 * number for number in range(cycles)),
        capacity_retention_stderr=(0.0, *(0.0004,) * (cycles - 1)),
    )


def test_samples_that_no_number_follows_from_are_not_read(tmp_path):
    """A run may have so many that they fill the memory."""

    def read() -> Any:
        raise AssertionError("the samples are read")

    shutil.copy(RUNS_0_1 / "pellet.journal", tmp_path / "a.journal")
    run = open_run(build_final(tmp_path / "a.h5"))
    unread = replace(run, stored=replace(run.stored, read=read))
    assert summarise(unread).samples == len(run.samples)


def test_a_long_run_fits_on_a_screen_and_all_of_it_can_be_had(summary):
    long = cycled(summary, 700)
    lines = as_text(long, whole=False).splitlines()
    assert len(lines) <= 30
    assert f"({len(long.steps) - 6} steps before these: --all)" in lines[3]
    assert sum("Coulombic efficiency 7" in line for line in lines) == 1
    (course,) = [line for line in lines if "of 700 cycles" in line]
    assert "first 0.9000 (cycle 1), last 0.9049 (cycle 700), lowest 0.9000 (cycle 1)" in course
    (left,) = [line for line in lines if line.startswith("capacity of cycle 700")]
    assert left == "capacity of cycle 700: (79.030 +- 0.040) % of that of cycle 1"
    assert len(as_text(long).splitlines()) > 700
    assert as_text(summary, whole=False) == as_text(summary)  # a short one is whole


def test_the_time_of_a_run_counts_all_of_its_programs(tmp_path):
    path = tmp_path / "a.journal"
    began = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    journal = Journal.create(path)
    journal.append(0.0, body("header"))
    for start_s, last_s in ((0.0, 40.0), (3600.0, 3625.0), (9000.0, 9001.0)):
        wall = datetime.fromtimestamp(began.timestamp() + start_s, UTC).isoformat()
        journal.append(start_s, body("session", wall=wall))
        journal.append(last_s, body("wall", unix_s=began.timestamp() + last_s))
    journal.close()
    assert earlier_sessions_s(from_journal(path)) == pytest.approx(40.0 + 25.0)


@pytest.mark.parametrize("ohm", [0, 100, pytest.param(300, marks=pytest.mark.long)])
def test_a_run_that_completed_with_spectra_that_are_wrong_says_so_at_its_end(tmp_path, ohm):
    """A contact that was bad from the first sweep on: the run ends as planned, and nothing can be read from it."""
    protocol = PELLET + PELLET.partition("steps:\n")[2].replace("name: spectrum", "name: again")
    wanted = request(tmp_path / "a.h5", protocol, "nps")
    if ohm:
        text = f"changes: [{{kind: loose_contact, resistance: {ohm} ohm, interval: 1 s}}]"
        wanted = replace(wanted, scenario=parse_scenario(text, "s"))
    seen = seen_run(wanted)
    assert seen.result.completed
    window = Spectra()
    for event in seen.events:
        if event.kind == "segment" and isinstance(event.body.segment, Sweep):
            window.begin(event.body, event.body.segment)
        elif event.kind == "quality":
            window.judge(event.body)
    found = summarise(open_run(seen.result.run))
    assert list(found.wrong_spectra) == (["1", "2"] if ohm else [])
    for line in (as_text(found).split("\n")[2], as_text(found, whole=False).split("\n")[2]):
        assert line.startswith("WRONG: 2 of 2 spectra: spectrum 1 (Kramers-Kronig residual ") == bool(ohm)
    assert window.wrong_words.startswith("2 spectra are wrong (1: Kramers-Kronig residual ") == bool(ohm)
