"""Alarms, on every screen until the user acknowledges them."""

from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel

from solbench.gui.models.common.words import tr
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.screens.parts import Button
from solbench.gui.window.question_bar import give_focus_back


class AlarmBar(QFrame):
    """Shows the worst open alarm and how many wait behind it; it sounds when one is raised."""

    def __init__(self, alarms: Alarms) -> None:
        super().__init__()
        self.setObjectName("alarm_bar")
        self._alarms = alarms
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setAccessibleName(tr("Alarm"))
        self.acknowledge = Button(tr("Acknowledge"))
        self.acknowledge.setToolTip(tr("Take note of this alarm; it stays in the event log"))
        self.acknowledge.setMinimumHeight(32)
        self.acknowledge.clicked.connect(alarms.acknowledge)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.text, 1)
        row.addWidget(self.acknowledge)
        alarms.changed.subscribe(self._show)
        alarms.raised.subscribe(lambda _alarm: QApplication.beep())
        self._show()

    def _show(self) -> None:
        waiting = self._alarms.open
        if not waiting:
            give_focus_back(self)
        self.setVisible(bool(waiting))
        if waiting:
            more = "  " + tr("({count} more)", count=len(waiting) - 1) if len(waiting) > 1 else ""
            self.text.setText(tr("ALARM  {text}", text=waiting[0].text) + more)
            self.text.setToolTip(
                "\n\n".join([waiting[0].details, *(alarm.text for alarm in waiting[1:])]).strip()
            )
