"""Many spectra: the same results here, in processes and on a cluster; errors in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.record.correcting.corrections import correct, corrections_path
from solbench.acquisition.record.reader import open_run
from solbench.analysis.batch import Job, find_files, fit_job, fit_jobs, measured, read_job
from solbench.analysis.exports.formats import export_run
from solbench.analysis.fit_settings import FitSettings, require_points
from solbench.analysis.fitted import JobResult
from solbench.analysis.run_spectra import RunSpectra
from solbench.fitting.joint_fit import fit_states
from solbench.protocols.corrections.mask import read_mask
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import RUNS_0_1, TINY, request, run_it
from tests.analysis.halfcells import CELLS
from tests.fitting.test_joint_fit import WARM_K, factors
from tests.tiers import few

FREQUENCY_HZ = np.geomspace(1e5, 1.0, 41)
OMEGA = 2j * np.pi * FREQUENCY_HZ
CIRCUIT = "R0-p(R1,C1)"


def dummy(resistance_ohm: float, seed: int = 0, noise: float = 1e-3) -> np.ndarray:
    """29 ohm and R || 10 uF with noise."""
    z = 29 + resistance_ohm / (1 + 2j * np.pi * FREQUENCY_HZ * resistance_ohm * 1e-5)
    scatter = np.random.default_rng(seed).normal(0, noise, (2, len(z)))
    return np.asarray(z * (1 + scatter[0] + 1j * scatter[1]))


def jobs(count: int = 4) -> list[Job]:
    return [Job(f"dummy {n}", ((FREQUENCY_HZ, dummy(40.0 + n, n)),), (1,)) for n in range(count)]


def resistances(results: list[dict]) -> list[float]:
    return [result.spectra[0].values["R1"] for result in results]


def test_results_are_the_truth_in_the_order_of_the_jobs() -> None:
    results = list(fit_jobs(jobs(), CIRCUIT))
    assert [result.source for result in results] == [f"dummy {n}" for n in range(4)]
    assert resistances(results) == pytest.approx([40, 41, 42, 43], rel=2e-3)


@pytest.mark.long
def test_processes_find_the_same() -> None:
    assert list(fit_jobs(jobs(), CIRCUIT, workers=2)) == list(fit_jobs(jobs(), CIRCUIT))


@pytest.mark.filterwarnings("ignore")  # those of the library are not ours
def test_a_cluster_finds_the_same() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        found = list(fit_jobs(jobs(), CIRCUIT, scheduler=cluster.scheduler_address))
    assert found == list(fit_jobs(jobs(), CIRCUIT))


def test_a_cluster_without_its_library_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(BadInput, match=r"pip install 'solbench\[cluster\]'"):
        list(fit_jobs(jobs(), CIRCUIT, scheduler="tcp://127.0.0.1:1"))


@pytest.mark.filterwarnings("ignore")
def test_a_bad_address_is_said_in_words() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(BadInput, match="no Dask scheduler answers at nowhere://1"):
        list(fit_jobs(jobs(), CIRCUIT, scheduler="nowhere://1"))


@few(
    ("circuit", "impedance"),
    [
        ("R0-p(R1,C1)", dummy(47.0, 1)),
        ("L0-R0-p(R1,C1)", dummy(47.0, 2) + OMEGA * 3e-6),
        (
            "L0-R0-p(R1,CPE1)",
            dummy(0.0, 3) + OMEGA * 3e-6 + 47 / (1 + (OMEGA * 47e-5) ** 0.8),
        ),
    ],
    (2,),
)
def test_the_generic_circuit_is_the_one_that_made_the_spectrum(circuit: str, impedance: np.ndarray) -> None:
    (found,) = fit_job(Job("a", ((FREQUENCY_HZ, impedance),), (1,))).spectra
    assert found.circuit == circuit
    assert found.values["R1"] == pytest.approx(47.0, rel=0.01)


def test_what_is_no_spectrum_is_said_in_words() -> None:
    few = Job("few", ((FREQUENCY_HZ[:3], dummy(47.0)[:3]),), (1,))
    good, bad = fit_jobs([jobs(1)[0], few], CIRCUIT)
    assert good.error is None
    assert bad.spectra == ()
    assert "3 points is too short" in bad.error


def test_a_run_is_to_be_fitted_jointly_unless_a_circuit_is_named() -> None:
    run = RUNS_0_1 / "short.h5"
    assert read_job(run).joint
    assert read_job(run).numbers == tuple(record.spectrum for record in open_run(run).spectra)
    assert not read_job(run, CIRCUIT).joint


@pytest.mark.long
def test_a_run_is_fitted_jointly(tmp_path: Path) -> None:
    run = tmp_path / "run.h5"
    run_it(request(run, TINY.replace("100 Hz, points_per_decade: 2", "1 Hz, points_per_decade: 5")))
    job = read_job(run)
    assert (job.joint, job.simulated, job.numbers) == (True, True, (1, 2))
    result = fit_job(job)
    opened = open_run(run)
    tables = [opened.points_of(record) for record in opened.spectra]
    measured = [(t["frequency_Hz"], t["real_ohm"] + 1j * t["imaginary_ohm"]) for t in tables]
    expected = fit_states(measured, temperatures_K=job.temperatures_K, rules=job.rules, chains=job.chains)
    assert [s.r_sse_ohm for s in result.spectra] == [state.r_sse_ohm for state in expected.states]
    assert result.spectra[0].r_sse_ohm == pytest.approx(35.4, rel=0.02)  # 0.5 mm of 1.8 mS/cm on 0.785 cm2
    single = fit_job(read_job(run, CIRCUIT), CIRCUIT)
    assert [s.circuit for s in single.spectra] == [CIRCUIT] * 2
    _mask_once_and_for_good(run, result)
    export_run(run, "z", tmp_path / "out")
    again = [read_job(path) for path in find_files([tmp_path / "out"])]
    assert [np.array_equal(a.spectra[0][1], s[1]) for a, s in zip(again, job.spectra, strict=True)] == [
        True,
        True,
    ]
    assert all(a.simulated for a in again)


def _mask_once_and_for_good(run: Path, whole: JobResult) -> None:
    """A mask of one fit, and the same kept with the run, leave out the same points of the joint fit."""
    masked = fit_job(read_job(run), settings=FitSettings(mask=read_mask("2: 10 Hz")))
    correct(run, open_run(run).recorded, ["left_out=2: 10 Hz"], "E. Example", "a spike")
    kept, counts = read_job(run), [found.points for found in whole.spectra]
    assert kept.left_out_Hz == ((), (pytest.approx(10.0),))
    assert [found.left_out_Hz for found in masked.spectra] == list(kept.left_out_Hz)
    assert [len(f) for f, _ in kept.spectra] == [counts[0], counts[1] - 1]
    assert [found.points for found in masked.spectra] == [counts[0], counts[1] - 1]
    assert len(RunSpectra(open_run(run)).states[1].frequency_Hz) == counts[1] - 1
    corrections_path(run).unlink()


@few("seed", range(4), 1)
def test_what_is_masked_might_as_well_not_have_been_measured(seed: int) -> None:
    chance = np.random.default_rng(seed)
    spoilt = sorted(chance.choice(len(FREQUENCY_HZ), 6, replace=False).tolist())
    z = dummy(40.0, seed)
    z[spoilt] *= chance.uniform(0.3, 3.0, 6)
    job = Job("a.z", ((FREQUENCY_HZ, z), (FREQUENCY_HZ, dummy(50.0, seed))), (1, 2))
    mask = read_mask(", ".join(f"1: {FREQUENCY_HZ[place]:.5g} Hz" for place in spoilt))
    kept = np.delete(np.arange(len(z)), spoilt)
    found = fit_job(job, CIRCUIT, FitSettings(mask=mask))
    without = fit_job(replace(job, spectra=((FREQUENCY_HZ[kept], z[kept]), job.spectra[1])), CIRCUIT)
    assert [each.values for each in found.spectra] == [each.values for each in without.spectra]
    assert resistances([found])[0] == pytest.approx(40.0, rel=5e-3)
    assert sorted(found.spectra[0].left_out_Hz) == pytest.approx(sorted(FREQUENCY_HZ[spoilt]))
    assert found.spectra[1].left_out_Hz == ()


@pytest.mark.parametrize("text", ["7 Hz, 3: 1 kHz", "1 MHz", "b 1: 1 kHz"])
def test_a_mask_of_what_was_not_measured_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no spectrum has a point at"):
        require_points(read_mask(text), measured(jobs(1)), "--mask")


def test_folders_are_searched_for_what_can_be_read(tmp_path: Path) -> None:
    for name in ("b.z", "a.csv", "c.h5", "readme.md", "d.mpt"):
        (tmp_path / name).write_text("")
    (tmp_path / "inner.z").mkdir()
    found = find_files([tmp_path, tmp_path / "a.csv"])
    assert [path.name for path in found] == ["a.csv", "b.z", "c.h5", "d.mpt"]
    with pytest.raises(BadInput, match="no such file or folder"):
        find_files([tmp_path / "nothing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="nothing to fit in this folder"):
        find_files([tmp_path / "empty"])


@pytest.mark.long
def test_where_the_temperature_of_every_state_was_measured_the_growth_is_the_one_scaled_to_it() -> None:
    """A run that cools by 2.2 K: its summary tells the scaled growth, and so does a fit of its file."""
    spectra = tuple(CELLS["nps"].spectra(0.001, 3, sse_factors=factors(WARM_K)))
    measured = Job("cooled", spectra, (1, 2, 3, 4, 5), joint=True, temperatures_K=WARM_K, measured=True)
    measured = replace(measured, temperature_stderrs_K=(0.14,) * 5)
    found, typed = (
        fit_job(job) for job in (measured, replace(measured, measured=False, temperature_stderrs_K=None))
    )
    growth_ohm, stderr_ohm = found.r_interface_growth_ohm, found.r_interface_growth_stderr_ohm
    assert growth_ohm == pytest.approx(CELLS["nps"].growth, abs=4 * stderr_ohm)
    assert stderr_ohm < 3.3
    assert typed.r_interface_growth_stderr_ohm > 1.02 * stderr_ohm
