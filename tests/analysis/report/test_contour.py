"""The contour of a commissioned bench is drawn, with every point of the spectra in it; of others there is none."""

import numpy as np

from solbench.acquisition.bench.bench_file import FoundRecord
from solbench.acquisition.bench.commissioning.shipped_record import shipped_record
from solbench.analysis.report.contents import read_contents
from solbench.analysis.report.contour import accuracy_contours, contour_of
from tests.acquisition.runs import SHORT, quiet_bench, request, run_it

SWEPT = SHORT.replace("to: 10 kHz, points_per_decade: 1", "to: 100 Hz, points_per_decade: 5")


def test_it_is_drawn_for_a_commissioned_bench_alone(tmp_path):
    bench = quiet_bench(unit="typical")
    record = shipped_record("typical", bench.name)
    assert record is not None
    known = bench.with_record(FoundRecord("r.json", record.text(), record))
    paths = [tmp_path / "known.h5", tmp_path / "unknown.h5"]
    for path, one in zip(paths, (known, quiet_bench()), strict=True):
        run_it(request(path, SWEPT, "nbh", one))
    with_it, without = read_contents(paths)
    assert contour_of(without) == ()
    (drawing,) = accuracy_contours([with_it, without])
    assert drawing.contents == (with_it,)
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=drawing.size_in)
    drawing.paint(figure)
    (axes,) = figure.axes
    drawn = np.concatenate([line.get_ydata() for line in axes.lines])
    points = with_it.run.points
    assert sorted(drawn) == sorted(np.hypot(points["real_ohm"], points["imaginary_ohm"]))
    assert sum(isinstance(area, PolyCollection) for area in axes.collections) == 2


def test_a_point_beyond_the_contour_is_seen_and_lies_in_the_grey(tmp_path):
    bench = quiet_bench(unit="typical")
    record = shipped_record("typical", bench.name)
    few = tuple(
        one.model_copy(update={"smallest_ohm": 0.0, "largest_ohm": 1e-3})
        for one in record.values.contour[2:4]
    )
    narrow = record.model_copy(update={"values": record.values.model_copy(update={"contour": few})})
    run_it(
        request(
            tmp_path / "a.h5", SWEPT, "nbh", bench.with_record(FoundRecord("r.json", narrow.text(), narrow))
        )
    )
    [content] = read_contents([tmp_path / "a.h5"])
    [drawing] = accuracy_contours([content])
    from matplotlib.figure import Figure

    figure = Figure(figsize=drawing.size_in)
    drawing.paint(figure)
    [axes] = figure.axes
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    points = content.run.points
    sizes_ohm = np.hypot(points["real_ohm"], points["imaginary_ohm"])
    assert sizes_ohm.min() > few[0].largest_ohm
    assert left <= points["frequency_Hz"].min() < points["frequency_Hz"].max() <= right
    assert bottom < sizes_ohm.min() < sizes_ohm.max() < top
    assert points["frequency_Hz"].max() > few[-1].frequency_Hz
    assert len(axes.patches) == (points["frequency_Hz"].min() < few[0].frequency_Hz) + 1
