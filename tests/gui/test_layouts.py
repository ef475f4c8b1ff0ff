"""Panels and dividers: moved, closed, remembered, put back; and damaged settings."""

import base64
import zlib
from collections import ChainMap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QSplitter

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.screens.live import ARRANGEMENT
from solbench.gui.window.main_window import MainWindow
from tests.gui.engines import show

PANELS = [
    "steps",
    "spectra",
    "nyquist",
    "bode",
    "capacity",
    "cycles",
    "interface",
    "transient",
    "temperature",
]


def opened(qtbot, path, screen="live"):
    """A window on settings in a file, as if the program was started."""
    made = MainWindow(Context(Settings(path)))
    qtbot.addWidget(made)
    made.show()
    made.show_screen(screen)
    return made


def closed(window):
    window.close()
    window.context.jobs.close()


def in_view(window):
    return [key for key in PANELS if window.live.panels.in_view(key)]


def test_closed_panel_and_brought_tab_are_remembered(qtbot, tmp_path):
    first = opened(qtbot, tmp_path / "desktop.json")
    assert in_view(first) == ["steps", "spectra", "nyquist", "bode"]
    first.live.panels.docks["spectra"].close()
    first.live.panels.bring("cycles")
    closed(first)
    second = opened(qtbot, tmp_path / "desktop.json")
    assert in_view(second) == ["steps", "nyquist", "cycles"]
    second.reset_layout()
    assert in_view(second) == ["steps", "spectra", "nyquist", "bode"]
    closed(second)


@pytest.mark.long
def test_moved_and_floating_panels_are_remembered_and_reset(qtbot, tmp_path):
    first = opened(qtbot, tmp_path / "desktop.json")
    first.live.panels.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, first.live.panels.docks["steps"])
    first.live.panels.docks["nyquist"].setFloating(True)
    closed(first)
    second = opened(qtbot, tmp_path / "desktop.json")
    panels = second.live.panels
    assert panels.dockWidgetArea(panels.docks["steps"]) == Qt.DockWidgetArea.RightDockWidgetArea
    assert panels.docks["nyquist"].isFloating()
    assert panels.in_view("nyquist")
    second.reset_layout()
    assert panels.dockWidgetArea(panels.docks["steps"]) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert not panels.docks["nyquist"].isFloating()
    closed(second)


@pytest.mark.long
def test_panels_keep_their_shares_of_a_window_of_another_size(qtbot, tmp_path):
    def keeps_its_share(window):
        share = window.live.panels.docks["nyquist"].height() / window.live.panels.height()
        return abs(share - 0.47) < 0.06

    first = opened(qtbot, tmp_path / "desktop.json")
    qtbot.waitUntil(lambda: keeps_its_share(first))
    first.resize(1900, 1060)  # while it is open
    qtbot.waitUntil(lambda: keeps_its_share(first))
    first.resize(1366, 768)
    qtbot.waitUntil(lambda: keeps_its_share(first))
    closed(first)
    Settings(tmp_path / "desktop.json").set("size", [1900, 1060])
    second = opened(qtbot, tmp_path / "desktop.json")  # and from one start to the next
    qtbot.waitUntil(lambda: keeps_its_share(second))
    closed(second)


@pytest.mark.long
def test_shares_are_kept_where_somebody_looks_at_them_as_soon_as_they_are_given(qtbot, tmp_path):
    window = opened(qtbot, tmp_path / "desktop.json")
    panels = window.live.panels
    qtbot.waitUntil(lambda: not panels._room_before.isEmpty())  # all is laid out
    panels._settle.timeout.connect(
        panels.look_at_sizes
    )  # as on a busy machine: before Qt has come to the layout
    for size in ((1900, 1060), (1366, 768), (1000, 700)):
        with qtbot.waitSignal(panels._settle.timeout):
            window.resize(*size)
        qtbot.waitUntil(lambda: abs(panels.docks["nyquist"].height() / panels.height() - 0.47) < 0.02)
    closed(window)


@pytest.mark.long
def test_floating_panel_of_a_monitor_that_is_gone_comes_back(qtbot, tmp_path):
    first = opened(qtbot, tmp_path / "desktop.json")
    dock = first.live.panels.docks["nyquist"]
    dock.setFloating(True)
    dock.move(30_000, 30_000)
    closed(first)
    second = opened(qtbot, tmp_path / "desktop.json")
    dock = second.live.panels.docks["nyquist"]
    assert dock.screen().availableGeometry().intersects(dock.frameGeometry()) or not dock.isFloating()
    assert second.live.panels.in_view("nyquist")
    closed(second)


def test_stop_key_works_while_a_floating_panel_has_the_focus(qtbot, window, finished):
    show(qtbot, window, finished)
    dock = window.live.panels.docks["nyquist"]
    dock.setFloating(True)
    dock.activateWindow()
    window.live.nyquist.setFocus()
    qtbot.keyClick(window.live.nyquist, Qt.Key.Key_F12)
    assert window.context.message.value == "stop: no run is running"


