import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.trace import Trace

WAITS = st.sampled_from([0.0, 1e-3, 1.0, 1.0, 1.0, 50.0, 3600.0])


@st.composite
def traces(draw):
    """Uneven times in blocks of uneven lengths, as runs have them."""
    seed = draw(st.integers(0, 2**31))
    sizes = draw(st.lists(st.integers(1, 700), min_size=1, max_size=8))
    waits = draw(st.lists(WAITS, min_size=len(sizes), max_size=len(sizes)))
    random = np.random.default_rng(seed)
    x = np.cumsum(np.repeat(waits, sizes) * random.uniform(0.5, 1.5, sum(sizes)))
    y = random.normal(size=len(x)).astype(np.float32)
    trace = Trace(1)
    for part in np.split(np.arange(len(x)), np.cumsum(sizes)[:-1]):
        trace.append(x[part], y[part])
    return trace, x, y


@given(traces(), st.integers(3, 200), st.floats(0, 1), st.floats(0, 1))
def test_every_extreme_of_every_pixel_column_is_drawn(made, pixels, a, b):
    trace, x, y = made
    low, high = sorted((a * x[-1], b * x[-1]))
    high = max(high, low + 1e-6)
    drawn_x, drawn_y = trace.view(0, low, high, pixels)
    assert np.all(np.diff(drawn_x) >= 0)
    inside = (x >= low) & (x <= high)
    if not inside.any():
        return
    width = (high - low) / pixels
    column = np.floor((x[inside] - low) / width)
    drawn_column = np.floor((drawn_x - low) / width)
    for wanted in np.unique(column):
        values = y[inside][column == wanted]
        near = drawn_y[np.abs(drawn_column - wanted) <= 1]
        assert near.min() <= values.min()
        assert near.max() >= values.max()


@given(traces(), st.integers(3, 200))
def test_newest_sample_is_the_last_point_and_nothing_is_invented(made, pixels):
    trace, x, y = made
    drawn_x, drawn_y = trace.view(0, x[0], x[-1] + 1.0, pixels)
    assert (drawn_x[-1], drawn_y[-1]) == (x[-1], y[-1])
    assert np.isin(drawn_y, y).all()
    assert np.isin(drawn_x, x).all()
    assert len(drawn_x) <= 2 * pixels + 5


@given(traces(), st.floats(0, 1), st.floats(0, 1))
def test_extremes_between_two_times(made, a, b):
    trace, x, y = made
    low, high = sorted((a * x[-1], b * x[-1]))
    values = y[(x >= low) & (x <= high)]
    found = trace.extremes(0, low, high)
    if len(values) == 0:
        assert found is None
    else:
        assert found == (values.min(), values.max())


def test_slow_year_before_a_fast_second_is_still_drawn():
    slow, fast = np.arange(1000) * 3600.0, 3_600_000.0 + np.arange(1_000_000) * 1e-6
    trace = Trace(1)
    trace.append(slow, np.sin(slow / 3e5))
    trace.append(fast, np.zeros(len(fast)))
    drawn_x, _ = trace.view(0, 0.0, fast[-1], 1200)
    assert np.count_nonzero(drawn_x < 3_600_000.0) >= 999


def test_single_spike_among_a_million_is_drawn():
    x = np.arange(1_000_000.0)
    y = np.zeros(len(x))
    y[123_457] = -7.0
    trace = Trace(2)
    trace.append(x, y, y + 1.0)
    assert trace.view(0, 0.0, 1e6, 1000)[1].min() == pytest.approx(-7.0)
    assert trace.view(1, 0.0, 1e6, 1000)[1].min() == pytest.approx(-6.0)


def test_times_that_go_back_stay_in_order():
    trace = Trace(1)
    trace.append(np.array([1.0, 3.0]), np.array([0.0, 0.0]))
    trace.append(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    assert trace.x.tolist() == [1.0, 3.0, 3.0, 4.0]


def test_empty_trace():
    trace = Trace(1)
    trace.append(np.empty(0), np.empty(0))
    assert len(trace.view(0, 0.0, 1.0, 100)[0]) == 0
    assert trace.extremes(0, 0.0, 1.0) is None
