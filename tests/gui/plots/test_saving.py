import csv
import io
import xml.etree.ElementTree as ET

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from solbench.acquisition.record.reader import open_run
from solbench.gui.palette import DARK
from solbench.gui.plots.saving import SaveButton, curves_in, save
from tests.gui.engines import show


@pytest.fixture
def live(shown):
    return shown.screens["live"]


def test_values_of_the_time_plot_are_those_of_the_file(live, finished, tmp_path):
    save(live.time_plot, tmp_path / "t.csv")
    header, *rows = csv.reader(io.StringIO((tmp_path / "t.csv").read_text()))
    assert header == ["time (s)", "V (V)", "time (s)", "I (A)"]
    samples = open_run(finished).samples
    assert float(rows[-1][0]) == pytest.approx(samples["time_s"][-1], rel=1e-8)
    assert float(rows[-1][1]) == pytest.approx(samples["voltage_V"][-1], rel=1e-6)
    assert float(rows[-1][3]) == pytest.approx(samples["current_A"][-1], rel=1e-6)


def test_values_follow_the_view(live):
    live.time_plot.set_mode("hold")
    live.time_plot.voltage.vb.setXRange(3.0, 8.0, padding=0)
    for curve in curves_in(live.time_plot):
        assert curve.x.min() >= 3.0
        assert curve.x.max() <= 8.0


def test_bode_values_are_in_hertz_and_ohm_not_in_decades(live, finished):
    live.panels.bring("bode")
    QApplication.processEvents()
    magnitudes = [curve for curve in curves_in(live.bode) if curve.y_name == "|Z| (Ω)"]
    run = open_run(finished)
    points = run.points_of(run.spectra[0])
    assert magnitudes[0].x_name == "frequency (Hz)"
    assert magnitudes[0].x == pytest.approx(points["frequency_Hz"], rel=1e-9)
    assert magnitudes[0].y == pytest.approx(np.hypot(points["real_ohm"], points["imaginary_ohm"]), rel=1e-9)


@pytest.mark.long
def test_png_is_twice_as_sharp_and_has_the_colours_of_the_look(live, shown, tmp_path):
    shown.set_look("dark")
    save(live.time_plot, tmp_path / "t.png")
    image = QImage(str(tmp_path / "t.png"))
    assert image.size() == live.time_plot.size() * 2
    assert image.pixelColor(2, 2).name() == DARK.base
    colors = {
        image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(image.height())
    }
    assert DARK.voltage.lower() in colors


def test_svg_is_a_drawing_with_text(live, tmp_path):
    save(live.nyquist, tmp_path / "n.svg")
    root = ET.parse(tmp_path / "n.svg").getroot()
    texts = "".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "Z′" in texts
    assert root.get("viewBox") == f"0 0 {live.nyquist.viewport().width()} {live.nyquist.viewport().height()}"


def test_other_endings_are_refused(live, tmp_path):
    with pytest.raises(ValueError, match=r"saved as \.png, \.svg, \.pdf or \.csv"):
        save(live.nyquist, tmp_path / "n.jpg")
    assert list(tmp_path.glob("n.*")) == []


@pytest.mark.long
def test_every_plot_can_be_saved(window):
    found = []
    for key in ("live", "data", "fit", "protocol"):
        window.show_screen(key)
        if key == "protocol":  # its plot is made with the first preview
            assert window.screens[key].preview.plot
        plots = window.screens[key].findChildren(pg.GraphicsView)
        assert plots, key
        found += plots
    for plot in found:
        assert len(plot.findChildren(SaveButton)) == 1
        assert [action.text() for action in plot.scene().contextMenu] == [
            "Save what is shown…",
            "Copy values",
            "Copy picture",
            "For a paper…",
            "Print…",
        ]
    for key in ("live", "data", "fit", "protocol"):  # and only once, though each is shown anew
        window.show_screen(key)
    assert all(len(plot.findChildren(SaveButton)) == 1 for plot in found)


def test_button_comes_with_the_mouse_and_saves_where_it_is_told(live, shown, qtbot, tmp_path, monkeypatch):
    saver = live.nyquist.findChild(SaveButton)
    assert not saver.isVisible()
    here = QPointF(5, 5)
    QApplication.sendEvent(live.nyquist, QEnterEvent(here, here, here))
    assert saver.isVisible()
    wanted = tmp_path / "plot"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(wanted), "SVG drawing (*.svg)"))
    qtbot.mouseClick(saver, Qt.MouseButton.LeftButton)
    assert wanted.with_suffix(".svg").exists()
    assert shown.context.message.value == f"saved {wanted}.svg"
    saver.save(tmp_path / "no" / "plot.csv")
    assert "not saved" in shown.context.message.value
    QApplication.sendEvent(live.nyquist, QEvent(QEvent.Type.Leave))
    assert not saver.isVisible()


@pytest.mark.long
def test_copy_puts_the_values_on_the_clipboard(qtbot, window, finished):
    show(qtbot, window, finished)
    window.activateWindow()
    window.live.nyquist.setFocus()
    QTest.keyClick(window.live.nyquist, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    header = QGuiApplication.clipboard().text().splitlines()[0]
    assert "Z′ (Ω)" in header
    assert "−Z″ (Ω)" in header
