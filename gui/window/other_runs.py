"""The button at the bottom that offers a run which is running and not on show."""

from collections.abc import Callable

from PySide6.QtCore import Qt

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.observed import Observed
from solbench.gui.models.live.control import words_of
from solbench.gui.screens.parts import Button, literal, name_button

HINT = "Show the other run that is still running"
LONGEST = 420  # pixels of its text; the rest is in the hint


class OtherRuns(Button):
    """Names the newest of the other runs; hidden while there is none. `show_run` is called with its id."""

    def __init__(self, others: Observed[tuple[Entry, ...]], show_run: Callable[[str], None]) -> None:
        super().__init__("")
        self._others, self._show_run = others, show_run
        self.setToolTip("Show this run")
        name_button(self, HINT)
        self.clicked.connect(self._go)
        others.subscribe(self._show)
        self.hide()

    def _show(self, others: tuple[Entry, ...]) -> None:
        self.setVisible(bool(others))
        for entry in others[-1:]:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            whole = f"Still running: {words_of(entry)}{more}"
            text = self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideMiddle, LONGEST)
            self.setText(literal(text))
            self.setToolTip(f"Show this run: {whole}")
            name_button(self, HINT)

    def _go(self) -> None:
        for entry in self._others.value[-1:]:
            self._show_run(entry.run)
