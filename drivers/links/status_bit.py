"""Which bit of a serial poll says that a line waits: as expected, or as an instrument shows it."""

from solbench.drivers.links.incidents import IncidentCode

REQUEST = 64  # asks for service (IEEE 488.1); it never says what for
SURE_AFTER = 2  # lines that no bit announced, until none is looked for


class StatusBit:
    """The bits of `mask`, until an instrument was seen to use another one, or none (0).

    It is proven by a bit that was not there before the question, was there before the line was read, and has gone
    afterwards.
    """

    __slots__ = ("_unseen", "before", "is_proven", "mask")

    def __init__(self, mask: int) -> None:
        self.mask = mask
        self.is_proven = not mask
        self.before = 0
        self._unseen = 0

    def doubt(self) -> None:
        """Look anew: a line came that the proven bit did not announce."""
        self.is_proven = False
        self.before = 0

    def is_another(self, status: int) -> bool:
        """Return whether bits that were not there before the question may say what the expected one does not."""
        return not self.is_proven and bool(status & ~self.before & ~REQUEST)

    def learn(self, waiting: int, taken: int) -> IncidentCode | None:
        """Look at the status before and after a line was read; return what changed, None for nothing."""
        shown = waiting & ~taken & ~self.before & ~REQUEST
        if shown & self.mask:
            self.is_proven, self._unseen = True, 0
            return None
        if shown:
            self.mask, self.is_proven, self._unseen = 1 << (shown.bit_length() - 1), True, 0
            return "other bit"
        self._unseen += 1
        if self._unseen < SURE_AFTER:
            return None
        self.mask, self.is_proven = 0, True
        return "no bit"
