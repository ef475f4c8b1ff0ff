"""What is typed below the queue: settings, and cells as they are scanned or pasted."""

import pytest

from solbench.gui.models.setup.queue import QueueRow
from solbench.gui.screens.runs.queue_entry import QueueEntry

ROW = QueueRow(
    3, "A", "half-cell", "waiting", "waiting", "1 h", "", "", "/x/a.h5", True, False, True, cell_id="A"
)


@pytest.fixture
def entry(qtbot):
    made = QueueEntry(lambda *_: None, lambda *_: None)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("typed", "cells"),
    [
        ("A\nB", ["A", "B"]),
        ("A\tSmith\t3\n\tno id\nB\t\n", ["A", "B"]),
        ("  A 1 \n\n A 1\n", ["A 1"]),
        ("", []),
    ],
)
def test_each_line_is_a_cell_once(entry, typed, cells):
    entry.list_cells(ROW)
    entry.cells.setPlainText(typed)
    assert entry.ids == cells


def test_it_begins_with_what_the_run_has_and_forgets_what_was_typed_for_another(entry):
    assert entry.isHidden()
    entry.edit(ROW)
    entry.settings.setText(" a=1 V ;; b=[1, 2] ;")
    assert entry.changes == ["a=1 V", "b=[1, 2]"]
    entry.edit(ROW)
    assert (entry.cell_id.text(), entry.output.text(), entry.changes) == ("A", "a.h5", [])
