from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.common.trace import OPENED, Detail, Trace

WAITS = st.sampled_from([0.0, 1e-3, 1.0, 1.0, 1.0, 50.0, 3600.0])


@dataclass
class Made:
    """A trace and what it was made of."""

    trace: Trace
    x: np.ndarray = field(repr=False)  # too long for a report
    y: np.ndarray = field(repr=False)

    def open(self, low: float, high: float, pixels: int) -> np.ndarray:
        """Give the trace what it wants for a view, as if read from a file; return the blocks."""
        blocks = self.trace.wanted(low, high, pixels)
        if len(blocks):
            rows = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            self.trace.put(Detail(blocks, self.x[rows], (self.y[rows].astype(np.float64),)))
        return blocks

    def views(self, a: float, b: float) -> tuple[float, float]:
        low, high = sorted((a * self.x[-1], b * self.x[-1]))
        return low, max(high, low + 1e-6)


@st.composite
def traces(draw):
    """Uneven times in blocks of uneven lengths, as runs have them; few or all samples are kept as they came."""
    seed = draw(st.integers(0, 2**31))
    sizes = draw(st.lists(st.integers(1, 700), min_size=1, max_size=8))
    waits = draw(st.lists(WAITS, min_size=len(sizes), max_size=len(sizes)))
    random = np.random.default_rng(seed)
    x = np.cumsum(np.repeat(waits, sizes) * random.uniform(0.5, 1.5, sum(sizes)))
    y = random.normal(size=len(x)).astype(np.float32)
    kept, slack = draw(st.sampled_from([(1, 1), (4, 2), (64, 64)]))
    trace = Trace(1, kept * BLOCK, slack * BLOCK)
    for part in np.split(np.arange(len(x)), np.cumsum(sizes)[:-1]):
        trace.append(x[part], y[part])
    return Made(trace, x, y)


@given(traces(), st.integers(3, 200), st.floats(0, 1), st.floats(0, 1))
def test_every_extreme_of_every_pixel_column_is_drawn_once_the_blocks_are_open(made, pixels, a, b):
    x, y = made.x, made.y
    low, high = made.views(a, b)
    made.open(low, high, pixels)
    drawn_x, drawn_y = made.trace.view(0, low, high, pixels)
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


