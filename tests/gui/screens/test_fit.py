"""The screen Fit by mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from solbench.gui.models.context import Context
from solbench.gui.models.fit.circuits import Circuits
from solbench.gui.models.fit.fit_choice import PURPOSES
from solbench.gui.plots.axes import DecadeAxis
from solbench.gui.screens.fit import FitScreen
from tests.gui.models.fakes import FakeJobs, until_idle

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


def work(jobs: FakeJobs) -> None:
    until_idle(jobs)


def result(path: Path, circuit: str = "R0-R1", count: int = 2) -> dict[str, Any]:
    fits = [
        {"index": index, "circuit": circuit, "values": {"R0": 10.0 * index, "R1": 1.0}, "stderr": {"R1": 0.1},
         "chi2_nu": 1.0, "kk_residual": None, "flags": ["R1: doubtful"], "fixed": ["R0"], "points": 5}
        for index in range(1, count + 1)
    ]  # fmt: skip
    return {"results": [{"source": str(path), "error": None, "spectra": fits}]}


@pytest.fixture
def fit(show: Show, jobs: FakeJobs, context: Context, finished: Path) -> FitScreen:
    """The screen with the two spectra of a run."""
    context.chosen.set((finished,))
    made = show(FitScreen)
    assert not made.run.isEnabled()
    work(jobs)
    assert isinstance(made, FitScreen)
    return made


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A spectrum of R0-p(R1,C1) in a file of another program."""
    f = np.geomspace(1e5, 1.0, 31)
    z = 29.0 + 47.0 / (1.0 + 2j * np.pi * f * 47.0e-5)
    path = tmp_path / "cell.CSV"
    path.write_text("\n".join(f"{a},{b.real},{b.imag}" for a, b in zip(f, z, strict=True)))
    return path


def drop(screen: FitScreen, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    screen.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))