def test_panels_are_opened_and_closed_from_the_menu(qtbot, window):
    window.show_screen("live")
    menu = next(menu for menu in window.findChildren(QMenu) if menu.title() == "&Panels of Live")
    menu.aboutToShow.emit()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == [
        *(
            "Steps",
            "Spectra",
            "Nyquist",
            "Bode",
            "Capacity",
            "Cycles",
            "R interface",
            "Transient",
            "Temperature",
        )
    ]
    menu.actions()[0].trigger()
    assert not window.live.panels.in_view("steps")
    menu.actions()[0].trigger()
    assert window.live.panels.in_view("steps")


@pytest.mark.parametrize(
    "text",
    [
        f"{zlib.crc32(b'abc'):08x}:YWJj",
        *(pytest.param(text, marks=pytest.mark.long) for text in ("", "x", "0:", "00000000:AAAA")),
    ],
)
def test_damaged_arrangement_gives_the_first_one(qtbot, tmp_path, text):
    Settings(tmp_path / "desktop.json").set(ARRANGEMENT, text)
    window = opened(qtbot, tmp_path / "desktop.json")
    assert in_view(window) == ["steps", "spectra", "nyquist", "bode"]
    closed(window)


@pytest.mark.long
def test_any_damage_to_a_kept_arrangement_is_noticed(qtbot, window):
    window.show_screen("live")
    panels = window.live.panels
    panels.docks["spectra"].close()
    kept = panels.kept()
    coded = kept.partition(":")[2]

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(base64.b64decode(coded)) - 1), st.integers(1, 255))
    def damage(place, change):
        raw = bytearray(base64.b64decode(coded))
        raw[place] ^= change
        assert not panels.restore(f"{kept.partition(':')[0]}:{base64.b64encode(raw).decode()}")

    damage()
    assert panels.restore(kept)
    assert not panels.in_view("spectra")


@pytest.mark.long
def test_dividers_are_remembered_and_reset(qtbot, tmp_path):
    first = opened(qtbot, tmp_path / "desktop.json", "protocol")
    splitter = first.screens["protocol"].findChildren(QSplitter)[0]
    before = splitter.sizes()
    splitter.setSizes([before[0] + 60, before[1] - 60])
    moved = splitter.sizes()
    assert abs(moved[0] - before[0]) > 30
    closed(first)
    second = opened(qtbot, tmp_path / "desktop.json", "protocol")
    splitter = second.screens["protocol"].findChildren(QSplitter)[0]
    assert abs(splitter.sizes()[0] - moved[0]) <= 3
    second.reset_layout()
    assert abs(splitter.sizes()[0] - before[0]) <= 30
    closed(second)


@pytest.mark.parametrize(
    "kept",
    [
        {"protocol": 3, "data": [[-5, 1e99]]},
        *(pytest.param({"protocol": sizes}, marks=pytest.mark.long) for sizes in ([[0, 0]] * 3, [[1, "a"]])),
    ],
)
def test_damaged_dividers_hold_no_one_up(qtbot, tmp_path, kept):
    Settings(tmp_path / "desktop.json").set("dividers", kept)
    window = opened(qtbot, tmp_path / "desktop.json", "protocol")
    for each in window.screens["protocol"].findChildren(QSplitter):
        assert min(size for place, size in enumerate(each.sizes()) if each.widget(place).isVisible()) > 0
    closed(window)


WRONG = {
    "frame": {
        "size": ["wide", None],
        "screen": "nothing",
        "look": "pink",
        "numbers": "roman",
        "dividers": {"window": [["x"]], "protocol": 3},
        "live_panels": "zz:zz",
    },
    "lists": {
        "cells": [1, None],
        "benches": [2.5, {}],
        "protocols": [[], "/nowhere/at/all.yaml"],
        "cell.operator": "x" * 10_000,
    },
    "places": {
        "protocol": "/nowhere/at/all.yaml",
        "runs_folder": "/nowhere/at/all",
        "reports_folder": "\u0000",
        "folder": "",
    },
}


@pytest.mark.parametrize(
    "names", [tuple(WRONG), *(pytest.param((names,), marks=pytest.mark.long) for names in WRONG)]
)
def test_settings_that_make_no_sense_hold_no_one_up(qtbot, tmp_path, names):
    settings = Settings(tmp_path / "desktop.json")
    for name, value in ChainMap(*(WRONG[each] for each in names)).items():
        settings.set(name, value)
    window = opened(qtbot, tmp_path / "desktop.json")
    for key in window.screens.kinds:
        window.show_screen(key)
        window.tick()
    assert window.screen_in_front is window.screens["report"]
    closed(window)
