import pytest

from tests.acquisition.runs import Seen, quiet_bench, request, seen_run


@pytest.fixture(scope="session")
def half_cell(tmp_path_factory) -> Seen:
    """A whole half-cell run of seventeen hours on a bench without gain and offset errors, 5 ms a message."""
    run = tmp_path_factory.mktemp("half") / "half.h5"
    return seen_run(request(run, "half-cell", "nbh", quiet_bench(latency_s=5e-3), seed=7))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Seen:
    """A run of three minutes with everything in it."""
    return seen_run(request(tmp_path_factory.mktemp("tiny") / "tiny.h5"))
