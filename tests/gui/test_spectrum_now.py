"""A spectrum that is asked for on the live screen, by the button and by the key."""

import pytest
from PySide6.QtCore import Qt

from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.reader import open_run
from tests.gui.engines import engine, show
from tests.texts import TINY


def asked_in(folder):
    return [event.body for event in read_journal(folder / "a.journal") if event.kind == "asked"]


@pytest.mark.long
def test_button_asks_for_a_spectrum_and_shows_it(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0, protocol=TINY) as (_entry, process):
        window.show_screen("live")
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        qtbot.waitUntil(window.live.spectrum.isEnabled, timeout=60_000)
        known = len(window.context.run.value.spectra.shown)
        qtbot.mouseClick(window.live.spectrum, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(
            lambda: "spectrum requested by the desktop" in window.log.view.toPlainText(), timeout=60_000
        )
        qtbot.waitUntil(lambda: len(window.context.run.value.spectra.shown) > known, timeout=60_000)
        assert not window.live.spectrum.isEnabled()
        qtbot.waitUntil(lambda: window.context.run.value.spectra.shown[-1].whole, timeout=60_000)
        assert window.live.spectra.topLevelItemCount() == known + 1
        process.wait(timeout=60)
    assert [data.by for data in asked_in(tmp_path)] == ["the desktop"]
    assert open_run(tmp_path / "a.h5").completed


def test_key_asks_from_every_screen_and_a_refusal_is_said(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0):
        window.show_screen("data")
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        qtbot.keyClick(window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: window.strip.text("state") == "❚❚ PAUSED", timeout=60_000)
        window.context.message.set("")
        qtbot.keyClick(window, Qt.Key.Key_F8)
        qtbot.waitUntil(lambda: "paused" in window.context.message.value, timeout=60_000)
        assert asked_in(tmp_path) == []
        qtbot.keyClick(window, Qt.Key.Key_F3)
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        qtbot.waitUntil(lambda: window.control.spectrum_possible, timeout=60_000)
        qtbot.keyClick(window, Qt.Key.Key_F8)
        qtbot.waitUntil(lambda: len(asked_in(tmp_path)) == 1, timeout=60_000)


@pytest.mark.long
def test_button_is_for_runs_that_go_on(qtbot, window, finished):
    show(qtbot, window, finished)
    assert not window.live.spectrum.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_F8)
    assert window.context.message.value == "spectrum: the run shown is not running"
