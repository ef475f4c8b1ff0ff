"""Writes events: journal first, then the fold, then the listeners."""

from collections.abc import Callable, Sequence

from solbench.acquisition.record.events import Body, Event, Sample
from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.progress import Progress

Listener = Callable[[Event], None]
_Heard = tuple[Listener, tuple[type[Body], ...], bool]  # and whether of samples, too


class Recorder:
    """The only way into the journal. Listeners are told of an event after its write returned.

    A listener that raises OSError is told of no more events.
    """

    def __init__(self, journal: Journal, progress: Progress, listeners: Sequence[Listener] = ()) -> None:
        self._journal = journal
        self._all: tuple[_Heard, ...] = tuple((listener, (), True) for listener in listeners)
        self._by_kind: dict[type[Body], tuple[Listener, ...]] = {}
        self.progress = progress

    def listen(self, listener: Listener, *kinds: type[Body], samples: bool = True) -> None:
        """Tell one more of the events of these kinds from now on; of all where none is named, or of all but samples."""
        self._all = (*self._all, (listener, kinds, samples))
        self._by_kind = {}

    def emit(self, time_s: float, body: Body) -> Event:
        """Write one event at the run's time `time_s` (s) and return it; raises JournalFull."""
        event = self._journal.append(time_s, body)
        self.progress.apply(event)
        kind = type(body)
        listeners = self._by_kind.get(kind)
        if listeners is None:
            listeners = tuple(
                one
                for one, kinds, samples in self._all
                if (not kinds or kind in kinds) and (samples or kind is not Sample)
            )
            self._by_kind[kind] = listeners
        for listener in listeners:
            try:
                listener(event)
            except OSError:  # a pipe without a reader must not stop a run
                self._all = tuple(other for other in self._all if other[0] is not listener)
                self._by_kind = {}
        return event
