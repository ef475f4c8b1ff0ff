from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gui.models.fitting import AUTOMATIC, Fitting, parameter_rows, verdict, with_error
from gui.models.jobs import Jobs
from tests.gui.models.fakes import FakeJobs

R0, R1, C1 = 29.0, 47.0, 1e-5


@pytest.fixture
def spectrum(tmp_path: Path) -> Path:
    """A spectrum of R0-p(R1,C1), worked out here."""
    f = np.geomspace(1e5, 1.0, 31)
    z = R0 + R1 / (1.0 + 2j * np.pi * f * R1 * C1)
    path = tmp_path / "cell.csv"
    path.write_text("\n".join(f"{a},{b.real},{b.imag}" for a, b in zip(f, z, strict=True)))
    return path


def opened(jobs: Jobs, *paths: Path) -> Fitting:
    model = Fitting(jobs)
    model.open(paths)
    while jobs.busy:
        jobs.deliver()
    return model


def test_fit_by_the_command_gives_the_parameters_that_were_put_in(spectrum: Path) -> None:
    jobs = Jobs()
    model = opened(jobs, spectrum)
    model.set_circuit("R0-p(R1,C1)")
    model.fit()
    assert model.busy == "fitting"
    assert not model.ready
    while jobs.busy:
        jobs.deliver()
    (found,) = model.spectra
    assert found.found["values"] == pytest.approx({"R0": R0, "R1": R1, "C1": C1}, rel=1e-5)
    assert found.residuals is not None
    assert np.abs(found.residuals).max() < 1e-5
    fitted = found.fitted(np.array([1e-3]))
    assert fitted is not None
    assert fitted[0].real == pytest.approx(R0 + R1, rel=1e-4)
    assert [row[0] for row in parameter_rows(found)] == ["R0", "R1", "C1"]
    assert verdict(found).startswith("R0-p(R1,C1), ")
    jobs.close()


def test_command_names_the_circuit_unless_it_is_automatic(spectrum: Path) -> None:
    model = opened(FakeJobs(), spectrum)
    assert model.twin == f"solbench fit {spectrum} --json"
    model.set_circuit("R0-p(R1,CPE1)")
    assert model.arguments == ["fit", str(spectrum), "--circuit", "R0-p(R1,CPE1)", "--json"]
    model.set_circuit(AUTOMATIC)
    assert model.ready


def test_circuit_with_a_slip_is_said_and_not_fitted(spectrum: Path) -> None:
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.set_circuit("R0-p(R1")
    assert "L0-R0-p(R1,CPE1)-CPE2" in model.problem
    model.fit()
    assert jobs.given == []


def test_unreadable_file_is_said_and_the_others_are_shown(spectrum: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("frequency,re,im\n1,two,3\n")
    model = opened(FakeJobs(), bad, spectrum)
    assert [each.source for each in model.spectra] == [spectrum]
    assert "bad.csv" in model.said
    assert "two" in model.said


def test_failed_fit_is_said_in_the_words_of_the_command(spectrum: Path) -> None:
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.fit()
    jobs.finish(None, 2, "the disk is full")
    assert (model.said, model.busy) == ("the disk is full", "")
    model.fit()
    result = {"source": str(spectrum), "error": "too few points", "spectra": []}
    jobs.finish({"results": [result]}, 1)
    assert model.said == "cell.csv: too few points"


def test_result_of_spectra_that_were_left_meanwhile_is_dropped(spectrum: Path, tmp_path: Path) -> None:
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.fit()
    model.open([tmp_path / "cell.csv", tmp_path / "other.csv"])
    jobs.finish({"results": [{"source": str(spectrum), "error": "late", "spectra": []}]})
    while jobs.busy:
        jobs.deliver()
    assert "late" not in model.said


def test_interface_of_a_joint_fit_stands_with_its_error(spectrum: Path) -> None:
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.fit()
    state: dict[str, Any] = {
        "index": 1, "circuit": "R0-p(R1,CPE1)", "chi2_nu": 1e-6, "kk_residual": 0.001, "flags": [],
        "values": {"R0": 1.0, "R1": 2.0, "CPE1_0": 1e-6, "CPE1_1": 0.9},
        "stderr": {"R0": 0.1, "R1": 5.0, "CPE1_0": 1e-8, "CPE1_1": 0.01},
        "r_sse_ohm": 344.25, "r_sse_stderr_ohm": 0.087, "r_interface_ohm": None, "verdict": "good",
    }  # fmt: skip
    growth = {"r_interface_growth_ohm": 35.0, "r_interface_growth_stderr_ohm": 0.14, "verdict": "good"}
    jobs.finish({"results": [{"source": str(spectrum), "error": None, "spectra": [state], **growth}]})
    assert parameter_rows(model.spectra[0]) == [
        ("R electrolyte", "(344.250 ± 0.087) Ω", "0.025 %"),
        ("R0", "(1.00 ± 0.10) Ω", "10 %"),
        ("R1", "(2.0 ± 5.0) Ω", "over 100 %"),
        ("CPE1_0", "1e-06 ± 1e-08 S·s^α", "1 %"),
        ("CPE1_1", "0.9 ± 0.01", "1.1 %"),
    ]
    assert model.said == "cell.csv: the interface grows by (35.00 ± 0.14) Ω"


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (0.0, None, "0.0000 Ω"),
        (99925.0, 89.0, "(99.925 ± 0.089) kΩ"),
        (0.0, 2e-3, "(0.0 ± 2.0) mΩ"),
        (5.0, 0.0, "5.0000 Ω"),
        (5.0, float("nan"), "5.0000 Ω"),
    ],
)
def test_error_has_two_digits_and_the_value_as_many_places(
    value: float, stderr: float | None, text: str
) -> None:
    assert with_error(value, stderr, "Ω") == text
