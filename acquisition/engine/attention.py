"""What may only continue after a user has looked."""

from __future__ import annotations

from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import Alarm, Compared


class AttentionNeeded(Fault):
    """Set is not reached, or what is read cannot be trusted: the cell is switched off and the run paused.

    `alarm` says what it is, for users and for programs; `compared` is the comparison that asks for it, where one does.
    Only a user lets the run continue.
    """

    def __init__(self, alarm: Alarm, compared: Compared | None = None) -> None:
        super().__init__(alarm.text)
        self.alarm = alarm
        self.compared = compared
