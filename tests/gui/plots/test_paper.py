"""What is drawn for a paper is what is on the screen, as wide as a column; what is simulated says so."""

import math
import re

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter

from solbench.gui.models.common.curves import Curve
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.plots.overlay import OverlayPlot
from solbench.gui.plots.paper import WIDTHS_MM, Paper, _drawn, as_figure, panels_of
from solbench.gui.plots.paper_dialog import PaperDialog, paint_pages
from solbench.gui.plots.saving import curves_in, save
from solbench.gui.plots.single import SinglePlot

MARK = "SIMULATED, unit typical"


@pytest.fixture
def plot(qtbot):
    """Two curves on the left axis, one on the right, x over decades."""
    made = OverlayPlot(LIGHT, "test")
    qtbot.addWidget(made)
    made.resize(400, 300)
    x = np.geomspace(1.0, 1000.0, 20)
    made.show_curves(
        [
            Curve("one", "f (Hz)", "V (V)", x, x**0.5, count=3),
            Curve("two", "f (Hz)", "V (V)", x, 2 * x**0.5, place=1, count=3, points=True),
            Curve("three", "f (Hz)", "I (mA)", x, -x, place=2, count=3, right=True),
        ]
    )
    return made


@pytest.mark.parametrize(("log_x", "log_y"), [(False, False), (True, False), (True, True)])
def test_every_curve_is_drawn_and_copied_on_every_kind_of_axis(plot, log_x, log_y):
    plot.set_log(x=log_x, y=log_y)
    (panel,) = panels_of(plot, dark=False)
    assert (panel.x.log, panel.y.log) == (log_x, log_y)
    assert [line.name for line in panel.lines] == ["one", "two"]
    assert [line.symbol for line in panel.lines] == [None, "s"]
    assert panel.right is not None
    scale, (third,) = panel.right
    assert (scale.name, scale.log, third.name) == ("I (mA)", False, "three")
    copied = {curve.name: curve for curve in curves_in(plot)}
    for line in (*panel.lines, third):
        assert line.x == pytest.approx(copied[line.name].x)
        assert line.y == pytest.approx(copied[line.name].y)
        assert len(line.x) == 20
    for line, ends in ((panel.lines[0], panel.y.ends), (third, scale.ends)):
        assert ends[0] <= line.y.min() * (1 + 1e-9)
        assert ends[1] >= line.y.max() * (1 - 1e-9)
    assert copied["three"].y_name == "I (mA)"


@pytest.mark.parametrize("width", list(WIDTHS_MM))
def test_a_picture_is_as_wide_as_its_column_and_says_what_is_simulated(plot, width):
    panels, paper = panels_of(plot, dark=False), Paper(width, legend=False)
    image = QImage.fromData(as_figure(panels, paper, MARK, ".png", 100))
    assert image.width() == pytest.approx(WIDTHS_MM[width] / 25.4 * 100, abs=1)
    figure = _drawn(panels, paper, MARK)
    assert figure.get_suptitle() == MARK
    assert _drawn(panels, paper, "").get_suptitle() == ""
    assert not figure.axes[0].get_title()


def test_ohms_have_a_prefix_and_equal_axes_stay_equal(qtbot):
    plot = SinglePlot("test", "−Z″", "Z′", unit="Ω")
    qtbot.addWidget(plot)
    plot.set_colors(DARK)
    plot.getPlotItem().setAspectLocked(True)
    plot.plot([0.0, 5e4, 1e5], [0.0, 3e4, 0.0], name="z")
    plot.getPlotItem().vb.setRange(xRange=(0.0, 1e5), yRange=(0.0, 4e4), padding=0.0)
    (panel,) = panels_of(plot, dark=True)
    assert (panel.x.name, panel.x.unit, panel.equal) == ("Z′ (kΩ)", 1e3, True)
    figure = _drawn([panel], Paper(), "")
    figure.draw_without_rendering()
    axes = figure.axes[0]
    box, (left, right), (low, high) = axes.get_window_extent(), axes.get_xlim(), axes.get_ylim()
    assert box.width / (right - left) == pytest.approx(box.height / (high - low), rel=1e-3)


@pytest.mark.long
def test_the_dialog_keeps_what_was_chosen_and_saves(plot, context, qtbot, tmp_path):
    dialog = PaperDialog(plot, context, panels_of(plot, dark=False), MARK, "run-test")
    dialog.width_box.setCurrentIndex(1)
    dialog.type_pt.setValue(9.0)
    dialog.colors.setChecked(False)
    dialog.save(tmp_path / "a.svg")
    assert "saved" in context.message.value
    dialog.save(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    again = PaperDialog(plot, context, [], "", "run-test")
    assert again.paper == Paper("double", 9.0, 1.0, True, False)
    width = re.search(r'width="([\d.]+)pt"', (tmp_path / "a.svg").read_text())
    assert width is not None
    assert math.isclose(float(width[1]), WIDTHS_MM["double"] / 25.4 * 72, rel_tol=1e-3)


def test_the_plot_as_it_is_on_the_screen_is_saved_as_pdf_and_printed(plot, tmp_path):
    save(plot, tmp_path / "a.pdf", "words")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "a.pdf").read_bytes())
    assert box is not None
    assert float(box[1]) == pytest.approx(0.75 * plot.viewport().width(), abs=1)
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "b.pdf"))
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(0)
    paint_pages(printer, [image, image], 2.0)
    assert (tmp_path / "b.pdf").read_bytes().count(b"/Type /Page\n") == 2
