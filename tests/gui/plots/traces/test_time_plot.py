import numpy as np
import pyqtgraph as pg
import pytest

from solbench.acquisition.record.columns import SAMPLE
from solbench.gui.models.common.blocks import BLOCK
from solbench.gui.models.common.trace import Detail, Trace
from solbench.gui.models.run.capacity import CapacityCurve
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.plots.saving import curves_in
from solbench.gui.plots.traces.curves import CapacityPlot
from solbench.gui.plots.traces.time_plot import MARKS, TimePlot


@pytest.fixture
def plot(qtbot):
    made = TimePlot(LIGHT)
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.show()
    return made


@pytest.fixture
def long():
    """A trace that has let go of most of its samples, these, and what it asks for."""
    x = np.arange(200_000.0)
    y = np.sin(x / 500).astype(np.float32)
    asked = []
    trace = Trace(2, BLOCK, 50 * BLOCK, ask=asked.append)
    trace.append(x, y, y)
    return trace, x, y, asked


def test_a_pause_is_a_gap_and_not_a_ramp(plot):
    trace = Trace(2)
    x = np.array([0.0, 10.0, 1000.0, 1010.0])
    trace.append(x[:2], np.ones(2), np.ones(2))
    trace.break_at(10.0)
    plot.show_trace(trace, (900.0, 1.0, 1.0), 0.0)  # what was read before the pause is not drawn on into it
    assert plot._curves[1].getData()[0][-1] == 10.0
    trace.append(x[2:], np.zeros(2), np.zeros(2))
    plot.show_trace(trace, None, 0.0)
    outline = plot._curves[1].getPath()
    moves = [outline.elementAt(i).x for i in range(outline.elementCount()) if outline.elementAt(i).isMoveTo()]
    assert moves == [0.0, 1000.0]


def test_a_run_without_readings_does_not_show_those_of_the_run_before(plot, long):
    plot.show_trace(long[0], None, 0.0)
    plot.show_trace(Trace(2), None, 0.0)
    assert len(plot._curves[0].getData()[0]) == 0
    plot.empty[0].look()
    assert plot.empty[0].shown


def test_view_of_old_samples_asks_for_them_draws_blocks_and_then_the_samples(plot, long):
    trace, x, y, asked = long
    plot.show_trace(trace, None, 0.0)
    assert asked == []  # the whole fits the blocks
    plot.set_mode("hold")
    plot.voltage.vb.setXRange(1000.0, 1500.0, padding=0)
    assert len(asked) == 1
    assert plot._reading.isVisible()
    drawn_x, drawn_y = plot._curves[0].getData()
    inside = slice(1000, 1501)
    assert (drawn_y.min(), drawn_y.max()) <= (y[inside].min(), y[inside].max())
    assert drawn_y.max() >= y[inside].max()
    assert "every 64 samples" in curves_in(plot)[0].y_name
    rows = (asked[0][:, None] * BLOCK + np.arange(BLOCK)).ravel()
    trace.put(Detail(asked[0], x[rows], (y[rows], y[rows])))
    plot.redraw()
    assert not plot._reading.isVisible()
    drawn_x, drawn_y = plot._curves[0].getData()
    assert drawn_x.tolist() == x[999:1502].tolist()
    assert drawn_y.tolist() == y[999:1502].tolist()
    assert [curve.y_name for curve in curves_in(plot)] == ["V (V)", "I (A)"]
    assert plot._values_at(1234.2).startswith(f"00:20:34   {y[1234]:.4f} V")
    assert len(asked) == 1


def test_saved_values_of_many_samples_say_what_they_are(plot, long):
    trace, *_ = long
    plot.show_trace(trace, None, 0.0)
    assert "first, lowest, highest and last sample of every" in curves_in(plot)[1].y_name


def test_marks_are_those_of_the_run_on_show_and_the_newest_hundred(plot, long):
    plot.show_trace(long[0], None, 0.0)
    first = [(float(number), f"step {number}") for number in range(3 * MARKS)]
    for end in range(0, len(first) + 1, 50):
        plot.show_marks(first[:end])
    plot.show_marks([(5.0, "of another run")])
    lines = [item for item in plot.voltage.items if isinstance(item, pg.InfiniteLine)]
    assert [line.value() for line in lines] == [5.0]
    plot.show_marks(first)
    lines = [item for item in plot.voltage.items if isinstance(item, pg.InfiniteLine)]
    assert sorted(line.value() for line in lines) == [time for time, _ in first[-MARKS:]]