@given(traces(), st.integers(3, 200), st.floats(0, 1), st.floats(0, 1))
def test_closed_blocks_lose_no_extreme_and_invent_no_value(made, pixels, a, b):
    """Before the file was read: an extreme in view is drawn, at the latest at an end of its block."""
    low, high = made.views(a, b)
    drawn_x, drawn_y = made.trace.view(0, low, high, pixels)
    assert np.all(np.diff(drawn_x) >= 0)
    assert np.isin(drawn_x, made.x).all()
    assert np.isin(drawn_y, made.y).all()
    inside = np.flatnonzero((made.x >= low) & (made.x <= high))
    whole = inside[np.isin(inside // BLOCK, _blocks_within(inside))]
    if len(whole):
        assert drawn_y.min() <= made.y[whole].min()
        assert drawn_y.max() >= made.y[whole].max()


def _blocks_within(places):
    blocks, counts = np.unique(places // BLOCK, return_counts=True)
    return blocks[counts == BLOCK]


@given(traces(), st.integers(3, 200), st.booleans())
def test_newest_sample_is_the_last_point_and_nothing_is_invented(made, pixels, opened):
    x, y = made.x, made.y
    if opened:
        made.open(x[0], x[-1] + 1.0, pixels)
    drawn_x, drawn_y = made.trace.view(0, x[0], x[-1] + 1.0, pixels)
    assert (drawn_x[0], drawn_y[0]) == (x[0], y[0])
    assert (drawn_x[-1], drawn_y[-1]) == (x[-1], y[-1])
    assert (made.trace.first_s, made.trace.last_s) == (x[0], x[-1])
    assert np.isin(drawn_y, y).all()
    assert np.isin(drawn_x, x).all()
    assert len(drawn_x) <= 4 * pixels + 8


@given(traces(), st.integers(0, 5000), st.integers(1, 60))
def test_narrow_view_of_open_blocks_is_the_samples_of_the_file_and_one_on_either_side(made, first, count):
    x, y = made.x, made.y
    first = first % len(x)
    low, high = x[first], x[min(first + count, len(x) - 1)]
    high = max(high, low + 1e-9)
    made.open(low, high, 1000)
    drawn_x, drawn_y = made.trace.view(0, low, high, 1000)
    begin, end = np.searchsorted(x, low, "left"), np.searchsorted(x, high, "right")
    if end - begin > 1000:  # many samples at one time
        return
    rows = slice(max(begin - 1, 0), end + 1)
    if len(drawn_x) == len(x[rows]):
        assert drawn_x.tolist() == x[rows].tolist()
        assert drawn_y.tolist() == y[rows].tolist()
    else:  # narrow blocks are joined: the same outline, but one at an edge of the view counts as a whole
        whole = slice(rows.start // BLOCK * BLOCK, -(-rows.stop // BLOCK) * BLOCK)
        assert y[whole].min() <= drawn_y.min() <= y[rows].min()
        assert y[rows].max() <= drawn_y.max() <= y[whole].max()


@given(traces(), st.floats(0, 1), st.floats(0, 1))
def test_extremes_between_two_times(made, a, b):
    x, y = made.x, made.y
    low, high = sorted((a * x[-1], b * x[-1]))
    values = y[(x >= low) & (x <= high)]
    before = made.trace.extremes(0, low, high)
    if len(values):
        assert before[0] <= values.min()
        assert before[1] >= values.max()
    made.open(low, high, 10**9)
    found = made.trace.extremes(0, low, high)
    if made.trace._base == 0 and len(values) == 0:
        assert found is None
    elif len(values) and x[0] != x[-1]:
        edges = y[(x >= low) & (x <= high) | np.isin(np.arange(len(x)) // BLOCK, _zero_wide(x))]
        assert edges.min() <= found[0] <= values.min()
        assert edges.max() >= found[1] >= values.max()


def _zero_wide(x):
    """Blocks without any width, which no view opens."""
    numbers = np.arange(len(x) // BLOCK)
    width = x[numbers * BLOCK + BLOCK - 1] - x[numbers * BLOCK]
    return numbers[width <= 1e-12 + np.ptp(x) * 1e-9]


@given(traces(), st.floats(-0.1, 1.1))
def test_nearest_sample_is_one_of_the_file_and_the_nearest_when_its_block_is_open(made, a):
    x, y = made.x, made.y
    time = a * x[-1]
    made.open(time - 1e-3, time + 1e-3, 100)
    found, (value,) = made.trace.nearest(time)
    assert value in y[x == found]
    if made.trace._base == 0:
        assert abs(found - time) == np.abs(x - time).min()


def test_wanted_blocks_are_bounded_and_those_around_the_view():
    x = np.arange(520_000.0)
    trace = Trace(1, BLOCK, BLOCK)
    trace.append(x, np.zeros(len(x)))
    assert len(trace.wanted(0.0, 5.2e5, 1000)) == 0  # blocks are narrower than a pixel
    blocks = trace.wanted(2e5, 3e5, 10_000)
    assert len(blocks) == OPENED
    assert blocks[0] <= 2e5 / BLOCK
    assert blocks[-1] >= 3e5 / BLOCK - 1


def test_samples_that_are_not_those_of_their_block_are_not_drawn():
    x = np.arange(1000.0)
    made = Made(Trace(1, BLOCK, BLOCK), x, np.sin(x).astype(np.float32))
    made.trace.append(x, made.y)
    before = made.trace.view(0, 70.0, 90.0, 1000)
    blocks = made.trace.wanted(70.0, 90.0, 1000)
    rows = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    made.trace.put(Detail(blocks, x[rows], (made.y[rows] + 1.0,)))
    assert [part.tolist() for part in made.trace.view(0, 70.0, 90.0, 1000)] == [
        part.tolist() for part in before
    ]


def test_panning_back_opens_other_blocks_and_lets_go_of_the_first():
    x = np.arange(100_000.0)
    made = Made(Trace(1, BLOCK, BLOCK), x, np.sin(x / 7).astype(np.float32))
    made.trace.append(x, made.y)
    assert len(made.open(10_000.0, 10_200.0, 800))
    assert len(made.trace.wanted(10_100.0, 10_300.0, 800)) == 0  # was opened around the first view
    assert len(made.open(50_000.0, 50_200.0, 800))
    assert len(made.trace.wanted(10_000.0, 10_200.0, 800))


def test_slow_year_before_a_fast_second_is_still_drawn():
    slow, fast = np.arange(1000) * 3600.0, 3_600_000.0 + np.arange(1_000_000) * 1e-6
    x = np.append(slow, fast)
    made = Made(Trace(1), x, np.append(np.sin(slow / 3e5), np.zeros(len(fast))).astype(np.float32))
    made.trace.append(x, made.y)
    made.open(0.0, fast[-1], 1200)
    drawn_x, _ = made.trace.view(0, 0.0, fast[-1], 1200)
    assert np.count_nonzero(np.unique(drawn_x) < 3_600_000.0) >= 999


def test_single_spike_among_a_million_is_drawn():
    x = np.arange(1_000_000.0)
    y = np.zeros(len(x))
    y[123_457] = -7.0
    trace = Trace(2)
    trace.append(x, y, y + 1.0)
    assert trace.view(0, 0.0, 1e6, 1000)[1].min() == pytest.approx(-7.0)
    assert trace.view(1, 0.0, 1e6, 1000)[1].min() == pytest.approx(-6.0)


def test_step_at_the_end_of_a_pixel_is_not_drawn_as_a_slope_into_the_next():
    """A fast fall, then an hour without samples: the line stays at the last value."""
    x = np.append(np.arange(10_000) * 1e-3, 3600.0)
    y = np.append(np.linspace(3.0, 1.0, 10_000), 1.0)
    trace = Trace(1)
    trace.append(x, y)
    drawn_x, drawn_y = trace.view(0, 0.0, 3600.0, 1000)
    assert drawn_y[np.flatnonzero(drawn_x == x[9999])[-1]] == pytest.approx(1.0)


def test_memory_does_not_grow_with_the_samples():
    trace = Trace(2)
    x = np.arange(100_000.0)
    for number in range(30):
        trace.append(x + number * 1e5, x, x)
    assert len(trace) == 3_000_000
    assert len(trace.x) <= 140_000
    assert trace.x[-1] == trace.last_s == 2_999_999.0


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
    assert trace.nearest(1.0) is None
    assert len(trace.wanted(0.0, 1.0, 100)) == 0


def test_a_stretch_without_readings_is_not_joined():
    trace = Trace(1)
    trace.break_at(10.5)
    trace.append(np.array([9.0, 10.0]), np.array([1.0, 2.0]))
    assert trace.ends_in_break
    assert trace.view(0, 0.0, 20.0, 100)[0].tolist() == [9.0, 10.0]
    for time_s in (15.0, 19.5):  # the end of the pause, and of a loss behind it
        trace.break_at(time_s)
    trace.append(np.array([20.0, 21.0]), np.array([3.0, 4.0]))
    assert not trace.ends_in_break
    x, y = trace.view(0, 0.0, 30.0, 100)
    assert x.tolist() == [9.0, 10.0, 10.5, 20.0, 21.0]
    assert np.isnan(y).tolist() == [False, False, True, False, False]
    assert trace.extremes(0, 0.0, 30.0) == (1.0, 4.0)


def test_breaks_stay_where_samples_are_no_longer_kept():
    x = np.concatenate([np.arange(50_000.0), np.arange(90_000.0, 140_000.0)])
    trace = Trace(1, BLOCK, BLOCK)
    trace.break_at(49_999.5)
    trace.append(x, np.ones(len(x)))
    drawn, values = trace.view(0, 0.0, 140_000.0, 500)
    (place,) = np.flatnonzero(np.isnan(values))
    assert drawn[place - 1] <= 49_999.5 < drawn[place + 1]
    assert drawn[place + 1] - drawn[place - 1] >= 40_000.0
