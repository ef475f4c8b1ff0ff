from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from solbench.gui.models.context import Context
from solbench.gui.screens.cell import CellScreen
from solbench.gui.screens.form_view import TextEntry
from solbench.protocols import load_cell

Show = Callable[..., Any]
LEFT = Qt.MouseButton.LeftButton


def edit(screen: CellScreen, name: str) -> Any:
    form = screen.conditions if (name,) in screen.conditions.entries else screen.geometry_form
    return form.entries[(name,)].edit  # type: ignore[attr-defined]


def choose(screen: CellScreen, reference: str) -> None:
    screen.record.activated.emit(screen.record.findData(reference))


def test_a_record_is_chosen_for_all_screens(show: Show, context: Context) -> None:
    screen = show(CellScreen)
    assert context.cell.value is None
    choose(screen, "nps")
    assert context.cell.value == "nps"
    assert edit(screen, "tin_mass").text() == "1.366"


def test_a_barcode_and_its_enter_become_the_cell_id_of_the_run(
    show: Show, context: Context, qtbot: QtBot
) -> None:
    screen = show(CellScreen)
    qtbot.keyClicks(edit(screen, "cell_id"), "NA-0042\r")
    assert context.changes.value == ("conditions.cell_id='NA-0042'",)


def test_a_wrong_temperature_is_said_beside_the_field(show: Show, context: Context, qtbot: QtBot) -> None:
    screen = show(CellScreen)
    qtbot.keyClicks(edit(screen, "temperature"), "25")
    entry = screen.conditions.entries[("temperature",)]
    assert isinstance(entry, TextEntry)
    assert entry.unit.currentText() == "°C"
    assert context.changes.value == ("conditions.temperature=25 degC",)
    qtbot.keyClicks(entry.edit, " mA")
    assert "current" in entry.note.whole
    assert context.changes.value == ("conditions.temperature=25 mA",)
    entry.edit.clear()
    qtbot.keyClicks(entry.edit, "298,5 K")
    assert entry.note.whole == "read as 298.5 K"
    assert context.changes.value == ("conditions.temperature=298.5 K",)
    entry.edit.editingFinished.emit()
    assert (entry.edit.text(), entry.unit.currentText()) == ("298.5", "K")
    entry.unit.setCurrentText("°C")
    entry.unit.activated.emit(entry.unit.currentIndex())
    assert context.changes.value == ("conditions.temperature=298.5 degC",)


def test_a_changed_record_is_what_runs_are_given(show: Show, context: Context, qtbot: QtBot) -> None:
    screen = show(CellScreen)
    choose(screen, "nbh")
    edit(screen, "tin_mass").selectAll()
    qtbot.keyClicks(edit(screen, "tin_mass"), "2 mg")
    given = context.cell.value
    assert given not in (None, "nbh")
    assert load_cell(given).build("half").tin_mass_kg == pytest.approx(2e-6)
    assert "changed" in screen.note.text()


def test_a_wrong_record_is_not_given_to_runs(show: Show, context: Context, qtbot: QtBot) -> None:
    screen = show(CellScreen)
    choose(screen, "nbh")
    edit(screen, "area").selectAll()
    qtbot.keyClicks(edit(screen, "area"), "1 V")
    assert "builds.half.area" in screen.note.text()
    assert edit(screen, "area").text() == "1 V"
    assert context.cell.value is None
    retyped = edit(screen, "area")
    retyped.selectAll()
    qtbot.keyClicks(retyped, "0.785 cm2")
    assert context.cell.value == "nbh"


def test_a_record_is_saved(
    show: Show, context: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: Any
) -> None:
    screen = show(CellScreen)
    choose(screen, "nbh")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine.yaml"), ""))
    qtbot.mouseClick(screen.save, LEFT)
    assert context.cell.value == str(tmp_path / "mine.yaml")
    saved = load_cell(tmp_path / "mine.yaml")
    assert saved.name == "mine"  # it is not the shipped one any more
    assert saved.builds == load_cell("nbh").builds
    edit(screen, "thickness").selectAll()
    qtbot.keyClicks(edit(screen, "thickness"), "0.4")
    screen.geometry_form.entries[("thickness",)].unit.setCurrentText("mm")
    screen.geometry_form.entries[("thickness",)].unit.activated.emit(0)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("asked for a name again"))
    qtbot.mouseClick(screen.save, LEFT)
    assert load_cell(tmp_path / "mine.yaml").build("half").thickness_m == pytest.approx(4e-4)


@pytest.mark.long
def test_an_electrolyte_of_ones_own_is_made_here_and_keeps_its_name(
    show: Show, context: Context, qtbot: QtBot, tmp_path: Path, monkeypatch: Any
) -> None:
    screen = show(CellScreen)
    choose(screen, "nps")
    form = screen.electrolyte_form.entries
    for name, text in (("name", "my own"), ("formula", "Na3SbS4"), ("ionic_conductivity", "1,1")):
        form[(name,)].edit.selectAll()
        qtbot.keyClicks(form[(name,)].edit, text)
    edit(screen, "diameter").clear()
    qtbot.keyClicks(edit(screen, "diameter"), "12 mm")
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog,
        "getSaveFileName",
        lambda *given: asked.append(given[2]) or (str(tmp_path / "x.yaml"), ""),
    )
    qtbot.mouseClick(screen.copy, LEFT)
    assert asked == ["my-own.yaml"]
    record = load_cell(context.cell.value or "")
    assert (record.name, record.electrolyte.formula) == ("my own", "Na3SbS4")
    assert record.build("half").ionic_conductivity_S_m == pytest.approx(0.11)
    assert record.build("half").area_m2 == pytest.approx(np.pi * 0.006**2, rel=1e-3)
    assert not screen.model.findings


def test_the_operator_is_remembered_and_the_cell_id_is_not(
    show: Show, context: Context, qtbot: QtBot
) -> None:
    screen = show(CellScreen)
    qtbot.keyClicks(edit(screen, "operator"), "Ada")
    qtbot.keyClicks(edit(screen, "cell_id"), "7")
    again = show(CellScreen)
    assert edit(again, "operator").text() == "Ada"
    assert edit(again, "cell_id").text() == ""


def test_another_build_shows_its_fields(show: Show) -> None:
    screen = show(CellScreen)
    choose(screen, "nbh")
    screen.builds.textActivated.emit("full")
    assert edit(screen, "cathode_mass").text() == "4.71"
