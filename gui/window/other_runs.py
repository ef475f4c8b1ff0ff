"""The button at the bottom that offers a run which is running and not on show."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.observed import Observed
from solbench.gui.models.live.control import words_of
from solbench.gui.screens.parts import literal


class OtherRuns(QPushButton):
    """Names the newest of the other runs; hidden while there is none. `show_run` is called with its id."""

    def __init__(self, others: Observed[tuple[Entry, ...]], show_run: Callable[[str], None]) -> None:
        super().__init__()
        self._others, self._show_run = others, show_run
        self.setToolTip("Show this run")
        self.setAccessibleName("Show the other run that is still running")
        self.clicked.connect(self._go)
        others.subscribe(self._show)
        self.hide()

    def _show(self, others: tuple[Entry, ...]) -> None:
        self.setVisible(bool(others))
        for entry in others[-1:]:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            self.setText(literal(f"Still running: {words_of(entry)}{more}"))

    def _go(self) -> None:
        for entry in self._others.value[-1:]:
            self._show_run(entry.run)
