"""What may only continue after a user has looked."""

from __future__ import annotations

from solbench.acquisition.errors import Fault
from solbench.acquisition.record.events import Alarm


class AttentionNeeded(Fault):
    """Set is not reached, or what is read cannot be trusted: the cell is switched off and the run paused.

    `alarm` says what it is, for users and for programs. Only a user lets the run continue.
    """

    def __init__(self, alarm: Alarm) -> None:
        super().__init__(alarm.text)
        self.alarm = alarm
