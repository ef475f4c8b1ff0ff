import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.analysis import states_of_run
from solbench.gui.models.common.answers import SpectrumResult
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.fit.fit_choice import AUTOMATIC
from solbench.gui.models.fit.fit_rows import in_powers, parameter_rows, verdict, with_error
from solbench.gui.models.fit.fit_trend import AXES, as_table, axes_of, parameters_of, trends
from solbench.gui.models.fit.fitting import Fitting
from tests.acquisition.runs import RUNS_0_1
from tests.gui.models.fakes import FakeJobs, LateJobs, until_idle

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
    until_idle(jobs)
    return model


@pytest.mark.long
def test_fit_by_the_command_gives_the_parameters_that_were_put_in(spectrum: Path) -> None:
    jobs = Jobs()
    model = opened(jobs, spectrum)
    model.set_circuit("R0-p(R1,C1)")
    model.fit()
    assert model.busy == "fitting"
    assert not model.ready
    until_idle(jobs)
    (found,) = model.spectra
    assert found.found.values == pytest.approx({"R0": R0, "R1": R1, "C1": C1}, rel=1e-5)
    assert found.residuals is not None
    assert np.abs(found.residuals).max() < 1e-5
    fitted = found.fitted(np.array([1e-3]))
    assert fitted is not None
    assert fitted[0].real == pytest.approx(R0 + R1, rel=1e-4)
    assert [row[0] for row in parameter_rows(found)] == ["R0", "R1", "C1"]
    assert verdict(found).startswith("R0-p(R1,C1), ")
    jobs.close()


def test_a_spectrum_behind_a_short_circuit_is_shown_and_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states_of_run, "_shorted_s", lambda run: run.spectra[1].time_s)
    model = opened(FakeJobs(), RUNS_0_1 / "short.h5")
    assert {each.number: each.name for each in model.spectra} == {
        1: "short 1",
        2: "short 2 (after a short circuit)",
        3: "short 3 (after a short circuit)",
    }


def test_what_the_fit_could_not_read_is_said(spectrum: Path) -> None:
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.fit()
    jobs.finish({"results": [], "unread": ["cell.csv: every spectrum is short"]}, code=2)
    assert model.said == "cell.csv: every spectrum is short"


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
    until_idle(jobs)
    assert "late" not in model.said


@pytest.mark.parametrize("order", [(0, 0), (1, 0)])
def test_spectra_are_as_they_were_read_last_whichever_answer_comes_first(
    spectrum: Path, order: tuple[int, ...]
) -> None:
    jobs = LateJobs()
    model = Fitting(jobs)
    model.open([spectrum])
    spectrum.write_text("1 Hz")  # written anew, and read again
    model.open([spectrum])
    for place in order:
        jobs.answer(place)
    assert (model.spectra, model.busy) == ([], "")
    assert spectrum.name in model.said


def test_a_fit_that_misses_the_points_is_called_wrong_above_the_plots(spectrum: Path) -> None:
    """The command ends with 1 then, and its fits are shown all the same."""
    jobs = FakeJobs()
    model = opened(jobs, spectrum)
    model.fit()
    state: dict[str, Any] = {
        "index": 1, "circuit": "R0", "chi2_nu": 1e-2, "kk_residual": 0.001, "flags": ["R0 is odd"],
        "values": {"R0": 1.0}, "stderr": {"R0": 0.1}, "verdict": "wrong", "reason": "it misses the points",
    }  # fmt: skip
    jobs.finish({"results": [{"source": str(spectrum), "error": None, "spectra": [state]}]}, code=1)
    assert "wrong: it misses the points" in model.state_words(model.spectra[0])
    assert verdict(model.spectra[0]).endswith("wrong")


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
        ("Q1", "(1.000 ± 0.010)×10⁻⁶ S·sⁿ", "1 %"),
        ("n1", "0.900 ± 0.010", "1.1 %"),
    ]
    assert model.said == "cell.csv: the interface grows by (35.00 ± 0.14) Ω"


