from collections.abc import Mapping
from pathlib import Path

import pytest

from solbench.acquisition.record.reader import Run, open_run
from tests.acquisition.runs import request, run_it
from tests.analysis.report_runs import Runs


@pytest.fixture(scope="session")
def report_runs(tmp_path_factory) -> Mapping[str, Path]:
    """Run files by name, as short as they can be."""
    return Runs(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run file of three minutes of a half cell, with two spectra in it."""
    run = tmp_path_factory.mktemp("exports") / "tiny.h5"
    run_it(request(run))
    return run


@pytest.fixture(scope="session")
def tiny_run(tiny: Path) -> Run:
    return open_run(tiny)
