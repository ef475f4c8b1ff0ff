"""A circuit that is typed is drawn: each element once, parallel parts above each other."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from solbench.fitting.circuit import parse
from solbench.fitting.elements import ELEMENTS
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.fit.circuits import Circuits
from solbench.gui.models.fit.fit_choice import AUTOMATIC, PURPOSES
from solbench.gui.screens.fit_parts.circuit_sketch import BESIDE, CELL, CircuitSketch, size_of

EVERY = "-".join(f"{symbol}{number}" for number, symbol in enumerate(ELEMENTS))


def ink(image: QImage) -> int:
    ground = image.pixelColor(0, 0)
    places = ((x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return sum(image.pixelColor(x, y) != ground for x, y in places)


def test_series_are_beside_and_parallels_above_each_other() -> None:
    assert size_of(parse("R0-R1-C2").root).width() == 3 * CELL.width()
    both = size_of(parse("p(R0-R1,C2,L3)").root)
    assert (both.width(), both.height()) == (2 * CELL.width() + 2 * BESIDE, 3 * CELL.height())


@pytest.mark.parametrize(
    "text", [*(each for each in PURPOSES if each != AUTOMATIC), EVERY, "p(R1,p(C2,R3-W4))"]
)
def test_every_circuit_is_drawn_and_is_inside(qtbot: QtBot, tmp_path: Path, text: str) -> None:
    sketch = CircuitSketch(Circuits(Settings(tmp_path / "desktop.json")), lambda: None)
    qtbot.addWidget(sketch)
    sketch.resize(420, 200)
    empty = ink(sketch.drawing.grab().toImage())
    sketch.show_circuit(parse(text), "words")
    image = sketch.drawing.grab().toImage()
    assert ink(image) > empty + 50
    assert sketch.words.text() == "words"
