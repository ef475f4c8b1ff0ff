"""The 1260's status byte, event register and service request (1260 manual p. 142, IEEE 488.2)."""

from collections.abc import Mapping

from solbench.simulators.electronics.settings import Settings1260

COMPLETE, EXECUTION_ERROR, COMMAND_ERROR, POWER_ON = 1, 16, 32, 128
"""Bits of the event register (IEEE 488.2, A)."""


class Status:
    """Summary bits, and a request that stands until it is polled or its reason has gone."""

    def __init__(self, settings: Settings1260, values: Mapping[str, float]) -> None:
        self._values = values
        self._message = 1 << settings.message_available_bit
        self._event = 1 << settings.event_bit
        self._request = 1 << settings.request_bit
        self._reasons = 0
        self._requested = False
        self.events = POWER_ON

    def note(self, event: int, waiting: bool) -> None:
        """Set a bit of the event register."""
        self.events |= event
        self.look(waiting)

    def take_events(self) -> int:
        """Get the event register and clear it."""
        events, self.events = self.events, 0
        return events

    def clear(self, waiting: bool) -> None:
        """Clear the event register (*CLS); a waiting message is still summed up."""
        self.events = 0
        self.look(waiting)

    def new_message(self) -> None:
        """Take note of a message that was put out: a new reason, also where an old one was not yet read."""
        self._reasons &= ~self._message
        self.look(waiting=True)

    def look(self, waiting: bool) -> None:
        """Request service if there is a reason that was not there before, and drop a request without any."""
        reasons = self._summary(waiting) & int(self._values["*SRE"])
        if reasons & ~self._reasons:
            self._requested = True
        elif not reasons:
            self._requested = False
        self._reasons = reasons

    def _summary(self, waiting: bool) -> int:
        return (self._message if waiting else 0) | (
            self._event if self.events & int(self._values["*ESE"]) else 0
        )

    def requested(self, waiting: bool) -> bool:
        """Say whether the service request line is pulled."""
        self.look(waiting)
        return self._requested

    def poll(self, waiting: bool) -> int:
        """Get the byte of a serial poll, which ends the request."""
        request = self._request if self.requested(waiting) else 0
        self._requested = False
        return self._summary(waiting) | request

    def byte(self, waiting: bool) -> int:
        """Get the byte of *STB?, where the request bit stands for any enabled reason; it changes nothing."""
        summary = self._summary(waiting)
        return summary | (self._request if summary & int(self._values["*SRE"]) else 0)
