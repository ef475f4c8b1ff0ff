"""A step is changed from the Live screen, in a run that really goes on."""

import pytest
from PySide6.QtCore import Qt

from solbench.acquisition.record.journal import read_journal
from tests.gui.engines import engine, while_current_is_held


@pytest.mark.long
def test_a_limit_is_changed_and_everything_shows_it(qtbot, window, tmp_path):
    with engine(tmp_path, 5.0):
        window.show_screen("live")
        while_current_is_held(qtbot, window)
        qtbot.waitUntil(window.live.change.isEnabled, timeout=20_000)
        qtbot.mouseClick(window.live.change, Qt.MouseButton.LeftButton)
        dialog = window.live.changing
        assert not dialog.change.isEnabled()
        edit = dialog.form.entries["until", "capacity"].edit
        for typed, possible in (("9", False), ("0.1", True)):
            edit.selectAll()
            qtbot.keyClicks(edit, typed)
            qtbot.waitUntil(lambda: dialog.model.foreseen.words != "", timeout=20_000)
            assert dialog.change.isEnabled() is possible
        qtbot.mouseClick(dialog.change, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "changed by" in window.log.view.toPlainText(), timeout=60_000)
        assert not dialog.isVisible()
        window._change_step()
        assert window.live.changing is not dialog
        window.live.changing.reject()
        assert "0.1 mAh/cm2" in window.context.run.value.nearest_end
    changes = [event.body for event in read_journal(tmp_path / "a.journal") if event.kind == "changed"]
    assert [change.changes[0].after for change in changes] == ["0.1 mAh/cm2"]