@pytest.fixture(autouse=True)
def _every_move_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moves of the mouse that follow each other at once are not left out."""
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)


def drag(view: Any, start: QPointF, end: QPointF) -> None:
    """Press, move in steps, release on a plot; places in the coordinates of its scene."""
    kinds, none = QEvent.Type, Qt.MouseButton.NoButton
    for kind, share, button, held in (
        (kinds.MouseMove, 0.0, none, none),
        (kinds.MouseButtonPress, 0.0, LEFT, LEFT),
        *((kinds.MouseMove, share, none, LEFT) for share in (0.2, 0.4, 0.6, 0.8, 1.0)),
        (kinds.MouseButtonRelease, 1.0, LEFT, none),
    ):
        place = QPointF(view.mapFromScene(start + (end - start) * share))
        everywhere = QPointF(view.viewport().mapToGlobal(place.toPoint()))
        keys = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(view.viewport(), QMouseEvent(kind, place, everywhere, button, held, keys))


@pytest.mark.long
def test_chosen_runs_are_fitted(fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, finished: Path) -> None:
    assert fit.spectra.rowCount() == 2
    assert "SIMULATED. 2 spectra, not fitted yet." in fit.note.text()
    fit.circuit.setCurrentText("R0-p(R1,CPE1")
    assert not fit.run.isEnabled()
    fit.circuit.setCurrentText("R0-R1")
    qtbot.mouseClick(fit.run, LEFT)
    assert jobs.given == [["fit", str(finished), "--circuit", "R0-R1", "--json"]]
    jobs.finish(result(finished))
    assert fit.parameters.item(0, 1).text() == "10.000 Ω"
    assert fit.note.text() == "SIMULATED. 2 of 2 spectra fitted. a 1: R1: doubtful."
    assert [item.name() for item in fit.nyquist.getPlotItem().listDataItems()] == ["measured", "fit"]
    assert [item.name() for item in fit.residuals.of_fit.listDataItems()] == ["real", "imaginary"]
    fit.spectra.selectRow(1)
    assert fit.parameters.item(0, 1).text() == "20.000 Ω"
    assert "a 2: R1" in fit.note.text()
    fit.circuit.setCurrentText("R0-p(R1,C1)")
    assert "Fit again" in fit.note.text()


def test_values_and_command_line_are_copied(fit: FitScreen, jobs: FakeJobs, finished: Path) -> None:
    fit.circuit.setCurrentText("R0-R1")
    fit.run.click()
    jobs.finish(result(finished))
    fit._copy_table()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 3
    assert lines[2].split("\t")[-4:] == ["20", "", "1", "0.1"]
    fit.twin.copy_whole()
    assert QGuiApplication.clipboard().text() == f"solbench fit {finished} --circuit R0-R1 --json"


def test_spectra_of_other_programs_can_be_dropped(
    show: Show, jobs: FakeJobs, tmp_path: Path, table: Path
) -> None:
    screen = show(FitScreen)
    assert "Choose runs" in screen.note.text()
    drop(screen, table, tmp_path / "letter.txt")
    work(jobs)
    assert screen.model.sources == (table,)
    assert len(screen.model.spectra[0].frequency_Hz) == 31
    assert [item.name() for item in screen.residuals.of_kk.listDataItems()] == ["real", "imaginary"]
    assert screen.residuals.of_fit.listDataItems() == []


def test_window_is_dragged_over_bode(fit: FitScreen, jobs: FakeJobs, table: Path) -> None:
    fit.model.open([table])
    work(jobs)
    fit.tabs.setCurrentWidget(fit.bode)
    QApplication.processEvents()  # lays the plot out
    box = fit.bode.phase.vb
    x = [box.mapViewToScene(QPointF(power, np.mean(box.viewRange()[1]))) for power in (5.0, 3.0)]
    drag(fit.bode, x[0], x[1])
    assert fit.to_Hz.text() == "1000 Hz"
    assert fit.from_Hz.text() == ""
    assert fit.twin.text() == f"solbench fit {table} --to '1000 Hz' --json"
    assert fit.bode.bands[0].getRegion() == pytest.approx((0.0, 3.0))
    names = [item.name() for item in fit.bode.magnitude.listDataItems()]
    assert names == ["measured", "left out"]
    fit.all.click()
    assert fit.to_Hz.text() == ""


@pytest.mark.long
def test_window_is_dragged_along_the_points_of_the_complex_plane(
    fit: FitScreen, jobs: FakeJobs, table: Path
) -> None:
    fit.model.open([table])
    work(jobs)
    (spectrum,) = fit.model.spectra
    QApplication.processEvents()
    box = fit.nyquist.getPlotItem().vb
    z = spectrum.impedance_ohm
    places = [box.mapViewToScene(QPointF(z[k].real, -z[k].imag)) for k in (30, 18)]
    drag(fit.nyquist, places[0], places[1])
    assert fit.model.choice.settings.from_Hz == pytest.approx(spectrum.frequency_Hz[18], rel=1e-5)
    assert fit.to_Hz.text() == ""
    assert len(fit.nyquist.ends) == 2


def test_window_is_typed_and_a_slip_is_said(fit: FitScreen, qtbot: QtBot) -> None:
    qtbot.keyClicks(fit.from_Hz, "1 kHz")
    qtbot.keyClick(fit.from_Hz, Qt.Key.Key_Return)
    assert fit.model.arguments[2:4] == ["--from", "1 kHz"]
    qtbot.keyClicks(fit.to_Hz, "10 Hz")
    qtbot.keyClick(fit.to_Hz, Qt.Key.Key_Return)
    assert "holds nothing" in fit.note.text()
    assert not fit.run.isEnabled()


def test_what_is_being_typed_stays_when_a_fit_ends(
    fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, finished: Path
) -> None:
    for edit, chosen in ((fit.from_Hz, "from_text"), (fit.left_out, "mask_text")):
        fit.model.fit()
        qtbot.keyClicks(edit, "1 k")
        jobs.finish(result(finished))
        qtbot.keyClicks(edit, "Hz")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert getattr(fit.model.choice, chosen) == "1 kHz"
        setattr(fit.model.choice, chosen, "")
        fit.model.changed()
        assert edit.text() == ""


@pytest.mark.long
def test_what_is_typed_is_fitted_though_no_field_was_left(
    fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, finished: Path
) -> None:
    fit.circuit.setCurrentText("R0-R1")
    qtbot.keyClicks(fit.from_Hz, "1 Hz")
    qtbot.keyClicks(fit.left_out, "50 Hz")
    table = fit.values.table
    table.setCurrentCell(1, 1)
    table.editItem(table.item(1, 1))
    editor = table.indexWidget(table.currentIndex())
    fit.model.fit()
    qtbot.keyClicks(editor, "3")
    jobs.finish(result(finished))  # which leaves alone what is being typed
    qtbot.keyClicks(editor, "5")
    fit.run.click()
    assert jobs.given[-1][4:-1] == ["--from", "1 Hz", "--mask", "50 Hz", "--start", "R1=35"]
    jobs.finish(result(finished))
    assert not fit.model.stale


@pytest.mark.parametrize(
    ("field", "slip", "good", "asked"),
    [
        ("from_Hz", "1 Hx", "1 Hz", ["--from", "1 Hz"]),
        pytest.param("to_Hz", "1 kHx", "1 kHz", ["--to", "1 kHz"], marks=pytest.mark.long),
        pytest.param("left_out", "50 V", "50 Hz", ["--mask", "50 Hz"], marks=pytest.mark.long),
        ("value", "-3", "35", ["--start", "R1=35"]),
    ],
)
def test_a_slip_that_is_corrected_is_fitted_though_its_field_was_not_left(
    fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, field: str, slip: str, good: str, asked: list[str]
) -> None:
    """A key leaves no field, and neither does a click on a button that was disabled."""
    table = fit.values.table
    fit.circuit.setCurrentText("R0-R1")

    def edit() -> QLineEdit:
        if field != "value":
            return getattr(fit, field)  # type: ignore[no-any-return]
        table.setCurrentCell(1, 1)
        table.editItem(table.item(1, 1))
        editor = table.indexWidget(table.currentIndex())
        assert isinstance(editor, QLineEdit)
        return editor

    first = edit()
    qtbot.keyClicks(first, slip)
    qtbot.keyClick(first, Qt.Key.Key_Return)
    QApplication.processEvents()  # a table takes a value as soon as it is asked
    assert fit.model.problem
    assert not fit.run.isEnabled()
    again = edit()
    again.selectAll()
    qtbot.keyClicks(again, slip)
    fit.run.click()
    assert fit.model.problem in fit.note.text()
    assert jobs.given == []
    again = edit()
    again.selectAll()
    qtbot.keyClicks(again, good)
    assert fit.run.isEnabled()
    fit.run.click()
    assert jobs.given[-1][4:-1] == asked
    assert not fit.run.isEnabled()  # while it is fitted


@pytest.mark.long
def test_what_is_half_typed_is_void_once_it_is_set_otherwise(fit: FitScreen, qtbot: QtBot) -> None:
    model, choice = fit.model, fit.model.choice
    ways: list[tuple[QLineEdit, Callable[[], None]]] = [
        (fit.from_Hz, fit.all.click),
        (fit.to_Hz, lambda: fit.nyquist.window_dragged.emit(1e-9, 1e9)),
        (fit.left_out, lambda: model.pick(model.spectra[0], [2])),
        (fit.from_Hz, lambda: model.open(model.sources)),
        (fit.left_out, lambda: model.open(model.sources)),
    ]
    for edit, otherwise in ways:
        model.set_window("", "1 kHz")
        qtbot.keyClicks(edit, "1")
        otherwise()
        shown = fit.from_Hz.text(), fit.to_Hz.text(), fit.left_out.text()
        assert shown == (choice.from_text, choice.to_text, choice.mask_text)
        qtbot.keyClicks(edit, " ")
        model.changed()
        assert edit.text().endswith(" ")
        edit.setModified(False)


@pytest.mark.long
def test_start_values_are_typed_held_taken_over_and_cleared(
    fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, finished: Path
) -> None:
    table: Any = fit.values.table
    assert not table.isVisibleTo(fit.values)
    fit.circuit.setCurrentText("R0-R1")
    assert [table.item(row, 0).text() for row in range(table.rowCount())] == ["R0", "R1"]
    assert [table.item(row, 2).text() for row in range(table.rowCount())] == ["Ω", "Ω"]
    table.item(1, 1).setText("1,5 kΩ")
    table.item(0, 1).setText("30")
    table.item(0, 3).setCheckState(Qt.CheckState.Checked)
    assert fit.model.arguments[4:-1] == ["--start", "R1=1.5 kΩ", "--fix", "R0=30"]
    fit.weight.setCurrentText("unit")
    assert "--weight unit" in fit.twin.text()
    fit.run.click()
    jobs.finish(result(finished))
    fit.spectra.selectRow(1)
    qtbot.mouseClick(fit.values.take_over, LEFT)
    assert [table.item(row, 1).text() for row in (0, 1)] == ["20", "1"]
    assert table.item(0, 3).checkState() is Qt.CheckState.Checked
    qtbot.mouseClick(fit.values.clear, LEFT)
    assert [table.item(row, 1).text() for row in (0, 1)] == ["", ""]
    assert "--fix" not in fit.twin.text()


def test_parameters_are_drawn_over_the_spectra(fit: FitScreen, jobs: FakeJobs, finished: Path) -> None:
    fit.tabs.setCurrentWidget(fit.trend)
    assert fit.trend.parameter.count() == 0
    fit.run.click()
    jobs.finish(result(finished))
    names = [fit.trend.parameter.itemText(place) for place in range(fit.trend.parameter.count())]
    assert names == ["R0", "R1"]
    assert fit.trend.against.currentText() == "areal capacity (mAh/cm²)"
    (curve,) = fit.trend.plot.getPlotItem().listDataItems()
    assert curve.yData.tolist() == [10.0, 20.0]
    fit.trend.parameter.setCurrentText("R1")
    (curve,) = fit.trend.plot.getPlotItem().listDataItems()
    assert curve.yData.tolist() == [1.0, 1.0]


def test_numbers_are_shown_in_the_habit_of_the_user_and_written_with_points(fit: FitScreen) -> None:
    fit.context.numbers.style = "comma"
    fit.circuit.setCurrentText("R0-R1")
    fit.values.table.item(0, 1).setText("1.234,5")
    fit.from_Hz.setText("1,5 kHz")
    fit.from_Hz.editingFinished.emit()
    assert fit.values.table.item(0, 1).text() == "1234,5"
    assert fit.from_Hz.text() == "1,5 kHz"
    assert fit.model.arguments[2:-1] == ["--circuit", "R0-R1", "--from", "1.5 kHz", "--start", "R0=1234.5"]
    fit.context.numbers.style = "point"
    fit.show_habit()
    assert fit.values.table.item(0, 1).text() == "1234.5"
    assert fit.from_Hz.text() == "1.5 kHz"


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (318.0, 400.0, ["320 Ω", "340 Ω", "360 Ω", "380 Ω", "400 Ω"]),
        (35.0, 45.5, ["35 Ω", "40 Ω", "45 Ω"]),
        (9.0, 120.0, ["10 Ω", "100 Ω", "20 Ω", "50 Ω"]),
    ],
)
def test_axis_that_is_shorter_than_a_decade_has_numbers_too(
    low: float, high: float, texts: list[str]
) -> None:
    axis = DecadeAxis("left", "Ω")
    ((_, values),) = axis.tickValues(np.log10(low), np.log10(high), 130.0)
    assert axis.tickStrings(values, 1.0, 1.0) == texts


def test_relaxation_times_are_computed_when_they_are_looked_at(
    fit: FitScreen, jobs: FakeJobs, table: Path
) -> None:
    drop(fit, table)
    work(jobs)
    view = fit.relaxation
    assert view.plot.getPlotItem().listDataItems() == []
    fit.tabs.setCurrentWidget(view)
    work(jobs)
    [name] = view.plot.names
    resistance, error = re.match(r"\(([\d.]+) ± ([\d.]+)\) Ω", name.toPlainText()).groups()
    assert float(resistance) == pytest.approx(47.0, rel=0.01)
    assert len(view.plot.edges) == 2
    [curve] = view.peaks.getPlotItem().listDataItems()
    assert 10 ** curve.yData[0] == pytest.approx(47.0, rel=0.01)
    [bar] = [one for one in view.peaks.getPlotItem().items if isinstance(one, pg.ErrorBarItem)]
    ends = 10 ** (bar.opts["y"] + bar.opts["top"]), 10 ** (bar.opts["y"] - bar.opts["bottom"])
    assert ends[0] - ends[1] == pytest.approx(2.0 * 1.96 * float(error), rel=0.05)
    assert "no conclusion uses its numbers" in view.note.text()
    assert "bars are of 95 %" in view.note.text()


def at_point(plot: Any, fit: FitScreen, place: int) -> QPointF:
    """Return where a point of the spectrum lies in the scene of the Nyquist plot."""
    z = fit.spectrum.impedance_ohm[place]
    return plot.getPlotItem().vb.mapViewToScene(QPointF(z.real, -z.imag))


def test_points_are_left_out_by_clicks_and_by_a_rectangle_and_kept_with_the_run(
    fit: FitScreen, jobs: FakeJobs, qtbot: QtBot, finished: Path
) -> None:
    plot, number = fit.nyquist, fit.spectrum.number
    count = len(fit.spectrum.frequency_Hz)
    QApplication.processEvents()
    click_at(plot, at_point(plot, fit, count - 1))
    assert not fit.left_out.text()  # a click marks a point as long as none is picked
    qtbot.mouseClick(fit.pick, LEFT)
    click_at(plot, at_point(plot, fit, count - 1))
    left_Hz = fit.spectrum.frequency_Hz[-1]
    assert fit.left_out.text().startswith(f"{number}: ")
    assert fit.model.settings_of(fit.spectrum).masked(np.array([left_Hz])).all()
    names = [item.name() for item in plot.getPlotItem().listDataItems()]
    assert names[:2] == ["measured", "left out"]
    click_at(plot, at_point(plot, fit, count - 1))
    assert not fit.left_out.text()
    view = plot.getPlotItem().vb
    corner, end = view.sceneBoundingRect().topLeft(), view.sceneBoundingRect().bottomRight()
    before = view.viewRange()
    drag(plot, corner + QPointF(3, 3), end - QPointF(3, 3))
    assert view.viewRange() == before  # the rectangle picks and does not zoom
    assert fit.model.settings_of(fit.spectrum).masked(fit.spectrum.frequency_Hz).sum() == count
    fit.model.set_mask(f"{number}: {left_Hz:.5g} Hz")
    qtbot.mouseClick(fit.keep, LEFT)
    assert jobs.given[-1] == ["correct", str(finished), "--json"]
    fields = [{"field": "left_out", "recorded": None, "present": None}, {"field": "name", "recorded": "a"}]
    jobs.finish({"run": str(finished), "fields": fields, "corrections": [], "made": False, "doubts": []})
    assert fit.correcting is not None
    assert fit.correcting.edits["left_out"].text() == fit.left_out.text()
    assert next(iter(fit.correcting.edits)) == "left_out"
    fit.correcting.reject()


def click_at(view: Any, place: QPointF) -> None:
    drag(view, place, place)


def test_a_value_is_dragged_and_the_curve_follows(fit: FitScreen, qtbot: QtBot, jobs: FakeJobs) -> None:
    fit.circuit.setCurrentText("R0-p(R1,CPE1)")
    fit.lists.setCurrentWidget(fit.values)
    assert fit.nyquist.start.scene() is None
    qtbot.mouseClick(fit.values.propose, LEFT)
    before, (real, _) = fit.model.choice.values, fit.nyquist.start.getData()
    assert set(before) == {"R0", "R1", "CPE1_0", "CPE1_1"}
    slider = fit.values.sliders["R0"]
    slider.setValue(slider.value() + 30)
    after = fit.model.choice.values
    assert after["R0"] == pytest.approx(before["R0"] * 10**0.3, rel=1e-3)
    moved = fit.nyquist.start.getData()[0] - real
    assert moved == pytest.approx(after["R0"] - before["R0"], rel=1e-3)
    assert f"R0={fit.model.choice.texts['R0']}" in fit.model.arguments
    exponent = fit.values.sliders["CPE1_1"]
    exponent.setValue(exponent.maximum())
    assert fit.model.choice.values["CPE1_1"] == 1.0


def test_an_element_is_dragged_in_the_drawing(fit: FitScreen, qtbot: QtBot) -> None:
    fit.circuit.setCurrentText("R0-CPE1")
    fit.model.propose(fit.spectrum)
    fit.lists.setCurrentWidget(fit.sketch)
    drawing = fit.sketch.drawing
    drawing.grab()
    before = dict(fit.model.choice.values)
    (box,) = [box for box, leaf in drawing._drawn if leaf.name == "CPE1"]
    start = box.center().toPoint()
    qtbot.mousePress(drawing, LEFT, pos=start)
    qtbot.mouseMove(drawing, start + QPoint(-40, -80))
    qtbot.mouseRelease(drawing, LEFT, pos=start + QPoint(-40, -80))
    after = fit.model.choice.values
    assert after["CPE1_0"] == pytest.approx(10 * before["CPE1_0"], rel=1e-3)
    assert after["CPE1_1"] == pytest.approx(before["CPE1_1"] - 0.1, abs=1e-3)
    assert after["R0"] == before["R0"]


def test_a_circuit_of_ones_own_is_offered_again(fit: FitScreen, qtbot: QtBot, context: Context) -> None:
    fit.circuit.setCurrentText("R0-p(R1,C1)-W2")
    fit.lists.setCurrentWidget(fit.sketch)
    fit.sketch.purpose.setText("a cell of my own")
    qtbot.mouseClick(fit.sketch.add, LEFT)
    assert fit.circuit.currentText() == "R0-p(R1,C1)-W2"
    assert not fit.sketch.add.isEnabled()
    again = Circuits(context.settings)
    assert again.offered["R0-p(R1,C1)-W2"] == "a cell of my own"
    assert fit.circuit.findText("R0-p(R1,C1)-W2") == len(PURPOSES)
    qtbot.mouseClick(fit.sketch.remove, LEFT)
    assert list(again.offered) == list(PURPOSES)
    assert fit.model.choice.circuit == "R0-p(R1,C1)-W2"
