"""The bar of a cell that is not verified off: the action first, a button, and gone when it is off."""

import os
from dataclasses import replace

from PySide6.QtCore import Qt

from solbench.acquisition.control.duties import Duty, Process, forget_duty, read_duty, write_duty
from solbench.acquisition.host.platform import kill

LEFT = Qt.MouseButton.LeftButton


def left_on(tmp_path) -> Duty:
    """A cell on instruments whose port does not exist, left by a program and a guardian that have both gone."""
    gone = replace(Process.of(os.getpid()), boot="another boot")
    description = {
        "kind": "serial",
        "addresses": {"1260": str(tmp_path / "no port"), "1287": str(tmp_path / "no port either")},
    }
    return Duty(
        bench_key="0123",
        bench="the bench",
        run=str(tmp_path / "a.h5"),
        journal=str(tmp_path / "a.journal"),
        user="user",
        description=description,
        by_hand="Press STANDBY on the 1287; its CELL light goes out",
        engine=gone,
        guardian=gone,
    )


def test_the_bar_says_what_to_press_and_goes_when_the_cell_is_off(qtbot, window, tmp_path):
    assert not window.left_on_bar.isVisible()
    write_duty(left_on(tmp_path))
    qtbot.waitUntil(window.left_on_bar.isVisible, timeout=30_000)
    assert window.left_on_bar.by_hand.text() == "Press STANDBY on the 1287; its CELL light goes out."
    assert window.left_on_bar.text.text() == (
        "The cell of a.h5 on the bench is not verified off; nothing tries to switch it off."
    )
    forget_duty("0123")
    qtbot.waitUntil(lambda: not window.left_on_bar.isVisible(), timeout=30_000)


def test_a_guardian_looks_until_the_standby_that_was_pressed_is_confirmed(qtbot, window, tmp_path):
    write_duty(left_on(tmp_path))
    qtbot.waitUntil(window.left_on_bar.isVisible, timeout=30_000)
    qtbot.mouseClick(window.left_on_bar.pressed, LEFT)
    said = "You said that it was switched off by hand; no reading confirms it yet."
    qtbot.waitUntil(lambda: said in window.left_on_bar.text.text(), timeout=60_000)
    assert window.left_on_bar.isVisible()
    qtbot.waitUntil(lambda: not window.context.jobs.busy, timeout=60_000)
    duty = read_duty("0123")
    assert duty is not None
    assert duty.guardian.alive
    kill(duty.guardian.pid)