def states(*resistances: float | None) -> list[dict[str, Any]]:
    """Joint fits of as many spectra, the first one the reference if it is 0."""
    return [
        {"index": index, "circuit": "R0-R1", "chi2_nu": 1e-6, "kk_residual": 0.001, "flags": [], "points": 31,
         "from_Hz": 1.0, "to_Hz": 1e5, "values": {"R0": 1.0, "R1": 2.0}, "stderr": {"R1": 0.5}, "fixed": ["R0"],
         "r_sse_ohm": 344.0, "r_sse_stderr_ohm": 0.1, "r_interface_ohm": value,
         "r_interface_stderr_ohm": 0.0 if value == 0.0 else 0.2, "verdict": "good"}
        for index, value in enumerate(resistances, 1)
    ]  # fmt: skip


def fitted(path: Path, jobs: FakeJobs, found: list[dict[str, Any]]) -> Fitting:
    model = opened(jobs, path)
    model.fit()
    jobs.finish({"results": [{"source": str(path), "error": None, "spectra": found}]})
    return model


def test_reference_and_held_parameters_are_no_measured_values(spectrum: Path) -> None:
    model = fitted(spectrum, FakeJobs(), states(0.0))
    assert parameter_rows(model.spectra[0])[1:3] == [
        ("R interface", "0 by definition", "reference"),
        ("R0", "1.0000 Ω", "held"),
    ]


def test_choices_are_options_of_the_command_as_they_were_typed(spectrum: Path) -> None:
    model = opened(FakeJobs(), spectrum)
    model.set_circuit("R0-p(R1,C1)")
    model.set_window("10 Hz", "1,5 kHz")
    model.set_value("R1", "47 Ω")
    model.set_value("R9", "3")
    model.set_value("C1", "10 µF")
    model.hold("C1", True)
    model.set_weight("unit")
    assert model.problem == ""
    assert model.arguments[2:-1] == [
        "--circuit", "R0-p(R1,C1)", "--from", "10 Hz", "--to", "1,5 kHz", "--start", "R1=47 Ω", "--fix", "C1=10 µF",
        "--weight", "unit",
    ]  # fmt: skip
    settings = model.choice.settings
    assert (settings.from_Hz, settings.to_Hz, settings.fixed) == (10.0, 1500.0, {"C1": 1e-5})
    model.set_circuit(AUTOMATIC)
    assert model.arguments[2:-1] == ["--from", "10 Hz", "--to", "1,5 kHz"]
    model.set_circuit("R0-p(R1,C1)")
    assert ("R1", "Ω", "47 Ω", False) in model.choice.rows
    model.clear_values()
    assert {row[2:] for row in model.choice.rows} == {("", False)}


