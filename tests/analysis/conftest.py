import pytest

from tests.analysis.report_runs import DC, FULL, HALF, PELLET, SYMMETRIC, made


@pytest.fixture(scope="session")
def report_runs(tmp_path_factory):
    """Run files by name, as short as they can be."""
    folder = tmp_path_factory.mktemp("report")
    return {
        "half nyzc": made(folder, "half-nyzc", HALF, "nyzc"),
        "half nbh": made(folder, "half-nbh", HALF, "nbh"),
        "full": made(folder, "full", FULL, "nbh"),
        "pellet": made(folder, "pellet", PELLET, "nyzc"),
        "pristine": made(folder, "pristine", DC, "nyzc"),
        "reduced": made(folder, "reduced", DC, "nyzc", build="dc_reduced"),
        "symmetric": made(folder, "symmetric", SYMMETRIC, "nbh"),
    }
