"""The event log: the newest lines that are wanted, in their order."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from solbench.gui.models.common.number_format import elapsed
from solbench.gui.models.run.log import Level, Log, LogLine
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.window.event_log import SHOWN_LINES, EventLog

MARKS: dict[Level, str] = {"info": "", "warning": "WARN ", "alarm": "ALARM "}


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_the_newest_wanted_lines_stand_in_their_order_and_colours(qtbot: QtBot, seed: int) -> None:
    draw, log = random.Random(seed), Log()
    shown = EventLog(cast(Any, None), LIGHT)
    qtbot.addWidget(shown)
    shown.show()
    shown.show_run(cast(Any, SimpleNamespace(log=log, alive=True)))
    levels: list[Level] = [*MARKS]
    for number in range(8):
        for line in range(draw.choice([0, 1, 40, SHOWN_LINES + 5 if number == 3 else 3])):
            log.add(LogLine(float(line), draw.choice(levels), "run", draw.choice(["a 1.5 V", "b"])))
        match draw.choice(["level", "search", "look"]):
            case "level":
                shown.level.setCurrentIndex(draw.randrange(3))
            case "search":
                shown.search.setText(draw.choice(["", "A", "b"]))
            case _:
                shown.set_colors(draw.choice([LIGHT, DARK]))
        shown.tick()
        words = shown.search.text().casefold()
        wanted = [
            line
            for line in log.lines
            if line.level in shown.level.currentData() and words in line.text.casefold()
        ]
        expected = [f"{elapsed(line.time_s)}  {MARKS[line.level]}run: {line.text}" for line in wanted]
        assert shown.view.toPlainText().splitlines()[-SHOWN_LINES:] == expected[-SHOWN_LINES:]
        document, colors = shown.view.document(), shown._colors
        for place in draw.sample(range(len(expected[-SHOWN_LINES:])), min(5, len(expected))):
            block, line = document.findBlockByNumber(place), wanted[-SHOWN_LINES:][place]
            color = {"warning": colors.warning, "alarm": colors.alarm}.get(line.level, colors.text)
            assert block.begin().fragment().charFormat().foreground().color().name() == color.lower()