@pytest.mark.long
def test_command_takes_what_was_chosen(spectrum: Path) -> None:
    jobs = Jobs()
    model = opened(jobs, spectrum)
    model.set_circuit("R0-p(R1,C1)")
    model.drag_window(9.0, 1.1e4)
    model.set_value("R0", f"{R0} ohm")
    model.hold("R0", True)
    model.set_value("R1", "1 kΩ")
    model.fit()
    until_idle(jobs)
    (found,) = model.spectra
    assert found.found.fixed == ("R0",)
    assert found.found.values["R1"] == pytest.approx(R1, rel=1e-5)
    assert found.fitted_range_Hz == pytest.approx((10.0, 1e4), rel=0.3)
    residuals = found.residuals
    assert residuals is not None
    assert np.isnan(residuals[[0, -1]]).all()
    assert np.count_nonzero(np.isfinite(residuals)) == found.found.points
    assert not model.stale
    jobs.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda model: model.hold("R1", True), "R1 is held, but has no value."),
        (lambda model: (model.set_circuit("R0-CPE1"), model.hold("CPE1_0", True)), "Q1 is held, but"),
        (lambda model: (model.set_circuit("R0-G1"), model.set_value("G1_1", "3 F")), "τ of G1: '3 F' has"),
        (lambda model: model.set_mask("G1_1: 5 V"), "G1_1"),
        (lambda model: model.set_value("R1", "1,234"), "R1: '1,234' can be read with a decimal comma"),
        (lambda model: model.set_value("R1", "3 F"), "R1: '3 F' has another unit"),
        (lambda model: model.set_value("R1", "large"), "R1: 'large' is not a number"),
        (lambda model: model.set_window("ten", ""), "lowest frequency: 'ten' is not a number"),
        (lambda model: model.set_window("", "3 V"), "highest frequency: '3 V' is a voltage, not a frequency"),
        (lambda model: model.set_window("", "300"), "highest frequency: '300' has no unit"),
        (lambda model: model.set_window("100 Hz", "10 Hz"), "holds nothing. Write the lower frequency first"),
    ],
)
def test_slips_are_said_in_the_words_of_the_screen(spectrum: Path, change: Any, words: str) -> None:
    model = opened(FakeJobs(), spectrum)
    model.set_circuit("R0-p(R1,C1)")
    change(model)
    assert words in model.problem
    assert "--" not in model.problem
    assert not model.ready


def test_dragged_ends_come_to_measured_frequencies_and_beyond_them_the_window_is_open(spectrum: Path) -> None:
    model = opened(FakeJobs(), spectrum)
    f = model.spectra[0].frequency_Hz
    model.drag_window(1.1 * f[20], 0.9 * f[4])
    assert model.choice.settings.inside(f).tolist() == [4 <= place <= 20 for place in range(len(f))]
    model.drag_window(1e-9, 0.9 * f[4])
    assert model.choice.from_text == ""
    model.drag_window(1e-9, 1e9)
    assert (model.choice.from_text, model.choice.to_text) == ("", "")
    model.drag_window(f[7], f[7])
    assert (model.choice.from_text, model.choice.to_text) == ("", "")


def test_fit_is_out_of_date_when_something_else_is_chosen_and_its_values_can_be_taken_over(
    spectrum: Path,
) -> None:
    model = fitted(spectrum, FakeJobs(), states(12.0))
    assert not model.stale
    model.take_over(model.spectra[0])
    assert model.stale
    assert model.choice.rows == [("R0", "Ω", "1", False), ("R1", "Ω", "2", False)]
    model.clear_values()
    model.hold("R1", True)
    assert model.choice.rows[1] == ("R1", "Ω", "2", True)


def test_trend_of_a_parameter_against_what_tells_the_spectra_apart(spectrum: Path) -> None:
    model = fitted(spectrum, FakeJobs(), states(0.0))
    first = model.spectra[0]
    assert [axis.name for axis in axes_of([first])] == ["spectrum"]
    found = SpectrumResult(**states(0.0, 8.0)[1])
    second = type(first)(first.source, 2, first.frequency_Hz, first.impedance_ohm, found, 0.7, 1)
    first.capacity_mAh_cm2, first.cycle = 0.0, 1
    both = [first, second]
    assert [axis.name for axis in axes_of(both)] == ["areal capacity (mAh/cm²)", "spectrum"]
    assert parameters_of(both) == ["R interface", "R electrolyte", "R0", "R1"]
    (trend,) = trends(both, "R interface", AXES[0])
    assert (trend.x.tolist(), trend.y.tolist(), trend.stderr.tolist()) == ([0.0, 0.7], [0.0, 8.0], [0.0, 0.2])
    assert trend.reference.tolist() == [True, False]
    (held,) = trends(both, "R0", AXES[2])
    assert (held.x.tolist(), held.stderr.tolist()) == ([1.0, 2.0], [0.0, 0.0])
    assert trends(both, "R7", AXES[0]) == []


