from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.analysis.report_runs import Runs


@pytest.fixture(scope="session")
def report_runs(tmp_path_factory) -> Mapping[str, Path]:
    """Run files by name, as short as they can be."""
    return Runs(tmp_path_factory.mktemp("report"))
