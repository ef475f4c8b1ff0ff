"""The overview of a run: whatever the blocks, extremes are kept and the newest sample is there."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.record.minmax import BINS, Overview


def overview(values: np.ndarray, blocks: list[int]) -> dict[str, np.ndarray]:
    made = Overview()
    times = np.arange(len(values), dtype=float)
    start = 0
    for size in [*blocks, len(values)]:
        part = slice(start, start + size)
        made.add(times[part], values[part], -values[part])
        start += size
    return {name: column for name, (column, _) in made.columns().items()}


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12_000),
    st.lists(st.integers(0, 5000), max_size=6),
)
def test_extremes_and_the_newest_sample_survive(seed, n, blocks):
    values = np.random.default_rng(seed).standard_normal(n)
    found = overview(values, blocks)
    starts = found["test_time_second"].astype(int)
    assert starts[0] == 0
    assert np.all(np.diff(starts) > 0)
    assert len(starts) <= BINS + 1
    for k, (start, stop) in enumerate(zip(starts, [*starts[1:], n], strict=True)):
        assert found["voltage_min"][k] == values[start:stop].min()
        assert found["voltage_max"][k] == values[start:stop].max()
        assert found["current_max"][k] == -values[start:stop].min()
        assert found["current_min"][k] == -values[start:stop].max()


def test_a_long_run_keeps_at_least_half_of_the_bins():
    found = overview(np.sin(np.arange(100_000.0)), [65_536])
    assert BINS / 2 <= len(found["voltage_max"]) <= BINS + 1


def test_a_run_without_samples_has_an_empty_overview():
    assert all(len(column) == 0 for column, _ in Overview().columns().values())


def test_every_column_has_its_unit():
    units = {name: unit for name, (_, unit) in Overview().columns().items()}
    assert units["test_time_second"] == "s"
    assert {units[name] for name in units if name.startswith("voltage")} == {"V"}
    assert {units[name] for name in units if name.startswith("current")} == {"A"}
