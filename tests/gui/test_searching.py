"""The adapter is lost: the window says that its instruments are looked for, and takes no old number for a new one."""

import re

from PySide6.QtCore import Qt

from tests.end_to_end.served import THREE_MINUTES, read_until, served_bench


def test_the_strip_says_that_the_instruments_are_looked_for_until_they_answer(qtbot, window, tmp_path):
    with served_bench(tmp_path, "--speed", "5") as bench:
        engine = bench.start(tmp_path / "a.h5", THREE_MINUTES)
        try:
            read_until(engine, 14)
            strip = window.strip
            qtbot.waitUntil(lambda: strip.text("cell") == "cell ON", timeout=60_000)
            bench.control.set_fault("refuse_connections", for_s=2.5)
            bench.control.set_fault("drop_connection")
            qtbot.waitUntil(lambda: strip.text("state") == "… NO INSTRUMENTS", timeout=60_000)
            assert re.fullmatch(r"searching for the instruments since \d\d:\d\d", strip.text("limit"))
            assert strip.text("cell") == "cell unknown"
            assert strip.property("stale") is True
            qtbot.waitUntil(lambda: strip.text("state") == "❚❚ PAUSED", timeout=60_000)  # too long unwatched
            assert strip.text("cell") == "cell off"
            qtbot.keyClick(window, Qt.Key.Key_F3)
            qtbot.waitUntil(lambda: strip.text("cell") == "cell ON", timeout=60_000)
            assert strip.text("state") == "▶ RUNNING"
            assert strip.property("stale") is False
        finally:
            engine.terminate()
            engine.communicate(timeout=60)
