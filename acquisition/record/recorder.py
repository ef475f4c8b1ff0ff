"""Writes events: journal first, then the fold, then the listeners."""

from collections.abc import Callable, Sequence

from solbench.acquisition.record.events import Body, Event
from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.progress import Progress

Listener = Callable[[Event], None]


class Recorder:
    """The only way into the journal. Listeners are told of an event after its write returned.

    A listener that raises OSError is told of no more events.
    """

    def __init__(self, journal: Journal, progress: Progress, listeners: Sequence[Listener] = ()) -> None:
        self._journal = journal
        self._listeners = tuple(listeners)
        self.progress = progress

    def listen(self, listener: Listener) -> None:
        """Tell one more of all events from now on."""
        self._listeners = (*self._listeners, listener)

    def emit(self, time_s: float, body: Body) -> Event:
        """Write one event at the run's time `time_s` (s) and return it; raises JournalFull."""
        event = self._journal.append(time_s, body)
        self.progress.apply(event)
        for listener in self._listeners:
            try:
                listener(event)
            except OSError:  # a pipe without a reader must not stop a run
                self._listeners = tuple(other for other in self._listeners if other is not listener)
        return event
