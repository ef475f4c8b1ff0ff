import time
from pathlib import Path

import numpy as np
import pytest

from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.protocol.preview import Preview, _sparse, shortened
from solbench.protocols import dump_cell, load_cell, load_protocol, with_settings
from solbench.protocols.protocol import to_data
from tests.gui.models.fakes import FakeJobs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "temporary"
    made.mkdir()
    return made


def wait(jobs: Jobs, preview: Preview) -> None:
    until = time.monotonic() + 60
    while preview.busy and time.monotonic() < until:
        jobs.deliver()
        time.sleep(0.02)


@pytest.mark.long
def test_the_curve_of_a_short_run_from_the_simulated_bench(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    settings = ["steps.sodiation.spectra_at=[0 %]", "steps.sodiation.until.capacity=5 %"]
    protocol = to_data(with_settings(load_protocol("half-cell"), settings))
    jobs = Jobs()
    preview = Preview(jobs)
    preview.request(protocol, dump_cell(load_cell("nbh")))
    wait(jobs, preview)
    jobs.close()
    curve = preview.curve
    assert curve is not None, preview.problem
    assert curve.completed
    assert curve.note == ""
    assert len(curve.spectra_s) == 1
    assert curve.current_A.min() == pytest.approx(-0.1256e-3, rel=0.01)
    assert curve.voltage_V[-1] == pytest.approx(2.0, abs=0.05)
    assert list(folder.iterdir()) == []


def test_loops_are_cut_to_two_passes_and_it_says_so() -> None:
    data = to_data(load_protocol("full-cell"))
    short, note = shortened(data)
    assert short["steps"][1]["count"] == 2
    assert data["steps"][1]["count"] == 10
    assert note == "2 of 10 passes of cycling"


def test_a_refusal_is_told_and_nothing_is_left_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    jobs = FakeJobs()
    preview = Preview(jobs)
    preview.request(to_data(load_protocol("half-cell")), "")
    assert preview.busy
    jobs.finish(None, code=2, said="cell.yaml: it is empty.")
    assert preview.problem == "cell.yaml: it is empty."
    assert not preview.busy
    assert list(folder.iterdir()) == []


def test_a_curve_of_an_earlier_protocol_is_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    jobs = FakeJobs()
    preview = Preview(jobs)
    preview.request(to_data(load_protocol("half-cell")), "")
    preview.forget()
    jobs.finish(None, code=2, said="too late")
    assert preview.problem == ""
    assert preview.curve is None


def test_thinning_keeps_both_extremes_and_the_last_sample() -> None:
    values = np.sin(np.arange(200_000) / 700.0)
    values[123_457], values[77_001] = 9.0, -9.0
    kept = _sparse(values)
    assert {0, 77_001, 123_457, 199_999} <= set(kept)
    assert len(kept) < 4100
    assert (np.diff(kept) > 0).all()