def test_values_are_copied_as_numbers_that_a_spreadsheet_reads(spectrum: Path) -> None:
    model = fitted(spectrum, FakeJobs(), states(0.0))
    head, line = (row.split("\t") for row in as_table(model.spectra).splitlines())
    values = dict(zip(head, line, strict=True))
    assert values["spectrum"] == "cell 1"
    assert values["R interface (ohm)"] == "0"
    assert (values["R1 (ohm)"], values["R1 standard error"]) == ("2", "0.5")
    assert values["R0 standard error"] == values["cycle"] == ""


def test_kramers_kronig_residuals_are_those_of_the_window(spectrum: Path) -> None:
    model = opened(FakeJobs(), spectrum)
    model.drag_window(10.0, 1e4)
    shown = model.spectra[0].kk_residuals(model.choice.settings)
    assert shown is not None
    frequency_Hz, residuals = shown
    assert np.abs(residuals).max() < 1e-3
    assert 8.0 < frequency_Hz.min() < 12.0
    model.drag_window(10.0, 100.0)
    assert model.spectra[0].kk_residuals(model.choice.settings) is None


@pytest.mark.parametrize("stem", ["G1_1", "cell-CPE2_0", "Ws2_1 CPE1_1"])
def test_files_keep_their_names_although_parameters_are_called_so(spectrum: Path, stem: str) -> None:
    jobs, path = FakeJobs(), spectrum.rename(spectrum.with_name(f"{stem}.csv"))
    model = opened(jobs, path)
    model.fit()
    state: dict[str, Any] = {
        "index": 1, "circuit": "R0-CPE1", "values": {"R0": 1.0, "CPE1_0": 1e-6, "CPE1_1": 0.9},
        "stderr": {}, "chi2_nu": 1.0, "kk_residual": None, "flags": ["CPE1_0: not determined"],
        "verdict": "look", "reason": "spectrum 1: CPE1_1 and R0 go together",
    }  # fmt: skip
    joint = {"verdict": "look", "reason": "CPE1_0 is at its bound"}
    jobs.finish({"results": [{"source": str(path), "error": None, "spectra": [state], **joint}]})
    words = model.state_words(model.spectra[0])
    assert f"{stem}" in words
    assert "n1 and R0 go together" in words
    assert model.said.startswith(f"{stem}.csv: ")
    assert model.said.endswith("Q1 is at its bound")
    model.fit()
    jobs.finish(None, 2, f"{path}: no such file")
    assert model.said == f"{path}: no such file"


@given(
    size=st.floats(1.0, 9.99999999),
    power=st.integers(-12, 9),
    share=st.none() | st.floats(1e-4, 30.0) | st.sampled_from([float("inf"), float("nan")]),
    digits=st.integers(2, 6),
)
def test_one_digit_before_the_point_after_rounding_too(
    size: float, power: int, share: float | None, digits: int
) -> None:
    value = size * 10.0**power
    text = in_powers(value, None if share is None else share * value, digits)
    assert "inf" not in text
    assert "nan" not in text
    if "×10" in text:
        numbers = re.findall(r"(\d+)(?:\.\d*)?", text.partition("×")[0])
        assert max(len(number) for number in numbers) == 1


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (0.0, None, "0.0000 Ω"),
        (99925.0, 89.0, "(99.925 ± 0.089) kΩ"),
        (0.0, 2e-3, "(0.0 ± 2.0) mΩ"),
        (5.0, 0.0, "5.0000 Ω"),
        (5.0, float("nan"), "5.0000 Ω"),
        (5.0, 0.0996, "(5.00 ± 0.10) Ω"),
        (999.9996, None, "1.0000 kΩ"),
    ],
)
def test_error_has_two_digits_and_the_value_as_many_places(
    value: float, stderr: float | None, text: str
) -> None:
    assert with_error(value, stderr, "Ω") == text
