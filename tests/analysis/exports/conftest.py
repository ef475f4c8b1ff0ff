from __future__ import annotations

from pathlib import Path

import pytest

from solbench.acquisition.record.reader import Run, open_run
from tests.acquisition.runs import request, run_it


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run file of three minutes of a half cell, with two spectra in it."""
    run = tmp_path_factory.mktemp("exports") / "tiny.h5"
    run_it(request(run))
    return run


@pytest.fixture(scope="session")
def tiny_run(tiny: Path) -> Run:
    return open_run(tiny)
