import pytest

from solbench.acquisition.bench.models import MODELS
from tests.conformance.benches import SM20_MODEL


@pytest.fixture(autouse=True)
def the_sm20_is_a_model_of_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "sm20", SM20_MODEL)
