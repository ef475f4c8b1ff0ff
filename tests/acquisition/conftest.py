import pytest

from acquisition.session import Session
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


@pytest.fixture(autouse=True)
def _no_long_search(monkeypatch):
    """A lost adapter is looked for in host time: not for a minute in tests."""
    made = Session.__post_init__

    def impatient(session: Session) -> None:
        made(session)
        session.reconnect_for_s = 0.1

    monkeypatch.setattr(Session, "__post_init__", impatient)
