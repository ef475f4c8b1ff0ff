import pytest

from tests.acquisition.runs import Seen, request, seen_run


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Seen:
    """A run of three minutes with everything in it."""
    return seen_run(request(tmp_path_factory.mktemp("tiny") / "tiny.h5"))