def test_marks_too_close_to_tell_apart_are_not_drawn(plot, long):
    trace, x, *_ = long
    plot.show_trace(trace, None, 0.0)
    plot.show_marks([(float(x[-1]) * place / MARKS, "step") for place in range(MARKS)])
    plot.redraw()
    assert not any(line.isVisible() for line in plot._marks.values())
    plot.set_mode("hold")
    plot.voltage.vb.setXRange(0.0, float(x[-1]) * 4.5 / MARKS, padding=0)
    assert sum(line.isVisible() for line in plot._marks.values()) == 5


def test_a_dip_at_the_end_of_a_step_is_seen_over_its_mark(qtbot, plot):
    trace = Trace(2)
    x = np.arange(20_000.0)
    y = np.full(len(x), 3.0)
    y[10_000] = 1.0
    trace.append(x, y, y)
    plot.resize(700, 400)
    plot.show()
    plot.show_marks([(10_000.0, "discharge")])
    plot.show_trace(trace, None, 0.0)
    qtbot.waitUntil(lambda: plot.voltage.vb.viewRange()[1][0] < 1.0)
    dip = plot.voltage.vb.mapViewToScene(pg.Point(10_000.0, 1.5)).toPoint()
    image = plot.grab().toImage()
    colors = {image.pixelColor(dip.x() + by, dip.y()).name() for by in (-1, 0, 1)}
    assert LIGHT.voltage.lower() in colors


def test_only_the_growing_capacity_curve_is_drawn_again(qtbot):
    plot = CapacityPlot(LIGHT)
    qtbot.addWidget(plot)
    rows = np.zeros(10, SAMPLE)
    rows["current_A"], rows["charge_C"] = 1e-3, np.arange(10)
    curves = [CapacityCurve(step, 1e-3, 0.0, 1e-4) for step in range(70)]
    for curve in curves:
        curve.add(rows)
    plot.show_curves(curves)
    items = plot.getPlotItem().listDataItems()
    assert len(items) == 60
    drawn = []
    for item in items:
        item.sigPlotChanged.connect(drawn.append)
    curves[-1].add(rows)
    plot.show_curves(curves)
    assert len(drawn) == 1
    assert drawn[0].zValue() == 69
    plot.set_colors(DARK)
    plot.show_curves(curves[:3])
    assert len(plot.getPlotItem().listDataItems()) == 3


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_no_reading_lies_a_pixel_from_what_is_drawn_though_few_of_them_are(plot, seed, monkeypatch):
    draw, trace = np.random.default_rng(seed), Trace(2)
    x = np.arange(80_000.0)
    trace.append(x, 1.0 + 0.1 * np.sin(x / 5e3), 1e-3 * np.cos(x / 5e3))
    plot.show_trace(trace, None, 0.0)
    drawn, redraw = [], plot.redraw
    monkeypatch.setattr(plot, "redraw", lambda: drawn.append(redraw()))
    level = np.array([1.0, 0.0])
    now = float(x[-1])
    for _ in range(60):
        if draw.random() < 0.05:
            level = np.array([1.0 + draw.uniform(-0.1, 0.1), draw.uniform(-1e-3, 1e-3)])
        times = now + 0.05 * np.arange(1, draw.integers(2, 8))
        rows = level + draw.normal(0.0, 1.0, (len(times), 2)) * [1e-5, 1e-7]
        match draw.integers(0, 12):
            case 0:
                trace.break_at(now)
            case 1:
                rows[draw.integers(0, len(rows))] += [0.05, 0.0]  # for one reading
        now = float(times[-1])
        trace.append(times, *rows.T)
        plot.show_trace(trace, (now + 0.02, *level) if draw.random() < 0.9 else None, 0.0)
        for column, view in ((0, plot.voltage.vb), (1, plot.current.vb)):
            shown_x, shown_y = plot._curves[column].getData()
            (left, right), (low, high) = view.viewRange()
            pixel = (high - low) / view.height()
            near = shown_y[np.abs(shown_x - now) < 2.0 * (right - left) / view.width()]
            assert np.nanmin(near) - pixel < rows[:, column].min()
            assert rows[:, column].max() < np.nanmax(near) + pixel
    assert len(drawn) < 45


def test_every_change_of_what_is_in_view_is_drawn(plot, long):
    trace, x, y, _asked = long
    plot.show_trace(trace, None, 0.0)
    for change in (
        lambda: plot.show_marks([(150_000.0, "rest")]),
        lambda: plot.resize(700, 300),
        lambda: trace.break_at(x[-1]),
        lambda: trace.append(x[-1:] + 1.0, y[-1:] + 1.0, y[-1:]),
    ):
        assert plot._looks_the_same()
        change()
        pg.QtWidgets.QApplication.processEvents()
        assert not plot._looks_the_same()
        plot.show_trace(trace, None, 0.0)
