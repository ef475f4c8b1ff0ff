"""Sorts the stream of a Prologix adapter, in which its own answers and instruments' lines look alike."""

import time
from collections import deque

MARK = b"++ver\n"


class Answers:
    """Sorts one stream by the marks put between queries.

    A mark requests the adapter's version; `version_line` is the answer as received, including the line end.
    Everything before that answer belongs to the query before the mark.
    """

    def __init__(self, version_line: bytes = b"") -> None:
        self._version_line = version_line
        self._unsorted = bytearray()
        self._before: deque[bytearray] = deque()  # one for each unanswered mark
        self._present: bytearray | None = None
        self._owed_since_s = 0.0

    @property
    def is_owed(self) -> bool:
        """Get whether a mark is still unanswered."""
        return bool(self._before)

    @property
    def owed_s(self) -> float:
        """Get how long (host time, s) the adapter has left a mark unanswered; 0 if there is none."""
        return time.perf_counter() - self._owed_since_s if self._before else 0.0

    def expect(self, answer: bytearray) -> None:
        """Put all bytes from now on into `answer`."""
        self._present = answer

    def settle(self) -> None:
        """Expect nothing more from the last query."""
        self._present = None

    def mark(self, always: bool = False) -> bytes:
        """Return the bytes to send before the next query: a mark if the last one may still be answered."""
        if self._present is None and not always:
            return b""
        if not self._before:
            self._owed_since_s = time.perf_counter()
        self._before.append(bytearray() if self._present is None else self._present)
        self._present = None
        return MARK

    def sort(self, data: bytes) -> None:
        """Pass the received bytes to their recipients; unrequested bytes are dropped."""
        unsorted = self._unsorted
        unsorted += data
        while self._before and (at := unsorted.find(self._version_line)) >= 0:
            self._before.popleft().extend(unsorted[:at])
            del unsorted[: at + len(self._version_line)]
            self._owed_since_s = time.perf_counter()
        if not self._before:
            if self._present is not None:
                self._present += unsorted
            unsorted.clear()
